"""What people type or paste to name a model of MLflow, and where MLflow says that files are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from desktop.services.errors import RemoteError
from desktop.services.peft_folder.reading import printable
from desktop.services.registry.mlflow_wire import MAX_NAME, is_run_id, is_version

STAGES = ("Staging", "Production", "Archived")
_MAX_TEXT = 4_000
_HOW = "It is written “name”, “name/3” or “name@alias”, or with models:/ before it."
_MODELS = re.compile(r"models:/+", re.IGNORECASE)
_LOGGED = re.compile(r"m-[0-9a-f]{32}")
_PAGE = re.compile(r"models/([^/?#]+)(?:/versions/([0-9]{1,18}))?/?(?:[?#].*)?")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a typed text means: a model, and at most one of the others. All empty = its newest
    version."""

    name: str
    version: str = ""
    alias: str = ""
    stage: str = ""

    @property
    def selector(self) -> str:
        """Which version, for a sentence."""
        return self.version or self.alias or self.stage


def parse_typed(text: str, base: str = "") -> tuple[Typed, ...]:
    """What a text may mean, the likeliest first: a name may hold a @ itself.

    base: the address of the server, for pasted addresses of its pages; "" = there are none.

    Raises:
        RemoteError (`not_found`): it can't be the name of a model.
    """
    given = text.strip().strip("\"'`“”").strip()
    if not given or len(given) > _MAX_TEXT or not given.isprintable():
        raise RemoteError("not_found", "There is no name of a model here.", _HOW)
    if given.lower().startswith(("http://", "https://")):
        return (_of_page(given, base),)
    match = _MODELS.match(given)
    is_uri = match is not None
    rest = given[match.end() :] if match else given
    rest = rest.rstrip("/")
    if is_uri and _LOGGED.fullmatch(rest):
        raise RemoteError(
            "not_found",
            f"“{printable(given, 60)}” is a logged model, which has no name in the registry.",
            "Type the name under which it is registered.",
        )
    meanings: list[Typed] = []
    name, slash, last = rest.rpartition("/")
    if slash and name:
        if is_version(last):
            meanings.append(Typed(name, version=str(int(last))))
        elif stage := _stage(last):
            meanings.append(Typed(name, stage=stage))
        elif last.lower() == "latest":
            meanings.append(Typed(name))
    name, at, alias = rest.rpartition("@")
    if not meanings and at and name and alias:
        meanings.append(Typed(name, alias=alias))
    meanings.append(Typed(rest))
    good = tuple(one for one in meanings if 0 < len(one.name) <= MAX_NAME)
    if not good:
        raise RemoteError("not_found", "There is no name of a model here.", _HOW)
    return good


def _stage(text: str) -> str:
    return next((stage for stage in STAGES if stage.lower() == text.lower()), "")


def _of_page(address: str, base: str) -> Typed:
    """`http://host:5000/#/models/name/versions/3`, as the address bar of a browser shows it."""
    shown = printable(address.split("?")[0], 80)
    if not base or not f"{address.rstrip('/')}/".lower().startswith(f"{base.lower()}/"):
        raise RemoteError(
            "not_found",
            f"“{shown}” is a page of another server.",
            "Choose the connection that it belongs to, or type the name of the model.",
        )
    found = _PAGE.fullmatch(address[len(base) :].lstrip("/#"))
    name = unquote(found[1]) if found else ""
    if not found or not name or not name.isprintable():
        raise RemoteError("not_found", f"“{shown}” is not the page of a model.", _HOW)
    return Typed(name, version=str(int(found[2])) if found[2] else "")


# -- where files are ---------------------------------------------------------------------------


class Uri(NamedTuple):
    """An address of files. scheme: in lower case, "" = a path. host: of what has one. path: as it
    stands there, without its slashes at the end."""

    scheme: str
    host: str
    path: str

    @property
    def inner(self) -> str:
        """The path without slashes around it."""
        return self.path.strip("/")


def split_uri(text: str) -> Uri:
    """Take an address of files apart; nothing is decoded, a ? or # belongs to the path."""
    match = _SCHEME.fullmatch(text)
    if not match or len(match[1]) == 1:  # one letter is a drive
        return Uri("", "", text.rstrip("/"))
    scheme, rest = match[1].lower(), match[2]
    host = ""
    if rest.startswith("//"):
        host, slash, rest = rest[2:].partition("/")
        rest = slash + rest
    return Uri(scheme, host, rest.rstrip("/"))


def run_of_uri(uri: Uri) -> tuple[str, str] | None:
    """(run id, path in its artifacts) of `runs:/<id>/<path>`; None for anything else."""
    if uri.scheme != "runs" or uri.host:
        return None
    run_id, _, path = uri.inner.partition("/")
    return (run_id, path) if is_run_id(run_id) and is_plain(path) else None


def logged_model_of(uri: Uri) -> str:
    """The id of `models:/m-…`, "" for anything else."""
    inner = uri.inner if uri.scheme == "models" and not uri.host else ""
    return inner if _LOGGED.fullmatch(inner) else ""


def below(uri: Uri, root: Uri) -> str | None:
    """The path from `root` to `uri`, "" where they are the same; None where it lies elsewhere."""
    if (uri.scheme or "file", uri.host) != (root.scheme or "file", root.host) or not root.inner:
        return None
    if uri.inner == root.inner:
        return ""
    path = uri.inner.removeprefix(f"{root.inner}/")
    return path if path != uri.inner and is_plain(path) else None


def is_plain(path: str) -> bool:
    """Whether a path goes down only, and can be asked for."""
    if not path:
        return True
    return path.isprintable() and not any(
        part in ("", ".", "..") for text in {path, unquote(path)} for part in text.split("/")
    )


def not_handed_out(text: str, who: str = "MLflow") -> RemoteError:
    """Files that lie where nobody here hands them out. text: their address; of what is in it,
    only its beginning is told."""
    uri = split_uri(text)
    host = uri.host.rpartition("@")[2]
    if uri.scheme in ("", "file"):
        place = f"“{printable(text, 80)}”"
    elif host:
        place = f"{uri.scheme}://{printable(host, 60)}/…"
    else:
        place = f"{uri.scheme}:/…"
    return RemoteError(
        "entry",
        f"The files of this version lie in {place}, which {who} does not hand out here.",
        "Fetch them with the tools of that place, then import the folder.",
    )


def is_address_of(text: str, base: str, path: str) -> str | None:
    """What follows `base` + `path` in an http(s) address; None where it begins otherwise."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        return None
    start = f"{base}{path}/"
    return unquote(text[len(start) :]).strip("/") if text.startswith(start) else None
