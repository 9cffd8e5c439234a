"""What people type or paste to name a place on a hub.

A repository, revision or sub-folder that a person gives is looked at here; it reaches no address
before. The paths of files that a server gives are for `services.safe_names`.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from desktop.services.errors import RemoteError, ValidationError
from desktop.services.hub.records import HUB, HubReference
from desktop.services.peft_folder.reading import printable
from desktop.services.records import Finding, Severity, blocks
from desktop.services.safe_names import is_safe_path

MAX_PART = 96
MAX_REVISION = 250
_MAX_TEXT = 4_000

# One part of a repository's name, as the Hub's own client checks it.
_PART = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_URL = re.compile(r"https?://", re.IGNORECASE)
_HTTP = re.compile(r"^http:", re.IGNORECASE)
_SSH = re.compile(r"(?:ssh://)?git@(?:hf\.co|huggingface\.co)[:/](.+)", re.IGNORECASE)
_BARE_HOST = re.compile(r"(?:www\.)?(?:hf\.co|huggingface\.co)(?=/|$)", re.IGNORECASE)
_PUBLIC_HOSTS = frozenset({"huggingface.co", "www.huggingface.co", "hf.co", "www.hf.co"})
_TREES = frozenset({"tree", "commit", "commits"})
_FILES = frozenset({"blob", "resolve", "raw", "edit", "blame"})
_PAGES = frozenset({"discussions", "settings", "revision"})
_MARKS = _TREES | _FILES | _PAGES
_OTHER_KINDS = {
    "datasets": "This is a dataset, not a model.",
    "spaces": "This is a space, not a model.",
    "kernels": "This is a kernel, not a model.",
    "buckets": "This is a storage bucket, not a model.",
    "collections": "This is a collection, not a model.",
    "papers": "This is a paper, not a model.",
}
_HOW = "It is written “org/name”, as at the top of its page."
_NO_REF = frozenset("\\~^:?*[")


# -- what a person gives -----------------------------------------------------------------------


def parse_reference(text: str, endpoint: str = HUB) -> HubReference:
    """Understand how people name a repository: `org/name`, `name`, `org/name@revision`, the address
    of a page of it or of one of its files, `hf://…`, and the same behind `git clone`.

    endpoint: the hub in use, in normal form. A page of another one is returned with its endpoint in
    the reference, in normal form; whether to go there is for the person to say.

    Raises:
        ValidationError: with findings on `huggingface_name`, `revision` or `subfolder`.
    """
    given = _unwrapped(text)
    if not given:
        raise _refusal("There is no name here.", _HOW, code="required")
    if len(given) > _MAX_TEXT:
        raise _refusal("This is too long for the name of a repository.", _HOW)
    ssh = _SSH.fullmatch(given)
    if ssh:
        given = f"{HUB}/{ssh.group(1)}"
    if given.lower().startswith("hf://"):
        reference = _of_path(given[5:], "" if endpoint == HUB else HUB, decode=True, at=True)
    elif _URL.match(given):
        reference = _of_page(given, endpoint)
    elif _BARE_HOST.match(given):
        reference = _of_page(f"https://{given}", endpoint)
    elif re.match(r"[a-z][a-z0-9+.-]*://", given, re.IGNORECASE):
        raise _refusal("Lorarium goes to http and https addresses only.", _HOW)
    else:
        reference = _of_path(given, "", decode=False, at=True)
    found = [
        *check_repo_id(reference.repo_id),
        *check_revision(reference.revision),
        *check_subfolder(reference.subfolder),
    ]
    if blocks(found):
        raise ValidationError(found)
    return reference


def check_repo_id(text: str) -> list[Finding]:
    """What is wrong with the name of a repository, `org/name` or `name`; the Hub's own rules."""
    shown = printable(text, 60)
    if not text:
        return [_error("huggingface_name", "required", "There is no name here.", _HOW)]
    if max(map(len, text.split("/"))) > MAX_PART:
        message = f"A repository's name has at most {MAX_PART} characters."
        return [_error("huggingface_name", "repo_id", message, _HOW)]
    if text.count("/") > 1:
        return [
            _error(
                "huggingface_name",
                "repo_id",
                f"“{shown}” has too many slashes for the name of a repository.",
                "It is written “org/name”; a folder in it goes into the field of its own.",
            )
        ]
    if text.endswith(".git"):
        shorter = text[:-4]
        fits = not check_repo_id(shorter)
        return [
            _error(
                "huggingface_name",
                "repo_id",
                "A repository's name does not end in “.git”.",
                "Leave the ending out.",
                shorter if fits else "",
            )
        ]
    if ".." in text or "--" in text:
        message = f"“{shown}” holds “..” or “--”, which no repository's name does."
        return [_error("huggingface_name", "repo_id", message, _HOW)]
    if not all(_PART.fullmatch(part) for part in text.split("/")):
        return [
            _error(
                "huggingface_name",
                "repo_id",
                f"“{shown}” can't be the name of a repository.",
                "Names are made of ASCII letters, digits, “-”, “_” and “.”, and are written "
                "“org/name”.",
            )
        ]
    return []


