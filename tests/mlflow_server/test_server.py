"""What was registered with the server is there, by the routes and fields that README.md lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.mlflow_server.store import EXPERIMENT, MlflowServer, Version
from tests.support import LLAMA

API = "/api/2.0/mlflow"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
WITH_ADAPTER = (
    "llama-sql",
    "plain-lora",
    "nested-lora",
    "address-lora",
    "logged-lora",
    "pyfunc-lora",
)


@pytest.fixture
def client(mlflow_server: MlflowServer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=mlflow_server.url, trust_env=False, timeout=30) as opened:
        yield opened


def get(client: httpx2.Client, route: str, **asked: str | int) -> dict[str, Any]:
    """The answer to a question that the server understands."""
    answer = client.get(route, params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    found = answer.json()
    assert isinstance(found, dict)
    return found


def pairs(found: list[dict[str, str]]) -> dict[str, Any]:
    return {one["key"]: one["value"] for one in found}


def address(client: httpx2.Client, version: Version) -> str:
    """The path below `mlflow-artifacts` at which a version's artifact is."""
    uri = get(
        client,
        f"{API}/model-versions/get-download-uri",
        name=version.name,
        version=version.version,
    )["artifact_uri"]
    if uri.startswith("runs:/"):
        run, _, path = uri.removeprefix("runs:/").partition("/")
        root = get(client, f"{API}/runs/get", run_id=run)["run"]["info"]["artifact_uri"]
        uri = f"{root}/{path}"
    assert uri.startswith("mlflow-artifacts:/")
    return str(uri.removeprefix("mlflow-artifacts:/"))


@pytest.mark.parametrize("name", WITH_ADAPTER)
def test_every_form_holds_the_bytes_of_the_adapter(
    mlflow_server: MlflowServer, client: httpx2.Client, name: str
) -> None:
    for version in mlflow_server.registered.versions[name]:
        place = address(client, version)
        if version.path:
            place = f"{place}/{version.path}"
        listed = get(client, ARTIFACTS, path=place)["files"]
        assert {one["path"]: one["file_size"] for one in listed} == {
            file: len(content) for file, content in version.files.items()
        }
        for file, content in version.files.items():
            answer = client.get(f"{ARTIFACTS}/{place}/{file}")
            assert answer.content == content
            assert int(answer.headers["content-length"]) == len(content)


def test_a_part_of_a_file_can_be_asked_for(
    mlflow_server: MlflowServer, client: httpx2.Client
) -> None:
    version = mlflow_server.registered.version("plain-lora")
    weights = "adapter_model.safetensors"
    place = f"{ARTIFACTS}/{address(client, version)}/{weights}"
    answer = client.get(place, headers={"Range": "bytes=8-15"})
    whole = version.files[weights]
    assert answer.status_code == 206
    assert answer.content == whole[8:16]
    assert answer.headers["content-range"] == f"bytes 8-15/{len(whole)}"


def test_a_registered_model_tells_versions_aliases_and_tags(client: httpx2.Client) -> None:
    model = get(client, f"{API}/registered-models/get", name="llama-sql")["registered_model"]
    assert model["name"] == "llama-sql"
    assert model["description"] == "What llama-sql is for."
    assert pairs(model["tags"]) == {"kind": "peft", "team": "data"}
    assert {one["alias"]: one["version"] for one in model["aliases"]} == {
        "champion": "1",
        "candidate": "2",
    }
    assert [one["version"] for one in model["latest_versions"]] == ["2"]
    assert isinstance(model["creation_timestamp"], int)

    bare = get(client, f"{API}/registered-models/get", name="many-000")["registered_model"]
    assert set(bare) == {"name", "creation_timestamp", "last_updated_timestamp"}


