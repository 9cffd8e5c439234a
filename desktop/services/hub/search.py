"""Looking for adapters on a hub, page by page. No network here: what to ask, and what came back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from desktop.services.errors import RemoteError
from desktop.services.hub.names import is_repo_id
from desktop.services.hub.records import SORTS, HubPage, HubQuery, HubResult
from desktop.services.peft_folder.reading import printable

PAGE = 30
MAX_PAGES = 1_000
"""How far one can scroll: a server whose pages never end has an end here."""
MAX_TAGS = 100
MAX_TEXT = 200
_MAX_ROWS = 1_000
_MAX_CURSOR = 4_000
_CURSOR = re.compile(r"(\d{1,4})\?([!-~]+)")
_EXPAND = ("downloads", "likes", "lastModified", "gated", "private", "tags")
_BASE_MODEL = re.compile(r"base_model:(?:(?:adapter|finetune|merge|quantized):)?(.+)")


def parameters(query: HubQuery) -> dict[str, Any]:
    """What to ask `…/api/models` for the first page, as HfApi.list_models words it."""
    filters = ["peft"]
    if query.base_model:
        filters.append(f"base_model:adapter:{query.base_model}")
    asked: dict[str, Any] = {"filter": filters}
    if query.author.strip():
        asked["author"] = query.author.strip()[:MAX_TEXT]
    if query.text.strip():
        asked["search"] = query.text.strip()[:MAX_TEXT]
    sort = query.sort if query.sort in SORTS else SORTS[0]
    asked["sort"] = "lastModified" if sort == "last_modified" else sort
    asked["limit"] = PAGE
    asked["expand"] = list(_EXPAND)
    return asked


def page_of(answer: Any, next_cursor: str) -> HubPage:
    """The lines in an answer. Those with a name that no repository has are left out.

    Raises:
        TypeError: it is no list.
    """
    if not isinstance(answer, list):
        raise TypeError
    results = [_result(item) for item in answer[:_MAX_ROWS] if isinstance(item, Mapping)]
    return HubPage(tuple(r for r in results if r is not None), next_cursor)


def cursor_of(link: str, asked: str, page: int) -> str:
    """The cursor for the page behind a `next` link, "" where there is none to go to.

    asked: the address that gave the link. page: its number, from 1. Only the query of the link is
    kept: the next request goes to the endpoint that was asked, wherever the link points.

    Raises:
        RemoteError (`listing`): the link leads to something else, or the pages do not end.
    """
    if not link:
        return ""
    try:
        there, here = urlsplit(urljoin(asked, link)), urlsplit(asked)
    except ValueError:
        raise endless() from None
    query = there.query
    if not query or there.path.rpartition("/")[2] != here.path.rpartition("/")[2]:
        raise endless()
    if len(query) > _MAX_CURSOR or not re.fullmatch("[!-~]+", query):
        raise endless()
    if query == here.query or page >= MAX_PAGES:
        raise endless()
    return f"{page + 1}?{query}"


def query_of(cursor: str) -> tuple[int, str]:
    """(number of the page, query of its address) of a cursor.

    Raises:
        ValueError: it is no cursor of ours.
    """
    match = _CURSOR.fullmatch(cursor)
    if not match or len(cursor) > _MAX_CURSOR + 10 or "#" in cursor:
        raise ValueError("no cursor")
    return int(match.group(1)), match.group(2)


def endless() -> RemoteError:
    """A list whose next page is itself, or leads astray."""
    return RemoteError(
        "listing",
        "The server's list does not end as lists do.",
        "What was listed so far is right; look for something narrower.",
    )


# -- what stands in a line, here and in a model info -------------------------------------------


def texts(value: object, most: int = MAX_TAGS) -> tuple[str, ...]:
    """The texts in a list from a server (or the one text that it is), fit to be shown."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, Iterable):
        return ()
    found = []
    for item in value:
        if isinstance(item, str) and item.strip():
            found.append(printable(item.strip(), MAX_TEXT))
            if len(found) == most:
                break
    return tuple(found)


def licence_of(tags: Iterable[str]) -> str:
    """The licence that the tags name (`license:apache-2.0`), "" for none."""
    return next((tag[8:] for tag in tags if tag.startswith("license:") and tag[8:]), "")


def base_models_of(tags: Iterable[str], *more: str) -> tuple[str, ...]:
    """The base models that tags name (`base_model:adapter:org/name`), and `more`, each once."""
    found: dict[str, str] = {}
    for tag in tags:
        match = _BASE_MODEL.fullmatch(tag)
        if match and is_repo_id(match.group(1)):
            found.setdefault(match.group(1).casefold(), match.group(1))
    for name in more:
        if is_repo_id(name):
            found.setdefault(name.casefold(), name)
    return tuple(found.values())


def count(value: object) -> int | None:
    """A number of downloads or likes, None for anything else."""
    return value if type(value) is int and 0 <= value < 1 << 53 else None


def seconds(value: object) -> float | None:
    """A time of the Hub (`2026-11-12T08:30:00.000Z`) in seconds since 1970, None for others."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.timestamp() if at.tzinfo else None
    except (ValueError, OverflowError, OSError):
        return None


def gate_of(value: object) -> str:
    """ "" for open, else "auto" or "manual"."""
    if not value:
        return ""
    return "auto" if value == "auto" else "manual"


def _result(item: Mapping[Any, Any]) -> HubResult | None:
    repo_id = item.get("id", item.get("modelId"))
    if not is_repo_id(repo_id):
        return None
    tags = texts(item.get("tags"))
    return HubResult(
        str(repo_id),
        count(item.get("downloads")),
        count(item.get("likes")),
        seconds(item.get("lastModified")),
        gate_of(item.get("gated")) != "",
        item.get("private") is True,
        licence_of(tags),
        base_models_of(tags),
        tags,
    )
