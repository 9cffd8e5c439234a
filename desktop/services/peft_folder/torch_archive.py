"""The outline of a `.bin` file: names and shapes of its tensors, without unpickling it.

A pickle is a program. This module never runs one: it reads the program's text with `pickletools`,
as a disassembler would, and follows only the few steps that PyTorch writes for a table of tensors.
Anything else in it, and there is no list: a figure is shown only where the file is what it seems.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from desktop.services.peft_folder.compact_header import (
    MAX_DIMENSIONS,
    MAX_NAME_CHARACTERS,
    MAX_TENSORS,
    elements,
)
from desktop.services.peft_folder.dtypes import DTYPE_BITS
from desktop.services.peft_folder.reading import OpenFile, UnreadableFileError, read_at
from desktop.services.records import TensorInfo

__all__ = ["closing", "has_end", "list_tensors", "read_at"]

MAX_OUTLINE_BYTES = 4 << 20
MAX_DIRECTORY_BYTES = 8 << 20
MAX_STEPS = 1_000_000
_END = b"PK\x05\x06"
_END_SEARCH = 65_536 + 22
_CONSTANTS = frozenset(
    {"BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"}
)
_STORAGES = {
    "FloatStorage": "F32", "HalfStorage": "F16", "BFloat16Storage": "BF16", "DoubleStorage": "F64",
    "LongStorage": "I64", "IntStorage": "I32", "ShortStorage": "I16", "CharStorage": "I8",
    "ByteStorage": "U8", "BoolStorage": "BOOL",
}  # fmt: skip
_TABLE, _TENSOR, _PARAMETER, _MARK = object(), object(), object(), object()
_GLOBALS: dict[str, object] = {
    "collections OrderedDict": _TABLE,
    "torch._utils _rebuild_tensor_v2": _TENSOR,
    "torch._utils _rebuild_parameter": _PARAMETER,
    **{f"torch {name}": dtype for name, dtype in _STORAGES.items()},
}


class _Strange(Exception):
    """The program does something that a table of tensors has no need of."""


@contextmanager
def closing(fd: int) -> Iterator[None]:
    """Close the descriptor at the end, whatever happens."""
    try:
        yield
    finally:
        os.close(fd)


def has_end(opened: OpenFile) -> bool:
    """Whether a zip archive has its closing record, which a cut file has lost."""
    start = max(0, opened.size - _END_SEARCH)
    return _END in read_at(opened.fd, opened.size - start, start, "adapter_model.bin")


def list_tensors(opened: OpenFile) -> tuple[tuple[TensorInfo, ...], tuple[int, ...]] | None:
    """The tensors of an archive that PyTorch wrote, and their sizes in bytes.

    None when it is no such archive, does anything besides holding tensors, or is over a limit.
    Never raises for what is in the file.
    """
    try:
        program = _outline(opened)
        return None if program is None else _follow(program)
    except (_Strange, UnreadableFileError, ValueError, IndexError, TypeError, AttributeError):
        return None


def _outline(opened: OpenFile) -> bytes | None:
    """The stored bytes of `*/data.pkl`, found through the archive's directory by hand: `zipfile`
    would build objects for a directory of any size first."""
    name = "adapter_model.bin"
    start = max(0, opened.size - _END_SEARCH)
    tail = read_at(opened.fd, opened.size - start, start, name)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        return None
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    offset = int.from_bytes(tail[at + 16 : at + 20], "little")
    locator = tail[at - 20 : at] if at >= 20 else b""
    if locator.startswith(b"PK\x06\x07"):  # PyTorch always writes the 64-bit records too
        far = int.from_bytes(locator[8:16], "little")
        record = read_at(opened.fd, 56, far, name) if far < opened.size else b""
        if record.startswith(b"PK\x06\x06") and len(record) == 56:
            size = int.from_bytes(record[40:48], "little")
            offset = int.from_bytes(record[48:56], "little")
    if size > MAX_DIRECTORY_BYTES or offset + size > opened.size:
        return None
    directory = read_at(opened.fd, size, offset, name)
    at = 0
    while directory[at : at + 4] == b"PK\x01\x02":
        entry = directory[at : at + 46]
        lengths = [int.from_bytes(entry[i : i + 2], "little") for i in (28, 30, 32)]
        if directory[at + 46 : at + 46 + lengths[0]].endswith(b"/data.pkl"):
            method = int.from_bytes(entry[10:12], "little")
            packed = int.from_bytes(entry[20:24], "little")
            whole = int.from_bytes(entry[24:28], "little")
            local = int.from_bytes(entry[42:46], "little")
            if method != 0 or packed != whole or whole > MAX_OUTLINE_BYTES:
                return None
            head = read_at(opened.fd, 30, local, name) if local < opened.size else b""
            if not head.startswith(b"PK\x03\x04") or len(head) < 30:
                return None
            skip = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
            program = read_at(opened.fd, whole, local + 30 + skip, name)
            return program if len(program) == whole else None
        at += 46 + sum(lengths)
    return None


def _follow(program: bytes) -> tuple[tuple[TensorInfo, ...], tuple[int, ...]]:
    """Follow the steps of the program with stand-ins for everything that it would build."""
    import pickletools

    stack: list[Any] = []
    memo: dict[int, Any] = {}
    for count, (opcode, argument, _) in enumerate(pickletools.genops(program)):
        if count > MAX_STEPS:
            raise _Strange
        match opcode.name:
            case "PROTO" | "FRAME":
                pass
            case "STOP":
                return _tensors(stack[-1])
            case "MARK":
                stack.append(_MARK)
            case "GLOBAL":
                if argument not in _GLOBALS:
                    raise _Strange
                stack.append(_GLOBALS[argument])
            case "EMPTY_DICT":
                stack.append({})
            case "EMPTY_TUPLE":
                stack.append(())
            case "EMPTY_LIST":
                stack.append([])
            case "TUPLE":
                stack.append(tuple(_since_mark(stack)))
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                many = int(opcode.name[-1])
                stack[-many:] = [tuple(stack[-many:])]
            case "BINPUT" | "LONG_BINPUT" | "PUT":
                memo[_whole(argument)] = stack[-1]
            case "MEMOIZE":
                memo[len(memo)] = stack[-1]
            case "BINGET" | "LONG_BINGET" | "GET":
                stack.append(memo.get(_whole(argument), _MARK))
            case "NEWTRUE" | "NEWFALSE" | "NONE":
                stack.append({"NEWTRUE": True, "NEWFALSE": False}.get(opcode.name))
            case "BINPERSID":
                stack.append(_storage(stack.pop()))
            case "REDUCE":
                arguments = stack.pop()
                stack.append(_built(stack.pop(), arguments))
            case "SETITEM":
                value, key = stack.pop(), stack.pop()
                _set(stack[-1], [key, value])
            case "SETITEMS":
                items = _since_mark(stack)
                _set(stack[-1], items)
            case "BUILD":
                stack.pop()  # the attributes of an OrderedDict (`_metadata`): not tensors
            case name if name in _CONSTANTS:
                stack.append(argument)
            case _:
                raise _Strange
    raise _Strange


def _whole(argument: Any) -> int:
    return int(argument)


def _since_mark(stack: list[Any]) -> list[Any]:
    at = len(stack) - 1
    while stack[at] is not _MARK:
        at -= 1
        if at < 0:
            raise _Strange
    items = stack[at + 1 :]
    del stack[at:]
    return items


def _storage(reference: Any) -> tuple[str, int]:
    """`("storage", FloatStorage, key, place, elements)` as PyTorch refers to a tensor's bytes."""
    kind, dtype, _, _, size = reference
    if kind != "storage" or not isinstance(dtype, str) or dtype not in DTYPE_BITS:
        raise _Strange
    return dtype, int(size)


