"""What can be known of an adapter on a hub before its weights move.

The small files and the head of the weights are fetched into a folder of their own, where the
weights have their announced size and nothing in it (a sparse file): so the same eyes look at it
that look at a folder on disk, and find the same.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from desktop.services import glimpse
from desktop.services.errors import RemoteError
from desktop.services.hub import listing
from desktop.services.hub.client import HubClient
from desktop.services.hub.endpoints import host_of
from desktop.services.hub.explain import answer
from desktop.services.hub.ranges import read_piece
from desktop.services.hub.records import MAIN, HubFile, HubPreview, HubReference, HubRepo
from desktop.services.peft_folder import same_name
from desktop.services.peft_folder.card import MAX_BYTES as MAX_CARD
from desktop.services.peft_folder.peft_types import TYPE_TITLES
from desktop.services.peft_folder.reading import printable
from desktop.services.peft_folder.safetensors_header import MAX_HEADER_BYTES
from desktop.services.progress import Progress
from desktop.services.records import FileKind, Finding, FolderInspection, Severity, errors_first

MAX_CONFIG = 4 << 20
LOCKS = ("gated", "token", "forbidden")
_FIRST = 64 << 10
_PICKLE_END = 256 << 10
_MOST_STAND_INS = 1_000
_TYPES = {
    **{key.lower().replace("_", "-"): title for key, title in TYPE_TITLES.items()},
    **{key.lower(): title for key, title in TYPE_TITLES.items()},
    "dora": "DoRA",
    "rslora": "rsLoRA",
    "qlora": "LoRA",
}


def preview(
    client: HubClient, reference: HubReference, scratch: str, progress: Progress | None = None
) -> HubPreview:
    """Look at an adapter on a hub.

    scratch: a folder for what is put together meanwhile; nothing of it stays.

    Raises:
        RemoteError: why not. A repository whose files are shut is no error: see
            HubPreview.locked. Cancelled.
    """
    repo = client.repo(reference, progress)
    findings = [*_renamed(reference, repo), *_skipped(repo)]
    by_name = {file.name: file for file in repo.files}
    if listing.CONFIG not in by_name:
        return HubPreview(repo, findings=errors_first([_no_adapter(repo), *findings]))
    try:
        with glimpse.scratch_folder(scratch) as folder:
            _fill(client, repo, by_name, folder, progress)
            inspection = _inspect(folder, repo)
    except RemoteError as error:
        if error.code not in LOCKS:
            raise
        return HubPreview(
            repo,
            findings=errors_first(findings),
            locked=error.code,
            card_type=card_type_of(repo.tags),
        )
    findings += _other_base(repo, inspection)
    return HubPreview(
        repo,
        inspection,
        errors_first([*inspection.findings, *findings]),
        card_type=card_type_of(repo.tags),
    )


def card_type_of(tags: tuple[str, ...]) -> str:
    """The PEFT type that the tags claim, as people call it; "" where they don't."""
    return next((_TYPES[tag.lower()] for tag in tags if tag.lower() in _TYPES), "")


# -- the folder ---------------------------------------------------------------------------------


def _fill(
    client: HubClient,
    repo: HubRepo,
    files: dict[str, HubFile],
    folder: Path,
    progress: Progress | None,
) -> None:
    """Put into the folder what can be known."""
    config = files[listing.CONFIG]
    _write(folder, config, _whole(client, repo, config, MAX_CONFIG, progress))
    done = {config.name}
    for weights in (files.get(listing.SAFETENSORS), files.get(listing.PICKLE)):
        if weights is not None and weights.needed:
            head = _safetensors_head if weights.name == listing.SAFETENSORS else _pickle_ends
            head(client, repo, weights, folder, progress)
            done.add(weights.name)
    card = files.get("README.md")
    if card is not None:
        _write(folder, card, _whole(client, repo, card, MAX_CARD, progress))
        done.add(card.name)
    # The rest only has to be there, for what its names and sizes tell.
    rest = [f for f in repo.files if f.name not in done and "/" not in f.name]
    for file in rest[:_MOST_STAND_INS]:
        with suppress(OSError):
            glimpse.lay(folder, file.name, b"", min(file.size, glimpse.MAX_SPARSE))


def _whole(
    client: HubClient, repo: HubRepo, file: HubFile, most: int, progress: Progress | None
) -> bytes:
    """A small file, checked against what is announced of it; the beginning of a larger one."""
    data = read_piece(client, repo, file, 0, min(file.size, most) + 1, progress).data
    if file.size > most:
        return data[:most]
    if len(data) == file.size and _is_right(file, data):
        return data
    if data.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        raise answer(host_of(client.endpoint))
    raise RemoteError(
        "wrong_bytes",
        f"{file.name} is not what the server announces.",
        "Nothing was fetched. Try again later, or use another hub.",
    )


def _is_right(file: HubFile, data: bytes) -> bool:
    if file.sha256 is not None:
        return hashlib.sha256(data).hexdigest() == file.sha256
    if file.git_sha1 is not None:
        blob = b"blob %d\0" % len(data) + data
        return hashlib.sha1(blob, usedforsecurity=False).hexdigest() == file.git_sha1
    return True


