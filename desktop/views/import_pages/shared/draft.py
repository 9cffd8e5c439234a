"""What a person is about to fetch from a server, and what was typed for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from desktop.models.candidates import Draft
from desktop.services.records import AdapterType, Finding, FolderInspection, Severity


@dataclass(eq=False)
class RemoteDraft(Draft):
    """One adapter of a server that may be imported.

    source: the adapter type. place_fields: what is said of these stands at the fields that name
    the place, not beside the files. all_files: also those that nothing needs.
    """

    source: ClassVar[AdapterType]
    place_fields: ClassVar[tuple[str, ...]] = ()

    all_files: bool = False

    @property
    def is_there(self) -> bool:
        """Whether something was found that could be imported."""
        raise NotImplementedError

    def told(self) -> tuple[Finding, ...]:
        """What the look at the place has found."""
        raise NotImplementedError

    def import_fields(self) -> dict[str, Any]:
        """What it takes to import it, for `imports`, with the source's own fields."""
        return {
            "name": self.name,
            "description": self.description,
            "model_id": self.model_id,
            "fine_tuning_job_id": self.job_id,
            "prompt_id": self.prompt_id,
        }

    def bases(self) -> tuple[str, ...]:
        """The names that its base model goes by, the surest first."""
        named = self.inspection.base_model_name if self.inspection is not None else None
        return (named,) if named else ()

    def named_by(self) -> str:
        """Who names its base model where no config was read: “the run”; "" = the config does."""
        return ""

    def known_from(self) -> str:
        """Who names a base model that is not the config: the sentence that one is not here."""
        return ""

    def take_inspection(self, found: FolderInspection | None, base_model: str, name: str) -> None:
        """Something was found at its place. found: what the files tell, None = nothing so far;
        base_model: who else names one; name: a free one to propose."""
        self.inspection = found
        if found is None and base_model:
            self.inspection = FolderInspection(path="", base_model_name=base_model)
        self.is_read, self.checked = True, None
        self.propose(name)

    def propose(self, name: str) -> None:
        """Give it this name, unless the person gave it one."""
        if not self.name_typed:
            self.name = self.proposed = name

    def forget_files(self) -> None:
        """Nothing is known of its files yet."""
        self.inspection = None
        self.is_read, self.checked, self.findings = False, None, ()
        if not self.name_typed:
            self.name = self.proposed = ""
        if not self.model_picked:
            self.model_id = None

    def of_place(self) -> tuple[Finding, ...]:
        """What is wrong with the place itself, errors only."""
        known = [*self.refusals, *self.told(), *self.findings]
        return tuple(
            f
            for f in dict.fromkeys(known)
            if f.field in self.place_fields
            and f.severity == Severity.ERROR
            and f.code != "required"
        )

    def beside(self) -> tuple[Finding, ...]:
        """What is to be said of the place and its files, beside their facts."""
        at_fields = self.of_place()
        checked = [f for f in self.findings if f.field in ("location", *self.place_fields)]
        return tuple(
            f
            for f in dict.fromkeys([*self.told(), *checked])
            if f not in at_fields and f.code not in ("base_not_named", "required")
        )

    def blocking(self) -> list[Finding]:
        """What is known to keep it from being imported."""
        told = [f for f in self.told() if f.severity == Severity.ERROR]
        return list(dict.fromkeys([*told, *super().blocking()]))
