"""What is typed into the form of a page and not saved, one draft for each record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from desktop.views.records.editor import EditorDraft

NEW = ""
"""Stands for the record that is not there yet."""


def _key(record: Any) -> str:
    return NEW if record is None else str(record.id)


class Drafts:
    """Drafts by record; None is the record that is not there yet.

    A draft that was put aside waits until its form is asked for; any other opens by itself when
    its record is selected.
    """

    def __init__(self) -> None:
        self._typed: dict[str, EditorDraft] = {}
        self._aside: set[str] = set()

    def keep(self, record: Any, draft: EditorDraft | None, *, aside: bool = False) -> None:
        """Take what is typed now; None: nothing is."""
        key = _key(record)
        self.drop(record)
        if draft is not None:
            self._typed[key] = draft
            if aside:
                self._aside.add(key)

    def drop(self, record: Any) -> None:
        """Forget what was typed."""
        self._typed.pop(_key(record), None)
        self._aside.discard(_key(record))

    def of(self, record: Any) -> EditorDraft | None:
        """What is typed for a record."""
        return self._typed.get(_key(record))

    def opens(self, record: Any) -> bool:
        """Whether selecting this record opens its form."""
        return _key(record) in self._typed and _key(record) not in self._aside

    def __iter__(self) -> Iterator[str]:
        """The ids of the records, `NEW` among them; the oldest draft first."""
        return iter(self._typed)
