"""The nodes of the folder tree: what is known of each folder, and the words for it. No Qt here."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from desktop.services.folder_list import FolderCount, SubFolder
from desktop.services.peft_folder import FolderMark, Mark
from desktop.services.peft_folder.reading import printable

_LONGEST_NAME = 300


class Read(IntEnum):
    """How far the children of a folder are known."""

    NOT = 0
    NOW = 1
    DONE = 2


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that the tree starts at. icon: the name of an icon."""

    path: str
    title: str
    icon: str = "folder"


@dataclass(frozen=True, slots=True)
class FolderItem:
    """What is known of one folder of the tree. status: the word at its right, "" for none; tone:
    the colour token of that word; ids: the adapters of the library that lie in it."""

    path: str
    title: str
    mark: Mark | None
    status: str
    tone: str
    reason: str
    ids: tuple[str, ...]

    @property
    def importable(self) -> bool:
        """Whether it is an adapter that is not in the library yet."""
        return self.mark == Mark.ADAPTER and not self.ids


class Node:
    """One row: a folder, a place, or (`note`) a sentence in the place of folders."""

    __slots__ = (
        "below",
        "children",
        "extra",
        "icon",
        "ident",
        "ids",
        "key",
        "learned",
        "link",
        "loop",
        "mark",
        "note",
        "number",
        "opens",
        "parent",
        "path",
        "problem",
        "read",
        "real",
        "row",
        "silent",
        "text",
    )

    def __init__(self, number: int, parent: Node | None, path: str, text: str) -> None:
        self.number = number
        self.parent = parent
        self.path = path
        self.text = text
        self.row = 0
        self.children: list[Node] = []
        self.read = Read.NOT
        self.note = False
        self.mark: FolderMark | None = None
        self.learned = False  # the mark comes from a closer look than the one that is under way
        self.opens = True
        self.link = False
        self.loop = False
        self.extra = False
        self.problem = ""
        self.silent = False
        self.real = ""
        self.icon = "folder"
        self.ids: tuple[str, ...] = ()
        self.below: FolderCount | None = None
        self.key = path
        # Paths from the system are in their plain form already; where case counts, that is all.
        self.ident = path if os.sep == "/" else key_of(path)

    def has_children(self) -> bool:
        """Whether there is anything to open it for, as far as is known."""
        if self.note or self.loop:
            return False
        if self.read == Read.NOT:
            return self.opens
        return bool(self.children) or self.read == Read.NOW

    def status(self) -> tuple[str, str]:
        """(word, colour token) at the right of the row."""
        if self.ids:
            return "In library", "ok"
        if self.mark is None:
            return "", ""
        if self.below is not None and self.below.count and self.mark.mark == Mark.PLAIN:
            return f"{self.below.count:,}{'' if self.below.complete else '+'}", "text2"
        return _STATUS.get(self.mark.mark, ("", ""))

    def look(self) -> tuple[str, str]:
        """(icon, colour token) before the name."""
        mark = None if self.mark is None else self.mark.mark
        if self.note:
            return "", "text2"
        if mark == Mark.BROKEN:
            return "cube", "error"
        if self.ids:
            return "cube", "text"
        return _LOOK.get(mark, (self.icon, "text2"))

    def tip(self) -> str:
        """The whole path and what there is to say, in plain lines."""
        if self.note:
            return ""
        lines = [printable(self.path, 4096)]
        if self.loop:
            lines.append("This link leads back to a folder above it.")
        elif self.link:
            lines.append(f"A link to {printable(self.real, 4096)}." if self.real else "A link.")
        if self.below is not None and self.below.count:
            one = self.below.count == 1 and self.below.complete
            said = f"{self.below.count:,} adapter{'' if one else 's'}"
            more = "" if self.below.complete else " or more"
            lines.append(f"{said}{more} {'lies' if one else 'lie'} below it.")
        if self.mark is not None and self.mark.reason:
            lines.append(self.mark.reason)
        return "\n".join(lines)

    def said(self) -> str:
        """What a screen reader says of the row."""
        if self.note:
            return self.text
        parts = [self.text]
        mark = None if self.mark is None else self.mark.mark
        if mark in (Mark.ADAPTER, Mark.BROKEN):
            parts.append("adapter")
        word = self.status()[0]
        if word[:1].isdigit():
            parts.append(f"{word.replace('+', ' or more')} adapters below")
        elif word:
            parts.append(word.lower() if word != "Not PEFT" else "not PEFT")
        if self.link:
            parts.append("a link")
        return ", ".join(parts)

    def item(self) -> FolderItem:
        """The same as a value."""
        word, tone = self.status()
        if word[:1].isdigit():
            word = ""  # a count is no state of the folder
        mark = None if self.mark is None else self.mark.mark
        reason = self.problem or (self.mark.reason if self.mark is not None else "")
        return FolderItem(self.path, self.text, mark, word, tone, reason, self.ids)


