"""Folders that moved are found again by what is in them, one or thousands, in one step.

An adapter is known by its content: tensor names, types, shapes and samples of the weights. Where
that was never seen, by names, sizes and times of its files. A name alone says nothing; it only
chooses between copies of the same.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, select

from desktop.services.adapter_reading import no_adapter
from desktop.services.catalog import seen, store
from desktop.services.catalog.changes import Transaction, can_be_key, chunks, primary_key
from desktop.services.catalog.engine import Catalog
from desktop.services.catalog.paths import resolve, to_stored
from desktop.services.catalog.schema import folders
from desktop.services.errors import ConflictError, FolderError, LorariumError, ValidationError
from desktop.services.folder_watch import look_at_all
from desktop.services.peft_folder import fingerprint, printable
from desktop.services.progress import Progress, silent
from desktop.services.records import FolderState, blocks, errors_first
from desktop.services.relink_exact import Exact, kept_hash
from desktop.services.relink_matching import Candidates, decide
from desktop.services.relink_records import (
    Ambiguous,
    Copy,
    Lost,
    Match,
    MatchedBy,
    NotFound,
    Relinked,
    RelinkPlan,
)
from desktop.services.scan.cache import read_inspections
from desktop.services.scan.records import Found
from desktop.services.scan.roots import AnyPath, paths_of
from desktop.services.scan.scan import UNSURE, Scan
from desktop.services.validation import Validator

__all__ = [
    "Ambiguous",
    "Copy",
    "Lost",
    "Match",
    "MatchedBy",
    "NotFound",
    "Relink",
    "RelinkPlan",
    "Relinked",
]

_KNOWN = ("fingerprint", "content_id", "files")


class Relink:
    """Finds the folders of one catalogue's adapters again."""

    def __init__(self, catalog: Catalog, scan: Scan) -> None:
        self._catalog = catalog
        self._scan = scan

    # -- finding ---------------------------------------------------------------------------

    def find(
        self,
        ids: Sequence[str] | None,
        roots: AnyPath | Sequence[AnyPath],
        progress: Progress | None = None,
        *,
        exact: bool = False,
    ) -> RelinkPlan:
        """Look below `roots`, or one root, for adapters whose folders are missing. Changes nothing.

        ids: those to look for, also where another adapter took their place or their drive is away;
        None: all that are missing now. One that is where it should be is never looked for. exact:
        read the weights of what was found whole, and hold them against the sha256 of those that
        Lorarium copied or fetched; of the others none is kept, which `unproven` counts.

        Raises:
            TypeError: one of the roots is no path.
        """
        roots = paths_of(roots)
        if isinstance(ids, str):
            ids = [ids]
        report = progress or silent
        lost, in_place, away = self._lost(ids, report)
        if not lost:
            return RelinkPlan(in_place=in_place, away=away)
        # One of the store that is looked for may have come back into the store, with all of it.
        result = self._scan.scan(roots, report, with_store=True)
        place = self._catalog.location
        left_out = [str(folder) for folder in (place.trash, place.staging, place.partial)]
        candidates = Candidates(result.found, [one.adapter_id for one in lost], left_out)
        copies: Callable[[Lost], tuple[Copy, ...]] = candidates.copies_of
        if exact:
            copies = Exact(copies, lost, report).copies_of
        unsure = any(skip.code in UNSURE for skip in result.skipped)
        matches, ambiguous, missing = decide(lost, copies, _reasons(unsure))
        return RelinkPlan(
            tuple(matches),
            tuple(ambiguous),
            tuple(missing),
            in_place,
            away,
            sum(not one.sha256 for one in lost) if exact else 0,
            result.skipped,
            result.folders,
        )

    def _lost(self, ids: Sequence[str] | None, report: Progress) -> tuple[list[Lost], int, int]:
        """(what to look for, how many are in place, how many are away)."""
        rows = self._rows(store.ADAPTERS, ("id", "name", "location"), ids)
        last = self._rows(folders, ("adapter_id", *_KNOWN), ids)
        root = self._catalog.location.root
        places = {
            key: (resolve(row.get("location"), root), last.get(key, {}).get("fingerprint"))
            for key, row in rows.items()
        }
        states = look_at_all(((key, *place) for key, place in places.items()), report)
        wanted, in_place, away = [], 0, 0
        for key, (path, mark) in places.items():
            state = states[key]
            if state == FolderState.UNREACHABLE and ids is None:
                away += 1
            elif state == FolderState.OK and (mark or fingerprint(path or "")):
                in_place += 1
            elif state == FolderState.CHANGED and ids is None and fingerprint(path or ""):
                in_place += 1  # something is there: only a person knows that it is not this one
            else:
                wanted.append(key)
        contents = self._contents(
            [key for key in wanted if not last.get(key, {}).get("content_id")]
        )
        found = [
            Lost(
                key,
                str(rows[key].get("name") or key),
                rows[key].get("location"),
                places[key][0],
                str(last.get(key, {}).get("content_id") or contents.get(key, "")),
                str(places[key][1] or ""),
                kept_hash(last.get(key, {}).get("files")),
            )
            for key in wanted
        ]
        return sorted(found, key=_by_place), in_place, away

    def _rows(
        self, table: Table, names: Sequence[str], ids: Sequence[str] | None
    ) -> dict[str, Mapping[str, Any]]:
        """{id: these columns, as far as they are there} of all rows, or of those."""
        columns = [c for c in self._catalog.columns_of(table) if c.name in names]
        if not columns:
            return {}
        key = primary_key(table)
        pieces: list[Sequence[str] | None] = [None]
        if ids is not None:
            pieces = [*chunks(one for one in dict.fromkeys(ids) if can_be_key(one))]
        found: dict[str, Mapping[str, Any]] = {}
        with self._catalog.read() as connection:
            for piece in pieces:
                query = select(*columns)
                query = query if piece is None else query.where(key.in_(piece))
                found |= {
                    str(row[key.name]): dict(row) for row in connection.execute(query).mappings()
                }
        return found

    def _contents(self, ids: Sequence[str]) -> dict[str, str]:
        """What an older Lorarium kept of the content in the inspection alone."""
        found = {}
        for key, row in self._rows(folders, ("adapter_id", "inspection"), ids).items():
            inspection = seen.inspection_from_json(row.get("inspection"))
            if inspection is not None and inspection.content_id:
                found[key] = inspection.content_id
        return found

    # -- applying --------------------------------------------------------------------------

    def apply(self, matches: Sequence[Match], progress: Progress | None = None) -> Relinked:
        """Give these adapters their new places: in one transaction, with one step of undo.

        What changed since it was found is refused, each with its reason; the others go on. Files
        are neither moved nor changed.

        Raises:
            TypeError: something else than a match was given.
            CatalogError: the catalogue can't be written; nothing was changed.
        """
        for match in matches:
            if not _is_whole(match):
                raise TypeError(f"Give matches that a search found, not {type(match).__name__}.")
        report = progress or silent
        refused: list[tuple[Match, LorariumError]] = []
        sound = self._still_there(matches, refused, report)
        looks = _looks(sound)
        done: dict[str, Match] = {}
        with self._catalog.write(None) as transaction:
            rows = transaction.get_many(store.ADAPTERS, [m.lost.adapter_id for m in sound])
            for match in sound:
                row = rows.get(match.lost.adapter_id)
                if row is None:
                    refused.append((match, no_adapter()))
                elif row.get("location") != match.lost.location:
                    refused.append((match, _moved(match)))
                else:
                    done[match.lost.adapter_id] = match
            label = self._write(transaction, done, looks) if done else ""
        return Relinked(tuple(done), tuple(refused), label)

    def _still_there(
        self,
        matches: Sequence[Match],
        refused: list[tuple[Match, LorariumError]],
        report: Progress,
    ) -> list[Match]:
        """Those whose folder is as it was when it was found; a drive that hangs is left alone."""
        validator = Validator(self._catalog)
        places = [(m.lost.adapter_id, m.copy.path, m.copy.found.fingerprint) for m in matches]
        states = look_at_all(places, report)
        sound = []
        for match in {m.lost.adapter_id: m for m in matches}.values():
            found = validator.location_rule(match.copy.path)
            state = states[match.lost.adapter_id]
            if blocks(found):
                refused.append((match, ValidationError(found)))
            elif state != FolderState.OK:
                refused.append((match, _not_as_found(match, state)))
            else:
                sound.append(match)
        return sound

    def _write(
        self, transaction: Transaction, done: Mapping[str, Match], looks: Mapping[str, str]
    ) -> str:
        """Write the new places as one step; returns what it is called."""
        last = transaction.get_many(folders, done)
        fresh = {key: {"adapter_id": key, "managed": 0} for key in done if key not in last}
        if fresh:
            transaction.insert_many(folders, fresh)
        transaction.update_many(
            store.ADAPTERS,
            {key: {"location": to_stored(match.copy.path)} for key, match in done.items()},
        )
        now = time.time()
        values = {}
        for key, match in done.items():
            before, found = last.get(key, {}), match.copy.found
            # One of the store that is found in the store, since that moved, is still ours.
            ours = bool(before.get("managed")) and self._in_store(match.copy.path)
            values[key] = {
                "managed": int(ours),
                "files": before.get("files") if ours else None,
                "fingerprint": found.fingerprint,
                "content_id": found.content_id or before.get("content_id"),
                "state": FolderState.OK.value,
                "checked_at": now,
            }
        transaction.update_many(folders, values)
        count = len(done)
        one = printable(next(iter(done.values())).lost.name, 60)
        label = f"Relink “{one}”" if count == 1 else f"Relink {count:,} adapters"
        transaction.record(label)
        # What the scan saw there is no change of a person's, so it stands behind the step.
        self._keep_looks(transaction, done, looks, last)
        return label

    def _in_store(self, path: str) -> bool:
        return os.path.dirname(os.path.realpath(path)) == os.path.realpath(
            self._catalog.location.adapters
        )

    def _keep_looks(
        self,
        transaction: Transaction,
        done: Mapping[str, Match],
        looks: Mapping[str, str],
        last: Mapping[str, Mapping[str, Any]],
    ) -> None:
        values = {}
        for key, match in done.items():
            found, text = match.copy.found, looks.get(match.copy.path)
            if not found.full or not text:
                continue
            before = seen.findings_from_json(last.get(key, {}).get("findings"))
            kept = [finding for finding in before if finding.field != "location"]
            values[key] = {
                "peft_type": seen.clean_text(found.peft_type),
                "variant": seen.clean_text(found.variant),
                "rank": _fits(found.rank),
                "parameters": _fits(found.parameters),
                "tensor_count": _fits(found.tensor_count),
                "size_bytes": _fits(found.size_bytes),
                "inspection": text,
                **seen.findings_values(errors_first([*kept, *found.findings])),
            }
        if values:
            transaction.update_many(folders, values)


