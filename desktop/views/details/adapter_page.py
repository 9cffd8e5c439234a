"""One adapter: its name, the three tabs, and the form that takes their place while editing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from desktop.models.library import Library
from desktop.models.task_runner import Task
from desktop.services.errors import LorariumError
from desktop.views.details import words
from desktop.views.details.card_page import CardPage
from desktop.views.details.edit_draft import EditDraft
from desktop.views.details.edit_form import EditForm
from desktop.views.details.editor import Editor
from desktop.views.details.files_page import FilesPage
from desktop.views.details.header import DetailsHeader
from desktop.views.details.overview import OverviewPage
from desktop.views.theme import metric
from desktop.views.widgets.section import line
from desktop.views.widgets.text import LinkButton

if TYPE_CHECKING:
    from desktop.services.adapters import AdapterDetails
    from desktop.services.peft_folder.card import ModelCard

_CARD = 2
_UNSAVED = ("Unsaved changes", "note", "pencil")


class AdapterPage(QWidget):
    """Shows details that somebody else has loaded; reads the model card, checks and saves edits.

    Signals:
        saved: an edit is in the catalogue, so that the details are old.
        notice(object): a Notice.
    """

    saved = Signal()
    notice = Signal(object)

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("detailsAdapter")
        self._library = library
        self._details: AdapterDetails | None = None
        self._card_task: Task | None = None
        self._card_key: object = None
        self._parked: set[str] = set()
        self._editor = Editor(library, self)
        self._build()
        self.tabs.currentChanged.connect(self._turn_to)
        self.header.editAsked.connect(self.edit)
        self.overview.editAsked.connect(self.edit)
        self.form.typed.connect(self._typed)
        self.form.saveAsked.connect(self._save)
        self.form.cancelAsked.connect(self._cancel_edit)
        self.form.leaveAsked.connect(self._leave_edit)
        self._editor.checked.connect(self._draft_checked)
        self._editor.saved.connect(self._draft_saved)
        self._editor.refused.connect(self._draft_refused)
        self._editor.notice.connect(self.notice)

    def _build(self) -> None:
        self.header = DetailsHeader(self)
        self.tabs = QTabBar(self)
        self.tabs.setObjectName("detailsTabs")
        self.tabs.setAccessibleName("Parts of the details")
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setDrawBase(False)
        # Its own least width would be that of the longer titles; `_fit_tabs` shortens them.
        self.tabs.setMinimumWidth(1)
        for title in ("Overview", "Files", "Model card"):
            self.tabs.addTab(title)
        self.overview = OverviewPage(self)
        self.files = FilesPage(self)
        self.card = CardPage(self)
        self.pages = QStackedWidget(self)
        self.pages.setObjectName("detailsPages")
        for page in (self.overview, self.files, self.card):
            self.pages.addWidget(page)
        self.view = QWidget(self)
        inside = QVBoxLayout(self.view)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        side = metric(16, self.font())
        bar = QVBoxLayout()
        bar.setContentsMargins(side, 0, side, 0)
        bar.setSpacing(0)
        bar.addWidget(self.tabs)
        bar.addWidget(line())
        inside.addLayout(bar)
        inside.addWidget(self.pages, 1)
        self.form = EditForm(self._library, self)
        self.body = QStackedWidget(self)
        self.body.addWidget(self.view)
        self.body.addWidget(self.form)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(metric(4, self.font()))
        layout.addWidget(self.header)
        layout.addWidget(self.body, 1)

    # -- showing ---------------------------------------------------------------------------

    def show_details(self, details: AdapterDetails) -> None:
        """Show an adapter: its tabs, or the form where it is being edited."""
        self._details = details
        self._editor.follow(details.record, details.inspection)
        record = details.record
        self.overview.show_details(details, self._library.table.copies_of(record.id))
        writable = not self._library.read_only
        self.overview.notes.show_notes(record.id, record.notes, writable=writable)
        self.files.show_files(details.inspection, details.record.state)
        self._show_body()
        self._load_card()

    def is_editing(self) -> bool:
        """Whether the form is shown."""
        return self.body.currentWidget() is self.form

    def unsaved_ids(self) -> tuple[str, ...]:
        """The adapters with changes that are typed and not saved."""
        return self._editor.unsaved_ids()

    def allow_edit(self) -> None:
        """Let the pencil work, or say why it does not."""
        self.header.allow_edit(not self._library.read_only, self._library.read_only)

    def _show_body(self) -> None:
        details = self._details
        if details is None:
            return
        key = details.record.id
        draft = self._editor.draft_of(key)
        editing = draft is not None and key not in self._parked
        if draft is not None and editing:
            self.form.show_draft(draft)
            self.form.set_busy(self._editor.is_saving(key))
        self.body.setCurrentWidget(self.form if editing else self.view)
        self.header.edit_button.setVisible(not editing)
        self._show_head()

    def _show_head(self) -> None:
        details = self._details
        if details is None:
            return
        badges = words.badges(details)
        draft = self._editor.draft_of(details.record.id)
        if draft is not None and draft.changed:
            badges.append(_UNSAVED)
        record = details.record
        self.header.show_name(record.name, badges)
        writable = not self._library.read_only
        self.header.show_marks(record.favourite, record.tags, writable=writable)
        self.allow_edit()

    def _turn_to(self, tab: int) -> None:
        self.pages.setCurrentIndex(tab)
        self._load_card()

    # -- the model card --------------------------------------------------------------------

    def _load_card(self) -> None:
        details = self._details
        if details is None or self.tabs.currentIndex() != _CARD:
            return
        record = details.record
        fingerprint = details.inspection.fingerprint if details.inspection is not None else ""
        key = (record.id, record.path, record.state, fingerprint, details.checked_at)
        if key == self._card_key:
            return
        if self._card_task is not None:
            self._card_task.cancel()
            self._card_task = None
        self._card_key = key
        if not record.path:
            self.card.say("It is not known where its folder is.")
            return
        # A drive that does not answer must hold up nobody who wants the database.
        self._card_task = self._library.run(
            _read_card,
            key,
            record.path,
            lane="free",
            succeeded=self._take_card,
            failed=self._no_card,
        )

    def _take_card(self, answer: tuple[object, ModelCard]) -> None:
        key, card = answer
        if key == self._card_key:
            self._card_task = None
            self.card.show_card(card)

    def _no_card(self, _error: Exception) -> None:
        self._card_key = self._card_task = None
        self.card.say("The model card can’t be read.")

    # -- editing ---------------------------------------------------------------------------

    def edit(self) -> None:
        """Change the adapter that is shown, beginning with its name, all of it marked."""
        details = self._details
        if details is None or self._library.read_only:
            return
        self._parked.discard(details.record.id)
        self._editor.begin(details.record, details.inspection)
        self._show_body()
        self.form.focus_name()

    def _draft(self) -> EditDraft | None:
        return None if self._details is None else self._editor.draft_of(self._details.record.id)

    def _typed(self) -> None:
        draft = self._draft()
        if draft is not None:
            self._show_head()
            self._editor.touch(draft)

    def _save(self) -> None:
        draft = self._draft()
        if draft is not None:
            self.form.set_busy(True)
            self._editor.save(draft)

    def _close_form(self) -> None:
        had_focus = self.form.isAncestorOf(self.focusWidget() or self)
        self._show_body()
        if had_focus:
            self.header.edit_button.setFocus()

    def _cancel_edit(self) -> None:
        if self._details is not None:
            self._editor.drop(self._details.record.id)
            self._close_form()

    def _leave_edit(self) -> None:
        draft = self._draft()
        if draft is not None and draft.changed:
            # Esc is pressed in passing: what was typed waits behind the pencil.
            self._parked.add(draft.record.id)
            self._close_form()
        else:
            self._cancel_edit()

    def _draft_checked(self, draft: EditDraft) -> None:
        if draft is self._draft():
            self.form.show_findings()

    def _draft_saved(self, draft: EditDraft) -> None:
        details = self._details
        if details is None or details.record.id != draft.record.id:
            return
        self.form.set_busy(False)
        if self._draft() is None:
            self._close_form()
        self.saved.emit()

    def _draft_refused(self, draft: EditDraft, error: object) -> None:
        if draft is not self._draft():
            return
        self.form.set_busy(False)
        self.form.show_findings()
        if draft.errors():
            self.form.focus_error()
        elif isinstance(error, LorariumError):
            self.form.say(f"{error.message} {error.advice}".strip())
        else:
            self.form.say("The changes are not saved. They stay here; try again.")

    # -- keys and copying --------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        focus = self.focusWidget()
        if event.matches(QKeySequence.StandardKey.Copy) and isinstance(focus, LinkButton):
            # A value that leads somewhere is a value all the same.
            QGuiApplication.clipboard().setText(focus.text())
        elif event.key() in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp) and not self.is_editing():
            # From the tabs, too, which lie outside of what scrolls.
            self.overview.turn_page(event.key() == Qt.Key.Key_PageDown)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        link = self.childAt(event.pos())
        if not isinstance(link, LinkButton):
            super().contextMenuEvent(event)
            return
        menu = QMenu(self)
        menu.setObjectName("copyLinkMenu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        action = menu.addAction("&Copy")
        action.setObjectName("copyLinkAction")
        action.setData(link.text())
        action.triggered.connect(self._copy_link)
        menu.popup(event.globalPos())

    def _copy_link(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            QGuiApplication.clipboard().setText(str(action.data()))

    # -- room ------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_tabs()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_tabs()

    def _fit_tabs(self) -> None:
        room = self.width() - 2 * metric(16, self.font())
        self.tabs.setTabText(_CARD, "Model card")
        if self.tabs.sizeHint().width() > room:
            self.tabs.setTabText(_CARD, "Card")


def _read_card(_ctx: object, key: object, path: str) -> tuple[object, ModelCard]:
    from desktop.services.peft_folder.card import read_card

    return key, read_card(path)
