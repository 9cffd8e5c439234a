"""Small YAML files of strangers: one table of plain values, as MLflow writes beside its runs."""

from __future__ import annotations

from typing import Any

MAX_BYTES = 1 << 20
_MAX_EVENTS = 20_000
_MAX_DEPTH = 6


def parse(data: bytes) -> dict[str, Any]:
    """The table in a file; {} where there is none.

    Anchors and aliases, with which a small file makes a large value, are refused, and so is
    whatever asks for an object of Python.
    """
    # It comes with huggingface_hub; nothing at the start of the program needs it.
    import yaml  # type: ignore[import-untyped]

    if len(data) > MAX_BYTES:
        return {}
    try:
        text = data.decode("utf-8")
        depth = 0
        for count, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if count > _MAX_EVENTS or depth > _MAX_DEPTH:
                return {}
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                return {}
        found = yaml.safe_load(text)
    # What is no date, no number and no key raises a ValueError, TypeError or OverflowError.
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(key, str)}
