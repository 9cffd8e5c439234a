"""The model card (README.md) of a folder, made harmless enough to be laid out.

Markdown from strangers can hold a window up for a minute: one word of a megabyte, a table of twenty
thousand rows. The limits here were found by measuring Qt's text layout. Markup stays Markdown; HTML
is for the viewer to refuse.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from desktop.services.peft_folder.reading import (
    LFS_POINTER_START,
    MissingFileError,
    UnreadableFileError,
    read_start,
    storable,
)

MAX_BYTES = 512_000
MAX_LINES = 6_000
MAX_WORD = 200
MAX_TABLE_ROWS = 200
MAX_ALL_TABLE_ROWS = 1_000
MAX_CELLS = 40
MAX_NESTING = 8
_MAX_FRONT_LINES = 500
_MAX_FRONT_VALUE = 500
_LONG_WORD = re.compile(rf"\S{{{MAX_WORD}}}(?=\S)")
_RUN = re.compile(r"([*_~`\[\](){}!<>#|=+-])\1{79,}")
_MARKERS = re.compile(r"\s*(?:(?:>|[-*+](?=\s)|\d{1,9}[.)](?=\s))\s*)+")
_ONE_MARKER = re.compile(r">|[-*+](?=\s)|\d{1,9}[.)](?=\s)")
_KEY = re.compile(r"([\w.-]{1,80})\s*:(?:\s+(.*))?")


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A card in two parts.

    front_matter: the table at its head as (name, text), lists joined with commas; markdown: the
    rest with all limits applied; truncated: something was left out; problem: a sentence when there
    is a card that can't be read.
    """

    front_matter: tuple[tuple[str, str], ...] = ()
    markdown: str = ""
    truncated: bool = False
    problem: str = ""


def read_card(path: str | os.PathLike[str]) -> ModelCard:
    """The card of a folder, an empty one when there is none. Never raises for what is in it."""
    folder = os.fspath(path)
    for name in ("README.md", "readme.md", "Readme.md"):
        try:
            data, size = read_start(folder, name, MAX_BYTES)
        except MissingFileError:
            continue
        except UnreadableFileError as error:
            return ModelCard(problem=error.message)
        if data.startswith(LFS_POINTER_START):
            return ModelCard(problem=f"{name} is a Git LFS pointer: the card was not fetched.")
        return make_card(data, cut=size > len(data))
    return ModelCard()


def make_card(data: bytes, *, cut: bool = False) -> ModelCard:
    """As read_card, from the file's bytes; cut: whether they are only its beginning."""
    cut = cut or len(data) > MAX_BYTES
    text = storable(data[:MAX_BYTES].decode("utf-8-sig", "replace"))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    front, body = _split_front(lines)
    if len(body) > MAX_LINES:
        body, cut = body[:MAX_LINES], True
    markdown, shortened = _tamed(body)
    return ModelCard(_front_matter(front), markdown, cut or shortened)


def _split_front(lines: list[str]) -> tuple[list[str], list[str]]:
    if not lines or lines[0].rstrip() != "---":
        return [], lines
    for at in range(1, min(len(lines), _MAX_FRONT_LINES)):
        if lines[at].rstrip() in ("---", "..."):
            return lines[1:at], lines[at + 1 :]
    return [], lines


def _front_matter(lines: list[str]) -> tuple[tuple[str, str], ...]:
    """The top level of the table, without a YAML parser: nothing here is worth the trouble that
    anchors, tags and merges bring. Deeper levels are given as they are written, on one line."""
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _KEY.fullmatch(line) if line[0] not in " \t-" else None
        if match:
            value = _scalar(match.group(2) or "")
            found.append((match.group(1), [value] if value else []))
        elif found:
            item = line.strip()
            item = item.removeprefix("- ") if item != "-" else ""
            if item:
                found[-1][1].append(_scalar(item))
    return tuple((key, ", ".join(values)[:_MAX_FRONT_VALUE]) for key, values in found)


def _scalar(text: str) -> str:
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    if text.startswith("[") and text.endswith("]"):
        return ", ".join(_scalar(part) for part in text[1:-1].split(",") if part.strip())
    return "" if text in ("|", ">", "|-", ">-", "null", "~") else text


def _tamed(lines: list[str]) -> tuple[str, bool]:
    out: list[str] = []
    shortened = False
    rows = all_rows = 0
    for line in lines:
        tamed = _tame_line(line)
        if "|" in tamed:
            rows, all_rows = rows + 1, all_rows + 1
            if rows > MAX_TABLE_ROWS or all_rows > MAX_ALL_TABLE_ROWS:
                shortened = True
                continue
            cells = tamed.split("|")
            if len(cells) > MAX_CELLS:
                tamed, shortened = "|".join(cells[:MAX_CELLS]), True
        elif tamed.strip():
            rows = 0
        out.append(tamed)
    return "\n".join(out).strip("\n"), shortened


def _tame_line(line: str) -> str:
    if len(line) > 80:
        line = _RUN.sub(lambda run: run.group(1) * 80, line)
    if len(line) > MAX_WORD:
        line = _LONG_WORD.sub(lambda word: word.group() + " ", line)
    indent = len(line) - len(line.lstrip())
    if indent > 4 * MAX_NESTING:
        line = " " * 4 * MAX_NESTING + line.lstrip()
    if line[indent : indent + 1] in (">", "-", "*", "+") or line[indent : indent + 1].isdigit():
        markers = _MARKERS.match(line)
        if markers:
            marks = list(_ONE_MARKER.finditer(line, 0, markers.end()))
            if len(marks) > MAX_NESTING:
                line = line[: marks[MAX_NESTING].start()] + line[marks[-1].end() :].lstrip()
    return line
