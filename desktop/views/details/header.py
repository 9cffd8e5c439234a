"""The head of the details: name, badges, and what can be done with the adapter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from desktop.views.details.flow import FlowLayout
from desktop.views.theme import FontRole, bind, font, metric
from desktop.views.widgets.badge import Badge
from desktop.views.widgets.tag_badge import TagBadge
from desktop.views.widgets.text import LinkButton, PlainLabel

BadgeWords = tuple[str, str, str]
"""(word, tone, icon); tone "" = plain, icon "" = none."""


class DetailsHeader(QWidget):
    """Stays where it is while the rest scrolls.

    Signals:
        editAsked: the pencil.
        favouriteAsked: the star.
        tagsAsked: the link behind the tags.
    """

    editAsked = Signal()
    favouriteAsked = Signal()
    tagsAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("detailsHeader")
        self.name = PlainLabel(
            role=FontRole.PANEL_TITLE, elide="middle", copyable=True, parent=self
        )
        self.name.setObjectName("detailsName")
        self.star_button = self._button("favouriteButton", "star", "")
        self.star_button.clicked.connect(self._favourite)
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
        row.addWidget(self.star_button)
        row.addWidget(self.edit_button)
        row.addWidget(self.more_button)
        self._badge_row = QWidget(self)
        self._flow = FlowLayout(self._badge_row, gap=metric(6, self.font()))
        self._badges: list[Badge] = []
        self._tags: list[TagBadge] = []
        self.tags_link = LinkButton("Tags…", self._badge_row, name="detailsTagsLink")
        self.tags_link.setAccessibleName("Edit the tags")
        self.tags_link.setFont(font(FontRole.LABEL, self.font()))
        self.tags_link.clicked.connect(self._ask_tags)
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
        for at, badge in enumerate(self._badges):
            badge.setVisible(at < len(wanted))
            if at < len(wanted):
                word, tone, icon = wanted[at]
                badge.set(word, tone or "plain", icon)
        self._line_up()

    def show_marks(self, favourite: bool, tags: Sequence[str], *, writable: bool) -> None:
        """Show star and tags. writable: whether they can be changed."""
        name, ink = ("star-filled", "accent") if favourite else ("star", "text2")
        bind(self.star_button, name, ink, 16)
        what = "Take it from the favourites" if favourite else "Mark as a favourite"
        self.star_button.setAccessibleName(what)
        self.star_button.setToolTip(f"{what} (Ctrl+D)")
        self.star_button.setEnabled(writable)
        while len(self._tags) < len(tags):
            self._tags.append(TagBadge(self._badge_row))
        for at, badge in enumerate(self._tags):
            badge.setVisible(at < len(tags))
            if at < len(tags):
                badge.set_tag(tags[at])
        self.tags_link.setText("Tags…" if tags else "Add tags…")
        self.tags_link.setAccessibleName("Edit the tags")
        self.tags_link.setVisible(writable)
        self._line_up()

    def _line_up(self) -> None:
        """Facts first, then tags, then what changes them."""
        while self._flow.takeAt(0) is not None:
            pass
        for widget in (*self._badges, *self._tags, self.tags_link):
            self._flow.addWidget(widget)
        self._badge_row.setVisible(
            any(not w.isHidden() for w in (*self._badges, *self._tags, self.tags_link))
        )
        self._flow.invalidate()

    def allow_edit(self, allowed: bool, why_not: str = "") -> None:
        """Whether the pencil works; why_not: a sentence, shown where it does not."""
        self.edit_button.setEnabled(allowed)
        tip = "Edit name, description, base model and links" if allowed else why_not
        self.edit_button.setToolTip(tip)

    def badge_texts(self) -> list[str]:
        """The words of the badges that are shown."""
        return [badge.text() for badge in self._badges if not badge.isHidden()]

    def tag_texts(self) -> list[str]:
        """The tags that are shown."""
        return [badge.text() for badge in self._tags if not badge.isHidden()]

    def _favourite(self) -> None:
        self.favouriteAsked.emit()

    def _ask_tags(self) -> None:
        self.tagsAsked.emit()

    def _edit(self) -> None:
        self.editAsked.emit()
