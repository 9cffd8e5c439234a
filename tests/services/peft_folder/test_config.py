"""adapter_config.json as people and other programs leave it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.services.peft_folder.config import AdapterConfig, parse_config
from desktop.services.peft_folder.config_keys import known_keys
from desktop.services.peft_folder.peft_types import TASK_TITLES, TYPE_TITLES, task_title
from desktop.services.records import Severity
from tests.services.peft_folder.paths import LORA_CONFIG


def _with(**changes: Any) -> AdapterConfig:
    return parse_config(json.dumps({**LORA_CONFIG, **changes}).encode())


def _codes(config: AdapterConfig) -> dict[str, Severity]:
    return {f.code: f.severity for f in config.findings}


def test_a_sound_config_has_nothing_to_say() -> None:
    config = _with()
    assert config.readable
    assert config.findings == ()
    assert config.target_modules == ("q_proj", "v_proj")
    assert (config.rank, config.alpha, config.scaling) == (8, 16.0, 2.0)


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        (b"", "config_empty", "adapter_config.json is empty."),
        (b" \n ", "config_empty", "adapter_config.json is empty."),
        (b"{", "config_not_json", "is not JSON (line 1, column 2)."),
        (b"{'r': 8}", "config_not_json", "is not JSON"),
        (b'{"r": 8,}', "config_not_json", "is not JSON"),
        (b'{"a": "\x00"}', "config_not_json", "is not JSON"),
        (b"\xff\x00\xff", "config_not_json", "is not UTF-8 text."),
        (b'{"a": "\xe9"}', "config_not_json", "is not UTF-8 text."),
        (b"\x80\x02}q\x00.", "config_not_json", "is not UTF-8 text."),
        (b"[]", "config_not_object", "holds a list, not a table of settings."),
        (b"3", "config_not_object", "holds a number, not a table of settings."),
        (b'"x"', "config_not_object", "holds a text, not a table of settings."),
        (b"null", "config_not_object", "holds nothing (null), not a table of settings."),
        (b"true", "config_not_object", "holds true or false, not a table of settings."),
        (b'{"r": ' + b"9" * 5000 + b"}", "config_limit", "holds a number of 5,000 digits."),
        (b'{"r": ' * 70 + b"1" + b"}" * 70, "config_limit", "is nested more than 64 levels deep."),
        (b'{"r": ' * 99_999, "config_limit", "is nested too deeply."),
        (b"[" * 400_000, "config_limit", "is nested too deeply."),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "config_pointer",
         "is a Git LFS pointer: the file itself was not fetched."),
    ],
)  # fmt: skip
def test_what_blocks(data: bytes, code: str, message: str) -> None:
    config = parse_config(data)
    assert not config.readable
    (finding,) = config.findings
    assert (finding.field, finding.code, finding.severity) == ("location", code, Severity.ERROR)
    assert message in finding.message
    assert finding.advice


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"r": float("nan")}, "config_rank",
         "The config gives the rank r as NaN, which PEFT would refuse."),
        ({"r": float("inf")}, "config_rank", "as Infinity, which PEFT would refuse."),
        ({"r": -8}, "config_rank", "as -8, which PEFT would refuse."),
        ({"r": 0}, "config_rank", "as 0, which PEFT would refuse."),
        ({"r": 1 << 64}, "config_rank", "as 18446744073709551616, which"),
        ({"r": "8"}, "config_wrong_type", "“r” in adapter_config.json should be a whole number, "
         "but is “8”."),
        ({"r": 8.5}, "config_wrong_type", "should be a whole number, but is 8.5."),
        ({"r": True}, "config_wrong_type", "should be a whole number, but is true."),
        ({"r": [8]}, "config_wrong_type", "should be a whole number, but is a list."),
        ({"lora_alpha": {}}, "config_wrong_type", "should be a number, but is a table."),
        ({"lora_alpha": float("-inf")}, "config_alpha", "gives “lora_alpha” as -Infinity."),
        ({"lora_dropout": 1.5}, "config_dropout", "as 1.5, which PEFT would refuse."),
        ({"bias": "some"}, "config_bias", "as “some”, which PEFT would refuse."),
        ({"target_modules": 7}, "config_wrong_type", "a list of texts, but is 7."),
        ({"target_modules": ["a", 1]}, "config_wrong_type", "a list of texts, but is a list."),
        ({"use_dora": "yes"}, "config_wrong_type", "should be true or false, but is “yes”."),
        ({"rank_pattern": []}, "config_wrong_type", "should be a table, but is a list."),
        ({"task_type": "POETRY"}, "task_type_unknown",
         "“POETRY” is no task that PEFT knows, so it refuses the config."),
        ({"task_type": 3}, "config_wrong_type", "should be a text, but is 3."),
        ({"peft_type": "lora"}, "peft_type_case",
         "The PEFT type is written “lora”; PEFT knows only “LORA”."),
        ({"peft_type": None}, "peft_type_missing",
         "The config does not say which PEFT type this is."),
        ({"peft_type": 5}, "config_wrong_type", "“peft_type” in adapter_config.json should be a"),
        ({"base_model_name_or_path": None}, "base_not_named",
         "The config does not name a base model."),
        ({"base_model_name_or_path": " "}, "base_not_named",
         "The config does not name a base model."),
        ({"base_model_name_or_path": 7}, "base_not_named",
         "The config does not name a base model."),
    ],
)  # fmt: skip
def test_what_is_a_warning(changes: dict[str, Any], code: str, message: str) -> None:
    config = _with(**changes)
    assert config.readable
    found = {f.code: f for f in config.findings}
    assert found[code].severity == Severity.WARNING
    assert message in found[code].message
    assert all(f.field == "location" for f in config.findings)
    assert config.rank is None or 0 < config.rank < 1 << 31


def test_an_empty_table_is_importable() -> None:
    config = parse_config(b"{}")
    assert config.readable
    assert _codes(config) == {
        "peft_type_missing": Severity.WARNING,
        "base_not_named": Severity.WARNING,
    }
    assert (config.rank, config.variant, config.peft_type) == (None, None, None)


def test_forms_that_peft_would_refuse_are_read_with_a_warning() -> None:
    text = json.dumps(LORA_CONFIG)
    marked = parse_config(b"\xef\xbb\xbf" + text.encode())
    assert _codes(marked) == {"config_bom": Severity.WARNING}
    wide = parse_config(text.encode("utf-16"))
    assert _codes(wide) == {"config_encoding": Severity.WARNING}
    assert wide.rank == marked.rank == 8
    twice = parse_config(text[:-1].encode() + b', "r": 4, "\\u0072": 2}')
    assert _codes(twice) == {"config_duplicate_key": Severity.WARNING}
    assert twice.rank == 2
    assert "“r” stands more than once" in twice.findings[0].message
    huge = parse_config(text[:-1].encode() + b', "lora_dropout": 1e999}')
    assert set(_codes(huge)) == {"config_not_finite", "config_dropout"}


def test_unknown_settings_and_types_are_notes() -> None:
    config = _with(brand_new=1, another={}, third=None, fourth=0)
    (note,) = config.findings
    assert note.severity == Severity.NOTE
    assert note.message == (
        "The config has 4 settings that Lorarium does not know: “another”, “brand_new”, “fourth” "
        "and 1 more."
    )
    new = _with(peft_type="HYPERLORA", brand_new=1)
    assert _codes(new) == {"peft_type_unknown": Severity.NOTE}
    assert new.variant == new.peft_type == "HYPERLORA"
    assert _codes(_with(peft_type="BONE")) == {"peft_type_old": Severity.NOTE}


def test_all_types_and_tasks_have_names_and_settings() -> None:
    assert len(TYPE_TITLES) == 45
    for peft_type in TYPE_TITLES:
        keys = known_keys(peft_type)
        assert keys is not None
        assert "peft_type" in keys
        config = _with(peft_type=peft_type)
        assert config.variant == TYPE_TITLES[peft_type]
    assert len(set(TYPE_TITLES.values())) == 45
    lora = known_keys("LORA")
    assert lora is not None
    assert len(lora) == 42  # 41 are written, runtime_config never is
    assert {task_title(t) for t in TASK_TITLES} == set(TASK_TITLES.values())
    assert task_title(None) == ""
    assert task_title("NEW_TASK") == "NEW_TASK"


def test_variants_of_lora() -> None:
    assert _with(use_dora=True).variant == "DoRA"
    assert _with(use_rslora=True).variant == "rsLoRA"
    assert _with(use_dora=True, use_rslora=True).variant == "rsDoRA"
    assert _with(use_rslora=True, r=16, lora_alpha=16).scaling == 4.0
    assert _with(peft_type="LOHA", alpha=4, r=8).scaling == 0.5


def test_text_is_fit_for_any_database() -> None:
    raw = json.dumps({**LORA_CONFIG, "base_model_name_or_path": "a\0b", "revision": "\ud800"})
    config = parse_config(raw.encode())
    assert config.base_model_name == "a\ufffdb"
    assert config.base_model_revision == "\ufffd"
    for text in (config.text, config.base_model_name, config.base_model_revision):
        text.encode("utf-8")
        assert "\0" not in text
    named = _with(base_model_name_or_path="x" * 100_000, target_modules=["m" * 10_000])
    assert len(named.base_model_name or "") == 4096
    assert len(named.target_modules[0]) == 500


def test_an_expression_is_never_run() -> None:
    evil = "(a+)+" * 200 + "$"
    began = time.process_time()
    config = _with(target_modules=evil, rank_pattern={evil: 4, "q_proj": 2, "x": "y"})
    assert time.process_time() - began < 1
    assert config.target_is_regex
    assert config.target_modules == (evil,)
    assert ("q_proj", 2) in config.rank_pattern
    assert not _with(target_modules="all-linear").target_is_regex
    assert _with(target_modules="").target_modules == ()


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
_keys = st.sampled_from(sorted(known_keys("LORA") or ()))


@settings(max_examples=200, deadline=None)
@given(config=st.dictionaries(_keys, _json, max_size=8))
def test_any_values_leave_a_config_that_can_be_stored(config: dict[str, Any]) -> None:
    seen = parse_config(json.dumps(config).encode())
    assert seen.readable
    for finding in seen.findings:
        assert finding.severity != Severity.ERROR
        assert finding.message.isprintable()
        assert finding.message.endswith(".")
    for text in (seen.peft_type, seen.base_model_name, *seen.target_modules, seen.text):
        assert text is None or text.encode("utf-8") is not None
    assert seen.scaling is None or seen.scaling == seen.scaling


@settings(max_examples=200, deadline=None)
@given(
    data=st.binary(max_size=60) | st.text(alphabet='{}[]":,0e+-tnI\\u', max_size=40).map(str.encode)
)
def test_any_bytes_get_an_answer(data: bytes) -> None:
    seen = parse_config(data)
    assert seen.readable or len(seen.findings) == 1
    seen.text.encode("utf-8")
