"""What the details of an adapter say, as plain text. No widget is made here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale

from desktop.models.formats import (
    UNKNOWN,
    bytes_text,
    date_text,
    moment_text,
    number_of,
    one_line,
    percent_text,
    size_text,
    source_icon,
    source_title,
    split_text,
    whole_text,
)
from desktop.services.peft_folder.peft_types import type_title
from desktop.services.peft_folder.reading import printable
from desktop.services.records import (
    DatasetSplit,
    Finding,
    FolderInspection,
    FolderState,
    JobRecord,
    Origin,
    Severity,
)
from desktop.views.adapter_facts import (
    alpha_fact,
    decimal,
    number_fact,
    rank_fact,
    targets_fact,
    task_fact,
)
from desktop.views.widgets.fact_list import Fact

if TYPE_CHECKING:
    from desktop.services.adapters import AdapterDetails


STATES = {
    FolderState.MISSING: ("Missing", "warning", "missing"),
    FolderState.CHANGED: ("Changed", "note", "refresh"),
    FolderState.UNREACHABLE: ("Not reachable", "warning", "missing"),
}
"""What is said of a folder that is not as it was: word, tone, icon."""

VERDICTS = {
    "fits": ("Fits", "ok", "ok"),
    "named": ("By name", "", ""),
    "differs": ("Differs", "warning", "warning"),
    "unknown": ("Not known", "", ""),
}
"""What is said of an adapter and its base model: word, tone, icon."""


FOLDER_FINDINGS = {
    FolderState.MISSING: Finding(
        "location",
        "folder_away",
        Severity.WARNING,
        "The folder is away.",
        "If it moved, Locate… finds it again and checks that it is the same adapter.",
    ),
    FolderState.UNREACHABLE: Finding(
        "location",
        "folder_unreachable",
        Severity.WARNING,
        "The folder can’t be reached now.",
        "The drive that it lies on does not answer. What is shown here is from the last check.",
    ),
    FolderState.CHANGED: Finding(
        "location",
        "folder_changed",
        Severity.NOTE,
        "The files were changed since the last check.",
        "What is shown here may be out of date until it is checked again.",
    ),
}
"""What the state of a folder has to say; the catalogue keeps no finding of it."""

_MOST_COPIES, _MOST_LISTED = 3, 30
_USUAL_HUB = "https://huggingface.co"
_LONG_WORD = re.compile(r"\S{19,}")


def line(text: object) -> str:
    """Outside text in one line that can be shown; "" for nothing."""
    return one_line(text).strip()


def path_text(path: str | None) -> str:
    """A path in one line that can be read: nothing of it is lost, bytes that are no text are
    written as escapes."""
    return printable(path or "", 100_000)


# -- the head -----------------------------------------------------------------------------------


def badges(details: AdapterDetails) -> list[tuple[str, str, str]]:
    """(word, tone, icon) of every badge under the name: state first, since it is news."""
    found = []
    if details.record.state in STATES:
        found.append(STATES[details.record.state])
    there = details.inspection
    if there is not None and (there.variant or there.peft_type):
        shown = there.variant or type_title(there.peft_type or "")
        found.append((printable(shown, 40), "", ""))
    if there is not None and there.rank is not None:
        found.append((f"rank {whole_text(there.rank)}", "", ""))
    return found


# -- the dataset split --------------------------------------------------------------------------


def split_badge(split: DatasetSplit) -> tuple[str, str, str]:
    """(word, tone, icon) that says where the figures come from."""
    both = split.dataset_fraction_recorded and split.train_test_split_recorded
    if both:
        return "Recorded", "ok", "ok"
    return ("Partly assumed" if split.recorded else "Assumed"), "", ""


def split_sentence(split: DatasetSplit) -> str:
    """The figures in words: `80 % of b-mc2/sql-create-context, split 90/10`."""
    of = line(split.dataset_name) or "the dataset"
    if not split.drawable:
        fraction = decimal(split.dataset_fraction, 1)
        return (
            f"Dataset fraction {fraction} of {of}, train/test split "
            f"{decimal(split.train_test_split, 1)}."
        )
    return (
        f"{percent_text(split.dataset_fraction)} of {of}, "
        f"split {split_text(split.train_test_split)}"
    )


def split_assumed(split: DatasetSplit) -> str:
    """The sentence that says which figures nobody recorded, "" where both are."""
    usual_part = percent_text(1.0)
    usual_split = split_text(0.9)
    if split.dataset_fraction_recorded and split.train_test_split_recorded:
        return ""
    if split.job_id is None:
        return (
            "No training job names this adapter, so the usual "
            f"{usual_part} and {usual_split} are shown."
        )
    if split.dataset_fraction_recorded:
        return f"The job does not record the split, so the usual {usual_split} is assumed."
    if split.train_test_split_recorded:
        return (
            "The job does not record which part of the dataset was used, so the usual "
            f"{usual_part} is assumed."
        )
    return f"The job records neither figure, so the usual {usual_part} and {usual_split} are shown."


UNDRAWN = "A figure lies outside 0 to 1, so nothing is drawn. Correct it in the training job."


# -- findings -----------------------------------------------------------------------------------


def findings(details: AdapterDetails) -> tuple[Finding, ...]:
    """Everything that is to be said: the state of the folder, then what the last check found."""
    state = FOLDER_FINDINGS.get(details.record.state)
    found = dict.fromkeys((*((state,) if state else ()), *details.findings))
    return tuple(f for f in found if not (state and f.code == "folder_missing"))


# -- facts --------------------------------------------------------------------------------------


def fitted(fact: Fact) -> Fact:
    """The fact, on one line that loses its middle where a word of it is too long to be broken."""
    value = fact.value or ""
    if fact.link or fact.path or not _LONG_WORD.search(value):
        return fact
    return replace(fact, path=True)


def adapter_facts(there: FolderInspection) -> list[Fact]:
    """What the config and the weights say."""
    parameters = whole_text(there.parameters)
    numbers, all_numbers = number_fact(there.dtypes)
    if there.parameters is not None and there.dtypes:
        parameters = f"{parameters} in {numbers}"
    written = there.peft_type or ""
    shown = there.variant or (type_title(written) if written else "")
    kind = line(shown) or UNKNOWN
    if written and shown.casefold() != written.casefold():
        kind = f"{kind} ({line(written)})"
    facts = [
        Fact("PEFT type", kind),
        _fact("Rank", rank_fact(there)),
        _fact("Alpha", alpha_fact(there)),
        _fact("Targets", targets_fact(there)),
        Fact("Parameters", parameters, tooltip=all_numbers),
        _fact("Task", task_fact(there)),
        Fact("Tensors", whole_text(there.tensor_count)),
        Fact("Size", size_text(there.size_bytes), tooltip=_bytes(there.size_bytes)),
    ]
    if there.base_model_name:
        facts.append(Fact("Config names", line(there.base_model_name), path=True))
    if there.base_model_revision:
        facts.append(Fact("Its revision", line(there.base_model_revision), path=True))
    return [fitted(fact) for fact in facts]


def _fact(label: str, said: tuple[str, str]) -> Fact:
    return Fact(label, said[0], tooltip=said[1])


def _bytes(size: int | None) -> str:
    return "" if size is None else bytes_text(size)


def copies_fact(names: Sequence[str]) -> list[Fact]:
    """Who has the same weights; nothing where nobody has."""
    if not names:
        return []
    said = ", ".join(f"“{name}”" for name in names[:_MOST_COPIES])
    if len(names) > _MOST_COPIES:
        said += f" and {whole_text(len(names) - _MOST_COPIES)} more"
    return [fitted(Fact("Same weights", said, tooltip="\n".join(names[:_MOST_LISTED])))]


def origin_facts(details: AdapterDetails) -> list[Fact]:
    """Where the adapter comes from, with every field of its record that is filled in."""
    record = details.record
    word = source_title(record.type) or UNKNOWN
    fetched = record.origin is not None and record.managed
    kept = "fetched" if fetched else "copied into the library" if record.managed else ""
    kept = kept or "kept in place"
    facts = [
        Fact("Source", f"{word}, {kept}", icon=source_icon(record.type)),
        Fact("Path", path_text(record.path or record.location), path=True),
    ]
    for label, value in (
        ("Hub name", record.huggingface_name),
        *_origin_pairs(record.origin),
        ("Commit" if record.huggingface_name else "Version", record.revision),
        ("Registry ID", record.cml_registered_model_id),
        ("Experiment", record.mlflow_experiment_id),
        ("Run", record.mlflow_run_id),
    ):
        if value:
            tip = f"MLflow {label.lower()} ID" if label in ("Experiment", "Run") else ""
            facts.append(fitted(Fact(label, line(value), tooltip=tip)))
    facts.append(_linked("Prompt", "prompt", record.prompt_id, details.prompt))
    facts.append(_linked("Training job", "job", record.fine_tuning_job_id, details.job))
    facts += [
        Fact("Added", moment(record.added_at), tooltip=exact_moment(record.added_at)),
        Fact("Checked", moment(details.checked_at), tooltip=exact_moment(details.checked_at)),
        Fact("ID", line(record.id), path=True),
    ]
    return facts


def _origin_pairs(origin: Origin | None) -> list[tuple[str, str]]:
    """Server, revision and sub-folder that were asked for; the usual ones go without saying."""
    if origin is None:
        return []
    server = "" if origin.server == _USUAL_HUB else origin.server
    return [
        ("Server", server),
        ("Revision", origin.revision),
        ("Sub-folder", origin.subfolder),
    ]


def _linked(label: str, key: str, record_id: str | None, record: object) -> Fact:
    """A record that the adapter refers to: a link where the library has it, else its id."""
    if not record_id:
        return Fact(label, None)
    title = getattr(record, "title", None)
    if title is None:
        return Fact(label, line(record_id), path=True, tooltip="It is not in the library any more.")
    return Fact(label, line(str(title)), key=key, link=True)


def job_facts(job: JobRecord) -> list[Fact]:
    """What a training job records; what it does not say is left out."""
    pairs = (
        ("Dataset", line(job.dataset_name or job.dataset_id)),
        ("Prompt", line(job.prompt_name or job.prompt_id)),
        ("Base model", line(job.base_model_name or job.base_model_id)),
        ("Epochs", "" if job.num_epochs is None else line(str(job.num_epochs))),
        ("Learning rate", "" if job.learning_rate is None else rate(job.learning_rate)),
        ("Output folder", path_text(job.out_dir)),
        ("Framework", line(job.framework_type)),
    )
    facts = [Fact("Called", line(job.title), key="job", link=True)]
    facts += [fitted(Fact(label, value)) for label, value in pairs if value]
    facts += [fitted(Fact(_column(name), line(value))) for name, value in job.extra]
    return facts


def _column(name: str) -> str:
    """`num_gpu` -> `Num gpu`: a column that only the studio has."""
    words = line(name).replace("_", " ")
    return words[:1].upper() + words[1:]


def rate(value: object) -> str:
    """A learning rate, as people write one: 0.0002, 2e-06."""
    return f"{value:g}" if isinstance(value, int | float) else line(str(value))


def moment(seconds: object) -> str:
    """`Today, 09:42`; an en dash where it is not known."""
    number, day = number_of(seconds), date_text(seconds)
    if number is None or day == UNKNOWN:
        return UNKNOWN
    when = QDateTime.fromMSecsSinceEpoch(round(number * 1000))
    return f"{day}, {QLocale().toString(when.time(), 'HH:mm')}"


def exact_moment(seconds: object) -> str:
    """Date and time in full, for a tooltip; "" where it is not known."""
    return "" if number_of(seconds) is None else moment_text(seconds)


def base_sentence(details: AdapterDetails) -> str:
    """Whether the adapter fits its base model, as far as anybody can tell."""
    if details.base_model is None:
        if details.record.model_id:
            return f"Its base model, {line(details.record.model_id)}, is not in the library."
        return "No base model is recorded."
    if details.fit is not None:
        return details.fit.sentence
    return "Not compared yet. Check again looks into the folder."
