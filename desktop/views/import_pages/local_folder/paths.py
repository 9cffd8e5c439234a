"""Paths as people see, type and drop them, and the name that a folder proposes. Plain Python."""

from __future__ import annotations

import os
import re
import unicodedata
from urllib.parse import unquote_to_bytes

from desktop.services.peft_folder.reading import printable

_GENERIC = re.compile(
    r"(adapters?|lora|peft|models?|checkpoints?|ckpt|weights|final|best|last|latest|default|outputs?"
    r"|out|output[-_]dir|results?|runs?|saved?|snapshots|tmp)"
    r"([-_](adapters?|models?|checkpoints?|weights|lora))?",
    re.IGNORECASE,
)
_STEP = re.compile(r"(?:checkpoint|ckpt|step|epoch|iter|global_step)[-_]?(\d+)", re.IGNORECASE)
_CACHE_REPO = re.compile(r"models--(?:.+--)?(.+)")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_LEVELS = 4
_NAME_LENGTH = 120


def shown_path(path: str) -> str:
    """A path in one line that can be read: bytes that are no text, and what does not print, are
    written as escapes."""
    return printable(path, 100_000)


def folder_title(path: str) -> str:
    """The last part of a path, to be shown."""
    trimmed = path.rstrip(os.sep)
    return printable(os.path.basename(trimmed) or trimmed or path, 255)


def proposed_name(path: str) -> str:
    """A name for the adapter in a folder, from the path alone.

    The folder's own name; for one that says nothing (`checkpoint-2400`, `adapter`, `output`, a
    commit of the Hub's cache) that of the folder above, with the step if there is one.
    """
    step = ""
    fallback = ""
    parts = [part for part in path.split(os.sep) if part]
    for part in reversed(parts[-_LEVELS:]):
        text = _as_text(part)
        cached = _CACHE_REPO.fullmatch(text)
        if cached:
            text = cached[1]
        stepped = _STEP.fullmatch(text)
        if stepped:
            step = step or stepped[1]
        elif text and not _GENERIC.fullmatch(text) and not _COMMIT.fullmatch(text):
            return f"{text}-{step}" if step else text
        fallback = fallback or text
    return fallback or "adapter"


def _as_text(part: str) -> str:
    text = os.fsencode(part).decode("utf-8", "replace").replace("\ufffd", "_")
    kept = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    return " ".join(kept.split())[:_NAME_LENGTH].strip()


def path_of_url(encoded: bytes) -> str:
    """The path, byte for byte, of a `file:` URL as a file manager drops it; "" for any other.

    Decoding goes by bytes, since a name need not be UTF-8.
    """
    scheme, colon, rest = encoded.partition(b"://")
    if not colon or scheme.lower() != b"file":
        return ""
    host, slash, path = rest.partition(b"/")
    if host not in (b"", b"localhost") or not slash:
        return ""
    text = os.fsdecode(unquote_to_bytes(b"/" + path))
    if os.name == "nt":
        text = text.lstrip("/")
    return text.rstrip("/") or "/"


def expanded(text: str) -> str:
    """A typed path with the person's home folder in the place of a leading `~/`."""
    if text == "~" or text.startswith(("~/", f"~{os.sep}")):
        return os.path.expanduser("~") + text[1:]
    return text


def found_by_bytes(path: str) -> str:
    """The folder that a path means which lost bytes on its way through a file chooser.

    A chooser writes U+FFFD for what is not UTF-8. Looks at each such part's siblings; the path
    comes back as it is where it exists, or where not exactly one folder fits.
    """
    if "\ufffd" not in path or os.path.lexists(path):
        return path
    real = os.sep
    for part in path.split(os.sep):
        if not part:
            continue
        there = os.path.join(real, part)
        if "\ufffd" in part and not os.path.lexists(there):
            fitting = _fitting(real, part)
            if len(fitting) != 1:
                return path
            there = os.path.join(real, fitting[0])
        real = there
    return real


def _fitting(folder: str, part: str) -> list[str]:
    wanted = re.sub("\ufffd+", "\ufffd", part)
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return [n for n in names if re.sub("\ufffd+", "\ufffd", _replaced(n)) == wanted]


def _replaced(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "replace")
