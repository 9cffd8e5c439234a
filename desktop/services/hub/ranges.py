"""The first and last bytes of files on a hub, for a look at them before the download."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from desktop.services.errors import RemoteError
from desktop.services.hub.client import TIMEOUT, HubClient, address, library
from desktop.services.hub.endpoints import host_of
from desktop.services.hub.explain import answer
from desktop.services.hub.records import HubFile, HubRepo
from desktop.services.progress import Progress

if TYPE_CHECKING:
    import httpx2

_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(?:\d{1,19}|\*)")
_ROOM = 1 << 20  # beyond what is asked for, before an answer is cut off


class Piece(NamedTuple):
    """Bytes of a file. whole: whether a server that knows no ranges was about to send all of it, so
    that asking for a later part would cost everything before it."""

    data: bytes
    whole: bool = False


def read_piece(
    client: HubClient,
    repo: HubRepo,
    file: HubFile,
    start: int,
    length: int,
    progress: Progress | None = None,
) -> Piece:
    """`length` bytes of a file from `start`, fewer only where it ends before.

    A server that ignores the range is read from its beginning as far as needed, and no further.

    Raises:
        RemoteError: why not; `gated`, `token`, `forbidden` where the file is shut. Cancelled.
    """
    if length <= 0:
        return Piece(b"")
    text = f"Looking at {repo.reference.repo_id}"
    # Asked by commit: if that is gone, it is not the branch that is missing.
    where = replace(repo.reference, revision=repo.commit)
    with client.asking(text, where, progress, start + length + _ROOM):
        headers = {
            **client.headers(),
            "Accept-Encoding": "identity",
            "Range": f"bytes={start}-{start + length - 1}",
        }
        url = address(repo, file)
        session = library().get_session()
        with session.stream("GET", url, headers=headers, timeout=TIMEOUT) as response:
            if response.status_code == 416:
                return Piece(b"")
            if response.status_code >= 400:
                response.read()
                library().hf_raise_for_status(response)
            skip = _skip(response, start, host_of(client.endpoint))
            data = bytearray()
            for chunk in response.iter_raw():
                data += chunk
                if len(data) >= skip + length:
                    break
            return Piece(bytes(data[skip : skip + length]), response.status_code == 200)


def _skip(response: httpx2.Response, start: int, host: str) -> int:
    """How many bytes of the answer come before those that were asked for."""
    if response.headers.get("content-encoding", "identity").lower() not in ("identity", ""):
        raise answer(host)
    if response.status_code == 200:
        return start
    match = _RANGE.fullmatch(response.headers.get("content-range", ""))
    if response.status_code != 206 or not match or int(match.group(1)) != start:
        raise RemoteError(
            "answer",
            f"{host} sent another part of the file than Lorarium asked for.",
            "Try again, or use another hub.",
        )
    return 0
