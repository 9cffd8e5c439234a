"""The strict header reader: against hostile files, and against the real library."""

from __future__ import annotations

import contextlib
import json
import os
import struct
import time
import tracemalloc
from pathlib import Path

import pytest
import safetensors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.services.peft_folder import HeaderError, dtype_title, read_header
from desktop.services.peft_folder.dtypes import DTYPE_BITS, DTYPE_TITLES
from tests.services.peft_folder import hostile
from tests.services.peft_folder.paths import header_bytes, tensors_file

CASES = hostile.cases()
NAME = "adapter_model.safetensors"


def _write(folder: Path, data: bytes) -> str:
    (folder / NAME).write_bytes(data)
    return str(folder)


@pytest.mark.parametrize("fault", CASES)
def test_a_malformed_file_is_refused_with_a_sentence(fault: str, tmp_path: Path) -> None:
    data, code = CASES[fault]
    began = time.process_time()
    with pytest.raises(HeaderError) as caught:
        read_header(_write(tmp_path, data), NAME)
    assert caught.value.code == code, str(caught.value)
    assert time.process_time() - began < 5
    sentence = caught.value.message
    assert NAME in sentence
    assert sentence.endswith(".")
    assert sentence.isprintable()
    assert len(sentence) < 400


def test_there_are_many_faults_and_the_library_is_not_stricter(tmp_path: Path) -> None:
    assert len(CASES) >= 60
    lenient = []
    for fault, (data, _) in CASES.items():
        try:
            safetensors.deserialize(data)
        except (safetensors.SafetensorError, ValueError):
            continue
        lenient.append(fault)
    # What the library takes against its own specification, or beyond our limits.
    assert {"duplicate name", "newline padding", "metadata null", "unknown field"} <= set(lenient)


@pytest.mark.parametrize("dtype", DTYPE_BITS)
def test_every_dtype_of_the_library_is_read(dtype: str, tmp_path: Path) -> None:
    size = DTYPE_BITS[dtype]
    data = header_bytes(
        {"a": {"dtype": dtype, "shape": [2, 4], "data_offsets": [0, size]}}, bytes(size)
    )
    safetensors.deserialize(data)
    header = read_header(_write(tmp_path, data), NAME)
    assert header.tensors[0].shape == (2, 4)
    assert header.sizes == (size,)
    assert header.parameters == 8
    assert dtype_title(dtype) == DTYPE_TITLES[dtype] != dtype
    assert dtype_title("F128") == "F128"


def test_what_the_specification_allows_is_read(tmp_path: Path) -> None:
    scalar = {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}
    empty = {"dtype": "F32", "shape": [0, 7], "data_offsets": [4, 4]}
    data = header_bytes(
        json.dumps({"é": scalar, "__metadata__": {"format": "pt", "å": "\u202e"}, "e": empty},
                   ensure_ascii=False).encode() + b"   ",
        b"four",
    )  # fmt: skip
    header = read_header(_write(tmp_path, data), NAME)
    assert [(t.name, t.shape) for t in header.tensors] == [("é", ()), ("e", (0, 7))]
    assert header.metadata == (("format", "pt"), ("å", "\u202e"))
    assert header.parameters == 1
    assert header.file_size == len(data)


def test_fields_may_stand_in_any_order_with_spaces(tmp_path: Path) -> None:
    raw = b'{ "a" : { "data_offsets" : [ 0 , 4 ] , "shape":\t[ 2 ,2 ]\n, "dtype" : "U8" } }'
    header = read_header(_write(tmp_path, header_bytes(raw, b"data")), NAME)
    assert header.tensors[0].shape == (2, 2)
    assert read_header(_write(tmp_path, header_bytes(b"{}")), NAME).tensors == ()


def test_a_header_larger_than_the_first_read(tmp_path: Path) -> None:
    shapes = {f"layer.{i}.weight": (2, 3) for i in range(3000)}
    header = read_header(_write(tmp_path, tensors_file(shapes)), NAME)
    assert len(header.tensors) == 3000
    assert header.parameters == 18_000


