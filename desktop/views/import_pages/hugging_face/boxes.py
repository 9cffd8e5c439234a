"""What stands between a person and a repository, and what can be done about it."""

from __future__ import annotations

from desktop.services.hub.records import HubReference
from desktop.services.peft_folder.reading import printable
from desktop.services.records import Finding, Severity
from desktop.views.import_pages.hugging_face.account import Account
from desktop.views.import_pages.hugging_face.session import HubSession
from desktop.views.import_pages.hugging_face.words import host_of, page_of
from desktop.views.import_pages.shared.boxes import Box

ACCESS, SIGN_IN, AGAIN, USE_HUB, SIGN_OUT = "access", "sign_in", "again", "use_hub", "sign_out"
ANOTHER = "another"
WORDS = {
    ACCESS: "Open the access page",
    SIGN_IN: "Sign in…",
    ANOTHER: "Sign in as somebody else…",
    AGAIN: "Check again",
    USE_HUB: "Use this hub",
    SIGN_OUT: "Sign out",
}
"""The words of the links."""
AT_FIELDS = ("address", "revision", "entry", "no_adapter")
"""Codes of troubles that are about what was typed: they stand under the fields."""


def box_of(session: HubSession, account: Account) -> Box | None:
    """What stands in the way of the place that is typed, for who is signed in at the hub in use;
    None where nothing does."""
    endpoint, signed_in = account.endpoint, bool(account.user)
    if session.foreign:
        return _foreign(session.foreign, endpoint)
    there = session.draft.preview
    if there is not None and there.locked:
        return _locked(there.locked, there.repo.reference, account)
    trouble = session.trouble
    if trouble is None or trouble.code in AT_FIELDS:
        return None
    reference = session.asked or HubReference("")
    if trouble.code in ("gated", "token", "forbidden"):
        return _locked(trouble.code, reference, account, trouble.message, trouble.advice)
    if trouble.code == "not_found":
        links = (ANOTHER if signed_in else SIGN_IN, AGAIN)
        return Box(_error(trouble.code, trouble.message, trouble.advice), "", links)
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
    code: str, reference: HubReference, account: Account, message: str = "", advice: str = ""
) -> Box:
    sign_in = ANOTHER if account.user else SIGN_IN
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
            (sign_in, AGAIN),
        )
    page = page_of(reference.endpoint or account.endpoint, reference.repo_id)
    said = "You can see this repository, but its files are gated."
    advice = (
        f"Ask for access on {page}, then sign in. Access is granted to your account, not to"
        " Lorarium."
    )
    if account.user:
        said = f"Its files are gated, and {_who(account)} has no access yet."
        advice = f"Ask for access on {page}; then check again."
    finding = Finding("huggingface_name", code, Severity.NOTE, said, advice)
    return Box(finding, "padlock", (ACCESS, sign_in, AGAIN))


def _who(account: Account) -> str:
    name = account.state.user if account.state is not None else ""
    return f"“{printable(name, 40)}”" if name else "this account"


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
