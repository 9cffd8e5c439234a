"""The right half of the strip: what happened, and at most one thing to do about it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.views.notices import STEPS, Notice
from desktop.views.theme import bind, metric
from desktop.views.widgets.finding_row import IconLabel
from desktop.views.widgets.text import (
    LinkButton,
    PlainLabel,
    announce,
    no_mnemonic,
    restyle,
    visible,
)

_ICONS = {"info": "note", "ok": "ok", "warning": "warning", "error": "error"}
_INKS = {"info": "text2", "ok": "ok", "warning": "warning", "error": "error"}
_LONGEST_DETAIL = 20_000
_LONG = 70  # characters; a longer text may be cut, so it can be read under "Details"


class NoticeBar(QWidget):
    """One notice at a time, as wide as its words; the others wait, errors first. Only what offers
    to undo an older step makes way at once.

    A notice goes after `stay_ms`, as long as neither pointer nor focus is on it; an error stays
    until it is closed. When others wait, a notice that is no error has at least `least_ms`.
    """

    shownChanged = Signal(bool)
    """Whether there is a notice now."""

    stay_ms = 10_000
    least_ms = 2_000

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("noticeBar")
        self.setAccessibleName("Notices")
        self._notice: Notice | None = None
        self._queue: deque[Notice] = deque()
        self._held = False
        self._before: tuple[str | None, str | None] | None = None
        self._left = 0
        self._details_dialog: QDialog | None = None
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(8)
        self._icon = IconLabel("note", "text2", metric(16, self.font()))
        row.addWidget(self._icon)
        self._text = PlainLabel(elide="end")
        self._text.setObjectName("noticeText")
        row.addWidget(self._text, 1)
        self._more = PlainLabel(tone="secondary")
        row.addWidget(self._more)
        self._details = LinkButton("Details", name="noticeDetails")
        self._details.clicked.connect(self.show_details)
        row.addWidget(self._details)
        self._action = QPushButton()
        self._action.setObjectName("noticeAction")
        restyle(self._action, "small", True)
        self._action.setAutoDefault(False)
        self._action.clicked.connect(self._act)
        row.addWidget(self._action)
        self._close = QToolButton()
        self._close.setObjectName("noticeClose")
        self._close.setAccessibleName("Close this notice")
        self._close.setToolTip("Close")
        bind(self._close, "close", "text2")
        self._close.clicked.connect(self.dismiss)
        row.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        for button in (self._details, self._action, self._close):
            button.installEventFilter(self)
        self._show(None)

    # -- for the window --------------------------------------------------------------------

    def show_notice(
        self,
        text: str,
        tone: str = "info",
        icon: str | None = None,
        action: str | None = None,
        callback: Callable[[], None] | None = None,
        detail: str = "",
    ) -> None:
        """Say something. Arguments as the fields of `Notice`."""
        self.post(Notice(text, tone, action or "", callback, detail, icon or ""))

    def post(self, notice: Notice) -> None:
        """Show this notice, now or as soon as those before it have had their time."""
        if notice.is_step:
            self.withdraw_steps()
            self._before = None
        if self._notice is None:
            self._show(notice)
            return
        if notice == self._notice or notice in self._queue:
            return  # the same again says nothing new
        if notice.tone == "error":
            errors = sum(1 for waiting in self._queue if waiting.tone == "error")
            self._queue.insert(errors, notice)
        else:
            self._queue.append(notice)
        self._count()
        if self._notice.tone != "error" and not self._held:
            spent = self.stay_ms - max(self._timer.remainingTime(), 0)
            self._timer.start(max(self.least_ms - spent, 0))

    def current(self) -> Notice | None:
        """The notice that is shown."""
        return self._notice

    def waiting(self) -> int:
        """How many notices wait behind it."""
        return len(self._queue)

    def dismiss(self) -> None:
        """Close the notice; the next one follows."""
        had_focus = self._has_focus()
        following = self._queue.popleft() if self._queue else None
        self._show(following)
        if had_focus and following is not None:
            self._close.setFocus()

    def clear(self) -> None:
        """Close the notice and forget those that wait."""
        self._queue.clear()
        self._show(None)

    def follow(self, undo: str | None, redo: str | None) -> None:
        """The history goes on; called after each `post`, too. undo, redo: the labels of what they
        would act on now. An offer to undo another step than that is withdrawn, unless nothing has
        changed since it was posted: the news of its own step is still under way then.
        """
        for notice in (self._notice, *self._queue):
            if notice is not None and notice.is_step and notice.step:
                if self._before is None:
                    self._before = (undo, redo)
                now = undo if notice.action == STEPS[0] else redo
                if notice.step != now and self._before != (undo, redo):
                    self.withdraw_steps()
                return

    def withdraw_steps(self) -> None:
        """Something newer was done: what offers to undo or redo would act on that, so it goes."""
        self._queue = deque(waiting for waiting in self._queue if not waiting.is_step)
        if self._notice is not None and self._notice.is_step:
            self.dismiss()
        else:
            self._count()

    def trigger(self) -> None:
        """Do what the notice's button says, as a click on it would."""
        if self._notice is not None and self._notice.action:
            self._action.click()

    # -- inside ----------------------------------------------------------------------------

    def _show(self, notice: Notice | None) -> None:
        self._notice = notice
        self._timer.stop()
        parts: tuple[QWidget, ...] = (
            self._icon,
            self._text,
            self._more,
            self._details,
            self._action,
            self._close,
        )
        for part in parts:
            part.setVisible(notice is not None)
        self.shownChanged.emit(notice is not None)
        if notice is None:
            self._held = False
            self._text.setText("")
            return
        tone = notice.tone if notice.tone in _ICONS else "info"
        self._icon.set(notice.icon or _ICONS[tone], _INKS[tone])
        self._text.setText(notice.text)
        self._text.set_tone("error" if tone == "error" else "")
        self._action.setText(no_mnemonic(visible(notice.action)))
        self._action.setAccessibleName(visible(notice.action))
        self._action.setVisible(bool(notice.action))
        self._count()
        # Not by the room there is: a part that comes and goes with the width would never settle.
        self._details.setVisible(bool(notice.detail) or len(notice.text) > _LONG)
        self._left = self.stay_ms if not self._queue else self.least_ms
        self._held = self.underMouse()
        if tone != "error" and not self._held:
            self._timer.start(self._left)
        announce(self, notice.text, urgent=tone == "error")

    def _count(self) -> None:
        number = len(self._queue)
        self._more.setText(f"{number} more" if number else "")
        self._more.setVisible(bool(number) and self._notice is not None)

    def _act(self) -> None:
        notice = self._notice
        self.dismiss()
        if notice is not None and notice.callback is not None:
            notice.callback()

    def show_details(self) -> None:
        """Open the whole text, to read and to copy."""
        notice = self._notice
        if notice is None:
            return
        if self._details_dialog is not None:
            self._details_dialog.close()
        self._details_dialog = _Details(notice, self)
        self._details_dialog.destroyed.connect(self._details_gone)
        self._details_dialog.open()

    def _details_gone(self) -> None:
        self._details_dialog = None

    # -- pointer and focus stop the clock --------------------------------------------------

    def _hold(self, on: bool) -> None:
        if self._notice is None or self._notice.tone == "error" or on == self._held:
            return
        self._held = on
        if on:
            self._left = max(self._timer.remainingTime(), 0)
            self._timer.stop()
        else:
            self._timer.start(max(self._left, self.least_ms))

    def _has_focus(self) -> bool:
        return any(b.hasFocus() for b in (self._details, self._action, self._close))

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._hold(True)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hold(self._has_focus())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:
            self._hold(True)
        elif event.type() == QEvent.Type.FocusOut:
            self._hold(self.underMouse())
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._notice is not None:
            self.dismiss()
            return
        super().keyPressEvent(event)


class _Details(QDialog):
    """The whole of a notice."""

    def __init__(self, notice: Notice, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("noticeDetailsDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Details")
        self.resize(metric(560, self.font()), metric(320, self.font()))
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 16)
        box.setSpacing(12)
        box.addWidget(PlainLabel(notice.text, wrap=True, copyable=True))
        self._full = notice.text + (f"\n\n{notice.detail}" if notice.detail else "")
        if notice.detail:
            text = QPlainTextEdit(visible(notice.detail[:_LONGEST_DETAIL], lines=True))
            text.setObjectName("noticeDetailsText")
            text.setAccessibleName("Details")
            text.setReadOnly(True)
            box.addWidget(text, 1)
        else:
            box.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copying = buttons.addButton("&Copy", QDialogButtonBox.ButtonRole.ActionRole)
        copying.setObjectName("noticeDetailsCopy")
        copying.clicked.connect(self._copy)
        closing = buttons.button(QDialogButtonBox.StandardButton.Close)
        closing.setObjectName("noticeDetailsClose")
        buttons.rejected.connect(self.reject)
        box.addWidget(buttons)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._full)
