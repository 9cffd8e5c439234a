"""The models that adapters belong to."""

from __future__ import annotations

import os
import re
import uuid
from dataclasses import fields, replace
from typing import Any

from desktop.services.catalog import store
from desktop.services.catalog.changes import Transaction
from desktop.services.catalog.engine import Catalog
from desktop.services.catalog.paths import from_stored, to_stored
from desktop.services.errors import InUseError, NotFoundError, ValidationError
from desktop.services.peft_folder import split_base_name
from desktop.services.records import (
    AdapterType,
    AddBaseModelRequest,
    BaseModelRecord,
    Finding,
    blocks,
)
from desktop.services.validation import (
    TEXT_LIMIT,
    clean_name,
    error,
    match_base_model,
    text_findings,
)

# What the Hub allows in a name; also what may become a path.
_HUB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")

_NEEDS = {
    AdapterType.PROJECT: ("location", "A base model in a folder needs the folder."),
    AdapterType.HUGGINGFACE: (
        "huggingface_name",
        "A base model from the Hub needs its Hub name.",
    ),
    AdapterType.MODEL_REGISTRY: (
        "cml_registered_model_id",
        "A base model from a registry needs its registry ID.",
    ),
}


def is_hub_name(text: str) -> bool:
    """Whether `text` can be the name of a repository on the Hub."""
    return bool(_HUB_NAME.fullmatch(text)) and not re.search(r"\.\.|--|\.git$|[.-]$", text)


class BaseModels:
    """The base models of one catalogue."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def list_base_models(self) -> list[BaseModelRecord]:
        """Every base model with the count of its adapters, by title."""
        return store.base_models(self._catalog)

    def get_base_model(self, model_id: str) -> BaseModelRecord:
        """One base model.

        Raises:
            NotFoundError: no base model has this id.
        """
        for record in self.list_base_models():
            if record.id == model_id:
                return record
        raise _gone()

    def find_base_model(self, named: str | None) -> BaseModelRecord | None:
        """The base model that a config's `base_model_name_or_path` means, if it is here."""
        return match_base_model(named, self.list_base_models())

    def request_for(self, named: str) -> AddBaseModelRequest:
        """What to add for the base model that a config names: a folder if it is one here, else
        the Hub name."""
        if os.path.isabs(named) and os.path.isdir(named):
            return AddBaseModelRequest(type=AdapterType.PROJECT, location=named)
        if is_hub_name(named):
            return AddBaseModelRequest(type=AdapterType.HUGGINGFACE, huggingface_name=named)
        return AddBaseModelRequest(type=AdapterType.PROJECT, location=named)

    def validate(
        self, request: AddBaseModelRequest, *, own_id: str | None = None
    ) -> tuple[Finding, ...]:
        """What adding this base model would say."""
        request = _clean(request)
        found: list[Finding] = []
        if request.type not in list(AdapterType):
            found.append(
                error(
                    "type",
                    "unknown_type",
                    "It is not said where the base model comes from.",
                    "It is one of project, huggingface and model_registry.",
                )
            )
        else:
            field, message = _NEEDS[AdapterType(request.type)]
            if not getattr(request, field):
                found.append(error(field, "required", message))
        for spec in fields(request):
            if spec.name not in ("type", "location"):
                limit = TEXT_LIMIT if spec.name == "description" else 255
                found += text_findings(spec.name, getattr(request, spec.name), limit=limit)
        name = request.huggingface_name
        if name and not is_hub_name(name):
            found.append(
                error(
                    "huggingface_name",
                    "hub_name",
                    "This is not a name of the Hub.",
                    "It looks like “org/name”: letters, digits, dots, dashes, underscores.",
                )
            )
        if request.type == AdapterType.PROJECT and request.location:
            found += self._folder(request.location)
        found += self._twins(request, own_id)
        return tuple(found)

    def _folder(self, location: str) -> list[Finding]:
        if not os.path.isabs(location):
            return [
                error(
                    "location",
                    "relative",
                    "This path does not say where it begins.",
                    "Give the whole path, from the root of the disk.",
                )
            ]
        try:
            there, folder = os.path.exists(location), os.path.isdir(location)
        except ValueError:
            there = folder = False
        if folder:
            return []
        if there:
            return [error("location", "is_file", "This is a file.", "Choose the folder around it.")]
        return [error("location", "missing", "There is no folder here.", "Check the path.")]

    def _twins(self, request: AddBaseModelRequest, own_id: str | None) -> list[Finding]:
        pairs = (
            ("huggingface_name", request.huggingface_name),
            ("location", request.location),
            ("cml_registered_model_id", request.cml_registered_model_id),
        )
        for record in self.list_base_models():
            for field, value in pairs:
                if record.id != own_id and value and getattr(record, field) == value:
                    return [
                        error(
                            field,
                            "exists",
                            f"This base model is in the library already, as “{record.title}”.",
                            "Use that one.",
                        )
                    ]
        return []

    def add_base_model(self, request: AddBaseModelRequest) -> BaseModelRecord:
        """Add a base model. Needs no network; nothing is downloaded.

        Raises:
            ValidationError: with every finding, if one of them blocks.
        """
        found = self.validate(request)
        if blocks(found):
            raise ValidationError(found)
        values = _row_values(_clean(request))
        key = str(uuid.uuid4())
        with self._catalog.write(f"Add base model “{values['name']}”") as transaction:
            transaction.insert(store.MODELS, {"id": key, **values})
        return self.get_base_model(key)

    def prepared(self, named: str) -> tuple[dict[str, Any], tuple[Finding, ...]]:
        """The row, but for its id, of the base model that a config names, and what adding it would
        say. A path into a Hub cache that is not here means the model on the Hub."""
        request = self.request_for(named)
        hub_name = split_base_name(named).hub_name
        if request.type == AdapterType.PROJECT and hub_name and not os.path.isdir(named):
            request = self.request_for(hub_name)
        return _row_values(_clean(request)), self.validate(request)

    def update_base_model(self, model_id: str, **changes: Any) -> BaseModelRecord:
        """Change name, description, framework, Hub name, folder or ids of a base model.

        Raises:
            NotFoundError: no base model has this id.
            ValidationError: with every finding, if one of them blocks.
        """
        record = self.get_base_model(model_id)
        names = [spec.name for spec in fields(AddBaseModelRequest)]
        before = AddBaseModelRequest(**{name: getattr(record, name) for name in names})
        request = _clean(replace(before, **changes))
        found = [f for f in self.validate(request, own_id=model_id) if f.field in changes]
        if "name" in changes and not request.name:
            found.append(error("name", "required", "The base model needs a name."))
        if blocks(found):
            raise ValidationError(found)
        values = {name: getattr(request, name) for name in changes}
        if "huggingface_name" in values:
            values["huggingface_model_name"] = values.pop("huggingface_name")
        if values.get("location"):
            values["location"] = to_stored(values["location"])
        with self._catalog.write(f"Change base model “{record.title}”") as transaction:
            transaction.update(store.MODELS, model_id, values)
        return self.get_base_model(model_id)

    def remove_base_model(self, model_id: str) -> None:
        """Remove a base model that nothing needs.

        Raises:
            NotFoundError: no base model has this id.
            InUseError: adapters, jobs or evaluations need it; `users` names them.
        """
        record = self.get_base_model(model_id)
        with self._catalog.write(f"Remove base model “{record.title}”") as transaction:
            refuse_if_used(self._catalog, transaction, "models", model_id, record.title)
            transaction.delete(store.MODELS, model_id)


