"""The entry point: arguments, logging, what happens to unforeseen errors, the application."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from desktop import __version__

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from desktop.bootstrap import Services

EXIT_AFTER_PAINT = "LORARIUM_EXIT_AFTER_PAINT"
"""Set by the benchmark: leave at the end of the first paint of the table."""

PICTURE = "lorarium-window.png"
log = logging.getLogger("lorarium")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    p = argparse.ArgumentParser(
        prog="lorarium",
        description="The desktop library for PEFT adapters.",
        epilog="Without --database the library of LORARIUM_DATABASE is opened, else your own.",
    )
    p.add_argument(
        "--database",
        metavar="PATH_OR_URL",
        help="a catalogue file, a Fine Tuning Studio project, or a SQLAlchemy URL "
        "(sqlite:///… or postgresql://…)",
    )
    p.add_argument(
        "--demo", action="store_true", help="open a sample library, thrown away at the end"
    )
    p.add_argument("--screenshot", metavar="FILE", help="draw the window into a PNG file and leave")
    p.add_argument("--version", action="version", version=f"Lorarium {__version__}")
    return p


def has_display() -> bool:
    """Whether a window can be shown. An explicit QT_QPA_PLATFORM counts as a display."""
    if os.environ.get("QT_QPA_PLATFORM") or not sys.platform.startswith("linux"):
        return True
    if os.environ.get("WAYLAND_DISPLAY"):
        return True
    display = os.environ.get("DISPLAY", "")
    if not display.startswith(":"):
        return bool(display)
    # A left-over DISPLAY would make Qt abort; ask the X server whether it is there.
    import socket

    number = display[1:].partition(".")[0]
    for address in (f"\0/tmp/.X11-unix/X{number}", f"/tmp/.X11-unix/X{number}"):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            try:
                probe.connect(address)
            except OSError:
                continue
            return True
    return False


def main(argv: list[str] | None = None) -> int:
    """Start Lorarium; returns the exit code."""
    # Until the window is there next to nothing is thrown away, but the collector would look through
    # everything that is imported again and again. Then `models.garbage` sees to it.
    gc.disable()
    try:
        return _start(argv)
    finally:
        gc.enable()


def _start(argv: list[str] | None) -> int:
    options = parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    sys.excepthook = _report
    picture = options.screenshot
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        if not picture:
            picture = _picture_path()
            print("There is no display here, so the window is drawn off screen.", flush=True)
    from desktop.services.errors import LorariumError

    try:
        with ExitStack() as at_end:
            services, runs = _services(options, at_end)
            if runs is not None and not picture:
                print(f"To try an import: {runs}. The sample goes with its window.", flush=True)
            return _run(services, picture)
    except LorariumError as error:
        print(f"{error.message} {error.advice}".strip(), file=sys.stderr)
        return 2


def _services(options: argparse.Namespace, at_end: ExitStack) -> tuple[Services, Path | None]:
    """The services, and what the sample library has outside of it."""
    from desktop.bootstrap import open_services

    if not options.demo:
        return open_services(options.database), None
    import tempfile

    from desktop.services.sample import create_sample_library

    folder = Path(
        at_end.enter_context(
            tempfile.TemporaryDirectory(prefix="lorarium-sample-", ignore_cleanup_errors=True)
        )
    )

    os.environ.setdefault("LORARIUM_CONFIG", str(folder / "config"))
    services = open_services(folder / "catalog.db")
    outside = create_sample_library(services, folder)
    services.history.forget()
    return services, outside


def _run(services: Services, picture: str | None) -> int:
    from PySide6.QtCore import QLocale
    from PySide6.QtWidgets import QApplication

    from desktop.bootstrap import build_window

    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    if QLocale().language() == QLocale.Language.C:
        # The C locale groups no digits: 41943040 is hard to read.
        QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    app.setApplicationName("Lorarium")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("lorarium")
    window = build_window(services)
    if os.environ.get(EXIT_AFTER_PAINT):
        window.library_page.table.painted.connect(_leave_at_once)
    _close_on_signals(window)
    result = 0
    if picture:
        from desktop.views.picture import Photographer

        photographer = Photographer(window, picture)
        photographer.start()
        window.show()
        result = app.exec()  # the event loop itself, not a modal dialog
        result = photographer.result or result
    else:
        window.show()
        result = app.exec()
    services.close()
    return int(result)


def _close_on_signals(window: QWidget) -> None:
    """Ctrl+C, a closed terminal and `kill` close the window; a second one ends the program."""
    import signal

    from PySide6.QtCore import QTimer

    wanted = [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")]

    def close(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        # Not here: Python runs this between any two steps of ours, maybe while a widget paints.
        QTimer.singleShot(0, window.close)

    for number in wanted:
        # What is ignored, as under nohup, stays so.
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, close)


def _leave_at_once() -> None:
    os._exit(0)


def _picture_path() -> str:
    here = Path.cwd()
    if os.access(here, os.W_OK):
        return str(here / PICTURE)
    import tempfile

    return str(Path(tempfile.gettempdir()) / PICTURE)


def _report(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """An error nobody foresaw: into the log, without local variables (they may hold a token)."""
    if issubclass(kind, KeyboardInterrupt):
        sys.exit(130)
    log.critical("An error that was not foreseen", exc_info=(kind, error, traceback))


if __name__ == "__main__":
    sys.exit(main())
