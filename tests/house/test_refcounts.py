"""A Qt binding that miscounts references kills the program after some thousand calls.

PySide6 6.12.0 does on Python 3.11: each void call takes a reference from None, each emitted signal
one from True. Small tests do not notice; this one does.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal

CALLS = 100
# Other code takes and gives back a few references meanwhile.
SLACK = CALLS // 2


class Sender(QObject):
    said = Signal(bool)


def test_void_calls_leave_none_alone() -> None:
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        thing.setObjectName("name")
    assert sys.getrefcount(None) > before - SLACK


def test_signals_leave_true_alone() -> None:
    sender = Sender()
    before = sys.getrefcount(True)
    for _ in range(CALLS):
        sender.said.emit(True)
    assert sys.getrefcount(True) > before - SLACK
