from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.services.errors import RemoteError
from desktop.services.registry import flat_yaml
from desktop.services.registry.facts import base_model_of, job_of
from desktop.services.registry.mlflow_names import (
    Typed,
    below,
    is_plain,
    logged_model_of,
    not_handed_out,
    parse_typed,
    run_of_uri,
    split_uri,
)
from desktop.services.registry.mlflow_wire import number_text, run_of, seconds_of
from desktop.services.registry.names import Entry, Listing, adapters_in, size_of
from desktop.services.registry.records import JobOffer, ModelVersion, RunInfo
from tests.services.registry.false_mlflow import error_of

BASE = "https://mlflow.example/team"
VERSION = ModelVersion("sql", "sql", "1")
RUN = "0" * 32


# -- what people type --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sql", Typed("sql")),
        ("  sql\t", Typed("sql")),
        ("“sql”", Typed("sql")),
        ("sql/3", Typed("sql", version="3")),
        ("sql/003", Typed("sql", version="3")),
        ("sql@champion", Typed("sql", alias="champion")),
        ("models:/sql", Typed("sql")),
        ("models:/sql/3", Typed("sql", version="3")),
        ("MODELS:/sql@champion", Typed("sql", alias="champion")),
        ("models:/sql/Production", Typed("sql", stage="Production")),
        ("models:/sql/staging", Typed("sql", stage="Staging")),
        ("models:/sql/latest", Typed("sql")),
        ("models:///sql/3/", Typed("sql", version="3")),
        ("a name with blanks/2", Typed("a name with blanks", version="2")),
        ("cat.schema.sql/2", Typed("cat.schema.sql", version="2")),
        ("org/sql", Typed("org/sql")),
        ("org/sql/12", Typed("org/sql", version="12")),
        ("100%/1", Typed("100%", version="1")),
        ("a@b@c", Typed("a@b", alias="c")),
        ("sql/²", Typed("sql/²")),
        (f"{BASE}/#/models/sql/versions/3", Typed("sql", version="3")),
        (f"{BASE}/#/models/a%20b%2Fc?x=1", Typed("a b/c")),
        (f"{BASE}/models/sql/", Typed("sql")),
    ],
)
def test_what_a_typed_text_means(text: str, expected: Typed) -> None:
    assert parse_typed(text, BASE)[0] == expected


def test_a_name_may_hold_a_sign_itself() -> None:
    assert parse_typed("me@home") == (Typed("me", alias="home"), Typed("me@home"))
    assert parse_typed("sql/3") == (Typed("sql", version="3"), Typed("sql/3"))


@pytest.mark.parametrize(
    "text",
    ["", "  ", "a\nb", "a\x00", "x" * 5000, "models:/", "models:/m-" + "0" * 32,
     "https://other.example/#/models/sql", f"{BASE}/#/experiments/3", f"{BASE}evil/#/models/sql",
     f"{BASE}/#/models/%0a", "https://["],
)  # fmt: skip
def test_what_names_no_model(text: str) -> None:
    error_of("not_found", parse_typed, text, BASE)


def test_pages_mean_nothing_where_there_is_no_server() -> None:
    error_of("not_found", parse_typed, "https://mlflow.example/#/models/sql")


@given(st.text(max_size=60))
def test_no_text_is_too_much(text: str) -> None:
    meanings: tuple[Typed, ...] = ()
    with suppress(RemoteError):
        meanings = parse_typed(text, BASE)
    assert all(one.name for one in meanings)


# -- where files are ---------------------------------------------------------------------------


def test_addresses_are_taken_apart() -> None:
    assert split_uri("s3://bucket/a/b/") == ("s3", "bucket", "/a/b")
    assert split_uri("mlflow-artifacts:/1/a?b#c") == ("mlflow-artifacts", "", "/1/a?b#c")
    assert split_uri("/data/x") == ("", "", "/data/x")
    assert split_uri("./mlruns/1") == ("", "", "./mlruns/1")
    assert split_uri("C:\\runs") == ("", "", "C:\\runs")
    assert split_uri("s3://bucket") == ("s3", "bucket", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"runs:/{RUN}/a/b", (RUN, "a/b")),
        (f"runs:/{RUN}", (RUN, "")),
        (f"runs:/{RUN}/", (RUN, "")),
        (f"runs://host/{RUN}/a", None),
        (f"runs:/{RUN}/../x", None),
        (f"runs:/{RUN}/%2e%2e/x", None),
        (f"runs:/{RUN}//x", None),
        ("runs:/", None),
        ("runs:/../x", None),
        ("s3://a/b", None),
    ],
)
def test_a_run_and_a_path_in_it(text: str, expected: tuple[str, str] | None) -> None:
    assert run_of_uri(split_uri(text)) == expected


