"""Chips, the segmented switch, the sidebar, the split picture, the empty page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.services.records import DatasetSplit
from desktop.views.theme import tokens
from desktop.views.widgets.chip import ToggleChip
from desktop.views.widgets.empty_state import FOLDER_CARD, Card, EmptyLibrary, EmptyPlace
from desktop.views.widgets.facet_chip import FacetChip
from desktop.views.widgets.segmented import SegmentedSwitch
from desktop.views.widgets.sidebar import Place, PlaceGroup, Sidebar
from desktop.views.widgets.split_bar import SplitBar, SplitLegend, percent
from desktop.views.widgets.text import LinkButton, PlainLabel
from tests.views.widgets.samples import PLACES

# Said by the offscreen platform whenever a popup opens; means nothing.
pytestmark = pytest.mark.qt_log_ignore(
    r"This plugin does not support (raise\(\)|grabbing the keyboard)", extend=True
)

SOURCES = [("project", "Local folder", 1032), ("model_registry", "Registry", 38)]


def _shown_chip(qtbot: QtBot) -> FacetChip:
    chip = FacetChip("Source")
    qtbot.addWidget(chip)
    chip.set_values(SOURCES)
    chip.show()
    return chip


def test_a_facet_is_chosen_by_keyboard_and_cleared(themed: QApplication, qtbot: QtBot) -> None:
    chip = _shown_chip(qtbot)
    assert chip.words() == "Source"
    chip.click()
    popup = chip.popup()
    assert popup.isVisible()
    assert not popup.search.isVisible()
    with qtbot.waitSignal(chip.changed):
        QTest.keyClick(popup.view, Qt.Key.Key_Down)
        QTest.keyClick(popup.view, Qt.Key.Key_Space)
    assert chip.selected() == {"model_registry"}
    assert chip.words() == "Source: Registry"
    assert chip.accessibleName() == "Source: Registry"
    QTest.keyClick(popup.view, Qt.Key.Key_Return)
    assert not popup.isVisible()
    with qtbot.waitSignal(chip.changed):
        QTest.keyClick(chip, Qt.Key.Key_Delete)
    assert chip.selected() == set()


def test_a_click_anywhere_in_the_row_ticks_it_once(themed: QApplication, qtbot: QtBot) -> None:
    chip = _shown_chip(qtbot)
    chip.click()
    view = chip.popup().view
    row = view.visualRect(view.model().index(0, 0))
    for x in (12, row.width() - 20):  # on the box, and far from it
        before = chip.selected()
        QTest.mouseClick(
            view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, row.center().y())
        )
        assert chip.selected() != before
    chip.popup().close()


def test_the_cross_clears_without_opening(themed: QApplication, qtbot: QtBot) -> None:
    chip = _shown_chip(qtbot)
    chip.set_selected({"project"})
    chip.resize(chip.sizeHint())
    with qtbot.waitSignal(chip.changed):
        QTest.mouseClick(
            chip, Qt.MouseButton.LeftButton, pos=QPoint(chip.width() - 8, chip.height() // 2)
        )
    assert chip.selected() == set()
    assert not chip.popup().isVisible()


def test_many_values_have_a_filter_and_what_vanished_stays_chosen(
    themed: QApplication, qtbot: QtBot
) -> None:
    chip = FacetChip("Base model")
    qtbot.addWidget(chip)
    chip.show()
    chip.set_values([(n, f"Model {n}", n) for n in range(20)])
    chip.set_selected({3, 99})
    chip.click()
    popup = chip.popup()
    assert popup.search.isVisible()
    QTest.keyClicks(popup.search, "model 1")
    hidden = [popup.view.isRowHidden(n) for n in range(20)]
    assert hidden.count(False) == 11
    popup.model.item(4).setCheckState(Qt.CheckState.Checked)
    assert chip.selected() == {3, 4, 99}
    assert chip.words() == "Base model: Model 3 +2"
    popup.close()


def test_a_facet_shows_hostile_titles_as_text(themed: QApplication, qtbot: QtBot) -> None:
    chip = FacetChip("Base model")
    qtbot.addWidget(chip)
    chip.set_values([("x", "<b>R&D</b>\u202e", 1)])
    chip.set_selected({"x"})
    assert chip.words() == "Base model: <b>R&D</b>\\u202e"
    assert chip.shortcut().isEmpty()


def test_a_toggle_chip_ticks(themed: QApplication, qtbot: QtBot) -> None:
    chip = ToggleChip("New", "212")
    qtbot.addWidget(chip)
    chip.show()
    with qtbot.waitSignal(chip.toggled):
        chip.click()
    assert chip.icon_before == "check"
    assert chip.is_set()
    chip.set_count("213")
    assert chip.words() == "New 213"


def test_arrow_keys_move_the_choice(themed: QApplication, qtbot: QtBot) -> None:
    switch = SegmentedSwitch([("a", "One", "folder"), ("b", "Two", ""), ("c", "Three", "")])
    qtbot.addWidget(switch)
    switch.show()
    assert switch.current() == "a"
    width = switch.sizeHint().width()
    switch.activateWindow()
    qtbot.waitUntil(switch.isActiveWindow)
    switch.segment("a").setFocus()
    with qtbot.waitSignal(switch.changed) as caught:
        QTest.keyClick(switch.segment("a"), Qt.Key.Key_Right)
    assert caught.args == ["b"]
    assert switch.sizeHint().width() == width
    said: list[str] = []
    switch.changed.connect(said.append)
    switch.set_current("c")
    assert (switch.current(), said) == ("c", [])


# -- sidebar -----------------------------------------------------------------------------------


@pytest.fixture
def sidebar(themed: QApplication, qtbot: QtBot) -> Sidebar:
    made = Sidebar()
    qtbot.addWidget(made)
    made.set_places(PLACES)
    made.set_current("all")
    made.resize(196, 700)
    made.show()
    return made


def test_keys_walk_over_headings(sidebar: Sidebar, qtbot: QtBot) -> None:
    QAbstractItemModelTester(sidebar.model())
    chosen: list[str] = []
    sidebar.placeChosen.connect(chosen.append)
    QTest.keyClick(sidebar, Qt.Key.Key_End)
    QTest.keyClick(sidebar, Qt.Key.Key_Home)
    for _ in range(6):
        QTest.keyClick(sidebar, Qt.Key.Key_Down)
    QTest.keyClick(sidebar, Qt.Key.Key_Up)
    assert chosen[:2] == ["jobs", "all"]
    assert chosen[-2:] == ["project", "duplicates"]
    assert sidebar.current() == "duplicates"


def test_counts_change_in_place(sidebar: Sidebar) -> None:
    model = sidebar.model()
    sidebar.set_current("problems")
    index = sidebar.currentIndex()
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Problems, 23, has errors"
    sidebar.set_count("problems", 0, "error")
    assert sidebar.currentIndex() == index
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Problems, 0"
    sidebar.set_places(PLACES)
    assert sidebar.model() is model
    assert sidebar.currentIndex() == index
    assert index.data(Qt.ItemDataRole.ToolTipRole).startswith("Problems: 23 (Ctrl")


def test_places_come_and_go_around_the_current_one(sidebar: Sidebar, qtbot: QtBot) -> None:
    chosen: list[str] = []
    sidebar.placeChosen.connect(chosen.append)
    sidebar.set_current("jobs")
    sidebar.set_places([PLACES[0], PLACES[-1]])
    assert (sidebar.current(), chosen) == ("jobs", [])
    sidebar.set_places([PlaceGroup("Library", [Place("all", "books", "<b>All</b>")])])
    assert sidebar.keys() == ["all"]
    sidebar.set_current("nowhere")
    assert chosen == []
    sidebar.grab()


def test_the_rail_shows_trouble_as_a_dot(sidebar: Sidebar, qtbot: QtBot) -> None:
    sidebar.set_rail(True)
    assert sidebar.minimumWidth() == sidebar.maximumWidth() == 52
    sidebar.resize(52, 700)
    row = sidebar.visualRect(sidebar.model().index(4, 0))  # Problems
    picture = sidebar.viewport().grab(row).toImage()
    reds = {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
    }
    assert tokens().error.name() in reds
    sidebar.set_rail(False)
    assert sidebar.minimumWidth() == 196


def test_a_heading_can_not_be_chosen(sidebar: Sidebar) -> None:
    heading = sidebar.model().index(0, 0)
    assert heading.data() == "Library"
    sidebar.selectionModel().select(heading, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    assert not sidebar.selectionModel().isSelected(heading)


# -- split -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "text"),
    [(0.72, "72\u00a0%"), (0.125, "12.5\u00a0%"), (1, "100\u00a0%"), (0, "0\u00a0%"),
     (0.0004, "under 0.1\u00a0%"), (0.08000000000000002, "8\u00a0%")],
)  # fmt: skip
def test_percent(themed: QApplication, part: float, text: str) -> None:
    assert percent(part) == text


def test_the_split_is_drawn_to_scale(themed: QApplication, qtbot: QtBot) -> None:
    bar = SplitBar()
    qtbot.addWidget(bar)
    bar.set_split(DatasetSplit(0.8, 0.9, True, True, "j", "job 7"))
    bar.resize(504, 20)
    bar.show()
    image = bar.grab().toImage()
    t = tokens()
    middle = [image.pixelColor(x, 10).name() for x in range(504)]
    assert abs(middle.count(t.split_train.name()) - 360) <= 2
    assert abs(middle.count(t.split_test.name()) - 40) <= 2
    assert bar.accessibleDescription() == (
        "72\u00a0% train, 8\u00a0% test, 20\u00a0% not used; recorded by job job 7."
    )


def test_figures_that_are_no_parts_are_not_drawn(themed: QApplication, qtbot: QtBot) -> None:
    bar, legend = SplitBar(), SplitLegend()
    qtbot.addWidget(bar)
    qtbot.addWidget(legend)
    wrong = DatasetSplit(1.5, 0.9, True, True)
    bar.set_split(wrong)
    legend.set_split(wrong)
    assert bar.isHidden()
    assert legend.isHidden()


def test_the_legend_names_parts_and_rows(themed: QApplication, qtbot: QtBot) -> None:
    panel = QWidget()
    qtbot.addWidget(panel)
    legend = SplitLegend(DatasetSplit(0.8, 0.9, True, True), 78577)
    QVBoxLayout(panel).addWidget(legend)
    panel.resize(420, 100)
    panel.show()
    words = [x.text() for x in legend.findChildren(PlainLabel) if not x.isHidden()]
    assert {"72\u00a0%", "56,576 rows", "6,286 rows", "15,715 rows", "not used"} <= set(words)
    wide = legend.sizeHint().height()
    panel.resize(150, 200)
    qtbot.waitUntil(lambda: legend.sizeHint().height() > 2 * wide)
    legend.set_split(DatasetSplit())
    shown = [x for x in legend.findChildren(PlainLabel) if x.isVisibleTo(legend)]
    assert [x.text() for x in shown] == ["90\u00a0%", "train", "10\u00a0%", "test"]
    assert shown[0].font().italic()


# -- empty -------------------------------------------------------------------------------------


def test_the_empty_library_offers_what_there_is(themed: QApplication, qtbot: QtBot) -> None:
    page = EmptyLibrary()
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show()
    assert len(page.findChildren(QPushButton)) == 5  # three cards, two links
    assert page.card("folder").property("primary")
    with qtbot.waitSignal(page.chooseFolder):
        page.card("folder").click()
    with qtbot.waitSignal(page.findOnHub):
        page.card("hub").click()
    with qtbot.waitSignal(page.connectRegistry):
        page.card("registry").click()
    with qtbot.waitSignal(page.openSample):
        page.findChild(LinkButton, "sampleLink").click()  # type: ignore[union-attr]
    page.set_dropping(True)
    page.grab()
    with pytest.raises(KeyError):
        page.card("nothing")


def test_more_cards_stack_when_it_gets_narrow(themed: QApplication, qtbot: QtBot) -> None:
    page = EmptyLibrary([FOLDER_CARD, Card("hub", "cloud", "Hub", "Text.", "Find…")], links=())
    qtbot.addWidget(page)
    page.resize(1200, 600)
    page.show()
    one, two = page.card("folder"), page.card("hub")
    assert one.mapTo(page, QPoint()).y() == two.mapTo(page, QPoint()).y()
    with qtbot.waitSignal(page.cardChosen) as caught:
        two.click()
    assert caught.args == ["hub"]
    page.resize(700, 600)
    qtbot.waitUntil(lambda: one.mapTo(page, QPoint()).y() < two.mapTo(page, QPoint()).y())


def test_an_empty_place_is_a_sentence_and_a_link(themed: QApplication, qtbot: QtBot) -> None:
    place = EmptyPlace("No adapter matches “<b>x</b>”.", "Clear the filter")
    qtbot.addWidget(place)
    assert place.text() == "No adapter matches “<b>x</b>”."
    with qtbot.waitSignal(place.linkActivated):
        place.link().click()
    place.set("Nothing is missing.")
    assert place.link().isHidden()
