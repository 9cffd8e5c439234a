"""The rules of an import: a request in, what is to be said about it out. Nothing is changed here.

The rules and their order are those of docs/architecture.md, "The rules of an import".
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Connection

from desktop.services.catalog import store
from desktop.services.catalog.engine import Catalog
from desktop.services.catalog.paths import from_stored, resolve, to_stored
from desktop.services.peft_folder import BaseFit, base_fit, cached_base_dir, inspect_folder
from desktop.services.records import (
    AdapterType,
    AddAdapterRequest,
    BaseModelRecord,
    Finding,
    FolderInspection,
    Severity,
    errors_first,
)

NAME_LIMIT = 255
TEXT_LIMIT = 100_000
PATH_LIMIT = 4096

_WORDS = {
    "type": "source",
    "name": "name",
    "description": "description",
    "model_id": "base model",
    "location": "folder",
    "huggingface_name": "Hub name",
    "fine_tuning_job_id": "training job",
    "prompt_id": "prompt",
    "cml_registered_model_id": "registry ID",
    "mlflow_experiment_id": "MLflow experiment ID",
    "mlflow_run_id": "MLflow run ID",
}


def error(field: str, code: str, message: str, advice: str = "", suggestion: str = "") -> Finding:
    """A finding that blocks."""
    return Finding(field, code, Severity.ERROR, message, advice, suggestion)


def warning(field: str, code: str, message: str, advice: str = "") -> Finding:
    """A finding that does not block."""
    return Finding(field, code, Severity.WARNING, message, advice)


def unknown_base_model() -> Finding:
    """What is said of a base model that is not there."""
    return error(
        "model_id",
        "unknown_base_model",
        "This base model is not in the library.",
        "Choose another one, or add it first.",
    )


def clean(request: AddAdapterRequest) -> AddAdapterRequest:
    """The request as it would be stored: text stripped, name NFC-normalised, nothing given = None.

    `location` is taken byte for byte; only a blank one counts as not given.
    """
    values: dict[str, Any] = {}
    for field in fields(request):
        value = getattr(request, field.name)
        if value is None:
            continue
        text = os.fsdecode(value) if isinstance(value, os.PathLike) else str(value)
        if field.name == "location":
            values[field.name] = text if text.strip() else None
            continue
        text = text.strip()
        if field.name == "name":
            text = clean_name(text)
        values[field.name] = text or None
    return AddAdapterRequest(**values)


def clean_name(text: str) -> str:
    """A name as it is stored: stripped, NFC; "" where no character of it can be seen."""
    text = unicodedata.normalize("NFC", text).strip()
    return text if any(c.isprintable() and not c.isspace() for c in text) else ""


def text_findings(field: str, text: str | None, *, limit: int = NAME_LIMIT) -> list[Finding]:
    """What both databases could not hold alike, or nobody could read."""
    if not text:
        return []
    word = _WORDS.get(field, field.replace("_", " "))
    many_lines = limit == TEXT_LIMIT
    bad = sorted(
        {
            f"U+{ord(c):04X}"
            for c in text
            if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")
            and not (many_lines and c in "\n\r\t")
        }
    )
    found = []
    if bad:
        found.append(
            error(
                field,
                "characters",
                f"The {word} holds characters that can't be shown ({', '.join(bad[:3])}).",
                "Type it anew without them.",
            )
        )
    if len(text) > limit:
        found.append(
            error(
                field,
                "too_long",
                f"The {word} has {len(text):,} characters; {limit:,} are the most.",
                "Shorten it.",
            )
        )
    return found


def free_name(wanted: str, taken: set[str]) -> str:
    """A name that nobody has: `wanted`, or the next version (`-v8` after `-v7`), or `-2`, `-3` …"""
    wanted = clean_name(wanted)[:NAME_LIMIT] or "adapter"
    if wanted not in taken:
        return wanted
    counted = re.fullmatch(r"(.*[-_. ][vV]?)(\d{1,6})", wanted)
    stem, number = (counted[1], int(counted[2])) if counted else (f"{wanted[:240]}-", 1)
    while True:
        number += 1
        if f"{stem}{number}" not in taken:
            return f"{stem}{number}"


def name_stem(name: str) -> str:
    """What every name that `free_name` may try begins with."""
    counted = re.fullmatch(r"(.*[-_. ][vV]?)(\d{1,6})", name)
    return counted[1] if counted else name[:240]


class Validator:
    """Applies the rules against one catalogue."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def rules_without_files(
        self,
        request: AddAdapterRequest,
        connection: Connection,
        *,
        own_id: str | None = None,
        needs_location: bool = True,
    ) -> list[Finding]:
        """Rules 0, 1, 3 (existence), 4 and 5 for a cleaned request.

        own_id: the adapter that is edited, so that it does not collide with itself.
        needs_location: False before a source has fetched the files.
        """
        found: list[Finding] = []
        if request.type not in list(AdapterType):
            found.append(
                error(
                    "type",
                    "unknown_type",
                    "This source is not known."
                    if request.type
                    else "It is not said where the adapter comes from.",
                    "It is one of project, huggingface and model_registry.",
                )
            )
        found += self._required(request, needs_location)
        for field in fields(request):
            if field.name in ("type", "location"):
                continue
            limit = TEXT_LIMIT if field.name == "description" else NAME_LIMIT
            found += text_findings(field.name, getattr(request, field.name), limit=limit)
        unstorable = {f.field for f in found if f.code == "characters"}
        if request.model_id and "model_id" not in unstorable:
            if self._catalog.row(connection, store.MODELS, request.model_id) is None:
                found.append(unknown_base_model())
        if request.name and "name" not in unstorable:
            found += self._name_taken(request.name, connection, own_id)
        if request.fine_tuning_job_id and "fine_tuning_job_id" not in unstorable:
            found += self._job(request, connection, own_id)
        if request.prompt_id and "prompt_id" not in unstorable:
            if self._catalog.row(connection, store.PROMPTS, request.prompt_id) is None:
                found.append(
                    error(
                        "prompt_id",
                        "unknown_prompt",
                        "This prompt is not in the library.",
                        "Choose another one, or leave it empty.",
                    )
                )
        return found

    def _required(self, request: AddAdapterRequest, needs_location: bool) -> list[Finding]:
        found = []
        if not request.name:
            found.append(error("name", "required", "The adapter needs a name."))
        if not request.model_id:
            found.append(
                error("model_id", "required", "The adapter needs a base model.", "Choose one.")
            )
        if needs_location and not request.location:
            found.append(
                error("location", "required", "The adapter needs a folder.", "Choose one.")
            )
        if request.type == AdapterType.HUGGINGFACE and not request.huggingface_name:
            found.append(
                error(
                    "huggingface_name",
                    "required",
                    "An adapter from the Hub needs its Hub name.",
                    "It looks like “org/name”.",
                )
            )
        if request.type == AdapterType.MODEL_REGISTRY and not request.cml_registered_model_id:
            found.append(
                error(
                    "cml_registered_model_id",
                    "required",
                    "An adapter from a registry needs its registry ID.",
                )
            )
        return found

    def _name_taken(self, name: str, connection: Connection, own_id: str | None) -> list[Finding]:
        if store.named_adapter(connection, name, own_id) is None:
            return []
        free = free_name(name, store.names_like(connection, name_stem(name)) | {name})
        return [
            error(
                "name", "name_taken", "Another adapter has this name.", f"“{free}” is free.", free
            )
        ]

    def _job(
        self, request: AddAdapterRequest, connection: Connection, own_id: str | None
    ) -> list[Finding]:
        row = self._catalog.row(connection, store.JOBS, request.fine_tuning_job_id or "")
        if row is None:
            return [
                error(
                    "fine_tuning_job_id",
                    "unknown_job",
                    "This training job is not in the library.",
                    "Choose another one, or leave it empty.",
                )
            ]
        named = row.get("adapter_name")
        own = self._catalog.row(connection, store.ADAPTERS, own_id) if own_id else None
        # A rename takes the job along, so the adapter's present name is no other adapter's.
        if not named or named == request.name or (own and named == own.get("name")):
            return []
        return [
            warning(
                "fine_tuning_job_id",
                "job_names_another",
                f"This training job names another adapter, “{named}”.",
                "Its dataset split is not used for this one.",
            )
        ]

    # -- the folder ------------------------------------------------------------------------

    def location_rule(self, location: str | None) -> list[Finding]:
        """What is wrong with a location before its folder is looked at."""
        if not location:
            return []
        if "\x00" in location:
            return [error("location", "characters", "A path can't hold a NUL character.")]
        try:
            size = len(os.fsencode(location))
        except UnicodeEncodeError:  # half a character: no file system gives such a name
            return [error("location", "characters", "A path can't hold half a character.")]
        if size > PATH_LIMIT:
            return [error("location", "too_long", "This path is longer than any disk can hold.")]
        if resolve(location, self._catalog.location.root) is None:
            return [
                error(
                    "location",
                    "relative",
                    "This path does not say where it begins.",
                    "Give the whole path, from the root of the disk.",
                )
            ]
        return []

    def inspect(self, location: str) -> FolderInspection:
        """What is in the folder of a location that passed `location_rule`."""
        return inspect_folder(resolve(location, self._catalog.location.root) or location)

    def base_findings(
        self, inspection: FolderInspection, base: BaseModelRecord | None
    ) -> list[Finding]:
        """Rule 3: does the base model fit the config's name and the shapes of the weights."""
        if base is None or inspection.tensor_count is None:
            return []
        return list(base_fit_of(inspection, base).findings)

    def fit_findings(self, inspection: FolderInspection, model_id: str | None) -> list[Finding]:
        """The same for the base model of this id; nothing where there is none."""
        if not model_id or text_findings("model_id", model_id):
            return []
        with self._catalog.read() as connection:
            row = self._catalog.row(connection, store.MODELS, model_id)
        base = store.base_model_record(row) if row is not None else None
        return self.base_findings(inspection, base)

    def known_location(
        self, location: str, connection: Connection, own_id: str | None
    ) -> list[Finding]:
        """A folder that is in already: a warning that names the adapter."""
        path = resolve(location, self._catalog.location.root) or location
        spellings = {location, path, os.path.normpath(path), os.path.realpath(path)}
        root = self._catalog.location.root
        if root is not None:
            spellings |= {os.path.relpath(p, root) for p in list(spellings) if os.path.isabs(p)}
        stored = [to_stored(spelling) for spelling in sorted(spellings)]
        name = store.at_location(connection, stored, own_id)
        if name is None:
            return []
        return [
            warning(
                "location",
                "location_known",
                f"This folder is in the library already, as “{name}”.",
                "It can be in more than once, under another name.",
            )
        ]

    def check(
        self,
        request: AddAdapterRequest,
        *,
        own_id: str | None = None,
        inspection: FolderInspection | None = None,
        inspect: Callable[[str], FolderInspection] | None = None,
    ) -> tuple[tuple[Finding, ...], FolderInspection | None]:
        """All rules for a request that is not cleaned yet: (findings, errors first; what is in
        the folder). `inspection`: what was just read from it, to save a second look."""
        request = clean(request)
        found = self.location_rule(request.location)
        if request.location and not found:
            inspection = inspection or (inspect or self.inspect)(request.location)
            found += inspection.findings
        with self._catalog.read() as connection:
            found = self.rules_without_files(request, connection, own_id=own_id) + found
            base = None
            if request.model_id and not text_findings("model_id", request.model_id):
                row = self._catalog.row(connection, store.MODELS, request.model_id)
                base = store.base_model_record(row) if row is not None else None
            if request.location and not any(
                f.field == "location" and f.severity == "error" for f in found
            ):
                found += self.known_location(request.location, connection, own_id)
        if inspection is not None:
            found += self.base_findings(inspection, base)
        return errors_first(found), inspection


