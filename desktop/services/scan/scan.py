"""Scanning folders for adapters, and importing what was found."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from desktop.services.catalog import store
from desktop.services.catalog.engine import Catalog
from desktop.services.folder_watch import mount_kinds
from desktop.services.progress import Progress, silent
from desktop.services.scan.cache import ScanCache
from desktop.services.scan.crew import Crew, listed_folders
from desktop.services.scan.grouping import mark_newest, run_of, title_of
from desktop.services.scan.known import BaseMatches, KnownAdapters, state_of
from desktop.services.scan.names import Names
from desktop.services.scan.records import Found, FoundState, ImportedMany, ScanResult, Skipped
from desktop.services.scan.wire import Row

if TYPE_CHECKING:
    from desktop.services.base_models import BaseModels

OnFound = Callable[[Sequence[Found]], None]

_UNSURE = frozenset({"unreachable", "walk_died", "no_permission"})
QUICK, FULL = 1, 2


class Scan:
    """Looks for adapters on disks, and brings many into one catalogue at once."""

    def __init__(self, catalog: Catalog, base_models: BaseModels) -> None:
        self._catalog = catalog
        self._base_models = base_models
        self._cache = ScanCache(catalog.location.data / "scan.cache")

    def scan(
        self,
        paths: Sequence[str | os.PathLike[str]],
        progress: Progress | None = None,
        *,
        full: bool = True,
    ) -> ScanResult:
        """Everything of interest below these folders.

        full: with every finding of each adapter folder; else only what config and the head of the
        weights tell. progress: called as `progress(folders seen, 0, text)` ten times a second or
        more; raising `Cancelled` from it ends the scan at once. Opens no file that an earlier scan
        has read and that has not changed since. Changes nothing.
        """
        return self.scan_stream(paths, _nobody, progress, full=full)

    def scan_stream(
        self,
        paths: Sequence[str | os.PathLike[str]],
        on_found: OnFound,
        progress: Progress | None = None,
        *,
        full: bool = True,
    ) -> ScanResult:
        """The same, and hands out what it finds while it runs, on this thread.

        on_found: called with those that are new since the last call. Which one is the newest of its
        run, what is gone, and the final names are known at the end: the result has them.
        """
        started = time.monotonic()
        roots = _roots(paths)
        run = _Run(self._catalog, self._cache, roots, FULL if full else QUICK, on_found)
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
        found: Sequence[Found],
        progress: Progress | None = None,
        *,
        base_models: Mapping[str, str] | None = None,
    ) -> ImportedMany:
        """Import what a scan found, kept in place: all in one transaction, with one step of undo.

        Base models that configs name are matched, or added once each. base_models: {name in the
        configs: id} where somebody chose another one. Names are made unique. What can't come in is
        in `refused`, with its findings; the others come in. Looks at no folder: that was the scan's.

        Raises:
            CatalogError: the catalogue can't be written; nothing was changed.
            Cancelled: from `progress`; nothing was changed.
        """
        from desktop.services.scan.import_found import import_found

        return import_found(
            self._catalog, self._base_models, found, progress or silent, base_models or {}
        )


def _nobody(found: Sequence[Found]) -> None:
    """Nobody waits for what is found on the way."""


def _roots(paths: Sequence[str | os.PathLike[str]]) -> list[str]:
    """The folders to walk: absolute, and none that lies in another one of them."""
    wanted = dict.fromkeys(os.path.abspath(os.fspath(path)) for path in paths)
    return [
        path
        for path in wanted
        if not any(path.startswith(other.rstrip(os.sep) + os.sep) for other in wanted)
    ]


class _Run:
    """One scan from its start to its end."""

    def __init__(
        self, catalog: Catalog, cache: ScanCache, roots: list[str], level: int, on_found: OnFound
    ) -> None:
        self._cache = cache
        self._roots = roots
        self._on_found = on_found
        self._found: list[Found] = []
        self._waiting: list[Found] = []
        self._fresh: list[Row] = []
        self._adapters = 0
        self._used: set[int] = set()
        self._ids: set[str] = set()
        has_cache = cache.path.is_file()
        self.crew = Crew(
            roots, level, mount_kinds(), str(cache.path) if has_cache else "", self._rows, self._same
        )
        self.crew.start()  # the children need a moment to begin: use it
        try:
            self._cached = cache.rows(roots) if has_cache else {}
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
            if self._waiting:
                batch, self._waiting = self._waiting, []
                self._on_found(batch)
            seconds = max(time.monotonic() - started, 0.001)
            progress(
                self.crew.folders,
                0,
                f"{self.crew.folders:,} folders, {self._adapters:,} adapters, "
                f"{self.crew.folders / seconds:,.0f} folders/s",
            )

        self.crew.run(tick)
        tick()
        self._learn()
        return self._finished()

    def _rows(self, rows: list[Row]) -> None:
        self._fresh += rows
        self._add(rows)

    def _same(self, pairs: list[tuple[int, str]]) -> list[str]:
        """Rows of the cache that still hold; returns the folders whose row went meanwhile."""
        rows, lost = [], []
        for number, path in pairs:
            row = self._cached.get(number)
            if row is None or row.path != path:
                lost.append(path)
                continue
            self._used.add(number)
            rows.append(row)
        self._add(rows)
        return lost

    def _add(self, rows: list[Row]) -> None:
        made = [self._as_found(row) for row in rows if row.kind]
        self._found += made
        self._waiting += made

    def _as_found(self, row: Row) -> Found:
        known = self._known.at(row.path, row.fingerprint)
        state = state_of(row.kind, row.fingerprint, known)
        run, step = run_of(row.path)
        if row.kind != "not_peft":
            self._adapters += 1
        name = ""
        if known is not None:
            self._ids.add(known.id)
            name = known.name
        elif state != FoundState.NOT_PEFT:
            name = self._names.give(run, step)
        return Found(
            row.path, state, row.looks_like, row.peft_type, row.variant, row.task_type, row.rank,
            row.parameters, row.tensor_count, row.size_bytes, row.base_model_name,
            self._bases.id_of(row.base_model_name), run, title_of(run), step, False, name,
            None if known is None else known.id, None if known is None else known.name,
            row.fingerprint, row.content_id, row.mtime, row.errors, row.warnings, row.notes,
            row.level == FULL, row.inspection, row.findings,
        )  # fmt: skip

    def _unsure(self) -> list[str]:
        """Folders of which nothing is known, since they could not be looked at."""
        return [skip.path for skip in self.crew.skipped if skip.code in _UNSURE]

    def _learn(self) -> None:
        if not self._cached and not self.crew.listed and not self._fresh:
            return
        gone: list[str] = []
        if not self._unsure():
            fresh = {row.path for row in self._fresh}
            gone = [
                row.path
                for number, row in self._cached.items()
                if number not in self._used and row.path not in fresh
            ]
        if self.crew.listed or self._fresh or gone:
            self._cache.learn(listed_folders(self.crew.listed), self._fresh, gone)

    def _finished(self) -> list[Found]:
        found = sorted(self._found, key=lambda one: one.path)
        names = Names(self._known.names)
        for at, one in enumerate(found):
            # Which of two twins came first was a matter of chance; the order of paths is not.
            if one.adapter_id is None and one.state != FoundState.NOT_PEFT:
                name = names.give(one.run, one.step)
                if name != one.name:
                    found[at] = replace(one, name=name)
        lost = self._known.gone(self._roots, self._ids, self._unsure())
        for known in sorted(lost, key=lambda one: one.path):
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
        return mark_newest(found)


__all__ = ["Found", "FoundState", "ImportedMany", "Scan", "ScanResult", "Skipped"]
