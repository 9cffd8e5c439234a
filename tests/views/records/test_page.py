"""The pages of records, driven as a person drives them, over a real catalogue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from desktop.bootstrap import Services
from desktop.models.library import Library
from desktop.services.records import AddDatasetRequest
from desktop.views.notices import Notice
from desktop.views.records import KINDS, RecordsPage
from tests.views.records.conftest import HOSTILE, Filled, Open

Settle = Callable[[], None]


def part(page: QWidget, kind: type[Any], name: str) -> Any:
    found = page.findChild(kind, name)
    assert found is not None, name
    return found


def names(page: RecordsPage) -> list[str]:
    return [page.model.index(row, 0).data() for row in range(page.model.rowCount())]


def press(qtbot: Any, widget: QWidget, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
    qtbot.keyClick(widget, key, modifiers[0] if modifiers else Qt.KeyboardModifier.NoModifier)


# -- the list --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_page_shows_its_records(filled: Filled, open_page: Open, kind: str) -> None:
    page = open_page(kind)
    assert page.objectName() == f"{KINDS[kind].prefix}Page"
    assert page.model.rowCount() == len(page.records()) > 0
    QAbstractItemModelTester(page.model, QAbstractItemModelTester.FailureReportingMode.Fatal)


@pytest.mark.parametrize("kind", list(KINDS))
def test_an_empty_page_is_one_sentence_and_one_link(open_page: Open, kind: str) -> None:
    page = open_page(kind)
    assert page.list.empty.isVisible()
    assert page.list.empty.text() == KINDS[kind].empty
    assert page.list.add_button.property("primary") is True
    assert not page.detail.isVisible()
    page.list.empty.link().click()
    assert page.editor.isVisible()
    assert page.list.add_button.property("primary") is False


def test_columns_of_a_job(filled: Filled, open_page: Open) -> None:
    page = open_page("jobs", (1500, 700))
    row = [page.model.index(0, at).data() for at in range(page.model.columnCount())]
    assert row[:4] == [
        "sql",
        "meta-llama/Llama-3.1-8B",
        "b-mc2/sql-create-context",
        "Text to SQL",
    ]
    assert row[4:] == ["80\u00a0%", "90/10", "3"]


def test_a_job_without_a_name_is_called_by_its_folder(filled: Filled, open_page: Open) -> None:
    filled.sql("INSERT INTO fine_tuning_jobs (id, out_dir) VALUES ('x', 'data/adapters/run-7/')")
    page = open_page("jobs")
    assert "run-7" in names(page)


def test_filter_sort_and_keys(qtbot: Any, filled: Filled, open_page: Open, settle: Settle) -> None:
    page = open_page("base_models")
    page.list.table.setFocus()
    press(qtbot, page.list.table, Qt.Key.Key_Slash)
    assert page.list.filter.hasFocus()
    qtbot.keyClicks(page.list.filter, "LLAMA hub")
    assert page.model.rowCount() == 0
    assert page.list.no_hits.text() == "No base model matches “LLAMA hub”."
    press(qtbot, page.list.filter, Qt.Key.Key_Escape)
    assert page.model.rowCount() == 2
    qtbot.keyClicks(page.list.filter, "llama face")
    assert names(page) == ["meta-llama/Llama-3.1-8B"]
    assert page.list.count.text() == "1 of 2"
    press(qtbot, page.list.filter, Qt.Key.Key_Down)
    assert page.list.table.hasFocus()
    press(qtbot, page.list.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.list.filter.hasFocus()
    page.list.filter.clear()
    page.list.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    assert page.model.record_at(0).id == filled.llama.id


def test_the_selection_survives_a_refresh(filled: Filled, open_page: Open, settle: Settle) -> None:
    page = open_page("datasets")
    page.select(filled.dataset.id)
    for name in ("a/a", "z/z"):
        filled.services.training.add_dataset(AddDatasetRequest(huggingface_name=name))
    settle()
    assert page.model.rowCount() == 3
    assert page.current().id == filled.dataset.id
    assert page.list.table.currentIndex().row() == page.model.row_of(filled.dataset.id) == 1


def test_what_the_filter_hides_is_still_read_and_selected_again(
    qtbot: Any, filled: Filled, open_page: Open, settle: Settle
) -> None:
    page = open_page("base_models")
    page.select(filled.llama.id)
    page.list.filter.setText("no such model")
    assert page.reader.isVisible()
    press(qtbot, page.list.table, Qt.Key.Key_Delete)
    settle()
    assert page.model.total == 2
    page.list.filter.clear()
    assert page.list.table.currentIndex().row() == page.model.row_of(filled.llama.id)


def test_select_clears_a_filter_and_waits_for_a_record(
    filled: Filled, open_page: Open, settle: Settle
) -> None:
    page = open_page("base_models")
    page.list.filter.setText("nothing like it")
    page.select(filled.llama.id)
    assert page.current().id == filled.llama.id
    assert page.list.filter.text() == ""


def test_the_layout_is_remembered(filled: Filled, open_page: Open, services: Services) -> None:
    page = open_page("base_models")
    page.list.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    page.list.table.setColumnWidth(1, 233)
    again = open_page("base_models")
    assert again.model.sorted_by() == ("adapters", True)
    assert again.list.table.columnWidth(1) == 233
    again.list.table.arrange_automatically()
    assert again.list.table.columnWidth(1) != 233
    assert open_page("base_models").list.table.columnWidth(1) != 233


def test_columns_give_way_where_room_is_short(filled: Filled, open_page: Open) -> None:
    wide, narrow = open_page("jobs", (1500, 600)), open_page("jobs", (720, 600))
    assert not any(wide.list.table.isColumnHidden(at) for at in range(7))
    assert narrow.list.table.isColumnHidden(3)
    assert not narrow.list.table.isColumnHidden(0)
    assert not narrow.list.table.isColumnHidden(4)


# -- reading ---------------------------------------------------------------------------------


def test_the_detail_of_a_base_model(
    qtbot: Any, filled: Filled, open_page: Open, settle: Settle
) -> None:
    page = open_page("base_models")
    page.select(filled.llama.id)
    settle()
    facts = {fact.label: fact.value for fact in page.reader.facts.facts()}
    assert facts["Source"] == "Hugging Face"
    assert facts["Hub name"] == "meta-llama/Llama-3.1-8B"
    assert facts["ID"] == filled.llama.id
    users = page.reader.used_by.names
    assert [users.item(at).text() for at in range(users.count())] == ["sql", "sql"]
    with qtbot.waitSignal(page.adapterRequested) as wanted:
        press(qtbot, users, Qt.Key.Key_Down)
        users.setCurrentRow(0)
        press(qtbot, users, Qt.Key.Key_Return)
    assert wanted.args == [filled.adapter.id]
    with qtbot.waitSignal(page.recordRequested) as job:
        users.setCurrentRow(1)
        press(qtbot, users, Qt.Key.Key_Return)
    assert job.args == ["jobs", filled.job.id]
    with qtbot.waitSignal(page.adaptersOfBaseModelRequested) as all_of_them:
        page.reader.used_by.all_link.click()
    assert all_of_them.args == [filled.llama.id]


def test_the_templates_of_a_prompt(filled: Filled, open_page: Open) -> None:
    page = open_page("prompts")
    page.select(filled.prompt.id)
    view = part(page, QPlainTextEdit, "promptsPromptTemplateView")
    assert view.toPlainText() == "Q: {q}\nA: {a}"
    assert view.isReadOnly()
    assert not part(page, QPlainTextEdit, "promptsInputTemplateView").isVisible()


def test_the_split_of_a_job(filled: Filled, open_page: Open) -> None:
    page = open_page("jobs")
    page.select(filled.job.id)
    assert page.reader.split_badge.text() == "Recorded"
    assert page.reader.split_bar.isVisible()
    assert page.reader.split_words.text() == ("80\u00a0% of b-mc2/sql-create-context, split 90/10.")


def test_figures_outside_are_shown_with_a_warning_and_not_drawn(
    filled: Filled, open_page: Open
) -> None:
    filled.sql("UPDATE fine_tuning_jobs SET dataset_fraction = 1.5, num_gpu = 2")
    page = open_page("jobs")
    page.select(filled.job.id)
    assert not page.reader.split_bar.isVisible()
    assert page.reader.split_findings.isVisible()
    assert "150\u00a0%" in page.reader.split_findings.findings()[0].message
    assert page.model.index(0, 4).data() == "150\u00a0%"
    assert page.reader.extra_link.text() == "1 more field"
    page.reader.extra_link.click()
    assert page.reader.extra.isVisible()
    assert page.reader.extra.facts()[0].label == "GPUs"


def test_no_figure_is_not_a_recorded_one(filled: Filled, open_page: Open) -> None:
    filled.sql("UPDATE fine_tuning_jobs SET dataset_fraction = NULL, train_test_split = NULL")
    page = open_page("jobs")
    page.select(filled.job.id)
    assert page.reader.split_badge.text() == "Assumed"
    assert [page.model.index(0, at).data() for at in (4, 5)] == ["–", "–"]


def test_text_from_outside_stays_plain(filled: Filled, open_page: Open) -> None:
    page = open_page("base_models")
    page.select(filled.gpt2.id)
    assert page.reader.title.text() == HOSTILE
    assert HOSTILE in names(page)
    page.edit()
    for label in page.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText, label.text()


def test_everything_to_use_has_a_name(filled: Filled, open_page: Open) -> None:
    for kind in KINDS:
        page = open_page(kind)
        page.add()
        for made in (QLineEdit, QComboBox, QPushButton, QPlainTextEdit):
            for widget in page.findChildren(made):
                if widget.objectName().startswith("qt_"):
                    continue
                assert widget.objectName(), f"{kind}: {widget}"
                if widget.isVisible():
                    assert widget.accessibleName() or widget.text(), widget.objectName()


# -- removing --------------------------------------------------------------------------------


def test_removing_asks_nothing_and_undo_brings_it_back(
    qtbot: Any, filled: Filled, open_page: Open, settle: Settle
) -> None:
    page = open_page("base_models")
    page.select(filled.gpt2.id)
    page.list.table.setFocus()
    with qtbot.waitSignal(page.notice) as told:
        press(qtbot, page.list.table, Qt.Key.Key_Delete)
    settle()
    assert names(page) == ["meta-llama/Llama-3.1-8B"]
    assert page.current().id == filled.llama.id
    notice = told.args[0]
    assert isinstance(notice, Notice)
    assert notice.text == f"Removed base model “{HOSTILE}”."
    assert notice.action == "Undo"
    assert notice.callback is not None
    with qtbot.waitSignal(page.undoRequested):
        notice.callback()
    filled.services.history.undo()
    settle()
    assert page.model.row_of(filled.gpt2.id) >= 0


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("base_models", "is used by 1 adapter and 1 training job, so it stays."),
        ("prompts", "is used by 1 adapter and 1 training job, so it stays."),
        ("datasets", "so it stays."),
        ("jobs", "is used by 1 adapter, so it stays."),
    ],
)
def test_what_others_need_stays_and_says_so_beside_it(
    qtbot: Any, filled: Filled, open_page: Open, settle: Settle, kind: str, said: str
) -> None:
    page = open_page(kind)
    of_kind = {"base_models": "llama", "prompts": "prompt", "datasets": "dataset", "jobs": "job"}
    record = getattr(filled, of_kind[kind])
    page.select(record.id)
    with qtbot.assertNotEmitted(page.notice):
        page.remove()
        settle()
    assert page.model.row_of(record.id) >= 0
    assert page.reader.refusal.isVisible()
    assert page.reader.refusal.findings()[0].message.endswith(said)
    wanted = page.adaptersOfBaseModelRequested if kind == "base_models" else None
    link = part(page.reader.refusal, QPushButton, "findingLink")
    if wanted is not None:
        with qtbot.waitSignal(wanted):
            link.click()
    else:
        link.click()
        assert page.reader.used_by.names.hasFocus()


def test_a_read_only_library_is_only_read(
    qtbot: Any, filled: Filled, open_page: Open, library: Library
) -> None:
    page = open_page("prompts")
    library.read_only = "This library was opened for reading only."
    library.recordsChanged.emit()
    assert not page.list.add_button.isEnabled()
    assert page.list.add_button.toolTip() == library.read_only
    page.select(filled.prompt.id)
    page.edit()
    page.remove()
    assert page.reader.isVisible()
    assert not page.reader.edit_button.isEnabled()
