"""Places, findings, splits and tasks that the gallery and the tests show."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from desktop.services.records import DatasetSplit, Finding, Severity
from desktop.views.widgets.sidebar import Place, PlaceGroup

PLACES = [
    PlaceGroup(
        "Library",
        [
            Place("all", "books", "All adapters", 1284, None, "Ctrl+1"),
            Place("favourites", "star", "Favourites", 17, None, "Ctrl+2"),
            Place("recent", "clock", "Recently added", 38, None, "Ctrl+3"),
            Place("problems", "warning", "Problems", 23, "error", "Ctrl+4"),
            Place("missing", "missing", "Missing", 6, "warning", "Ctrl+5"),
            Place("duplicates", "copy", "Duplicates", 41, None, "Ctrl+6"),
        ],
    ),
    PlaceGroup(
        "Source",
        [
            Place("project", "folder", "Local folder", 1032),
            Place("huggingface", "cloud", "Hugging Face", 214),
            Place("registry", "cylinder", "Registry", 38),
        ],
    ),
    PlaceGroup(
        "Base model",
        [
            Place("m1", "layers", "Llama-3.1-8B", 412),
            Place("m2", "layers", "Qwen2.5-7B-Instruct-with-a-long-name", 305),
        ],
    ),
    PlaceGroup("On disk", [Place("folders", "folder-open", "Folders")]),
    PlaceGroup(
        "Records",
        [
            Place("models", "layers", "Base models", 14),
            Place("prompts", "prompt", "Prompts", 9),
            Place("datasets", "dataset", "Datasets", 22),
            Place("jobs", "job", "Training jobs", 96),
        ],
    ),
]
FULL = DatasetSplit(0.8, 0.9, True, True, "j", "sql-context-r16-3ep")
ASSUMED = DatasetSplit()
SMALL = DatasetSplit(0.25, 0.8, True, True, "j", "job")
ERROR = Finding(
    "weights",
    "zero",
    Severity.ERROR,
    "lora_B is all zero in 224 of 224 modules.",
    "The adapter was saved before training changed it. Nothing would happen when it is loaded.",
)
WARNING = Finding(
    "weights",
    "rank",
    Severity.WARNING,
    "Weights have rank 16, the config says 8.",
    "Set r to 16 in adapter_config.json, then check again.",
)
NOTE = Finding("weights", "training", Severity.NOTE, "2.1 GB here only serves training.")


class FakeTask(QObject):
    """What the strip needs of a task."""

    progress = Signal(object, object, str)
    finished = Signal()

    def __init__(self, title: str, icon: str, state: str = "running") -> None:
        super().__init__()
        self.title, self.icon, self.state = title, icon, state
        self.cancels = 0

    def cancel(self) -> None:
        self.cancels += 1


def nothing() -> None:
    """What the links of the gallery do."""
