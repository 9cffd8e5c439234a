"""What a person says of adapters: favourites, tags, notes. Every change is a step with undo."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from desktop.services.adapter_reading import no_adapter
from desktop.services.catalog import store
from desktop.services.catalog.changes import Transaction, can_be_key, chunks
from desktop.services.catalog.engine import Catalog
from desktop.services.catalog.schema import marks
from desktop.services.errors import ValidationError
from desktop.services.library_row import count_tags
from desktop.services.records import Finding, Severity, blocks, tags_of
from desktop.services.tag_rules import (
    NOTES_LIMIT,
    TAGS_LIMIT,
    clean_tag,
    refusal,
    tag_findings,
    with_tags,
    without_tags,
)

_SHOWN = 3


class Marks:
    """Favourites, tags and notes of the adapters of one catalogue."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def all_tags(self) -> dict[str, int]:
        """Every tag that an adapter has, in order, with how many have it. Of several spellings the
        most usual one."""
        if not self._catalog.has(marks.name):
            return {}
        query = select(marks.c.tags).join(store.ADAPTERS, store.ADAPTERS.c.id == marks.c.adapter_id)
        with self._catalog.read() as connection:
            stored = connection.execute(query.where(marks.c.tags != "")).scalars()
            return count_tags(Counter(stored))

    def set_favourite(self, ids: Sequence[str], on: bool = True) -> int:
        """Mark adapters as favourites, or no longer; returns how many changed.

        Raises:
            NotFoundError: one of the ids is not there; nothing is changed.
        """
        label = "Mark {} as favourites" if on else "Remove {} from the favourites"
        one = "Mark {} as a favourite" if on else label

        def change(_row: Mapping[str, Any]) -> dict[str, Any]:
            return {"favourite": int(on)}

        return self._change(ids, change, label, one)

    def add_tags(self, ids: Sequence[str], tags: Sequence[str]) -> int:
        """Give adapters tags; returns how many did not have all of them.

        Raises:
            NotFoundError: one of the ids is not there; nothing is changed.
            ValidationError: a tag can't be stored, or an adapter would have too many.
        """
        return self.change_tags(ids, add=tags)

    def remove_tags(self, ids: Sequence[str], tags: Sequence[str]) -> int:
        """Take tags from adapters; returns how many had one of them.

        Raises:
            NotFoundError: one of the ids is not there; nothing is changed.
        """
        return self.change_tags(ids, remove=tags)

    def change_tags(
        self, ids: Sequence[str], add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> int:
        """Give adapters tags and take others from them, in one step; returns how many changed.

        Raises:
            NotFoundError: one of the ids is not there; nothing is changed.
            ValidationError: a tag can't be stored, or an adapter would have too many.
        """
        add, remove = _listed_texts(add, "tags"), _listed_texts(remove, "tags")
        found = [*tag_findings(add), *(f for f in tag_findings(remove) if f.code == "no_text")]
        if blocks(found):
            raise ValidationError(found)
        more, gone = [clean_tag(tag) for tag in add], [clean_tag(tag) for tag in remove]

        def change(row: Mapping[str, Any]) -> dict[str, Any]:
            tags = with_tags(without_tags(tags_of(row.get("tags")), gone), more)
            if len(tags) > TAGS_LIMIT:
                said = f"An adapter would have {len(tags)} tags; {TAGS_LIMIT} are the most."
                raise ValidationError([refusal("too_many", said, "Take others away first.")])
            return {"tags": "\n".join(tags) or None}

        label = _tags_label(more, gone)
        return self._change(ids, change, label, label)

    def set_notes(self, adapter_id: str, text: str | None) -> bool:
        """Write what a person notes of an adapter, "" or None = nothing; returns whether it
        changed.

        Raises:
            NotFoundError: no adapter has this id.
            ValidationError: the text is too long, or no database could hold it.
        """
        notes = _clean_notes(text)
        found = _notes_findings(notes)
        if found:
            raise ValidationError(found)

        def change(_row: Mapping[str, Any]) -> dict[str, Any]:
            return {"notes": notes or None}

        label = "Change the notes of {}"
        return bool(self._change([adapter_id], change, label, label))

    def _change(self, ids: Sequence[str], change: Any, label: str, label_of_one: str) -> int:
        listed = _listed_texts(ids, "ids of adapters")
        if not all(map(can_be_key, listed)):
            raise no_adapter()
        wanted = list(dict.fromkeys(listed))
        if not wanted:
            return 0
        name = self._name(wanted[0])
        what = f"“{_short(name)}”" if len(wanted) == 1 else f"{len(wanted):,} adapters"
        said = (label_of_one if len(wanted) == 1 else label).format(what)
        with self._catalog.write(said) as transaction:
            _all_there(transaction, wanted)
            rows = transaction.get_many(marks, wanted)
            fresh: dict[str, dict[str, Any]] = {}
            changed: dict[str, dict[str, Any]] = {}
            for key in wanted:
                row = rows.get(key, _NOTHING)
                values = change(row)
                if all(row.get(column) == value for column, value in values.items()):
                    continue
                if key in rows:
                    changed[key] = values
                else:
                    fresh[key] = {**_NOTHING, "adapter_id": key, **values}
            if fresh:
                transaction.insert_many(marks, fresh)
            if changed:
                transaction.update_many(marks, changed)
        return len(fresh) + len(changed)

    def _name(self, adapter_id: str) -> str:
        with self._catalog.read() as connection:
            row = self._catalog.row(connection, store.ADAPTERS, adapter_id)
        if row is None:
            raise no_adapter()
        return str(row.get("name") or adapter_id)


_NOTHING: dict[str, Any] = {"favourite": 0, "tags": None, "notes": None}


def _clean_notes(text: object) -> str:
    if text is None:
        return ""
    if not isinstance(text, str):
        raise ValidationError([Finding("notes", "no_text", Severity.ERROR, "Notes are a text.")])
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _listed_texts(given: Sequence[str], what: str) -> list[str]:
    """A text by itself is a list of one."""
    if isinstance(given, str):
        return [given]
    if not isinstance(given, Iterable):
        raise TypeError(f"Give a list of {what}, not {type(given).__name__}.")
    return list(given)


def _all_there(transaction: Transaction, ids: Sequence[str]) -> None:
    if not all(map(can_be_key, ids)):
        raise no_adapter()
    column = store.ADAPTERS.c.id
    there = 0
    for piece in chunks(ids):
        query = select(column).where(column.in_(piece))
        there += len(transaction.connection.execute(query).all())
    if there != len(ids):
        raise no_adapter()


def _notes_findings(notes: str) -> list[Finding]:
    if len(notes) > NOTES_LIMIT:
        said = f"The notes have {len(notes):,} characters; {NOTES_LIMIT:,} are the most."
        return [Finding("notes", "too_long", Severity.ERROR, said, "Shorten them.")]
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in notes):
        said = "The notes hold characters that can’t be shown."
        return [Finding("notes", "characters", Severity.ERROR, said, "Type them anew without.")]
    return []


def _tags_label(add: Sequence[str], remove: Sequence[str]) -> str:
    if add and remove:
        return "Change the tags of {}"
    if add:
        return f"Tag {{}} {_listed(add)}"
    return f"Remove {'tag' if len(remove) == 1 else 'tags'} {_listed(remove)} from {{}}"


def _listed(tags: Sequence[str]) -> str:
    # A tag may hold braces, and the label is filled in later.
    shown = [f"“{tag}”".replace("{", "{{").replace("}", "}}") for tag in tags[:_SHOWN]]
    if len(tags) > _SHOWN:
        shown.append(f"{len(tags) - _SHOWN} more")
    return ", ".join(shown)


def _short(name: str) -> str:
    return name if len(name) <= 80 else f"{name[:79]}…"
