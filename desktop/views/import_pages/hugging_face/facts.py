"""What the right side says of a repository before its files are fetched."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.services.hub.records import HubPreview
from desktop.services.records import Finding
from desktop.views.import_pages.hugging_face.words import facts_before
from desktop.views.import_pages.shared.facts import BEFORE, ServerFacts


def show_preview(
    panel: ServerFacts,
    preview: HubPreview,
    findings: Sequence[Finding],
    *,
    all_files: bool = False,
) -> None:
    """Show what is known of a repository."""
    words = [
        word
        for word, is_so in (("Gated", preview.repo.gated), ("Private", preview.repo.private))
        if is_so
    ]
    facts = facts_before(preview, all_files=all_files)
    panel.show_facts(BEFORE, facts, findings, ", ".join(words))
