"""What tags and notes may be, and how tags are told apart. Nothing slow to import."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from desktop.services.records import Finding, Severity

TAG_LIMIT = 40
"""Characters of a tag."""
TAGS_LIMIT = 50
"""Tags of one adapter."""
NOTES_LIMIT = 20_000
"""Characters of the notes of one adapter."""


def clean_tag(text: str) -> str:
    """A tag as it is stored: NFC, stripped, every gap one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def tag_findings(tags: Iterable[object]) -> tuple[Finding, ...]:
    """What is wrong with tags as they were typed; nothing where they can be stored."""
    found: list[Finding] = []
    for tag in tags:
        if not isinstance(tag, str):
            found.append(refusal("no_text", "A tag is a text.", "Type each tag as one."))
            continue
        text = clean_tag(tag)
        if not any(c.isprintable() and not c.isspace() for c in text):
            found.append(refusal("blank", "A tag needs a character that can be seen.", ""))
        elif len(text) > TAG_LIMIT:
            said = f"“{text[:20]}…” has {len(text):,} characters; {TAG_LIMIT} are the most."
            found.append(refusal("too_long", said, "Shorten it."))
        elif any(c == "," or unicodedata.category(c)[0] == "C" for c in text):
            shown = "".join(c for c in text if c.isprintable())
            said = f"“{shown}” holds a comma, or a character that can’t be shown."
            found.append(refusal("characters", said, "Give each tag by itself."))
    return tuple(found)


def refusal(code: str, message: str, advice: str) -> Finding:
    """What is said of tags that can't be stored."""
    return Finding("tags", code, Severity.ERROR, message, advice)


def with_tags(tags: Sequence[str], more: Iterable[str]) -> tuple[str, ...]:
    """These tags and more: each once, whatever its case; the spelling that is there stays."""
    known = {tag.casefold(): tag for tag in reversed((*tags, *more))}
    return tuple(known[key] for key in sorted(known))


def without_tags(tags: Sequence[str], gone: Iterable[str]) -> tuple[str, ...]:
    """These tags without those, whatever their case."""
    folded = {tag.casefold() for tag in gone}
    return tuple(tag for tag in tags if tag.casefold() not in folded)
