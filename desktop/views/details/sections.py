"""The parts of the overview: dataset split, base model, prompt, training job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.services.records import DatasetSplit, JobRecord, PromptRecord
from desktop.views.details import words
from desktop.views.details.flow import FlowLayout
from desktop.views.details.prose import Fold, ProseLabel, TemplateBlock
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.badge import Badge
from desktop.views.widgets.fact_list import Fact, FactList
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.section import Section
from desktop.views.widgets.split_bar import SplitBar, SplitLegend
from desktop.views.widgets.text import LinkButton, PlainLabel

if TYPE_CHECKING:
    from desktop.services.adapters import AdapterDetails


class _FlowLegend(QWidget):
    """The legend of the split, in two lines where large letters leave no room for one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("splitLegendFlow")
        self._legend = SplitLegend(parent=self)
        flow = FlowLayout(self, gap=metric(8, self.font()), line_gap=2)
        row = self._legend.layout()
        while row is not None and row.count():
            part = row.takeAt(0)
            widget = part.widget() if part is not None else None
            if widget is not None:
                flow.addWidget(widget)

    def set_split(self, split: DatasetSplit) -> None:
        """Show the figures of this split, nothing where it can't be drawn."""
        self._legend.set_split(split)
        self._legend.hide()
        self.setVisible(split.drawable)


class SplitSection(Section):
    """Which part of the dataset the adapter was trained on, and who says so.

    Signals:
        jobAsked(str): the id of the job whose figures these are.
    """

    jobAsked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        badge = Badge()
        badge.setObjectName("splitBadge")
        super().__init__("Dataset split", badge, parent)
        self.setObjectName("splitSection")
        self._badge = badge
        self._job_id = ""
        self.bar = SplitBar()
        self.legend = _FlowLegend()
        self.sentence = ProseLabel(role=FontRole.LABEL)
        self.sentence.setObjectName("splitSentence")
        self.sentence.set_tone("secondary")
        self.job_link = LinkButton(name="splitJobLink")
        self.job_link.clicked.connect(self._ask)
        by = QHBoxLayout()
        by.setSpacing(5)
        self._by = PlainLabel("By job", role=FontRole.LABEL, tone="secondary")
        by.addWidget(self._by)
        by.addWidget(self.job_link, 1)
        by.addStretch(0)
        self.assumed = ProseLabel(role=FontRole.LABEL)
        self.assumed.setObjectName("splitAssumed")
        self.assumed.set_tone("secondary")
        self.undrawn = InlineMessage(keep=False)
        self.undrawn.setObjectName("splitUndrawn")
        self.body.setSpacing(4)
        for widget in (self.bar, self.legend, self.undrawn, self.sentence):
            self.body.addWidget(widget)
        self.body.addLayout(by)
        self.body.addWidget(self.assumed)

    def show_details(self, details: AdapterDetails) -> None:
        """Show the split of an adapter."""
        split = details.split
        word, tone, icon = words.split_badge(split)
        self._badge.set(word, tone or "plain", icon)
        self.bar.set_split(split)
        self.legend.set_split(split)
        self.undrawn.set_message("" if split.drawable else words.UNDRAWN, "warning")
        self.undrawn.setVisible(not split.drawable)
        self.sentence.setText(words.split_sentence(split))
        font = self.sentence.font()
        font.setItalic(not split.recorded)
        self.sentence.setFont(font)
        # With nothing recorded, the sentence below says all of it.
        self.sentence.setVisible(split.job_id is not None)
        self._job_id = split.job_id or ""
        self.job_link.setText(words.line(split.job_name or split.job_id))
        self.job_link.setAccessibleName(f"Training job {self.job_link.text()}")
        self._by.setVisible(bool(self._job_id))
        self.job_link.setVisible(bool(self._job_id))
        said = words.split_assumed(split)
        self.assumed.setText(said)
        self.assumed.setVisible(bool(said))

    def _ask(self) -> None:
        self.jobAsked.emit(self._job_id)


