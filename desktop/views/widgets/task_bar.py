"""A slim progress bar, and a row that tells how one task is getting on."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPainterPath, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QStyle, QToolButton, QWidget

from desktop.views.theme import FontRole, bind, metric, tabular, tokens
from desktop.views.widgets.finding_row import IconLabel
from desktop.views.widgets.text import PlainLabel

STEPS = 1000
_TICK_MS = 100  # no more than ten repaints a second
_STRIDE = 0.06


def steps(done: object, total: object) -> int:
    """0 to 1000 for integers of any size, -1 where the length is unknown."""
    if not isinstance(done, int) or not isinstance(total, int) or total <= 0:
        return -1
    return min(max(done * STEPS // total, 0), STEPS)


class TaskBar(QProgressBar):
    """A bar of 0 to 1000 steps; of unknown length (`set_steps(-1)`) it moves while it is seen."""

    def __init__(self, parent: QWidget | None = None, *, width: int = 160) -> None:
        super().__init__(parent)
        self.setObjectName("taskBar")
        self.setAccessibleName("Progress")
        self.setRange(0, STEPS)
        self.setTextVisible(False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(metric(width, self.font()), 6)
        self._phase = 0.0
        self._unknown = False
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)

    def set_steps(self, value: int) -> None:
        """0 to 1000, or -1 for a moving bar."""
        self._unknown = value < 0
        self.setValue(max(value, 0))
        self._run()
        self.update()

    def is_unknown(self) -> bool:
        """Whether the length is unknown."""
        return self._unknown

    def _run(self) -> None:
        # The system's wish for less motion reaches us as an animation time of nothing.
        calm = self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) == 0
        if self._unknown and self.isVisible() and not calm:
            if not self._timer.isActive():
                self._timer.start()
        else:
            self._timer.stop()

    def _tick(self) -> None:
        self._phase = (self._phase + _STRIDE) % 1.3
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._run()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, _: QPaintEvent) -> None:
        t = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        shape = QPainterPath()
        shape.addRoundedRect(whole, 3, 3)
        painter.setClipPath(shape)
        painter.fillRect(whole, t.border)
        if self._unknown:
            length = whole.width() * 0.3
            left = (self._phase - 0.3) * whole.width() if self._timer.isActive() else length
        else:
            length, left = whole.width() * self.value() / STEPS, 0.0
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            left = whole.width() - left - length
        painter.setBrush(t.accent)
        painter.drawRoundedRect(QRectF(left, 0, length, whole.height()), 3, 3)
        painter.end()


class _HowFar(PlainLabel):
    """The figures of a task. They give way before its name does, and the place that they once
    needed is kept, so that what follows them stays where it is."""

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(min(hint.width(), metric(100, self.font())), hint.height())

    def say(self, text: str) -> None:
        """Show another text of the same task."""
        self.setText(text)
        self.setMaximumWidth(max(self.maximumWidth(), PlainLabel.sizeHint(self).width()))

    def restart(self) -> None:
        """Forget the place of the task before."""
        self.setText("")
        self.setMaximumWidth(0)


class TaskRow(QWidget):
    """Icon, what is being done, bar, how far, and a cross that stops it."""

    cancelClicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("taskRow")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 4, 0)
        row.setSpacing(8)
        self._icon = IconLabel("clock", "text2", metric(16, self.font()))
        row.addWidget(self._icon)
        self._title = PlainLabel(role=FontRole.STRONG, elide="middle")
        self._title.setObjectName("taskTitle")
        row.addWidget(self._title)
        self.bar = TaskBar()
        row.addWidget(self.bar)
        self._text = _HowFar(role=FontRole.LABEL, tone="secondary", elide="end")
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._text.setFont(tabular(self._text.font()))
        self._text.setObjectName("taskText")
        row.addWidget(self._text, 100)
        self.cancel_button = QToolButton()
        self.cancel_button.setObjectName("taskCancel")
        bind(self.cancel_button, "close", "text2")
        self.cancel_button.clicked.connect(self.cancelClicked)
        row.addWidget(self.cancel_button)
        row.addStretch(1)

    def set_task(self, title: str, icon: str) -> None:
        """Show another task, from its beginning."""
        self._title.setText(title)
        # Its name says more than how far it is: it gives way last.
        least = min(self._title.sizeHint().width(), metric(150, self.font()))
        self._title.setMinimumWidth(least)
        self._text.restart()
        self._icon.set(icon or "clock", "text2")
        self.setAccessibleName(title)
        self.cancel_button.setAccessibleName(f"Cancel: {title}")
        self.cancel_button.setToolTip("Cancel")

    def set_progress(self, value: int, text: str) -> None:
        """value: 0 to 1000 or -1; text: how far, in words."""
        self.bar.set_steps(value)
        self._text.say(text)
        self.setAccessibleDescription(text)

    def set_stopping(self, on: bool) -> None:
        """Whether it was asked to stop and has not yet."""
        self.cancel_button.setEnabled(not on)

    def title(self) -> str:
        """What is being done."""
        return self._title.text()

    def text(self) -> str:
        """How far it is, in words."""
        return self._text.text()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            self.updateGeometry()
