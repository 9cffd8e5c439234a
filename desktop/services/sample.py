"""A sample library to try Lorarium with: real, small adapters, made by PEFT."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from desktop.services.records import (
    AddAdapterRequest,
    AddBaseModelRequest,
    AddDatasetRequest,
    AddJobRequest,
    AddPromptRequest,
)

if TYPE_CHECKING:
    from desktop.services.adapters import Adapters
    from desktop.services.base_models import BaseModels
    from desktop.services.training import Training

DATA = Path(__file__).with_name("sample_data")
RUNS = "runs"
NOT_IMPORTED = "support-sft"
"""The training run that stays outside, for the first import of one's own."""

LLAMA = "meta-llama/Llama-2-7b-hf"
BLOOM = "bigscience/bloom-1b1"
SQL_DATASET = "b-mc2/sql-create-context"


class SampleServices(Protocol):
    """What of the services a sample library is made with."""

    @property
    def base_models(self) -> BaseModels:
        """The models that adapters belong to."""

    @property
    def training(self) -> Training:
        """Prompts, datasets and fine-tuning jobs."""

    @property
    def adapters(self) -> Adapters:
        """The adapters."""


@dataclass(frozen=True)
class _Sample:
    """An adapter of the sample library; its name is that of its folder under runs/."""

    name: str
    description: str
    base: str = LLAMA
    sql: bool = False


SAMPLES = (
    _Sample(
        "sql-context-r16",
        "Answers questions about a table with SQL, given its CREATE TABLE statement.",
        sql=True,
    ),
    _Sample("sql-context-dora", "The same task, with DoRA at half the rank.", sql=True),
    _Sample("support-tone-r8", "Answers support mail in a calm tone. Weights in bfloat16."),
    _Sample("support-tone-ia3", "The same tone with IA³: scaling vectors instead of matrices."),
    _Sample("summarise-minutes", "Summarises meetings; AdaLoRA chose the rank of each module."),
    _Sample("extract-invoice", "Reads dates and amounts from invoices."),
    _Sample("classify-topic", "Prompt tuning: a few learned tokens before the question."),
    _Sample("dialogue-bloom-r16", "Small talk in French and English.", base=BLOOM),
    # Its r was set to 4 after the training; its weights still have rank 8.
    _Sample("notes-to-tasks", "Turns notes into tasks."),
)


def create_sample_library(services: SampleServices, folder: Path) -> Path:
    """Fill an empty library with sample adapters whose files are copied to `folder`/runs.

    Two base models, a dataset, a prompt and one training job that records its split (80 % of the
    dataset, split 90/10) come with them; one adapter has a problem. No network is needed.

    Returns the folder of a finished training run with two checkpoints that is *not* in the library.

    Raises:
        OSError: the files could not be copied, or are there already.
        LorariumError: the library can't be written, or has an adapter of one of these names.
    """
    runs = folder / RUNS
    # File by file: the copies are the person's to change, also where the program is read-only.
    shutil.copytree(DATA / RUNS, runs, copy_function=shutil.copyfile)
    bases = {
        name: services.base_models.add_base_model(
            AddBaseModelRequest(type="huggingface", huggingface_name=name)
        ).id
        for name in (LLAMA, BLOOM)
    }
    prompt, job = _training(services.training, bases[LLAMA], str(runs / SAMPLES[0].name))
    for sample in SAMPLES:
        services.adapters.add_adapter(
            AddAdapterRequest(
                type="project",
                name=sample.name,
                description=sample.description,
                model_id=bases[sample.base],
                location=str(runs / sample.name),
                prompt_id=prompt if sample.sql else None,
                fine_tuning_job_id=job if sample is SAMPLES[0] else None,
            )
        )
    return runs / NOT_IMPORTED


def _training(training: Training, base_id: str, out_dir: str) -> tuple[str, str]:
    """How the first sample was trained; returns the ids of its prompt and its job."""
    dataset = training.add_dataset(
        AddDatasetRequest(
            type="huggingface",
            name="SQL with context",
            huggingface_name=SQL_DATASET,
            description="Questions, tables as CREATE TABLE statements, and the SQL that answers.",
            features=("answer", "question", "context"),
        )
    )
    question = (
        "You write one SQL query that answers the question.\n\n"
        "TABLES:\n{context}\n\nQUESTION: {question}\n\nSQL: "
    )
    prompt = training.add_prompt(
        AddPromptRequest(
            name="Question to SQL",
            description="One table, one question, one query.",
            dataset_id=dataset.id,
            prompt_template=question + "{answer}",
            input_template=question,
            completion_template="{answer}",
        )
    )
    job = training.add_job(
        AddJobRequest(
            adapter_name=SAMPLES[0].name,
            base_model_id=base_id,
            dataset_id=dataset.id,
            prompt_id=prompt.id,
            out_dir=out_dir,
            dataset_fraction=0.8,
            train_test_split=0.9,
            num_epochs=3,
            learning_rate=2e-4,
        )
    )
    return prompt.id, job.id
