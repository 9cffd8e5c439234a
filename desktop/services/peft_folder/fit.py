"""Does an adapter fit a base model? By the name in its config, and by the widths of its tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from desktop.services.peft_folder.base_models import BaseShape, base_shape
from desktop.services.peft_folder.base_names import same_name, split_base_name
from desktop.services.peft_folder.reading import printable
from desktop.services.records import Finding, FolderInspection, Severity


@dataclass(frozen=True, slots=True)
class BaseFit:
    """What can be said about an adapter and a base model.

    verdict: `fits` (the tensors match the model's files), `named` (only the name was compared, and
    agrees), `differs`, or `unknown`. sentence says it for people; findings belong to `model_id`.
    """

    verdict: str
    sentence: str
    findings: tuple[Finding, ...] = ()


def base_fit(
    inspection: FolderInspection, *, named: str | None, base_title: str, base_dir: str | None
) -> BaseFit:
    """Compare an inspected adapter with a base model.

    named: the base model that the config names (a Hub name, a path, or None); base_title: what the
    chosen base model is called; base_dir: a local folder with its config.json, or None. Reads at
    most that one file.
    """
    relation = same_name(named, base_title)
    shape = base_shape(base_dir) if base_dir else None
    compared = _compare(inspection, shape) if shape else None
    name_findings = _name_findings(relation, named, base_title)
    if compared is not None and compared.wrong:
        finding = Finding(
            "model_id",
            "base_shape",
            Severity.WARNING,
            f"The adapter does not fit “{printable(base_title, 80)}”: {compared.wrong}.",
            "Choose the model that it was trained on.",
        )
        return BaseFit("differs", finding.message, (finding, *name_findings))
    if compared is not None and compared.widths:
        return BaseFit("fits", _fit_sentence(relation, named, compared), name_findings)
    if relation == "same":
        return BaseFit("named", "Named in the config.")
    if relation == "alike":
        return BaseFit("named", name_findings[0].message, name_findings)
    if relation == "different":
        return BaseFit("differs", name_findings[0].message, name_findings)
    return BaseFit("unknown", "The config does not name a base model, so nobody can tell.")


def _name_findings(relation: str, named: str | None, base_title: str) -> tuple[Finding, ...]:
    if relation not in ("alike", "different"):
        return ()
    config_name = printable(split_base_name(named).title, 80)
    if relation == "alike":
        return (
            Finding(
                "model_id",
                "base_alike",
                Severity.NOTE,
                f"The config names “{config_name}”, which goes by the same name.",
                "It seems to be the same model from another place.",
            ),
        )
    return (
        Finding(
            "model_id",
            "base_name",
            Severity.WARNING,
            f"The config names “{config_name}”, not “{printable(base_title, 80)}”.",
            "An adapter works only on the model that it was trained on, or a close relative.",
            split_base_name(named).title,
        ),
    )


class _Comparison(NamedTuple):
    """wrong: the first thing that does not match, in words, or ""; widths: how many did match."""

    wrong: str = ""
    widths: int = 0
    layers: int | None = None
    base_layers: int | None = None


def _compare(inspection: FolderInspection, shape: BaseShape) -> _Comparison:
    by_name: dict[str, list[tuple[int, int]]] = {}
    for name, inside, outside in inspection.tensor_widths:
        by_name.setdefault(name, []).append((inside, outside))
    matched = 0
    for name, found in by_name.items():
        inputs, outputs = shape.widths(name)
        if name == "prompt_embeddings":
            if inspection.peft_type == "PREFIX_TUNING" or shape.hidden is None:
                continue  # keys and values of all layers in one row
            outputs = frozenset((shape.hidden,))
        if not inputs and not outputs:
            continue
        # A model that also sees or hears has modules of one name with several widths.
        if not any(_side_fits(i, inputs) and _side_fits(o, outputs) for i, o in found):
            inside, outside = found[0]
            if not _side_fits(inside, inputs):
                return _Comparison(
                    f"“{printable(name, 60)}” takes {inside:,} values in the adapter and "
                    f"{_either(inputs)} in the model"
                )
            return _Comparison(
                f"“{printable(name, 60)}” gives {outside:,} values in the adapter and "
                f"{_either(outputs)} in the model"
            )
        matched += 1
    layers = inspection.layer_count
    if layers is not None and shape.layers is not None and layers > shape.layers:
        return _Comparison(
            f"it has tensors for layer {layers:,}, the model has {shape.layers:,} layers"
        )
    return _Comparison("", matched, layers, shape.layers)


def _side_fits(value: int, wanted: frozenset[int]) -> bool:
    return not value or not wanted or value in wanted


def _either(values: frozenset[int]) -> str:
    return " or ".join(f"{v:,}" for v in sorted(values))


def _fit_sentence(relation: str, named: str | None, compared: _Comparison) -> str:
    layers, base_layers = compared.layers, compared.base_layers
    if layers is None or base_layers is None:
        what = "widths match"
    elif layers == base_layers:
        what = f"widths and {layers:,} {'layer' if layers == 1 else 'layers'} match"
    else:
        what = f"widths match, layers up to {layers:,} of {base_layers:,} are trained"
    if relation == "same":
        return f"Named in the config; {what}."
    if relation == "alike":
        return f"Named alike in the config; {what}."
    sentence = what[0].upper() + what[1:]
    if relation == "different":
        title = printable(split_base_name(named).title, 80)
        return f"{sentence}, but the config names “{title}”."
    return f"{sentence}."
