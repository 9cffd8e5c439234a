"""Figures, sizes, dates and names as the screen shows them."""

from __future__ import annotations

import math
import time
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QDate, QLocale

from desktop.models import formats

pytestmark = pytest.mark.usefixtures("qapp")

JUNK = [None, "", "many", b"\x00", True, math.nan, math.inf, -math.inf]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (41_943_040, "41.9 M"),
        (614_400, "614 K"),
        (161_480_704, "161 M"),
        (21_000_000, "21.0 M"),
        (0, "0"),
        (999, "999"),
        (1000, "1.0 K"),
        (99_949, "99.9 K"),
        (99_950, "100 K"),
        (999_499, "999 K"),
        (999_500, "1.0 M"),
        (999_500_000, "1.0 B"),
        (7_000_000_000_000, "7.0 T"),
        (5e15, "5,000 T"),
        (5e300, "–"),
        (1e30, "1e+18 T"),
    ],
)
def test_parameters(value, text):
    assert formats.parameters_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(18_204, "18.2 K"), (1_000_000_000, "1.0 bn"), (42_300_000_000, "42.3 bn"), (None, "–")],
)
def test_what_was_counted_is_not_taken_for_bytes(value, text):
    assert formats.tally_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (83_886_080, "83.9 MB"),
        (328_000, "328 kB"),
        (0, "0 B"),
        (1, "1 B"),
        (999, "999 B"),
        (1_228_800, "1.2 MB"),
        (323_000_000, "323 MB"),
        (999_999, "1.0 MB"),
        (2_048_000_000, "2.0 GB"),
        (10**30, "1,000,000,000,000 EB"),
    ],
)
def test_sizes(value, text):
    assert formats.size_text(value) == text


def test_exact_bytes():
    assert formats.bytes_text(83_886_080) == "83,886,080 bytes"
    assert formats.bytes_text(1) == "1 byte"
    assert formats.bytes_text(1 << 70) == "1,180,591,620,717,411,303,424 bytes"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.8, "80\u00a0%"),
        (1.0, "100\u00a0%"),
        (1, "100\u00a0%"),
        (0.29, "29\u00a0%"),
        (0.125, "12.5\u00a0%"),
        (1 / 3, "33.3\u00a0%"),
        (0, "0\u00a0%"),
        (0.0001, "0.01\u00a0%"),
        (1.5, "150\u00a0%"),
        (-0.5, "-50\u00a0%"),
    ],
)
def test_percent(value, text):
    assert formats.percent_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.9, "90/10"),
        (0.95, "95/5"),
        (1, "100/0"),
        (0.0, "0/100"),
        (0.875, "87.5/12.5"),
        (1 / 3, "33.3/66.7"),
        (1.5, "150\u00a0%"),
    ],
)
def test_split(value, text):
    assert formats.split_text(value) == text


def moment(year: int, month: int, day: int) -> float:
    return datetime(year, month, day, 12).astimezone().timestamp()


def test_dates():
    now = QDate(2025, 11, 24).toJulianDay()
    assert formats.date_text(moment(2025, 11, 24), now) == "Today"
    assert formats.date_text(moment(2025, 11, 23), now) == "Yesterday"
    assert formats.date_text(moment(2025, 11, 19), now) == "19 Nov"
    assert formats.date_text(moment(2024, 11, 19), now) == "19 Nov 2024"
    assert formats.date_text(moment(2025, 11, 25), now) == "25 Nov"
    assert formats.date_text(1e18, now) == "–"
    assert formats.date_text(time.time()) == "Today"
    assert "2025" in formats.moment_text(moment(2025, 11, 19))


@pytest.mark.parametrize("junk", JUNK)
def test_what_is_no_figure_is_an_en_dash(junk):
    for text in (
        formats.parameters_text,
        formats.size_text,
        formats.bytes_text,
        formats.percent_text,
        formats.split_text,
        formats.date_text,
        formats.moment_text,
        formats.whole_text,
    ):
        assert text(junk) == "–"


@settings(deadline=None)
@given(st.one_of(st.integers(), st.floats(), st.text(), st.binary(), st.none(), st.booleans()))
def test_nothing_raises(value):
    for name in (
        "parameters_text",
        "size_text",
        "bytes_text",
        "percent_text",
        "split_text",
        "date_text",
        "moment_text",
        "whole_text",
        "one_line",
        "base_title",
        "source_title",
        "source_icon",
    ):
        text = getattr(formats, name)(value)
        assert isinstance(text, str)
        assert "\n" not in text


def test_all_through_the_locale():
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    try:
        assert formats.size_text(83_886_080) == "83,9 MB"
        assert formats.percent_text(0.125) == "12,5\u00a0%"
        assert formats.whole_text(1284) == "1.284"
    finally:
        QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    assert formats.size_text(83_886_080) == "83.9 MB"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("meta-llama/Llama-3.1-8B", "Llama-3.1-8B"),
        ("gpt2", "gpt2"),
        ("/data/models/qwen/", "qwen"),
        ("C:\\models\\qwen", "qwen"),
        ("/", "/"),
        (" a/b ", "b"),
        (None, ""),
        ("", ""),
    ],
)
def test_base_title(name, title):
    assert formats.base_title(name) == title


def test_sources():
    assert [formats.source_title(t) for t in ("project", "huggingface", "model_registry")] == [
        "Local folder",
        "Hugging Face",
        "Registry",
    ]
    assert formats.source_title("space") == "space"
    assert formats.source_icon("model_registry") == "cylinder"
    assert formats.source_icon("space") == ""


def test_outside_text_is_one_readable_line():
    assert formats.one_line("a\nb\t c") == "a b  c"
    assert formats.one_line("x\u202ey") == "x\\u202ey"
    assert formats.one_line(b"caf\xe9") == "caf\\xe9"
    assert len(formats.one_line("a" * 100_000)) < 5000
