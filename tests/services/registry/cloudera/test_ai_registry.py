"""All that is asked of a Cloudera AI Registry, by a loopback server with its field names."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.services.progress import silent
from desktop.services.registry.cloudera_ai_registry import AiRegistryBackend
from desktop.services.registry.records import ArtifactFile, Connection, RegistryKind
from desktop.services.transfer import Limits
from tests.cloudera_server import AiRegistry, AiRegistryServer, Fault
from tests.cloudera_server.ai_registry import ArchiveModel
from tests.cloudera_server.common import TOKEN
from tests.cloudera_server.packing import link, multipart_of, tar_of, zip_of
from tests.hub_server.content import adapter_files
from tests.services.registry.cloudera.cases import (
    cancelled_within_a_second,
    fetch_all,
    held,
    needed,
    refusal,
)

NAME = "sql-lora"


@pytest.fixture
def server() -> Iterator[AiRegistryServer]:
    with AiRegistryServer() as made:
        yield made


@pytest.fixture
def registry(server: AiRegistryServer) -> AiRegistry:
    return server.registry


@pytest.fixture
def model(registry: AiRegistry, adapter: dict[str, bytes]) -> ArchiveModel:
    """Two versions of an adapter, among other models."""
    registry.add_model("another")
    made = registry.add_model(NAME, "ab12-cd34-ef56-gh78")
    registry.add_version(made, tar_of({"MLmodel": b"flavors: {}"}))
    registry.add_version(made, packed(adapter))
    return made


def packed(files: dict[str, bytes]) -> bytes:
    """As MLflow's artifacts are packed."""
    below = {f"model/peft/{name}": data for name, data in files.items()}
    return tar_of({"model/MLmodel": b"flavors: {}", **below}, folders=("model", "model/peft"))


def connect(
    server: AiRegistryServer, token: str | None = TOKEN, limits: Limits | None = None
) -> AiRegistryBackend:
    where = Connection(RegistryKind.CLOUDERA_AI_REGISTRY, f"{server.url}/api/v2")
    return AiRegistryBackend(where, token, limits)


@pytest.fixture
def backend(server: AiRegistryServer) -> AiRegistryBackend:
    return connect(server)


# -- models and versions ---------------------------------------------------------------------------


def test_whether_it_answers(server: AiRegistryServer, backend: AiRegistryBackend) -> None:
    host = server.url.removeprefix("http://")
    assert backend.test(silent) == f"{host} answers, and accepts the token."
    assert refusal(connect(server, "other").test, silent).code == "token"
    error = refusal(connect(server, None).test, silent)
    assert error.code == "token"
    assert TOKEN not in repr(backend)


@pytest.mark.parametrize("page_size", [100, 2])
def test_models_are_found_by_a_part_of_their_name(
    registry: AiRegistry, backend: AiRegistryBackend, page_size: int
) -> None:
    for name in ("a", "b", "SQL-a", "c", "my-sql", "d"):
        registry.add_model(name)
    registry.page_size = page_size
    for text, wanted in (
        ("sql", ["SQL-a", "my-sql"]),
        ("", ["a", "b", "SQL-a", "c", "my-sql", "d"]),
    ):
        found, cursor, pages = [], "", 0
        while pages == 0 or cursor:
            page = backend.models(text, cursor, silent)
            found += [m.name for m in page.models]
            cursor, pages = page.cursor, pages + 1
        assert found == wanted
    assert backend.models("none", "", silent).models == ()
    (model,) = backend.models("my-sql", "", silent).models
    assert (model.owner, model.tags) == ("grace", ())
    assert model.changed is not None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (NAME, "2"),
        (f"{NAME}/1", "1"),
        (f"models:/{NAME}/2", "2"),
        ("ab12-cd34-ef56-gh78", "2"),
        ("ab12-cd34-ef56-gh78/1", "1"),
        ("Sql-Lora", "2"),
    ],
)
def test_what_people_type(
    model: ArchiveModel, backend: AiRegistryBackend, text: str, number: str
) -> None:
    found = backend.resolve(text, silent)
    assert (found.model_id, found.model_name, found.version) == (model.id, NAME, number)
    assert found.source.startswith("abfs://")
    assert backend.run(found, silent) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nothing", "not_found"),
        ("ffff-ffff-ffff-ffff", "not_found"),
        ("../models", "not_found"),
        (f"{NAME}/9", "revision"),
        (f"{NAME}@champion", "revision"),
        ("another", "revision"),
    ],
)
def test_what_is_not_there(
    model: ArchiveModel, backend: AiRegistryBackend, text: str, code: str
) -> None:
    assert refusal(backend.resolve, text, silent).code == code


