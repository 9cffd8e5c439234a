"""The many ways in which a config names its base model, and when two of them mean the same one."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CACHE = re.compile(r"(?:^|[/\\])models--([\w.-]+)(?:[/\\]snapshots[/\\]([\w.-]{1,64}))?")
_HUB = re.compile(r"(?!.*(?:\.\.|--))[A-Za-z0-9_][\w.-]*(?:/[A-Za-z0-9_][\w.-]*)?", re.ASCII)
_HUB_PAGE = re.compile(r"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/([\w.-]+/[\w.-]+)/?")
_REPACKED = re.compile(  # the same model saved with fewer bits, or for another library
    r"(?:-unsloth)?(?:-bnb)?-(?:4bit|8bit|int4|int8|fp8|nf4|gptq|awq)$|-hf$"
)


@dataclass(frozen=True, slots=True)
class BaseName:
    """A base model's name taken apart.

    title: what to show and to look for, `org/name` where it can be known, else a path's last part;
    revision: a commit that the name holds, or None; hub_name: `org/name`, or None for a path.
    """

    title: str
    revision: str | None = None
    hub_name: str | None = None

    @property
    def is_path(self) -> bool:
        """Whether it points to somebody's disk and says nothing about the Hub."""
        return self.hub_name is None


def is_hub_name(name: str) -> bool:
    """Whether a text can be a repository's name on the Hub: `name` or `org/name`, at most 96
    characters of a small alphabet, without `..` and `--`."""
    return len(name) <= 96 and _HUB.fullmatch(name) is not None and not name.endswith((".", "-"))


def split_base_name(name: str | None) -> BaseName:
    """Understand hub ids, POSIX and Windows paths, and paths into a Hugging Face cache.

    `…/hub/models--org--name/snapshots/<sha>` is `org/name` at that revision. Nothing is looked up.
    """
    text = (name or "").strip()
    cache = _CACHE.search(text)
    if cache:
        hub = cache.group(1).replace("--", "/", 1)
        if is_hub_name(hub):
            return BaseName(hub, cache.group(2), hub)
    page = _HUB_PAGE.fullmatch(text)
    if page and is_hub_name(page.group(1)):
        return BaseName(page.group(1), None, page.group(1))
    if is_hub_name(text):
        return BaseName(text, None, text)
    last = text.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return BaseName(last or text)


def same_name(one: str | None, other: str | None) -> str:
    """How two names of a base model stand to each other.

    `same`: equal but for case; `alike`: another publisher, place or number of bits, but the same
    last part; `different`; `unknown`: at least one of them is missing.
    """
    first, second = split_base_name(one), split_base_name(other)
    if not first.title or not second.title:
        return "unknown"
    if first.title.casefold() == second.title.casefold():
        # Two paths of one ending are one model only when they are one path.
        paths = first.is_path or second.is_path
        return "alike" if paths and (one or "").strip() != (other or "").strip() else "same"
    return "alike" if _core(first.title) == _core(second.title) else "different"


def _core(title: str) -> str:
    last = title.rpartition("/")[2].casefold()
    shorter = _REPACKED.sub("", last)
    while shorter != last:
        last, shorter = shorter, _REPACKED.sub("", shorter)
    return last
