"""What was worked out lately for the same tensors or the same bytes.

The checkpoints of a training have one config and one header between them, and a scan comes upon
them one after the other. What follows from equal input is equal, so it is worked out once. Nothing
here outlives a few dozen entries.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

_MOST = 64
LARGEST = 2_500
"""Above so many tensors nothing is kept: that would be memory, not speed."""
MOST_TEXT = 64 << 10
"""The same for characters of a config."""


class Lately(Generic[T]):
    """Values by a large object, told by its identity, and a small key."""

    def __init__(self) -> None:
        self._held: dict[tuple[int, Hashable], tuple[object, T]] = {}

    def get(self, about: object, key: Hashable, make: Callable[[], T]) -> T:
        """The value for `about` and `key`; made where it is not there. about: never changes."""
        at = (id(about), key)
        held = self._held.get(at)
        # The object is held too, so that no other one can have its identity meanwhile.
        if held is not None and held[0] is about:
            return held[1]
        value = make()
        if len(self._held) >= _MOST:
            self._held.clear()
        self._held[at] = (about, value)
        return value
