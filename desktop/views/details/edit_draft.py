"""What a person has typed about one adapter and not saved yet. Plain Python."""

from __future__ import annotations

from dataclasses import dataclass, field

from desktop.services.records import (
    ADAPTER_FIELDS,
    AdapterRecord,
    AddAdapterRequest,
    Finding,
    Severity,
)

EDITED_FIELDS = (
    "name",
    "description",
    "model_id",
    "prompt_id",
    "fine_tuning_job_id",
    "huggingface_name",
    "cml_registered_model_id",
    "mlflow_experiment_id",
    "mlflow_run_id",
)
"""The fields of the form, in its order. The folder has a way of its own: Locate…"""


@dataclass(eq=False)
class EditDraft:
    """The edit of one adapter.

    record: the adapter as the catalogue has it. typed: field -> text, only of fields that differ
    from the record. findings: what a check said about `checked`; refusals: what only saving found.
    """

    record: AdapterRecord
    typed: dict[str, str] = field(default_factory=dict)
    checked: AddAdapterRequest | None = None
    findings: tuple[Finding, ...] = ()
    refusals: tuple[Finding, ...] = ()

    def text(self, name: str) -> str:
        """What stands in a field: typed, else of the record; "" = not given."""
        return self.typed.get(name, self.stored(name))

    def stored(self, name: str) -> str:
        """What the catalogue has in a field; "" = nothing."""
        return getattr(self.record, name) or ""

    def set_text(self, name: str, text: str) -> bool:
        """Put text into a field; whether that is news. What was refused there is settled by it."""
        if text == self.text(name):
            return False
        if text == self.stored(name):
            del self.typed[name]
        else:
            self.typed[name] = text
        self.refusals = tuple(f for f in self.refusals if f.field != name)
        return True

    @property
    def changed(self) -> bool:
        """Whether there is anything to save: blanks around a text are none of it."""
        return bool(self.changes())

    def changes(self) -> dict[str, str | None]:
        """The fields to change, and to what; None = not given any more."""
        return {
            name: text.strip() or None
            for name, text in self.typed.items()
            if text.strip() != self.stored(name).strip()
        }

    def request(self) -> AddAdapterRequest:
        """The adapter as it would be after saving, to be checked."""
        given = {name: getattr(self.record, name) for name in ADAPTER_FIELDS}
        return AddAdapterRequest(**(given | self.changes()))

    @property
    def is_checked(self) -> bool:
        """Whether `findings` is about what stands in the form now."""
        return self.checked is not None and self.checked == self.request()

    def rebase(self, record: AdapterRecord) -> None:
        """Go on from a newer state of the record: fields that were not touched follow it."""
        self.record = record
        for name in [n for n, text in self.typed.items() if text == self.stored(n)]:
            del self.typed[name]

    def of_field(self, name: str) -> tuple[Finding, ...]:
        """What is to be said beside one field: only of what the edit changes, since an old
        trouble elsewhere must not keep a person from mending this one."""
        if name not in self.changes():
            return ()
        found = dict.fromkeys((*self.refusals, *self.findings))
        return tuple(f for f in found if f.field == name)

    def errors(self) -> tuple[Finding, ...]:
        """What keeps this edit from being saved."""
        found = (f for name in self.changes() for f in self.of_field(name))
        return tuple(f for f in found if f.severity == Severity.ERROR)

    def unplaced(self) -> tuple[Finding, ...]:
        """What saving refused about a field that the form does not show."""
        return tuple(f for f in self.refusals if f.field not in EDITED_FIELDS)
