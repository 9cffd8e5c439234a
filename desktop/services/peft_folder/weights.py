"""The weights file of an adapter folder: which one it is, and what its tensors tell.

Only the header of a safetensors file is read. A pickle (`.bin`) is never unpickled; torch_archive
lists the tensors of one from its outline.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from desktop.services.peft_folder import torch_archive
from desktop.services.peft_folder.compact_header import elements
from desktop.services.peft_folder.reading import (
    LFS_POINTER_START,
    MissingFileError,
    UnreadableFileError,
    open_file,
    read_start,
)
from desktop.services.peft_folder.safetensors_header import read_header
from desktop.services.records import Finding, Severity, TensorInfo

SAFETENSORS_NAME = "adapter_model.safetensors"
PICKLE_NAME = "adapter_model.bin"
_POINTER_BYTES = 1024
_PICKLE_STARTS = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
_PAGE_STARTS = (b"<!doctype", b"<html", b"<?xml", b"<head")


class Weights(NamedTuple):
    """The weights file and its tensors.

    name is None where there is no usable one; tensors is None where they can't be known. size and
    sizes in bytes, sizes one per tensor.
    """

    name: str | None = None
    size: int | None = None
    tensors: tuple[TensorInfo, ...] | None = None
    sizes: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def parameters(self) -> int | None:
        """Elements of all tensors together."""
        if self.tensors is None:
            return None
        shapes = Counter([tensor.shape for tensor in self.tensors])  # a few stand for all
        return sum(elements(shape) * count for shape, count in shapes.items())

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The distinct dtypes in safetensors' words, sorted."""
        return tuple(sorted({tensor.dtype for tensor in self.tensors or ()}))


def read_weights(folder: str, root: str | None = None) -> Weights:
    """Find and read the weights of a folder. Never raises for what is in it: trouble is in
    `findings`. safetensors wins over a pickle; a broken safetensors file has no stand-in."""
    try:
        return _read_safetensors(folder, root)
    except MissingFileError:
        pass
    except UnreadableFileError as error:
        return _error(_code(error), error.message, error.advice, SAFETENSORS_NAME)
    try:
        return _read_pickle(folder, root)
    except MissingFileError:
        return _error(
            "weights_missing",
            "There are no weights in this folder.",
            "PEFT keeps them in adapter_model.safetensors.",
        )
    except UnreadableFileError as error:
        return _error(_code(error), error.message, error.advice, PICKLE_NAME)


def _code(error: UnreadableFileError) -> str:
    return error.code if error.code.startswith("weights_") else f"weights_{error.code}"


def _read_safetensors(folder: str, root: str | None) -> Weights:
    try:
        header = read_header(folder, SAFETENSORS_NAME, root)
    except MissingFileError:
        raise
    except UnreadableFileError:
        # What it is instead says more than what is wrong with it.
        start, size = read_start(folder, SAFETENSORS_NAME, _POINTER_BYTES, root)
        other = _something_else(start, SAFETENSORS_NAME)
        if other is None:
            raise
        return Weights(SAFETENSORS_NAME, size, findings=(other,))
    return Weights(SAFETENSORS_NAME, header.file_size, header.tensors, header.sizes)


def _something_else(start: bytes, name: str) -> Finding | None:
    """The error for a file that begins like something that is not safetensors."""
    if start.startswith(LFS_POINTER_START):
        return Finding(
            "location",
            "weights_pointer",
            Severity.ERROR,
            f"{name} is a Git LFS pointer: the weights themselves were not fetched.",
            "Run “git lfs pull” in the repository, or fetch the file again.",
        )
    if start.lstrip()[:16].lower().startswith(_PAGE_STARTS):
        return Finding(
            "location",
            "weights_web_page",
            Severity.ERROR,
            f"{name} is a web page, not weights.",
            "Fetch the file again; the server may have asked for a login.",
        )
    if name == SAFETENSORS_NAME and start.startswith(_PICKLE_STARTS):
        return Finding(
            "location",
            "weights_disguised",
            Severity.ERROR,
            f"{name} is a pickle under another name. It can run code, so Lorarium never opens it.",
            "Ask for the weights in the safetensors format.",
        )
    return None


def _read_pickle(folder: str, root: str | None) -> Weights:
    opened = open_file(folder, PICKLE_NAME, root)
    with torch_archive.closing(opened.fd):
        size = opened.size
        if size == 0:
            return _error(
                "weights_empty",
                f"{PICKLE_NAME} is empty.",
                "Fetch or save the file again.",
                PICKLE_NAME,
                size,
            )
        start = torch_archive.read_at(opened.fd, _POINTER_BYTES, 0, PICKLE_NAME)
        other = _something_else(start, PICKLE_NAME)
        if other is not None:
            return Weights(PICKLE_NAME, size, findings=(other,))
        unsafe = Finding(
            "location",
            "weights_pickle",
            Severity.WARNING,
            "These weights are in a pickle format that can run code. Lorarium lists them and never "
            "opens them.",
            "Ask for the weights in the safetensors format.",
        )
        if not start.startswith(_PICKLE_STARTS):
            return Weights(PICKLE_NAME, size, findings=(unsafe, _unlike_pytorch()))
        if start.startswith(b"PK") and not torch_archive.has_end(opened):
            return _error(
                "weights_truncated",
                f"{PICKLE_NAME} is not complete: its end is missing.",
                "Fetch or copy the file again.",
                PICKLE_NAME,
                size,
            )
        listed = torch_archive.list_tensors(opened)
    if listed is None:
        return Weights(PICKLE_NAME, size, findings=(unsafe,))
    tensors, sizes = listed
    return Weights(PICKLE_NAME, size, tensors, sizes, (unsafe,))


def _unlike_pytorch() -> Finding:
    return Finding(
        "location",
        "weights_unknown",
        Severity.WARNING,
        f"{PICKLE_NAME} does not begin like a file that PyTorch wrote.",
        "PEFT may not be able to load it.",
    )


def _error(
    code: str, message: str, advice: str, name: str | None = None, size: int | None = None
) -> Weights:
    finding = Finding("location", code, Severity.ERROR, message, advice)
    return Weights(name, size, findings=(finding,))
