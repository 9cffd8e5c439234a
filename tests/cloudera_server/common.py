"""What both services have in common: who asks, errors, pages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from tests.hub_server.answers import Answer, to_json

TOKEN = "cdp-key-c0ffee.0123456789"
"""The key of somebody who may read everything that is not shut."""

MOMENT = "2026-01-31T12:00:00.123456789Z"


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, message: str, code: int = 2) -> None:
        super().__init__(message)
        body = {"error": message, "code": code, "message": message, "details": []}
        said = {"Content-Type": "application/json"}
        self.answer = Answer(status, said, json.dumps(body).encode())


def made_id(*parts: object) -> str:
    """An id in the form of a workbench, the same one for the same words."""
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()
    return "-".join(digest[n : n + 4] for n in range(0, 16, 4))


class Service:
    """One of the two services. users: {token: name}.

    page_size: the most rows on a page. token_says: what stands in `next_page_token` instead of the
    truth, None = the truth. opens: whether everybody may ask.
    """

    def __init__(self) -> None:
        self.prefix = self.url = self.lfs_host = ""  # of the server that this sits in
        self.users = {TOKEN: "ada"}
        self.opens = False
        self.page_size = 100
        self.token_says: Sequence[Any] | None = None
        self._pages = 0

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """The answer to a request. path: with its query."""
        parts = urlsplit(path)
        query = {name: texts[-1] for name, texts in parse_qs(parts.query).items()}
        try:
            user = self.users.get(headers.get("authorization", "").removeprefix("Bearer "), "")
            if not user and not self.opens:
                raise Refused(401, "unauthenticated", 16)
            found = self.route(method, parts, query, user, headers, body)
        except Refused as refusal:
            return refusal.answer
        return found if isinstance(found, Answer) else to_json(found)

    def route(
        self,
        method: str,
        parts: SplitResult,
        query: dict[str, str],
        user: str,
        headers: dict[str, str],
        body: bytes,
    ) -> Any:
        """The answer, or what its JSON is."""
        raise NotImplementedError

    def page(self, rows: Sequence[Any], query: dict[str, str]) -> tuple[Sequence[Any], str]:
        """The rows of the page that is asked for, and the token of the next."""
        token = query.get("page_token", "")
        try:
            start = int(token.removeprefix("at-")) if token else 0
            size = min(int(query.get("page_size") or self.page_size), self.page_size)
        except ValueError:
            if self.token_says is None:
                raise Refused(400, "invalid page_token", 3) from None
            start, size = 0, self.page_size
        following = f"at-{start + size}" if start + size < len(rows) else ""
        if self.token_says is not None:
            following = self.token_says[self._pages % len(self.token_says)]
            self._pages += 1
        return rows[start : start + size], following
