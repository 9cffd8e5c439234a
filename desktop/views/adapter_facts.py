"""What is said of an adapter in words: a label, a value and the whole of it for a tooltip.

Pure functions over a `FolderInspection`, shared by every panel that shows what is in a folder, so
that a figure reads the same everywhere. No widget is made here.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLocale

from desktop.models.formats import UNKNOWN, bytes_text, size_text, whole_text
from desktop.services.peft_folder.peft_types import PROMPT_TYPES, task_title, type_title
from desktop.services.peft_folder.reading import printable
from desktop.services.records import FolderInspection

Fact = tuple[str, str, str]
"""(label, value, tooltip); the tooltip is "" where the value says everything."""

_MOST_TARGETS = 8
_LONGEST = 200
_TOOLTIP_LINES = 40
_PROJECTION = "_proj"


def facts_of(inspection: FolderInspection) -> list[Fact]:
    """The facts of one adapter folder, in the order in which they are shown.

    Always the same labels, so that nothing moves when another folder is looked at; what is not
    known is an en dash. Values are outside text: one line, made printable, to be shown plain.
    """
    return [
        ("PEFT type", *type_fact(inspection)),
        ("Rank", *rank_fact(inspection)),
        ("Alpha", *alpha_fact(inspection)),
        ("Targets", *targets_fact(inspection)),
        ("Task", *task_fact(inspection)),
        ("Parameters", whole_text(inspection.parameters), ""),
        ("Number type", *number_fact(inspection.dtypes)),
        ("Size", *size_fact(inspection)),
        ("Base model", *base_model_fact(inspection)),
    ]


def type_fact(inspection: FolderInspection) -> tuple[str, str]:
    """`DoRA`, with the name that stands in the config for the tooltip where it differs."""
    if not inspection.peft_type:
        return UNKNOWN, ""
    shown = inspection.variant or type_title(inspection.peft_type)
    written = f"peft_type {inspection.peft_type}" if shown != inspection.peft_type else ""
    return _line(shown), _line(written)


def rank_fact(inspection: FolderInspection) -> tuple[str, str]:
    """The rank; types without one say so in the tooltip."""
    if inspection.rank is not None:
        return whole_text(inspection.rank), ""
    if inspection.peft_type in PROMPT_TYPES:
        return UNKNOWN, "This type adds virtual tokens and has no rank."
    return UNKNOWN, ""


def alpha_fact(inspection: FolderInspection) -> tuple[str, str]:
    """`32 (scaling 2.0)`: alpha, and the factor that PEFT makes of it."""
    alpha = "" if inspection.alpha is None else decimal(inspection.alpha, 0)
    if inspection.scaling is None:
        return alpha or UNKNOWN, ""
    factor = decimal(inspection.scaling, 1)
    shown = f"{alpha} (scaling {factor})" if alpha else f"scaling {factor}"
    return shown, f"The update counts {factor} times."


def targets_fact(inspection: FolderInspection) -> tuple[str, str]:
    """`q, k, v, o`: the target modules without the ending that all of them have; all of them, in
    full, in the tooltip. A regular expression stays as it is written."""
    targets = inspection.target_modules
    if not targets:
        return UNKNOWN, ""
    if inspection.target_is_regex:
        return _line(targets[0]), "A regular expression over the names of the modules."
    names = list(targets)
    if all(name.endswith(_PROJECTION) and name != _PROJECTION for name in names):
        names = [name.removesuffix(_PROJECTION) for name in names]
    shown = ", ".join(printable(name, 60) for name in _usual_order(names)[:_MOST_TARGETS])
    if len(names) > _MOST_TARGETS:
        shown = f"{shown} and {whole_text(len(names) - _MOST_TARGETS)} more"
    return shown, _lines(targets)


def task_fact(inspection: FolderInspection) -> tuple[str, str]:
    """`Causal language model`, with the name in the config for the tooltip."""
    task = inspection.task_type
    if not task:
        return UNKNOWN, ""
    shown = task_title(task)
    return _line(shown), _line(f"task_type {task}") if shown != task else ""


def number_fact(dtypes: Sequence[str]) -> tuple[str, str]:
    """`bfloat16`; of several all, the first ones in the value."""
    if not dtypes:
        return UNKNOWN, ""
    shown = ", ".join(printable(d, 40) for d in dtypes[:3])
    if len(dtypes) <= 3:
        return shown, ""
    return f"{shown} and {whole_text(len(dtypes) - 3)} more", _lines(dtypes)


def size_fact(inspection: FolderInspection) -> tuple[str, str]:
    """`83.9 MB in 448 tensors`: the weights file; exact bytes in the tooltip."""
    size = inspection.size_bytes
    count = inspection.tensor_count
    if size is None:
        return UNKNOWN if count is None else tensors_text(count), ""
    exact = f"{inspection.weights_file or 'weights'}: {bytes_text(size)}"
    shown = size_text(size)
    return (shown if count is None else f"{shown} in {tensors_text(count)}"), _line(exact)


def base_model_fact(inspection: FolderInspection) -> tuple[str, str]:
    """The base model that the config names, with its revision in the tooltip."""
    name = inspection.base_model_name
    if not name:
        return UNKNOWN, "The config names no base model."
    revision = inspection.base_model_revision
    return _line(name), _line(f"{name}, revision {revision}" if revision else name)


def tensors_text(count: int) -> str:
    """`448 tensors`, `1 tensor`."""
    return f"{whole_text(count)} tensor{'' if count == 1 else 's'}"


def whole(number: int | None) -> str:
    """A count with the locale's thousands marks; an en dash for None."""
    return whole_text(number)


def decimal(number: float, least: int) -> str:
    """A figure with as few decimals as tell it, at least `least` and at most four."""
    digits = least
    while digits < 4 and round(number, digits) != number:
        digits += 1
    return QLocale().toString(number, "f", digits)


_USUAL = ("q", "k", "v", "qkv", "o", "gate", "up", "down")


def _usual_order(names: list[str]) -> list[str]:
    """Attention before the feed-forward part, as people write them; others after, as they are."""
    if not any(name in _USUAL for name in names):
        return names
    known = [name for name in _USUAL if name in names]
    return known + [name for name in names if name not in _USUAL]


def _line(text: str) -> str:
    return printable(text, _LONGEST)


def _lines(texts: Sequence[str]) -> str:
    shown = [printable(text, _LONGEST) for text in texts[:_TOOLTIP_LINES]]
    if len(texts) > _TOOLTIP_LINES:
        shown.append(f"and {whole_text(len(texts) - _TOOLTIP_LINES)} more")
    return "\n".join(shown)
