"""What is to be said about a readable adapter_config.json. Warnings and notes only."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from desktop.services.peft_folder.config_keys import known_keys
from desktop.services.peft_folder.peft_types import (
    OLD_TYPE_TITLES,
    TASK_TITLES,
    TYPE_TITLES,
)
from desktop.services.peft_folder.reading import printable
from desktop.services.peft_folder.safe_json import shown_value
from desktop.services.records import Finding, Severity

if TYPE_CHECKING:
    from desktop.services.peft_folder.config import AdapterConfig
    from desktop.services.peft_folder.safe_json import ParsedJson

MAX_RANK = 1 << 31
"""Ranks from here on are no ranks: a database could not even keep some of them."""

_TEXT, _WHOLE, _NUMBER, _SWITCH, _TABLE, _NAMES = (
    "a text", "a whole number", "a number", "true or false", "a table", "a list of texts",
)  # fmt: skip
_EXPECTED = {
    "peft_type": _TEXT, "task_type": _TEXT, "base_model_name_or_path": _TEXT, "revision": _TEXT,
    "peft_version": _TEXT, "inference_mode": _SWITCH, "auto_mapping": _TABLE, "r": _WHOLE,
    "lora_alpha": _NUMBER, "alpha": _NUMBER, "lora_dropout": _NUMBER, "init_r": _WHOLE,
    "target_r": _WHOLE, "use_dora": _SWITCH, "use_rslora": _SWITCH, "fan_in_fan_out": _SWITCH,
    "lora_bias": _SWITCH, "bias": _TEXT, "rank_pattern": _TABLE, "alpha_pattern": _TABLE,
    "target_modules": _NAMES, "exclude_modules": _NAMES, "feedforward_modules": _NAMES,
    "modules_to_save": _NAMES, "target_parameters": _NAMES, "num_virtual_tokens": _WHOLE,
    "token_dim": _WHOLE, "num_layers": _WHOLE,
}  # fmt: skip
_RANK_MAY_BE_ZERO = frozenset({"OFT", "GRALORA"})


def check(parsed: ParsedJson, config: AdapterConfig) -> tuple[Finding, ...]:
    """All findings about a config that could be read."""
    found = [*_form(parsed), *_type(config), *_task(config), *_types_of_values(config)]
    found += [*_figures(config), *_base(config), *_unknown_keys(config)]
    return tuple(found)


def _warning(code: str, message: str, advice: str = "") -> Finding:
    return Finding("location", code, Severity.WARNING, message, advice)


def _note(code: str, message: str, advice: str = "") -> Finding:
    return Finding("location", code, Severity.NOTE, message, advice)


def _form(parsed: ParsedJson) -> Iterator[Finding]:
    if parsed.encoding != "utf-8":
        yield _warning(
            "config_encoding",
            f"adapter_config.json is written in {parsed.encoding.upper()}.",
            "PEFT reads only UTF-8: save the file as UTF-8.",
        )
    elif parsed.bom:
        yield _warning(
            "config_bom",
            "adapter_config.json begins with a byte order mark, which PEFT refuses.",
            "Save the file as UTF-8 without a mark.",
        )
    if parsed.duplicates:
        one = len(parsed.duplicates) == 1
        yield _warning(
            "config_duplicate_key",
            f"{_quoted(parsed.duplicates)} {'stands' if one else 'stand'} more than once in "
            "adapter_config.json.",
            "PEFT takes the last one, and so does Lorarium.",
        )
    if parsed.not_finite:
        yield _warning(
            "config_not_finite",
            "adapter_config.json holds NaN or Infinity, which is no JSON.",
            "PEFT would take it over and calculate with it.",
        )


def _type(config: AdapterConfig) -> Iterator[Finding]:
    value = config.raw.get("peft_type")
    if value is not None and not isinstance(value, str):
        return  # said with the other wrong types
    if config.peft_type is None:
        yield _warning(
            "peft_type_missing",
            "The config does not say which PEFT type this is.",
            "PEFT can’t load it without “peft_type”.",
        )
    elif config.peft_type in OLD_TYPE_TITLES:
        yield _note(
            "peft_type_old",
            f"“{config.peft_type}” is a type that PEFT has dropped.",
            "It can be imported; only an older PEFT loads it.",
        )
    elif config.peft_type not in TYPE_TITLES:
        if config.peft_type.upper() in TYPE_TITLES:
            yield _warning(
                "peft_type_case",
                f"The PEFT type is written “{printable(config.peft_type, 60)}”; PEFT knows only "
                f"“{config.peft_type.upper()}”.",
                "Write it in capitals in adapter_config.json, then check again.",
            )
        else:
            yield _note(
                "peft_type_unknown",
                f"“{printable(config.peft_type, 60)}” is a PEFT type that Lorarium does not know.",
                "It can be imported; its tensors are listed, but not explained.",
            )


def _task(config: AdapterConfig) -> Iterator[Finding]:
    if config.task_type is not None and config.task_type not in TASK_TITLES:
        yield _warning(
            "task_type_unknown",
            f"“{printable(config.task_type, 60)}” is no task that PEFT knows, so it refuses the "
            "config.",
            "Known ones are " + ", ".join(TASK_TITLES) + ".",
        )


def _types_of_values(config: AdapterConfig) -> Iterator[Finding]:
    for key, wanted in _EXPECTED.items():
        value = config.raw.get(key)
        if value is not None and not _is(value, wanted):
            yield _warning(
                "config_wrong_type",
                f"“{key}” in adapter_config.json should be {wanted}, but is {shown_value(value)}.",
                "Lorarium goes on without it; PEFT may refuse the config.",
            )


def _is(value: Any, wanted: str) -> bool:
    if wanted is _TEXT:
        return isinstance(value, str)
    if wanted is _SWITCH:
        return isinstance(value, bool)
    if wanted is _TABLE:
        return isinstance(value, dict)
    if wanted is _NAMES:
        return isinstance(value, str) or (
            isinstance(value, list) and all(isinstance(v, str) for v in value)
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    # Fractions and infinities get sentences of their own below.
    return wanted is _NUMBER or isinstance(value, int) or not math.isfinite(value)


def _figures(config: AdapterConfig) -> Iterator[Finding]:
    rank = config.raw.get("r")
    if isinstance(rank, int | float) and not isinstance(rank, bool):
        zero_is_fine = config.peft_type in _RANK_MAY_BE_ZERO
        finite = math.isfinite(rank)
        if not finite or rank < 0 or (rank == 0 and not zero_is_fine) or rank >= MAX_RANK:
            yield _warning(
                "config_rank",
                f"The config gives the rank r as {shown_value(rank)}, which PEFT would refuse.",
                "A rank is a whole number above 0.",
            )
    for key in ("lora_alpha", "alpha"):
        alpha = config.raw.get(key)
        if isinstance(alpha, float) and not math.isfinite(alpha):
            yield _warning(
                "config_alpha",
                f"The config gives “{key}” as {shown_value(alpha)}.",
                "PEFT would scale the whole update by it.",
            )
    dropout = config.raw.get("lora_dropout")
    if isinstance(dropout, int | float) and not isinstance(dropout, bool) and not 0 <= dropout <= 1:
        yield _warning(
            "config_dropout",
            f"The config gives “lora_dropout” as {shown_value(dropout)}, which PEFT would refuse.",
            "A dropout lies between 0 and 1.",
        )
    bias = config.raw.get("bias")
    if config.peft_type == "LORA" and isinstance(bias, str):
        if bias not in ("none", "all", "lora_only"):
            yield _warning(
                "config_bias",
                f"The config gives “bias” as {shown_value(bias)}, which PEFT would refuse.",
                "It is “none”, “all” or “lora_only”.",
            )


def _base(config: AdapterConfig) -> Iterator[Finding]:
    if config.base_model_name is None:
        yield _warning(
            "base_not_named",
            "The config does not name a base model.",
            "Choose the model that the adapter was trained on.",
        )


def _unknown_keys(config: AdapterConfig) -> Iterator[Finding]:
    known = known_keys(config.peft_type) if config.peft_type else None
    if known is None:
        return
    unknown = sorted(set(config.raw) - known)
    if unknown:
        one = len(unknown) == 1
        yield _note(
            "config_unknown_keys",
            f"The config has {'a setting' if one else f'{len(unknown):,} settings'} that Lorarium "
            f"does not know: {_quoted(unknown)}.",
            "A newer PEFT or another tool may have written it.",
        )


def _quoted(names: tuple[str, ...] | list[str], most: int = 3) -> str:
    """`“a”, “b” and 4 more`."""
    shown = [f"“{printable(name, 60)}”" for name in names[:most]]
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most:,} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
