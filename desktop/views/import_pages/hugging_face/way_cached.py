"""On this machine: an adapter in the cache of the Hub, imported where it lies, without network."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.models.library import Library
from desktop.models.task_runner import Task
from desktop.services.hub.records import MAIN, CachedAdapter, HubReference
from desktop.services.peft_folder.reading import printable
from desktop.services.records import Finding
from desktop.views.adapter_facts import facts_of
from desktop.views.import_pages.base import Verdict
from desktop.views.import_pages.hugging_face import asking
from desktop.views.import_pages.hugging_face.cached import CachedPane
from desktop.views.import_pages.hugging_face.draft import HubDraft
from desktop.views.import_pages.hugging_face.words import place_text
from desktop.views.import_pages.shared.common import CommonFields
from desktop.views.import_pages.shared.facts import ServerFacts
from desktop.views.import_pages.shared.fields import FieldsSession, findings_of
from desktop.views.import_pages.shared.ways import AGAIN, FieldsWay, fields_verdict
from desktop.views.theme import metric
from desktop.views.widgets.fact_list import Fact

_BEGIN = "Choose an adapter, and what is in its folder stands here."
_REMEMBERED = 200
"""So many adapters that were left keep what was typed for them."""


class CachedSession(FieldsSession):
    """One adapter of the cache on its way in. What was typed for others stays with them.

    trouble: why its folder could not be looked into.
    """

    placed = Signal()

    draft: HubDraft

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(library, HubDraft(), parent)
        self.looking = False
        self.trouble: tuple[Finding, ...] = ()
        self._number = 0
        self._task: Task | None = None
        self._memory: dict[str, HubDraft] = {}

    @property
    def settled(self) -> bool:
        """Whether everything that is known is about what is typed now."""
        return not self.looking and super().settled

    def choose(self, cached: CachedAdapter | None) -> None:
        """Look into this one's folder, unless it is the one already."""
        if cached is not None and cached == self.draft.cached:
            return
        if self.draft.cached is not None:
            self._memory.pop(self.draft.path, None)
            self._memory[self.draft.path] = self.draft
            for path in list(self._memory)[:-_REMEMBERED]:
                del self._memory[path]
        self._number += 1
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._forget_checks()
        self.trouble = ()
        self.looking = cached is not None
        self.draft = self._draft_of(cached)
        self.shown.emit()
        self.known.emit()
        if cached is not None:
            self._task = self._library.run(
                self._look, self._number, cached, succeeded=self._looked, lane="free"
            )

    def _draft_of(self, cached: CachedAdapter | None) -> HubDraft:
        if cached is None:
            return HubDraft()
        known = self._memory.pop(cached.path, None)
        if known is not None and known.cached == cached:
            known.is_read, known.checked = False, None
            return known
        revision = MAIN if MAIN in cached.refs else next(iter(cached.refs), cached.commit)
        reference = HubReference(cached.repo_id, revision, cached.subfolder)
        return HubDraft(cached.path, place_text(reference), reference=reference, cached=cached)

    def _look(self, _ctx: Any, number: int, cached: CachedAdapter) -> tuple[int, Any]:
        try:
            return number, asking.look_at_cached(self._library.services, cached)
        except Exception as error:
            return number, error

    def _looked(self, result: tuple[int, Any]) -> None:
        number, found = result
        if number != self._number:
            return
        self._task = None
        self.looking = False
        if isinstance(found, asking.CacheLook):
            draft = self.draft
            draft.inspection, draft.is_read, draft.checked = found.inspection, True, None
            draft.propose(found.name)
            self.shown.emit()
        else:
            self.trouble = findings_of(found, "location")
        self.known.emit()
        self.check_now()

    def reset(self) -> None:
        """Forget everything that was typed."""
        self._memory.clear()
        chosen, self.draft = self.draft.cached, HubDraft()
        self._timer.stop()
        self.choose(None)
        if chosen is not None:
            self.choose(chosen)


class CachedWay(FieldsWay):
    """The list of the cache, and under it the fields of the highlighted adapter."""

    title = "On this &machine"
    stop_text = "Stopped. Nothing was imported."

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(library, parent)
        self.folder = CachedSession(library, self)
        self.session = self.folder
        self.cached = CachedPane(library)
        self.cached.setMinimumHeight(metric(230, self.cached.font()))
        self.common = CommonFields(self.folder, library, "cached", self)
        self.pane = QWidget()
        self.pane.setObjectName("hubCached")
        box = QVBoxLayout(self.pane)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(10)
        box.addWidget(self.cached, 1)
        box.addWidget(self.common.name_field)
        box.addWidget(self.common.base)
        box.addWidget(self.common.pair)
        box.addWidget(self.common.description_field)
        self.cached.highlighted.connect(self.folder.choose)
        self.cached.importWanted.connect(self._take)
        self.common.typed.connect(self.think_again)
        self.folder.known.connect(self.go_on)

    def verb(self) -> str:
        """Nothing is fetched here."""
        return AGAIN if self._failed else "Imp&ort"

    def verdict(self) -> Verdict:
        """What still blocks."""
        told = self.told()
        if told is not None:
            return told
        draft = self.folder.draft
        if draft.cached is None:
            return Verdict("Choose an adapter to import it where it lies.")
        if self.folder.looking:
            return Verdict("Looking into the folder…")
        if self.folder.trouble:
            found = self.folder.trouble[0]
            return Verdict(f"{found.message} {found.advice}".strip(), "error")
        return fields_verdict(draft, places=())

    def anything_asked(self) -> bool:
        """Whether a line is highlighted."""
        return self.folder.draft.cached is not None

    def start(self) -> None:
        """Import what is highlighted."""
        self.folder.choose(self.cached.adapter())
        if not self.anything_asked():
            self.cached.focus_first()
            return
        super().start()

    def _take(self, cached: CachedAdapter) -> None:
        self.folder.choose(cached)
        super().start()

    # -- its life --------------------------------------------------------------------------

    def shown(self) -> None:
        """What was said may not hold any more."""
        self.folder.recheck()

    def focus_first(self) -> None:
        """Begin with the filter."""
        self.cached.focus_first()

    def reset(self) -> None:
        """Forget everything that was typed."""
        self.think_again()
        self.cached.reset()
        self.folder.reset()

    def show_facts(self, panel: ServerFacts) -> None:
        """What is in the highlighted folder."""
        draft = self.folder.draft
        cached, there = draft.cached, draft.inspection
        if cached is None:
            panel.say(_BEGIN, title="What is in the folder")
            return
        title = f"What is in {draft.title}"
        if there is None:
            panel.say(
                "" if self.folder.trouble else "Lorarium is looking into the folder.",
                self.folder.trouble,
                title=title,
            )
            return
        facts = [Fact(name, text, tooltip=tip) for name, text, tip in facts_of(there)]
        refs = ", ".join(printable(ref, 40) for ref in cached.refs[:4])
        facts.append(Fact("Commit", cached.commit[:7], aside=refs, tooltip=cached.commit))
        facts.append(Fact("Folder", printable(cached.path, 4096), path=True))
        # Here are no fields for the place: what is wrong with it stands beside its facts.
        panel.show_facts(title, facts, (*draft.of_place(), *draft.beside()))
