"""The Files tab: what lies in the adapter's folder, as it was seen at the last check."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.models.formats import bytes_text, size_text, whole_text
from desktop.models.record_table import SECONDARY_ROLE, RecordColumn, RecordTableModel
from desktop.services.peft_folder.reading import printable
from desktop.services.records import FileKind, FolderFile, FolderInspection, FolderState
from desktop.views.details.words import path_text
from desktop.views.theme import FontRole, metric, row_height, tabular, tokens
from desktop.views.widgets.text import LinkButton, PlainLabel, plain_tooltip

_TOOLTIP, _ALIGNMENT = 3, 7
_MARGIN = 6

KINDS = {
    FileKind.CONFIG: "Config",
    FileKind.WEIGHTS: "Weights",
    FileKind.CARD: "Model card",
    FileKind.TOKENIZER: "Tokenizer",
    FileKind.TRAINING: "Training",
    FileKind.OTHER: "Other",
}
_ORDER = {kind: at for at, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row: a file, identified by its name."""

    id: str
    file: FolderFile


def _name(row: FileRow) -> str:
    return printable(row.file.name, 400)


def _kind(row: FileRow) -> str:
    return KINDS.get(row.file.kind, "Other")


def _kind_order(row: FileRow) -> int:
    return _ORDER.get(row.file.kind, len(_ORDER))


def _size(row: FileRow) -> str:
    return size_text(row.file.size)


def _bytes(row: FileRow) -> int:
    return row.file.size


def _said(row: FileRow) -> str:
    note = f", {printable(row.file.note)}" if row.file.note else ""
    return f"{_name(row)}, {_kind(row)}, {_size(row)}{note}"


COLUMNS = (
    RecordColumn("name", "Name", _name, elide_middle=True, accessible=_said),
    RecordColumn("kind", "Kind", _kind, _kind_order, "Model card", secondary=True),
    RecordColumn("size", "Size", _size, _bytes, "2,048.0 MB", right=True),
)
_NAME, _KIND, _SIZE = range(3)


class FilesModel(RecordTableModel):
    """Files, with what there is to say about each as its tooltip."""

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> object:
        if role == _TOOLTIP:
            row = self.record_at(index.row())
            if not isinstance(row, FileRow):
                return None
            exact = f"{_name(row)}\n{_kind(row)}, {bytes_text(row.file.size)}"
            said = f"{exact}\n{printable(row.file.note)}" if row.file.note else exact
            return plain_tooltip(said)
        if role == SECONDARY_ROLE:
            row = self.record_at(index.row())
            # What only training needs steps back in all of its cells.
            if isinstance(row, FileRow) and row.file.kind == FileKind.TRAINING:
                return True
        return super().data(index, role)