def test_logged_models() -> None:
    model = "m-" + "0a" * 16
    assert logged_model_of(split_uri(f"models:/{model}")) == model
    for other in (f"models:/{model}/x", "models:/sql/1", f"models://h/{model}", f"s3:/{model}"):
        assert logged_model_of(split_uri(other)) == ""


@pytest.mark.parametrize(
    ("uri", "root", "expected"),
    [
        ("s3://b/1/a/x/y", "s3://b/1/a", "x/y"),
        ("s3://b/1/a", "s3://b/1/a/", ""),
        ("file:///r/a/x", "/r/a", "x"),
        ("s3://b/1/ab", "s3://b/1/a", None),
        ("s3://other/1/a/x", "s3://b/1/a", None),
        ("gs://b/1/a/x", "s3://b/1/a", None),
        ("s3://b/1/a/../x", "s3://b/1/a", None),
        ("s3://b/x", "s3://b", None),
        ("s3://b/x", "", None),
    ],
)
def test_a_path_below_a_root(uri: str, root: str, expected: str | None) -> None:
    assert below(split_uri(uri), split_uri(root)) == expected


def test_paths_go_down_only() -> None:
    assert all(map(is_plain, ("", "a", "a/b.c", "a b/ä", "..a")))
    bad = ("..", "a/../b", "./a", "a//b", "a/", "/a", "%2e%2e/x", "a%2f..%2fb", "a\nb")
    assert not any(map(is_plain, bad))


def test_no_password_of_an_address_is_told() -> None:
    error = not_handed_out("s3://key:pass@bucket/x")
    assert "key" not in error.message
    assert "pass" not in error.message


# -- lists of files ----------------------------------------------------------------------------


def test_where_adapters_are() -> None:
    paths = ["b/adapter_config.json", "a/b/adapter_config.json", "adapter_config.json",
             "a/adapter_config.json", "x/my_adapter_config.json", "z.txt"]  # fmt: skip
    assert adapters_in(paths) == ("", "a", "b", "a/b")


def test_twins_and_files_in_the_place_of_folders_are_skipped() -> None:
    listing = Listing("host")
    entries = [Entry("A.txt", False, 1), Entry("a.txt", False, 2), Entry("d", True)]
    assert listing.add("", entries) == ["d"]
    listing.add("d", [Entry("x", False), Entry("x/y", False), Entry("no", False, refused=True)])
    artifact = listing.artifact()
    assert [file.path for file in artifact.files] == ["A.txt", "d/x"]
    assert artifact.skipped == ("a.txt", "d/x/y", "d/no")


def test_sizes() -> None:
    assert [size_of(value) for value in (0, 5, "7", 1 << 50)] == [0, 5, 7, 1 << 50]
    bad = (None, True, -1, 1.5, "-1", "x", "²", (1 << 50) + 1, "9" * 30)
    assert not any(map(size_of, bad))


# -- what a run tells --------------------------------------------------------------------------


def run(**params: str) -> RunInfo:
    return RunInfo(RUN, params=tuple(params.items()))


def test_the_base_model_that_a_run_names() -> None:
    assert base_model_of(None, VERSION) == ""
    assert base_model_of(run(base_model="acme/base"), VERSION) == "acme/base"
    assert base_model_of(run(model_name_or_path="/data/llama"), VERSION) == "/data/llama"
    assert base_model_of(run(base_model="/data/llama", model_name="acme/b"), VERSION) == "acme/b"
    assert base_model_of(run(base_model="None", model_name=" "), VERSION) == ""
    assert base_model_of(run(base_model="a\nb", model_name="x" * 500), VERSION) == ""
    tagged = ModelVersion("sql", "sql", "1", tags=(("base_model", "acme/tagged"),))
    assert base_model_of(run(base_model="acme/run"), tagged) == "acme/tagged"
    assert base_model_of(RunInfo(RUN, tags=(("base_model", "acme/x"),)), VERSION) == "acme/x"