def test_a_sparse_file_of_five_gigabytes_takes_no_time(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with path.open("wb") as file:
        file.write(struct.pack("<Q", 17 << 20))
        file.truncate(5 << 30)
    began = time.process_time()
    with pytest.raises(HeaderError) as caught:
        read_header(str(tmp_path), NAME)
    assert caught.value.code == "weights_limit"
    assert time.process_time() - began < 1


@pytest.mark.parametrize("filling", ["brackets", "names", "metadata", "wide"])
def test_the_largest_header_stays_within_200_megabytes(filling: str, tmp_path: Path) -> None:
    room = (16 << 20) - 200
    inside = {
        "brackets": b'{"a":[' + b"[]," * (room // 3),
        "names": b'{"":"",' * 1 + b'"b":{},' * (room // 7),
        "metadata": b'{"__metadata__":{' + b",".join(
            b'"%d":"%s"' % (i, b"x" * 700) for i in range(19_000)) + b"}}",
        "wide": b'{"__metadata__":{"a":"' + "😀".encode() * (room // 4) + b'"}}',
    }[filling]  # fmt: skip
    folder = _write(tmp_path, header_bytes(inside))
    del inside
    tracemalloc.start()
    try:
        with contextlib.suppress(HeaderError):
            read_header(folder, NAME)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 180_000_000


def test_peers_agree_on_a_sound_file(tmp_path: Path) -> None:
    data = tensors_file({"a.b": (3, 4), "c": (0,), "d": ()}, {"format": "pt"})
    ours = read_header(_write(tmp_path, data), NAME)
    theirs = {name: tuple(info["shape"]) for name, info in safetensors.deserialize(data)}
    assert {t.name: t.shape for t in ours.tensors} == theirs


_entries = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["U8", "F32", "F4", "BF16", "X", 1]),
        "shape": st.lists(st.integers(-1, 5), max_size=3) | st.just([1 << 65]),
        "data_offsets": st.lists(st.integers(-1, 12), min_size=1, max_size=3),
    },
    optional={"extra": st.none()},
)
_headers = st.dictionaries(
    st.sampled_from(["a", "b", "__metadata__", "\u202e", ""]),
    _entries
    | st.dictionaries(st.text(max_size=2), st.text(max_size=2) | st.integers(), max_size=2),
    max_size=3,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(header=_headers, data=st.binary(max_size=12), pad=st.sampled_from([b"", b" ", b"\n", b"x"]))
def test_whatever_we_accept_the_library_accepts_too(
    tmp_path: Path, header: dict[str, object], data: bytes, pad: bytes
) -> None:
    raw = header_bytes(json.dumps(header).encode() + pad, data)
    try:
        ours = read_header(_write(tmp_path, raw), NAME)
    except HeaderError:
        return
    theirs = dict(safetensors.deserialize(raw))
    assert {t.name: t.shape for t in ours.tensors} == {
        n: tuple(i["shape"]) for n, i in theirs.items()
    }


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(at=st.integers(0, 400), byte=st.integers(0, 255), cut=st.integers(0, 400))
def test_a_damaged_file_never_gets_past_us_if_the_library_stops_it(
    tmp_path: Path, at: int, byte: int, cut: int
) -> None:
    sound = bytearray(tensors_file({"base.lora_A.weight": (2, 4), "base.lora_B.weight": (4, 2)}))
    sound[at % len(sound)] = byte
    raw = bytes(sound[: len(sound) - cut % 8])
    try:
        read_header(_write(tmp_path, raw), NAME)
    except HeaderError:
        return
    safetensors.deserialize(raw)


def test_a_read_leaves_no_descriptor_open(tmp_path: Path) -> None:
    fds = Path("/dev/fd")
    folder = _write(tmp_path, CASES["overlap"][0])
    before = len(os.listdir(fds)) if fds.is_dir() else 0
    for _ in range(5):
        with pytest.raises(HeaderError):
            read_header(folder, NAME)
    assert (len(os.listdir(fds)) if fds.is_dir() else 0) == before
