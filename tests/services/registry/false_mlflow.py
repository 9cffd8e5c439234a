"""A server that answers in the place of MLflow, with whatever a test wants, and what to ask it."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from desktop.services.errors import REMOTE_CODES, RemoteError
from desktop.services.registry.mlflow_rest import MlflowBackend
from desktop.services.registry.records import Connection, ModelVersion, RegistryKind
from tests.services.raw_server import RawServer, answer

API = "/api/2.0/mlflow"
RUN = "0" * 32
SECRET = "SECRETSECRET"
VERSION = ModelVersion("sql", "sql", "1", source=f"runs:/{RUN}/adapter", run_id=RUN)

Route = Callable[[dict[str, str]], bytes] | bytes | Mapping[str, Any]


def as_json(value: object, status: str = "200 OK", **headers: str) -> bytes:
    return answer(json.dumps(value).encode(), status, Content_Type="application/json", **headers)


def refused(status: str, code: str) -> bytes:
    """MLflow's own refusal."""
    return as_json({"error_code": code, "message": f"about {SECRET}"}, status)


class FalseMlflow(RawServer):
    """routes: by path; bytes are the whole answer, a mapping its JSON, a function is called with
    the query. What has no route is 404 as MLflow says it."""

    def __init__(self, routes: Mapping[str, Route], *, secure: bool = False) -> None:
        self.routes = dict(routes)
        self.asked: list[tuple[str, dict[str, str]]] = []
        super().__init__(self._answer, secure=secure)

    def _answer(self, to: socket.socket, head: str) -> None:
        parts = urlsplit(head.split(" ")[1])
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append((unquote(parts.path), query))
        route = self.routes.get(unquote(parts.path), refused("404", "RESOURCE_DOES_NOT_EXIST"))
        said = route(query) if callable(route) else route
        to.sendall(said if isinstance(said, bytes) else as_json(said))

    def backend(self, secret: str | None = None, **options: Any) -> MlflowBackend:
        return MlflowBackend(Connection(RegistryKind.MLFLOW, self.url, **options), secret)


def with_files(files: Route, **more: Route) -> FalseMlflow:
    """A server with one version of one model, whose artifact lists this."""
    model = {"name": "sql", "latest_versions": [{"name": "sql", "version": "1"}]}
    version = {"name": "sql", "version": "1", "source": VERSION.source, "run_id": RUN}
    routes: dict[str, Route] = {
        f"{API}/registered-models/get": {"registered_model": model},
        f"{API}/model-versions/get": {"model_version": version},
        f"{API}/model-versions/search": {"model_versions": [version]},
        f"{API}/model-versions/get-download-uri": {"artifact_uri": VERSION.source},
        f"{API}/artifacts/list": files,
    }
    return FalseMlflow({**routes, **more})


def error_of(code: str, call: Callable[..., object], *given: object) -> RemoteError:
    """The error of a call, which has to have this code and to tell no secret."""
    with pytest.raises(RemoteError) as caught:
        call(*given)
    error = caught.value
    assert error.code == code, error.message
    assert code in REMOTE_CODES
    assert error.message.endswith((".", "”"))
    assert SECRET not in f"{error!r}{error.message}{error.advice}{error.__cause__}"
    return error
