"""A scan as the window sees it: started, followed, stopped, and what it found imported.

Rows are made where they are found, on the scan's thread, and wait in a box; the UI thread takes a
few hundred at a time, so that it never stands still whatever the scan brings.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from desktop.models.garbage import GarbageKeeper
from desktop.models.scan_end import ScanEnd, absent_of
from desktop.models.scan_rows import At, ScanRow, make_row, needs_base, with_base, with_state
from desktop.models.scan_steps import ImportSteps
from desktop.models.scan_table import ScanTableModel
from desktop.services.catalog.paths import resolve
from desktop.services.records import FolderState, Row
from desktop.services.scan.known import BaseMatches
from desktop.services.scan.records import Found, FoundState, ImportedMany

if TYPE_CHECKING:
    from desktop.models.library import Library
    from desktop.models.task_runner import Task

_AT_ONCE = 250
"""So many rows come into the table at a time: about two milliseconds."""
_BETWEEN = 40
"""Milliseconds between two batches: each of them is a repaint."""
_FEW = 200


def _never() -> bool:
    return False


class ScanSession(QObject):
    """One scan at a time, and its results.

    Signals:
        began(): a scan runs.
        progressed(): `folders` and `rate` are new.
        ended(): all rows are there; `end` says how it went, None where it was stopped.
        failed(object): the error that ended it.
        imported(object): an `ImportedMany`.
        importFailed(object): the error that kept everything from being imported.
        importEnded(): it runs no longer, however that came.
        takenBack(): all that an import brought in is out of the library again.
    """

    began = Signal()
    progressed = Signal()
    ended = Signal()
    failed = Signal(object)
    imported = Signal(object)
    importFailed = Signal(object)
    importEnded = Signal()
    takenBack = Signal()
    _mail = Signal()

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self.table = ScanTableModel(self)
        self.paths: tuple[str, ...] = ()
        self.folders = 0
        self.rate = 0.0
        self.end: ScanEnd | None = None
        self._task: Task | None = None
        self._import: Task | None = None
        self._over: ScanEnd | Exception | None = None
        self._waits = False
        self._began_at = 0.0
        self._box: deque[tuple[int, list[ScanRow]]] = deque()
        self._told = False
        self._number = 0
        self._ours: dict[str, str] = {}
        self._steps = ImportSteps()
        self._stale: set[str] | None = set()  # adapters that changed, None = all
        self._stale_bases = False
        self._checked: set[str] = set()
        self.held: Callable[[], bool] = _never
        """Asked before rows come in: whether they have to wait, for somebody types into one."""
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._insert)
        self._mail.connect(self._rows_came, Qt.ConnectionType.QueuedConnection)
        library.adaptersChanged.connect(self._library_changed)
        library.recordsChanged.connect(self._records_changed)

    # -- scanning --------------------------------------------------------------------------

    @property
    def is_scanning(self) -> bool:
        """Whether a scan runs, or its last rows are still to be shown."""
        return self._task is not None or self._waits

    @property
    def is_importing(self) -> bool:
        """Whether an import runs."""
        return self._import is not None

    def start(self, paths: Sequence[str]) -> None:
        """Scan these folders; what an earlier scan found goes. Nothing happens while one runs."""
        if self.is_scanning or self.is_importing or not paths:
            return
        self._number += 1
        self._box.clear()
        self.paths = tuple(paths)
        self.folders, self.rate, self.end = 0, 0.0, None
        self._over = None
        self._waits = True
        self._ours.clear()
        self._steps.clear()
        self._checked.clear()
        self.table.clear()
        self._began_at = time.monotonic()
        GarbageKeeper.rest()
        self._task = self._library.runner.run(
            self._scan,
            self._number,
            self.paths,
            title="Scanning folders",
            icon="scan",
            lane="free",
            visible=True,
        )
        self._task.progress.connect(self._progress)
        self._task.succeeded.connect(self._succeeded)
        self._task.failed.connect(self._fell)
        self._task.finished.connect(self._finished)
        self.began.emit()

    def stop(self) -> None:
        """Stop the scan; what it has found stays."""
        if self._task is not None:
            self._task.cancel()

    def _scan(self, ctx: Any, number: int, paths: Sequence[str]) -> ScanEnd:
        told: dict[str, Found] = {}

        def came(found: Sequence[Found]) -> None:
            for one in found:
                told[one.path] = one
            self._post(number, [make_row(one) for one in found])

        result = self._library.services.scan.scan_stream(paths, came, ctx.report)
        # Which is the newest of its run, what is gone, and the final names are known only now.
        came([one for one in result.found if told.get(one.path) != one])
        return ScanEnd(
            result.folders,
            result.seconds,
            result.skipped,
            result.skipped_total,
            absent_of(paths, result.skipped),
        )

    def _post(self, number: int, rows: list[ScanRow]) -> None:
        # On the scan's thread.
        if rows:
            self._box.append((number, rows))
            if not self._told:
                self._told = True
                self._mail.emit()

    def _progress(self, folders: int, _total: int, _text: str) -> None:
        self.folders = folders
        self.rate = folders / max(time.monotonic() - self._began_at, 0.001)
        self.progressed.emit()

    def _succeeded(self, end: ScanEnd) -> None:
        self._over = end

    def _fell(self, error: Exception) -> None:
        self._over = error

    def _finished(self) -> None:
        self._task = None
        GarbageKeeper.wake()
        self._rows_came()

    # -- rows ------------------------------------------------------------------------------

    def _rows_came(self) -> None:
        if not self._soon.isActive():
            self._soon.start(0)

    def _insert(self) -> None:
        self._told = False
        if self.held():
            self._soon.start(_BETWEEN)
            return
        batch: list[ScanRow] = []
        while self._box and len(batch) < _AT_ONCE:
            number, rows = self._box.popleft()
            if number != self._number:
                continue
            room = _AT_ONCE - len(batch)
            batch += rows[:room]
            if len(rows) > room:
                self._box.appendleft((number, rows[room:]))
        if batch:
            self.table.take(batch)
            again = self._steps.to_choose(row[Row.ID] for row in batch)
            if again:
                self.table.choose_paths(again)
        elif self._task is None and not self._waits and (self._stale != set() or self._stale_bases):
            self._catch_up()
        if self._box or self._task is not None:
            self._soon.start(_BETWEEN if self._task is not None else _BETWEEN // 2)
        elif self._waits:
            self._end()
            self._rows_came()
        elif batch:  # the library may have changed while these waited
            self._rows_came()

    def _end(self) -> None:
        self._waits = False
        over = self._over
        if isinstance(over, Exception):
            self.failed.emit(over)
        else:
            self.end = over
            if over is not None:
                self.folders = over.folders
        self.ended.emit()

    # -- importing -------------------------------------------------------------------------

    def import_chosen(self) -> None:
        """Import what is chosen: all in one step, off the UI thread. What waits for a base model
        stays behind, chosen."""
        rows = [row for row in self.table.chosen_rows() if not needs_base(row)]
        if not rows or self.is_scanning or self.is_importing:
            return
        found = tuple(row[At.FOUND] for row in rows)
        count = len(found)
        self._import = self._library.run(
            self._bring_in,
            found,
            succeeded=self._brought_in,
            failed=self._not_brought_in,
            title="Importing 1 adapter" if count == 1 else f"Importing {count:,} adapters",
            icon="folder",
            lane="db",
            visible=True,
        )
        self._import.finished.connect(self._import_over)

    def _bring_in(self, ctx: Any, found: Sequence[Found]) -> tuple[ImportedMany, list[ScanRow]]:
        scan = self._library.services.scan
        done = scan.import_found(found, ctx.report)
        by_path = {record.path: record for record in done.records}
        rows = []
        for one in found:
            record = by_path.get(one.path)
            if record is not None:
                fresh = one._replace(
                    name=record.name, adapter_name=record.name, base_model_id=record.model_id
                )
                rows.append(with_state(make_row(fresh), FoundState.KNOWN, record.id))
        return done, rows

    def _brought_in(self, result: tuple[ImportedMany, list[ScanRow]]) -> None:
        done, rows = result
        self._ours.update({row[At.FOUND].adapter_id: row[Row.ID] for row in rows})
        refused = [one.found.path for one in done.refused]
        # They would be refused again: who wants them back ticks them.
        self.table.choose_paths(refused, False)
        self._steps.add(
            [record.id for record in done.records],
            [*(row[Row.ID] for row in rows), *refused],
            self._library.table.holds,
        )
        self._box.append((self._number, rows))
        self._rows_came()
        self.imported.emit(done)

    def _not_brought_in(self, error: Exception) -> None:
        self.importFailed.emit(error)

    def _import_over(self) -> None:
        self._import = None
        self.importEnded.emit()

    # -- the library changes meanwhile -----------------------------------------------------

    def _library_changed(self, ids: Any) -> None:
        """An adapter was removed, an import undone or done again: the states follow."""
        if self.table.total() or self.is_scanning:
            every = ids is None or len(ids) > _FEW or self._stale is None
            self._stale = None if every else {*(self._stale or ()), *ids}
            self._rows_came()

    def expect_check(self, adapter_id: str) -> None:
        """This adapter is about to be looked at: if all is well then, it is changed no longer."""
        self._checked.add(adapter_id)

    def _records_changed(self) -> None:
        if self.table.total():
            self._stale_bases = True
            self._rows_came()

    def _catch_up(self) -> None:
        """What the library says by now of what stands in the table."""
        changed: dict[str, ScanRow] = {}
        stale, self._stale = self._stale, set()
        if stale is None:
            rows = [self._renewed(row) for row in self.table.rows()] + self._back_again()
        else:
            rows = [self._row_of(key) for key in stale]
        changed.update({row[Row.ID]: row for row in rows if row is not None})
        if self._stale_bases:
            self._stale_bases = False
            self._match_bases(changed)
        if self._steps:
            self._look_back(changed)
        if changed:
            self._box.append((self._number, list(changed.values())))

    def _match_bases(self, changed: dict[str, ScanRow]) -> None:
        models = self._library.base_models
        matches, ids = BaseMatches(models), {model.id for model in models}
        lost: list[str] = []
        for row in self.table.rows():
            row = changed.get(row[Row.ID], row)
            key, before = matches.id_of(row[At.FOUND].base_model_name), row[Row.MODEL_ID]
            if not row[Row.BASE_MODEL]:  # somebody chose it: that holds while it is there
                if before is not None and before not in ids:
                    lost.append(row[Row.ID])
                    changed[row[Row.ID]] = with_base(row, None)
            elif key != before:
                changed[row[Row.ID]] = with_base(row, key)
        self.table.choose_base(lost, None)

    def _look_back(self, changed: dict[str, ScanRow]) -> None:
        """Whether an import was undone: then what was ticked for it is ticked again."""
        if self._steps.look(self._library.table.holds):
            here = [path for path in self._steps.wanted if path not in changed]
            self.table.choose_paths(self._steps.to_choose(here))
            self.takenBack.emit()

    def _row_of(self, adapter_id: str) -> ScanRow | None:
        """The changed row that an adapter of the library makes, None if it makes none."""
        there = self._library.table.row_by_id(adapter_id)
        if there is None:
            path = self._ours.get(adapter_id) or self._path_of(adapter_id)
            row = self.table.row_of(path) if path else None
            return None if row is None else self._renewed(row)
        path = resolve(there[Row.LOCATION], self._library.services.location.root) or ""
        row = self.table.row_of(path)
        if row is None:
            return None
        if row[At.KIND] == FoundState.CHANGED:
            checked = adapter_id in self._checked and there[Row.STATE] == FolderState.OK
            return with_state(row, FoundState.KNOWN, adapter_id) if checked else None
        if row[At.KIND] not in (FoundState.NEW, FoundState.BROKEN):
            return None
        return with_state(row, FoundState.KNOWN, adapter_id)

    def _path_of(self, adapter_id: str) -> str:
        for row in self.table.rows():
            if row[At.FOUND].adapter_id == adapter_id:
                return str(row[Row.ID])
        return ""

    def _renewed(self, row: ScanRow) -> ScanRow | None:
        """The row where its adapter is not in the library any more, else None."""
        adapter_id = row[At.FOUND].adapter_id
        if adapter_id is None or self._library.table.holds(adapter_id):
            return None
        if row[At.KIND] == FoundState.GONE:
            return None
        state = FoundState.BROKEN if row[Row.ERRORS] else FoundState.NEW
        return with_state(row, state, None)

    def _back_again(self) -> list[ScanRow | None]:
        """What this page imported, was undone, and is there again."""
        found: list[ScanRow | None] = []
        for adapter_id, path in self._ours.items():
            row = self.table.row_of(path)
            if row is not None and row[At.KIND] == FoundState.NEW:
                if self._library.table.holds(adapter_id):
                    found.append(with_state(row, FoundState.KNOWN, adapter_id))
        return found
