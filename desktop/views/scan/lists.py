"""A list in a window of its own: places and why they were left out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.models.scan_pairs import Pair, PairsModel
from desktop.views.theme import FontRole, metric, row_height
from desktop.views.widgets.table_header import MARGIN, TableHeader
from desktop.views.widgets.text import PlainLabel


class PlacesDialog(QDialog):
    """title: of the window; said: the sentence above the list."""

    def __init__(self, title: str, said: str, pairs: Sequence[Pair], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("placesDialog")
        self.setWindowTitle(title)
        self.setAccessibleDescription(said)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._model = PairsModel(pairs, self)
        self.table = QTableView()
        self.table.setObjectName("placesTable")
        self.table.setAccessibleName(title)
        self.table.setProperty("framed", True)
        titles = TableHeader(self.table)
        titles.first_margin = MARGIN
        self.table.setHorizontalHeader(titles)
        self.table.setModel(self._model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        rows = self.table.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(row_height(28, self.font()))
        header = self.table.horizontalHeader()
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.copy_button = QPushButton("&Copy the list")
        self.copy_button.setObjectName("copyPlaces")
        self.copy_button.setAccessibleName("Copy the list")
        self.copy_button.setAutoDefault(False)
        self.copy_button.clicked.connect(self._copy)
        close = QPushButton("Close")
        close.setObjectName("closePlaces")
        close.setAccessibleName("Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.copy_button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 16)
        box.setSpacing(12)
        box.addWidget(PlainLabel(said, role=FontRole.CARD_TITLE, wrap=True))
        box.addWidget(self.table, 1)
        box.addLayout(buttons)
        self.resize(metric(760, self.font()), metric(460, self.font()))
        self.table.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._model.text())
