"""What stands between a person and a repository, as a tinted box with what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.services.hub.records import HubReference
from desktop.services.records import Finding, Severity
from desktop.views.import_pages.hugging_face.session import HubSession
from desktop.views.import_pages.hugging_face.words import host_of, page_of
from desktop.views.theme import metric
from desktop.views.widgets.finding_row import FindingRow, IconLabel
from desktop.views.widgets.text import LinkButton, announce, set_plain_tooltip

ACCESS, SIGN_IN, AGAIN, USE_HUB, SIGN_OUT = "access", "sign_in", "again", "use_hub", "sign_out"
_WORDS = {
    ACCESS: "Open the access page",
    SIGN_IN: "Sign in…",
    AGAIN: "Check again",
    USE_HUB: "Use this hub",
    SIGN_OUT: "Sign out",
}
AT_FIELDS = ("address", "revision", "entry", "no_adapter")
"""Codes of troubles that are about what was typed: they stand under the fields."""


@dataclass(frozen=True)
class Box:
    """One box: what it says, its icon ("" = by severity), the keys of its links."""

    finding: Finding
    icon: str = ""
    links: tuple[str, ...] = ()


def box_of(session: HubSession, endpoint: str) -> Box | None:
    """What stands in the way of the place that is typed; None where nothing does.

    endpoint: the hub in use.
    """
    if session.foreign:
        return _foreign(session.foreign, endpoint)
    there = session.draft.preview
    if there is not None and there.locked:
        return _locked(there.locked, there.repo.reference, endpoint)
    trouble = session.trouble
    if trouble is None or trouble.code in AT_FIELDS:
        return None
    reference = session.asked or HubReference("")
    if trouble.code in ("gated", "token", "forbidden"):
        return _locked(trouble.code, reference, endpoint, trouble.message, trouble.advice)
    if trouble.code == "not_found":
        return Box(_error(trouble.code, trouble.message, trouble.advice), "", (SIGN_IN, AGAIN))
    if trouble.code == "offline":
        return Box(_warning("offline", *_offline(trouble.message)), "", (AGAIN,))
    if trouble.code in ("rate", "server", "unreachable", "slow", "cut"):
        return Box(_warning(trouble.code, trouble.message, trouble.advice), "", (AGAIN,))
    return Box(_error(trouble.code, trouble.message, trouble.advice), "", (AGAIN,))


def _offline(message: str) -> tuple[str, str]:
    stays = "Local folders work as always; the Hub waits until the network is back."
    if "HF_HUB_OFFLINE" in message or "TRANSFORMERS_OFFLINE" in message:
        return message, "Local folders work as always; unset it to ask the Hub."
    return "You are offline.", stays


def _locked(
    code: str, reference: HubReference, endpoint: str, message: str = "", advice: str = ""
) -> Box:
    if code == "token":
        return Box(
            _error(
                code,
                message or "The server did not accept the token.",
                advice or "Sign in again, or sign out to go on without one.",
            ),
            "",
            (SIGN_IN, SIGN_OUT, AGAIN),
        )
    if code == "forbidden":
        return Box(
            _error(
                code,
                message or "Your account may not read this repository.",
                advice or "Ask its owner for access, or check what the token is allowed to do.",
            ),
            "padlock",
            (SIGN_IN, AGAIN),
        )
    page = page_of(reference.endpoint or endpoint, reference.repo_id)
    return Box(
        Finding(
            "huggingface_name",
            code,
            Severity.NOTE,
            "You can see this repository, but its files are gated.",
            f"Ask for access on {page}, then sign in. Access is granted to your account, not to"
            " Lorarium.",
        ),
        "padlock",
        (ACCESS, SIGN_IN, AGAIN),
    )


def _foreign(foreign: str, endpoint: str) -> Box:
    message = f"This page is on {host_of(foreign)}, not on {host_of(endpoint)}."
    advice = "Lorarium asks the hub in use and no other."
    if foreign.startswith("http://"):
        advice += " This one is reached by http: others on the way can read what is sent."
    return Box(_warning("foreign", message, advice), "", (USE_HUB,))


def _error(code: str, message: str, advice: str) -> Finding:
    return Finding("huggingface_name", code, Severity.ERROR, message, advice)


def _warning(code: str, message: str, advice: str) -> Finding:
    return Finding("huggingface_name", code, Severity.WARNING, message, advice)


class BoxHolder(QWidget):
    """The place of one box, or of none. The same box again changes nothing.

    slots: what a click on each link calls, by its key.
    """

    def __init__(
        self, slots: Mapping[str, Callable[[], object]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
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
        """Show this box. page: the address that its access page has."""
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
        links = [(_WORDS[key], self._slots[key]) for key in box.links]
        row = self._row = FindingRow(box.finding, links)
        row.setObjectName("hubBox")
        icon = row.findChild(IconLabel)
        if icon is not None and box.icon:
            icon.set(box.icon, str(box.finding.severity))
        buttons = row.findChildren(LinkButton)
        for key, button in zip(box.links, buttons, strict=False):
            button.setObjectName(f"hubBox_{key}")
            if key == ACCESS:
                # On the row, since a link needs its own tooltip where it is cut.
                set_plain_tooltip(row, page)
                button.setAccessibleDescription(page)
        self._layout.addWidget(row)
        row.show()  # a layout shows it only with the next event
        row.setMinimumHeight(metric(36, self.font()))
        if had_focus and buttons:
            buttons[-1].setFocus()
        announce(self, f"{box.finding.message} {box.finding.advice}".strip())
