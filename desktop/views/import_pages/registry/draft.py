"""What a person is about to fetch from a registry, and what was typed for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from desktop.services.records import (
    TRAINING_DEFAULT_DATASET_FRACTION,
    TRAINING_DEFAULT_TRAIN_TEST_SPLIT,
    AdapterType,
    AddAdapterRequest,
    DatasetSplit,
    Finding,
)
from desktop.services.registry.records import Connection, JobOffer, RegistryPreview
from desktop.views.import_pages.shared.draft import RemoteDraft

MODEL = "cml_registered_model_id"
PLACE_FIELDS = (MODEL, "connection", "subfolder")
"""What is said of these stands at the fields above, not beside the files."""


@dataclass(eq=False)
class RegistryDraft(RemoteDraft):
    """One version of a registered model that may be imported.

    connection: the registry that was asked. model: what it was asked for, as `imports` takes it.
    preview: what is there. subfolder: where in the artifact the person wants the adapter from,
    "" = found. record_job: the person wants the run's figures as a training job. described: the
    description that the registry gave, which tells a typed one.
    """

    source: ClassVar[AdapterType] = AdapterType.MODEL_REGISTRY
    place_fields: ClassVar[tuple[str, ...]] = PLACE_FIELDS

    connection: Connection | None = None
    model: str = ""
    preview: RegistryPreview | None = None
    subfolder: str = ""
    record_job: bool = True
    described: str = ""

    @property
    def is_there(self) -> bool:
        """Whether something was found that could be imported."""
        return self.preview is not None

    @property
    def offer(self) -> JobOffer | None:
        """The figures that can become a training job's record, None where there are none."""
        offer = self.preview.job if self.preview is not None else None
        return offer if offer is not None and offer.is_worth_it else None

    @property
    def records_job(self) -> bool:
        """Whether the import will record a training job. One that the person chose goes first."""
        return self.record_job and self.offer is not None and self.job_id is None

    def request(self) -> AddAdapterRequest:
        """What the services are asked about it."""
        version = self.preview.version if self.preview is not None else None
        return AddAdapterRequest(
            type=AdapterType.MODEL_REGISTRY,
            name=self.name,
            description=self.description,
            model_id=self.model_id,
            fine_tuning_job_id=self.job_id,
            prompt_id=self.prompt_id,
            cml_registered_model_id=version.model_id if version is not None else None,
        )

    def import_fields(self) -> dict[str, Any]:
        """The same for `imports`, with the source's own fields."""
        return {
            **super().import_fields(),
            "connection": self.connection,
            "cml_registered_model_id": self.model,
            "subfolder": self.subfolder,
            "all_files": self.all_files,
            "record_job": self.records_job,
        }

    def take_preview(
        self, connection: Connection, model: str, preview: RegistryPreview, name: str
    ) -> None:
        """Something was found there; name: a free one to propose."""
        self.connection, self.model, self.preview = connection, model, preview
        self.describe(preview.version.about)
        self.take_inspection(preview.inspection, preview.base_model, name)

    def describe(self, text: str) -> None:
        """Take this description over, unless the person wrote one."""
        if self.description == self.described:
            self.description = self.described = text

    def forget_place(self) -> None:
        """Nothing is known of what is asked for yet."""
        self.preview, self.model = None, ""
        self.describe("")
        self.forget_files()

    def bases(self) -> tuple[str, ...]:
        """The names that its base model goes by: the config's, else the run's."""
        logged = self.preview.base_model if self.preview is not None else ""
        return tuple(dict.fromkeys((*super().bases(), *((logged,) if logged else ()))))

    def named_by(self) -> str:
        """The run, or a tag, as long as no config was seen."""
        there = self.preview
        if there is None or there.inspection is not None or not there.base_model:
            return ""
        return "the run"

    def known_from(self) -> str:
        """What only the run, or a tag, tells."""
        there = self.preview
        if there is None or (there.inspection is not None and there.inspection.base_model_name):
            return ""
        return "The run names one that is not here yet." if there.base_model else ""

    @property
    def called(self) -> str:
        """What people call what is asked for: `model/3`, `model@alias`; "" = nothing was found."""
        if self.preview is None:
            return ""
        version = self.preview.version
        # Cloudera's ids say nothing to anybody.
        return (
            f"{version.model_name or version.model_id}{self.model.removeprefix(version.model_id)}"
        )

    @property
    def holds_adapter(self) -> bool:
        """Whether an adapter was seen in what was found, or none could be seen before a fetch."""
        there = self.preview
        return there is not None and (there.inspection is not None or there.artifact is None)

    def told(self) -> tuple[Finding, ...]:
        """What the look at the version has found."""
        return self.preview.findings if self.preview is not None else ()

    def logged_split(self) -> DatasetSplit | None:
        """The figures of the run as a split, None where it logged none. One that it did not log is
        the usual one, and says so."""
        offer = self.offer
        if offer is None:
            return None
        fraction, split = offer.dataset_fraction, offer.train_test_split
        return DatasetSplit(
            TRAINING_DEFAULT_DATASET_FRACTION if fraction is None else fraction,
            TRAINING_DEFAULT_TRAIN_TEST_SPLIT if split is None else split,
            fraction is not None,
            split is not None,
            dataset_name=offer.dataset or None,
        )
