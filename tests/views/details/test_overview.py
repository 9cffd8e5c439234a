"""The overview of one adapter: split, base model, findings, facts, links."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from desktop.models.library import Library
from desktop.services.records import FolderState
from desktop.views.details import DetailsPanel
from tests.support import make_adapter
from tests.views.details.conftest import Show, World, facts

NO_BREAK = "\u00a0"


def test_recorded_split(panel: DetailsPanel, world: World, show: Show, qtbot: QtBot) -> None:
    job = world.add_job(adapter_name="sql-v7", dataset_fraction=0.8, train_test_split=0.9)
    show(world.add("sql-v7"))
    split = panel.one.overview.split
    assert split.badge is not None
    assert split.badge.text() == "Recorded"
    assert split.badge.tone() == "ok"
    sentence = f"80{NO_BREAK}% of b-mc2/sql-create-context, split 90/10"
    assert split.sentence.text() == sentence
    assert not split.sentence.font().italic()
    assert split.bar.isVisible()
    assert f"72{NO_BREAK}% train" in split.bar.accessibleDescription()
    assert split.job_link.text() == "sql-v7"
    assert not split.assumed.isVisible()
    with qtbot.waitSignal(panel.jobRequested) as asked:
        split.job_link.click()
    assert asked.args == [job]


def test_assumed_split(panel: DetailsPanel, world: World, show: Show) -> None:
    show(world.add("chat"))
    split = panel.one.overview.split
    assert split.badge is not None
    assert split.badge.text() == "Assumed"
    assert split.bar.isVisible()
    assert split.assumed.text() == (
        "No training job names this adapter, so the usual "
        f"100{NO_BREAK}% and 90/10 are shown."
    )
    assert not split.job_link.isVisible()
    assert not split.sentence.isVisible()


def test_one_figure_recorded_one_assumed(panel: DetailsPanel, world: World, show: Show) -> None:
    world.add_job(adapter_name="half", dataset_fraction=0.5)
    show(world.add("half"))
    split = panel.one.overview.split
    assert split.badge is not None
    assert split.badge.text() == "Partly assumed"
    assert split.sentence.text().startswith(f"50{NO_BREAK}% of ")
    assert split.assumed.text() == (
        "The job does not record the split, so the usual 90/10 is assumed."
    )
    assert split.job_link.isVisible()


def test_a_figure_outside_is_written_and_not_drawn(
    panel: DetailsPanel, world: World, show: Show
) -> None:
    job = world.add_job(adapter_name="odd", dataset_fraction=0.5, train_test_split=0.9)
    world.write("UPDATE fine_tuning_jobs SET dataset_fraction = 1.5 WHERE id = :v0", job)
    show(world.add("odd"))
    page = panel.one.overview
    assert not page.split.bar.isVisible()
    assert not page.split.legend.isVisible()
    assert page.split.undrawn.isVisible()
    assert "1.5" in page.split.sentence.text()
    assert [f.code for f in page.findings.findings()] == ["figure_out_of_range"]


def test_base_model_leads_to_its_page(
    panel: DetailsPanel, world: World, show: Show, qtbot: QtBot
) -> None:
    show(world.add("sql"))
    base = panel.one.overview.base
    assert base.link.text() == world.llama.title
    assert base.sentence.text() == "Named in the config."
    with qtbot.waitSignal(panel.baseModelRequested) as asked:
        base.link.click()
    assert asked.args == [world.llama.id]


def test_facts_of_adapter_and_origin(panel: DetailsPanel, world: World, show: Show) -> None:
    job = world.add_job(
        adapter_name="sql",
        num_epochs=3,
        learning_rate=2e-4,
        out_dir="/data/out",
        dataset_fraction=0.8,
    )
    record = world.add(
        "sql",
        huggingface_name="org/sql",
        cml_registered_model_id="r-1",
        mlflow_experiment_id="e-1",
        mlflow_run_id="run-1",
        prompt_id=world.prompt.id,
        fine_tuning_job_id=job,
        description="For the demo.",
    )
    show(record)
    page = panel.one.overview
    adapter = facts(page.adapter_facts)
    assert adapter["PEFT type"] == "LoRA"
    assert adapter["Rank"] == "8"
    assert adapter["Alpha"] == "16 (scaling 2.0)"
    assert adapter["Targets"] == "q, v"
    assert adapter["Parameters"] == "512 in float32"
    assert adapter["Task"] == "Causal language model"
    assert adapter["Tensors"] == "4"
    origin = facts(page.origin_facts)
    assert origin["Source"] == "Local folder, kept in place"
    assert origin["Path"] == record.location
    assert origin["Hub name"] == "org/sql"
    assert origin["Registry ID"] == "r-1"
    assert origin["Experiment"] == "e-1"
    assert origin["Run"] == "run-1"
    assert origin["Prompt"] == "Text to SQL, v3"
    assert origin["Training job"] == "sql"
    assert (origin["Added"] or "").startswith("Today, ")
    assert (origin["Checked"] or "").startswith("Today, ")
    assert origin["ID"] == record.id
    assert page.description.text() == "For the demo."
    trained = facts(page.job.facts)
    assert trained["Epochs"] == "3"
    assert trained["Learning rate"] == "0.0002"
    assert trained["Output folder"] == "/data/out"


def test_prompt_shows_its_templates_when_unfolded(
    panel: DetailsPanel, world: World, show: Show, qtbot: QtBot
) -> None:
    show(world.add("sql", prompt_id=world.prompt.id))
    section = panel.one.overview.prompt
    block = section.blocks["prompt_template"]
    assert not block.isVisible()
    section.fold.button.click()
    assert block.isVisible()
    assert block.view.toPlainText() == "Q: {q}\nA: {a}"
    block.copy_link.click()
    assert QGuiApplication.clipboard().text() == "Q: {q}\nA: {a}"
    with qtbot.waitSignal(panel.promptRequested) as asked:
        section.link.click()
    assert asked.args == [world.prompt.id]


def test_a_huge_template_is_cut_on_screen_and_copied_whole(
    panel: DetailsPanel, world: World, show: Show
) -> None:
    world.write("UPDATE prompts SET prompt_template = :v0", "x" * 300_000)
    show(world.add("sql", prompt_id=world.prompt.id))
    section = panel.one.overview.prompt
    section.fold.set_open(True)
    block = section.blocks["prompt_template"]
    assert len(block.view.toPlainText()) <= 20_000
    assert block.cut.isVisible()
    block.copy_link.click()
    assert len(QGuiApplication.clipboard().text()) == 300_000


def test_findings_offer_what_to_do(
    panel: DetailsPanel, world: World, show: Show, qtbot: QtBot
) -> None:
    record = world.add("sql", make_adapter(world.folder / "sql", rank=16, config_rank=8))
    show(record)
    rows = panel.one.overview.findings.rows()
    assert [row.finding.message for row in rows] == ["Weights have rank 16, the config says 8."]
    links = rows[0].findChildren(type(panel.one.overview.open_link))
    assert [link.text() for link in links] == ["Check again", "Show the file"]
    with qtbot.waitSignal(panel.checkRequested) as asked:
        links[0].click()
    assert asked.args == [(record.id,)]
    with qtbot.waitSignal(panel.openFolder) as asked:
        links[1].click()
    assert asked.args == [record.path]


def test_a_missing_folder_offers_locate(
    panel: DetailsPanel, world: World, show: Show, qtbot: QtBot
) -> None:
    record = world.add("sql")
    shutil.rmtree(record.location or "")
    world.services.adapters.set_states({record.id: FolderState.MISSING})
    show(record)
    assert panel.one.header.badge_texts()[0] == "Missing"
    row = panel.one.overview.findings.rows()[0]
    assert row.finding.message == "The folder is away."
    links = {
        link.text(): link for link in row.findChildren(type(panel.one.overview.open_link))
    }
    with qtbot.waitSignal(panel.locateRequested) as asked:
        links["Locate…"].click()
    assert asked.args == [record.id]
    assert not panel.one.overview.open_link.isVisible()


def test_a_changed_folder_says_so(panel: DetailsPanel, world: World, show: Show) -> None:
    record = world.add("sql")
    world.services.adapters.set_states({record.id: FolderState.CHANGED})
    show(record)
    assert panel.one.header.badge_texts()[0] == "Changed"
    assert panel.one.overview.findings.findings()[0].code == "folder_changed"


def test_a_refresh_keeps_tab_and_place(
    panel: DetailsPanel, world: World, show: Show, settle: Callable[[], None]
) -> None:
    record = world.add("sql", prompt_id=world.prompt.id)
    show(record)
    bar = panel.one.overview.verticalScrollBar()
    bar.setValue(120)
    world.services.adapters.update_adapter(record.id, description="New words.")
    settle()
    assert panel.one.overview.description.text() == "New words."
    assert bar.value() == 120
    panel.one.tabs.setCurrentIndex(1)
    world.services.adapters.update_adapter(record.id, description="Newer words.")
    settle()
    assert panel.one.tabs.currentIndex() == 1
    assert panel.one.pages.currentWidget() is panel.one.files


def test_records_that_change_elsewhere_are_followed(
    panel: DetailsPanel, world: World, show: Show, settle: Callable[[], None]
) -> None:
    show(world.add("sql", prompt_id=world.prompt.id))
    world.services.training.update_prompt(world.prompt.id, name="Text to SQL, v4")
    world.add_job(adapter_name="sql", dataset_fraction=0.25)
    settle()
    assert panel.one.overview.prompt.link.text() == "Text to SQL, v4"
    assert panel.one.overview.split.sentence.text().startswith(f"25{NO_BREAK}%")


def test_values_are_copied_in_full(panel: DetailsPanel, world: World, show: Show) -> None:
    record = world.add("sql", make_adapter(world.folder / ("x" * 120)))
    show(record)
    copies = {
        button.accessibleName(): button
        for button in panel.one.overview.origin_facts.findChildren(QToolButton)
    }
    copies["Copy path"].click()
    assert QGuiApplication.clipboard().text() == record.location
    name = panel.one.header.name
    name.setFocus()
    QTest.keyClick(name, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "sql"


def test_a_link_is_a_value_that_can_be_copied(
    panel: DetailsPanel, world: World, show: Show
) -> None:
    show(world.add("sql"))
    link = panel.one.overview.base.link
    link.setFocus()
    QTest.keyClick(link, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == world.llama.title


def test_pages_are_turned_from_the_tabs(panel: DetailsPanel, world: World, show: Show) -> None:
    show(world.add("sql", prompt_id=world.prompt.id))
    panel.resize(324, 420)
    panel.setFocus()
    assert panel.one.tabs.hasFocus()
    QTest.keyClick(panel.one.tabs, Qt.Key.Key_PageDown)
    assert panel.one.overview.verticalScrollBar().value() > 0


def test_long_words_of_a_description_break_and_are_copied_whole(
    panel: DetailsPanel, world: World, show: Show
) -> None:
    words = "see /data/" + "very_long_name-" * 20
    show(world.add("sql", description=words))
    label = panel.one.overview.description
    assert label.width() <= panel.width()
    label.setFocus()
    QTest.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == words


def test_never_wider_than_the_panel(
    panel: DetailsPanel, world: World, show: Show, library: Library
) -> None:
    job = world.add_job(adapter_name="sql" * 60, out_dir="/o" * 200, dataset_fraction=0.333333)
    record = world.add(
        "sql" * 60,
        make_adapter(world.folder / "w", target_modules="x" * 150),
        fine_tuning_job_id=job,
        prompt_id=world.prompt.id,
        huggingface_name="org/" + "n" * 200,
    )
    show(record)
    panel.one.overview.prompt.fold.set_open(True)
    for width in (300, 324):
        panel.resize(width, 500)
        page = panel.one.overview
        assert panel.width() == width
        assert page.content.width() <= page.viewport().width()
        assert page.horizontalScrollBar().maximum() == 0


def test_a_path_that_is_no_utf8_is_shown_and_opened(
    panel: DetailsPanel, world: World, show: Show, qtbot: QtBot
) -> None:
    raw = bytes(world.folder) + b"/caf\xe9"
    folder = Path(raw.decode("utf-8", "surrogateescape"))
    record = world.add("sql", make_adapter(folder))
    show(record)
    assert (facts(panel.one.overview.origin_facts)["Path"] or "").endswith("/caf\\xe9")
    with qtbot.waitSignal(panel.openFolder) as asked:
        panel.one.overview.open_link.click()
    assert asked.args == [str(folder)]