class BaseModelSection(Section):
    """The base model, and whether the adapter fits it.

    Signals:
        modelAsked(str): the id of the base model.
        chooseAsked: there is none; the person wants to choose one.
    """

    modelAsked = Signal(str)
    chooseAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        badge = Badge()
        badge.setObjectName("baseModelBadge")
        super().__init__("Base model", badge, parent, line_above=True)
        self.setObjectName("baseModelSection")
        self._badge = badge
        self._model_id = ""
        self.link = LinkButton(name="baseModelLink")
        self.link.clicked.connect(self._ask)
        self.sentence = ProseLabel(role=FontRole.LABEL)
        self.sentence.setObjectName("baseModelSentence")
        self.sentence.set_tone("secondary")
        self.body.setSpacing(2)
        self.add(self.link)
        self.add(self.sentence)

    def show_details(self, details: AdapterDetails) -> None:
        """Show the base model of an adapter."""
        base, fit = details.base_model, details.fit
        self._model_id = base.id if base is not None else ""
        self.link.setText(words.line(base.title) if base is not None else "Choose one")
        verdict = words.VERDICTS.get(fit.verdict) if fit is not None else None
        self._badge.setVisible(verdict is not None)
        if verdict is not None:
            self._badge.set(verdict[0], verdict[1] or "plain", verdict[2])
        self.sentence.setText(words.base_sentence(details))
        self.sentence.setVisible(bool(self.sentence.text()))

    def _ask(self) -> None:
        if self._model_id:
            self.modelAsked.emit(self._model_id)
        else:
            self.chooseAsked.emit()


class PromptSection(Section):
    """The prompt with its three templates, folded.

    Signals:
        promptAsked(str): the id of the prompt.
    """

    promptAsked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Prompt", None, parent, line_above=True)
        self.setObjectName("promptSection")
        self._prompt_id = ""
        self.link = LinkButton(name="promptLink")
        self.link.clicked.connect(self._ask)
        self.dataset = ProseLabel(role=FontRole.LABEL)
        self.dataset.set_tone("secondary")
        self.fold = Fold("Templates", "promptTemplatesFold")
        self.blocks = {
            "prompt_template": TemplateBlock("Prompt template", "promptTemplate"),
            "input_template": TemplateBlock("Input template", "inputTemplate"),
            "completion_template": TemplateBlock("Completion template", "completionTemplate"),
        }
        for block in self.blocks.values():
            self.fold.box.addWidget(block)
        self.body.setSpacing(2)
        for widget in (self.link, self.dataset, self.fold):
            self.add(widget)

    def show_prompt(self, prompt: PromptRecord | None) -> None:
        """Show a prompt; without one the section hides."""
        self.setVisible(prompt is not None)
        if prompt is None:
            return
        self._prompt_id = prompt.id
        self.link.setText(words.line(prompt.title))
        dataset = words.line(prompt.dataset_name or prompt.dataset_id)
        said = [words.line(prompt.description), f"For {dataset}" if dataset else ""]
        self.dataset.setText("\n".join(part for part in said if part))
        self.dataset.setVisible(bool(self.dataset.text()))
        texts = {name: getattr(prompt, name) for name in self.blocks}
        for name, block in self.blocks.items():
            block.show_text(texts[name])
        self.fold.setVisible(any(texts.values()))

    def _ask(self) -> None:
        self.promptAsked.emit(self._prompt_id)


class JobSection(Section):
    """The linked training job and what it records.

    Signals:
        jobAsked(str): the id of the job.
    """

    jobAsked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Training job", None, parent, line_above=True)
        self.setObjectName("jobSection")
        self._job_id = ""
        self.facts = NarrowFacts()
        self.facts.linkActivated.connect(self._ask)
        self.add(self.facts)

    def show_job(self, job: JobRecord | None) -> None:
        """Show a job; without one the section hides."""
        self.setVisible(job is not None)
        if job is None:
            return
        self._job_id = job.id
        self.facts.set_facts(words.job_facts(job))

    def _ask(self, _key: str) -> None:
        self.jobAsked.emit(self._job_id)


class NarrowFacts(FactList):
    """Facts that never make their panel wider: a word that does not fit is cut at the edge."""

    def set_facts(self, facts: object) -> None:
        before = self.facts()
        super().set_facts(facts)  # type: ignore[arg-type]
        if self.facts() != before:
            for label in self.findChildren(PlainLabel):
                if label.wordWrap():
                    label.setMinimumWidth(1)


__all__ = [
    "BaseModelSection",
    "Fact",
    "JobSection",
    "NarrowFacts",
    "PromptSection",
    "SplitSection",
]
