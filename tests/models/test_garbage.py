"""The garbage collector runs on the UI thread only, while a window is open."""

from __future__ import annotations

import gc
import threading

from PySide6.QtWidgets import QApplication

from desktop.models.garbage import MOST, YOUNG, GarbageKeeper


def test_collections_happen_on_the_thread_of_the_keeper(qapp: QApplication) -> None:
    gc.enable()
    threads: set[int] = set()

    def note(phase: str, info: dict[str, int]) -> None:
        threads.add(threading.get_ident())

    keeper = GarbageKeeper()
    other = GarbageKeeper()
    assert not gc.isenabled()
    gc.callbacks.append(note)
    try:
        kept: list[list[int]] = []
        worker = threading.Thread(target=lambda: kept.extend([n] for n in range(YOUNG * 2)))
        worker.start()
        worker.join()
        assert threads == set()
        keeper.look()
        assert threads == {threading.get_ident()}
    finally:
        gc.callbacks.remove(note)
        keeper.stop()
        assert not gc.isenabled()
        other.stop()
        assert gc.isenabled()
        gc.disable()


def test_while_it_rests_it_collects_nothing(qapp: QApplication) -> None:
    collected: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        collected.append(info["generation"])

    keeper = GarbageKeeper()
    GarbageKeeper.rest()
    gc.callbacks.append(note)
    try:
        kept = [[n] for n in range(YOUNG * 2)]
        assert len(kept) < MOST
        keeper.look()
        assert collected == []
        GarbageKeeper.wake()
        keeper.look()
        assert collected
    finally:
        gc.callbacks.remove(note)
        keeper.stop()
        gc.disable()
