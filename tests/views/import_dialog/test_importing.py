"""The import itself: one or several, in place or copied, refused, stopped."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QProgressBar

from desktop.bootstrap import Services
from desktop.models.candidates import CandidatesModel, Draft
from desktop.services.records import BaseModelRecord
from desktop.services.sources.local_folder import LocalFolder
from desktop.views.import_dialog import ImportDialog
from tests.support import make_adapter
from tests.views.import_dialog.hands import Hands

FIXTURES = Path(__file__).parents[2] / "fixtures" / "adapters"


@pytest.fixture
def hands(dialog: ImportDialog, qtbot: Any) -> Hands:
    return Hands(dialog, qtbot)


def closed(hands: Hands) -> None:
    hands.bot.waitUntil(lambda: not hands.dialog.isVisible())


def test_an_adapter_stays_where_it_is(
    base: BaseModelRecord, hands: Hands, services: Services, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "sql")
    hands.choose(folder)
    with hands.bot.waitSignal(hands.dialog.imported) as told:
        hands.click(hands.go)
    closed(hands)
    (record,) = told.args[0]
    assert services.adapters.get_adapter(record.id).path == str(folder)
    assert not record.managed
    hands.dialog.open()
    hands.settle()
    assert hands.location.text() == ""
    assert hands.name.text() == ""
    assert hands.footer == "Choose a folder to begin."


def test_an_adapter_is_copied_into_the_library(
    base: BaseModelRecord, hands: Hands, services: Services, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "sql")
    hands.choose(folder)
    assert "B)" in hands.copy.text()
    hands.copy.click()
    hands.click(hands.go)
    closed(hands)
    (record,) = services.adapters.list_adapters()
    assert record.managed
    assert record.path != str(folder)
    assert (folder / "adapter_config.json").exists()


class Gate:
    """Holds a copy at its first report until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.open = threading.Event(), threading.Event()
        real = LocalFolder.fetch

        def fetch(source: LocalFolder, fields: Any, staging: Path, progress: Any) -> Any:
            def held(done: int, total: int, text: str) -> None:
                progress(done, total, text)
                self.reached.set()
                assert self.open.wait(20)
                progress(done, total, text)

            return real(source, fields, staging, held)

        monkeypatch.setattr(LocalFolder, "fetch", fetch)


@pytest.mark.parametrize("by_key", [False, True])
def test_a_copy_can_be_stopped_and_nothing_is_lost(
    base: BaseModelRecord,
    hands: Hands,
    services: Services,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    by_key: bool,
) -> None:
    gate = Gate(monkeypatch)
    hands.choose(make_adapter(tmp_path / "sql"))
    hands.type(hands.name, "mine")
    hands.settle()
    hands.copy.click()
    width = hands.go.width()
    hands.click(hands.go)
    hands.bot.waitUntil(gate.reached.is_set)
    assert hands.go.text() == "Importing…"
    assert hands.go.width() == width
    assert not hands.go.isEnabled()
    bar = hands.part(QProgressBar, "importProgress")
    assert bar.isVisible()
    hands.bot.waitUntil(lambda: bar.maximum() == 1000)
    if by_key:
        hands.bot.keyClick(hands.dialog, Qt.Key.Key_Escape)
    else:
        hands.click(hands.cancel)
    assert hands.dialog.isVisible()
    gate.open.set()
    hands.bot.waitUntil(lambda: hands.go.isEnabled())
    assert hands.dialog.isVisible()
    assert hands.name.text() == "mine"
    assert hands.name.isEnabled()
    assert hands.copy.isChecked()
    assert services.adapters.list_adapters() == []
    assert not (tmp_path / "library" / "staging").exists()
    hands.click(hands.go)
    closed(hands)
    assert [a.name for a in services.adapters.list_adapters()] == ["mine"]


