"""Which registered models the library has adapters of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop.services.errors import NotFoundError
from desktop.services.records import AdapterRecord, AdapterType, Row

if TYPE_CHECKING:
    from desktop.models.library import Library

_Known = tuple[str, str]
"""The registry's address, "" = not known, and the id of the model in it."""


def _known(record: AdapterRecord) -> _Known | None:
    if record.type != AdapterType.MODEL_REGISTRY or not record.cml_registered_model_id:
        return None
    return record.origin.server if record.origin else "", record.cml_registered_model_id


class RegistryShelf(QObject):
    """One for each library (`RegistryShelf.of`). It reads when somebody first wants to know, and
    then follows what is written.

    Signals:
        changed: other adapters are there than before.
    """

    changed = Signal()

    def __init__(self, library: Library) -> None:
        super().__init__(library)
        self._library = library
        self._known: dict[str, _Known] = {}
        self._models: frozenset[_Known] = frozenset()
        self._wanted = False
        library.adaptersChanged.connect(self._adapters_changed)

    @classmethod
    def of(cls, library: Library) -> RegistryShelf:
        """The shelf of this library."""
        return library.findChild(cls) or cls(library)

    def has(self, server: str, model_id: str) -> bool:
        """Whether an adapter in the library is a version of this model of this registry."""
        return (server, model_id) in self._models or ("", model_id) in self._models

    def want(self) -> None:
        """Begin to know; nothing happens the second time, or before the library is open."""
        if not self._wanted and self._library.is_ready:
            self._wanted = True
            self._read(None)

    def _read(self, ids: Sequence[str] | None) -> None:
        # Answers come in the order of the questions: the lane of the catalogue runs one at a time.
        self._library.run(self._do_read, ids, succeeded=self._take, failed=self._failed)

    def _do_read(
        self, _ctx: Any, ids: Sequence[str] | None
    ) -> tuple[Sequence[str] | None, dict[str, _Known]]:
        adapters = self._library.services.adapters
        records = adapters.list_adapters() if ids is None else []
        for key in ids or ():
            try:
                records.append(adapters.get_adapter(key))
            except NotFoundError:
                continue
        return ids, {record.id: known for record in records if (known := _known(record))}

    def _take(self, found: tuple[Sequence[str] | None, dict[str, _Known]]) -> None:
        ids, known = found
        if ids is None:
            self._known = known
        else:
            for key in ids:
                self._known.pop(key, None)
            self._known.update(known)
        models = frozenset(self._known.values())
        if models != self._models:
            self._models = models
            self.changed.emit()

    def _failed(self, _error: Exception) -> None:
        # The library says what is wrong with itself; the next change tries again.
        self._wanted = False

    def _adapters_changed(self, ids: Sequence[str] | None) -> None:
        if not self._wanted:
            return
        if ids is None:
            self._read(None)
            return
        rows = {key: self._library.table.row_by_id(key) for key in ids}
        some = [
            key
            for key, row in rows.items()
            if key in self._known or (row and row[Row.TYPE] == AdapterType.MODEL_REGISTRY)
        ]
        if some:
            self._read(some)