def base_fit_of(inspection: FolderInspection, base: BaseModelRecord) -> BaseFit:
    """How a base model fits what is in a folder (`peft_folder.BaseFit`)."""
    title = base.huggingface_name or base.location or base.title
    folder = from_stored(base.location) if base.location else None
    if folder is None and base.huggingface_name:
        folder = cached_base_dir(base.huggingface_name)
    return base_fit(inspection, named=inspection.base_model_name, base_title=title, base_dir=folder)


def match_base_model(
    named: str | None, models: Sequence[BaseModelRecord]
) -> BaseModelRecord | None:
    """The library's base model that a config means: same Hub name, folder or name; then the same
    without regard to case; never a guess from a part of the name."""
    if not named:
        return None
    wanted = named.strip().rstrip("/")
    for fold in (str, str.casefold):
        for model in models:
            spellings = (model.huggingface_name, model.location, model.name)
            if any(text and fold(text.rstrip("/")) == fold(wanted) for text in spellings):
                return model
    return None


def stored_values(request: AddAdapterRequest) -> dict[str, Any]:
    """The columns of `adapters` for a cleaned request."""
    values = {field.name: getattr(request, field.name) for field in fields(request)}
    if request.location:
        values["location"] = to_stored(request.location)
    return values


def with_location(request: AddAdapterRequest, location: str) -> AddAdapterRequest:
    """The same request for another folder."""
    return replace(request, location=location)
