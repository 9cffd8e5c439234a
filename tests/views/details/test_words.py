"""What the details say, without a widget."""

from __future__ import annotations

import time

from desktop.services.records import AdapterRecord, DatasetSplit, Finding, JobRecord, Severity
from desktop.views.details import words
from desktop.views.details.edit_draft import EditDraft

NO_BREAK = "\u00a0"


def test_sentences_of_a_split() -> None:
    both = DatasetSplit(0.8, 0.9, True, True, "j", "job", "org/data")
    assert words.split_sentence(both) == f"80{NO_BREAK}% of org/data, split 90/10"
    assert words.split_assumed(both) == ""
    neither = DatasetSplit(job_id="j", job_name="job")
    assert words.split_assumed(neither).startswith("The job records neither figure")
    only_split = DatasetSplit(1.0, 0.8, False, True, "j", "job", None)
    assert words.split_sentence(only_split) == f"100{NO_BREAK}% of the dataset, split 80/20"
    assert "which part of the dataset" in words.split_assumed(only_split)
    assert words.split_badge(only_split) == ("Partly assumed", "", "")
    outside = DatasetSplit(1.5, 0.9, True, True, "j", "job", None)
    assert words.split_sentence(outside) == (
        "Dataset fraction 1.5 of the dataset, train/test split 0.9."
    )


def test_moments(qapp: object) -> None:
    now = time.time()
    assert words.moment(now).startswith("Today, ")
    assert words.moment(None) == "–"
    assert words.moment(float("nan")) == "–"
    assert words.moment(1e40) == "–"
    assert words.exact_moment(None) == ""


def test_job_facts_leave_out_what_is_not_recorded(qapp: object) -> None:
    job = JobRecord("j", out_dir="/data/run-7/", learning_rate=2e-6, extra=(("num_gpu", "2"),))
    shown = {fact.label: fact.value for fact in words.job_facts(job)}
    assert shown == {
        "Called": "run-7",
        "Learning rate": "2e-06",
        "Output folder": "/data/run-7/",
        "Num gpu": "2",
    }


def test_a_long_word_is_elided_rather_than_wrapped() -> None:
    from desktop.views.widgets.fact_list import Fact

    assert words.fitted(Fact("a", "x" * 40)).path
    assert not words.fitted(Fact("a", "some words that wrap")).path
    assert not words.fitted(Fact("a", None)).path


def draft(**given: str) -> EditDraft:
    return EditDraft(AdapterRecord("id", "project", "one", **given))


def test_a_draft_knows_what_changed() -> None:
    mine = draft(description="words", mlflow_run_id="r")
    assert not mine.changed
    mine.set_text("name", " one ")
    assert not mine.changed
    mine.set_text("name", "two")
    mine.set_text("mlflow_run_id", "")
    assert mine.changes() == {"name": "two", "mlflow_run_id": None}
    assert mine.request().name == "two"
    assert mine.request().description == "words"
    mine.set_text("name", "one")
    assert mine.changes() == {"mlflow_run_id": None}


def test_a_draft_goes_on_from_a_newer_record() -> None:
    mine = draft()
    mine.set_text("name", "two")
    mine.rebase(AdapterRecord("id", "project", "two", description="theirs"))
    assert not mine.changed
    assert mine.text("description") == "theirs"


def test_only_what_is_changed_is_blamed() -> None:
    mine = draft()
    old = Finding("model_id", "unknown", Severity.ERROR, "This base model is not there.")
    taken = Finding("name", "name_taken", Severity.ERROR, "Another adapter has this name.")
    mine.findings = (old, taken)
    assert mine.errors() == ()
    mine.set_text("name", "two")
    assert mine.errors() == (taken,)
    mine.refusals = (taken, Finding("location", "x", Severity.ERROR, "Elsewhere."))
    assert mine.of_field("name") == (taken,)
    assert [f.message for f in mine.unplaced()] == ["Elsewhere."]
    mine.set_text("name", "three")
    assert all(f.field != "name" for f in mine.refusals)
