"""What the tests of the way out share."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from desktop.services import web
from desktop.services.errors import Cancelled, RemoteError
from tests.services.raw_server import RawServer, answer

SECRET = "Bearer hf_SECRETSECRET"
PUBLIC_IP = "93.184.216.34"


def refused(code: str, home: str, client: httpx2.Client, url: str, **options: Any) -> RemoteError:
    """The error of a GET, which has to have this code."""
    with pytest.raises(RemoteError) as caught, web.visit(home, **options):
        client.get(url)
    assert caught.value.code == code
    return caught.value


def after(seconds: float) -> Callable[[], None]:
    end = time.monotonic() + seconds

    def check() -> None:
        if time.monotonic() >= end:
            raise Cancelled

    return check


def redirecting(place: str) -> RawServer:
    return RawServer(lambda to, _: to.sendall(answer(status="302 Found", Location=place)))
