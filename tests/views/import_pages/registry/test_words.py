"""What is said of a version: plain, cut, and in a fixed order, whatever a registry sends."""

from __future__ import annotations

from desktop.models.registry_models import model_line
from desktop.services.registry.records import (
    Artifact,
    ArtifactFile,
    Connection,
    ConnectionOffer,
    JobOffer,
    ModelVersion,
    RegisteredModel,
    RegistryKind,
    RegistryPreview,
    RunInfo,
)
from desktop.views.import_pages.registry.words import (
    facts_before,
    job_text,
    logged_facts,
    offer_text,
    version_text,
)

SERVER = Connection(RegistryKind.MLFLOW, "https://mlflow.example.com")
HOSTILE = "<b>x</b>\u202e\n" + "y" * 5000


def version(**more: object) -> ModelVersion:
    known = {"model_id": "m", "model_name": "m", "version": "1", **more}
    return ModelVersion(**known)  # type: ignore[arg-type]


def test_an_offer_says_which_variable_and_whether_a_token_comes_with_it() -> None:
    named = ConnectionOffer(SERVER, "MLFLOW_TRACKING_URI")
    assert offer_text(named) == "MLFLOW_TRACKING_URI names https://mlflow.example.com"
    bench = Connection(RegistryKind.CLOUDERA_WORKBENCH, "https://bench.example.com")
    with_key = ConnectionOffer(bench, "CDSW_API_URL", True)
    assert offer_text(with_key) == "CDSW_API_URL names https://bench.example.com, with a token"
    store = ConnectionOffer(Connection(RegistryKind.MLFLOW_STORE, "/home/a/mlruns"), "")
    assert offer_text(store) == "/home/a/mlruns holds an MLflow store"


def test_a_job_says_what_of_its_figures_was_logged() -> None:
    whole = JobOffer(dataset_fraction=0.8, train_test_split=0.9)
    assert job_text(whole).replace("&", "").endswith("(80\u00a0% of the data, split 90/10)")
    assert job_text(JobOffer(train_test_split=0.75)).endswith("(split 75/25)")
    assert job_text(JobOffer(dataset_fraction=0.5)).endswith("(50\u00a0% of the data)")


def test_a_version_is_one_line() -> None:
    line = version_text(version(aliases=("champion",), stage="Production"), "1")
    assert line == "1 · newest · champion · Production"
    assert version_text(version(), "2") == "1"


def test_what_people_look_for_comes_first_whatever_it_is_called() -> None:
    run = RunInfo(
        "r1",
        params=(("batch", "4"), ("lora_r", "16"), ("lr", "1e-4")),
        metrics=(("Eval_Loss", "0.5"), ("loss", "0.4")),
    )
    shown = logged_facts(run, unfolded=False)
    assert [(f.label, f.value) for f in shown] == [
        ("lora_r", "16"),
        ("lr", "1e-4"),
        ("Eval_Loss", "0.5"),
        ("Run logged", "2 more"),
    ]
    every = logged_facts(run, unfolded=True)
    assert [f.label for f in every[-3:]] == ["batch", "loss", "Run logged"]
    assert logged_facts(None, unfolded=True) == []


def test_text_of_a_registry_is_cut_and_shows_what_is_hidden_in_it() -> None:
    run = RunInfo(HOSTILE, HOSTILE, params=((HOSTILE, HOSTILE),))
    strange = version(
        model_name=HOSTILE,
        version=HOSTILE,
        description=HOSTILE,
        status=HOSTILE,
        stage=HOSTILE,
        aliases=(HOSTILE,) * 50,
        tags=((HOSTILE, HOSTILE),) * 500,
    )
    artifact = Artifact((ArtifactFile(HOSTILE, None),))
    preview = RegistryPreview(SERVER, strange, run, artifact, newest=HOSTILE, base_model=HOSTILE)
    for fact in facts_before(preview, unfolded=True):
        for text in (fact.label, fact.value or "", fact.aside):
            assert "\u202e" not in text
            assert "\n" not in text
            assert len(text) < 1200, fact.label
    line = model_line(
        RegisteredModel(HOSTILE, HOSTILE, HOSTILE, HOSTILE, ((HOSTILE, HOSTILE),) * 50)
    )
    assert "\u202e" not in line.title + line.more + line.spoken
    assert len(line.title) < 200
