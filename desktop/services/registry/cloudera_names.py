"""What people type for a version in one of Cloudera's registries, and the model that it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from desktop.services.errors import RemoteError
from desktop.services.peft_folder.reading import printable
from desktop.services.registry.cloudera_wire import is_id, is_model_id
from desktop.services.registry.names import MAX_PAGES
from desktop.services.registry.records import Connection, ModelVersion, RegisteredModel
from desktop.services.registry.rest_errors import Answerer, endless, odd_answer

Loaded = TypeVar("Loaded")

API = "/api/v2"
_API_AT_END = re.compile(r"/+api(?:/+v[0-9]+)?/*$")
_TYPED = re.compile(r"(?P<name>.+?)/+(?P<number>[0-9]{1,18})")
_MOST_TOKEN = 4_000


def home_of(connection: Connection) -> Connection:
    """The connection with the address of the server alone: the one that a workbench tells its own
    programs (CDSW_API_URL) ends with the path of its API."""
    return replace(connection, url=_API_AT_END.sub("", connection.url.strip()))


class Typed(NamedTuple):
    """A model's id or name, and the number of a version, "" = the newest."""

    model: str
    number: str


def typed(text: str) -> Typed:
    """Take apart what was typed: `id`, `name`, either with `/3`, also after `models:/`.

    Raises:
        RemoteError: `not_found` nothing was typed; `revision` an alias, which Cloudera has not.
    """
    text = text.strip().removeprefix("models:/").strip("/ ")
    if not text:
        raise RemoteError(
            "not_found", "No model is named.", "Type its ID or its name, or choose one."
        )
    found = _TYPED.fullmatch(text)
    if found:
        return Typed(found["name"], str(int(found["number"])))
    name, sign, _ = text.rpartition("@")
    if sign and name:
        raise RemoteError(
            "revision",
            "Cloudera's registries have no aliases.",
            f"Type the number of the version: “{printable(name, 60)}/3”.",
        )
    return Typed(text, "")


def by_name(models: Iterable[RegisteredModel], name: str, host: str) -> RegisteredModel:
    """The one model with this name; upper and lower case count only where they have to.

    Raises:
        RemoteError (`not_found`): none, or several.
    """
    found = list(models)
    exact = [model for model in found if model.name == name]
    alike = exact or [model for model in found if model.name.casefold() == name.casefold()]
    if not alike:
        raise no_model(name, host)
    if len({model.id for model in alike}) > 1:
        ids = ", ".join(printable(model.id, 40) for model in alike[:3])
        raise RemoteError(
            "not_found",
            f"{host} has several models with the name “{printable(name, 80)}”.",
            f"Type the ID of one of them: {ids}.",
        )
    return alike[0]


def load_model(wanted: str, find: Callable[[str], str], load: Callable[[str], Loaded]) -> Loaded:
    """What belongs to the model that was typed. find: the id of the model with a name. load: of
    the model with an id. What looks like an id is tried as one first, as a name afterwards; of
    anything else it is the other way round.

    Raises:
        RemoteError: `not_found` neither; what these raise.
    """
    looks_like_id = is_model_id(wanted)
    try:
        return load(wanted if looks_like_id else find(wanted))
    except RemoteError as error:
        if error.code != "not_found" or not is_id(wanted):
            raise
        failure = error
    try:
        return load(find(wanted) if looks_like_id else wanted)
    except RemoteError as error:
        if error.code != "not_found":
            raise
    raise failure


def pick(versions: Sequence[ModelVersion], wanted: Typed, model: RegisteredModel) -> ModelVersion:
    """The version with the wanted number, or the newest. versions: newest first.

    Raises:
        RemoteError (`revision`): there is none.
    """
    name = printable(model.name, 80)
    if not versions:
        raise RemoteError(
            "revision", f"“{name}” has no version.", "Register one, or choose another model."
        )
    if not wanted.number:
        return versions[0]
    for version in versions:
        if version.version == wanted.number:
            return version
    raise RemoteError(
        "revision",
        f"There is no version {wanted.number} of “{name}”.",
        f"Its newest version is {versions[0].version}.",
    )


def no_model(name: str, host: str) -> RemoteError:
    """There is no such model, as far as the person may see."""
    return RemoteError(
        "not_found",
        f"There is no model “{printable(name, 80)}” on {host}.",
        "Check the spelling, or whether you are allowed to see it.",
    )


def not_ready(version: ModelVersion) -> RemoteError:
    """The registry has not finished with a version, or could not."""
    return RemoteError(
        "entry",
        f"{version_text(version)} is not ready: the registry says {printable(version.status, 40)}.",
        "Choose another version, or try again later.",
    )


def version_text(version: ModelVersion) -> str:
    """A version at the beginning of a sentence."""
    return f"Version {version.version} of “{printable(version.model_name, 80)}”"


# -- pages ---------------------------------------------------------------------------------------


class Cursor(NamedTuple):
    """Where the next page of models begins. whole: the list is not filtered by the server. page:
    its number, which ends lists that do not end."""

    token: str = ""
    whole: bool = False
    page: int = 1

    def __str__(self) -> str:
        return f"{'w' if self.whole else 'f'}{self.page}:{self.token}"


def read_cursor(text: str, who: Answerer) -> Cursor:
    """The cursor in a text; the first page for "".

    Raises:
        RemoteError (`listing`): there were too many pages before it.
    """
    found = re.fullmatch(r"([fw])([0-9]{1,6}):(.*)", text, re.DOTALL)
    if not found:
        return Cursor()
    if int(found[2]) > MAX_PAGES:
        raise endless(who)
    return Cursor(found[3], found[1] == "w", int(found[2]))


def next_token(page: Mapping[str, Any], before: str, who: Answerer) -> str:
    """The token of the page after this one, "" = that was the last. before: of this page.

    Raises:
        RemoteError: `listing` the next page is this one; `answer` no token.
    """
    token = page.get("next_page_token") or ""
    if not isinstance(token, str) or len(token) > _MOST_TOKEN or not token.isprintable():
        raise odd_answer(who)
    if token and token == before:
        raise endless(who)
    return token


def all_pages(
    ask: Callable[[str], Mapping[str, Any]], who: Answerer
) -> Iterable[Mapping[str, Any]]:
    """Every page of a list. ask: for the page with this token.

    Raises:
        RemoteError (`listing`): pages that lead back, or too many of them.
    """
    token, seen = "", {""}
    for _ in range(MAX_PAGES):
        page = ask(token)
        yield page
        token = next_token(page, token, who)
        if not token:
            return
        if token in seen:
            break
        seen.add(token)
    raise endless(who)