def _is_whole(match: object) -> bool:
    return (
        isinstance(match, Match)
        and isinstance(match.lost, Lost)
        and isinstance(match.copy, Copy)
        and isinstance(match.copy.found, Found)
        and isinstance(match.copy.path, str)
    )


def _fits(figure: int | None) -> int | None:
    """A figure of a hostile folder, None where no database could hold it."""
    return figure if figure is not None and -(2**63) <= figure < 2**63 else None


def _looks(matches: Sequence[Match]) -> dict[str, str]:
    """{folder: its inspection as the catalogue stores it}, all of a scan's cache in one go."""
    texts: dict[str, str] = {}
    wanted: dict[str, dict[str, str]] = {}
    for found in (match.copy.found for match in matches):
        if found.inspection_text:
            texts[found.path] = found.inspection_text
        elif found.full and found.cache:
            wanted.setdefault(found.cache, {})[found.path] = found.fingerprint
    for cache, marks in wanted.items():
        texts |= read_inspections(cache, marks)
    return texts


def _reasons(unsure: bool) -> Callable[[Lost], str]:
    if unsure:
        below = "It was not found where Lorarium could look; some places could not be searched."
    else:
        below = "No folder there holds the same weights."

    def reason(lost: Lost) -> str:
        if not lost.content_id and not lost.fingerprint:
            return "Its folder was never looked at, so nothing is known to find it by."
        return below

    return reason


def _moved(match: Match) -> ConflictError:
    name = printable(match.lost.name, 60)
    return ConflictError(f"“{name}” was given another place meanwhile.", "Search again.")


def _not_as_found(match: Match, state: FolderState) -> LorariumError:
    name = printable(match.lost.name, 60)
    if state == FolderState.CHANGED:
        return ConflictError(
            f"The folder that was found for “{name}” was changed since.", "Search again."
        )
    if state == FolderState.UNREACHABLE:
        return FolderError(
            f"The drive with the folder of “{name}” does not answer now.",
            "Try again when it is back.",
        )
    return FolderError(
        f"The folder that was found for “{name}” is not there any more.", "Search again."
    )


def _by_place(lost: Lost) -> tuple[str, str]:
    return lost.path or "", lost.name
