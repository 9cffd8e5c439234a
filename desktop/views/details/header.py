"""The head of the details: name, badges, and what can be done with the adapter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from desktop.views.details.flow import FlowLayout
from desktop.views.theme import FontRole, bind, metric
from desktop.views.widgets.badge import Badge
from desktop.views.widgets.text import PlainLabel

BadgeWords = tuple[str, str, str]
"""(word, tone, icon); tone "" = plain, icon "" = none."""


class DetailsHeader(QWidget):
    """Stays where it is while the rest scrolls.

    Signals:
        editAsked: the pencil.
    """

    editAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("detailsHeader")
        self.name = PlainLabel(
            role=FontRole.PANEL_TITLE, elide="middle", copyable=True, parent=self
        )
        self.name.setObjectName("detailsName")
        self.edit_button = self._button("editButton", "pencil", "Edit")
        self.edit_button.setAccessibleName("Edit the adapter")
        self.edit_button.clicked.connect(self._edit)
        self.more_button = self._button("detailsMore", "more", "More")
        self.more_button.setAccessibleName("More actions")
        self.more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more_button.hide()
        row = QHBoxLayout()
        row.setSpacing(metric(4, self.font()))
        row.addWidget(self.name, 1)
        row.addWidget(self.edit_button)
        row.addWidget(self.more_button)
        self._badge_row = QWidget(self)
        self._flow = FlowLayout(self._badge_row, gap=metric(6, self.font()))
        self._badges: list[Badge] = []
        self._shown: tuple[BadgeWords, ...] = ()
        layout = QVBoxLayout(self)
        side = metric(16, self.font())
        layout.setContentsMargins(side, metric(10, self.font()), metric(8, self.font()), 0)
        layout.setSpacing(metric(6, self.font()))
        layout.addLayout(row)
        layout.addWidget(self._badge_row)

    def _button(self, name: str, icon: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setToolTip(tip)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        bind(button, icon, "text2", 16)
        return button

    def set_menu(self, menu: QMenu | None) -> None:
        """What the three dots open; they are there only with something to open."""
        self.more_button.setMenu(menu)  # type: ignore[arg-type]
        self.more_button.setVisible(menu is not None)

    def show_name(self, name: str, badges: Sequence[BadgeWords]) -> None:
        """Show this name and these badges."""
        self.name.setText(name)
        wanted = tuple(badges)
        if wanted == self._shown:
            return
        self._shown = wanted
        while len(self._badges) < len(wanted):
            badge = Badge(parent=self._badge_row)
            badge.setObjectName("detailsBadge")
            self._badges.append(badge)
            self._flow.addWidget(badge)
        for at, badge in enumerate(self._badges):
            badge.setVisible(at < len(wanted))
            if at < len(wanted):
                word, tone, icon = wanted[at]
                badge.set(word, tone or "plain", icon)
        self._badge_row.setVisible(bool(wanted))
        self._flow.invalidate()

    def allow_edit(self, allowed: bool, why_not: str = "") -> None:
        """Whether the pencil works; why_not: a sentence, shown where it does not."""
        self.edit_button.setEnabled(allowed)
        tip = "Edit name, description, base model and links" if allowed else why_not
        self.edit_button.setToolTip(tip)

    def badge_texts(self) -> list[str]:
        """The words of the badges that are shown."""
        return [badge.text() for badge in self._badges if not badge.isHidden()]

    def _edit(self) -> None:
        self.editAsked.emit()