_STATUS = {
    Mark.ADAPTER: ("New", "accent"),
    Mark.BROKEN: ("Broken", "error"),
    Mark.NOT_PEFT: ("Not PEFT", "text2"),
}
_LOOK: dict[Mark | None, tuple[str, str]] = {
    Mark.ADAPTER: ("cube", "accent"),
    Mark.NOT_PEFT: ("file", "text2"),
}


class LookQueue:
    """Which folders still have to be looked at, by the folder that they are in.

    One batch per folder is out at a time, so that what was painted meanwhile comes first in the
    next one.
    """

    def __init__(self, batch: int) -> None:
        self._batch = batch
        self._waiting: dict[int, dict[int, None]] = {}
        self._painted: dict[int, None] = {}
        self._out: set[int] = set()

    def add(self, around: int, numbers: Iterable[int]) -> None:
        """These nodes, all in the node `around`, have to be looked at."""
        self._waiting.setdefault(around, {}).update(dict.fromkeys(numbers))

    def painted(self, around: int, number: int) -> None:
        """This one is on the screen."""
        if number in self._waiting.get(around, ()):
            self._painted[number] = None

    def take(self, around: int) -> list[int]:
        """The next batch; empty when there is none, or one is out."""
        waiting = self._waiting.get(around)
        if not waiting or around in self._out:
            return []
        batch = [number for number in self._painted if number in waiting][: self._batch]
        others = (number for number in waiting if number not in self._painted)
        batch += itertools.islice(others, self._batch - len(batch))
        for number in batch:
            del waiting[number]
            self._painted.pop(number, None)
        self._out.add(around)
        return batch

    def came_back(self, around: int) -> None:
        """The batch of this node was looked at."""
        self._out.discard(around)

    def forget(self, number: int) -> None:
        """This node is no more."""
        self._waiting.pop(number, None)
        self._painted.pop(number, None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row that should be among the children of a folder: a folder, or a sentence."""

    key: str
    text: str
    folder: SubFolder | None = None
    place: Place | None = None

    def dress(self, node: Node) -> None:
        """Give the node what the row says of it."""
        node.note = self.folder is None and self.place is None
        if self.folder is not None:
            node.link, node.loop = self.folder.link, self.folder.loop
        elif self.place is not None:
            node.icon = self.place.icon


def wanted_folder(folder: SubFolder) -> Wanted:
    """The row of a folder. Its name is shown escaped, and kept byte for byte."""
    return Wanted(folder.path, printable(folder.name, _LONGEST_NAME), folder)


def wanted_place(place: Place) -> Wanted:
    """The row of a place."""
    return Wanted(place.path, printable(place.title, _LONGEST_NAME), None, place)


def wanted_note(text: str) -> Wanted:
    """A row with a sentence. No path begins with a NUL, so its key is nobody else's."""
    return Wanted(f"\0{text}", text)


def key_of(path: str) -> str:
    """The form in which two paths are compared as text."""
    return os.path.normcase(os.path.normpath(path))
