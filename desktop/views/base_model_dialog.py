"""Which base model several adapters belong to: a list that typing narrows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.services.peft_folder.reading import printable
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.text import PlainLabel, restyle

_ID = Qt.ItemDataRole.UserRole.value
_MOVES = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)


class BaseModelDialog(QDialog):
    """Chooses one of the library's base models.

    Signals:
        chosen(str): the id of the base model.
    """

    chosen = Signal(str)

    def __init__(
        self,
        what: str,
        choices: Sequence[tuple[str, str]],
        current: str | None,
        parent: QWidget | None = None,
    ) -> None:
        """what: whose base model, in words; choices: (id, title); current: the id of the one that
        all have now, None where they differ."""
        super().__init__(parent)
        self.setObjectName("baseModelDialog")
        self.setWindowTitle("Set base model")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._current = current
        self._build(what)
        for key, title in choices:
            item = QListWidgetItem(printable(title, 200))
            item.setData(_ID, key)
            self.list.addItem(item)
            if key == current:
                self.list.setCurrentItem(item)
        self.list.currentItemChanged.connect(self._renew)
        self.list.itemDoubleClicked.connect(self._choose)
        self._renew()
        self.field.setFocus()

    def _build(self, what: str) -> None:
        title = PlainLabel(f"Base model of {what}", role=FontRole.CARD_TITLE, elide="middle")
        title.setObjectName("baseModelTitle")
        said = PlainLabel(
            "Whether it fits is told from the last check; no folder is read now.",
            tone="secondary",
            wrap=True,
        )
        self.field = QLineEdit()
        self.field.setObjectName("baseModelField")
        self.field.setAccessibleName("Find a base model")
        self.field.setPlaceholderText("Find a base model")
        self.field.textChanged.connect(self._narrow)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setObjectName("baseModelList")
        self.list.setAccessibleName("Base models")
        self.list.setUniformItemSizes(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        cancel = QPushButton("Cancel")
        cancel.setObjectName("baseModelCancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self.set_button = QPushButton("&Set base model")
        self.set_button.setObjectName("baseModelSet")
        self.set_button.setAccessibleName("Set base model")
        restyle(self.set_button, "primary", True)
        self.set_button.setDefault(True)
        self.set_button.clicked.connect(self._choose)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.set_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 20)
        box.setSpacing(8)
        for widget in (title, said, self.field):
            box.addWidget(widget)
        box.addWidget(self.list, 1)
        box.addSpacing(4)
        box.addLayout(buttons)
        self.resize(metric(440, self.font()), metric(440, self.font()))

    def _narrow(self, text: str) -> None:
        words = text.casefold().split()
        first = None
        for at in range(self.list.count()):
            item = self.list.item(at)
            hidden = not all(word in item.text().casefold() for word in words)
            item.setHidden(hidden)
            first = first if hidden else first or item
        here = self.list.currentItem()
        if words and (here is None or here.isHidden()):
            # None where nothing fits: then there is nothing to set.
            self.list.setCurrentItem(first)  # type: ignore[arg-type]
        self._renew()

    def _picked(self) -> str:
        item = self.list.currentItem()
        return "" if item is None or item.isHidden() else str(item.data(_ID))

    def _renew(self) -> None:
        self.set_button.setEnabled(self._picked() not in ("", self._current))

    def _choose(self) -> None:
        if self.set_button.isEnabled():
            self.chosen.emit(self._picked())
            self.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down in the field move in the list."""
        is_key = event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        if watched is self.field and is_key and event.key() in _MOVES:  # type: ignore[attr-defined]
            self.list.setFocus(Qt.FocusReason.TabFocusReason)
        return super().eventFilter(watched, event)