def test_versions_come_newest_first(mlflow_server: MlflowServer, client: httpx2.Client) -> None:
    found = get(client, f"{API}/model-versions/search", filter="name='llama-sql'")
    versions = found["model_versions"]
    registered = mlflow_server.registered.versions["llama-sql"]
    assert [(one["version"], one["run_id"], one["source"]) for one in versions] == [
        (one.version, one.run_id, one.source) for one in reversed(registered)
    ]
    assert versions[0]["description"] == "Trained with rank 16."
    assert pairs(versions[0]["tags"]) == {"rank": "16", "task": "text-to-sql"}
    assert {one["status"] for one in versions} == {"READY"}
    assert not any("aliases" in one for one in versions)


def test_an_alias_and_a_number_lead_to_the_same_version(client: httpx2.Client) -> None:
    by_alias = get(client, f"{API}/registered-models/alias", name="llama-sql", alias="champion")[
        "model_version"
    ]
    by_number = get(client, f"{API}/model-versions/get", name="llama-sql", version="1")
    assert by_alias == by_number["model_version"]
    assert by_alias["version"] == "1"
    assert by_alias["aliases"] == ["champion"]


def test_a_stage_is_told(client: httpx2.Client) -> None:
    found = get(client, f"{API}/model-versions/get", name="plain-lora", version="1")
    assert found["model_version"]["current_stage"] == "Production"


def test_the_run_tells_how_it_was_trained(
    mlflow_server: MlflowServer, client: httpx2.Client
) -> None:
    registered = mlflow_server.registered
    version = registered.version("llama-sql", 2)
    run = get(client, f"{API}/runs/get", run_id=version.run_id)["run"]
    assert run["info"]["run_id"] == version.run_id
    assert run["info"]["experiment_id"] == registered.experiment_id
    assert run["info"]["status"] == "FINISHED"
    params = pairs(run["data"]["params"])
    assert params["r"] == "16"
    assert params["lora_alpha"] == "32"
    assert params["learning_rate"] == "0.0002"
    assert params["dataset_fraction"] == "0.5"
    assert params["train_test_split"] == "0.8"
    assert params["base_model"] == LLAMA
    assert pairs(run["data"]["metrics"]) == {"eval_loss": 0.75, "train_runtime": 12.5}
    assert pairs(run["data"]["tags"])["dataset"] == "sql-create-context"
    experiment = get(client, f"{API}/experiments/get", experiment_id=registered.experiment_id)
    assert experiment["experiment"]["name"] == EXPERIMENT


def test_a_run_lists_from_its_own_root(mlflow_server: MlflowServer, client: httpx2.Client) -> None:
    version = mlflow_server.registered.version("nested-lora")
    top = get(client, f"{API}/artifacts/list", run_id=version.run_id)
    assert top["files"] == [{"path": "model", "is_dir": True}]
    model = get(client, f"{API}/artifacts/list", run_id=version.run_id, path="model")["files"]
    assert [one["path"] for one in model] == ["model/MLmodel", "model/peft"]
    deepest = get(client, f"{API}/artifacts/list", run_id=version.run_id, path="model/peft")
    assert [one["path"] for one in deepest["files"]] == [
        f"model/peft/{file}" for file in sorted(version.files)
    ]


@pytest.mark.parametrize("name", ["logged-lora", "pyfunc-lora"])
def test_a_logged_model_has_a_place_of_its_own(
    mlflow_server: MlflowServer, client: httpx2.Client, name: str
) -> None:
    version = mlflow_server.registered.version(name)
    assert version.source.startswith("models:/m-")
    model_id = version.source.removeprefix("models:/")
    info = get(client, f"{API}/logged-models/{model_id}")["model"]["info"]
    assert info["model_id"] == model_id
    assert info["source_run_id"] == version.run_id
    assert info["artifact_uri"] == f"mlflow-artifacts:/{address(client, version)}"
    listed = get(
        client,
        f"{API}/logged-models/{model_id}/artifacts/directories",
        **({"artifact_directory_path": version.path} if version.path else {}),
    )
    prefix = f"{version.path}/" if version.path else ""
    assert [one["path"] for one in listed["files"]] == [
        f"{prefix}{file}" for file in sorted(version.files)
    ]


