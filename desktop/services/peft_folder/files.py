"""The files directly in an adapter folder, and what each is there for."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from desktop.services.peft_folder.reading import (
    UnreadableFileError,
    explain,
    kind_of,
    printable,
    read_start,
    resolve,
    size_text,
    storable,
)
from desktop.services.records import FileKind, Finding, FolderFile, Severity

MAX_FILES = 5_000
_TOKENIZER = frozenset(
    {
        "tokenizer.json", "tokenizer_config.json", "tokenizer.model", "special_tokens_map.json",
        "vocab.json", "vocab.txt", "merges.txt", "added_tokens.json", "spiece.model",
        "sentencepiece.bpe.model", "chat_template.jinja", "chat_template.json",
        "preprocessor_config.json", "processor_config.json",
    }
)  # fmt: skip
_TRAINING = re.compile(
    r"(?:optimizer|scheduler|scaler|rng_state\w*|training_args|trainer_state|train_results"
    r"|eval_results|all_results|global_step\w*|latest|zero_to_fp32|events\.out\.tfevents.*)"
    r"(?:\.(?:pt|pth|bin|json|safetensors|py|distcp))?"
)
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".npy", ".joblib")
_KOHYA_MARKS = (b'"lora_unet_', b'"lora_te', b".lora_down.weight", b'"ss_network_')
_CODE = (".py", ".pyc", ".so", ".dll", ".sh", ".exe", ".ipynb", ".bat", ".ps1")


class Listing(NamedTuple):
    """The regular files of a folder by name, and what was odd about the others."""

    files: tuple[FolderFile, ...] = ()
    training_bytes: int = 0
    findings: tuple[Finding, ...] = ()


def kind_for(name: str) -> FileKind:
    """What a file is there for, by its name."""
    if name == "adapter_config.json":
        return FileKind.CONFIG
    if name in ("adapter_model.safetensors", "adapter_model.bin"):
        return FileKind.WEIGHTS
    if name.lower() == "readme.md":
        return FileKind.CARD
    if name in _TOKENIZER:
        return FileKind.TOKENIZER
    return FileKind.TRAINING if _TRAINING.fullmatch(name) else FileKind.OTHER


def list_files(folder: str, root: str | None = None, names: Sequence[str] | None = None) -> Listing:
    """The regular files of a folder (not of its sub-folders), at most MAX_FILES of them.

    names: those to look at, where the folder has been listed already. Links that stay inside count
    as files; others, and everything that is no file, are left out with a note.
    """
    try:
        if names is None:
            with os.scandir(folder) as entries:
                found = [entry.name for entry in islice(entries, MAX_FILES + 1)]
        else:
            found = list(names[: MAX_FILES + 1])
    except (OSError, ValueError) as error:
        told = explain(error, "this folder")
        return Listing(findings=(_note("files_unreadable", told.message, told.advice),))
    notes: list[Finding] = []
    if len(found) > MAX_FILES:
        del found[MAX_FILES:]
        notes.append(
            _note(
                "files_limit",
                f"The folder holds more than {MAX_FILES:,} files.",
                f"Lorarium lists {MAX_FILES:,} of them.",
            )
        )
    files: list[FolderFile] = []
    outside: list[str] = []
    odd: list[tuple[str, str]] = []
    start = os.path.join(folder, "")
    for name in sorted(found):
        try:
            info = os.lstat(start + name)
            linked = stat.S_ISLNK(info.st_mode)
            if linked:
                info = os.stat(resolve(folder, name, root))
        except UnreadableFileError as error:
            if error.code in ("link_outside", "link_loop", "link_broken"):
                outside.append(name)
            continue
        except (OSError, ValueError):
            continue
        if stat.S_ISREG(info.st_mode):
            files.append(_file(name, info.st_size, linked))
        elif not stat.S_ISDIR(info.st_mode):
            odd.append((name, kind_of(info.st_mode)))
    if outside:
        notes.append(
            _note(
                "files_links",
                f"{_these(outside)} {'is a link' if len(outside) == 1 else 'are links'} that "
                f"{'leads' if len(outside) == 1 else 'lead'} out of this folder or nowhere.",
                "Lorarium leaves such links out.",
            )
        )
    if odd:
        notes.append(
            _note(
                "files_special",
                f"“{printable(odd[0][0], 60)}” is {odd[0][1]}, not a file."
                if len(odd) == 1
                else f"{_these([n for n, _ in odd])} are no files.",
                "Lorarium leaves such things out.",
            )
        )
    training = sum(f.size for f in files if f.kind == FileKind.TRAINING)
    return Listing(tuple(files), training, tuple(notes))


def _file(name: str, size: int, linked: bool) -> FolderFile:
    shown, kind, remark = _about(name)
    if linked:
        remark = f"{remark} A link.".strip()
    return FolderFile(shown, size, kind, remark)


@lru_cache(maxsize=512)
def _about(name: str) -> tuple[str, FileKind, str]:
    """(the name as it can be stored, what it is there for, what is remarkable about it)."""
    remarks = []
    lower = name.lower()
    if lower.endswith(_PICKLES):
        remarks.append("A pickle, which can run code; never opened.")
    elif lower.endswith(_CODE):
        remarks.append("Code; never run.")
    shown = name
    if storable(name) != name:  # bytes that are no text: no database takes them as they are
        shown = printable(name, 255)
        remarks.append("Its name is not UTF-8 text.")
    return shown, kind_for(name), " ".join(remarks)


def training_note(listing: Listing, weights_name: str | None) -> tuple[Finding, ...]:
    """A note about files that only serve training, and about a pickle beside safetensors."""
    found = []
    training = [f for f in listing.files if f.kind == FileKind.TRAINING]
    if training:
        names = [f.name for f in sorted(training, key=lambda f: -f.size)]
        pickles = any(f.name.lower().endswith(_PICKLES) for f in training)
        found.append(
            _note(
                "training_files",
                f"{size_text(listing.training_bytes)} here only "
                f"{'serves' if listing.training_bytes else 'serve'} training: {_these(names)}.",
                "The adapter loads without them."
                + (" Some are pickles; Lorarium never opens those." if pickles else ""),
            )
        )
    if weights_name == "adapter_model.safetensors" and any(
        f.name == "adapter_model.bin" for f in listing.files
    ):
        found.append(
            _note(
                "pickle_beside",
                "adapter_model.bin is here too, in a pickle format that can run code.",
                "Lorarium and PEFT take adapter_model.safetensors.",
            )
        )
    return tuple(found)


def looks_like(folder: str, names: Iterable[str]) -> str:
    """What a folder without adapter_config.json seems to be, in words ("a full model"); "" when
    nobody can tell. names: of its files."""
    known = set(names)
    if "model_index.json" in known:
        return "a Diffusers pipeline"
    if "pytorch_lora_weights.safetensors" in known or "pytorch_lora_weights.bin" in known:
        return "a Diffusers LoRA"
    if "config.json" in known and any(
        n.startswith(("model", "pytorch_model", "tf_model", "flax_model"))
        and n.endswith((".safetensors", ".bin", ".index.json", ".h5", ".msgpack"))
        for n in known
    ):
        return "a full model"
    for name in sorted(n for n in known if n.endswith(".safetensors"))[:3]:
        try:
            start, _ = read_start(folder, name, 4096)
        except UnreadableFileError:
            continue
        if any(mark in start for mark in _KOHYA_MARKS):
            return "a Kohya LoRA"
    return ""


def _note(code: str, message: str, advice: str = "") -> Finding:
    return Finding("location", code, Severity.NOTE, message, advice)


def _these(names: Sequence[str], most: int = 3) -> str:
    shown = [f"“{printable(name, 60)}”" for name in names[:most]]
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most:,} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
