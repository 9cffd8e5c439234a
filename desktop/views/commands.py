"""What each action of the menus does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QWidget

from desktop.services.catalog.paths import resolve
from desktop.services.kinds import AdapterType
from desktop.services.library_row import Row
from desktop.views.focus import main_focus
from desktop.views.import_commands import ImportCommands
from desktop.views.theme import apply_theme

if TYPE_CHECKING:
    from desktop.views.main_window import MainWindow
    from desktop.views.preferences.dialog import PreferencesDialog


GAP = "\N{THIN SPACE}"
"""Between an icon and its word on a toolbar, where Qt leaves too little room."""


class Commands(ImportCommands):
    """The slots behind `actions.ACTIONS`; each acts on the selection of the table."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._preferences: PreferencesDialog | None = None

    # -- the selection ---------------------------------------------------------------------

    @property
    def _table(self) -> Any:
        return self._window.library_page.table

    def _ids(self) -> list[str]:
        return list(self._table.selected_ids())

    def _rows(self) -> list[Any]:
        model = self._window.library.table
        rows = [model.row_at(model.row_of(key)) for key in self._ids()]
        return [row for row in rows if row is not None]

    # -- edit ------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take back the last step."""
        self._window.operations.undo()

    def redo(self) -> None:
        """Do the step again that was undone last."""
        self._window.operations.redo()

    def rename(self) -> None:
        """Edit the name of the selected adapter."""
        if self._window.details is not None and len(self._ids()) == 1:
            self._window.show_panel()
            self._window.details.edit_name()

    def remove_selected(self) -> None:
        """Take the selected adapters out of the library."""
        self._window.operations.remove(self._ids())

    def toggle_favourite(self) -> None:
        """Mark the selected adapters as favourites, or no longer."""
        self._window.organise.toggle_favourite(self._ids())

    def edit_tags(self) -> None:
        """Ask which tags the selected adapters have."""
        self._window.organise.edit_tags(self._ids())

    def choose_base_model(self) -> None:
        """Ask which base model the selected adapters belong to."""
        self._window.organise.choose_base_model(self._ids())

    def export_csv(self) -> None:
        """Write the selected rows into a file; without a selection every row that is shown."""
        self._window.organise.export(self._ids() or self._window.library.table.ids())

    def copy_rows(self) -> None:
        """Copy the selected rows as tab-separated text."""
        text = self._table.selection_as_text()
        count = len(self._ids())
        if count:
            rows = "1 row" if count == 1 else f"{count:,} rows"
            self._window.operations.copy(text, f"Copied {rows}.")

    def copy_paths(self) -> None:
        """Copy the folders of the selected adapters, one a line."""
        root = self._window.services.location.root
        paths = [p for row in self._rows() if (p := resolve(row[Row.LOCATION], root))]
        if paths:
            what = "the path" if len(paths) == 1 else f"{len(paths):,} paths"
            self._window.operations.copy("\n".join(paths), f"Copied {what}.")

    def copy_ids(self) -> None:
        """Copy the ids of the selected adapters, one a line."""
        ids = self._ids()
        if ids:
            what = "the ID" if len(ids) == 1 else f"{len(ids):,} IDs"
            self._window.operations.copy("\n".join(ids), f"Copied {what}.")

    def copy_snippet(self) -> None:
        """Copy Python that loads the selected adapter."""
        ids = self._ids()
        if len(ids) == 1:
            self._window.operations.copy_snippet(ids[0])

    def select_all(self) -> None:
        """Select every row that the filter leaves."""
        self._table.selectAll()

    def select_none(self) -> None:
        """Select nothing."""
        self._table.clearSelection()

    def focus_filter(self) -> None:
        """Go to the filter of the page."""
        self._window.focus_filter()

    def show_preferences(self) -> None:
        """Registries, the hub in use, and how the window looks."""
        if self._preferences is None:
            from desktop.views.preferences.dialog import PreferencesDialog

            self._preferences = PreferencesDialog(self._window)
        self._preferences.open()

    def close_dialog(self) -> None:
        """Close what stands beside the window, with it."""
        super().close_dialog()
        if self._preferences is not None:
            self._preferences.hide()

    # -- view ------------------------------------------------------------------------------

    def toggle_sidebar(self) -> None:
        """Words and counts, or the rail."""
        window = self._window
        wanted = not window.sidebar.is_rail()
        # What the width would choose by itself needs no memory: it goes on following the width.
        window.state.rail = None if wanted == window.automatic_rail() else wanted
        window.fit()

    def toggle_details(self) -> None:
        """Show or hide the details."""
        self._window.state.details = not self._window.state.details
        self._window.fit()

    def show_details(self) -> None:
        """Show the details and go there."""
        self._window.show_panel()
        if self._window.details is not None:
            self._window.details.setFocus(Qt.FocusReason.OtherFocusReason)

    def next_panel(self) -> None:
        """Go to the next panel: sidebar, page, details, strip."""
        self._step(1)

    def previous_panel(self) -> None:
        """Go to the panel before."""
        self._step(-1)

    def _step(self, by: int) -> None:
        window = self._window
        panels: list[QWidget] = [window.sidebar, window.pages]
        if window.details is not None and window.details.isVisible():
            panels.append(window.details)
        panels.append(window.strip)
        focus = QApplication.focusWidget()
        here = next(
            (i for i, p in enumerate(panels) if focus and (p is focus or p.isAncestorOf(focus))), 0
        )
        for count in range(1, len(panels) + 1):
            panel = panels[(here + by * count) % len(panels)]
            target = main_focus(panel)
            if target is not None:
                target.setFocus(Qt.FocusReason.TabFocusReason)
                return

    def show_base_model(self, key: str) -> None:
        """Show a base model on its page."""
        self._window.show_record("base_models", key)

    def show_prompt(self, key: str) -> None:
        """Show a prompt on its page."""
        self._window.show_record("prompts", key)

    def show_job(self, key: str) -> None:
        """Show a training job on its page."""
        self._window.show_record("jobs", key)

    def choose_scheme(self, action: QAction) -> None:
        """Light, dark, or as the system has it."""
        self._window.state.scheme = action.data()
        apply_theme(self._window.app, self._window.state.scheme)

    def choose_density(self, action: QAction) -> None:
        """How high the rows of the table are."""
        self._window.state.density = action.data()
        self._table.set_density(self._window.state.density)

    # -- saved filters ---------------------------------------------------------------------

    def save_filter(self) -> None:
        """Ask for a name, and keep what is typed and ticked under it."""
        self._window.saved_places.ask_to_save()

    def rename_filter(self) -> None:
        """Ask for another name of the saved filter that is shown."""
        self._window.saved_places.ask_to_rename(self._window.place())

    def remove_filter(self) -> None:
        """Forget the saved filter that is shown."""
        self._window.saved_places.remove(self._window.place())

    # -- library ---------------------------------------------------------------------------

    def check_selected(self) -> None:
        """Check the selected adapters; without a selection, all of them."""
        ids = self._ids() or list(self._window.library.table.ids())
        self._window.operations.look_at_folders()
        self._window.operations.check(ids)

    def check_for_updates(self) -> None:
        """Ask the servers for newer versions; without a selection of every adapter."""
        self._window.updates.check(self._ids() or None)

    def update_selected(self) -> None:
        """Fetch the newest version of the selected adapters that came from a server."""
        fetched = (AdapterType.HUGGINGFACE, AdapterType.MODEL_REGISTRY)
        self._window.updates.update([r[Row.ID] for r in self._rows() if r[Row.TYPE] in fetched])

    def compare_selected(self) -> None:
        """Show the selected adapter beside its newest version."""
        ids = self._ids()
        if len(ids) == 1:
            self._window.updates.compare(ids[0])

    def locate_selected(self) -> None:
        """Say where the folder of the selected adapter is now."""
        ids = self._ids()
        if len(ids) == 1:
            self._window.operations.locate(ids[0])

    def find_moved(self) -> None:
        """Find the folders of missing adapters, or of the selected ones, again."""
        self._window.relink.find(self._ids())

    def open_selected_folder(self) -> None:
        """Show the folder of the selected adapter in the file manager."""
        ids = self._ids()
        if len(ids) == 1:
            self._window.operations.open_folder_of(ids[0])

    def cancel_front_task(self) -> None:
        """Cancel the task that is shown in front."""
        tasks = [task for task in self._window.runner.tasks if task.visible]
        if tasks:
            tasks[0].cancel()

    # -- help ------------------------------------------------------------------------------

    def show_shortcuts(self) -> None:
        """List every shortcut."""
        from desktop.views.help import ShortcutsDialog

        ShortcutsDialog(self._window.actions_, self._window).open()

    def show_about(self) -> None:
        """What this program is, and where its library lies."""
        from desktop.views.help import AboutDialog

        AboutDialog(self._window.services.location.title, self._window).open()

    def quit(self) -> None:
        """Leave."""
        self._window.close()

    # -- what can be done now --------------------------------------------------------------

    def _has_fetched(self) -> bool:
        """Whether the first of the selected adapters came from a server (a hundred thousand may be
        selected: one is looked at)."""
        model, ids = self._window.library.table, self._ids()
        row = model.row_at(model.row_of(ids[0])) if ids else None
        return row is not None and row[Row.TYPE] != AdapterType.PROJECT

    def name_history(self, undo: str | None, redo: str | None) -> None:
        """Let the actions say what they would take back or bring again."""
        for name, word, label in (("undoAction", "Undo", undo), ("redoAction", "Redo", redo)):
            action = self._window.actions_[name]
            lower = label[:1].lower() + label[1:] if label else ""
            text = f"&{word} {lower.replace('&', '&&')}" if label else f"&{word}"
            action.setText(text)
            action.setIconText(f"{GAP}{word} {lower.split(' ')[0]}" if label else f"{GAP}{word}")
            action.setToolTip(
                f"{word}: {label}" if label else f"There is nothing to {word.lower()}"
            )

    def renew_filter(self) -> None:
        """Enable what makes sense with what is typed and ticked now."""
        window = self._window
        here = window.pages.currentWidget() is window.library_page
        window.actions_["saveFilterAction"].setEnabled(here and window.library_page.asks())

    def renew(self, in_library: bool) -> None:
        """Enable what makes sense with the present selection."""
        library, actions = self._window.library, self._window.actions_
        count = self._table.selected_count() if in_library else 0
        writable = library.is_ready and not library.read_only
        one, some = count == 1, count > 0
        saved = self._window.saved_places.is_one(self._window.place())
        self.renew_filter()
        states = {
            "importFolderAction": not library.refusal,
            "importHubAction": not library.refusal,
            "importRegistryAction": not library.refusal,
            "checkUpdatesAction": library.is_ready and library.table.total() > 0,
            "compareNewestAction": one and library.is_ready and self._has_fetched(),
            "updateAction": some and writable and self._has_fetched(),
            "undoAction": writable and library.undo_label is not None,
            "redoAction": writable and library.redo_label is not None,
            "renameAction": one and writable,
            "favouriteAction": some and writable,
            "tagsAction": some and writable,
            "baseModelAction": some and writable and bool(library.base_models),
            "exportAction": in_library and library.table.rowCount() > 0,
            "renameFilterAction": saved,
            "removeFilterAction": saved,
            "removeAction": some and writable,
            "copyRowsAction": some,
            "copyPathAction": some,
            "copyIdAction": some,
            "copySnippetAction": one,
            "locateAction": one and writable,
            "relinkAction": writable and library.table.total() > 0,
            "openFolderAction": one,
            "checkAction": library.is_ready and library.table.total() > 0,
        }
        for name, on in states.items():
            actions[name].setEnabled(on)