def test_the_figures_of_a_run() -> None:
    logged = run(
        dataset_fraction="0.5", train_test_split=" 0.1 ", num_train_epochs="3.0",
        learning_rate="2e-4", dataset_name="acme/questions",
    )  # fmt: skip
    assert job_of(logged) == JobOffer(0.5, 0.1, 3, 0.0002, "acme/questions")
    assert job_of(logged).is_worth_it
    assert job_of(None) == job_of(run()) == JobOffer()


@pytest.mark.parametrize(
    "text",
    ["", "0", "-0.5", "1.01", "nan", "inf", "1e-999999", "0,5", "1_0", "０.5", "0x1", "5 %",
     "9" * 400, "None"],
)  # fmt: skip
def test_a_share_that_is_none(text: str) -> None:
    assert job_of(run(dataset_fraction=text, test_size=text)) == JobOffer()


@pytest.mark.parametrize("text", ["0", "-1", "2.5", "1e9", "nan", "three", "1e400"])
def test_epochs_that_are_none(text: str) -> None:
    assert job_of(run(epochs=text, lr="-1")) == JobOffer()


def test_a_whole_share_counts() -> None:
    assert job_of(run(dataset_fraction="1")).dataset_fraction == 1.0


# -- MLflow's records --------------------------------------------------------------------------


def test_figures_are_written_as_people_read_them() -> None:
    values = (1.25, 0.0002, 3, float("nan"), float("inf"), "NaN", True, None, 1 / 3)
    assert [number_text(value) for value in values] == [
        "1.25", "0.0002", "3", "NaN", "Infinity", "NaN", "", "", "0.3333333",
    ]  # fmt: skip


def test_times() -> None:
    assert seconds_of(1500) == seconds_of("1500") == 1.5
    assert [seconds_of(value) for value in (None, True, "x", -1, 0, 1e300)] == [None] * 6


def test_a_run_with_a_dataset() -> None:
    found = run_of(
        {
            "info": {"run_uuid": RUN, "experiment_id": "7"},
            "data": {"metrics": [{"key": "loss", "value": 0.5}], "tags": "none"},
            "inputs": {"dataset_inputs": [{}, {"dataset": {"name": "acme/q"}}]},
        }
    )
    assert found is not None
    assert found.experiment_id == "7"
    assert found.metrics == (("loss", "0.5"),)
    assert job_of(found).dataset == "acme/q"
    assert run_of({"info": {"run_id": "../x"}}) is None
    assert run_of([]) is None


# -- small YAML --------------------------------------------------------------------------------


def test_a_table_of_plain_values() -> None:
    data = (
        b"name: sql\nversion: 3\nrun_id: '007'\ndescription: \"a\\nb \\u20ac\"\ntags: []\nx: null\n"
    )
    assert flat_yaml.parse(data) == {
        "name": "sql", "version": 3, "run_id": "007", "description": "a\nb €", "tags": [],
        "x": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        b"- a\n- b\n",
        b"a: &x 1\nb: *x\n",
        b"a: &x [1]\n",
        b"a: !!python/object/apply:os.system ['true']\n",
        b"a: !!python/name:os.system\n",
        b"a: [[[[[[[[1]]]]]]]]\n",
        b"[" * 100_000,
        b"? [a]\n: b\n? {a: b}\n: c\n",
        b"a: 2024-99-99\n",
        b"a: " + b"9" * 10_000,
        b"\xff\xfe",
        b"a: 1\n" * 30_000,
        b"x" * (flat_yaml.MAX_BYTES + 1),
        b"a: 'open\n",
        b"<<: 5\n",
    ],
)
def test_a_file_that_is_no_table(data: bytes) -> None:
    assert flat_yaml.parse(data) == {}


@given(st.binary(max_size=200))
def test_no_bytes_are_too_much(data: bytes) -> None:
    assert isinstance(flat_yaml.parse(data), dict)