def check_revision(text: str) -> list[Finding]:
    """What is wrong with a branch, tag or commit; "" (which means main) is fine."""
    if not text:
        return []
    odd = (
        len(text) > MAX_REVISION
        or not text.isprintable()
        or " " in text
        or not _NO_REF.isdisjoint(text)
        or ".." in text
        or "@{" in text
        or any(not s or s.startswith(".") or s.endswith((".", ".lock")) for s in text.split("/"))
    )
    if not odd:
        return []
    message = f"“{printable(text, 60)}” can't be a branch, tag or commit."
    return [_error("revision", "revision", message, "Leave the field empty for main.")]


def check_subfolder(text: str) -> list[Finding]:
    """What is wrong with a folder's path inside a repository; "" (its root) is fine."""
    if not text or is_safe_path(text):
        return []
    return [
        _error(
            "subfolder",
            "subfolder",
            f"“{printable(text, 60)}” can't be a folder in a repository.",
            "It is written “folder/in/it”, without a slash at its start.",
        )
    ]


def is_repo_id(text: object) -> bool:
    """Whether a server's text is the name of a repository."""
    return isinstance(text, str) and not check_repo_id(text)


def is_commit(text: object) -> bool:
    """Whether a text is a whole commit hash: 40 hex digits in lower case."""
    return isinstance(text, str) and _COMMIT.fullmatch(text) is not None


# -- taking an address apart -------------------------------------------------------------------


def _unwrapped(text: str) -> str:
    """Without what comes along when people paste."""
    given = text.strip()
    while len(given) > 1 and (given[0], given[-1]) in {
        ('"', '"'), ("'", "'"), ("`", "`"), ("“", "”"), ("‘", "’"), ("<", ">"), ("(", ")"),
    }:  # fmt: skip
        given = given[1:-1].strip()
    for command in ("git clone ", "git lfs clone "):
        if given.lower().startswith(command):
            given = given[len(command) :].strip().split(" ")[0].strip("'\"")
            given = given.rstrip("/").removesuffix(".git")
    return given


def _of_page(address: str, endpoint: str) -> HubReference:
    """The reference in the address of a page; endpoint as in parse_reference."""
    from desktop.services import web

    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
        loose = parts.username is not None or parts.password is not None
        port = parts.port
    except ValueError:
        raise _refusal("This is no address of a page.", _HOW) from None
    if loose:
        # Not repeated in the sentence: what stands there may be a token.
        raise _refusal(
            "This address holds a user name or token.",
            "Leave that part out, and sign in instead.",
        )
    page = parts.path
    if host in _PUBLIC_HOSTS and port in (None, 80, 443):
        return _of_path(page, "" if endpoint == HUB else HUB, decode=True)
    known = urlsplit(endpoint)
    if _same_server(address, endpoint) and (
        page == known.path or page.startswith(f"{known.path}/")
    ):
        return _of_path(page[len(known.path) :], "", decode=True)
    segments = [s for s in page.split("/") if s]
    # A mirror may live below a path: the name is what stands before the mark, or at the end.
    at = next((i for i, s in enumerate(segments) if i and s in _MARKS), len(segments))
    kinds = [i for i, s in enumerate(segments[:at]) if s in ("models", *_OTHER_KINDS)]
    start = kinds[0] if kinds else max(0, at - 2)
    prefix = segments[:start]
    if prefix[-1:] == ["api"]:
        prefix.pop()
    home = f"{parts.scheme.lower()}://{parts.netloc}" + "".join(f"/{s}" for s in prefix)
    try:
        other = web.normal_endpoint(home, plain_http=True)
    except RemoteError as error:
        raise _refusal(error.message, error.advice, code="address") from None
    return _of_path("/".join(segments[start:]), "" if other == endpoint else other, decode=True)


