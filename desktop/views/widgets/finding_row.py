"""What a check has to say, as a tinted row; and a list of such rows that does not grow endless."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.services.findings import Finding, Severity, errors_first
from desktop.views.theme import FontRole, metric, pixmap, tokens
from desktop.views.widgets.text import LinkButton, PlainLabel, announce

Link = tuple[str, Callable[[], object]]
"""The word of a link, and what a click on it calls (a bound method)."""

_WORDS = {"error": "Error", "warning": "Warning", "note": "Note", "ok": "Good"}
_FOLD_ABOVE = 4
_MOST_LINKS = 3


class IconLabel(QWidget):
    """An icon that stands for itself, in the colour of a token; follows scheme and screen."""

    def __init__(
        self, name: str, color: str, size: int = 16, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setFixedSize(size, size)
        self._size = size
        self.set(name, color)

    def set(self, name: str, color: str) -> None:
        """Show another icon."""
        self._name, self._color = name, color
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        painter.drawPixmap(0, 0, pixmap(self._name, self._color, self._size, ratio))
        painter.end()


class FindingRow(QFrame):
    """One finding: icon, what is (semibold when more follows), why or what to do, links."""

    def __init__(
        self, finding: Finding, links: Sequence[Link] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.finding = finding
        self.setObjectName("findingRow")
        self._tone = str(finding.severity)
        base = self.font()
        box = QHBoxLayout(self)
        box.setContentsMargins(10, 8, 10, 8)
        box.setSpacing(8)
        icon = IconLabel(self._tone, self._tone, metric(16, base))
        box.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(1)
        role = FontRole.FINDING_TITLE if finding.advice else FontRole.BODY
        words.addWidget(PlainLabel(finding.message, role=role, wrap=True))
        if finding.advice:
            words.addWidget(PlainLabel(finding.advice, role=FontRole.FINDING, wrap=True))
        if links:
            row = QHBoxLayout()
            row.setContentsMargins(0, 2, 0, 0)
            row.setSpacing(12)
            for text, slot in links[:_MOST_LINKS]:
                button = LinkButton(text, name="findingLink")
                button.clicked.connect(slot)
                row.addWidget(button)
            row.addStretch(1)
            words.addLayout(row)
        box.addLayout(words, 1)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        word = _WORDS.get(self._tone, "")
        self.setAccessibleName(f"{word}: {finding.message} {finding.advice}".strip())

    def paintEvent(self, _: QPaintEvent) -> None:
        tone = tokens().tone(self._tone)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tone.edge, 1))
        painter.setBrush(tone.fill)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.end()


class StateRow(FindingRow):
    """A row in the same dress that says that all is well."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(Finding("", "ok", Severity.NOTE, text), (), parent)
        self._tone = "ok"
        icon = self.findChild(IconLabel)
        if icon is not None:
            icon.set("ok", "ok")
        self.setAccessibleName(text)


class FindingList(QWidget):
    """Findings, errors first. Of more than four the rest waits behind “2 more notes”.

    The same findings again change nothing; new errors and warnings are announced once.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findingList")
        self._findings: tuple[Finding, ...] = ()
        self._links: Callable[[Finding], Sequence[Link]] | None = None
        self._open = False
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(8)
        self._more = LinkButton(name="moreFindings")
        self._more.clicked.connect(self._toggle)
        self._more.hide()
        self._box.addWidget(self._more)
        self._rows: list[FindingRow] = []

    def set_findings(
        self,
        findings: Sequence[Finding],
        links: Callable[[Finding], Sequence[Link]] | None = None,
    ) -> None:
        """Show these. links: asked for the links of each finding."""
        ordered = errors_first(findings)
        if ordered == self._findings and links == self._links:
            return
        known = {(f.code, f.message) for f in self._findings}
        self._findings, self._links, self._open = ordered, links, False
        self._build()
        for finding in ordered:
            if finding.severity != Severity.NOTE and (finding.code, finding.message) not in known:
                announce(
                    self,
                    f"{_WORDS[finding.severity]}: {finding.message}",
                    urgent=finding.severity == Severity.ERROR,
                )
        self.setVisible(bool(ordered))

    def findings(self) -> tuple[Finding, ...]:
        """All findings, also those behind the link."""
        return self._findings

    def rows(self) -> list[FindingRow]:
        """The rows that are shown."""
        return list(self._rows)

    def _toggle(self) -> None:
        self._open = not self._open
        self._build()

    def _build(self) -> None:
        shown = self._findings
        rest: tuple[Finding, ...] = ()
        if len(shown) > _FOLD_ABOVE:
            rest = shown[_FOLD_ABOVE:]
            if not self._open:
                shown = shown[:_FOLD_ABOVE]
        for row in self._rows:
            self._box.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = []
        for place, finding in enumerate(shown):
            row = FindingRow(finding, self._links(finding) if self._links else ())
            self._box.insertWidget(place, row)
            self._rows.append(row)
        self._more.setText("Show fewer" if self._open else _rest_words(rest))
        self._more.setVisible(bool(rest))


def _rest_words(rest: Sequence[Finding]) -> str:
    kinds = {f.severity for f in rest}
    word = str(kinds.pop()) if len(kinds) == 1 else "finding"
    return f"{len(rest)} more {word}{'' if len(rest) == 1 else 's'}"
