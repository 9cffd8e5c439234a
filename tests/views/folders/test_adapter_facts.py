"""The facts of an adapter, in words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from desktop.services.peft_folder import inspect_folder
from desktop.services.records import FolderInspection
from desktop.views.adapter_facts import UNKNOWN, decimal, facts_of, tensors_text, whole

FIXTURES = Path(__file__).parents[2] / "fixtures" / "adapters"
LABELS = [
    "PEFT type",
    "Rank",
    "Alpha",
    "Targets",
    "Task",
    "Parameters",
    "Number type",
    "Size",
    "Base model",
]

pytestmark = pytest.mark.usefixtures("qapp")


def said(inspection: FolderInspection) -> dict[str, str]:
    return {label: value for label, value, _ in facts_of(inspection)}


def tips(inspection: FolderInspection) -> dict[str, str]:
    return {label: tip for label, _, tip in facts_of(inspection)}


def test_a_lora_in_words() -> None:
    there = inspect_folder(FIXTURES / "ok" / "dora-llama")
    assert said(there) == {
        "PEFT type": "DoRA",
        "Rank": "8",
        "Alpha": "16 (scaling 2.0)",
        "Targets": "q, v",
        "Task": "Causal language model",
        "Parameters": "1,888",
        "Number type": "float32",
        "Size": "9.1 kB in 12 tensors",
        "Base model": "meta-llama/Llama-2-7b-hf",
    }
    assert tips(there)["Targets"] == "q_proj\nv_proj"
    assert tips(there)["PEFT type"] == "peft_type LORA"
    assert tips(there)["Size"] == "adapter_model.safetensors: 9,096 bytes"


def test_every_adapter_has_the_same_labels_and_no_blank_value() -> None:
    zoo = Path(os.environ.get("LORARIUM_ZOO") or FIXTURES)
    for folder in sorted((zoo / "ok").iterdir()):
        facts = facts_of(inspect_folder(folder))
        assert [label for label, _, _ in facts] == LABELS
        assert all(value for _, value, _ in facts), folder.name


def test_what_is_not_known_is_an_en_dash() -> None:
    facts = said(FolderInspection("/x"))
    assert list(facts) == LABELS
    assert set(facts.values()) == {UNKNOWN}


def test_types_without_rank_say_so() -> None:
    there = inspect_folder(FIXTURES / "ok" / "prompt-llama")
    assert said(there)["Rank"] == UNKNOWN
    assert tips(there)["Rank"] == "This type adds virtual tokens and has no rank."


def test_targets_lose_the_ending_that_all_have() -> None:
    many = tuple(sorted(f"{name}_proj" for name in ("down", "gate", "k", "o", "q", "up", "v")))
    assert said(FolderInspection("/x", target_modules=many))["Targets"] == (
        "q, k, v, o, gate, up, down"
    )
    mixed = FolderInspection("/x", target_modules=("c_attn", "q_proj"))
    assert said(mixed)["Targets"] == "c_attn, q_proj"
    crowd = FolderInspection("/x", target_modules=tuple(f"layer{n:02}" for n in range(60)))
    assert said(crowd)["Targets"].endswith("layer07 and 52 more")
    assert tips(crowd)["Targets"].endswith("layer39\nand 20 more")
    regex = FolderInspection("/x", target_modules=(r".*\.q_proj",), target_is_regex=True)
    assert said(regex)["Targets"] == r".*\.q_proj"


def test_outside_text_is_one_printable_line() -> None:
    odd = FolderInspection(
        "/x",
        peft_type="LORA\n\x1b[31m",
        base_model_name="a\u202eb" + "x" * 5000,
        base_model_revision="main",
        target_modules=("<b>\t",),
        task_type="\0",
        dtypes=("f\n",) * 5,
    )
    for _, value, tip in facts_of(odd):
        assert value.isprintable()
        assert len(value) <= 400
        assert all(line.isprintable() for line in tip.split("\n"))
    assert said(odd)["Number type"] == "f\\x0a, f\\x0a, f\\x0a and 2 more"


def test_figures_follow_the_locale(qapp: QApplication) -> None:
    before = QLocale()
    try:
        QLocale.setDefault(QLocale(QLocale.Language.German))
        assert whole(41_943_040) == "41.943.040"
        assert decimal(0.5, 1) == "0,5"
    finally:
        QLocale.setDefault(before)
    assert whole(10**30) == f"{10**30:,}"
    assert whole(None) == UNKNOWN
    assert decimal(16.0, 0) == "16"
    assert decimal(1 / 3, 1) == "0.3333"
    assert tensors_text(1) == "1 tensor"
    assert tensors_text(2) == "2 tensors"


def test_a_scaling_without_alpha_stands_alone() -> None:
    assert said(FolderInspection("/x", scaling=150.0))["Alpha"] == "scaling 150.0"
    assert said(FolderInspection("/x", alpha=32.0))["Alpha"] == "32"
