"""What is said of the files that are going to be fetched. Pure functions; no widget is made.

All names are from strangers: they reach the screen through `printable` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from desktop.models.formats import size_text
from desktop.services.peft_folder.reading import printable
from desktop.services.records import FileKind

_NAME = 96

_KINDS = {
    FileKind.WEIGHTS: "weights",
    FileKind.CONFIG: "config",
    FileKind.CARD: "card",
    FileKind.TOKENIZER: "tokenizer",
    FileKind.TRAINING: "training",
    FileKind.OTHER: "other",
}


class FileToFetch(Protocol):
    """A file of a server. size in bytes, None = the server does not say; needed: whether PEFT or
    its tokenizer wants it."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int | None: ...
    @property
    def kind(self) -> FileKind: ...
    @property
    def needed(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class FileLine:
    """One line of what is to be fetched. size in bytes, None = not said; needed: it comes in any
    case; names: of all its files, for the tooltip."""

    title: str
    kind: str
    size: int | None
    needed: bool
    names: tuple[str, ...]


def file_lines(files: Sequence[FileToFetch]) -> list[FileLine]:
    """The files in a few lines: weights and config each, then what else is needed together, and
    last, together, what only training or nobody needs."""
    needed = [file for file in files if file.needed]
    first = [f for f in needed if f.kind == FileKind.WEIGHTS]
    first += [f for f in needed if f.kind == FileKind.CONFIG]
    lines = [_together([file], needed=True) for file in first]
    rest = [file for file in needed if file not in first]
    rest.sort(key=lambda file: (file.kind != FileKind.CARD, -(file.size or 0)))
    if rest:
        lines.append(_together(rest, needed=True, most=2))
    others = sorted((f for f in files if not f.needed), key=lambda f: -(f.size or 0))
    if others:
        lines.append(_together(others, needed=False))
    return lines


def _together(files: Sequence[FileToFetch], *, needed: bool, most: int = 1) -> FileLine:
    names = [printable(file.name, _NAME) for file in files]
    title = ", ".join(names[:most])
    if len(names) > most:
        title = f"{title} and {len(names) - most:,} more"
    if needed:
        kind = ", ".join(dict.fromkeys(_KINDS[file.kind] for file in files))
    elif all(file.kind == FileKind.TRAINING for file in files):
        kind = "only for training"
    else:
        kind = "not needed to load it"
    return FileLine(title, kind, _sum(files), needed, tuple(names))


def files_text(files: Sequence[FileToFetch], *, all_files: bool) -> str:
    """`4 files, 54.5 MB`: what is going to be fetched."""
    chosen = [file for file in files if file.needed or all_files]
    if not chosen:
        return ""
    count = len(chosen)
    said = f"{count:,} file{'' if count == 1 else 's'}"
    size = _sum(chosen)
    return said if size is None else f"{said}, {size_text(size)}"


def _sum(files: Sequence[FileToFetch]) -> int | None:
    sizes = [file.size for file in files]
    return None if None in sizes else sum(size or 0 for size in sizes)
