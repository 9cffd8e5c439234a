"""Which part of its dataset an adapter was trained on, small, for the right side of the import."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.services.records import DatasetSplit
from desktop.views.theme import FontRole
from desktop.views.widgets.badge import Badge
from desktop.views.widgets.split_bar import SplitBar, SplitLegend, percent
from desktop.views.widgets.text import PlainLabel


class SplitBox(QWidget):
    """Title, badge, bar, legend and a note; hidden while there is no split to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.badge = Badge()
        self.bar = SplitBar(thin=True)
        self.legend = SplitLegend(compact=True)
        self.note = PlainLabel("", role=FontRole.LABEL, tone="secondary", wrap=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 4, 0, 0)
        box.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(PlainLabel("Dataset split", role=FontRole.CARD_TITLE))
        head.addStretch(1)
        head.addWidget(self.badge)
        box.addLayout(head)
        box.addWidget(self.bar)
        box.addWidget(self.legend)
        box.addWidget(self.note)
        self.hide()

    def show_split(self, split: DatasetSplit | None, note: str = "") -> None:
        """Show this one, None = nothing. note: who says so, "" = the job, or that nobody does."""
        self.setVisible(split is not None)
        if split is None:
            return
        if split.recorded:
            self.badge.set("Recorded", "ok")
        else:
            self.badge.set("Assumed")
        self.bar.set_split(split)
        self.legend.set_split(split)
        self.note.setText(note or _split_words(split))


def _split_words(split: DatasetSplit) -> str:
    if not split.drawable:
        fraction, train = percent(split.dataset_fraction), percent(split.train_test_split)
        return (
            f"The job records {fraction} of the data and a split of {train}: no parts of a whole."
        )
    if split.recorded:
        return f"By job {split.job_name}." if split.job_name else ""
    return "No training job names this adapter, so the usual figures are shown."
