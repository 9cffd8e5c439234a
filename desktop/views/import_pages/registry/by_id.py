"""By ID: the model and its version, what is said of it, and the fields of the import."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.models.library import Library
from desktop.services.peft_folder.reading import printable
from desktop.services.records import Finding
from desktop.views.import_pages.registry.boxes import AT_FIELD, box_of
from desktop.views.import_pages.registry.session import RegistrySession
from desktop.views.import_pages.registry.words import (
    files_before,
    found_text,
    job_text,
    version_text,
)
from desktop.views.import_pages.shared.boxes import BoxHolder, Slots
from desktop.views.import_pages.shared.common import CommonFields
from desktop.views.import_pages.shared.eliding_combo import ElidingCombo
from desktop.views.import_pages.shared.files import FilesBox
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.lens import Lens
from desktop.views.widgets.text import restyle, set_plain_tooltip

_LONGEST = 2048
_MOST_FOLDERS = 500
_MOST_VERSIONS = 500
_HINT = "name, name/3, name@champion, an ID or models:/…"
_NOT_HANDED_OUT = "The files of this version can’t be fetched."
_WHOLE = "This registry hands out whole archives, so its files are known after the fetch."


class _ModelEdit(QLineEdit):
    """A line whose Enter does not wait for the person to stop typing."""

    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        # The dialog hears of it too: Enter means import as soon as that is possible.
        super().keyPressEvent(event)


class ByIdPane(QWidget):
    """The fields of a model. typed: what was typed after Enter is not what Enter was about."""

    typed = Signal()

    def __init__(
        self,
        session: RegistrySession,
        library: Library,
        slots: Slots,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("registryById")
        self._session = session
        self._make_place()
        self.box = BoxHolder(slots, "registry")
        self.folders = ElidingCombo("registryFolderCombo")
        self.folders_field = FormField("&Adapters in this version", self.folders, checked=False)
        self.folders_field.hide()
        self.common = CommonFields(session, library, "registry", self)
        self.files = FilesBox("registry")
        self.record = QCheckBox()
        self.record.setObjectName("registryRecordJobBox")
        self.record.hide()
        self._lay_out()
        self._connect()
        self.show_place()
        self.show_known()

    def _make_place(self) -> None:
        self.model = _ModelEdit()
        self.model.setObjectName("registryModelEdit")
        self.model.setPlaceholderText(_HINT)
        self.model.setMaxLength(_LONGEST)
        self.model.setAcceptDrops(False)
        self.lens = Lens(self.model)
        self.model_field = FormField("&Model", self.model, checked=False)
        self.version = ElidingCombo("registryVersionCombo")
        self.version_field = FormField("&Version", self.version, checked=False)
        self.message = InlineMessage()
        self.message.setObjectName("registryMessage")
        self._suggestion: Finding | None = None

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.model_field, 5)
        row.addWidget(self.version_field, 4)
        place = QVBoxLayout()
        place.setSpacing(0)
        place.addLayout(row)
        place.addWidget(self.message)
        tick = QHBoxLayout()
        tick.setContentsMargins(4, 0, 0, 0)  # room for the ring
        tick.addWidget(self.record)
        tick.addStretch(1)
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
        box.addLayout(tick)
        box.addWidget(common.description_field)
        box.addStretch(1)

    def _connect(self) -> None:
        session = self._session
        self.model.textEdited.connect(session.type_model)
        self.model.textEdited.connect(self.typed)
        self.model.entered.connect(session.look_now)
        self.message.linkActivated.connect(self._use_suggestion)
        self.version.activated.connect(self._version_picked)
        self.folders.activated.connect(self._folder_picked)
        self.files.allFilesToggled.connect(self._all_files)
        self.record.toggled.connect(self._record_toggled)
        self.common.typed.connect(self.typed)
        session.placed.connect(self.show_place)
        session.known.connect(self.show_known)

    # -- what the person does --------------------------------------------------------------

    def _version_picked(self, index: int) -> None:
        if 0 <= index < len(self._session.versions):
            self._session.pick_version(self._session.versions[index])
            self.typed.emit()

    def _folder_picked(self, index: int) -> None:
        folder = self.folders.itemData(index)
        if isinstance(folder, str):
            self._session.pick_folder(folder)
            self.typed.emit()

    def _all_files(self, wanted: bool) -> None:
        if self._session.draft.all_files != wanted:
            self._session.edit(all_files=wanted)

    def _record_toggled(self, wanted: bool) -> None:
        if self._session.draft.record_job != wanted:
            self._session.edit(record_job=wanted)

    def _use_suggestion(self) -> None:
        if self._suggestion is not None:
            self._session.set_model(self._suggestion.suggestion)

    # -- showing ---------------------------------------------------------------------------

    def show_place(self) -> None:
        """Put the model into its field."""
        if self.model.text() != self._session.text:
            with QSignalBlocker(self.model):
                self.model.setText(self._session.text)

    def show_known(self) -> None:
        """Say what is known of the model and its files."""
        session = self._session
        self.box.show_box(None if session.looking else box_of(session))
        self._show_message()
        self._show_versions()
        self._show_folders()
        self._show_record()
        there = session.draft.preview
        waits = "The files stand here as soon as a version is found."
        if session.looking:
            waits = "Lorarium is asking the registry."
        elif there is not None and not session.draft.holds_adapter:
            waits = "There is no adapter in this version."
        elif there is not None and there.artifact is None:
            waits = _NOT_HANDED_OUT if session.draft.of_place() else _WHOLE
        self.files.show_files(
            files_before(there) if there is not None else (),
            all_files=session.draft.all_files,
            sentence=waits,
        )

    def _show_message(self) -> None:
        session = self._session
        found = self._wrong()
        self._suggestion = None
        if session.looking:
            self.message.set_message(f"Looking for {printable(session.text.strip(), 60)}…")
        elif found:
            first = found[0]
            self._suggestion = first if first.suggestion else None
            sentence = f"{first.message} {first.advice}".strip()
            self.message.set_message(sentence, "error", "Use it" if first.suggestion else "")
        elif session.draft.preview is not None:
            self.message.set_message(found_text(session.draft.preview), "ok")
        else:
            self.message.clear()
        restyle(self.model, "state", "error" if found else "")
        self.model.setAccessibleDescription(self.message.text() if found else "")

    def _wrong(self) -> Sequence[Finding]:
        """What is wrong with the model, in as far as it stands under its field."""
        session = self._session
        if session.looking:
            return ()
        if session.trouble is not None:
            return session.told() if session.trouble.code in AT_FIELD else ()
        return (*session.wrong, *session.draft.of_place())

    def _show_versions(self) -> None:
        session = self._session
        versions = session.versions[:_MOST_VERSIONS]
        there = session.draft.preview
        newest = there.newest if there is not None else ""
        lines = [version_text(version, newest) for version in versions]
        if lines != [self.version.itemText(row) for row in range(self.version.count())]:
            with QSignalBlocker(self.version):
                self.version.clear()
                self.version.addItems(lines)
        chosen = there.version.version if there is not None else ""
        at = next((n for n, v in enumerate(versions) if v.version == chosen), -1)
        with QSignalBlocker(self.version):
            self.version.setCurrentIndex(at)
        self.version.setEnabled(bool(versions))
        self.version.setPlaceholderText("newest" if not versions else "Choose a version…")
        set_plain_tooltip(self.version, self.version.currentText())

    def _show_folders(self) -> None:
        session = self._session
        folders = session.folders[:_MOST_FOLDERS] if not session.looking else ()
        self.folders_field.setVisible(bool(folders))
        if not folders:
            return
        if [self.folders.itemData(n) for n in range(self.folders.count())] != list(folders):
            with QSignalBlocker(self.folders):
                self.folders.clear()
                for folder in folders:
                    self.folders.addItem(printable(folder, 120) or "At its root", folder)
        there = session.draft.preview
        with QSignalBlocker(self.folders):
            here = there.folder if there is not None else ""
            self.folders.setCurrentIndex(self.folders.findData(here))

    def _show_record(self) -> None:
        draft = self._session.draft
        offer = draft.offer
        self.record.setVisible(offer is not None)
        if offer is None:
            return
        words = job_text(offer)
        self.record.setText(words)
        self.record.setAccessibleName(words.replace("&", ""))
        free = draft.job_id is None
        self.record.setEnabled(free)
        set_plain_tooltip(
            self.record, "" if free else "The training job that is chosen above is used."
        )
        with QSignalBlocker(self.record):
            self.record.setChecked(draft.records_job)

    def first_error(self) -> QWidget | None:
        """The first field, from the top, that keeps the adapter from being imported."""
        session = self._session
        if not session.text.strip() or self._wrong() or session.trouble is not None:
            return self.model
        return self.common.first_error()