class _FileDelegate(QStyledItemDelegate):
    """One line of plain text; selection by row, what matters less in the secondary colour."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._table = table
        self._base = QFont()
        self._face = QFont()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        t, rect = tokens(), option.rect
        if self._table.font() != self._base:
            self._base = QFont(self._table.font())
            self._face = tabular(self._base)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            focused = self._table.hasFocus()
            painter.fillRect(rect, t.selection if focused else t.selection_inactive)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, t.hairline)
        painter.setFont(self._face)
        painter.setPen(t.text2 if index.data(SECONDARY_ROLE) else t.text)
        room = rect.adjusted(_MARGIN, 0, -_MARGIN, 0)
        text = QFontMetrics(self._face).elidedText(
            str(index.data()), Qt.TextElideMode.ElideMiddle, room.width()
        )
        alignment = Qt.AlignmentFlag(index.data(_ALIGNMENT)) | Qt.TextFlag.TextSingleLine
        painter.drawText(room, int(alignment), text)
        painter.restore()


class FilesTable(QTableView):
    """The table itself: copies rows, opens the folder, never scrolls sideways."""

    folderAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("detailsFiles")
        self.setAccessibleName("Files of the adapter")
        self.setProperty("framed", True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSortingEnabled(True)
        self.setItemDelegate(_FileDelegate(self))
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setObjectName("detailsFilesHeader")
        header.setHighlightSections(False)
        header.setMinimumSectionSize(24)
        header.setStretchLastSection(False)
        self.doubleClicked.connect(self._opened)

    def setModel(self, model: object) -> None:
        super().setModel(model)  # type: ignore[arg-type]
        header = self.horizontalHeader()
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        for column in (_KIND, _SIZE):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        self.sortByColumn(_KIND, Qt.SortOrder.AscendingOrder)
        self.fit()

    def fit(self) -> None:
        """Give every column its width; the kind goes where the name would get too short."""
        body = self.font()
        metrics = QFontMetrics(self.font())
        size = metrics.horizontalAdvance("2,048.0 MB") + 2 * _MARGIN + 2
        kind = metrics.horizontalAdvance("Model card") + 2 * _MARGIN + 2
        self.verticalHeader().setDefaultSectionSize(row_height(26, body))
        if self.model() is None:
            return
        least = metrics.horizontalAdvance("adapter_model.safet")
        self.setColumnHidden(_KIND, self.viewport().width() - size - kind < least)
        self.setColumnWidth(_KIND, kind)
        self.setColumnWidth(_SIZE, size)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_rows()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.folderAsked.emit()
        else:
            super().keyPressEvent(event)

    def copy_rows(self) -> None:
        """Put the selected rows (all, where none is) on the clipboard: name, kind, bytes."""
        model = self.model()
        if not isinstance(model, FilesModel):
            return
        chosen = sorted({index.row() for index in self.selectionModel().selectedRows()})
        rows = [model.record_at(at) for at in (chosen or range(model.rowCount()))]
        lines = [f"{_name(row)}\t{_kind(row)}\t{row.file.size}" for row in rows]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _opened(self, _index: QModelIndex) -> None:
        self.folderAsked.emit()


class FilesPage(QWidget):
    """The table with its sum above and what to know below.

    Signals:
        folderAsked: the person wants to see the folder in the file manager.
    """

    folderAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("detailsFilesPage")
        self.total = PlainLabel("", role=FontRole.LABEL, parent=self)
        self.total.setObjectName("detailsFilesTotal")
        self.note = PlainLabel("", role=FontRole.LABEL, tone="secondary", wrap=True, parent=self)
        self.note.setObjectName("detailsFilesNote")
        self.model = FilesModel(COLUMNS, parent=self)
        self.table = FilesTable(self)
        self.table.setModel(self.model)
        self.open_link = LinkButton("Open folder", self, name="detailsOpenFiles")
        self.open_link.setAccessibleName("Open the adapter’s folder")
        self.open_link.clicked.connect(self._ask)
        self.copy_link = LinkButton("Copy list", self, name="detailsCopyFiles")
        self.copy_link.setAccessibleName("Copy the list of files")
        self.copy_link.clicked.connect(self.table.copy_rows)
        self.table.folderAsked.connect(self.folderAsked)
        links = QHBoxLayout()
        links.setSpacing(metric(12, self.font()))
        links.addWidget(self.open_link)
        links.addWidget(self.copy_link)
        links.addStretch(1)
        layout = QVBoxLayout(self)
        side = metric(16, self.font())
        layout.setContentsMargins(side, metric(12, self.font()), side, side)
        layout.setSpacing(metric(8, self.font()))
        layout.addWidget(self.total)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.note)
        layout.addLayout(links)
        self.show_files(None, FolderState.UNKNOWN)

    def show_files(self, there: FolderInspection | None, state: FolderState) -> None:
        """Show the files of an inspection; state: of the folder at the last look."""
        files = there.files if there is not None else ()
        self.model.set_records([FileRow(file.name, file) for file in files])
        self.total.setText(_total(files) if there is not None else "Not looked at yet.")
        self.note.setText(_note(there, state))
        self.note.setVisible(bool(self.note.text()))
        self.open_link.setEnabled(state != FolderState.MISSING)
        self.open_link.setToolTip(
            "The folder is not there." if state == FolderState.MISSING else ""
        )
        self.table.setAccessibleDescription(
            f"{self.total.text()} {path_text(there.path)}" if there is not None else ""
        )

    def _ask(self) -> None:
        self.folderAsked.emit()


def _total(files: tuple[FolderFile, ...]) -> str:
    if not files:
        return "No files were seen here."
    count = f"{whole_text(len(files))} file{'' if len(files) == 1 else 's'}"
    return f"{count}, {size_text(sum(file.size for file in files))}"


def _note(there: FolderInspection | None, state: FolderState) -> str:
    if state == FolderState.MISSING:
        return "The folder is away. This is what was in it at the last check."
    if state == FolderState.UNREACHABLE:
        return "The folder can’t be reached now. This is what was in it at the last check."
    if there is None:
        return "Check again looks into the folder."
    if there.training_bytes:
        return f"{size_text(there.training_bytes)} here only serves training."
    return ""