def test_versions_are_newest_first(registry: AiRegistry, backend: AiRegistryBackend) -> None:
    model = registry.add_model("many")
    for _ in range(11):
        registry.add_version(model, b"")
    registry.models[model.id].versions[4].says["version"] = None
    found = backend.versions(model.id, "", silent).versions
    # One that has no number can't be asked for.
    assert [v.version for v in found] == [str(n) for n in range(11, 0, -1) if n != 5]


# -- archives ------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["gz", "bz2", "xz", "", "zip", "multipart"])
def test_the_whole_way(
    server: AiRegistryServer,
    backend: AiRegistryBackend,
    adapter: dict[str, bytes],
    tmp_path: Path,
    form: str,
) -> None:
    below = {f"model/{name}": data for name, data in adapter.items()}
    if form == "multipart":
        archive, kind = multipart_of(tar_of(below)), "multipart/form-data; boundary=x"
    else:
        archive = zip_of(below) if form == "zip" else tar_of(below, form)
        kind = "application/octet-stream"
    made = server.registry.add_model(NAME)
    server.registry.add_version(made, archive, content_type=kind)
    (found,) = backend.models("sql", "", silent).models
    (version,) = backend.versions(found.id, "", silent).versions
    assert backend.artifact(version, silent) is None
    hashes = fetch_all(backend, version, tmp_path)
    assert held(tmp_path) == needed(adapter)
    assert hashes == {n: hashlib.sha256(d).hexdigest() for n, d in needed(adapter).items()}
    (asked,) = server.asked("/artifact")
    assert asked.path == f"/api/v2/models/{made.id}/versions/1/artifact"
    assert asked.headers["accept"] == "multipart/form-data"


def test_single_files_are_not_handed_out(model: ArchiveModel, backend: AiRegistryBackend) -> None:
    version = backend.resolve(NAME, silent)
    file = ArtifactFile("adapter_config.json", 5)
    assert refusal(backend.read, version, file, 5, silent).code == "entry"


def test_a_version_that_is_not_ready(
    model: ArchiveModel, backend: AiRegistryBackend, tmp_path: Path
) -> None:
    model.versions[1].status = "UPLOADING"
    version = backend.resolve(NAME, silent)
    for error in (
        refusal(backend.artifact, version, silent),
        refusal(backend.fetch, version, (), tmp_path, None, silent),
    ):
        assert error.code == "entry"
        assert "UPLOADING" in error.message


@pytest.mark.parametrize(
    ("status", "code"), [(401, "token"), (403, "forbidden"), (404, "revision")]
)
def test_an_archive_that_is_refused(
    server: AiRegistryServer,
    model: ArchiveModel,
    backend: AiRegistryBackend,
    tmp_path: Path,
    status: int,
    code: str,
) -> None:
    version = backend.resolve(NAME, silent)
    server.fault = Fault("status", match="/artifact", status=status)
    error = refusal(backend.fetch, version, (), tmp_path, None, silent)
    assert error.code == code
    assert "model.archive" not in error.message
    assert list(tmp_path.iterdir()) == []


def test_a_version_of_a_kind_without_archives(
    model: ArchiveModel, backend: AiRegistryBackend, tmp_path: Path
) -> None:
    model.versions[1].kind = "HUGGINGFACE"
    version = backend.resolve(NAME, silent)
    error = refusal(backend.fetch, version, (), tmp_path, None, silent)
    assert error.code == "revision"
    assert "MLflow" in error.advice


@pytest.mark.parametrize(
    ("archive", "code"),
    [
        (b"", "answer"),
        (b'{"error": "no"}', "answer"),
        (tar_of({"MLmodel": b""}), "no_adapter"),
        (tar_of({"../x": b"", **adapter_files()}), "listing"),
        (tar_of(adapter_files(), more=(link("x", tarfile.SYMTYPE),)), "listing"),
        (zip_of({"/etc/x": b"", **adapter_files()}), "listing"),
        (tar_of({"zeros": bytes(110 << 20), **adapter_files()}, "bz2"), "too_large"),
        (tar_of(adapter_files())[:-100], "answer"),
    ],
    ids=["empty", "json", "no adapter", "way out", "link", "zip", "bomb", "cut"],
)
def test_archives_that_are_refused(
    registry: AiRegistry,
    backend: AiRegistryBackend,
    tmp_path: Path,
    archive: bytes,
    code: str,
) -> None:
    registry.add_version(registry.add_model("bad"), archive)
    version = backend.resolve("bad", silent)
    assert refusal(backend.fetch, version, (), tmp_path, None, silent).code == code
    assert list(tmp_path.iterdir()) == []


