"""The bottom bar of the window: running tasks at the left, notices at the right."""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.views.theme import metric, row_height, tokens
from desktop.views.widgets.notice_bar import NoticeBar
from desktop.views.widgets.section import line
from desktop.views.widgets.task_bar import TaskRow, steps
from desktop.views.widgets.text import LinkButton

_SHOW_AFTER_MS = 500


class RunningTask(Protocol):
    """What the strip needs of a task (`models.task_runner.Task`)."""

    title: str
    icon: str
    progress: Any
    finished: Any

    def cancel(self) -> None:
        """Ask it to stop."""


class _Entry(QObject):
    """A task, how far it is, and whether it has run long enough to be shown."""

    changed = Signal()
    due = Signal()
    gone = Signal(object)

    def __init__(self, task: RunningTask, after_ms: int, parent: QObject) -> None:
        super().__init__(parent)
        self.task = task
        self.shown = False
        self.value, self.text = -1, ""
        self.stopping = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._show)
        task.progress.connect(self._progress)
        task.finished.connect(self._finished)
        self._timer.start(after_ms)

    @property
    def waiting(self) -> bool:
        """Whether it has not begun yet."""
        return getattr(self.task, "state", "running") == "waiting"

    def words(self) -> str:
        """How far it is."""
        if self.stopping:
            return "Stopping…"
        return "Waiting for its turn" if self.waiting else self.text

    def cancel(self) -> None:
        """Stop the task; it goes when it has stopped."""
        if not self.stopping:
            self.stopping = True
            self.changed.emit()
            self.task.cancel()

    def _show(self) -> None:
        self.shown = True
        self.due.emit()

    def _progress(self, done: object, total: object, text: str) -> None:
        self.value, self.text = steps(done, total), text
        if self.shown:
            self.changed.emit()

    def _finished(self) -> None:
        self._timer.stop()
        self.gone.emit(self)


class _EntryRow(TaskRow):
    """A row that follows an entry."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entry: _Entry | None = None
        self.cancelClicked.connect(self._cancel)

    def follow(self, entry: _Entry | None) -> None:
        """Show this entry from now on."""
        if entry is self._entry:
            return
        if self._entry is not None:
            self._entry.changed.disconnect(self.renew)
        self._entry = entry
        if entry is not None:
            entry.changed.connect(self.renew)
            self.set_task(entry.task.title, entry.task.icon)
            self.renew()

    def renew(self) -> None:
        """Show how far the entry is."""
        if self._entry is not None:
            self.set_progress(self._entry.value, self._entry.words())
            self.set_stopping(self._entry.stopping)

    def _cancel(self) -> None:
        if self._entry is not None:
            self._entry.cancel()


class _TasksPopup(QFrame):
    """All tasks, one above the other, over the strip."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner, Qt.WindowType.Popup)
        self.setObjectName("tasksPopup")
        self.setAccessibleName("Running tasks")
        self.setProperty("surface", "card")
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(4, 6, 4, 6)
        self._box.setSpacing(0)
        self._rows: list[_EntryRow] = []

    def fill(self, entries: list[_Entry]) -> None:
        """Show these."""
        while len(self._rows) < len(entries):
            row = _EntryRow()
            row.setFixedHeight(row_height(36, self.font()))
            self._rows.append(row)
            self._box.addWidget(row)
        for place, row in enumerate(self._rows):
            row.follow(entries[place] if place < len(entries) else None)
            row.setVisible(place < len(entries))

    def open_above(self, owner: QWidget) -> None:
        """Show over the strip, as wide as the half of it."""
        self.setFixedWidth(max(metric(460, self.font()), owner.width()))
        self.adjustSize()
        corner = owner.mapToGlobal(QPoint(0, -4))
        self.move(corner.x(), corner.y() - self.height())
        self.show()


class TaskStrip(QWidget):
    """The tasks that have run longer than half a second: the front one, the rest behind a link."""

    show_after_ms = _SHOW_AFTER_MS

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("taskStrip")
        self.setAccessibleName("Running tasks")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._entries: list[_Entry] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(8)
        self._row = _EntryRow()
        row.addWidget(self._row, 1)
        self._all = LinkButton(name="allTasks")
        self._all.clicked.connect(self.open_all)
        row.addWidget(self._all)
        self._popup: _TasksPopup | None = None
        self._renew()

    def add_task(self, task: RunningTask) -> None:
        """Follow this task until it is finished. One with `visible` False is left alone."""
        if not getattr(task, "visible", True):
            return
        entry = _Entry(task, self.show_after_ms, self)
        entry.due.connect(self._renew)
        entry.gone.connect(self._gone)
        self._entries.append(entry)

    def titles(self) -> list[str]:
        """What is shown as running, the front one first."""
        return [entry.task.title for entry in self._shown()]

    def row(self) -> TaskRow:
        """The row of the front task."""
        return self._row

    def cancel_front(self) -> None:
        """Stop the task that is shown in front, if there is one."""
        shown = self._shown()
        if shown:
            shown[0].cancel()

    def open_all(self) -> None:
        """Show all tasks above the strip."""
        if self._popup is None:
            self._popup = _TasksPopup(self)
        self._popup.fill(self._shown())
        self._popup.open_above(self)

    def _shown(self) -> list[_Entry]:
        # What runs comes before what waits; sorted() keeps the order among equals.
        return sorted((e for e in self._entries if e.shown), key=_waits)

    def _gone(self, entry: _Entry) -> None:
        self._entries.remove(entry)
        self._renew()
        entry.deleteLater()

    def _renew(self) -> None:
        shown = self._shown()
        self._row.follow(shown[0] if shown else None)
        self._row.setVisible(bool(shown))
        self._all.setText(f"{len(shown)} tasks")
        self._all.setVisible(len(shown) > 1)
        if self._popup is not None and self._popup.isVisible():
            if shown:
                self._popup.fill(shown)
            else:
                self._popup.close()


def _waits(entry: _Entry) -> bool:
    return entry.waiting


class Strip(QWidget):
    """Both halves, 40 high. The place stays when there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.tasks = TaskStrip()
        self.notices = NoticeBar()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 1, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.tasks, 1)
        self._line = line(vertical=True)
        self._line.setFixedHeight(metric(20, self.font()))
        row.addWidget(self._line)
        row.addWidget(self.notices)
        self._line.hide()
        self.notices.shownChanged.connect(self._line.setVisible)
        self.setFixedHeight(row_height(40, self.font()) + 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def paintEvent(self, _: QPaintEvent) -> None:
        t = tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), t.sidebar)
        painter.fillRect(0, 0, self.width(), 1, t.border)
        painter.end()
