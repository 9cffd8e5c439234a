"""What is in a PEFT adapter folder: config, weights, model card, health. Plain Python, read only.

Everything in such a folder is hostile input: see `reading` for how a byte is read at all.
"""

from desktop.services.peft_folder.discover import (
    FolderMark,
    FoundAdapter,
    Mark,
    classify_folder,
    find_adapters,
)
from desktop.services.peft_folder.inspect import check_folder, fingerprint, inspect_folder
from desktop.services.peft_folder.peft_types import task_title, type_title

__all__ = [
    "FolderMark",
    "FoundAdapter",
    "Mark",
    "check_folder",
    "classify_folder",
    "find_adapters",
    "fingerprint",
    "inspect_folder",
    "task_title",
    "type_title",
]
