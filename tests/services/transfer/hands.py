"""What the tests of transfers share."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from desktop.services.errors import REMOTE_CODES, RemoteError
from desktop.services.progress import silent
from desktop.services.transfer import Limits, RemoteFile, Transfer
from tests.hub_server import HubServer

SECRET = "Bearer hf_SECRETSECRET"
CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
SIZE = 3_000_000
QUICK = Limits(backoff=0.01, head=0.4, silence=0.4, connect=2.0, window=0.5, least_rate=1000.0)
DATA = {
    CONFIG: b'{"r": 8}',
    WEIGHTS: bytes(range(256)) * (SIZE // 256) + b"end",
    "tokenizer/vocab.txt": b"a b c",
}


class Naps(list[float]):
    """Instead of sleeping: the seconds of each pause."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


class Told(NamedTuple):
    done: int
    total: int
    text: str


class Diary(list[Told]):
    """A progress that keeps what it was told; `stop` may raise."""

    stop: Callable[[], None] = staticmethod(lambda: None)

    def __call__(self, done: int, total: int, text: str) -> None:
        self.append(Told(done, total, text))
        self.stop()


def remote(hub: HubServer, *names: str, **about: Any) -> list[RemoteFile]:
    """Files of the repository as a listing announces them."""
    repo = hub.routes.repos["acme/sql"]
    files = []
    for name in names or DATA:
        data = repo.files[name]
        known: dict[str, Any] = {"size": len(data)}
        if name == WEIGHTS:
            known["sha256"] = hashlib.sha256(data).hexdigest()
        else:
            known["git_sha1"] = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        url = f"{hub.url}/acme/sql/resolve/{repo.commit}/{name}"
        files.append(RemoteFile(name, url, **{**known, **about}))
    return files


def transfer(hub: HubServer, naps: Naps | None = None, **options: Any) -> Transfer:
    given = {
        "headers": {"Authorization": SECRET},
        "limits": QUICK,
        "wait": Naps() if naps is None else naps,
    }
    return Transfer(hub.url, **{**given, **options})


def refused(code: str, errand: Transfer, files: list[RemoteFile], target: Path) -> RemoteError:
    """The error of a fetch, which has to have this code and leave nothing of the last file."""
    with pytest.raises(RemoteError) as caught:
        errand.fetch(files, target, silent)
    error = caught.value
    assert (error.code, error.code in REMOTE_CODES) == (code, True)
    for sentence in (error.message, error.advice):
        assert sentence.endswith(".")
    assert "SECRET" not in "".join(traceback.format_exception(error))
    assert not (target / files[-1].name).exists()
    return error


def ranges(hub: HubServer) -> list[str | None]:
    return [request.headers.get("range") for request in hub.asked(f"lfs.*{WEIGHTS}")]
