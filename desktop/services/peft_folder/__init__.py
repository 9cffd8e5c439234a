"""What is in a PEFT adapter folder: config, weights, model card, health. Plain Python, read only.

Everything in such a folder is hostile input: see `reading` for how a byte is read at all. The
modules are imported when something of them is first used, so that importing this package costs a
start of the program nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desktop.services.peft_folder.base_models import BaseShape, base_shape, cached_base_dir
    from desktop.services.peft_folder.base_names import (
        BaseName,
        is_hub_name,
        same_name,
        split_base_name,
    )
    from desktop.services.peft_folder.card import ModelCard, read_card
    from desktop.services.peft_folder.discover import (
        FolderMark,
        FoundAdapter,
        Mark,
        classify_folder,
        find_adapters,
    )
    from desktop.services.peft_folder.dtypes import dtype_title
    from desktop.services.peft_folder.fit import BaseFit, base_fit
    from desktop.services.peft_folder.inspect import check_folder, fingerprint, inspect_folder
    from desktop.services.peft_folder.peft_types import task_title, type_title
    from desktop.services.peft_folder.reading import printable, size_text, storable
    from desktop.services.peft_folder.safetensors_header import (
        HeaderError,
        SafetensorsHeader,
        read_header,
    )
    from desktop.services.peft_folder.snippet import loading_snippet

__all__ = [
    "BaseFit",
    "BaseName",
    "BaseShape",
    "FolderMark",
    "FoundAdapter",
    "HeaderError",
    "Mark",
    "ModelCard",
    "SafetensorsHeader",
    "base_fit",
    "base_shape",
    "cached_base_dir",
    "check_folder",
    "classify_folder",
    "dtype_title",
    "find_adapters",
    "fingerprint",
    "inspect_folder",
    "is_hub_name",
    "loading_snippet",
    "printable",
    "read_card",
    "read_header",
    "same_name",
    "size_text",
    "split_base_name",
    "storable",
    "task_title",
    "type_title",
]

_HOMES = {
    "base_names": ("BaseName", "is_hub_name", "same_name", "split_base_name"),
    "base_models": ("BaseShape", "base_shape", "cached_base_dir"),
    "card": ("ModelCard", "read_card"),
    "discover": ("FolderMark", "FoundAdapter", "Mark", "classify_folder", "find_adapters"),
    "dtypes": ("dtype_title",),
    "fit": ("BaseFit", "base_fit"),
    "inspect": ("check_folder", "fingerprint", "inspect_folder"),
    "peft_types": ("task_title", "type_title"),
    "reading": ("printable", "size_text", "storable"),
    "safetensors_header": ("HeaderError", "SafetensorsHeader", "read_header"),
    "snippet": ("loading_snippet",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import the module that a public name lives in (PEP 562)."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
