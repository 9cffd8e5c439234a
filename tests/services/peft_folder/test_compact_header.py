"""The fast way through a header says what the walk says, or nothing."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from desktop.services.peft_folder import compact_header, safetensors_header
from desktop.services.peft_folder.safetensors_header import HeaderError, read_header

_NAME = "adapter_model.safetensors"


def _header(count: int, chance: random.Random) -> tuple[str, int]:
    entries: dict[str, object] = {}
    if chance.random() < 0.7:
        entries["__metadata__"] = {"format": "pt", "note": 'a "quoted" }, text'}
    at = 0
    for number in range(count):
        shape = [chance.randrange(1, 9) for _ in range(chance.randrange(0, 4))]
        dtype, width = chance.choice((("F32", 4), ("BF16", 2), ("I8", 1)))
        size = width
        for side in shape:
            size *= side
        entries[f"model.layers.{number}.lora_A.weight"] = {
            "dtype": dtype,
            "shape": shape,
            "data_offsets": [at, at + size],
        }
        at += size
    text = json.dumps(entries, separators=(",", ":"))
    return text + " " * (-len(text) % 8), at


def _read(folder: Path, text: str, data: int) -> object:
    raw = text.encode()
    (folder / _NAME).write_bytes(len(raw).to_bytes(8, "little") + raw + bytes(data))
    try:
        return read_header(str(folder), _NAME)
    except HeaderError as error:
        return error.code, error.message


def test_both_ways_agree_on_sound_and_broken_headers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(5)
    fast = compact_header.read_compact
    taken = 0
    for number in range(600):
        text, data = _header(chance.randrange(1, 6), chance)
        if number % 3:  # a character less, more or another one
            at = chance.randrange(len(text))
            other = chance.choice(['"', ",", "0", "9", " ", "{", "}", "]", "\\", "x", ""])
            text = text[:at] + other + text[at + chance.randrange(2) :]
        monkeypatch.setattr(safetensors_header, "read_compact", lambda *_: None)
        walked = _read(tmp_path, text, data)
        monkeypatch.setattr(safetensors_header, "read_compact", fast)
        for _ in range(2):  # read, and remembered
            assert _read(tmp_path, text, data) == walked, text
        taken += not isinstance(walked[0], str)  # type: ignore[index]
    assert taken > 150


def test_a_header_that_is_known_is_held_against_the_file_again(tmp_path: Path) -> None:
    text, data = _header(4, random.Random(1))
    sound = _read(tmp_path, text, data)
    assert not isinstance(sound, tuple) or not isinstance(sound[0], str)
    assert _read(tmp_path, text, data - 1)[0] == "weights_truncated"  # type: ignore[index]
    assert _read(tmp_path, text, data + 1)[0] == "weights_malformed"  # type: ignore[index]


def test_names_that_stand_twice_are_found(tmp_path: Path) -> None:
    one = '"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'
    two = '"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}'
    told = _read(tmp_path, f"{{{one},{two}}}", 8)
    assert isinstance(told, tuple)
    assert "stands twice" in told[1]
