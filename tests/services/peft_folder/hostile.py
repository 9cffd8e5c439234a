"""Malformed safetensors files, each with the code of the refusal that it deserves."""

from __future__ import annotations

import json
import struct

from tests.services.peft_folder.paths import header_bytes as made

BAD, CUT, LIMIT = "weights_malformed", "weights_truncated", "weights_limit"


def _one(**changes: object) -> dict[str, object]:
    return {"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4], **changes}}


def _two(first: tuple[int, int], second: tuple[int, int]) -> dict[str, object]:
    return {
        name: {"dtype": "U8", "shape": [end - begin], "data_offsets": [begin, end]}
        for name, (begin, end) in (("a", first), ("b", second))
    }


def _raw(text: str) -> bytes:
    return text.encode()


_ENTRY = '{"dtype":"U8","shape":[4],"data_offsets":[0,4]}'
_SOUND = json.dumps(_one()).encode()


def cases() -> dict[str, tuple[bytes, str]]:
    """Name of the fault to (the file, the code)."""
    found: dict[str, tuple[bytes, str]] = {
        # the length
        "empty file": (b"", "weights_empty"),
        "one byte": (b"\x01", CUT),
        "seven bytes": (bytes(7), CUT),
        "length zero": (bytes(8), BAD),
        "length one": (made(b"{", length=1), BAD),
        "length past the end": (made(_SOUND, b"data", length=4096), CUT),
        "length 2^63": (struct.pack("<Q", 1 << 63) + _SOUND, BAD),
        "length 2^64-1": (struct.pack("<Q", (1 << 64) - 1) + _SOUND, BAD),
        "length 2^32": (struct.pack("<Q", 1 << 32) + _SOUND, BAD),
        "text instead of a length": (b"These are no weights at all, only words.", BAD),
        "length too short": (made(_SOUND, b"data", length=len(_SOUND) - 3), BAD),
        "length too long": (made(_SOUND, b"data", length=len(_SOUND) + 4), BAD),
        "big-endian length": (struct.pack(">Q", len(_SOUND)) + _SOUND + b"data", BAD),
        # the JSON
        "not UTF-8": (made(b'{"\xff":1}'), BAD),
        "a list": (made(b"[]"), BAD),
        "a text": (made(b'"abc"'), BAD),
        "null": (made(b"null"), BAD),
        "leading space": (made(b" " + _SOUND, b"data"), BAD),
        "byte order mark": (made(b"\xef\xbb\xbf" + _SOUND, b"data"), BAD),
        "newline padding": (made(_SOUND + b"\n", b"data"), BAD),
        "zero padding": (made(_SOUND + b"\0\0", b"data"), BAD),
        "two objects": (made(_SOUND + b"{}", b"data"), BAD),
        "unclosed": (made(_SOUND[:-1], b"data"), BAD),
        "trailing comma": (made(_SOUND[:-1] + b",}", b"data"), BAD),
        "no colon": (made(b'{"a" 1}'), BAD),
        "name without quotes": (made(b"{a:1}"), BAD),
        "single quotes": (made(b"{'a':1}"), BAD),
        "comment": (made(b'{/* */"a":1}'), BAD),
        "bare escape": (made(_raw('{"\\x":' + _ENTRY + "}"), b"data"), BAD),
        "half an escape": (made(_raw('{"\\u00":' + _ENTRY + "}"), b"data"), BAD),
        "control character in a name": (made(b'{"a\x01":' + _ENTRY.encode() + b"}", b"data"), BAD),
        "deep lists": (made(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"), BAD),
        "deep objects": (made(b'{"a":' * 50_000 + b"1" + b"}" * 50_000), BAD),
        "deep metadata": (made(b'{"__metadata__":' + b"[" * 99_999), BAD),
        "many brackets": (made(b'{"a":[' + b"[]," * 1_000_000 + b"[]]}"), BAD),
        # names
        "duplicate name": (made(_raw(f'{{"a":{_ENTRY},"a":{_ENTRY}}}'), b"data"), BAD),
        "duplicate behind an escape": (
            made(_raw(f'{{"w":{_ENTRY},"\\u0077":{_ENTRY}}}'), b"data"), BAD),
        "duplicate with other offsets": (
            made(_raw('{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},'
                      '"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}'), b"data"), BAD),
        "NUL in a name": (made({"a\0b": _one()["a"]}, b"data"), BAD),
        "escape sequence in a name": (made({"\x1b[31mred": _one()["a"]}, b"data"), BAD),
        "newline in a name": (made({"a\nb": _one()["a"]}, b"data"), BAD),
        "right-to-left name": (made({"a\u202eb": _one()["a"]}, b"data"), BAD),
        "zero-width name": (made({"a\u200bb": _one()["a"]}, b"data"), BAD),
        "lone surrogate": (made(_raw('{"\\ud800":' + _ENTRY + "}"), b"data"), BAD),
        "name of 64 kB": (made({"n" * 65_536: _one()["a"]}, b"data"), LIMIT),
        "name of 513": (made({"n" * 513: _one()["a"]}, b"data"), LIMIT),
        # metadata
        "metadata null": (made({"__metadata__": None}), BAD),
        "metadata list": (made({"__metadata__": []}), BAD),
        "metadata number": (made({"__metadata__": {"a": 1}}), BAD),
        "metadata nested": (made({"__metadata__": {"a": {"b": "c"}}}), BAD),
        "metadata twice": (made(b'{"__metadata__":{},"__metadata__":{}}'), BAD),
        "metadata key twice": (made(b'{"__metadata__":{"a":"1","a":"2"}}'), BAD),
        "metadata lone surrogate": (made(b'{"__metadata__":{"a":"\\ud800"}}'), BAD),
        "metadata NaN": (made(b'{"__metadata__":NaN}'), BAD),
        "metadata of 20,001": (
            made({"__metadata__": {str(i): "" for i in range(20_001)}}), LIMIT),
        # an entry
        "entry null": (made({"a": None}), BAD),
        "entry text": (made({"a": "U8"}), BAD),
        "entry as a list": (made(b'{"a":["U8",[4],[0,4]]}', b"data"), BAD),
        "entry empty": (made({"a": {}}), BAD),
        "no dtype": (made(b'{"a":{"shape":[4],"data_offsets":[0,4]}}', b"data"), BAD),
        "no shape": (made(b'{"a":{"dtype":"U8","data_offsets":[0,4]}}', b"data"), BAD),
        "no offsets": (made(b'{"a":{"dtype":"U8","shape":[4]}}', b"data"), BAD),
        "unknown field": (made(_one(colour="red"), b"data"), BAD),
        "field twice": (
            made(b'{"a":{"dtype":"U8","dtype":"U8","shape":[4],"data_offsets":[0,4]}}', b"data"),
            BAD),
        "unknown dtype": (made(_one(dtype="Q4_K"), b"data"), BAD),
        "lower-case dtype": (made(_one(dtype="u8"), b"data"), BAD),
        "dtype null": (made(_one(dtype=None), b"data"), BAD),
        "shape text": (made(_one(shape="4"), b"data"), BAD),
        "shape negative": (made(_one(shape=[-4]), b"data"), BAD),
        "shape fraction": (made(_one(shape=[4.0]), b"data"), BAD),
        "shape true": (made(_one(shape=[True]), b"data"), BAD),
        "shape exponent": (made(b'{"a":{"dtype":"U8","shape":[4e0],"data_offsets":[0,4]}}',
                                b"data"), BAD),
        "shape leading zero": (made(b'{"a":{"dtype":"U8","shape":[04],"data_offsets":[0,4]}}',
                                    b"data"), BAD),
        "shape of 5,000 digits": (
            made(b'{"a":{"dtype":"U8","shape":[' + b"9" * 5000 + b'],"data_offsets":[0,4]}}'), BAD),
        "shape 2^64": (made(_one(shape=[1 << 64]), b"data"), BAD),
        "shape overflows": (made(_one(shape=[1 << 32, 1 << 32], data_offsets=[0, 0])), BAD),
        "shape overflows before a zero": (
            made(_one(shape=[1 << 63, 4, 0], data_offsets=[0, 0])), BAD),
        "bytes overflow": (made(_one(dtype="F64", shape=[1 << 61], data_offsets=[0, 0])), BAD),
        "nine dimensions": (made(_one(shape=[1] * 8 + [4]), b"data"), LIMIT),
        "100,000 dimensions": (made(_one(shape=[1] * 99_999 + [4]), b"data"), LIMIT),
        "20,001 tensors": (
            made({f"t{i}": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}
                  for i in range(20_001)}), LIMIT),
        # the layout
        "offsets text": (made(_one(data_offsets="0-4"), b"data"), BAD),
        "one offset": (made(_one(data_offsets=[4]), b"data"), BAD),
        "three offsets": (made(_one(data_offsets=[0, 2, 4]), b"data"), BAD),
        "offset negative": (made(_one(data_offsets=[-1, 3]), b"data"), BAD),
        "offset 2^64": (made(_one(data_offsets=[0, 1 << 64]), b"data"), BAD),
        "offsets swapped": (made(_one(data_offsets=[4, 0]), b"data"), BAD),
        "size too small": (made(_one(data_offsets=[0, 3]), b"dat"), BAD),
        "size too large": (made(_one(data_offsets=[0, 5]), b"data5"), BAD),
        "sub-byte remainder": (made(_one(dtype="F4", shape=[3], data_offsets=[0, 2]), b"da"), BAD),
        "overlap": (made(_two((0, 4), (2, 6)), b"six678"), BAD),
        "same place": (made(_two((0, 4), (0, 4)), b"data"), BAD),
        "inside another": (made(_two((0, 6), (2, 4)), b"six678"), BAD),
        "empty inside another": (made(_two((0, 4), (2, 2)), b"data"), BAD),
        "hole at the start": (made(_one(data_offsets=[2, 6]), b"sixsix"), BAD),
        "hole between": (made(_two((0, 2), (4, 6)), b"sixsix"), BAD),
        "trailing byte": (made(_one(), b"data!"), BAD),
        "second file behind": (made(_one(), b"data") + made(_one(), b"data"), BAD),
        "archive behind": (made(_one(), b"data") + b"PK\x03\x04" + bytes(60), BAD),
        "data without tensors": (made({}, b"data"), BAD),
        "data cut": (made(_one(), b"dat"), CUT),
        "no data": (made(_one()), CUT),
        "past the end by far": (made(_one(shape=[1 << 40], data_offsets=[0, 1 << 40])), CUT),
    }  # fmt: skip
    return found
