"""Favourites, tags, notes, base model and export, as a person does them in the window."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QStyleOptionViewItem,
)
from pytestqt.qtbot import QtBot

from desktop.bootstrap import Services
from desktop.services.records import AdapterRecord, AddAdapterRequest, AddBaseModelRequest, Row
from desktop.views.base_model_dialog import BaseModelDialog
from desktop.views.main_window import MainWindow
from desktop.views.tags_dialog import TagsDialog
from tests.support import make_adapter
from tests.views.organising import (
    OFF,
    ON,
    SOME,
    Open,
    dialog_of,
    names,
    notices,
    row,
    select,
    settled,
    trigger,
)


@pytest.fixture
def window(open_window: Open, filled: list[AdapterRecord], qtbot: QtBot) -> MainWindow:
    opened = open_window()
    select(opened, qtbot, [filled[0].id])
    return opened


def test_the_star_goes_on_and_off_by_key_menu_and_button(
    window: MainWindow, filled: list[AdapterRecord], qtbot: QtBot
) -> None:
    header = window.details.one.header
    qtbot.keyClick(window.library_page.table, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    settled(qtbot, window)
    assert row(window, filled[0])[Row.FAVOURITE] == 1
    assert "favourites" in header.star_button.accessibleName()
    assert window.sidebar.place("favourites").count == 1
    trigger(window, qtbot, "undoAction")
    assert row(window, filled[0])[Row.FAVOURITE] == 0
    header.star_button.click()
    settled(qtbot, window)
    assert row(window, filled[0])[Row.FAVOURITE] == 1
    # Of several, all become favourites unless all are.
    select(window, qtbot, [record.id for record in filled])
    trigger(window, qtbot, "favouriteAction")
    assert all(row(window, record)[Row.FAVOURITE] for record in filled)
    trigger(window, qtbot, "favouriteAction")
    assert not any(row(window, record)[Row.FAVOURITE] for record in filled)


def test_a_favourite_has_its_place_and_leaves_it(
    window: MainWindow, filled: list[AdapterRecord], qtbot: QtBot
) -> None:
    trigger(window, qtbot, "favouriteAction")
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.library_page.title.text() == "Favourites"
    assert names(window) == ["alpha"]
    trigger(window, qtbot, "favouriteAction")
    assert names(window) == []
    assert "Ctrl+D" in window.library_page.empty_place.text()


def test_the_star_stands_behind_the_name(
    window: MainWindow, filled: list[AdapterRecord], qtbot: QtBot
) -> None:
    table = window.library_page.table
    at = table.sizeHintForColumn(0)
    before = table.viewport().grab().toImage()
    select(window, qtbot, [record.id for record in filled])
    trigger(window, qtbot, "favouriteAction")
    assert table.sizeHintForColumn(0) > at
    assert table.viewport().grab().toImage() != before
    assert table.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole).endswith("favourite")


def test_tags_of_one_are_typed_and_shown_with_their_dots(
    window: MainWindow, filled: list[AdapterRecord], qtbot: QtBot
) -> None:
    trigger(window, qtbot, "tagsAction")
    dialog: TagsDialog = dialog_of(window, TagsDialog)
    assert not dialog.apply_button.isEnabled()
    qtbot.keyClicks(dialog.field, "prod")
    assert dialog.add_button.isVisible()
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    qtbot.keyClicks(dialog.field, "SQL, de")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert dialog.states() == {"prod": ON, "SQL": ON, "de": ON}
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    settled(qtbot, window)
    assert row(window, filled[0])[Row.TAGS] == "de\nprod\nSQL"
    header = window.details.one.header
    qtbot.waitUntil(lambda: header.tag_texts() == ["de", "prod", "SQL"])
    assert notices(window) == "Tagged “alpha” with “prod”, “SQL”, “de”."
    window.library_page.filter.setText("prod")
    assert names(window) == ["alpha"]
    window.library_page.filter.setText("tag:sq -missing")
    assert names(window) == ["alpha"]
    trigger(window, qtbot, "undoAction")
    assert row(window, filled[0])[Row.TAGS] is None
    assert names(window) == []


def test_what_is_wrong_with_a_tag_is_said_and_nothing_is_lost(
    window: MainWindow, qtbot: QtBot
) -> None:
    trigger(window, qtbot, "tagsAction")
    dialog: TagsDialog = dialog_of(window, TagsDialog)
    dialog.field.setText("x" * 41)
    dialog.apply_button.click()
    assert dialog.isVisible()
    assert "41" in dialog.message.text()
    assert dialog.field.text() == "x" * 41
    assert not dialog.apply_button.isEnabled()
    assert not dialog.add_button.isVisible()
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert dialog.isVisible()
    qtbot.keyClick(dialog.field, Qt.Key.Key_Backspace)
    assert dialog.message.text() == ""
    assert dialog.apply_button.isEnabled()
    dialog.reject()


def test_a_long_tag_leaves_its_count_in_sight(qtbot: QtBot) -> None:
    long = "W" * 40
    dialog = TagsDialog("2 adapters", [[long, "sql"], []], {long: 1, "sql": 1})
    qtbot.addWidget(dialog)
    dialog.show()
    shown = []
    for line in range(dialog.list.count()):
        index = dialog.list.model().index(line, 0)
        option = QStyleOptionViewItem()
        dialog.list.initViewItemOption(option)
        option.rect = dialog.list.visualRect(index)  # type: ignore[attr-defined]
        dialog.list.itemDelegate().initStyleOption(option, index)
        shown.append(option.text)  # type: ignore[attr-defined]
    assert shown[0] == "sql   (1 of 2)"
    assert shown[1].endswith("W   (1 of 2)")
    assert "…" in shown[1]
    assert dialog.list.item(1).text() == f"{long}   (1 of 2)"


def test_tags_of_several_have_a_third_state(
    window: MainWindow, filled: list[AdapterRecord], qtbot: QtBot, library_services: Services
) -> None:
    ids = [record.id for record in filled]
    library_services.marks.add_tags(ids[:1], ["some"])
    library_services.marks.add_tags(ids, ["all"])
    library_services.marks.add_tags(ids[1:], ["other"])
    settled(qtbot, window)
    select(window, qtbot, ids)
    assert {f.label: f.value for f in window.details.several.shared.facts()}["Tags"] == "all"
    window.details.several.buttons["tags"].click()
    dialog: TagsDialog = dialog_of(window, TagsDialog)
    assert dialog.states() == {"all": ON, "some": SOME, "other": SOME}
    dialog.set_state("some", ON)
    dialog.set_state("all", OFF)
    dialog.apply_button.click()
    settled(qtbot, window)
    assert [row(window, record)[Row.TAGS] for record in filled] == [
        "some",
        "other\nsome",
        "other\nsome",
    ]
    trigger(window, qtbot, "undoAction")
    assert row(window, filled[0])[Row.TAGS] == "all\nsome"


def test_notes_are_written_where_they_stand(
    window: MainWindow, filled: list[AdapterRecord], qtbot: QtBot, library_services: Services
) -> None:
    notes = window.details.one.overview.notes
    notes.field.setFocus()
    qtbot.keyClicks(notes.field, "good on long tables")
    qtbot.keyClick(notes.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    settled(qtbot, window)
    assert library_services.adapters.get_adapter(filled[0].id).notes == "good on long tables"
    qtbot.keyClicks(notes.field, " and more")
    qtbot.keyClick(notes.field, Qt.Key.Key_Escape)
    assert notes.field.toPlainText() == "good on long tables"
    trigger(window, qtbot, "undoAction")
    qtbot.waitUntil(lambda: notes.field.toPlainText() == "")


def test_notes_that_are_being_typed_are_kept_for_their_adapter(
    window: MainWindow, filled: list[AdapterRecord], qtbot: QtBot, library_services: Services
) -> None:
    notes = window.details.one.overview.notes
    notes.field.setPlainText("of alpha")
    # A refresh in between takes nothing away.
    library_services.marks.set_favourite([filled[0].id])
    settled(qtbot, window)
    assert notes.field.toPlainText() == "of alpha"
    select(window, qtbot, [filled[1].id])
    assert notes.field.toPlainText() == ""
    assert library_services.adapters.get_adapter(filled[0].id).notes == "of alpha"
    assert library_services.adapters.get_adapter(filled[1].id).notes == ""


def test_closing_keeps_notes_that_are_being_typed(
    window: MainWindow, filled: list[AdapterRecord], qtbot: QtBot, library_services: Services
) -> None:
    window.details.one.overview.notes.field.setPlainText("last words")
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert library_services.adapters.get_adapter(filled[0].id).notes == "last words"


def test_notes_that_are_refused_stay_in_the_field_and_the_window(
    window: MainWindow, qtbot: QtBot
) -> None:
    notes = window.details.one.overview.notes
    notes.field.setPlainText("x" * 20_001)
    window.close()
    settled(qtbot, window)
    assert window.isVisible()
    assert "20,001" in notices(window)
    assert notes.is_dirty()
    notes.field.setPlainText("")


def test_the_base_model_of_several_in_one_step(
    window: MainWindow, filled: list[AdapterRecord], qtbot: QtBot, library_services: Services
) -> None:
    other = library_services.base_models.add_base_model(
        AddBaseModelRequest(type="huggingface", huggingface_name="Qwen/Qwen2.5-7B")
    )
    settled(qtbot, window)
    select(window, qtbot, [record.id for record in filled])
    trigger(window, qtbot, "baseModelAction")
    dialog: BaseModelDialog = dialog_of(window, BaseModelDialog)
    assert not dialog.set_button.isEnabled()
    qtbot.keyClicks(dialog.field, "nothing like it")
    assert not dialog.set_button.isEnabled()
    dialog.field.setText("qwen")
    assert dialog.set_button.isEnabled()
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    settled(qtbot, window)
    assert {row(window, record)[Row.MODEL_ID] for record in filled} == {other.id}
    assert "base model of 3 adapters" in notices(window)
    trigger(window, qtbot, "undoAction")
    assert {row(window, record)[Row.MODEL_ID] for record in filled} == {filled[0].model_id}


def test_export_writes_the_selected_rows_or_those_that_are_shown(
    window: MainWindow, filled: list[AdapterRecord], qtbot: QtBot, tmp_path: Path
) -> None:
    def export(name: str) -> list[str]:
        trigger(window, qtbot, "exportAction")
        dialog = dialog_of(window, QFileDialog)
        dialog.fileSelected.emit(str(tmp_path / name))
        dialog.reject()
        settled(qtbot, window)
        text = (tmp_path / name).read_text(encoding="utf-8-sig")
        return [line["name"] for line in csv.DictReader(text.splitlines())]

    assert export("one.csv") == ["alpha"]
    assert "1 row" in notices(window)
    window.library_page.table.clearSelection()
    window.library_page.filter.setText("-alpha")
    assert sorted(export("shown.csv")) == ["beta", "gamma"]


def test_paths_of_several(window: MainWindow, filled: list[AdapterRecord], qtbot: QtBot) -> None:
    select(window, qtbot, [record.id for record in filled])
    window.details.several.buttons["paths"].click()
    copied = QGuiApplication.clipboard().text().splitlines()
    assert sorted(copied) == sorted(str(record.path) for record in filled)


def test_duplicates_have_a_place(
    window: MainWindow, filled: list[AdapterRecord], qtbot: QtBot, library_services: Services
) -> None:
    assert window.sidebar.place("duplicates").count == 2  # alpha and beta: same weights
    qtbot.keyClick(window, Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    assert names(window) == ["alpha", "beta"]
    facts = {f.label: f.value for f in window.details.one.overview.adapter_facts.facts()}
    assert facts["Same weights"] == "“beta”"
    library_services.adapters.remove_adapter(filled[1].id)
    settled(qtbot, window)
    assert names(window) == []
    assert window.sidebar.place("duplicates").count == 0
    folder = make_adapter(Path(filled[0].path or "").parent / "again", rank=8)
    library_services.adapters.add_adapter(
        AddAdapterRequest(
            type="project", name="again", model_id=filled[0].model_id, location=str(folder)
        )
    )
    settled(qtbot, window)
    assert names(window) == ["again", "alpha"]


def test_nothing_of_it_works_where_nothing_can_be_changed(
    open_window: Open, filled: list[AdapterRecord], library_services: Services, qtbot: QtBot
) -> None:
    library_services.marks.add_tags([filled[0].id], ["prod"])
    library_services.open().read_only = "This catalogue is open for reading only."
    window = open_window()
    select(window, qtbot, [filled[0].id])
    for name in ("favouriteAction", "tagsAction", "baseModelAction"):
        assert not window.actions_[name].isEnabled()
    header = window.details.one.header
    assert header.tag_texts() == ["prod"]
    assert not header.star_button.isEnabled()
    assert not header.tags_link.isVisible()
    assert window.details.one.overview.notes.isHidden()
    assert window.actions_["exportAction"].isEnabled()
