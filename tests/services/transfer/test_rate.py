"""How far, how fast, how long: in words."""

from __future__ import annotations

import pytest

from desktop.services.transfer_rate import Meter, amount, rate_text, time_text


@pytest.mark.parametrize(
    ("done", "total", "text"),
    [
        (33_500_000, 54_500_000, "33.5 of 54.5 MB"),
        (0, 54_500_000, "0.0 of 54.5 MB"),
        (1_000, 3_000_011, "0.00 of 3.00 MB"),
        (12, 340, "12 of 340 B"),
        (999_000, 999_400, "999 of 999 kB"),
        (999_900, 999_900, "1.00 of 1.00 MB"),
        (120_000_000_000, 500_000_000_000, "120 of 500 GB"),
        (33_500_000, 0, "33.5 MB"),
    ],
)
def test_amounts_share_a_unit(done: int, total: int, text: str) -> None:
    assert amount(done, total) == text


def test_rates_have_two_digits() -> None:
    assert [rate_text(rate) for rate in (8_412_345, 0.2, 999, 84_499_999, 1e9)] == [
        "8.4 MB", "0 B", "1 kB", "84 MB", "1 GB",
    ]  # fmt: skip


def test_times_are_rounded_up() -> None:
    assert [time_text(s) for s in (0, 2.1, 59.2, 61, 3599, 4800, 90_000)] == [
        "1 s", "3 s", "1 min", "2 min", "1 h", "1 h 20 min", "25 h",
    ]  # fmt: skip


def test_a_meter_tells_ten_times_a_second_and_of_late() -> None:
    told: list[tuple[int, int, str]] = []
    meter = Meter(54_500_000, lambda *what: told.append(what))
    now = 100.0
    for _ in range(1000):
        meter.check(now)
        meter.add(33_500)
        now += 0.004
    meter.tell(now)
    assert 38 <= len(told) <= 42
    assert told[0] == (0, 54_500_000, "0.0 of 54.5 MB")
    assert told[-1] == (33_500_000, 54_500_000, "33.5 of 54.5 MB · 8.4 MB/s · 3 s left")
    for _ in range(100):
        now += 0.1
        meter.check(now)
    assert told[-1][2] == "33.5 of 54.5 MB"


def test_what_was_there_or_comes_again_is_no_rate() -> None:
    told: list[tuple[int, int, str]] = []
    meter = Meter(0, lambda *what: told.append(what))
    meter.have(5_000_000)
    meter.tell(0.0)
    meter.add(2_000_000)
    meter.lose(2_000_000)
    meter.tell(1.0)
    assert told[-1] == (5_000_000, 0, "5 MB · 2 MB/s")
    meter.note = "The server asks to wait 30 s"
    meter.tell(2.0)
    assert told[-1][2] == "The server asks to wait 30 s"
