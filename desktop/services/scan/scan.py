"""Scanning folders for adapters, and importing what was found."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from desktop.services.catalog import store
from desktop.services.catalog.engine import Catalog
from desktop.services.folder_watch import mount_kinds
from desktop.services.progress import Progress, silent
from desktop.services.scan.cache import ScanCache
from desktop.services.scan.crew import Crew, listed_folders
from desktop.services.scan.grouping import newest_of, run_of, title_of
from desktop.services.scan.known import BaseMatches, KnownAdapter, KnownAdapters, state_of
from desktop.services.scan.names import Names
from desktop.services.scan.own import own_folders
from desktop.services.scan.records import Found, FoundState, ImportedMany, ScanResult, Skipped
from desktop.services.scan.roots import AnyPath, can_be_asked, outermost, paths_of
from desktop.services.scan.wire import Row

if TYPE_CHECKING:
    from desktop.services.base_models import BaseModels

OnFound = Callable[[Sequence[Found]], None]

UNSURE = frozenset({"unreachable", "walk_died", "no_permission"})
QUICK, FULL = 1, 2
_BETWEEN_BATCHES = 0.05


class Scan:
    """Looks for adapters on disks, and brings many into one catalogue at once."""

    def __init__(self, catalog: Catalog, base_models: BaseModels) -> None:
        self._catalog = catalog
        self._base_models = base_models
        self._cache = ScanCache(catalog.location.data / "scan.cache")

    def scan(
        self,
        paths: AnyPath | Sequence[AnyPath],
        progress: Progress | None = None,
        *,
        full: bool = True,
        with_store: bool = False,
    ) -> ScanResult:
        """Everything of interest below these folders; a path by itself is one folder.

        Left out is what Lorarium keeps for itself; of the managed store only what is in the library
        is told, with_store: everything. full: with every finding of each adapter folder; else only
        what config and the head of the weights tell. progress: called as `progress(folders seen, 0,
        text)` ten times a second or more; raising `Cancelled` from it ends the scan at once. Opens
        no file that an earlier scan has read and that has not changed since. Changes nothing.

        Raises:
            TypeError: one of the paths is none.
        """
        return self._scan(paths, None, progress, full, with_store)

    def scan_stream(
        self,
        paths: AnyPath | Sequence[AnyPath],
        on_found: OnFound,
        progress: Progress | None = None,
        *,
        full: bool = True,
    ) -> ScanResult:
        """The same, and hands out what it finds while it runs, on this thread.

        on_found: called with those that are new since the last call. Which one is the newest of its
        run, what is gone, and the final names are known at the end: the result has them.
        """
        return self._scan(paths, on_found, progress, full)

    def _scan(
        self,
        paths: AnyPath | Sequence[AnyPath],
        on_found: OnFound | None,
        progress: Progress | None,
        full: bool,
        with_store: bool = False,
    ) -> ScanResult:
        started = time.monotonic()
        wanted = paths_of(paths)
        roots = outermost(filter(can_be_asked, wanted))
        level = FULL if full else QUICK
        run = _Run(self._catalog, self._cache, roots, level, on_found, with_store)
        for path in wanted:
            if not can_be_asked(path):
                run.crew.skip(path, "no_name", "No disk can hold a name with half a character.")
        found = run.go(progress or silent)
        return ScanResult(
            tuple(found),
            tuple(run.crew.skipped),
            time.monotonic() - started,
            run.crew.folders,
            run.crew.skipped_total,
        )

    def import_found(
        self,
        found: ScanResult | Sequence[Found],
        progress: Progress | None = None,
        *,
        base_models: Mapping[str, str] | None = None,
    ) -> ImportedMany:
        """Import what a scan found, kept in place: all in one transaction, with one step of undo.

        Base models that configs name are matched, or added once each. base_models: {name in the
        configs: id} where somebody chose another one; one whose config names none comes in with its
        `base_model_id`. Names are made unique. What can't come in
        is in `refused`, with its findings; the others come in. Opens no adapter folder: that was
        the scan's; it only looks whether each is as it was then.

        Raises:
            TypeError: this is nothing that a scan found.
            CatalogError: the catalogue can't be written; nothing was changed.
            Cancelled: from `progress`; nothing was changed.
        """
        from desktop.services.scan.import_found import import_found

        return import_found(
            self._catalog,
            self._base_models,
            found,
            progress or silent,
            {} if base_models is None else base_models,
        )


class _Run:
    """One scan from its start to its end. on_found: None where nobody waits; with_store: whether
    what lies in the managed store without being in the library is told, too."""

    def __init__(
        self,
        catalog: Catalog,
        cache: ScanCache,
        roots: list[str],
        level: int,
        on_found: OnFound | None,
        with_store: bool = False,
    ) -> None:
        own = own_folders(catalog.location)
        self._cache = cache
        self._roots = roots
        self._on_found = on_found
        self._rows: dict[str, Row] = {}
        self._fresh: list[Row] = []
        self._found: list[Found] = []
        self._told = 0
        self._next = 0.0
        self._adapters = 0
        self._cache_path = str(cache.path)
        there = cache.path.is_file()
        self.crew = Crew(
            roots,
            level,
            mount_kinds(),
            str(cache.path) if there else "",
            self._new,
            self._same,
            gentle=on_found is not None,  # a window shows them meanwhile
            own=own.private,
            store="" if with_store else own.store,
        )
        self.crew.start()  # the children need a moment to begin: use it
        try:
            self._cached = cache.rows(roots) if there else {}
            with catalog.read() as connection:
                self._known = KnownAdapters(catalog, connection)
            self._bases = BaseMatches(store.base_models(catalog))
        except BaseException:
            self.crew.end()
            raise
        self._names = Names(self._known.names)

    def go(self, progress: Progress) -> list[Found]:
        """Scan; the result is in order of paths."""
        started = time.monotonic()

        def tick() -> None:
            self._hand_on(time.monotonic())
            folders = self.crew.folders
            rate = folders / max(time.monotonic() - started, 0.001)
            progress(
                folders,
                0,
                f"{folders:,} folders, {self._adapters:,} adapters, {rate:,.0f} folders/s",
            )

        self.crew.run(tick)
        self._hand_on(math.inf)
        tick()
        self._learn()
        return self._finished()

    def _hand_on(self, now: float) -> None:
        """Give what was found since to who waits for it, a few times a second."""
        if self._on_found is None or now < self._next or len(self._found) == self._told:
            return
        batch, self._told = self._found[self._told :], len(self._found)
        self._next = now + _BETWEEN_BATCHES
        self._on_found(batch)

    def _new(self, rows: list[Row]) -> None:
        self._fresh += rows
        self._add(rows)

    def _same(self, pairs: list[tuple[str, str]]) -> list[str]:
        """Rows of the cache that still hold; returns the folders whose row went meanwhile."""
        rows, lost = [], []
        for path, mark in pairs:
            row = self._cached.get(path)
            if row is None or row.fingerprint != mark:
                lost.append(path)
            else:
                rows.append(row)
        self._add(rows)
        return lost

    def _add(self, rows: list[Row]) -> None:
        for row in rows:
            if row.path in self._rows:  # a walk that was begun anew tells it again
                continue
            self._rows[row.path] = row
            if not row.kind:
                continue
            known = self._known.at(row.path, row.fingerprint)
            if known is None and row.path.startswith(tuple(self.crew.stores)):
                self.crew.skip(row.path, "own", "This folder of the store belongs to no adapter.")
                continue
            self._adapters += row.kind != "not_peft"
            self._found.append(self._as_found(row, known))

    def _as_found(self, row: Row, known: KnownAdapter | None) -> Found:
        state = state_of(row.kind, row.fingerprint, known)
        run, step = run_of(row.path)
        if known is not None:
            name = known.name
        else:
            name = "" if state == FoundState.NOT_PEFT else self._names.give(run, step)
        return Found(
            row.path, state, row.looks_like, row.peft_type, row.variant, row.task_type, row.rank,
            row.parameters, row.tensor_count, row.size_bytes, row.base_model_name,
            self._bases.id_of(row.base_model_name), run, title_of(run), step, False, name,
            None if known is None else known.id, None if known is None else known.name,
            row.fingerprint, row.content_id, row.mtime, row.errors, row.warnings, row.notes,
            row.level == FULL, row.findings, row.inspection,
            "" if row.inspection or not row.fingerprint else self._cache_path,
        )  # fmt: skip

    def _unsure(self) -> list[str]:
        """Folders of which nothing is known, since they could not be looked at."""
        return [skip.path for skip in self.crew.skipped if skip.code in UNSURE]

    def _learn(self) -> None:
        gone: list[str] = []
        if not self._unsure():
            gone = [path for path in self._cached if path not in self._rows]
        if self.crew.listed or self._fresh or gone:
            self._cache.learn(listed_folders(self.crew.listed), self._fresh, self._rows, gone)

    def _finished(self) -> list[Found]:
        found = sorted(self._found, key=_path)
        names = Names(self._known.names)
        for at, one in enumerate(found):
            # Of twins the first by path gets the plain name, whichever was found first.
            if one.adapter_id is None and one.name:
                name = names.give(one.run, one.step)
                if name != one.name:
                    found[at] = one._replace(name=name)
        last = newest_of((one.run, one.step, one.state) for one in found)
        for at in last:
            found[at] = found[at]._replace(newest=True)
        seen = {one.adapter_id for one in found if one.adapter_id is not None}
        for known in sorted(self._known.gone(self._roots, seen, self._unsure()), key=_path):
            run, step = run_of(known.path)
            found.append(
                Found(
                    known.path,
                    FoundState.GONE,
                    run=run,
                    run_title=title_of(run),
                    step=step,
                    name=known.name,
                    adapter_id=known.id,
                    adapter_name=known.name,
                    fingerprint=known.fingerprint,
                )
            )
        return found


def _path(one: Found | KnownAdapter) -> str:
    return one.path


__all__ = ["Found", "FoundState", "ImportedMany", "Scan", "ScanResult", "Skipped"]
