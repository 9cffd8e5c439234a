"""By name: the place on a hub, what is said of it, and the fields of the import."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.models.hub_shelf import HubShelf
from desktop.models.library import Library
from desktop.services.hub.listing import in_order
from desktop.services.peft_folder import printable
from desktop.services.records import Finding, Row
from desktop.views.import_pages.hugging_face.account import Account
from desktop.views.import_pages.hugging_face.boxes import ACCESS, AT_FIELDS, box_of
from desktop.views.import_pages.hugging_face.session import HubSession
from desktop.views.import_pages.hugging_face.words import found_text, page_of, place_text
from desktop.views.import_pages.shared.boxes import BoxHolder, Slots
from desktop.views.import_pages.shared.common import CommonFields
from desktop.views.import_pages.shared.files import FilesBox
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.lens import Lens
from desktop.views.widgets.text import restyle

_LONGEST_PLACE = 2048
_MOST_FOLDERS = 500
_FIELD_OF = {"revision": "revision", "entry": "subfolder", "no_adapter": "subfolder"}


class _PlaceEdit(QLineEdit):
    """A line whose Enter does not wait for the person to stop typing."""

    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        # The dialog hears of it too: Enter imports what is known to be there.
        super().keyPressEvent(event)


class ByNamePane(QWidget):
    """The fields of a repository.

    Signals:
        typed: what was typed after Enter is not what Enter was about.
        showWanted(object): the ids of the adapters in the library that are from this repository.
    """

    typed = Signal()
    showWanted = Signal(object)

    def __init__(
        self,
        session: HubSession,
        account: Account,
        library: Library,
        slots: Slots,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("hubByName")
        self._session = session
        self._account = account
        self._library = library
        self._shelf = HubShelf.of(library)
        self._make_place()
        self.box = BoxHolder(slots, "hub")
        self.folders = QComboBox()
        self.folders.setObjectName("hubFolderCombo")
        self.folders.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.folders.setMinimumContentsLength(12)
        self.folders.setMaxVisibleItems(12)
        self.folders_field = FormField("&Adapters in this repository", self.folders, checked=False)
        self.folders_field.hide()
        self.common = CommonFields(session, library, "hub", self)
        self.files = FilesBox("hub")
        self._lay_out()
        self._connect()
        self.show_place()
        self.show_known()

    def _make_place(self) -> None:
        self.repository = _place_edit("hubRepositoryEdit", "org/name, or a page of the Hub")
        self.lens = Lens(self.repository)
        self.revision = _place_edit("hubRevisionEdit", "main")
        self.subfolder = _place_edit("hubSubfolderEdit", "none")
        self.repository_field = FormField("&Repository", self.repository, checked=False)
        self.revision_field = FormField("Re&vision", self.revision, checked=False)
        self.subfolder_field = FormField("&Sub-folder", self.subfolder, checked=False)
        self.message = InlineMessage()
        self.message.setObjectName("hubMessage")
        self._suggestion: Finding | None = None
        self.shelved = InlineMessage(keep=False)
        self.shelved.setObjectName("hubShelved")

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.repository_field, 3)
        row.addWidget(self.revision_field, 1)
        row.addWidget(self.subfolder_field, 1)
        place = QVBoxLayout()
        place.setSpacing(0)
        place.addLayout(row)
        place.addWidget(self.message)
        place.addWidget(self.shelved)
        common = self.common
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(10)
        box.addLayout(place)
        box.addWidget(self.box)
        box.addWidget(self.folders_field)
        box.addWidget(common.name_field)
        box.addWidget(common.base)
        box.addWidget(self.files)
        box.addWidget(common.pair)
        box.addWidget(common.description_field)
        box.addStretch(1)

    def _connect(self) -> None:
        self.repository.textEdited.connect(self._repository_edited)
        self.revision.textEdited.connect(self._revision_edited)
        self.subfolder.textEdited.connect(self._subfolder_edited)
        self.repository.editingFinished.connect(self._session.take_apart)
        for edit in (self.repository, self.revision, self.subfolder):
            edit.textEdited.connect(self.typed)
            edit.entered.connect(self._session.look_now)
        self.message.linkActivated.connect(self._use_suggestion)
        self.folders.activated.connect(self._folder_picked)
        self.files.allFilesToggled.connect(self._all_files)
        self.common.typed.connect(self.typed)
        self._session.placed.connect(self.show_place)
        self._session.known.connect(self.show_known)
        self._account.changed.connect(self.show_known)
        self.shelved.linkActivated.connect(self._show_shelved)
        self._shelf.changed.connect(self._tell_shelved)
        self._library.ready.connect(self._shelf_wanted)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._shelf_wanted()

    def _shelf_wanted(self) -> None:
        if self.isVisible():
            self._shelf.want()

    # -- what the person does --------------------------------------------------------------

    def _repository_edited(self, text: str) -> None:
        pasted = abs(len(text) - len(self._session.repository)) > 1
        self._session.type_place(repository=text, pasted=pasted)

    def _revision_edited(self, text: str) -> None:
        self._session.type_place(revision=text)

    def _subfolder_edited(self, text: str) -> None:
        self._session.type_place(subfolder=text)

    def _folder_picked(self, index: int) -> None:
        folder = self.folders.itemData(index)
        if isinstance(folder, str):
            self._session.set_subfolder(folder)

    def _all_files(self, wanted: bool) -> None:
        if self._session.draft.all_files != wanted:
            self._session.edit(all_files=wanted)

    def _use_suggestion(self) -> None:
        found = self._suggestion
        if found is None:
            return
        if found.field == "subfolder":
            self._session.set_subfolder(found.suggestion)
        else:
            self._session.type_place(repository=found.suggestion, pasted=True)
            self._session.placed.emit()
            self._session.look()

    def _show_shelved(self) -> None:
        there = self._session.draft.preview
        ids = self._shelf.ids_of(there.repo.reference.repo_id) if there is not None else ()
        if ids:
            self.showWanted.emit(list(ids))

    # -- showing ---------------------------------------------------------------------------

    def show_place(self) -> None:
        """Put the place into its fields."""
        session = self._session
        for edit, text in (
            (self.repository, session.repository),
            (self.revision, session.revision),
            (self.subfolder, session.subfolder),
        ):
            if edit.text() != text:
                with QSignalBlocker(edit):
                    edit.setText(text)
                    edit.setCursorPosition(0 if edit is not self.repository else len(text))

    def show_known(self) -> None:
        """Say what is known of the place and its files."""
        session = self._session
        draft = session.draft
        box = None if session.looking else box_of(session, self._account)
        page = page_of(draft.reference.endpoint or self._account.endpoint, draft.reference.repo_id)
        self.box.show_box(box, page if box is not None and ACCESS in box.links else "")
        self._show_message()
        self._tell_shelved()
        self._show_folders()
        there = draft.preview
        if there is not None and not there.locked and there.inspection is None:
            there = None  # no adapter at this place: nothing of it would be fetched
        waits = "Lorarium is looking into the repository." if session.looking else ""
        self.files.show_files(
            there.repo.files if there is not None else (),
            all_files=draft.all_files,
            sentence=waits or "The files stand here as soon as a repository is found.",
        )

    def _show_message(self) -> None:
        session = self._session
        found = self._wrong()
        self._suggestion = None
        there = session.draft.preview
        if session.looking:
            name = place_text(session.asked) if session.asked and not found else ""
            typed = printable(session.repository.strip(), 60)
            self.message.set_message(f"Looking at {name or typed}…")
        elif found:
            first = found[0]
            self._suggestion = first if first.suggestion else None
            sentence = f"{first.message} {first.advice}".strip()
            self.message.set_message(sentence, "error", self._use_words(first))
        elif there is not None:
            said = found_text(there.repo, fetching=session.fetching, stopped=session.stopped)
            self.message.set_message(said, "" if session.fetching else "ok")
        else:
            self.message.clear()
        wrong = {f.field for f in found}
        for name, edit in (
            ("huggingface_name", self.repository),
            ("revision", self.revision),
            ("subfolder", self.subfolder),
        ):
            restyle(edit, "state", "error" if name in wrong else "")
            edit.setAccessibleDescription(self.message.text() if name in wrong else "")

    def _use_words(self, found: Finding) -> str:
        if not found.suggestion:
            return ""
        if found.code == "no_adapter" and self._session.folders:
            return f"Use {printable(self._session.folders[0], 40) or 'its root'}"
        return "Use it"

    def _tell_shelved(self) -> None:
        """Say which adapters of the library are from this repository."""
        session = self._session
        there = session.draft.preview if not session.looking else None
        ids = self._shelf.ids_of(there.repo.reference.repo_id) if there is not None else ()
        if not ids:
            self.shelved.clear()
            return
        row = self._library.table.row_by_id(ids[0])
        if len(ids) == 1 and row is not None:
            said = f"“{printable(row[Row.NAME], 60)}” in the library is from this repository."
        elif len(ids) == 1:
            said = "An adapter in the library is from this repository."
        else:
            said = f"{len(ids):,} adapters in the library are from this repository."
        self.shelved.set_message(said, "note", "Show" if len(ids) == 1 else "Show them")

    def _wrong(self) -> tuple[Finding, ...]:
        """What is wrong with the place, in as far as it stands under the fields."""
        session = self._session
        if session.looking:
            return ()
        trouble = session.trouble
        if trouble is not None and trouble.code in AT_FIELDS:
            field = _FIELD_OF.get(trouble.code, "huggingface_name")
            return session.told(field)
        return (*session.wrong, *session.draft.of_place())

    def _show_folders(self) -> None:
        session = self._session
        folders = session.folders[:_MOST_FOLDERS] if not session.looking else ()
        here = session.draft.reference.subfolder
        self.folders_field.setVisible(bool(folders))
        if not folders:
            return
        shown = list(folders)
        if session.draft.inspection is not None:
            shown = in_order({here, *folders})
        known = [self.folders.itemData(i) for i in range(self.folders.count())]
        if known != shown:
            with QSignalBlocker(self.folders):
                self.folders.clear()
                for folder in shown:
                    self.folders.addItem(printable(folder, 120) or "At its root", folder)
        many = len(session.folders)
        self.folders.setPlaceholderText(
            f"Choose one of {many:,} sub-folders…" if many > 1 else "Choose the sub-folder…"
        )
        with QSignalBlocker(self.folders):
            self.folders.setCurrentIndex(self.folders.findData(here))

    def first_error(self) -> QWidget | None:
        """The first field, from the top, that keeps the adapter from being imported."""
        session = self._session
        wrong = {f.field for f in self._wrong()}
        if not session.repository.strip() or "huggingface_name" in wrong or session.trouble:
            return self.repository
        if "revision" in wrong:
            return self.revision
        if "subfolder" in wrong:
            return self.subfolder
        return self.common.first_error()


def _place_edit(name: str, placeholder: str) -> _PlaceEdit:
    edit = _PlaceEdit()
    edit.setObjectName(name)
    edit.setPlaceholderText(placeholder)
    edit.setMaxLength(_LONGEST_PLACE)
    edit.setAcceptDrops(False)
    return edit
