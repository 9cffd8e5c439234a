"""What the panel shows for none, one and several; files; model card; plain text; stale answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
)
from pytestqt.qtbot import QtBot

from desktop.models.library import Library
from desktop.services.records import FolderState
from desktop.views.details import DetailsPanel
from desktop.views.details.files_page import COLUMNS, FilesModel
from desktop.views.details.panel import GONE, NOTHING
from desktop.views.details.several_page import summarise
from tests.support import make_adapter
from tests.views.details.conftest import EVIL, Show, World, facts, texts

Settle = Callable[[], None]
_FILES, _CARD = 1, 2


def test_nothing_selected_is_one_sentence(panel: DetailsPanel, show: Show, world: World) -> None:
    assert panel.empty.text() == NOTHING
    show(world.add("one"))
    assert not panel.empty.isVisible()
    show()
    assert panel.empty.isVisible()
    assert panel.empty.text() == NOTHING


def test_several_are_added_up(panel: DetailsPanel, world: World, show: Show, qtbot: QtBot) -> None:
    one = world.add("one", make_adapter(world.folder / "one", rank=16, config_rank=8))
    two = world.add("two", make_adapter(world.folder / "two", use_dora=True))
    show(one, two)
    page = panel.several
    assert page.isVisible()
    assert page.title.text() == "2 adapters"
    rows = world.services.adapters.list_rows([one.id, two.id])
    total = sum(row[8] for row in rows)
    sums = {fact.label: fact for fact in page.sums.facts()}
    assert sums["Parameters"].value == "1,536"
    assert sums["Total size"].tooltip == f"{total:,} bytes"
    shared = facts(page.shared)
    assert shared["Base model"] == world.llama.title
    assert shared["Type"] == "2 different"
    assert shared["Source"] == "Local folder"
    with qtbot.waitSignal(panel.checkRequested) as asked:
        page.buttons["check"].click()
    assert asked.args == [(one.id, two.id)]
    with qtbot.waitSignal(panel.removeRequested) as asked:
        page.buttons["remove"].click()
    assert asked.args == [(one.id, two.id)]


def test_sums_leave_out_what_is_not_known() -> None:
    def row(size: object, parameters: object) -> tuple[object, ...]:
        return (
            "id", "n", "project", "m", "base", "LoRA", 8, parameters, size, 1.0, 0.9, 0, 0,
            "missing", 1, None, 0, 0.0, "/x", None, 0, None, None,
        )  # fmt: skip

    found = summarise([row(None, 10), row(5, None), row("words", 2**70)])
    assert (found.size, found.size_known) == (5, 1)
    assert (found.parameters, found.parameters_known) == (10 + 2**70, 2)
    assert (found.errors, found.warnings, found.missing) == (3, 0, 3)


def test_answers_for_what_is_not_selected_any_more_are_dropped(
    panel: DetailsPanel, world: World, show: Show, settle: Settle
) -> None:
    one, two = world.add("one"), world.add("two")
    late = panel._load(None, (one.id,))
    show(two)
    panel._take(late)
    assert panel.one.header.name.text() == "two"
    panel.show_adapters([one.id])
    panel.show_adapters([two.id])
    panel.show_adapters([one.id])
    # What was shown stays until the new one is there.
    assert panel.one.header.name.text() == "two"
    settle()
    assert panel.one.header.name.text() == "one"


def test_an_adapter_that_goes_and_comes_back(
    panel: DetailsPanel, world: World, show: Show, settle: Settle
) -> None:
    record = world.add("one")
    show(record)
    world.services.adapters.remove_adapter(record.id)
    settle()
    assert panel.empty.isVisible()
    assert panel.empty.text() == GONE
    world.services.history.undo()
    settle()
    assert panel.one.isVisible()
    assert panel.one.header.name.text() == "one"


def test_what_can_not_be_read_offers_to_try_again(
    panel: DetailsPanel,
    world: World,
    show: Show,
    settle: Settle,
    monkeypatch: pytest.MonkeyPatch,
    expected_log: Callable[..., None],
) -> None:
    expected_log("failed")
    record = world.add("one")
    with monkeypatch.context() as patch:
        patch.setattr(world.services.adapters, "get_details", None)
        show(record)
    assert panel.empty.text() == "The details can’t be read."
    panel.empty.link().click()
    settle()
    assert panel.one.header.name.text() == "one"


# -- files -----------------------------------------------------------------------------------


def test_files_with_sizes_and_kinds(
    panel: DetailsPanel, world: World, show: Show, qtbot: QtBot
) -> None:
    folder = world.folder_of("training/llama-sft/checkpoint-10", "sft")
    record = world.add("sft", folder)
    show(record)
    panel.one.tabs.setCurrentIndex(_FILES)
    page = panel.one.files
    listed = {page.model.record_at(at).id for at in range(page.model.rowCount())}
    on_disk = {path.name for path in folder.iterdir() if path.is_file()}
    assert listed == on_disk
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    assert page.total.text().startswith(f"{len(on_disk)} files, ")
    assert size > 0
    assert "here only serves training." in page.note.text()
    at = next(
        n for n in range(page.model.rowCount()) if page.model.record_at(n).id == "optimizer.pt"
    )
    page.table.selectRow(at)
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    weight = (folder / "optimizer.pt").stat().st_size
    assert QGuiApplication.clipboard().text() == f"optimizer.pt\tTraining\t{weight}"
    with qtbot.waitSignal(panel.openFolder) as asked:
        QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert asked.args == [str(folder)]
    page.copy_link.click()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 1
    page.table.clearSelection()
    page.copy_link.click()
    assert len(QGuiApplication.clipboard().text().splitlines()) == len(on_disk)


def test_files_of_a_folder_that_is_away(panel: DetailsPanel, world: World, show: Show) -> None:
    record = world.add("one")
    world.services.adapters.set_states({record.id: FolderState.MISSING})
    show(record)
    page = panel.one.files
    assert page.model.rowCount() == 2
    assert page.note.text().startswith("The folder is away.")
    assert not page.open_link.isEnabled()


def test_files_model_is_sound(qtbot: QtBot) -> None:
    from desktop.services.records import FileKind, FolderFile
    from desktop.views.details.files_page import FileRow

    model = FilesModel(COLUMNS)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    big = FolderFile(f"{EVIL}\n\udce9", 2**70, FileKind.TRAINING, "<i>note</i>")
    small = FolderFile("a", 0, FileKind.CONFIG)
    model.set_records([FileRow(file.name, file) for file in (big, small)])
    for column in range(3):
        model.sort(column, Qt.SortOrder.DescendingOrder)
        for at in range(2):
            tip = model.index(at, column).data(3)
            assert not str(tip).startswith("<b>")
            assert "<img" not in str(tip)
    assert model.data(model.index(9, 9), 3) is None


# -- model card ------------------------------------------------------------------------------


def test_no_text_from_outside_becomes_rich(
    panel: DetailsPanel, world: World, show: Show, settle: Settle
) -> None:
    folder = make_adapter(
        world.folder / "x", base=EVIL, target_modules=[EVIL, "q_proj"], task_type=EVIL
    )
    (folder / EVIL.replace("/", "_")).write_text("x", encoding="utf-8")
    (folder / "README.md").write_text(f"---\nlicense: {EVIL}\n---\n{EVIL}\n", encoding="utf-8")
    prompt = world.services.training.update_prompt(
        world.prompt.id, name=EVIL, prompt_template=EVIL, description=EVIL
    )
    job = world.add_job(adapter_name=EVIL, out_dir=EVIL, dataset_fraction=0.5, train_test_split=0.5)
    world.services.training.update_dataset(world.dataset.id, name=EVIL)
    world.services.base_models.update_base_model(world.llama.id, name=EVIL)
    record = world.add(
        EVIL,
        folder,
        description=EVIL,
        prompt_id=prompt.id,
        fine_tuning_job_id=job,
        mlflow_run_id=EVIL,
        mlflow_experiment_id=EVIL,
        cml_registered_model_id=EVIL,
        huggingface_name=EVIL,
    )
    show(record)
    panel.one.overview.prompt.fold.set_open(True)
    panel.one.tabs.setCurrentIndex(_CARD)
    settle()
    panel.one.edit()
    assert len(texts(panel)) > 10
    for label in panel.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText, label.objectName()
    for widget in panel.findChildren(QAbstractButton):
        assert "<img" not in widget.toolTip()
    for widget in panel.findChildren(QLabel):
        assert "<img" not in widget.toolTip()
    assert panel.one.header.name.text() == EVIL
    assert panel.one.overview.description.text() == EVIL
    block = panel.one.overview.prompt.blocks["prompt_template"]
    assert block.view.toPlainText() == EVIL


def test_everything_that_can_be_used_has_names(
    panel: DetailsPanel, world: World, show: Show
) -> None:
    show(world.add("one", prompt_id=world.prompt.id))
    panel.one.edit()
    kinds = (QAbstractButton, QLineEdit, QComboBox, QPlainTextEdit)
    for kind in kinds:
        for widget in panel.findChildren(kind):
            name = widget.objectName()
            if name.startswith("qt_") or widget.parent() is None:
                continue
            if isinstance(widget.parent(), QComboBox) or widget.isHidden():
                continue
            assert name, widget
            assert widget.accessibleName() or widget.property("text"), name


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_it_holds_in_300_pixels_and_with_large_letters(
    qapp: QApplication,
    panel: DetailsPanel,
    world: World,
    show: Show,
    settle: Settle,
    scale: float,
) -> None:
    big = QFont(qapp.font())
    big.setPixelSize(round(13 * scale))
    qapp.setFont(big)
    fresh = DetailsPanel(panel._library)
    try:
        record = world.add("one", prompt_id=world.prompt.id)
        fresh.resize(300, 480)
        fresh.show()
        fresh.show_adapters([record.id])
        settle()
        assert fresh.width() == 300
        assert fresh.minimumSizeHint().width() <= 300
        for tab in range(3):
            fresh.one.tabs.setCurrentIndex(tab)
            settle()
            assert fresh.one.tabs.sizeHint().width() <= 300 - 2 * 16 or scale == 1.0
        page = fresh.one.overview
        assert page.content.width() == page.viewport().width()
        # No page of nothing below the last line.
        last = page.origin.geometry().bottom()
        used = max(last, page.prompt.geometry().bottom(), page.job.geometry().bottom())
        assert page.content.height() - used < max(120, page.viewport().height())
        fresh.one.edit()
        settle()
        assert fresh.width() == 300
        assert fresh.one.form.area.content.width() == fresh.one.form.area.viewport().width()
    finally:
        fresh.close()
        fresh.deleteLater()


def test_the_menu_of_the_three_dots(panel: DetailsPanel, world: World, show: Show) -> None:
    from PySide6.QtWidgets import QMenu

    show(world.add("one"))
    button = panel.one.header.more_button
    assert not button.isVisible()
    menu = QMenu(panel)
    panel.set_menu(menu)
    assert button.isVisible()
    assert button.menu() is menu


def test_selecting_before_the_library_is_open(
    qtbot: QtBot, themed: QApplication, world: World, library: Library
) -> None:
    record = world.add("one")
    panel = DetailsPanel(library)
    qtbot.addWidget(panel)
    with qtbot.waitSignal(panel.shown):
        panel.show_adapters([record.id])
    assert panel.one.header.name.text() == "one"
