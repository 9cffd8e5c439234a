"""Variables with which huggingface_hub can't be imported, or sends nothing that a server takes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from desktop.services.hub.client import HubClient
from tests.hub_server import HubServer, Repo
from tests.services.hub.conftest import HERE, refused

ASK = """
import sys
from desktop.services.errors import RemoteError
from desktop.services.hub.client import HubClient
from desktop.services.hub.records import HubReference
try:
    HubClient(sys.argv[1]).commit(HubReference("acme/sql-lora"))
except RemoteError as error:
    print(error.code, error, error.advice)
else:
    print("asked")
"""


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HF_HUB_ETAG_TIMEOUT", "abc", "is no number of seconds"),
        ("HF_HUB_DOWNLOAD_TIMEOUT", "", "is no number of seconds"),
        ("HF_HUB_USER_AGENT_ORIGIN", "a\nb: c", "can't be sent to a server"),
        ("HF_HUB_USER_AGENT_ORIGIN", "büro", "can't be sent to a server"),
        ("HF_HUB_ETAG_TIMEOUT", "5", ""),
        ("HF_HUB_USER_AGENT_ORIGIN", "notebook", ""),
    ],
)
def test_a_variable_that_stands_in_the_way_is_named(
    server: HubServer, repo: Repo, name: str, value: str, words: str
) -> None:
    # The library reads its variables when it is imported: a program of its own imports it anew.
    done = subprocess.run(
        [sys.executable, "-c", ASK, server.url],
        env={**os.environ, name: value, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    if not words:
        assert done.stdout == "asked\n"
        return
    assert done.stdout.startswith(f"address {name} is set to something that ")
    assert words in done.stdout
    assert "unset it" in done.stdout
    assert not server.requests


def test_what_the_library_has_read_already_does_not_change(
    server: HubServer, repo: Repo, client: HubClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_ETAG_TIMEOUT", "abc")
    monkeypatch.setenv("HF_HUB_USER_AGENT_ORIGIN", "a\nb")
    assert client.commit(HERE) == repo.commit
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_USER_AGENT_ORIGIN", "a\nb")
    assert "HF_HUB_USER_AGENT_ORIGIN" in refused(lambda: client.commit(HERE)).message


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:1", "address"),
        ("HTTPS_PROXY", ":::", "address"),
        ("SSL_CERT_FILE", "/nonexistent", "tls"),
    ],
)
def test_the_way_out_is_told_of_by_its_variable(
    server: HubServer,
    repo: Repo,
    client: HubClient,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    code: str,
) -> None:
    monkeypatch.setenv(name, value)
    away = HubClient("https://hub.example")
    error = refused(lambda: away.commit(HERE))
    assert (error.code, name in error.message) == (code, True)
    assert client.commit(HERE) == repo.commit
