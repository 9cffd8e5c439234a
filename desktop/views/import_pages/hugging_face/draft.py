"""What a person is about to fetch: a place on a hub, or a folder in its cache, and what was typed
for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from desktop.models.candidates import Draft
from desktop.services.hub.records import CachedAdapter, HubPreview, HubReference
from desktop.services.records import (
    AdapterType,
    AddAdapterRequest,
    Finding,
    FolderInspection,
    Severity,
)

PLACE_FIELDS = ("huggingface_name", "revision", "subfolder")
"""What is said of these stands at the fields above, not beside the files."""


@dataclass(eq=False)
class HubDraft(Draft):
    """One adapter of a hub that may be imported.

    reference: the place as it was asked for; preview: what is there. cached: the adapter in this
    machine's cache that is imported in its place, None = it is fetched. all_files: also those
    that nothing needs.
    """

    reference: HubReference = field(default_factory=lambda: HubReference(""))
    preview: HubPreview | None = None
    cached: CachedAdapter | None = None
    all_files: bool = False

    @property
    def is_there(self) -> bool:
        """Whether something was found that could be imported."""
        return self.preview is not None or (self.cached is not None and self.is_read)

    def request(self) -> AddAdapterRequest:
        """What the services are asked about it."""
        return AddAdapterRequest(
            type=AdapterType.HUGGINGFACE,
            name=self.name,
            description=self.description,
            model_id=self.model_id,
            location=self.path or None,
            huggingface_name=self.reference.repo_id or None,
            fine_tuning_job_id=self.job_id,
            prompt_id=self.prompt_id,
        )

    def import_fields(self) -> dict[str, Any]:
        """The same for `imports`, with the source's own fields."""
        fields: dict[str, Any] = {
            "name": self.name,
            "description": self.description,
            "model_id": self.model_id,
            "fine_tuning_job_id": self.job_id,
            "prompt_id": self.prompt_id,
            "huggingface_name": self.reference.repo_id,
            "revision": self.reference.revision,
            "subfolder": self.reference.subfolder,
        }
        if self.cached is not None:
            return {**fields, "location": self.path, "commit": self.cached.commit}
        commit = self.preview.repo.commit if self.preview is not None else ""
        return {
            **fields,
            "commit": commit,
            "endpoint": self.reference.endpoint,
            "all_files": self.all_files,
        }

    def take_preview(self, reference: HubReference, preview: HubPreview, name: str) -> None:
        """Something was found at this place; name: a free one to propose."""
        self.reference, self.preview = reference, preview
        self.inspection = preview.inspection
        if self.inspection is None and preview.repo.base_models:
            # Shut: the card at least tells which base model it belongs to.
            self.inspection = FolderInspection(path="", base_model_name=preview.repo.base_models[0])
        self.is_read, self.checked = True, None
        self.propose(name)

    def propose(self, name: str) -> None:
        """Give it this name, unless the person gave it one."""
        if not self.name_typed:
            self.name = self.proposed = name

    def forget_place(self, reference: HubReference) -> None:
        """Nothing is known of this place yet."""
        self.reference, self.preview, self.inspection = reference, None, None
        self.is_read, self.checked, self.findings = False, None, ()
        if not self.name_typed:
            self.name = self.proposed = ""
        if not self.model_picked:
            self.model_id = None

    def of_place(self) -> tuple[Finding, ...]:
        """What is wrong with the place itself, errors only."""
        known = [*self.refusals, *self._told(), *self.findings]
        return tuple(
            f
            for f in dict.fromkeys(known)
            if f.field in PLACE_FIELDS and f.severity == Severity.ERROR and f.code != "required"
        )

    def beside(self) -> tuple[Finding, ...]:
        """What is to be said of repository and files, beside their facts."""
        at_fields = self.of_place()
        checked = [f for f in self.findings if f.field in ("location", *PLACE_FIELDS)]
        return tuple(
            f
            for f in dict.fromkeys([*self._told(), *checked])
            if f not in at_fields and f.code not in ("base_not_named", "required")
        )

    def blocking(self) -> list[Finding]:
        """What is known to keep it from being imported."""
        told = [f for f in self._told() if f.severity == Severity.ERROR]
        return list(dict.fromkeys([*told, *super().blocking()]))

    def _told(self) -> tuple[Finding, ...]:
        if self.preview is not None:
            return self.preview.findings
        if self.cached is not None and self.inspection is not None:
            return self.inspection.findings
        return ()
