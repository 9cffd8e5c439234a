"""What is said of a record in words, for its detail: facts, and the split that a job records."""

from __future__ import annotations

from typing import Any

from desktop.models.formats import SOURCES, number_of, percent_text, split_text
from desktop.services.records import (
    TRAINING_DEFAULT_DATASET_FRACTION,
    TRAINING_DEFAULT_TRAIN_TEST_SPLIT,
    DatasetSplit,
    Finding,
    JobRecord,
    Severity,
)
from desktop.views.records.cells import DATASET_KINDS, shown
from desktop.views.records.figures import number_text
from desktop.views.records.kinds import FRAMEWORKS
from desktop.views.widgets.fact_list import Fact

_LONG = 48  # characters from which on a value is one line with a button that copies it

# What a studio calls its columns, and what they are.
_COLUMNS = {
    "adapter_bnb_config": "Adapter bits",
    "axolotl_config": "Axolotl",
    "cml_job": "CML job",
    "framework_type": "Framework",
    "gpu_label": "GPU label",
    "lora_config": "LoRA config",
    "model_bnb_config": "Model bits",
    "num_cpu": "CPUs",
    "num_gpu": "GPUs",
    "num_memory": "Memory",
    "num_workers": "Workers",
    "training_arguments_config": "Arguments",
    "user_config": "User config",
    "user_script": "User script",
}


def facts_of(kind: str, record: Any) -> list[Fact]:
    """The facts of a record of this kind (a page's key), always the same labels in one order."""
    return [*_FACTS[kind](record), Fact("ID", shown(record.id), path=True)]


def _base_model(record: Any) -> list[Fact]:
    words, icon = SOURCES.get(record.type, (shown(record.type), ""))
    return [
        Fact("Source", words, icon=icon),
        Fact("Hub name", shown(record.huggingface_name)),
        Fact("Folder", shown(record.location), path=True),
        Fact("Registry ID", shown(record.cml_registered_model_id)),
        Fact("Framework", dict(FRAMEWORKS).get(record.framework or "-") or shown(record.framework)),
        Fact("Experiment", shown(record.mlflow_experiment_id), tooltip="MLflow experiment ID"),
        Fact("Run", shown(record.mlflow_run_id), tooltip="MLflow run ID"),
    ]


def _prompt(record: Any) -> list[Fact]:
    return [linked("Dataset", "datasets", record.dataset_id, record.dataset_name)]


def _dataset(record: Any) -> list[Fact]:
    words, icon = DATASET_KINDS.get(record.type, (shown(record.type), ""))
    return [
        Fact("Kind", words, icon=icon),
        Fact("Hub name", shown(record.huggingface_name)),
        Fact("Place", shown(record.location), path=True),
        Fact("Columns", shown(", ".join(record.features))),
    ]


def _job(record: Any) -> list[Fact]:
    adapter = shown(record.adapter_name)
    return [
        Fact("Adapter", adapter, f"adapters:{record.adapter_id}", link=bool(record.adapter_id)),
        linked("Base model", "base_models", record.base_model_id, record.base_model_name),
        linked("Dataset", "datasets", record.dataset_id, record.dataset_name),
        linked("Prompt", "prompts", record.prompt_id, record.prompt_name),
        Fact("Epochs", number_text(record.num_epochs)),
        Fact("Learning rate", number_text(record.learning_rate)),
        Fact("Output folder", shown(record.out_dir), path=True),
        Fact("Framework", shown(record.framework_type)),
    ]


_FACTS = {"base_models": _base_model, "prompts": _prompt, "datasets": _dataset, "jobs": _job}


def linked(label: str, kind: str, key: str | None, name: str | None) -> Fact:
    """A record that another one refers to, as a link; where it is gone, its ID and a warning."""
    if key and not name:
        gone = "It is not in the library any more."
        return Fact(label, shown(key), tone="warning", icon="warning", tooltip=gone)
    return Fact(label, shown(name), f"{kind}:{key}", link=True)


def extra_facts(record: Any) -> list[Fact]:
    """What only a studio uses of a job, under readable names."""
    facts = []
    for column, value in getattr(record, "extra", ()):
        stem = column.removesuffix("_id")
        label = _COLUMNS.get(stem, stem.replace("_", " ").capitalize()[:18])
        label += " ID" if column != stem else ""
        text = shown(value)
        facts.append(Fact(label, text, path=len(text) > _LONG, tooltip=column))
    return facts


def split_of(job: JobRecord) -> DatasetSplit:
    """The split that a job records, the usual figures where it records none."""
    fraction, part = number_of(job.dataset_fraction), number_of(job.train_test_split)
    found = tuple(
        Finding(
            field,
            "figure_out_of_range",
            Severity.WARNING,
            f"The {word} is {percent_text(figure)}, outside 0 to 100\u00a0%.",
            "It is shown as it is and not drawn. Edit the job to correct it.",
        )
        for field, word, figure in (
            ("dataset_fraction", "part of the dataset", fraction),
            ("train_test_split", "part for training", part),
        )
        if figure is not None and not 0 <= figure <= 1
    )
    return DatasetSplit(
        TRAINING_DEFAULT_DATASET_FRACTION if fraction is None else fraction,
        TRAINING_DEFAULT_TRAIN_TEST_SPLIT if part is None else part,
        fraction is not None,
        part is not None,
        job.id,
        job.title,
        job.dataset_name,
        found,
    )


def split_words(split: DatasetSplit) -> str:
    """The split in a sentence: how much of which dataset, how it is divided, what is assumed."""
    whole = shown(split.dataset_name) or "the dataset"
    figures = percent_text(split.dataset_fraction), split_text(split.train_test_split)
    said = f"{figures[0]} of {whole}, split {figures[1]}."
    if not split.recorded:
        return f"No figure is recorded, so the usual ones stand in: {said}"
    if not split.dataset_fraction_recorded:
        return f"{said} The part of the dataset is not recorded; all of it is usual."
    if not split.train_test_split_recorded:
        return f"{said} The part for training is not recorded; 90/10 is usual."
    return said