def test_a_refusal_keeps_the_dialog_and_what_was_typed(
    base: BaseModelRecord, hands: Hands, services: Services, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "sql")
    hands.choose(folder)
    hands.type(hands.name, "mine")
    hands.description.setPlainText("about it")
    hands.settle()
    # The disk changes after the last look.
    (folder / "adapter_model.safetensors").write_bytes(b"")
    hands.click(hands.go)
    hands.bot.waitUntil(lambda: hands.footer == "1 error keeps this from being imported.")
    hands.settle()
    assert hands.dialog.isVisible()
    assert not hands.go.isEnabled()
    assert hands.says("adapter_model.safetensors")
    assert hands.name.text() == "mine"
    assert hands.description.toPlainText() == "about it"
    assert services.adapters.list_adapters() == []


def test_a_failed_copy_says_why_and_can_be_tried_again(
    base: BaseModelRecord,
    hands: Hands,
    services: Services,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from desktop.services import copying

    hands.choose(make_adapter(tmp_path / "sql"))
    hands.copy.click()
    real = shutil.disk_usage(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(copying.shutil, "disk_usage", lambda _: real._replace(free=0))
        hands.click(hands.go)
        hands.bot.waitUntil(lambda: "are free" in hands.footer)
    hands.settle()
    assert hands.dialog.isVisible()
    assert hands.go.isEnabled()
    hands.click(hands.go)
    closed(hands)
    assert len(services.adapters.list_adapters()) == 1


# -- several -------------------------------------------------------------------------------


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A training folder with three checkpoints."""
    for step in (800, 1600, 2400):
        make_adapter(tmp_path / "sql-r16" / f"checkpoint-{step}")
    return tmp_path / "sql-r16"


def lines(hands: Hands) -> list[tuple[str, bool]]:
    model = hands.list.model()
    indexes = [model.index(row, 0) for row in range(model.rowCount())]
    role = Qt.ItemDataRole.CheckStateRole
    return [(i.data(), i.data(role) == Qt.CheckState.Checked) for i in indexes]


def test_the_newest_checkpoint_is_ticked(base: BaseModelRecord, hands: Hands, runs: Path) -> None:
    hands.choose(runs)
    assert lines(hands) == [
        ("checkpoint-2400", True),
        ("checkpoint-1600", False),
        ("checkpoint-800", False),
    ]
    assert hands.says("1 of 3 chosen")
    assert hands.name.text() == "sql-r16-2400"
    assert hands.says("What is in checkpoint-2400")


def test_several_are_imported_each_with_its_own_words(
    base: BaseModelRecord, hands: Hands, services: Services, runs: Path
) -> None:
    hands.choose(runs)
    hands.type(hands.name, "best")
    hands.list.setFocus()
    hands.bot.keyClick(hands.list, Qt.Key.Key_Down)
    hands.bot.keyClick(hands.list, Qt.Key.Key_Space)
    hands.settle()
    assert hands.says("2 of 3 chosen")
    assert hands.name.text() == "sql-r16-1600"
    assert hands.go.text() == "&Import 2 adapters"
    hands.description.setPlainText("the middle one")
    hands.bot.keyClick(hands.list, Qt.Key.Key_Up)
    assert hands.name.text() == "best"
    assert hands.description.toPlainText() == ""
    hands.settle()
    with hands.bot.waitSignal(hands.dialog.imported) as told:
        hands.click(hands.go)
    closed(hands)
    assert len(told.args[0]) == 2
    found = {a.name: a for a in services.adapters.list_adapters()}
    assert set(found) == {"best", "sql-r16-1600"}
    assert found["sql-r16-1600"].description == "the middle one"
    assert found["best"].path == str(runs / "checkpoint-2400")


def test_a_box_can_be_clicked(base: BaseModelRecord, hands: Hands, runs: Path) -> None:
    hands.choose(runs)
    rect = hands.list.visualRect(hands.list.model().index(2, 0))
    at = rect.topLeft()
    at.setX(at.x() + 14)
    at.setY(rect.center().y())
    hands.bot.mouseClick(hands.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert lines(hands)[2] == ("checkpoint-800", True)
    hands.settle()
    assert hands.name.text() == "sql-r16-800"
    hands.bot.mouseClick(hands.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert lines(hands)[2] == ("checkpoint-800", False)


def test_two_chosen_adapters_can_not_have_one_name(
    base: BaseModelRecord, hands: Hands, runs: Path
) -> None:
    hands.choose(runs)
    hands.list.setFocus()
    hands.bot.keyClick(hands.list, Qt.Key.Key_Down)
    hands.bot.keyClick(hands.list, Qt.Key.Key_Space)
    hands.settle()
    hands.type(hands.name, "sql-r16-2400")
    hands.settle()
    assert hands.says("Another chosen adapter has this name.")
    assert not hands.go.isEnabled()
    hands.list.setCurrentIndex(hands.list.model().index(0, 0))
    hands.settle()
    assert hands.footer == "1 error in “checkpoint-1600” keeps this from being imported."
    hands.click(hands.link("Show it"))
    assert hands.name.property("state") == "error"


def test_a_refused_one_stays_and_the_others_are_done(
    base: BaseModelRecord, hands: Hands, services: Services, runs: Path
) -> None:
    hands.choose(runs)
    hands.list.setFocus()
    for _ in range(2):
        hands.bot.keyClick(hands.list, Qt.Key.Key_Down)
        hands.bot.keyClick(hands.list, Qt.Key.Key_Space)
    hands.settle()
    (runs / "checkpoint-1600" / "adapter_config.json").write_text("[]")
    with hands.bot.waitSignal(hands.dialog.imported) as told:
        hands.click(hands.go)
    hands.settle()
    assert len(told.args[0]) == 2
    assert hands.dialog.isVisible()
    assert hands.says("What is in checkpoint-1600")
    assert not hands.go.isEnabled()
    assert {a.name for a in services.adapters.list_adapters()} == {"sql-r16-2400", "sql-r16-800"}
    # Mended, it goes in as well.
    shutil.copy(runs / "checkpoint-800" / "adapter_config.json", runs / "checkpoint-1600")
    hands.choose(runs / "checkpoint-1600")
    hands.click(hands.go)
    closed(hands)
    assert len(services.adapters.list_adapters()) == 3


def test_none_ticked(base: BaseModelRecord, hands: Hands, runs: Path) -> None:
    hands.choose(runs)
    hands.list.setFocus()
    hands.bot.keyClick(hands.list, Qt.Key.Key_Space)
    hands.settle()
    assert hands.footer == "Tick an adapter to import it."
    assert not hands.go.isEnabled()


def test_named_adapters_of_peft(base: BaseModelRecord, hands: Hands, services: Services) -> None:
    hands.choose(FIXTURES / "multi" / "llama-three")
    names = [name for name, _ in lines(hands)]
    assert names == ["llama-three", "chat", "sql"]
    assert lines(hands)[0] == ("llama-three", True)


@pytest.mark.parametrize(
    "folder", sorted(p.name for p in (FIXTURES / "ok").iterdir() if p.is_dir())
)
def test_every_kind_of_adapter_shows_its_facts(hands: Hands, folder: str) -> None:
    hands.choose(FIXTURES / "ok" / folder)
    assert hands.name.text() == folder
    assert hands.says(f"What is in {folder}")
    draft = hands.dialog.folder_page.session.current
    assert not draft.blocking() or hands.base.currentIndex() == -1


def test_the_list_of_candidates_is_a_sound_model(qtbot: Any) -> None:
    model = CandidatesModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    drafts = [Draft("/a", "a", size=1000, newest=True), Draft("/b", "b", chosen=False)]
    model.set_drafts(drafts)
    index = model.index(1)
    assert model.setData(index, Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    assert drafts[1].chosen
    assert not model.setData(index, "x", Qt.ItemDataRole.EditRole)
    assert model.data(model.index(7)) is None
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "a, newest · 1.0 kB"
    model.refresh()
    model.set_drafts([])
    tester.deleteLater()
