"""What stands between a person and a repository, and what can be done about it."""

from __future__ import annotations

from desktop.services.hub.records import HubReference
from desktop.services.records import Finding, Severity
from desktop.views.import_pages.hugging_face.session import HubSession
from desktop.views.import_pages.hugging_face.words import host_of, page_of
from desktop.views.import_pages.shared.boxes import Box

ACCESS, SIGN_IN, AGAIN, USE_HUB, SIGN_OUT = "access", "sign_in", "again", "use_hub", "sign_out"
WORDS = {
    ACCESS: "Open the access page",
    SIGN_IN: "Sign in…",
    AGAIN: "Check again",
    USE_HUB: "Use this hub",
    SIGN_OUT: "Sign out",
}
"""The words of the links."""
AT_FIELDS = ("address", "revision", "entry", "no_adapter")
"""Codes of troubles that are about what was typed: they stand under the fields."""


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