def test_an_archive_without_end(
    server: AiRegistryServer, model: ArchiveModel, tmp_path: Path
) -> None:
    backend = connect(server, limits=Limits(most_bytes=1 << 20))
    version = backend.resolve(NAME, silent)
    server.fault = Fault("endless", match="/artifact")
    assert refusal(backend.fetch, version, (), tmp_path, None, silent).code == "too_large"
    assert list(tmp_path.iterdir()) == []


def test_an_archive_that_drips(
    server: AiRegistryServer, model: ArchiveModel, tmp_path: Path
) -> None:
    backend = connect(server, limits=Limits(tries=1, window=0.3, least_rate=5000))
    version = backend.resolve(NAME, silent)
    server.fault = Fault("drip", match="/artifact", after=10)
    assert refusal(backend.fetch, version, (), tmp_path, None, silent).code == "slow"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["cut", "reset"])
def test_a_fetch_begins_anew_after_a_break(
    server: AiRegistryServer,
    adapter: dict[str, bytes],
    model: ArchiveModel,
    tmp_path: Path,
    kind: str,
) -> None:
    backend = connect(server, limits=Limits(backoff=0.01))
    version = backend.resolve(NAME, silent)
    server.fault = Fault(kind, match="/artifact", after=200, times=1)
    fetch_all(backend, version, tmp_path)
    assert held(tmp_path) == needed(adapter)


def test_a_page_instead_of_an_archive(
    server: AiRegistryServer, model: ArchiveModel, backend: AiRegistryBackend, tmp_path: Path
) -> None:
    version = backend.resolve(NAME, silent)
    server.fault = Fault("page", match="/artifact")
    error = refusal(backend.fetch, version, (), tmp_path, None, silent)
    assert error.code == "answer"
    assert "web page" in error.message


# -- bad answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("tokens", [["same"], ["a", "b"]])
def test_pages_that_lead_back(
    registry: AiRegistry, backend: AiRegistryBackend, model: ArchiveModel, tokens: list[str]
) -> None:
    registry.token_says = tokens
    assert refusal(backend.models, "no such", "", silent).code == "listing"
    assert refusal(backend.resolve, NAME, silent).code == "listing"


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"7", b"null", b'{"models": 7}', b'{"models": {"a": 1}}', b""]
)
def test_answers_of_another_shape(
    server: AiRegistryServer, backend: AiRegistryBackend, model: ArchiveModel, body: bytes
) -> None:
    server.fault = Fault("body", body=body)
    assert refusal(backend.models, "", "", silent).code == "answer"
    assert refusal(backend.versions, model.id, "", silent).code == "answer"
    assert refusal(backend.test, silent).code == "answer"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("page"), "answer"),
        (Fault("status", status=403), "forbidden"),
        (Fault("status", status=429, retry_after=7), "rate"),
        (Fault("status", status=503), "server"),
        (Fault("redirect_to", to="file:///etc/passwd"), "address"),
        (Fault("redirect_to", to="http://192.0.2.1/x"), "address"),
        (Fault("deep_json"), "answer"),
        (Fault("cut", after=20), "cut"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.kind} {value.status or ''}",
)
def test_what_goes_wrong_is_said(
    server: AiRegistryServer,
    model: ArchiveModel,
    backend: AiRegistryBackend,
    fault: Fault,
    code: str,
) -> None:
    server.fault = fault
    assert refusal(backend.models, "", "", silent).code == code
    assert refusal(backend.versions, model.id, "", silent).code == code


# -- stopping ------------------------------------------------------------------------------------


def test_cancel_while_the_registry_is_silent(
    server: AiRegistryServer, model: ArchiveModel, backend: AiRegistryBackend
) -> None:
    fault = Fault("stall_headers", match="/models")
    cancelled_within_a_second(server, fault, backend.models, "", "")


@pytest.mark.parametrize("after", [-1, 100])
def test_cancel_while_the_archive_stands_still(
    server: AiRegistryServer,
    model: ArchiveModel,
    backend: AiRegistryBackend,
    tmp_path: Path,
    after: int,
) -> None:
    version = backend.resolve(NAME, silent)
    fault = Fault("stall", match="/artifact", after=after)
    cancelled_within_a_second(server, fault, backend.fetch, version, (), tmp_path, None)
    assert list(tmp_path.iterdir()) == []


def test_room_for_the_archive_and_none_for_what_is_in_it(
    registry: AiRegistry,
    backend: AiRegistryBackend,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    registry.add_version(registry.add_model("big"), packed(adapter_files(weights_mb=1)))
    version = backend.resolve("big", silent)
    usage = shutil.disk_usage(tmp_path)._replace(free=500_000)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage)
    assert refusal(backend.fetch, version, (), tmp_path, None, silent).code == "disk"
    assert list(tmp_path.iterdir()) == []