def _same_server(address: str, endpoint: str) -> bool:
    """Whether a page is at the endpoint; one pasted with http is, where https is in use."""
    from desktop.services import web

    try:
        home = web.origin(endpoint)
        return home in (web.origin(address), web.origin(_HTTP.sub("https:", address)))
    except RemoteError:
        return False


def _of_path(path: str, endpoint: str, *, decode: bool, at: bool = False) -> HubReference:
    """The reference in a path: `[models/]org/name[/tree/revision/sub/folder]`.

    decode: whether `%2F` and the like stand for characters. at: whether `@` begins a revision.
    """
    segments = [s for s in path.strip().split("/") if s]
    if segments[:2] == ["api", "models"]:
        segments = segments[1:]
    if segments and segments[0] in _OTHER_KINDS:
        raise _refusal(_OTHER_KINDS[segments[0]], "PEFT adapters are models.", code="not_a_model")
    if segments and segments[0] == "models":
        segments = segments[1:]
    if not segments:
        raise _refusal("There is no repository in this address.", _HOW)
    if at and "@" in path:
        return _with_at("/".join(segments), endpoint, decode)
    # `name/tree/main` is an old name without an organisation; `org/tree` may be a repository.
    mark = next((i for i in (2, 1) if len(segments) > 2 and segments[i] in _MARKS), None)
    if mark is None:
        if not decode:
            return HubReference("/".join(segments), endpoint=endpoint)
        # hf:// has no mark: what follows the name is in the repository. Of a page it is some tab.
        inside = _folder(segments[2:], decode) if at else ""
        return HubReference(_decoded("/".join(segments[:2]), decode), "", inside, endpoint)
    repo_id = _decoded("/".join(segments[:mark]), decode)
    kind, after = segments[mark], segments[mark + 1 :]
    if kind in _PAGES and kind != "revision":
        return HubReference(repo_id, endpoint=endpoint)
    # A branch with slashes is one segment in an address, but for the Hub's own `refs/…`.
    many = 3 if after[:1] == ["refs"] else 1
    revision = _decoded("/".join(after[:many]), True)
    folder = after[many:]
    if kind in _FILES:
        folder = folder[:-1]
    if revision == "main":  # the same place, however it was pasted
        revision = ""
    return HubReference(repo_id, revision, _decoded("/".join(folder), True), endpoint)


def _with_at(text: str, endpoint: str, decode: bool) -> HubReference:
    """`org/name@revision`, and `org/name@revision/sub/folder` of an hf:// address."""
    repo_id, _, rest = text.partition("@")
    if not rest:
        raise ValidationError(
            [_error("revision", "revision", "There is no revision after “@”.", "Leave “@” out.")]
        )
    inside = ""
    if decode:
        segments = rest.split("/")
        many = 3 if segments[0] == "refs" else 1
        rest, inside = "/".join(segments[:many]), _folder(segments[many:], decode)
    revision = _decoded(rest, decode)
    return HubReference(
        _decoded(repo_id, decode), "" if revision == "main" else revision, inside, endpoint
    )


def _folder(segments: list[str], decode: bool) -> str:
    """The folder that a path means: its own, or that around an adapter's file."""
    names = ("adapter_config.json", "adapter_model.safetensors", "adapter_model.bin", "README.md")
    if segments and segments[-1] in names:
        segments = segments[:-1]
    return _decoded("/".join(segments), decode)


def _decoded(text: str, decode: bool) -> str:
    return unquote(text, errors="surrogateescape") if decode else text


def _error(field: str, code: str, message: str, advice: str = "", suggestion: str = "") -> Finding:
    return Finding(field, code, Severity.ERROR, message, advice, suggestion)


def _refusal(message: str, advice: str, code: str = "repo_id") -> ValidationError:
    return ValidationError([_error("huggingface_name", code, message, advice)])
