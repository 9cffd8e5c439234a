"""Choosing a folder: what is shown of it, what is proposed, what is refused."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton

from desktop.bootstrap import Services
from desktop.services.records import (
    AddAdapterRequest,
    AddBaseModelRequest,
    AddJobRequest,
    BaseModelRecord,
)
from desktop.views.import_dialog import ImportDialog
from desktop.views.import_pages.local_folder import asking
from tests.support import LLAMA, make_adapter
from tests.views.import_dialog.hands import Hands


@pytest.fixture
def hands(dialog: ImportDialog, qtbot: Any) -> Hands:
    return Hands(dialog, qtbot)


def test_nothing_is_red_before_the_person_began(hands: Hands) -> None:
    hands.settle()
    assert hands.footer == "Choose a folder to begin."
    assert not hands.go.isEnabled()
    assert hands.name.property("state") != "error"
    assert not hands.says("needs a")


def test_a_typed_folder_shows_what_is_in_it_at_once(
    base: BaseModelRecord, hands: Hands, tmp_path: Path
) -> None:
    make_adapter(tmp_path / "llama3-sql", rank=16)
    hands.type(hands.location, str(tmp_path / "llama3-sql"))
    assert not hands.go.isEnabled()
    hands.settle()
    assert hands.name.text() == "llama3-sql"
    assert hands.base.currentData() == base.id
    for words in ("What is in llama3-sql", "LoRA", "16", "32 (scaling 2.0)", "q, v", "float32"):
        assert hands.says(words), words
    for words in ("Causal language model", "in 4 tensors", LLAMA, "Assumed", "90"):
        assert any(words in s for s in hands.said()) or words == "Assumed", words
    assert hands.says("Named in the config.")
    assert hands.go.isEnabled()
    assert hands.footer == ""


def test_a_home_folder_may_be_written_short(
    base: BaseModelRecord, hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    make_adapter(tmp_path / "sql")
    hands.type(hands.location, "~/sql")
    hands.settle()
    assert hands.go.isEnabled()
    assert hands.location.text() == "~/sql"


def test_a_browsed_folder(base: BaseModelRecord, hands: Hands, tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "sql")
    hands.click(hands.part(QPushButton, "browseButton"))
    chooser = hands.part(QFileDialog, "folderChooser")
    assert chooser.isVisible()
    chooser.urlSelected.emit(QUrl.fromLocalFile(str(folder)))
    chooser.close()
    hands.settle()
    assert hands.location.text() == str(folder)
    assert hands.go.isEnabled()


def drop(dialog: ImportDialog, *urls: QUrl) -> bool:
    mime = QMimeData()
    mime.setUrls(list(urls))
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(20, 20), copy, mime, buttons, keys)
    enter.ignore()
    dialog.dragEnterEvent(enter)
    if not enter.isAccepted():
        return False
    event = QDropEvent(QPointF(20, 20), copy, mime, buttons, keys)
    dialog.dropEvent(event)
    return True


def test_a_dropped_folder(base: BaseModelRecord, hands: Hands, tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "sql")
    assert drop(hands.dialog, QUrl.fromLocalFile(str(folder)))
    hands.settle()
    assert hands.go.isEnabled()
    assert not drop(hands.dialog, QUrl("https://example.org/x"))


def test_several_dropped_folders_are_all_offered(
    base: BaseModelRecord, hands: Hands, tmp_path: Path
) -> None:
    one, two = make_adapter(tmp_path / "one"), make_adapter(tmp_path / "two")
    (tmp_path / "notes").mkdir()
    drop(hands.dialog, *(QUrl.fromLocalFile(str(p)) for p in (one, two, tmp_path / "notes")))
    hands.settle()
    assert hands.says("2 of 2 chosen")
    assert hands.says("“notes” holds no adapter.")
    assert hands.go.text() == "&Import 2 adapters"
    assert hands.go.isEnabled()


def test_a_folder_whose_name_is_no_text(
    base: BaseModelRecord, hands: Hands, services: Services, tmp_path: Path
) -> None:
    make_adapter(tmp_path / "plain")
    real = os.fsencode(tmp_path) + b"/sql-\xff"
    shutil.move(os.fsencode(tmp_path / "plain"), real)
    drop(hands.dialog, QUrl.fromEncoded(b"file://" + os.fsencode(tmp_path) + b"/sql-%FF"))
    hands.settle()
    assert hands.location.text() == f"{tmp_path}/sql-\\xff"
    assert hands.name.text() == "sql-_"
    hands.click(hands.go)
    hands.bot.waitUntil(lambda: not hands.dialog.isVisible())
    (record,) = services.adapters.list_adapters()
    assert record.path is not None
    assert os.fsencode(record.path) == real


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        ("file", "This is a file. Choose the folder around it."),
        ("empty", "There is no adapter_config.json in this folder."),
        ("missing", "There is no such folder."),
        ("relative", "This path does not say where it begins."),
        ("nul", "can’t be read"),
    ],
)
def test_what_is_no_adapter_is_said_beside_the_field(
    base: BaseModelRecord, hands: Hands, tmp_path: Path, made: str, sentence: str
) -> None:
    place = str(tmp_path / "place")
    if made == "file":
        Path(place).write_text("x")
    elif made == "empty":
        Path(place).mkdir()
    elif made == "relative":
        place = "data/sql"
    elif made == "nul":
        place, sentence = f"{place}\0x", "NUL"
    hands.choose(place)
    assert hands.says(sentence), hands.said()
    assert hands.location.property("state") == "error"
    assert hands.footer == "1 error keeps this from being imported."
    assert not hands.go.isEnabled()


def test_broken_weights_are_a_row_beside_the_facts(
    base: BaseModelRecord, hands: Hands, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "sql")
    (folder / "adapter_model.safetensors").write_bytes(b"")
    hands.choose(folder)
    assert hands.says("adapter_model.safetensors")
    assert hands.footer == "1 error keeps this from being imported."
    assert not hands.go.isEnabled()


def test_an_unknown_base_model_is_added_in_one_click(
    hands: Hands, services: Services, tmp_path: Path
) -> None:
    hands.choose(make_adapter(tmp_path / "sql"))
    assert hands.base.currentIndex() == -1
    assert hands.footer == "Choose a base model to go on."
    notices: list[Any] = []
    hands.dialog.notice.connect(notices.append)
    hands.click(hands.link(f"Add {LLAMA}"))
    hands.settle()
    assert [n.text for n in notices] == [f"Added base model “{LLAMA}”."]
    (base,) = services.base_models.list_base_models()
    assert base.huggingface_name == LLAMA
    assert hands.base.currentData() == base.id
    assert hands.base.currentText() == LLAMA
    assert hands.go.isEnabled()


def test_an_empty_library_and_a_config_without_base_model(
    hands: Hands, services: Services, tmp_path: Path
) -> None:
    hands.choose(make_adapter(tmp_path / "sql", base=None))
    assert hands.says("The config does not name a base model.")
    combo = hands.base
    combo.setCurrentIndex(combo.findText("Add a base model…"))
    assert combo.currentIndex() == -1
    from PySide6.QtWidgets import QLineEdit

    edit = hands.part(QLineEdit, "newBaseModelEdit")
    assert edit.isVisible()
    hands.bot.keyClicks(edit, "no such/ model")
    hands.bot.keyClick(edit, Qt.Key.Key_Return)
    hands.settle()
    assert hands.dialog.isVisible()
    assert combo.property("state") == "error"
    assert edit.text() == "no such/ model"
    hands.type(edit, "org/model")
    hands.bot.keyClick(edit, Qt.Key.Key_Return)
    hands.settle()
    assert combo.currentText() == "org/model"
    assert not edit.isVisible()
    assert hands.go.isEnabled()
    hands.bot.keyClick(hands.name, Qt.Key.Key_Return)
    hands.bot.waitUntil(lambda: not hands.dialog.isVisible())
    assert services.adapters.list_adapters()[0].base_model_name == "org/model"


def test_a_split_is_recorded_or_assumed(
    base: BaseModelRecord, hands: Hands, services: Services, tmp_path: Path
) -> None:
    hands.choose(make_adapter(tmp_path / "sql"))
    assert hands.says("No training job names this adapter")
    services.training.add_job(
        AddJobRequest(
            adapter_name="sql", base_model_id=base.id, dataset_fraction=0.8, train_test_split=0.9
        )
    )
    hands.bot.waitUntil(lambda: hands.says("By job sql."))
    assert hands.says("72\u00a0%")


def test_outside_text_is_never_rich(base: BaseModelRecord, hands: Hands, tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "<img src=x> & <b>bold", target_modules=["<h1>q", "v_proj"])
    hands.choose(folder)
    assert hands.name.text() == "<img src=x> & <b>bold"
    assert hands.says("What is in <img src=x> & <b>bold")
    for label in hands.dialog.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText, label.text()


def test_a_late_look_is_dropped(
    base: BaseModelRecord, hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = make_adapter(tmp_path / "slow", rank=4), make_adapter(tmp_path / "quick", rank=8)
    gate, reached = threading.Event(), threading.Event()
    real = asking.find_adapters

    def find(path: str, **given: Any) -> Any:
        if path == str(slow):
            reached.set()
            assert gate.wait(20)
            given["cancelled"] = None
        return real(path, **given)

    monkeypatch.setattr(asking, "find_adapters", find)
    hands.dialog.set_location(str(slow))
    hands.bot.waitUntil(reached.is_set)
    assert hands.footer == "Looking into the folder…"
    # The disk hangs: typing goes on, and another folder is looked at.
    hands.type(hands.location, str(quick))
    hands.bot.waitUntil(hands.go.isEnabled)
    assert hands.name.text() == "quick"
    gate.set()
    hands.settle()
    assert hands.name.text() == "quick"
    assert hands.says("What is in quick")


def test_a_folder_that_is_in_already_is_a_warning(
    base: BaseModelRecord, hands: Hands, services: Services, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "sql")
    services.adapters.add_adapter(
        AddAdapterRequest(type="project", name="sql", model_id=base.id, location=str(folder))
    )
    hands.choose(folder)
    assert hands.name.text() == "sql-2"
    assert hands.says("This folder is in the library already, as “sql”.")
    assert hands.go.isEnabled()


def test_another_base_model_than_the_config_names_is_a_warning(
    base: BaseModelRecord, hands: Hands, services: Services, tmp_path: Path
) -> None:
    other = services.base_models.add_base_model(
        AddBaseModelRequest(type="huggingface", huggingface_name="org/quite-another")
    )
    hands.choose(make_adapter(tmp_path / "sql"))
    hands.base.setCurrentIndex(hands.base.findData(other.id))
    hands.settle()
    assert hands.says(f"The config names “{LLAMA}”, not “org/quite-another”.")
    assert hands.go.isEnabled()
    hands.click(hands.link("Use it"))
    hands.settle()
    assert hands.base.currentData() == base.id
    assert hands.says("Named in the config.")


def test_a_dropped_file_leads_to_its_folder(
    base: BaseModelRecord, hands: Hands, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "sql")
    hands.choose(folder / "adapter_config.json")
    hands.click(hands.link("Use that folder"))
    hands.settle()
    assert hands.location.text() == str(folder)
    assert hands.go.isEnabled()
