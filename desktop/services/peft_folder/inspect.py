"""One adapter folder, looked at from all sides: what is this, and can I trust it?"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from typing import NamedTuple

from desktop.services.peft_folder import files, modules, weight_checks
from desktop.services.peft_folder.config import AdapterConfig, read_config
from desktop.services.peft_folder.content import content_id
from desktop.services.peft_folder.dtypes import dtype_title
from desktop.services.peft_folder.lately import LARGEST, MOST_TEXT, Lately
from desktop.services.peft_folder.reading import MissingFileError, explain
from desktop.services.peft_folder.weights import (
    PICKLE_NAME,
    SAFETENSORS_NAME,
    Weights,
    read_weights,
)
from desktop.services.records import (
    Finding,
    FolderInspection,
    Severity,
    blocks,
    errors_first,
)

_CONFIG_NAME = "adapter_config.json"
_FALLBACK_RANK_PARTS = {"LORA": ("lora_A", 0), "ADALORA": ("lora_A", 0)}


def inspect_folder(
    path: str | os.PathLike[str], *, names: Sequence[str] | None = None
) -> FolderInspection:
    """Read what is in one adapter folder.

    Takes the folder and, where a scan has listed it already, the names of its files. Returns an
    inspection whose findings say everything that is wrong, errors first; never raises for anything
    that a path or a folder can be.
    """
    folder = os.fspath(path)
    refusal = check_folder(folder)
    if refusal is not None:
        return FolderInspection(path=folder, findings=(refusal,))
    config = read_config(folder)
    weights = read_weights(folder)
    listing = files.list_files(folder, None, names)
    findings = [*config.findings, *listing.findings]
    if _is_missing(config):
        # No adapter at all: that the weights are missing too goes without saying.
        findings = [_hint(f, folder, listing) for f in findings]
        findings += [f for f in weights.findings if f.code != "weights_missing"]
    else:
        findings += weights.findings
    facts = _facts(weights, config.peft_type)
    tensors = facts.modules
    if config.readable and weights.tensors is not None:
        findings += _checked(config, weights, tensors)
    if not blocks(findings):
        findings += files.training_note(listing, weights.name)
    replicated = bool(config.raw.get("layer_replication"))
    return FolderInspection(
        path=folder,
        fingerprint=fingerprint(folder),
        peft_type=config.peft_type,
        variant=config.variant,
        task_type=config.task_type,
        base_model_name=config.base_model_name,
        base_model_revision=config.base_model_revision,
        rank=config.rank if config.rank is not None else _rank_of(config, tensors),
        alpha=config.alpha,
        scaling=config.scaling,
        target_modules=config.target_modules,
        target_is_regex=config.target_is_regex,
        parameters=facts.parameters,
        tensor_count=None if weights.tensors is None else len(weights.tensors),
        dtypes=facts.dtypes,
        size_bytes=_size(folder, weights),
        weights_file=weights.name,
        tensor_widths=() if config.target_parameters else facts.widths,
        # Replicated layers are counted as often as they are used, not as the base model has them.
        layer_count=None if replicated else facts.layers,
        training_bytes=listing.training_bytes,
        content_id=content_id(folder, weights.name, weights.tensors),
        files=listing.files,
        config_text=config.text,
        findings=errors_first(findings),
    )


class _Facts(NamedTuple):
    """What follows from the tensors and the type alone."""

    modules: modules.TensorMap
    parameters: int | None
    dtypes: tuple[str, ...]
    widths: tuple[tuple[str, int, int], ...]
    layers: int | None


_facts_lately: Lately[_Facts] = Lately()
_checks_lately: Lately[tuple[Finding, ...]] = Lately()


def _facts(weights: Weights, peft_type: str | None) -> _Facts:
    tensors = weights.tensors or ()

    def make() -> _Facts:
        mapped = modules.map_tensors(tensors, peft_type)
        return _Facts(
            mapped,
            weights.parameters,
            tuple(dtype_title(d) for d in weights.dtypes),
            modules.tensor_widths(mapped.modules),
            modules.layer_count(mapped.modules),
        )

    if not 0 < len(tensors) <= LARGEST:
        return make()
    return _facts_lately.get(tensors, peft_type, make)


def _checked(
    config: AdapterConfig, weights: Weights, tensors: modules.TensorMap
) -> tuple[Finding, ...]:
    if not weights.tensors or len(weights.tensors) > LARGEST or len(config.text) > MOST_TEXT:
        return weight_checks.check(config, weights, tensors)
    return _checks_lately.get(
        weights.tensors, config.text, lambda: weight_checks.check(config, weights, tensors)
    )


def check_folder(folder: str) -> Finding | None:
    """The error for a path that is not a folder that can be read, None for one that is."""
    try:
        info = os.stat(folder)
        if not stat.S_ISDIR(info.st_mode):
            if stat.S_ISREG(info.st_mode):
                return _error("not_a_folder", "This is a file.", "Choose the folder around it.")
            return _error("not_a_folder", "This is not a folder.", "Choose a folder.")
        with os.scandir(folder) as entries:
            next(entries, None)
    except (OSError, ValueError) as error:
        told = explain(error, "this folder")
        if isinstance(told, MissingFileError):
            return _error(
                "folder_missing",
                "There is no such folder.",
                "Check the spelling, or choose the folder again.",
            )
        message = told.message[0].upper() + told.message[1:]
        return _error(f"folder_{told.code}", message, told.advice)
    return None


def fingerprint(path: str | os.PathLike[str]) -> str:
    """A text that changes when config or weights change: their names, sizes and times. Empty when
    there is no config. Costs three looks at the folder and reads nothing."""
    folder = os.fspath(path)
    parts = []
    for name in (_CONFIG_NAME, SAFETENSORS_NAME, PICKLE_NAME):
        try:
            info = os.stat(f"{folder}/{name}")
        except (OSError, ValueError):
            if name == _CONFIG_NAME:
                return ""
            continue
        parts.append(f"{name}:{info.st_size}:{info.st_mtime_ns}")
        if name == SAFETENSORS_NAME:
            break
    return "|".join(parts)


def _error(code: str, message: str, advice: str = "") -> Finding:
    return Finding("location", code, Severity.ERROR, message, advice)


def _is_missing(config: AdapterConfig) -> bool:
    return any(f.code == "config_missing" for f in config.findings)


def _hint(finding: Finding, folder: str, listing: files.Listing) -> Finding:
    """For a folder without a config: what it seems to be instead."""
    if finding.code != "config_missing":
        return finding
    what = files.looks_like(folder, (f.name for f in listing.files))
    advice = f"This looks like {what}, which PEFT does not load." if what else finding.advice
    return Finding("location", finding.code, finding.severity, finding.message, advice)


def _rank_of(config: AdapterConfig, tensors: modules.TensorMap) -> int | None:
    """The rank in the shapes, where the config is silent and all modules agree."""
    part, axis = _FALLBACK_RANK_PARTS.get(config.peft_type or "", ("", 0))
    ranks = {
        m.parts[part][axis] for m in tensors.modules.values() if len(m.parts.get(part, ())) > axis
    }
    rank = ranks.pop() if len(ranks) == 1 else 0
    return rank or None


def _size(folder: str, weights: Weights) -> int | None:
    if weights.size is not None or weights.name is None:
        return weights.size
    try:
        return os.stat(os.path.join(folder, weights.name)).st_size
    except (OSError, ValueError):
        return None
