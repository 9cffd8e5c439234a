"""What a person is about to fetch: a place on a hub, or a folder in its cache, and what was typed
for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from desktop.services.hub.records import CachedAdapter, HubPreview, HubReference
from desktop.services.records import AdapterType, AddAdapterRequest, Finding
from desktop.views.import_pages.shared.draft import RemoteDraft

PLACE_FIELDS = ("huggingface_name", "revision", "subfolder")
"""What is said of these stands at the fields above, not beside the files."""


@dataclass(eq=False)
class HubDraft(RemoteDraft):
    """One adapter of a hub that may be imported.

    reference: the place as it was asked for; preview: what is there. cached: the adapter in this
    machine's cache that is imported in its place, None = it is fetched.
    """

    source: ClassVar[AdapterType] = AdapterType.HUGGINGFACE
    place_fields: ClassVar[tuple[str, ...]] = PLACE_FIELDS

    reference: HubReference = field(default_factory=lambda: HubReference(""))
    preview: HubPreview | None = None
    cached: CachedAdapter | None = None

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
            **super().import_fields(),
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
        # Where it is shut, the card at least tells which base model it belongs to.
        self.take_inspection(preview.inspection, next(iter(preview.repo.base_models), ""), name)

    def forget_place(self, reference: HubReference) -> None:
        """Nothing is known of this place yet."""
        self.reference, self.preview = reference, None
        self.forget_files()

    def bases(self) -> tuple[str, ...]:
        """The names that its base model goes by: the config's, then the card's."""
        card = self.preview.repo.base_models if self.preview is not None else ()
        return tuple(dict.fromkeys((*super().bases(), *card)))

    def known_from(self) -> str:
        """What only the card tells."""
        if self.preview is None or self.preview.inspection is not None:
            return ""
        return "The model card names one that is not here yet."

    def told(self) -> tuple[Finding, ...]:
        """What the look at the repository, or at the folder of the cache, has found."""
        if self.preview is not None:
            return self.preview.findings
        if self.cached is not None and self.inspection is not None:
            return self.inspection.findings
        return ()
