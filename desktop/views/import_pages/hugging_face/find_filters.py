"""What a search on a hub asks for: words, an author, a base model, and the order."""

from __future__ import annotations

from urllib.parse import urlsplit

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QGridLayout, QSizePolicy, QWidget

from desktop.models.result_lines import plain
from desktop.services.hub.records import HubQuery
from desktop.services.records import BaseModelRecord
from desktop.views.import_pages.shared.search_filters import SearchFilters
from desktop.views.theme import FontRole
from desktop.views.widgets.text import PlainLabel

SORT_TITLES = (
    ("downloads", "Most downloads"),
    ("likes", "Most likes"),
    ("last_modified", "Newest"),
)
ANY_BASE = "Any base model"


def host_of(endpoint: str) -> str:
    """The name of a hub for a sentence: `huggingface.co`."""
    return plain(urlsplit(endpoint).netloc.rpartition("@")[2]) or "the Hub"


def _and(parts: list[str]) -> str:
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def no_hit_text(query: HubQuery, host: str) -> str:
    """The sentence for a search without a result."""
    asked = []
    if query.text:
        asked.append(f"matches “{plain(query.text)}”")
    if query.author:
        asked.append(f"is by “{plain(query.author)}”")
    if query.base_model:
        asked.append(f"is made for “{plain(query.base_model)}”")
    return f"No adapter on {host} {_and(asked)}." if asked else f"There is no adapter on {host}."


class FindFilters(SearchFilters):
    """Fields over the list of results."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = self.make_edit("hubSearchEdit", "Search adapters on the Hub", lens=True)
        self.author = self.make_edit("hubAuthorEdit", "anyone", lens=False)
        self.base = self._combo("hubBaseCombo")
        self.base.addItem(ANY_BASE, "")
        self.sort = self._combo("hubSortCombo")
        for key, title in SORT_TITLES:
            self.sort.addItem(title, key)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        places = (
            ("&Search", self.text, 0, 0),
            ("Autho&r", self.author, 0, 1),
            ("&Base model", self.base, 3, 0),
            ("S&ort by", self.sort, 3, 1),
        )
        for words, field, row, column in places:
            label = PlainLabel(words, role=FontRole.FIELD_LABEL)
            label.setBuddy(field)
            field.setAccessibleName(words.replace("&", ""))
            grid.addWidget(label, row, column)
            grid.addWidget(field, row + 1, column)
        grid.setRowMinimumHeight(2, 2)

    def _combo(self, name: str) -> QComboBox:
        combo = QComboBox()
        combo.setObjectName(name)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(6)
        combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        combo.currentIndexChanged.connect(self._chosen)
        return combo

    def _chosen(self) -> None:
        self.ask()

    # -- what is asked -------------------------------------------------------------------------

    def query(self) -> HubQuery:
        """What the fields say now."""
        return HubQuery(
            self.text.text().strip(),
            self.author.text().strip(),
            self.base.currentData() or "",
            self.sort.currentData() or "downloads",
        )

    def clear(self) -> None:
        """Ask for nothing in particular; the order stays."""
        blockers = [QSignalBlocker(part) for part in (self.text, self.author, self.base)]
        self.text.clear()
        self.author.clear()
        self.base.setCurrentIndex(0)
        for blocker in blockers:
            blocker.unblock()
        self.ask()

    def set_base_models(self, models: list[BaseModelRecord]) -> None:
        """Offer these; the one that is chosen stays, also where it is no longer among them."""
        chosen = self.base.currentData() or ""
        names = {model.huggingface_name or "" for model in models} | {chosen}
        wanted = sorted(names - {""}, key=str.casefold)
        if wanted == [self.base.itemData(n) for n in range(1, self.base.count())]:
            return
        with QSignalBlocker(self.base):
            self.base.clear()
            self.base.addItem(ANY_BASE, "")
            for name in wanted:
                self.base.addItem(plain(name), name)
            self.base.setCurrentIndex(max(0, self.base.findData(chosen)))


__all__ = ["ANY_BASE", "FindFilters", "host_of", "no_hit_text"]
