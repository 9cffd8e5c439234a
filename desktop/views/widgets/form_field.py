"""A label, its editor, and what a check says of it, always in the same place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.services.records import Finding, Severity, errors_first
from desktop.views.theme import FontRole
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.text import PlainLabel, restyle


class FormField(QWidget):
    """Label above, “optional” at the right, editor, one line for a message.

    label: with its mnemonic ("&Name"); editor: one widget, or one that holds several; target: the
    part of it that takes the focus and shows the error edge; checked: whether the line for a
    message is kept free.
    """

    suggestionChosen = Signal(str)
    """The person clicked “Use it”: the value that a finding suggests."""

    linkActivated = Signal(str)
    """The person clicked another link of the message: the code of its finding, "" of an ok."""

    def __init__(
        self,
        label: str,
        editor: QWidget,
        optional: bool = False,
        checked: bool = True,
        *,
        target: QWidget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.editor = editor
        self.target = target or editor
        self.label = PlainLabel(label, role=FontRole.FIELD_LABEL)
        self.label.setBuddy(self.target)
        words = label.replace("&&", "\0").replace("&", "").replace("\0", "&")
        if not self.target.accessibleName():
            self.target.setAccessibleName(words)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.label)
        head.addStretch(1)
        self.aside = PlainLabel(
            "optional" if optional else "", role=FontRole.LABEL, tone="secondary"
        )
        head.addWidget(self.aside)
        self._box.addLayout(head)
        self._box.addWidget(editor)
        self.message = InlineMessage(keep=checked)
        self.message.linkActivated.connect(self._link_clicked)
        self._box.addWidget(self.message)
        self._more: list[InlineMessage] = []
        self._findings: tuple[Finding, ...] = ()
        self._hint = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def set_findings(
        self, findings: Sequence[Finding], links: dict[str, str] | None = None
    ) -> None:
        """Show these beside the editor, the worst first; none leaves the line free.

        links: the word of a link by the code of a finding ("Add it"); a suggestion has its own,
        “Use it”. Errors put the error edge on the editor, warnings leave it alone.
        """
        self._findings = errors_first(findings)
        self._error(any(f.severity == Severity.ERROR for f in self._findings))
        if not self._findings:
            self.message.set_message(self._hint)
        for place, finding in enumerate(self._findings):
            link = "Use it" if finding.suggestion else (links or {}).get(finding.code, "")
            sentence = f"{finding.message} {finding.advice}".strip()
            self._line(place).set_message(sentence, str(finding.severity), link)
        for line in self._more[max(len(self._findings) - 1, 0) :]:
            line.clear()
            line.hide()
        self._describe()

    def set_ok(self, text: str, link: str = "") -> None:
        """Say with a tick that this is right; only where a person would doubt."""
        self.set_findings(())
        self.message.set_message(text, "ok", link)
        self._describe()

    def set_hint(self, text: str) -> None:
        """The quiet sentence that stands here while there is nothing to say."""
        self._hint = text
        if not self._findings:
            self.message.set_message(text)
        self._describe()

    def findings(self) -> tuple[Finding, ...]:
        """What is shown, errors first."""
        return self._findings

    def _line(self, place: int) -> InlineMessage:
        if place == 0:
            return self.message
        while len(self._more) < place:
            line = InlineMessage(keep=False)
            line.linkActivated.connect(self._link_clicked)
            self._box.addWidget(line)
            self._more.append(line)
        line = self._more[place - 1]
        line.show()
        return line

    def _link_clicked(self) -> None:
        sender = self.sender()
        lines = [self.message, *self._more]
        place = next((n for n, line in enumerate(lines) if line is sender), 0)
        if place >= len(self._findings):
            self.linkActivated.emit("")
            return
        finding = self._findings[place]
        if finding.suggestion:
            self.suggestionChosen.emit(finding.suggestion)
        else:
            self.linkActivated.emit(finding.code)

    def _error(self, wrong: bool) -> None:
        restyle(self.target, "state", "error" if wrong else "")

    def _describe(self) -> None:
        said = [line.text() for line in (self.message, *self._more) if line.text()]
        self.target.setAccessibleDescription(" ".join(said))