def _built(what: Any, arguments: Any) -> Any:
    if what is _TABLE and arguments == ():
        return {}
    if what is _PARAMETER:
        return arguments[0] if isinstance(arguments[0], TensorInfo) else _strange()
    if what is _TENSOR:
        (dtype, _), _, shape, *_ = arguments
        if len(shape) > MAX_DIMENSIONS or not all(type(s) is int and s >= 0 for s in shape):
            raise _Strange
        return TensorInfo("", dtype, tuple(shape))
    return _strange()


def _strange() -> Any:
    raise _Strange


def _set(table: Any, items: list[Any]) -> None:
    if not isinstance(table, dict) or len(items) % 2:
        raise _Strange
    for key, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(key, str) or len(key) > MAX_NAME_CHARACTERS or not key.isprintable():
            raise _Strange
        table[key] = value


def _tensors(table: Any) -> tuple[tuple[TensorInfo, ...], tuple[int, ...]]:
    if not isinstance(table, dict) or len(table) > MAX_TENSORS:
        raise _Strange
    found = []
    for name, value in table.items():
        if not isinstance(value, TensorInfo) or elements(value.shape) >= 1 << 60:
            raise _Strange
        found.append(TensorInfo(name, value.dtype, value.shape))
    sizes = tuple(elements(t.shape) * DTYPE_BITS[t.dtype] // 8 for t in found)
    return tuple(found), sizes
