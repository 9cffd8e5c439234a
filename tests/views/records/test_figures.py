"""Figures as they are typed: understood, or asked back; never guessed."""

from __future__ import annotations

import pytest

from desktop.views.records.figures import (
    number_text,
    percent_text,
    read_count,
    read_part,
    read_rate,
)

FRACTION, SPLIT = "dataset_fraction", "train_test_split"


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("", None),
        ("  ", None),
        ("80", 0.8),
        ("80 %", 0.8),
        ("80\u00a0%", 0.8),
        (" 12,5% ", 0.125),
        ("0.5 %", 0.005),
        ("1 %", 0.01),
        ("100", 1.0),
        ("33.3333", 0.333333),
    ],
)
def test_parts_in_percent(text: str, figure: float | None) -> None:
    assert read_part(FRACTION, text) == (figure, None)


@pytest.mark.parametrize("text", ["0", "-5", "101 %", "abc", "1.2.3", "8 0 x", "nan", "inf", "%"])
def test_what_is_no_part_is_refused(text: str) -> None:
    figure, wrong = read_part(FRACTION, text)
    assert figure is None
    assert wrong is not None
    assert (wrong.field, wrong.severity) == (FRACTION, "error")


def test_a_fraction_without_its_sign_is_asked_back() -> None:
    _, wrong = read_part(FRACTION, "0.8")
    assert wrong is not None
    assert wrong.suggestion == "80\u00a0%"
    assert read_part(FRACTION, wrong.suggestion) == (0.8, None)


def test_a_split_may_be_typed_as_two_parts() -> None:
    assert read_part(SPLIT, "90/10") == (0.9, None)
    assert read_part(SPLIT, "90 / 20")[1] is not None
    assert read_part(FRACTION, "90/10")[1] is not None


@pytest.mark.parametrize("figure", [0.8, 0.125, 1.0, 0.005, 1 / 3])
def test_what_is_shown_reads_back(figure: float) -> None:
    assert read_part(FRACTION, percent_text(figure)) == (figure, None)


def test_figures_outside_are_shown_as_they_are() -> None:
    assert percent_text(1.5) == "150\u00a0%"
    assert percent_text(None) == ""
    assert percent_text(float("nan")) == "nan"
    assert number_text(2e-05) == "2e-05"


def test_counts_and_rates() -> None:
    assert read_count("num_epochs", " 3 ") == (3, None)
    assert read_count("num_epochs", "") == (None, None)
    assert read_count("num_epochs", "0")[1] is not None
    assert read_count("num_epochs", "2.5")[1] is not None
    assert read_rate("learning_rate", "2e-4") == (2e-4, None)
    assert read_rate("learning_rate", "0,0002") == (2e-4, None)
    for text in ("0", "-1", "x", "1e999", "1" * 100):
        assert read_rate("learning_rate", text)[1] is not None
