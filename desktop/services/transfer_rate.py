"""How far a transfer is, how fast it is, and how long it will take, in words."""

from __future__ import annotations

import math
import time
from collections import deque

from desktop.services.peft_folder.reading import size_text
from desktop.services.progress import Progress

_PAUSE = 0.1  # seconds between two reports
_SPAN = 5.0  # seconds that a rate is the mean of
_FIRST = 0.5  # seconds before there is a rate to speak of
_UNITS = ("B", "kB", "MB", "GB", "TB")


class Meter:
    """Counts bytes and tells them on.

    total: bytes, 0 = unknown. `check` may be called as often as one likes: it tells about ten
    times a second, and passes on what the progress raises. `note` is told instead of the rate.
    """

    def __init__(self, total: int, progress: Progress) -> None:
        self.total = total
        self.done = 0
        self.fetched = 0
        self.note = ""
        self._progress = progress
        self._told = -math.inf
        self._samples: deque[tuple[float, int]] = deque()

    def add(self, count: int) -> None:
        """Bytes that came in over the network."""
        self.done += count
        self.fetched += count

    def lose(self, count: int) -> None:
        """Bytes that have to come once more."""
        self.done -= count

    def have(self, count: int) -> None:
        """Bytes that were there already."""
        self.done += count

    def forget_rate(self) -> None:
        """What was done until now is no part of the rate."""
        self._samples.clear()

    def check(self, now: float | None = None) -> None:
        """Tell how far it is, unless that was told just now."""
        now = time.monotonic() if now is None else now
        if now - self._told >= _PAUSE:
            self.tell(now)

    def tell(self, now: float | None = None) -> None:
        """Tell how far it is."""
        now = time.monotonic() if now is None else now
        self._told = now
        self._samples.append((now, self.fetched))
        while now - self._samples[0][0] > _SPAN and len(self._samples) > 2:
            self._samples.popleft()
        self._progress(self.done, self.total, self.note or self.text())

    def text(self) -> str:
        """`33.5 of 54.5 MB · 8.4 MB/s · 3 s left`."""
        parts = [amount(self.done, self.total)]
        if rate := self.rate():
            parts.append(f"{rate_text(rate)}/s")
            if self.total > self.done:
                parts.append(f"{time_text((self.total - self.done) / rate)} left")
        return " · ".join(parts)

    def rate(self) -> float:
        """Bytes per second of late, 0.0 while there is too little to tell from."""
        if not self._samples:
            return 0.0
        (start, before), (end, after) = self._samples[0], self._samples[-1]
        return (after - before) / (end - start) if end - start >= _FIRST else 0.0


def amount(done: int, total: int) -> str:
    """`33.5 of 54.5 MB`: both in the unit of the total; without one `33.5 MB`."""
    if total <= 0:
        return size_text(done)
    scale = 0
    while total / 1000**scale >= 999.5 and scale + 1 < len(_UNITS):
        scale += 1
    whole = total / 1000**scale
    digits = 0 if scale == 0 or whole >= 99.95 else 1 if whole >= 9.995 else 2
    return f"{done / 1000**scale:.{digits}f} of {whole:.{digits}f} {_UNITS[scale]}"


def rate_text(rate: float) -> str:
    """Bytes per second with two digits, so that it can be read while it changes: `8.4 MB`."""
    step = 10 ** max(0, math.floor(math.log10(max(rate, 1))) - 1)
    return size_text(round(rate / step) * step)


def time_text(seconds: float) -> str:
    """`3 s`, `2 min`, `1 h 20 min`; rounded up."""
    whole = max(1, math.ceil(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = math.ceil(whole / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes and hours < 24 else f"{hours} h"
