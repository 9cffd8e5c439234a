"""What the folders page says of folders, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.models.folder_nodes import FolderItem
from desktop.models.formats import whole_text
from desktop.services.peft_folder import FoundAdapter, Mark
from desktop.views.folders.looking import LEVELS, Looked, directly_below

NOTHING = "Choose a folder to see what is in it."
READING = "Lorarium is looking into the folder."

_LEVELS = {3: "three"}[LEVELS]


def several_words(items: Sequence[FolderItem]) -> str:
    """How many of the selected folders are adapters."""
    new = sum(item.importable for item in items)
    known = sum(bool(item.ids) for item in items)
    said = []
    if new:
        said.append(f"{whole_text(new)} of them can be imported.")
    if known:
        said.append(f"{whole_text(known)} {'is' if known == 1 else 'are'} in the library.")
    return " ".join(said) or "None of them is an adapter itself."


def plain_words(looked: Looked, found: Sequence[FoundAdapter] | None) -> str:
    """What a folder is that is no adapter. found: the adapters below it, None while they are
    searched. "" where findings say everything."""
    if looked.inspection is not None or looked.refusal is not None:
        return ""
    if looked.mark.mark == Mark.NOT_PEFT:
        return looked.mark.reason
    if found is None:
        return READING
    if not found:
        return f"There is no adapter in this folder, nor {_LEVELS} levels below it."
    every, direct = len(found), directly_below(looked.path, found)
    adapters = f"{whole_text(every)} adapter{'' if every == 1 else 's'}"
    if direct == every:
        return f"{adapters} {'lies' if every == 1 else 'lie'} directly in this folder."
    some = f", {whole_text(direct)} of them directly in it" if direct else ""
    return f"{adapters} {'lies' if every == 1 else 'lie'} up to {_LEVELS} levels below{some}."
