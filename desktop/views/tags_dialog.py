"""Which tags one or several adapters have: ticked, not ticked, or left as each has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.services.tag_rules import clean_tag, tag_findings
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.tag_badge import tag_icon
from desktop.views.widgets.text import PlainLabel, restyle, visible

_TAG = Qt.ItemDataRole.UserRole.value
_COUNT = _TAG + 1
_OFF, _SOME, _ON = (
    Qt.CheckState.Unchecked,
    Qt.CheckState.PartiallyChecked,
    Qt.CheckState.Checked,
)


class _TagLine(QStyledItemDelegate):
    """Leaves out a part of a long tag, never the count behind it."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        count = index.data(_COUNT)
        if count:
            # The stubs leave out what the option is made of.
            said: Any = option
            part = QStyle.SubElement.SE_ItemViewItemText
            room = said.widget.style().subElementRect(part, said, said.widget).width()
            margin = 2 * said.widget.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin)
            metrics = said.fontMetrics
            room -= metrics.horizontalAdvance(count) + margin + 4
            tag = visible(index.data(_TAG))
            said.text = f"{metrics.elidedText(tag, Qt.TextElideMode.ElideMiddle, room)}{count}"


class TagsDialog(QDialog):
    """Typing narrows the list; Enter ticks what was typed, and with nothing typed is done.

    Signals:
        applied(object, object): the tags that all shall have and did not all have; those that none
            shall have and some had. A tag that is left half ticked stays as each has it.
    """

    applied = Signal(object, object)

    def __init__(
        self,
        what: str,
        have: Sequence[Sequence[str]],
        known: Mapping[str, int],
        parent: QWidget | None = None,
    ) -> None:
        """what: whose tags, in words; have: the tags of each adapter; known: every tag of the
        library with how many adapters have it."""
        super().__init__(parent)
        self.setObjectName("tagsDialog")
        self.setWindowTitle("Tags")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._count = len(have)
        self._having = Counter(tag.casefold() for tags in have for tag in set(tags))
        self._items: dict[str, QListWidgetItem] = {}
        self._build(what)
        spelled = {tag.casefold(): tag for tag in (*known, *(t for tags in have for t in tags))}
        # What they have stands first: that is what one comes to see.
        for key in sorted(spelled, key=lambda key: (not self._having[key], key)):
            self._add_item(spelled[key], self._state_of(key))
        self.list.itemChanged.connect(self._renew)
        self._narrow("")
        self.field.setFocus()

    def _build(self, what: str) -> None:
        title = PlainLabel(f"Tags of {what}", role=FontRole.CARD_TITLE, elide="middle")
        title.setObjectName("tagsTitle")
        self.field = QLineEdit()
        self.field.setObjectName("tagField")
        self.field.setAccessibleName("Tag to find or to add")
        self.field.setPlaceholderText("Find a tag, or type a new one")
        self.field.textChanged.connect(self._narrow)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setObjectName("tagList")
        self.list.setAccessibleName("Tags")
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_TagLine(self.list))
        self.add_button = QPushButton()
        self.add_button.setObjectName("addTagButton")
        self.add_button.setAutoDefault(False)
        self.add_button.clicked.connect(self._add_typed)
        self.message = InlineMessage()
        self.message.setObjectName("tagsMessage")
        cancel = QPushButton("Cancel")
        cancel.setObjectName("tagsCancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self.apply_button = QPushButton("&Set tags")
        self.apply_button.setObjectName("tagsApply")
        self.apply_button.setAccessibleName("Set tags")
        restyle(self.apply_button, "primary", True)
        self.apply_button.setAutoDefault(False)
        self.apply_button.clicked.connect(self._apply)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.apply_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 20)
        box.setSpacing(8)
        for widget in (title, self.field, self.message):
            box.addWidget(widget)
        box.addWidget(self.list, 1)
        box.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        box.addSpacing(4)
        box.addLayout(buttons)
        self.resize(metric(400, self.font()), metric(440, self.font()))

    # -- the list --------------------------------------------------------------------------

    def _state_of(self, key: str) -> Qt.CheckState:
        having = self._having[key]
        return _OFF if not having else _ON if having == self._count else _SOME

    def _add_item(self, tag: str, state: Qt.CheckState) -> QListWidgetItem:
        item = QListWidgetItem(tag_icon(tag, self.font()), visible(tag))
        item.setData(_TAG, tag)
        flags = item.flags() | Qt.ItemFlag.ItemIsUserCheckable
        if state == _SOME:
            # Back to “as each has it” by another click; a tag that all or none have needs no third.
            flags |= Qt.ItemFlag.ItemIsUserTristate
        item.setFlags(flags)
        item.setCheckState(state)
        if state == _SOME:
            having = self._having[tag.casefold()]
            count = f"   ({having:,} of {self._count:,})"
            item.setData(_COUNT, count)
            item.setText(f"{visible(tag)}{count}")
        self.list.addItem(item)
        self._items[tag.casefold()] = item
        return item

    def states(self) -> dict[str, Qt.CheckState]:
        """Every tag and whether it is ticked."""
        return {item.data(_TAG): item.checkState() for item in self._items.values()}

    def set_state(self, tag: str, state: Qt.CheckState) -> None:
        """Tick a tag of the list, or not."""
        self._items[tag.casefold()].setCheckState(state)

    def _narrow(self, text: str) -> None:
        wanted = clean_tag(text).casefold()
        for key, item in self._items.items():
            item.setHidden(wanted not in key)
        found = tag_findings(self._typed())
        fresh = bool(wanted) and wanted not in self._items and not found
        self.add_button.setVisible(fresh)
        self.add_button.setText(f"Add “{visible(clean_tag(text))[:40]}”".replace("&", "&&"))
        if found:
            self.message.set_message(f"{found[0].message} {found[0].advice}".strip(), "error")
        else:
            self.message.clear()
        self._renew()

    def _typed(self) -> list[str]:
        return [tag for tag in self.field.text().split(",") if tag.strip()]

    def _add_typed(self) -> None:
        """Tick what is typed, and add it to the list where it is new."""
        tags = self._typed()
        if tag_findings(tags):
            return  # what is wrong with it is said beside it
        for tag in map(clean_tag, tags):
            item = self._items.get(tag.casefold()) or self._add_item(tag, _OFF)
            item.setCheckState(_ON)
            self.list.setCurrentItem(item)
        self.field.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter in the field ticks what is typed, or is done; Down goes to the list."""
        if (
            watched is self.field
            and event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
        ):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if self.field.text().strip():
                    self._add_typed()
                else:
                    self._apply()
                return True
            if event.key() == Qt.Key.Key_Down:
                self.list.setFocus(Qt.FocusReason.TabFocusReason)
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._apply()
        else:
            super().keyPressEvent(event)

    # -- done ------------------------------------------------------------------------------

    def changes(self) -> tuple[list[str], list[str]]:
        """(tags to give, tags to take)."""
        add: list[str] = []
        remove: list[str] = []
        for key, item in self._items.items():
            state, before = item.checkState(), self._state_of(key)
            if state != before:
                (add if state == _ON else remove if state == _OFF else []).append(item.data(_TAG))
        return add, remove

    def _renew(self) -> None:
        add, remove = self.changes()
        typed = self._typed()
        wrong = bool(tag_findings(typed))
        self.apply_button.setEnabled(bool(add or remove or typed) and not wrong)

    def _apply(self) -> None:
        if self.field.text().strip():
            self._add_typed()
            if self.field.text():
                return
        add, remove = self.changes()
        self.applied.emit(add, remove)
        self.accept()
