"""Find folders that moved: where to look, a preview of what was found, and one button that does it.

A refusal closes nothing: what could not be relinked stays in the preview with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.models.library import Library
from desktop.models.record_table import RecordTableModel
from desktop.models.task_runner import Task
from desktop.services.errors import LorariumError
from desktop.services.records import FolderState, Row
from desktop.views.relink.choice_row import LEAVE, ChoiceRow
from desktop.views.relink.lines import COLUMNS, Line, lines_of, more_of, summary_of
from desktop.views.relink.table import RelinkTable
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.dialog_footer import Footer
from desktop.views.widgets.folder_box import FolderBox
from desktop.views.widgets.section import line
from desktop.views.widgets.segmented import SegmentedSwitch
from desktop.views.widgets.text import PlainLabel, set_plain_tooltip

if TYPE_CHECKING:
    from desktop.services.relink import Match, Relinked, RelinkPlan

ROOTS = "relink/roots"
_MOST_ROOTS = 8


class RelinkDialog(QDialog):
    """Search, preview, relink.

    Signals:
        relinked(object): a `Relinked`, when at least one adapter has its new place.
    """

    relinked = Signal(object)

    def __init__(
        self, library: Library, selected: Sequence[str], parent: QWidget | None = None
    ) -> None:
        """selected: ids of the adapters that are selected in the table; may be none."""
        super().__init__(parent)
        self.setObjectName("relinkDialog")
        self.setWindowTitle("Find moved folders")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._library = library
        self._selected = tuple(selected)
        self._task: Task | None = None
        self._lines: list[Line] = []
        self._searched = False
        self._applying = False
        kept = library.services.settings.get(ROOTS, [])
        self._roots = [path for path in kept if isinstance(path, str)][:_MOST_ROOTS]
        self._build()
        self._show_roots()
        self._renew()

    # -- building --------------------------------------------------------------------------

    def _build(self) -> None:
        title = PlainLabel("Find moved folders", role=FontRole.PAGE_TITLE)
        title.setObjectName("relinkTitle")
        lead = PlainLabel(
            "Adapters are found again by their weights, wherever they lie and whatever the folder "
            "is called now. Nothing is moved or copied.",
            tone="secondary",
            wrap=True,
        )
        counts = self._library.table.counts()
        missing = f"All that are missing ({counts.missing:,})"
        self.which = SegmentedSwitch(
            [("missing", missing, ""), ("selected", f"Selected ({len(self._selected):,})", "")]
        )
        self.which.setObjectName("relinkWhich")
        self.which.setAccessibleName("Which adapters to look for")
        self.which.setVisible(bool(self._selected))
        if self._selected and self._any_lost():
            self.which.set_current("selected")
        self.which.changed.connect(self._renew)
        below = PlainLabel("Look below these folders", role=FontRole.FIELD_LABEL)
        self.roots = FolderBox("relinkRoots", "Look below these folders")
        self.roots.added.connect(self.add_root)
        self.roots.removed.connect(self._remove_root)
        self.exact = QCheckBox("Compare &whole files by sha256, where one was kept")
        self.exact.setObjectName("relinkExact")
        set_plain_tooltip(
            self.exact,
            "Lorarium keeps a hash of what it copied or fetched itself. Reading whole files takes "
            "longer.",
        )
        self.search_button = QPushButton("&Search")
        self.search_button.setObjectName("relinkSearch")
        self.search_button.setAccessibleName("Search")
        self.search_button.setAutoDefault(False)
        self.search_button.clicked.connect(self.search)
        asked = QHBoxLayout()
        asked.setSpacing(12)
        asked.addWidget(self.exact)
        asked.addStretch(1)
        asked.addWidget(self.search_button)
        top = QVBoxLayout()
        top.setContentsMargins(24, 16, 24, 12)
        top.setSpacing(8)
        for widget in (title, lead, self.which, below, self.roots):
            top.addWidget(widget)
        top.addLayout(asked)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(top)
        box.addWidget(line())
        box.addWidget(self._build_table(), 1)
        box.addWidget(line())
        box.addWidget(self.choice)
        box.addWidget(line())
        box.addWidget(self._build_footer())
        self.setMinimumSize(metric(760, self.font()), metric(520, self.font()))
        self.resize(metric(920, self.font()), metric(632, self.font()))

    def _build_table(self) -> QWidget:
        self.model = RecordTableModel(COLUMNS, parent=self)
        self.table = RelinkTable(self.model, self._library.services.settings)
        self.table.selectionModel().currentRowChanged.connect(self._current_changed)
        self.choice = ChoiceRow()
        self.choice.chosen.connect(self._chosen)
        self.table.editRequested.connect(self.choice.open_list)
        self.table.removeRequested.connect(self._leave_current)
        self.table.menuRequested.connect(self._ask_menu)
        return self.table

    def _build_footer(self) -> Footer:
        self.footer = Footer()
        self.footer.message.setObjectName("relinkMessage")
        self.footer.bar.setObjectName("relinkProgress")
        self.footer.bar.setAccessibleName("Progress of the search")
        self.footer.cancel.setObjectName("relinkCancel")
        self.footer.go.setObjectName("relinkApply")
        self.footer.cancel.clicked.connect(self._cancel)
        self.footer.go.clicked.connect(self.apply)
        self.footer.linkActivated.connect(self.next_choice)
        return self.footer

    def _any_lost(self) -> bool:
        table = self._library.table
        rows = (table.row_by_id(key) for key in self._selected)
        lost = (FolderState.MISSING, FolderState.CHANGED)
        return any(row is not None and row[Row.STATE] in lost for row in rows)

    # -- where -----------------------------------------------------------------------------

    def add_root(self, path: str) -> None:
        """Look below this folder, too."""
        if path and path not in self._roots:
            self._roots = [*self._roots, path][-_MOST_ROOTS:]
            self._show_roots()

    def _remove_root(self, path: str) -> None:
        self._roots = [root for root in self._roots if root != path]
        self._show_roots()

    def _show_roots(self) -> None:
        self.roots.set_folders([(path, "") for path in self._roots])
        self._renew()

    # -- searching -------------------------------------------------------------------------

    def search(self) -> None:
        """Look for the adapters below the folders."""
        if self._task is not None or not self._roots:
            return
        settings = self._library.services.settings
        settings.set(ROOTS, list(self._roots))
        self._show_lines([])
        self._searched = False
        ids = self._selected if self.which.current() == "selected" else None
        asked = (ids, tuple(self._roots), self.exact.isChecked())
        self._task = self._library.run(
            self._find,
            asked,
            succeeded=self._found,
            failed=self._not_done,
            title="Finding moved folders",
            lane="free",
        )
        self._task.progress.connect(self._progress)
        self._task.cancelled.connect(self._stopped)
        self._renew()
        self._progress(0, 0, "")

    def _find(self, ctx: Any, asked: tuple[Any, Any, bool]) -> RelinkPlan:
        ids, roots, exact = asked
        return self._library.services.relink.find(ids, roots, ctx.report, exact=exact)

    def _progress(self, done: object, total: object, text: str) -> None:
        done, total = (n if isinstance(n, int) else 0 for n in (done, total))
        said = text or (f"Looking at {done:,} of {total:,} adapters" if total else "Beginning…")
        self.footer.show_progress(done, total, said)

    def _found(self, plan: RelinkPlan) -> None:
        self._task, self._searched = None, True
        self._show_lines(lines_of(plan))
        self._more = more_of(plan)
        self._renew()
        if self._lines:
            self.table.setCurrentIndex(self.model.index(0, 0))
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _not_done(self, error: Exception) -> None:
        self._task, self._applying = None, False
        self._renew()
        if isinstance(error, LorariumError):
            said = f"{error.message} {error.advice}".strip()
        else:
            said = "This is a fault of Lorarium, not yours; nothing was changed."
        self.footer.say(said, "error")

    def _stopped(self) -> None:
        self._task, self._applying = None, False
        self._renew()

    # -- the preview -----------------------------------------------------------------------

    _more = ""

    def _show_lines(self, lines: list[Line]) -> None:
        self._lines = lines
        self.model.set_records(lines)

    def _current(self) -> Line | None:
        found = self.model.record_at(self.table.currentIndex().row())
        return found if isinstance(found, Line) else None

    def _current_changed(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self._show_choice()

    def next_choice(self) -> None:
        """Go to the next line that needs a choice, below the current one or again from the top."""
        count, here = self.model.rowCount(), self.table.currentIndex().row()
        for row in (*range(here + 1, count), *range(here + 1)):
            one = self.model.record_at(row)
            if isinstance(one, Line) and one.kind == "choose":
                self.table.setCurrentIndex(self.model.index(row, 0))
                self.choice.box.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def _show_choice(self) -> None:
        self.choice.show_line(self._current(), self._task is None)

    def _chosen(self, path: str) -> None:
        one = self._current()
        if one is not None:
            copy = next((copy for copy in one.copies if copy.path == path), None)
            self._replace(one, one.with_copy(copy))

    def _replace(self, old: Line, new: Line) -> None:
        self._lines = [new if one.id == old.id else one for one in self._lines]
        self.model.set_records(self._lines)
        row = self.model.row_of(new.id)
        if row != self.table.currentIndex().row():
            self.table.setCurrentIndex(self.model.index(row, 0))
        self._show_choice()
        self._renew()

    def _leave_current(self) -> None:
        one = self._current()
        if one is not None and one.copies and self._task is None:
            self._replace(one, one.with_copy(None))

    def _ask_menu(self, where: QPoint) -> None:
        one = self._current()
        if one is None or not one.copies or self._task is not None:
            return
        menu = QMenu(self)
        menu.setObjectName("relinkMenu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        choose = menu.addAction("&Choose its new place…")
        choose.setObjectName("relinkChooseAction")
        choose.triggered.connect(self.choice.open_list)
        leave = menu.addAction(f"&{LEAVE}")
        leave.setObjectName("relinkLeaveAction")
        leave.triggered.connect(self._leave_current)
        menu.popup(where)

    def matches(self) -> list[Match]:
        """What would be relinked now."""
        from desktop.services.relink import Match

        return [Match(one.lost, one.copy, one.copies) for one in self._lines if one.copy]

    # -- relinking -------------------------------------------------------------------------

    def apply(self) -> None:
        """Give the adapters their new places."""
        matches = self.matches()
        if self._task is not None or not matches:
            return
        self._applying = True
        self._task = self._library.run(
            self._apply,
            matches,
            succeeded=self._applied,
            failed=self._not_done,
            title="Relinking adapters",
        )
        self._task.cancelled.connect(self._stopped)
        self._renew()

    def _apply(self, ctx: Any, matches: list[Match]) -> Relinked:
        return self._library.services.relink.apply(matches, ctx.report)

    def _applied(self, done: Relinked) -> None:
        self._task, self._applying = None, False
        if done.ids:
            self.relinked.emit(done)
        if not done.refused:
            self.accept()
            return
        gone = set(done.ids)
        said = {m.lost.adapter_id: f"{e.message} {e.advice}".strip() for m, e in done.refused}
        left = [one for one in self._lines if one.id not in gone]
        self._show_lines([one.refused(said[one.id]) if one.id in said else one for one in left])
        self._renew()
        first = self.model.row_of(next(iter(said)))
        self.table.setCurrentIndex(self.model.index(first, 0))
        self._show_choice()

    def _cancel(self) -> None:
        if self._task is not None and not self._applying:
            self._task.cancel()
        else:
            self.reject()

    def done(self, result: int) -> None:
        """Stop looking when the person leaves; what is being written is written."""
        if self._task is not None and not self._applying:
            self._task.cancel()
        super().done(result)

    # -- what can be done now --------------------------------------------------------------

    def _renew(self, _key: str = "") -> None:
        searching = self._task is not None and not self._applying
        idle = self._task is None
        count = sum(one.copy is not None for one in self._lines)
        for widget in (self.which, self.roots, self.exact):
            widget.setEnabled(idle)
        self.search_button.setEnabled(idle and bool(self._roots))
        self.search_button.setDefault(idle and not count)
        self.footer.set_busy("Relinking…" if self._applying else "&Relink" if searching else "")
        if not self._applying:
            what = "1 adapter" if count == 1 else f"{count:,} adapters"
            self.footer.set_verb(f"&Relink {what}" if count else "&Relink")
        self.footer.go.setEnabled(idle and count > 0)
        self.footer.go.setDefault(idle and count > 0)
        self.footer.cancel.setText("&Cancel" if not idle else "&Close")
        self.footer.cancel.setAccessibleName("Cancel" if not idle else "Close")
        self.footer.cancel.setEnabled(not self._applying)
        self._show_choice()
        self._say()

    def _say(self) -> None:
        if self._lines:
            said, tone = summary_of(self._lines)
            choose = any(one.kind == "choose" for one in self._lines)
            link = "Choose" if choose and self._task is None else ""
            self.footer.say(f"{said} {self._more}".strip(), tone, link)
        elif self._searched:
            self.footer.say(f"Nothing is missing. {self._more}".strip(), "ok")
        elif not self._roots:
            self.footer.say("Add the folder in which they may be now, then search.")
        else:
            self.footer.say("")
