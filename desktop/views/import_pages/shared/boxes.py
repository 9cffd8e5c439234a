"""What stands between a person and a place on a server: a tinted box with what can be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.services.records import Finding
from desktop.views.theme import metric
from desktop.views.widgets.finding_row import FindingRow, IconLabel
from desktop.views.widgets.text import LinkButton, announce, set_plain_tooltip

Slots = Mapping[str, tuple[str, Callable[[], object]]]
"""By the key of a link: its word, and what a click on it calls."""


@dataclass(frozen=True)
class Box:
    """One box: what it says, its icon ("" = by severity), the keys of its links."""

    finding: Finding
    icon: str = ""
    links: tuple[str, ...] = ()


class BoxHolder(QWidget):
    """The place of one box, or of none. The same box again changes nothing.

    slots: the links that its boxes may have. prefix: what its object names begin with.
    """

    def __init__(self, slots: Slots, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prefix = prefix
        self._slots = slots
        self._box: Box | None = None
        self._row: FindingRow | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def box(self) -> Box | None:
        """What is shown."""
        return self._box

    def show_box(self, box: Box | None, page: str = "") -> None:
        """Show this box. page: the address that its first link opens, "" = it opens none."""
        if box == self._box:
            return
        self._box = box
        had_focus = self._row is not None and self._row.isAncestorOf(self.focusWidget() or self)
        if self._row is not None:
            self._layout.removeWidget(self._row)
            self._row.hide()
            self._row.deleteLater()
            self._row = None
        self.setVisible(box is not None)
        if box is None:
            return
        links = [self._slots[key] for key in box.links]
        row = self._row = FindingRow(box.finding, links)
        row.setObjectName(f"{self._prefix}Box")
        icon = row.findChild(IconLabel)
        if icon is not None and box.icon:
            icon.set(box.icon, str(box.finding.severity))
        buttons = row.findChildren(LinkButton)
        for key, button in zip(box.links, buttons, strict=False):
            button.setObjectName(f"{self._prefix}Box_{key}")
        if page and buttons:
            # On the row, since a link needs its own tooltip where it is cut.
            set_plain_tooltip(row, page)
            buttons[0].setAccessibleDescription(page)
        self._layout.addWidget(row)
        row.show()  # a layout shows it only with the next event
        row.setMinimumHeight(metric(36, self.font()))
        if had_focus and buttons:
            buttons[-1].setFocus()
        announce(self, f"{box.finding.message} {box.finding.advice}".strip())
