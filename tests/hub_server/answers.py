"""Answers of the test hub: what they are made of, whole or a range of the bytes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.hub_server.repos import Blob


@dataclass
class Answer:
    """An answer before it goes onto the wire. whole, start: the file that body is a part of, for
    what damages bytes at a place of their own."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | memoryview = b""
    whole: bytes = b""
    start: int = 0


def refusal(status: int, message: str, code: str = "") -> Answer:
    """An error as the Hub puts it."""
    headers = {"X-Error-Message": message, "Content-Type": "application/json; charset=utf-8"}
    if code:
        headers["X-Error-Code"] = code
    return Answer(status, headers, json.dumps({"error": message}).encode())


def to_json(value: Any) -> Answer:
    """A value with 200."""
    said = {"Content-Type": "application/json; charset=utf-8"}
    return Answer(200, said, json.dumps(value).encode())


def cursor(at: int, nonce: int = 0) -> str:
    """Where a page starts, in a form that nobody can guess a meaning from."""
    return base64.urlsafe_b64encode(json.dumps({"at": at, "n": nonce}).encode()).decode()


def file_bytes(blob: Blob, headers: dict[str, str], said: dict[str, str]) -> Answer:
    """A file, or the range of it that is asked for. said: the headers besides; they need ETag."""
    said = {**said, "Accept-Ranges": "bytes"}
    size = blob.size
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", headers.get("range", "").strip())
    unless = headers.get("if-range")
    if not found or not any(found.groups()) or (unless and unless != said["ETag"]):
        return Answer(200, said, blob.data, blob.data)
    first, last = found.groups()
    if first:
        start, end = int(first), min(int(last) if last else size - 1, size - 1)
    else:
        start, end = max(0, size - int(last)), size - 1
    if start >= size or (first and last and int(last) < start) or (last == "0" and not first):
        return Answer(416, {"Content-Range": f"bytes */{size}"}, b"")
    said["Content-Range"] = f"bytes {start}-{end}/{size}"
    return Answer(206, said, memoryview(blob.data)[start : end + 1], blob.data, start)


def signature(path: str) -> str:
    """What makes an address of bytes in LFS good for anybody who has it."""
    return hashlib.sha256(f"signed {path}".encode()).hexdigest()[:32]


def header_text(value: Any) -> str:
    """Text as it can stand in a header: whatever it is, in one line."""
    return re.sub(r"[\r\n\0]", " ", str(value)).encode("latin-1", "replace").decode("latin-1")


def content_type(name: str) -> str:
    """What the hub says that a small file is."""
    return "application/json" if name.endswith(".json") else "text/plain; charset=utf-8"
