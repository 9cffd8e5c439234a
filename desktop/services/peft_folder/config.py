"""adapter_config.json of any PEFT release, read without believing a word of it.

PEFT itself takes what `json.load` gives it. Here every value has a type and a limit, what PEFT
would stumble over becomes a warning, and nothing named in the file is opened, imported or run; a
regular expression in it stays text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from desktop.services.errors import FolderError
from desktop.services.peft_folder import config_checks, safe_json
from desktop.services.peft_folder.peft_types import variant_of
from desktop.services.peft_folder.reading import (
    LFS_POINTER_START,
    MissingFileError,
    UnreadableFileError,
    read_start,
    size_text,
    storable,
)
from desktop.services.records import Finding, Severity

CONFIG_NAME = "adapter_config.json"
MAX_CONFIG_BYTES = 1 << 20
MAX_DEPTH = 64
_KEPT_BYTES = 16 << 10
MAX_MODULES = 20_000

_ALPHA_KEYS = {
    "LORA": "lora_alpha", "ADALORA": "lora_alpha", "LOHA": "alpha", "LOKR": "alpha",
    "GRALORA": "alpha", "DEFT": "alpha", "RANDLORA": "randlora_alpha", "PSOFT": "psoft_alpha",
    "SHADOW": "shadow_alpha", "SUPERTUNING": "lora_alpha",
}  # fmt: skip
_OWN_SCALING = ("FOURIERFT", "WAVEFT", "LILY", "PEANUT")


class AdapterConfig(NamedTuple):
    """The settings that Lorarium understands, with everything that is to be said about them.

    `readable` is False when the file blocks an import. `raw` is the parsed object, for reading
    only. rank and alpha are None where the file does not give a usable figure.
    """

    readable: bool = False
    text: str = ""
    raw: Mapping[str, Any] = MappingProxyType({})
    peft_type: str | None = None
    variant: str | None = None
    task_type: str | None = None
    base_model_name: str | None = None
    base_model_revision: str | None = None
    rank: int | None = None
    alpha: float | None = None
    scaling: float | None = None
    target_modules: tuple[str, ...] = ()
    target_is_regex: bool = False
    target_parameters: tuple[str, ...] = ()
    modules_to_save: tuple[str, ...] = ()
    rank_pattern: tuple[tuple[str, int], ...] = ()
    use_dora: bool = False
    findings: tuple[Finding, ...] = ()


def read_config(folder: str, root: str | None = None) -> AdapterConfig:
    """Read adapter_config.json of a folder. Never raises for what is in the folder: what is wrong
    is in `findings`, and `readable` says whether there is anything to go on with."""
    try:
        data, size = read_start(folder, CONFIG_NAME, MAX_CONFIG_BYTES + 1, root)
    except MissingFileError:
        return _blocked(
            "config_missing",
            "There is no adapter_config.json in this folder.",
            "Choose the folder that holds it.",
        )
    except UnreadableFileError as error:
        return _blocked(f"config_{error.code}", error.message, error.advice)
    if max(size, len(data)) > MAX_CONFIG_BYTES:
        return _blocked(
            "config_limit",
            f"adapter_config.json takes {size_text(size)}; Lorarium reads up to "
            f"{size_text(MAX_CONFIG_BYTES)}.",
            "Check that it is the right file.",
        )
    return parse_config(data)


def parse_config(data: bytes) -> AdapterConfig:
    """As read_config, from the file's bytes."""
    # The checkpoints of a training have the same config, byte by byte.
    return _parsed_lately(data) if len(data) <= _KEPT_BYTES else _parsed(data)


@lru_cache(maxsize=64)
def _parsed_lately(data: bytes) -> AdapterConfig:
    return _parsed(data)


def _parsed(data: bytes) -> AdapterConfig:
    if data.startswith(LFS_POINTER_START):
        return _blocked(
            "config_pointer",
            "adapter_config.json is a Git LFS pointer: the file itself was not fetched.",
            "Run “git lfs pull” in the repository, or fetch the file again.",
        )
    if not data.strip():
        return _blocked(
            "config_empty", "adapter_config.json is empty.", "Fetch or save the file again."
        )
    try:
        parsed = safe_json.parse(data, max_depth=MAX_DEPTH)
    except safe_json.JsonLimitError as error:
        return _blocked(
            "config_limit",
            f"adapter_config.json {error.message}.",
            "Check that it is the right file.",
            text=safe_json.lenient_text(data),
        )
    except FolderError as error:
        return _blocked(
            "config_not_json",
            f"adapter_config.json {error.message}.",
            "Mend the file, or save the adapter again.",
            text=safe_json.lenient_text(data),
        )
    if not isinstance(parsed.value, dict):
        return _blocked(
            "config_not_object",
            f"adapter_config.json holds {safe_json.kind_word(parsed.value)}, not a table of "
            "settings.",
            "Mend the file, or save the adapter again.",
            text=storable(parsed.text),
        )
    config = _understood(parsed.value, storable(parsed.text))
    return config._replace(findings=config_checks.check(parsed, config))


