"""What a typed filter asks for, and that every text asks for something sensible."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.models.filter_language import (
    FLAGS,
    HINTS,
    Question,
    Term,
    described,
    narrows,
    parse,
    quoted,
)
from desktop.models.row_query import Facets, Known
from desktop.models.row_terms import answers
from tests.models.library_rows import NOW, ROWS, TERMS, make_row

KNOWN = Known(NOW, {"c1": 2})


def finds(text: str, **values: object) -> bool:
    name = str(values.pop("name", "sql"))
    return answers(make_row("1", name, **values), parse(text), Facets(), KNOWN)


def test_the_example_of_the_design():
    assert parse("base:llama rank>16 tag:prod -missing") == Question(
        (),
        (
            Term("base", "has", "llama"),
            Term("rank", ">", 16.0),
            Term("tag", "begins", "prod"),
            Term("missing", negated=True),
        ),
    )


def test_words_are_folded_and_the_longest_comes_first():
    assert parse("  Llama\tsql llama ").words == ("llama", "sql")
    assert parse("CAFE\u0301").words == ("café",)
    assert not parse("  ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("foo:bar", ("foo:bar",)),
        ("c:\\runs", ("c:\\runs",)),
        ("llama-3.1", ("llama-3.1",)),
        ("v2-missing", ("v2-missing",)),
        ("rank>many", ("rank>many",)),
        ("rank>16kB", ("rank>16kb",)),
        ("base>llama", ("base>llama",)),
        ("added<soon", ("added<soon",)),
        ("added>2025-13-40", ("added>2025-13-40",)),
        ("size>9999999999999999999999MB", ("size>9999999999999999999999mb",)),
        ("- a", ("-", "a")),
        ("-", ("-",)),
        ('"rank>16"', ("rank>16",)),
        ('"-missing" "a b"', ("-missing", "a b")),
        ('"a  b', ("a b",)),
        ('5"', ('5"',)),
        ("1.5>1", ("1.5>1",)),
    ],
)
def test_what_is_no_term_is_a_plain_word(text, words):
    assert parse(text) == Question(words)


@pytest.mark.parametrize("text", ["base:", "rank>", "-tag:", 'base:""', '"', '""', "added<", '-""'])
def test_what_is_half_typed_asks_for_nothing(text):
    assert parse(text) == Question()


def test_texts():
    row = {
        "name": "Alpha",
        "base_model": "meta-llama/Llama 3",
        "peft_type": "rsLoRA",
        "type": "huggingface",
        "tags": "Prod\nRe train",
        "location": "/data/runs",
        "huggingface_name": "org/x",
    }
    for text in (
        "name:lph",
        "base:LLAMA",
        'base:"llama 3"',
        "type:rs",
        "type=rslora",
        "source:hub",
        "source:hugg",
        "source=hf",
        "tag:pro",
        "tag=prod",
        'tag:"re train"',
        "path:runs",
        "hub:org/",
        "-name:beta",
        "-type:lora",
        "-tag:train",
        "name=alpha",
        "prod",
    ):
        assert finds(text, **row), text
    for text in (
        "name:lphaa",
        "name=alph",
        "type:lora",
        "type=rs",
        'type:"rs"',
        "source:folder",
        "tag:rod",
        "tag=pro",
        "-tag:prod",
        "-llama",
        "-alpha",
        "tag:prod name:beta",
    ):
        assert not finds(text, **row), text
    assert not finds("type:lora")
    assert finds("-type:lora")
    assert finds("source:folder", type="project")
    assert finds("source:reg", type="model_registry")
    assert finds("source:spa", type="space")


def test_figures():
    row = {"rank": 16, "size": 83_900_000, "parameters": 41_900_000, "errors": 2}
    for text in ("rank:16", "rank=16", "rank>=16", "rank<17", "-rank>16", "size>80MB"):
        assert finds(text, **row), text
    for text in ("size<0.1GB", "size>80mib", "params>40M", "params<1B", "errors>1", "notes=0"):
        assert finds(text, **row), text
    for text in ("rank>16", "rank<16", "-rank:16", "size>1GB", "params>42m", "warnings>0"):
        assert not finds(text, **row), text
    # What is not known is neither more nor less.
    assert not finds("rank>0")
    assert not finds("rank<99")
    assert finds("-rank>0")
    assert not finds("rank>0", rank="many")
    assert not finds("size>0", size=float("nan"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("size>1,5GB", "size>1.5GB"),
        ("size>1 MB", "size>1MB"),
        ("size > 1,5 GB", "size>1.5GB"),
        ("size >1 mib", "size>1MiB"),
        ("rank > 16", "rank>16"),
        ("rank >= 16", "rank>=16"),
        ("-rank > 16", "-rank>16"),
        ("rank : 16 sql", "rank:16 sql"),
        ("rank>16 b", "rank>16 b"),
        ("size > 5 sql", "size>5 sql"),
        ("params> 10 M tag:prod", "params>10m tag:prod"),
        ("added < 30 d", "added<30d"),
        ("added > 2025-11-19", "added>2025-11-19"),
        ("size>1, rank > 8", "size>1 rank>8"),
        ("size > 10MB B", "size>10MB B"),
    ],
)
def test_figures_may_be_typed_with_blanks_and_a_comma(typed, meant):
    assert parse(typed) == parse(meant)
    assert parse(typed).terms


@pytest.mark.parametrize("typed", ["rank >", "rank > ", "size >= ", "-size >", "added <"])
def test_a_comparison_half_typed_with_blanks_asks_for_nothing(typed):
    assert parse(typed) == Question()


@pytest.mark.parametrize(
    ("typed", "words"),
    [("rank > many", (">", "many", "rank")), ("ranks > 16", ("ranks", "16", ">"))],
)
def test_other_words_beside_a_sign_stay_words(typed, words):
    assert sorted(parse(typed).words) == sorted(words)
    assert not parse(typed).terms


def test_days():
    row = {"added": NOW - 5 * 86_400}
    for text in ("added<30d", "added:7d", "added<1w", "added>4d", "added<1y", "-added<4d"):
        assert finds(text, **row), text
    for text in ("added<4d", "added>1m", "added<100h", "added>5.1d"):
        assert not finds(text, **row), text
    day = time.strftime("%Y-%m-%d", time.localtime(row["added"]))
    for text in (f"added:{day}", f"added>={day}", f"added<={day}", "added>2020-01-01"):
        assert finds(text, **row), text
    for text in (f"added>{day}", f"added<{day}", "added<2020-01-01", "added:2020-01-01"):
        assert not finds(text, **row), text
    assert not finds("added<30d")
    assert not finds("added<2999-01-01")


def test_flags():
    quiet: dict[str, object] = {}
    assert all(not finds(word, **quiet) for word in FLAGS)
    assert all(finds(f"-{word}", **quiet) for word in FLAGS)
    assert finds("favourite", favourite=1)
    assert finds("problems", warnings=1)
    assert finds("Problems", errors=1)
    assert not finds("problems", notes=1)
    assert finds("missing", state="missing")
    assert finds("duplicates", content="c1")
    assert not finds("duplicates", content="c2")
    assert finds('"missing"', name="a-missing-b")
    assert not finds("missing", name="a-missing-b")


_ANY = st.one_of(
    st.text(max_size=12),
    st.lists(TERMS, max_size=3).map(" ".join),
    st.text(alphabet='-":<>= abrnktgsize0123456789mM', max_size=14),
)


@given(_ANY, ROWS)
def test_every_text_asks_something_that_every_row_can_answer(text, row):
    question = parse(text)
    assert answers(row, question, Facets(), KNOWN) in (True, False)
    assert parse(text.swapcase()) == question or text.swapcase().casefold() != text.casefold()


@given(_ANY, _ANY, ROWS)
def test_a_longer_question_that_narrows_finds_no_other_rows(short, more, row):
    before, after = parse(short), parse(short + more)
    if narrows(before, after) and answers(row, after, Facets(), KNOWN):
        assert answers(row, before, Facets(), KNOWN)


@given(st.text(max_size=10), ROWS)
def test_quotes_make_anything_a_word(text, row):
    assert parse(quoted(text)).terms == ()


def test_narrowing():
    for short, longer in (
        ("sq", "sql x"),
        ("rank>1", "rank>16"),
        ("rank<16", "rank<1"),
        ("base:ll", "base:llama"),
        ("tag:p", "tag:prod"),
        ("tag:p", "tag=prod"),
        ("added<30d", "added<3d"),
        ("missing", "missing -sql"),
        ("", "-missing"),
    ):
        assert narrows(parse(short), parse(longer)), short
    for short, longer in (
        ("sql", "sq"),
        ("rank>16", "rank>1"),
        ("-base:l", "-base:llama"),
        ("-s", "-sql"),
        ("tag=prod", "tag:prod"),
        ("rank>1", "rank<16"),
        ("missing", "-missing"),
        ("type:lora", "-type:lora"),
    ):
        assert not narrows(parse(short), parse(longer)), short


def test_every_hint_is_understood():
    for example, _ in HINTS:
        assert parse(example)
        assert example in described()
    assert all(parse(example).terms for example, _ in HINTS[:-1])
