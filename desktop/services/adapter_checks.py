"""Checking adapters that are in: their folders, base models and links."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from desktop.services.adapter_reading import AdapterReader
from desktop.services.catalog import seen, store
from desktop.services.catalog.paths import resolve
from desktop.services.catalog.schema import folders
from desktop.services.errors import CatalogError, NotFoundError
from desktop.services.progress import Progress, silent
from desktop.services.records import (
    ADAPTER_FIELDS,
    AddAdapterRequest,
    Finding,
    FolderInspection,
    FolderState,
    blocks,
    errors_first,
)

_MARKS = ("adapter_id", "fingerprint", "state")
_PLACES = ("id", "location")


class AdapterChecks(AdapterReader):
    """Looks at adapters that are in, and keeps what it saw."""

    def validate(
        self,
        request: AddAdapterRequest,
        *,
        own_id: str | None = None,
        inspection: FolderInspection | None = None,
    ) -> tuple[Finding, ...]:
        """What adding (or changing `own_id` into) this would say; errors first. Changes nothing."""
        return self.validator.check(request, own_id=own_id, inspection=inspection)[0]

    def check_adapter(self, adapter_id: str) -> tuple[Finding, ...]:
        """Look at an adapter that is in: its folder, base model and links; errors first.

        The result is kept with the row (where the catalogue can be written), so that the table
        shows it without looking again.

        Raises:
            NotFoundError: no adapter has this id.
        """
        record = self.get_adapter(adapter_id)
        request = AddAdapterRequest(**{name: getattr(record, name) for name in ADAPTER_FIELDS})
        found, inspection = self.validator.check(request, own_id=adapter_id)
        split = self.get_dataset_split_by_adapter(adapter_id)
        # That another row has this folder was said when it was added; it is nothing to mend.
        found = tuple(f for f in found if f.code != "location_known")
        if inspection is not None and not self._catalog.read_only:
            state = FolderState.OK
            if not inspection.files and not os.path.isdir(inspection.path):
                state = FolderState.MISSING
            # What was found is told also while nothing can be written.
            with suppress(CatalogError):
                self._keep(adapter_id, inspection, (*found, *split.findings), state)
        return errors_first((*found, *split.findings))

    def check_adapters(self, ids: Sequence[str], progress: Progress | None = None) -> int:
        """Check several; returns how many have an error. One that is gone is passed over."""
        report = progress or silent
        broken = 0
        for done, adapter_id in enumerate(ids):
            report(done, len(ids), "")
            try:
                broken += blocks(self.check_adapter(adapter_id))
            except NotFoundError:
                continue
        report(len(ids), len(ids), "")
        return broken

    def _keep(
        self,
        adapter_id: str,
        inspection: FolderInspection,
        found: Sequence[Finding],
        state: FolderState,
    ) -> None:
        # A look is no change of the person's: it is not in the history.
        if state == FolderState.MISSING:
            values: dict[str, Any] = {"state": state}
        else:
            values = seen.inspection_values(inspection, found) | {"state": state}
        values["checked_at"] = time.time()
        with self._catalog.write(None) as transaction:
            if transaction.get(folders, adapter_id) is None:
                transaction.insert(folders, {"adapter_id": adapter_id})
            transaction.update(folders, adapter_id, values)

    def set_states(self, states: dict[str, FolderState]) -> list[str]:
        """Mark what a look at the folders saw; returns the ids whose mark changed."""
        changed = []
        with self._catalog.write(None) as transaction:
            for adapter_id, state in states.items():
                row = transaction.get(folders, adapter_id)
                if row is not None and row.get("state") == state:
                    continue
                if transaction.get(store.ADAPTERS, adapter_id) is None:
                    continue
                if row is None:
                    transaction.insert(folders, {"adapter_id": adapter_id})
                transaction.update(folders, adapter_id, {"state": state})
                changed.append(adapter_id)
        return changed

    def fingerprints(self) -> list[tuple[str, str | None, str | None, str]]:
        """(id, path, fingerprint of the last check, state) of every adapter."""
        catalog, root = self._catalog, self._catalog.location.root
        with catalog.read() as connection:
            # Two columns of twenty: what was found in a hundred thousand folders is not held here.
            marks = {
                row["adapter_id"]: (row.get("fingerprint"), row.get("state"))
                for row in store.each_of(catalog, connection, folders, _MARKS)
            }
            return [
                (row["id"], resolve(row.get("location"), root), mark, str(state or "unknown"))
                for row in store.each_of(catalog, connection, store.ADAPTERS, _PLACES)
                for mark, state in [marks.get(row["id"], (None, None))]
            ]


def differences(known: FolderInspection, there: FolderInspection) -> list[str]:
    """In what two folders hold different adapters, in words; empty if they look the same."""
    pairs = (
        ("the type", known.peft_type, there.peft_type),
        ("the rank", known.rank, there.rank),
        ("the count of parameters", known.parameters, there.parameters),
        ("the count of tensors", known.tensor_count, there.tensor_count),
        ("the size of the weights", known.size_bytes, there.size_bytes),
        ("the contents of the weights", known.content_id or None, there.content_id or None),
        ("the base model", known.base_model_name, there.base_model_name),
    )
    return [f"{word} differs" for word, a, b in pairs if a is not None and a != b]