def test_a_model_without_an_adapter_and_one_in_a_bucket(
    mlflow_server: MlflowServer, client: httpx2.Client
) -> None:
    none = mlflow_server.registered.version("no-adapter")
    listed = get(client, ARTIFACTS, path=address(client, none))["files"]
    assert [one["path"] for one in listed] == ["config.json"]
    found = get(client, f"{API}/model-versions/get-download-uri", name="bucket-lora", version="1")
    assert found == {"artifact_uri": "s3://acme-models/llama-sql"}


def test_names_come_in_pages(mlflow_server: MlflowServer, client: httpx2.Client) -> None:
    registered = mlflow_server.registered
    names: list[str] = []
    token, pages = "", 0
    while True:
        more = {"page_token": token} if token else {}
        page = get(client, f"{API}/registered-models/search", **more)
        assert len(page["registered_models"]) <= 100
        names += [one["name"] for one in page["registered_models"]]
        pages += 1
        token = page.get("next_page_token", "")
        if not token:
            break
    assert pages == 2
    assert sorted(names) == sorted([*registered.versions, *registered.many])


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("name ILIKE '%LOGGED%'", ["logged-lora"]),
        ("tags.team = 'data'", ["llama-sql"]),
        ("name = 'nothing'", []),
    ],
)
def test_names_can_be_searched(client: httpx2.Client, wanted: str, names: list[str]) -> None:
    found = get(client, f"{API}/registered-models/search", filter=wanted)
    assert [one["name"] for one in found.get("registered_models", [])] == names


NO_SUCH = (404, "RESOURCE_DOES_NOT_EXIST")
NOT_UNDERSTOOD = (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize(
    ("route", "asked", "answered"),
    [
        (f"{API}/registered-models/get", {"name": "nothing"}, NO_SUCH),
        (f"{API}/model-versions/get", {"name": "llama-sql", "version": "9"}, NO_SUCH),
        (f"{API}/runs/get", {"run_id": "nothing"}, NO_SUCH),
        (f"{API}/logged-models/m-nothing", {}, NO_SUCH),
        (f"{ARTIFACTS}/1/nothing", {}, NO_SUCH),
        (f"{API}/registered-models/alias", {"name": "llama-sql", "alias": "x"}, NOT_UNDERSTOOD),
        (f"{API}/model-versions/get", {"name": "llama-sql", "version": "x"}, NOT_UNDERSTOOD),
        (f"{API}/registered-models/search", {"filter": "nothing"}, NOT_UNDERSTOOD),
        (f"{API}/registered-models/search", {"page_token": "x"}, NOT_UNDERSTOOD),
        (ARTIFACTS, {"path": "../x"}, NOT_UNDERSTOOD),
    ],
)
def test_what_is_not_there_is_told_by_a_code(
    client: httpx2.Client, route: str, asked: dict[str, str], answered: tuple[int, str]
) -> None:
    answer = client.get(route, params=asked)
    assert (answer.status_code, answer.json()["error_code"]) == answered
    assert answer.json()["message"]


def test_a_folder_that_is_not_there_is_an_empty_one(
    mlflow_server: MlflowServer, client: httpx2.Client
) -> None:
    assert get(client, ARTIFACTS, path="1/nothing") == {}
    run_id = mlflow_server.registered.version("plain-lora").run_id
    assert "files" not in get(client, f"{API}/artifacts/list", run_id=run_id, path="nothing")


def test_a_foreign_host_and_an_unknown_route_are_no_json(client: httpx2.Client) -> None:
    foreign = client.get(f"{API}/registered-models/search", headers={"Host": "example.org"})
    assert foreign.status_code == 403
    assert "Invalid Host header" in foreign.text
    unknown = client.get(f"{API}/nothing")
    assert unknown.status_code == 404
    assert unknown.headers["content-type"].startswith("text/html")