def _safetensors_head(
    client: HubClient, repo: HubRepo, file: HubFile, folder: Path, progress: Progress | None
) -> None:
    first = read_piece(client, repo, file, 0, min(_FIRST, file.size), progress)
    head = first.data
    needed = 8 + int.from_bytes(head[:8], "little") if len(head) >= 8 else 0
    if len(head) < needed <= min(file.size, MAX_HEADER_BYTES + 8):
        start = 0 if first.whole else len(head)
        rest = read_piece(client, repo, file, start, needed - start, progress)
        head = head[:start] + rest.data
    _write(folder, file, head)


def _pickle_ends(
    client: HubClient, repo: HubRepo, file: HubFile, folder: Path, progress: Progress | None
) -> None:
    """The outline of an archive is at its start, its directory at its end."""
    first = read_piece(client, repo, file, 0, min(2 * _PICKLE_END, file.size), progress)
    _write(folder, file, first.data)
    start = max(len(first.data), file.size - _PICKLE_END)
    if start >= file.size:
        return
    if first.whole:
        glimpse.close_archive(folder, file.name)  # the server sends whole files only
        return
    end = read_piece(client, repo, file, start, file.size - start, progress).data
    with (folder / file.name).open("r+b") as target:
        target.seek(start)
        target.write(end[: file.size - start])


def _write(folder: Path, file: HubFile, data: bytes) -> None:
    glimpse.lay(folder, file.name, data, file.size)


def _inspect(folder: Path, repo: HubRepo) -> FolderInspection:
    training = sum(f.size for f in repo.files if f.kind == FileKind.TRAINING)
    found = glimpse.look(folder, training_bytes=training)
    return replace(found, findings=tuple(_of_repository(f) for f in found.findings))


def _of_repository(finding: Finding) -> Finding:
    """The same said of a repository."""
    if finding.code == "weights_missing":
        return replace(finding, message="There are no weights in this repository.")
    return finding


# -- what is to be said of the repository --------------------------------------------------------


def _renamed(asked: HubReference, repo: HubRepo) -> list[Finding]:
    new = repo.reference.repo_id
    if new.casefold() == asked.repo_id.casefold():
        return []
    return [
        Finding(
            "huggingface_name",
            "renamed",
            Severity.NOTE,
            f"This repository is called “{new}” now.",
            "Lorarium goes on with that name.",
            new,
        )
    ]


def _skipped(repo: HubRepo) -> list[Finding]:
    if not repo.skipped:
        return []
    shown = ", ".join(f"“{printable(name, 60)}”" for name in repo.skipped[:3])
    more = len(repo.skipped) - 3
    return [
        Finding(
            "huggingface_name",
            "files_skipped",
            Severity.WARNING,
            f"Names that no folder should hold: {shown}{f' and {more} more' if more > 0 else ''}.",
            "Lorarium leaves these files out.",
        )
    ]


def _no_adapter(repo: HubRepo) -> Finding:
    """That there is nothing to import here, and where in the repository there is."""
    where, folders = repo.reference, repo.folders
    names = {file.name for file in repo.files}
    place = f"the folder “{printable(where.subfolder, 60)}”" if where.subfolder else "its root"
    if where.subfolder and not names:
        message = f"There is no folder “{printable(where.subfolder, 60)}” in this repository."
    elif folders:
        message = f"There is no adapter in {place}."
    else:
        what = _looks_like(names)
        message = "There is no adapter in this repository: no adapter_config.json."
        if what:
            message = f"There is no adapter in this repository. It looks like {what}."
    if not folders:
        return Finding(
            "huggingface_name",
            "no_adapter",
            Severity.ERROR,
            message,
            "Look for a repository with the tag “peft”.",
        )
    shown = [f"“{printable(folder, 60)}”" if folder else "its root" for folder in folders[:5]]
    more = f" and {len(folders) - 5:,} more" if len(folders) > 5 else ""
    there = f"/tree/{quote(where.revision or MAIN, safe='')}"
    first = f"{there}/{quote(folders[0])}" if folders[0] else there if where.revision else ""
    return Finding(
        "huggingface_name",
        "no_adapter",
        Severity.ERROR,
        message,
        f"There {'is one' if len(folders) == 1 else 'are some'} in {', '.join(shown)}{more}.",
        f"{where.repo_id}{first}",
    )


def _looks_like(names: set[str]) -> str:
    if "model_index.json" in names:
        return "a Diffusers pipeline"
    if "pytorch_lora_weights.safetensors" in names:
        return "a Diffusers LoRA, which PEFT does not load"
    if "config.json" in names and any(n.endswith((".safetensors", ".bin")) for n in names):
        return "a full model"
    return ""


def _other_base(repo: HubRepo, inspection: FolderInspection) -> list[Finding]:
    """That card and config do not agree about the base model."""
    named = inspection.base_model_name
    if not named or not repo.base_models:
        return []
    if any(same_name(named, base) != "different" for base in repo.base_models):
        return []
    return [
        Finding(
            "huggingface_name",
            "base_differs",
            Severity.NOTE,
            f"The model card names the base model “{printable(repo.base_models[0], 100)}”, the "
            f"config “{printable(named, 100)}”.",
            "Lorarium goes by the config, as PEFT does.",
        )
    ]
