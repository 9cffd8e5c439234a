"""The quick look: config, and what the head of the weights gives away without being parsed.

It believes a header that looks as every known writer puts it, so it is for listing only; whoever
imports or judges needs the whole inspection.
"""

from __future__ import annotations

import os
import re
from collections.abc import Container

from desktop.services.peft_folder.config import read_config
from desktop.services.peft_folder.dtypes import DTYPE_BITS
from desktop.services.peft_folder.reading import (
    LFS_POINTER_START,
    UnreadableFileError,
    open_file,
    read_at,
)
from desktop.services.peft_folder.safetensors_header import read_header
from desktop.services.scan.walk import fingerprint
from desktop.services.scan.wire import Row

SAFETENSORS, PICKLE = "adapter_model.safetensors", "adapter_model.bin"
LEVEL = 1
_FIRST_READ = 32 << 10
_SHAPE = re.compile(rb'"shape":\[([\d,]*)\]')
_DTYPE = re.compile(rb'"dtype":"(\w{1,16})"')


def quick_row(path: str, names: Container[str], checksum: int) -> Row:
    """The row of a folder with a config or weights. Never raises for what is in it."""
    config = read_config(path)
    weights = next((n for n in (SAFETENSORS, PICKLE) if n in names), None)
    parameters = tensors = size = None
    sound = config.readable and weights is not None
    if weights is not None:
        try:
            parameters, tensors, size = _weights(path, weights)
        except UnreadableFileError:
            sound = False
    mark = fingerprint(path)
    return Row(
        path,
        "adapter" if sound else "broken",
        LEVEL,
        checksum,
        mark,
        "",
        config.peft_type,
        config.variant,
        config.task_type,
        config.rank,
        parameters,
        tensors,
        size,
        config.base_model_name,
        time_of(mark),
    )


def time_of(mark: str) -> float | None:
    """When the weights were written, in seconds since 1970, as a fingerprint has it."""
    last = mark.rpartition("|")[2]
    if not last.startswith("adapter_model"):
        return None
    return int(last.rpartition(":")[2]) / 1e9


def _weights(path: str, name: str) -> tuple[int | None, int | None, int]:
    """(parameters, tensors, bytes of the file), None where the head does not tell.

    Raises:
        UnreadableFileError: there is no head of weights.
    """
    opened = open_file(path, name)
    try:
        size = opened.size
        head = read_at(opened.fd, 1024 if name == PICKLE else _FIRST_READ, 0, name)
    finally:
        os.close(opened.fd)
    if not head or head.startswith(LFS_POINTER_START):
        raise UnreadableFileError("weights_pointer", "There are no weights in this file.")
    if name == PICKLE:
        return None, None, size
    length = int.from_bytes(head[:8], "little")
    if length + 8 > size or head[8:9] != b"{":
        raise UnreadableFileError("weights_malformed", "This is no whole safetensors file.")
    figures = None
    if length + 8 <= len(head):
        figures = header_figures(head[8 : 8 + length], size - 8 - length)
    if figures is None:  # longer than usual, or written in another way
        header = read_header(path, name)
        figures = header.parameters, len(header.tensors)
    return (*figures, size)


def header_figures(raw: bytes, data: int) -> tuple[int, int] | None:
    """(parameters, tensors) of a header by its text; None for one that is not written as the usual
    library does. data: bytes of the tensors together."""
    count = raw.count(b'"data_offsets":[')
    first = _DTYPE.search(raw)
    if first is None or not count:
        return None
    bits = DTYPE_BITS.get(first.group(1).decode())
    if bits and raw.count(first.group()) == count:
        return data * 8 // bits, count  # all of one type: their bytes say how many
    total = 0
    for shape in _SHAPE.findall(raw):
        elements = 1
        for side in shape.split(b",") if shape else ():
            elements *= int(side or 0)
        total += elements
    return total, count
