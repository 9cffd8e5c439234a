"""What the library knows of the folders that a scan comes upon."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from desktop.services.catalog import store
from desktop.services.catalog.engine import Catalog
from desktop.services.catalog.paths import resolve
from desktop.services.catalog.schema import folders
from desktop.services.peft_folder import split_base_name
from desktop.services.records import BaseModelRecord
from desktop.services.scan.records import FoundState
from desktop.services.scan.walk import fingerprint
from desktop.services.validation import match_base_model


class KnownAdapter(NamedTuple):
    """An adapter of the library: its id, name, absolute folder, fingerprint of the last look."""

    id: str
    name: str
    path: str
    fingerprint: str


class KnownAdapters:
    """The library's adapters by folder, as they were when this was made."""

    def __init__(self, catalog: Catalog, connection: Connection) -> None:
        self.names: set[str] = set()
        self.ids: set[str] = set()
        self._by_path: dict[str, KnownAdapter] = {}
        self._by_print: dict[str, list[KnownAdapter]] = {}
        self._by_real: dict[str, dict[str, KnownAdapter]] = {}
        columns = [c for c in ("name", "location") if catalog.has("adapters", c)]
        prints: Mapping[str, str | None] = {}
        if catalog.has(folders.name, "fingerprint"):
            query = select(folders.c.adapter_id, folders.c.fingerprint)
            prints = {str(key): mark for key, mark in connection.execute(query)}
        chosen = [store.ADAPTERS.c.id, *(store.ADAPTERS.c[name] for name in columns)]
        rows = connection.execute(select(*chosen)).mappings().all()
        root = catalog.location.root
        for row in rows:
            name = row.get("name") or ""
            self.names.add(name)
            self.ids.add(str(row["id"]))
            path = resolve(row.get("location"), root)
            if path is None:
                continue
            mark = prints.get(str(row["id"])) or ""
            known = KnownAdapter(str(row["id"]), name, path, mark)
            self._by_path.setdefault(os.path.normpath(path), known)
            if mark:
                self._by_print.setdefault(mark, []).append(known)

    def at(self, path: str, mark: str, real: str = "") -> KnownAdapter | None:
        """The adapter whose folder this is. mark: the folder's fingerprint; real: its real path.

        Another spelling of the same folder, by way of a link, is known by the fingerprint first, so
        that no disk is asked about folders that can't be it.
        """
        known = self._by_path.get(path) or (self._by_path.get(real) if real else None)
        if known is not None or not mark:
            return known
        if mark not in self._by_print:
            return None
        if mark not in self._by_real:  # asked once, however many copies there are of the same
            self._by_real[mark] = {}
            for other in self._by_print[mark]:
                self._by_real[mark].setdefault(_real(other.path), other)
        return self._by_real[mark].get(_real(path))

    def gone(
        self, roots: Sequence[str], seen: set[str], left_out: Iterable[str]
    ) -> list[KnownAdapter]:
        """The adapters below `roots` that are not there any more.

        seen: ids of those that were found; left_out: folders that were not looked at, of which
        nothing can be said.
        """
        spared = tuple(path.rstrip(os.sep) + os.sep for path in left_out)
        starts = tuple(root.rstrip(os.sep) + os.sep for root in roots)
        found = []
        for path, known in self._by_path.items():
            if known.id in seen or not f"{path}{os.sep}".startswith(starts):
                continue
            # One that lies in a folder that no scan enters is there all the same.
            if not f"{path}{os.sep}".startswith(spared) and not fingerprint(path):
                found.append(known)
        return found


def _real(path: str) -> str:
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return path


def state_of(kind: str, mark: str, known: KnownAdapter | None) -> FoundState:
    """What a found folder is to the library. kind: as of `wire.Row`; mark: its fingerprint."""
    if known is not None:
        same = not known.fingerprint or known.fingerprint == mark
        return FoundState.KNOWN if same else FoundState.CHANGED
    if kind == "not_peft":
        return FoundState.NOT_PEFT
    return FoundState.BROKEN if kind == "broken" else FoundState.NEW


class BaseMatches:
    """The library's base model for the name in a config, looked up once for each name."""

    def __init__(self, models: Sequence[BaseModelRecord]) -> None:
        self._models = models
        self._found: dict[str, str | None] = {}

    def id_of(self, named: str | None) -> str | None:
        """The id of the base model that this name means, None where there is none."""
        if not named:
            return None
        if named not in self._found:
            model = match_base_model(named, self._models)
            if model is None:  # a path into somebody's cache of the Hub names a model too
                model = match_base_model(split_base_name(named).hub_name, self._models)
            self._found[named] = None if model is None else model.id
        return self._found[named]
