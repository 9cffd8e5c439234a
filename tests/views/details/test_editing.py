"""Changing an adapter in the panel: every field, refusals, drafts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop.models.library import Library
from desktop.services.errors import CatalogBusyError
from desktop.views.details import DetailsPanel
from desktop.views.details.editor import CHECK_AFTER
from desktop.views.notices import Notice
from tests.views.details.conftest import Show, World, facts

Settle = Callable[[], None]


def field(panel: DetailsPanel, name: str) -> QLineEdit:
    found = panel.findChild(QLineEdit, name)
    assert isinstance(found, QLineEdit)
    return found


def pick(panel: DetailsPanel, name: str, title: str) -> None:
    box = panel.findChild(QComboBox, name)
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findText(title))
    box.activated.emit(box.currentIndex())


@pytest.fixture
def checked(qtbot: QtBot, settle: Settle) -> Settle:
    """Waits until what was typed has been checked."""

    def wait() -> None:
        qtbot.wait(CHECK_AFTER + 50)
        settle()

    return wait


def save(panel: DetailsPanel, settle: Settle) -> None:
    assert panel.one.form.save_button.isEnabled()
    panel.one.form.save_button.click()
    settle()


def test_f2_marks_the_name_and_enter_saves(
    panel: DetailsPanel, world: World, show: Show, settle: Settle, qtbot: QtBot
) -> None:
    record = world.add("sql")
    job = world.add_job(adapter_name="sql", dataset_fraction=0.5)
    show(record)
    panel.edit_name()
    name = field(panel, "editNameField")
    qtbot.waitUntil(name.hasFocus)
    assert name.selectedText() == "sql"
    QTest.keyClicks(name, "sql-2")
    with qtbot.waitSignal(panel.notice) as told:
        QTest.keyClick(name, Qt.Key.Key_Return)
    settle()
    assert told.args is not None
    notice = told.args[0]
    assert isinstance(notice, Notice)
    assert notice.text == "Renamed “sql” to “sql-2”."
    assert panel.one.header.name.text() == "sql-2"
    assert not panel.one.is_editing()
    # The job whose figures count goes along.
    assert world.services.training.get_job(job).adapter_name == "sql-2"
    assert panel.one.overview.split.job_link.text() == "sql-2"


def test_f2_before_the_details_are_there(
    panel: DetailsPanel, world: World, settle: Settle
) -> None:
    record = world.add("sql")
    panel.show_adapters([record.id])
    panel.edit_name()
    settle()
    assert panel.one.is_editing()
    assert field(panel, "editNameField").selectedText() == "sql"


def test_every_field_is_saved_and_only_what_changed(
    panel: DetailsPanel, world: World, show: Show, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = world.add("sql")
    job = world.add_job(adapter_name="sql", dataset_fraction=0.5)
    settle()
    show(record)
    panel.one.header.edit_button.click()
    given = {
        "editNameField": "sql-new",
        "editHubNameField": "org/sql",
        "editRegistryIdField": "reg-1",
        "editExperimentField": "exp-1",
        "editRunField": "run-1",
    }
    for name, text in given.items():
        field(panel, name).setText(text)
    prose = panel.findChild(QPlainTextEdit, "editDescriptionField")
    assert isinstance(prose, QPlainTextEdit)
    prose.setPlainText("Two\nlines.")
    pick(panel, "editPromptField", "Text to SQL, v3")
    pick(panel, "editJobField", "sql")
    sent: list[dict[str, object]] = []
    real = world.services.adapters.update_adapter

    def spy(adapter_id: str, **changes: object) -> object:
        sent.append(changes)
        return real(adapter_id, **changes)

    monkeypatch.setattr(world.services.adapters, "update_adapter", spy)
    save(panel, settle)
    assert [set(changes) for changes in sent] == [
        {
            "name",
            "description",
            "prompt_id",
            "fine_tuning_job_id",
            "huggingface_name",
            "cml_registered_model_id",
            "mlflow_experiment_id",
            "mlflow_run_id",
        }
    ]
    stored = world.services.adapters.get_adapter(record.id)
    assert stored.name == "sql-new"
    assert stored.description == "Two\nlines."
    assert stored.prompt_id == world.prompt.id
    assert stored.fine_tuning_job_id == job
    assert stored.huggingface_name == "org/sql"
    assert stored.cml_registered_model_id == "reg-1"
    assert stored.mlflow_experiment_id == "exp-1"
    assert stored.mlflow_run_id == "run-1"
    assert facts(panel.one.overview.origin_facts)["Run"] == "run-1"


def test_a_field_can_be_emptied(
    panel: DetailsPanel, world: World, show: Show, settle: Settle
) -> None:
    record = world.add("sql", prompt_id=world.prompt.id, mlflow_run_id="run-1")
    show(record)
    panel.one.edit()
    field(panel, "editRunField").setText("  ")
    pick(panel, "editPromptField", "No prompt")
    save(panel, settle)
    stored = world.services.adapters.get_adapter(record.id)
    assert stored.mlflow_run_id is None
    assert stored.prompt_id is None


def test_a_name_that_is_taken_is_said_beside_it_and_stays_typed(
    panel: DetailsPanel, world: World, show: Show, settle: Settle, checked: Settle
) -> None:
    record = world.add("sql-v8")
    world.add("sql-v7")
    show(record)
    panel.edit_name()
    name = field(panel, "editNameField")
    name.setText("sql-v7")
    checked()
    message = panel.one.form.fields["name"].message
    assert message.text() == "Another adapter has this name. “sql-v9” is free."
    assert name.property("state") == "error"
    assert name.text() == "sql-v7"
    assert not panel.one.form.save_button.isEnabled()
    assert panel.one.form.state.text() == "1 error keeps this from being saved."
    message.link().click()
    checked()
    assert name.text() == "sql-v9"
    save(panel, settle)
    assert world.services.adapters.get_adapter(record.id).name == "sql-v9"


def test_a_refusal_while_saving_keeps_what_was_typed(
    panel: DetailsPanel, world: World, show: Show, settle: Settle, qtbot: QtBot
) -> None:
    record = world.add("one")
    show(record)
    panel.edit_name()
    name = field(panel, "editNameField")
    name.setText("two")
    # Somebody is faster, between the typing and the check.
    world.add("two")
    save(panel, settle)
    assert panel.one.is_editing()
    assert name.text() == "two"
    assert "Another adapter has this name." in panel.one.form.fields["name"].message.text()
    assert name.hasFocus()
    assert world.services.adapters.get_adapter(record.id).name == "one"


def test_a_locked_catalogue_is_said_and_nothing_is_lost(
    panel: DetailsPanel, world: World, show: Show, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(world.add("one"))
    panel.edit_name()
    field(panel, "editNameField").setText("two")

    def locked(*_: object, **__: object) -> None:
        raise CatalogBusyError("Another program is writing.", "Try again when it has finished.")

    monkeypatch.setattr(world.services.adapters, "update_adapter", locked)
    save(panel, settle)
    said = panel.one.form.state
    assert said.text() == "Another program is writing. Try again when it has finished."
    assert said.tone() == "error"
    assert field(panel, "editNameField").text() == "two"
    assert panel.one.form.save_button.isEnabled()
    assert panel.one.form.save_button.text() == "&Save"


def test_a_fault_of_ours_is_told_and_nothing_is_lost(
    panel: DetailsPanel,
    world: World,
    show: Show,
    settle: Settle,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    expected_log: Callable[..., None],
) -> None:
    expected_log("An edit was not saved")
    show(world.add("one"))
    panel.edit_name()
    field(panel, "editNameField").setText("two")

    def broken(*_: object, **__: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(world.services.adapters, "update_adapter", broken)
    with qtbot.waitSignal(panel.notice) as told:
        panel.one.form.save_button.click()
    settle()
    assert told.args is not None
    assert told.args[0].tone == "error"
    assert field(panel, "editNameField").text() == "two"
    assert panel.one.is_editing()


def test_another_base_model_brings_a_warning_and_can_be_saved(
    panel: DetailsPanel, world: World, show: Show, settle: Settle, checked: Settle
) -> None:
    record = world.add("sql")
    show(record)
    panel.one.edit()
    pick(panel, "editBaseModelField", world.qwen.title)
    # The form says whatever the rules say, without knowing them.
    told = world.services.adapters.validate(
        panel.one._draft().request(),  # type: ignore[union-attr]
        own_id=record.id,
    )
    checked()
    shown = panel.one.form.fields["model_id"].findings()
    assert shown == tuple(f for f in told if f.field == "model_id")
    assert panel.one.form.save_button.isEnabled()
    save(panel, settle)
    assert world.services.adapters.get_adapter(record.id).model_id == world.qwen.id
    assert panel.one.overview.base.link.text() == world.qwen.title


def test_a_job_of_another_adapter_is_a_warning(
    panel: DetailsPanel, world: World, show: Show, settle: Settle, checked: Settle
) -> None:
    world.add_job(adapter_name="other", dataset_fraction=0.5)
    record = world.add("sql")
    settle()
    show(record)
    panel.one.edit()
    pick(panel, "editJobField", "other")
    checked()
    shown = panel.one.form.fields["fine_tuning_job_id"].findings()
    assert [f.code for f in shown] == ["job_names_another"]
    assert panel.one.form.save_button.isEnabled()


def test_drafts_wait_for_their_adapter(
    panel: DetailsPanel, world: World, show: Show, settle: Settle
) -> None:
    one, two = world.add("one"), world.add("two")
    show(one)
    panel.edit_name()
    field(panel, "editNameField").setText("one-changed")
    assert "Unsaved changes" in panel.one.header.badge_texts()
    show(two)
    assert not panel.one.is_editing()
    assert panel.one.header.name.text() == "two"
    assert "Unsaved changes" not in panel.one.header.badge_texts()
    assert panel.unsaved_ids() == (one.id,)
    show(one)
    assert panel.one.is_editing()
    assert field(panel, "editNameField").text() == "one-changed"
    panel.one.form.cancel_button.click()
    assert not panel.one.is_editing()
    assert panel.unsaved_ids() == ()
    assert world.services.adapters.get_adapter(one.id).name == "one"


def test_esc_parks_a_draft_and_the_pencil_brings_it_back(
    panel: DetailsPanel, world: World, show: Show
) -> None:
    show(world.add("one"))
    panel.edit_name()
    name = field(panel, "editNameField")
    name.setText("one-changed")
    QTest.keyClick(name, Qt.Key.Key_Escape)
    assert not panel.one.is_editing()
    assert "Unsaved changes" in panel.one.header.badge_texts()
    panel.one.header.edit_button.click()
    assert panel.one.is_editing()
    assert name.text() == "one-changed"


def test_esc_without_changes_leaves(panel: DetailsPanel, world: World, show: Show) -> None:
    show(world.add("one"))
    panel.edit_name()
    QTest.keyClick(field(panel, "editNameField"), Qt.Key.Key_Escape)
    assert not panel.one.is_editing()
    assert panel.unsaved_ids() == ()


def test_a_draft_follows_what_others_change(
    panel: DetailsPanel, world: World, show: Show, settle: Settle
) -> None:
    record = world.add("one")
    show(record)
    panel.one.edit()
    field(panel, "editRunField").setText("mine")
    world.services.adapters.update_adapter(record.id, mlflow_experiment_id="theirs")
    settle()
    assert field(panel, "editExperimentField").text() == "theirs"
    assert field(panel, "editRunField").text() == "mine"
    save(panel, settle)
    stored = world.services.adapters.get_adapter(record.id)
    assert (stored.mlflow_experiment_id, stored.mlflow_run_id) == ("theirs", "mine")


def test_a_stale_check_is_dropped(
    panel: DetailsPanel, world: World, show: Show, checked: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = world.add("one")
    world.add("two")
    show(record)
    panel.edit_name()
    draft = panel.one._draft()
    assert draft is not None
    field(panel, "editNameField").setText("two")
    outcome = panel.one._editor._validate(None, draft, draft.request(), None)
    field(panel, "editNameField").setText("three")
    panel.one._editor._take_findings(outcome)
    assert draft.findings == ()
    checked()
    assert panel.one.form.fields["name"].findings() == ()


def test_a_library_that_is_read_only_says_why(
    panel: DetailsPanel, world: World, show: Show, library: Library
) -> None:
    library.read_only = "This library was written by a newer Lorarium."
    show(world.add("one"))
    button = panel.one.header.edit_button
    assert not button.isEnabled()
    assert button.toolTip() == "This library was written by a newer Lorarium."
    panel.edit_name()
    assert not panel.one.is_editing()


def test_the_wheel_changes_no_record_in_passing(
    panel: DetailsPanel, world: World, show: Show, qtbot: QtBot
) -> None:
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    show(world.add("one"))
    panel.one.edit()
    box = panel.findChild(QComboBox, "editBaseModelField")
    assert isinstance(box, QComboBox)
    before = box.currentText()
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(box.mapToGlobal(QPoint(5, 5))),
        QPoint(0, -120),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(box, event)
    assert box.currentText() == before


def test_tab_goes_down_the_form(panel: DetailsPanel, world: World, show: Show) -> None:
    show(world.add("one"))
    panel.edit_name()
    seen = []
    for _ in range(5):
        widget = panel.focusWidget()
        assert isinstance(widget, QWidget)
        seen.append(widget.objectName())
        QTest.keyClick(widget, Qt.Key.Key_Tab)
    assert seen == [
        "editNameField",
        "editDescriptionField",
        "editBaseModelField",
        "editPromptField",
        "editJobField",
    ]
