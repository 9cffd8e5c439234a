"""The adapters that were found in a folder: a list with boxes to tick and one highlighted line."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.models.candidates import BLOCKED_ROLE, SIZE_ROLE, CandidatesModel
from desktop.views.theme import FontRole, font, metric, pixmap, row_height, tokens

_Index = QModelIndex | QPersistentModelIndex
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_CHECK = int(Qt.ItemDataRole.CheckStateRole)
_MOST_ROWS = 4
_EDGES = 4  # 1 px of line and 1 px of air, above and below


class _Delegate(QStyledItemDelegate):
    """Paints box, name and size of a line; a click on the box or Space ticks it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.view = parent
        self._set_fonts()

    def _set_fonts(self) -> None:
        base = self.view.font()
        self.name_font = font(FontRole.NAME, base)
        self.size_font = font(FontRole.LABEL, base)
        self.height = row_height(30, base)
        self.box = metric(16, base)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(120, self.height)

    def box_rect(self, rect: QRect) -> QRect:
        """Where the box stands in a line."""
        left = rect.left() + 8
        if self.view.isRightToLeft():
            left = rect.right() - 7 - self.box
        return QRect(left, rect.center().y() - self.box // 2 + 1, self.box, self.box)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        t = tokens()
        rect = QRect(option.rect)
        state = option.state
        enabled = bool(state & QStyle.StateFlag.State_Enabled)
        focused = self.view.hasFocus()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        row = QRectF(rect).adjusted(1, 1, -1, -1)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(t.selection if focused or enabled else t.selection_inactive)
            painter.drawRoundedRect(row, 4, 4)
        elif state & QStyle.StateFlag.State_MouseOver and enabled:
            painter.setBrush(t.row_hover)
            painter.drawRoundedRect(row, 4, 4)
        if focused and state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(t.accent, 2))
            painter.drawRoundedRect(row.adjusted(1, 1, -1, -1), 4, 4)
        box = self.box_rect(rect)
        self._paint_box(painter, box, bool(index.data(_CHECK) == Qt.CheckState.Checked), enabled)
        inner = rect.adjusted(8 + self.box + 8, 0, -10, 0)
        if self.view.isRightToLeft():
            inner = rect.adjusted(10, 0, -(8 + self.box + 8), 0)
        self._paint_text(painter, inner, index, enabled)
        painter.restore()

    def _paint_box(self, painter: QPainter, box: QRect, ticked: bool, enabled: bool) -> None:
        t = tokens()
        edge = QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5)
        if ticked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(t.accent if enabled else t.disabled)
            painter.drawRoundedRect(QRectF(box), 4, 4)
            dpr = painter.device().devicePixelRatioF()
            mark = pixmap("check", "on_accent", box.width() - 4, dpr)
            painter.drawPixmap(box.left() + 2, box.top() + 2, mark)
        else:
            painter.setPen(QPen(t.control if enabled else t.disabled, 1))
            painter.setBrush(t.base)
            painter.drawRoundedRect(edge, 4, 4)

    def _paint_text(self, painter: QPainter, rect: QRect, index: _Index, enabled: bool) -> None:
        t = tokens()
        side = int(Qt.AlignmentFlag.AlignVCenter)
        size = index.data(SIZE_ROLE) or ""
        painter.setFont(self.size_font)
        painter.setPen(t.text2 if enabled else t.disabled)
        width = QFontMetrics(self.size_font).horizontalAdvance(size)
        rtl = self.view.isRightToLeft()
        end = Qt.AlignmentFlag.AlignLeft if rtl else Qt.AlignmentFlag.AlignRight
        painter.drawText(rect, side | int(end), size)
        room = rect.width() - width - 12
        if index.data(BLOCKED_ROLE):
            dpr = painter.device().devicePixelRatioF()
            left = rect.left() + width + 8 if rtl else rect.right() - width - 8 - 14
            painter.drawPixmap(left, rect.center().y() - 6, pixmap("error", "error", 14, dpr))
            room -= 22
        painter.setFont(self.name_font)
        painter.setPen(t.text if enabled else t.disabled)
        start = Qt.AlignmentFlag.AlignRight if rtl else Qt.AlignmentFlag.AlignLeft
        name = QFontMetrics(self.name_font).elidedText(
            str(index.data(_DISPLAY) or ""), Qt.TextElideMode.ElideMiddle, max(room, 0)
        )
        painter.drawText(rect, side | int(start), name)

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        kind = event.type()
        if isinstance(event, QMouseEvent):
            target = self.box_rect(QRect(option.rect)).adjusted(-8, -8, 8, 8)
            if event.button() != Qt.MouseButton.LeftButton or not target.contains(
                event.position().toPoint()
            ):
                return False
            if kind != QEvent.Type.MouseButtonRelease:
                return kind == QEvent.Type.MouseButtonDblClick
        elif isinstance(event, QKeyEvent):
            if event.key() not in (Qt.Key.Key_Space, Qt.Key.Key_Select):
                return False
        else:
            return False
        ticked = index.data(_CHECK) == Qt.CheckState.Checked
        wanted = Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked
        return model.setData(index, wanted, _CHECK)


class CandidateList(QListView):
    """The list of candidates. highlighted(int): another line is current."""

    highlighted = Signal(int)

    def __init__(self, model: CandidatesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("candidateList")
        self.setAccessibleName("Adapters in this folder")
        self.setModel(model)
        self._delegate = _Delegate(self)
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        model.modelReset.connect(self._fit)

    def _fit(self) -> None:
        # As high as its lines, up to four and a half: the half says that there are more.
        count = self.model().rowCount()
        rows = count if count <= _MOST_ROWS else _MOST_ROWS + 0.5
        self.setFixedHeight(round(rows * self._delegate.height) + _EDGES)

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid():
            self.highlighted.emit(current.row())
            self.scrollTo(current)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_delegate"):
            self._delegate._set_fonts()
            self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter belongs to the dialog: it imports.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
            return
        super().keyPressEvent(event)