def _understood(raw: dict[str, Any], text: str) -> AdapterConfig:
    peft_type = as_text(raw.get("peft_type"), 100)
    use_dora = raw.get("use_dora") is True
    targets, is_regex = _targets(raw.get("target_modules"), peft_type)
    config = AdapterConfig(
        readable=True,
        text=text,
        raw=raw,
        peft_type=peft_type,
        variant=variant_of(peft_type, use_dora, raw.get("use_rslora") is True)
        if peft_type
        else None,
        task_type=as_text(raw.get("task_type"), 100),
        base_model_name=as_text(raw.get("base_model_name_or_path"), 4096),
        base_model_revision=as_text(raw.get("revision"), 255),
        rank=_rank(raw, peft_type),
        alpha=as_number(raw.get(_ALPHA_KEYS.get(peft_type or "", "lora_alpha"))),
        target_modules=targets,
        target_is_regex=is_regex,
        target_parameters=as_texts(raw.get("target_parameters")),
        modules_to_save=as_texts(raw.get("modules_to_save")),
        rank_pattern=_ranks(raw.get("rank_pattern")),
        use_dora=use_dora,
    )
    return config._replace(scaling=_scaling(config))


def _rank(raw: dict[str, Any], peft_type: str | None) -> int | None:
    if peft_type == "OFT":
        return None  # its r is a number of blocks
    if peft_type == "ADALORA" and as_rank(raw.get("init_r")):
        return as_rank(raw.get("init_r"))  # the rank of the saved tensors; r is not used
    return as_rank(raw.get("r"))


def _scaling(config: AdapterConfig) -> float | None:
    """The factor of the update: alpha/r, with rsLoRA alpha/√r (PEFT's LoraLayer.scaling)."""
    if config.peft_type in _OWN_SCALING:
        return as_number(config.raw.get("scaling"))
    if config.alpha is None or config.rank is None:
        return None
    if config.peft_type not in ("LORA", "LOHA", "LOKR", "ADALORA", "GRALORA"):
        return None
    if config.peft_type == "ADALORA" and config.raw.get("rank_pattern"):
        return None  # alpha by the rank that is left of each module, which differs
    if config.raw.get("use_rslora") is True and config.peft_type == "LORA":
        return config.alpha / math.sqrt(config.rank)
    return config.alpha / config.rank


def _targets(value: Any, peft_type: str | None) -> tuple[tuple[str, ...], bool]:
    """The target modules sorted (PEFT writes them from a set, in random order), and whether they
    are one regular expression."""
    if isinstance(value, str):
        if not value.strip():
            return (), False
        plain = value == "all-linear" or peft_type == "ADAPTION_PROMPT"
        return (storable(value, 10_000),), not plain
    return tuple(sorted(set(as_texts(value)))), False


def _ranks(value: Any) -> tuple[tuple[str, int], ...]:
    if not isinstance(value, dict):
        return ()
    found = ((storable(str(key), 500), as_rank(rank)) for key, rank in value.items())
    return tuple((key, rank) for key, rank in found if rank is not None)[:MAX_MODULES]


def as_text(value: Any, limit: int) -> str | None:
    """A text that is not blank, fit for a database; else None."""
    return storable(value, limit) if isinstance(value, str) and value.strip() else None


def as_texts(value: Any) -> tuple[str, ...]:
    """The texts of a list; a lone text counts as a list of one."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        return ()
    return tuple(storable(v, 500) for v in value[:MAX_MODULES] if isinstance(v, str) and v)


def as_rank(value: Any) -> int | None:
    """A whole number from 1 to 2^31, else None. JSON's true is no number."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 < value < config_checks.MAX_RANK else None


def as_number(value: Any) -> float | None:
    """A finite number of sane size, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and abs(value) < 1e30 else None


def _blocked(code: str, message: str, advice: str = "", text: str = "") -> AdapterConfig:
    finding = Finding("location", code, Severity.ERROR, message, advice)
    return AdapterConfig(text=text, findings=(finding,))
