"""The fast way through a safetensors header that is written as the usual library does it.

One expression has to cover all entries from end to end, and they have to cover the data in their
order; for whatever does not fit to the letter `safetensors_header` walks the text and says why.
"""

from __future__ import annotations

import re
from itertools import accumulate

from desktop.services.peft_folder.dtypes import DTYPE_BITS
from desktop.services.records import TensorInfo

MAX_TENSORS = 20_000
MAX_DIMENSIONS = 8
MAX_NAME_CHARACTERS = 512
U64 = 1 << 64
NUMBER = r"(?:0|[1-9]\d{0,18})"
_COMPACT = re.compile(
    rf'"([^"\\\x00-\x1f]{{0,{MAX_NAME_CHARACTERS}}})":\{{"dtype":"(\w{{1,16}})",'
    rf'"shape":\[((?:{NUMBER}(?:,{NUMBER}){{0,7}})?)\],"data_offsets":\[({NUMBER}),({NUMBER})\]\}}([,}}])',
    re.ASCII,
)
_COMPACT_SIZE = len('"":{"dtype":"","shape":[],"data_offsets":[,]}')


def elements(shape: tuple[int, ...]) -> int:
    """How many elements a tensor of this shape has."""
    count = 1
    for size in shape:
        count *= size
    return count


_Known = tuple[tuple[TensorInfo, ...], tuple[int, ...]]
_read: dict[str, tuple[_Known, int]] = {}
"""Headers without their metadata, read lately: tensors, sizes, bytes of data. The checkpoints of a
training differ in their weights, not in these."""
_MOST_READ = 64
_LARGEST_READ = 256 << 10


def read_compact(text: str, at: int, data_size: int) -> _Known | None:
    """Tensors and sizes of a header whose entries, from `at` to its end, are as the usual library
    writes them and cover the data in their order; None for any other, sound or not."""
    tail = text[at:].rstrip(" ")
    held = _read.get(tail)
    if held is None:
        read = _read_tail(tail)
        if read is None:
            return None
        held = read
        if len(tail) <= _LARGEST_READ:
            if len(_read) >= _MOST_READ:
                _read.clear()
            _read[tail] = held
    return held[0] if held[1] == data_size else None


def _read_tail(tail: str) -> tuple[_Known, int] | None:
    found = _COMPACT.findall(tail)
    count = len(found)
    if not 0 < count <= MAX_TENSORS:
        return None
    names, dtypes, shapes, begins, ends, marks = zip(*found, strict=True)
    # Every character has to belong to an entry, each of them followed by a comma but the last.
    covered = sum(len("".join(part)) for part in (names, dtypes, shapes, begins, ends))
    if covered + count * (_COMPACT_SIZE + 1) != len(tail):
        return None
    if "".join(marks) != "," * (count - 1) + "}" or len(set(names)) != count:
        return None
    if "__metadata__" in names or not "".join(names).isprintable():
        return None
    sides: dict[str, tuple[int, ...]] = {}
    bytes_of: dict[tuple[str, str], int] = {}
    for kind in set(zip(dtypes, shapes, strict=True)):
        dtype, shape = kind
        sides[shape] = tuple(map(int, shape.split(","))) if shape else ()
        bits = DTYPE_BITS.get(dtype, 0) * elements(sides[shape])
        if dtype not in DTYPE_BITS or bits >= U64 or bits % 8 or 0 in sides[shape]:
            return None  # the walk says what is wrong with it, if anything is
        bytes_of[kind] = bits // 8
    sizes = tuple([bytes_of[kind] for kind in zip(dtypes, shapes, strict=True)])
    # In order and without hole: each begins where the one before it ended.
    reached = list(map(int, ends))
    if list(map(int, begins)) != [0, *reached[:-1]] or tuple(accumulate(sizes)) != tuple(reached):
        return None
    tensors = tuple(map(TensorInfo._make, zip(names, dtypes, map(sides.get, shapes), strict=True)))
    return (tensors, sizes), reached[-1]
