"""Two quiet lists of the folders page: the files of an adapter, the adapters of a folder."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.models.formats import bytes_text, size_text, whole_text
from desktop.services.peft_folder import FoundAdapter
from desktop.services.peft_folder.reading import printable
from desktop.services.records import FileKind, FolderFile
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.finding_row import IconLabel
from desktop.views.widgets.text import LinkButton, PlainLabel, set_plain_tooltip

_MOST = 20
_ICONS = {FileKind.WEIGHTS: "cube", FileKind.CONFIG: "gear", FileKind.CARD: "note"}


class _Rows(QWidget):
    """Icon, name and a word at the right, a few of many."""

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)

    def _clear(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _add(self, icon: str, name: QWidget, word: str, tone: str = "secondary") -> None:
        row = self._grid.rowCount()
        middle = Qt.AlignmentFlag.AlignVCenter
        size = metric(14, self.font())
        self._grid.addWidget(IconLabel(icon, "text2", size), row, 0, middle)
        # A link is as wide as its words; a label takes the room and elides.
        left = Qt.AlignmentFlag.AlignLeft if isinstance(name, LinkButton) else middle
        self._grid.addWidget(name, row, 1, middle | left)
        label = PlainLabel(word, role=FontRole.LABEL, tone=tone)
        self._grid.addWidget(label, row, 2, middle | Qt.AlignmentFlag.AlignRight)

    def _add_rest(self, count: int) -> None:
        if count > 0:
            rest = PlainLabel(
                f"and {whole_text(count)} more", role=FontRole.LABEL, tone="secondary"
            )
            self._grid.addWidget(rest, self._grid.rowCount(), 1)


class FileRows(_Rows):
    """The files of a folder with their sizes; what is remarkable is the tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("folderFiles", "Files in this folder", parent)
        self._files: tuple[FolderFile, ...] = ()

    def set_files(self, files: Sequence[FolderFile]) -> None:
        """Show these."""
        if tuple(files) == self._files:
            return
        self._files = tuple(files)
        self._clear()
        for file in files[:_MOST]:
            tone = "secondary" if file.kind == FileKind.TRAINING else ""
            name = PlainLabel(
                printable(file.name, 300), role=FontRole.LABEL, tone=tone, elide="middle"
            )
            if file.note:
                set_plain_tooltip(name, file.note)
            name.setAccessibleName(f"{printable(file.name, 300)}, {bytes_text(file.size)}")
            self._add(_ICONS.get(file.kind, "file"), name, size_text(file.size))
        self._add_rest(len(files) - _MOST)


class AdapterRows(_Rows):
    """The adapters below a folder, each a link to its row of the tree.

    Signals:
        chosen(object): the path of the one that was clicked.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("folderAdapters", "Adapters in this folder", parent)
        self._found: tuple[tuple[FoundAdapter, bool], ...] = ()
        self._paths: dict[LinkButton, str] = {}

    def set_adapters(self, found: Sequence[tuple[FoundAdapter, bool]]) -> None:
        """Show these; the second of each is whether it is in the library."""
        if tuple(found) == self._found:
            return
        self._found = tuple(found)
        self._clear()
        self._paths.clear()
        for adapter, known in found[:_MOST]:
            link = LinkButton(printable(adapter.title, 300), name="folderAdapter")
            link.clicked.connect(self._clicked)
            self._paths[link] = adapter.path
            if known:
                self._add("cube", link, "In library", "ok")
            else:
                word = "newest" if adapter.newest else ""
                size = "" if adapter.size_bytes is None else size_text(adapter.size_bytes)
                self._add("cube", link, " · ".join(part for part in (word, size) if part))
        self._add_rest(len(found) - _MOST)

    def _clicked(self) -> None:
        sender = self.sender()
        if isinstance(sender, LinkButton) and sender in self._paths:
            self.chosen.emit(self._paths[sender])