_KINDS = {
    "adapters": ("adapter", "adapters"),
    "fine_tuning_jobs": ("training job", "training jobs"),
    "prompts": ("prompt", "prompts"),
    "evaluation_jobs": ("evaluation", "evaluations"),
}


def refuse_if_used(
    catalog: Catalog, transaction: Transaction, table: str, key: str, title: str
) -> None:
    """Keep a record that others refer to.

    Raises:
        InUseError: with the list of those that need it.
    """
    found = store.users(catalog, transaction.connection, table, key)
    if not found:
        return
    counts = []
    for kind, (one, many) in _KINDS.items():
        count = sum(k == kind for k, _, _ in found)
        if count:
            counts.append(f"{count:,} {one if count == 1 else many}")
    by = counts[0] if len(counts) == 1 else f"{', '.join(counts[:-1])} and {counts[-1]}"
    names = [f"“{name}”" for _, _, name in found[:5]]
    more = f" and {len(found) - 5:,} more" if len(found) > 5 else ""
    raise InUseError(
        f"“{title}” is used by {by}, so it stays.",
        f"It is needed by {', '.join(names)}{more}.",
        found,
    )


def _clean(request: AddBaseModelRequest) -> AddBaseModelRequest:
    values: dict[str, Any] = {}
    for spec in fields(request):
        value = getattr(request, spec.name)
        if value is None:
            continue
        text = os.fsdecode(value) if isinstance(value, os.PathLike) else str(value)
        if spec.name == "location":
            text = from_stored(text) if text.strip() else ""
        elif spec.name == "name":
            text = clean_name(text)
        else:
            text = text.strip()
        values[spec.name] = text or None
    return AddBaseModelRequest(**values)


def _row_values(request: AddBaseModelRequest) -> dict[str, Any]:
    """The columns of `models`, but for the id, for a cleaned request."""
    values = {spec.name: getattr(request, spec.name) for spec in fields(request)}
    values["huggingface_model_name"] = values.pop("huggingface_name")
    if request.location:
        values["location"] = to_stored(request.location)
    if not request.name:
        folder = os.path.basename((request.location or "").rstrip("/\\"))
        values["name"] = (
            request.huggingface_name
            or (clean_name(os.fsencode(folder).decode("utf-8", "replace")) if folder else None)
            or request.cml_registered_model_id
        )
    return values


def _gone() -> NotFoundError:
    return NotFoundError(
        "There is no such base model in the library.", "It may have been removed meanwhile."
    )
