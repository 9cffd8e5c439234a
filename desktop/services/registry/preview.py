"""What can be known of a registered version before its files move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from desktop.services import glimpse
from desktop.services.errors import RemoteError
from desktop.services.peft_folder.card import MAX_BYTES as MAX_CARD
from desktop.services.peft_folder.files import kind_for
from desktop.services.peft_folder.reading import printable
from desktop.services.peft_folder.safetensors_header import MAX_HEADER_BYTES
from desktop.services.progress import Progress
from desktop.services.records import FileKind, Finding, FolderInspection, Severity, errors_first
from desktop.services.registry.backend import Backend
from desktop.services.registry.facts import base_model_of, job_of
from desktop.services.registry.records import (
    Artifact,
    ArtifactFile,
    Connection,
    ModelVersion,
    RegistryPreview,
)

CONFIG = "adapter_config.json"
WEIGHTS = ("adapter_model.safetensors", "adapter_model.bin")
_MAX_CONFIG = 4 << 20
_FIRST = 64 << 10
_NEEDED = (FileKind.CONFIG, FileKind.WEIGHTS, FileKind.CARD, FileKind.TOKENIZER)
_MOST_STAND_INS = 1_000
FIELD = "cml_registered_model_id"


def files_of(
    artifact: Artifact, folder: str, *, everything: bool = False
) -> list[tuple[ArtifactFile, str]]:
    """(file, its name in the adapter's folder) of what is to be fetched from a folder of an
    artifact: what PEFT and its tokenizer need, or everything."""
    prefix = f"{folder}/" if folder else ""
    here = [(f, f.path[len(prefix) :]) for f in artifact.files if f.path.startswith(prefix)]
    names = {name for _, name in here}
    found = []
    for file, name in here:
        kind = kind_for(name) if "/" not in name else FileKind.OTHER
        needed = kind in _NEEDED and not (name == WEIGHTS[1] and WEIGHTS[0] in names)
        if needed or everything:
            found.append((file, name))
    return found


def choose_folder(artifact: Artifact, wanted: str) -> str:
    """The folder of the artifact that holds the adapter. wanted: "" = the shallowest.

    Raises:
        RemoteError (`no_adapter`): there is none, or not there.
    """
    if wanted:
        if wanted in artifact.adapters:
            return wanted
        others = ", ".join(f"“{printable(f, 60) or '.'}”" for f in artifact.adapters[:3])
        raise RemoteError(
            "no_adapter",
            f"There is no {CONFIG} in “{printable(wanted, 60)}” of this version.",
            f"There is one in {others}." if others else "Choose another version.",
        )
    if artifact.adapters:
        return artifact.adapters[0]
    raise RemoteError(
        "no_adapter",
        f"There is no PEFT adapter in this version: no {CONFIG} at any depth.",
        "Choose a version that was saved by PEFT.",
    )


def preview(
    backend: Backend,
    connection: Connection,
    version: ModelVersion,
    scratch: str,
    progress: Progress,
    folder: str = "",
) -> RegistryPreview:
    """Look at one version.

    folder: where in its artifact the adapter is, "" = found. scratch: a folder for what is put
    together meanwhile; nothing of it stays.

    Raises:
        RemoteError: why not; that no adapter is in it is a finding, no error. Cancelled.
    """
    findings: list[Finding] = []
    run = backend.run(version, progress)
    known = RegistryPreview(
        connection, version, run, base_model=base_model_of(run, version), job=job_of(run)
    )
    if version.status and version.status != "READY":
        findings.append(
            _finding(
                "not_ready",
                Severity.WARNING,
                f"The registry says of this version: {printable(version.status, 60)}.",
                "Its files may not be complete.",
            )
        )
    try:
        artifact = backend.artifact(version, progress)
    except RemoteError as error:
        if error.code not in ("entry", "forbidden"):
            raise
        findings.append(_finding(error.code, Severity.ERROR, error.message, error.advice))
        return replace(known, findings=errors_first(findings))
    if artifact is None:
        findings.append(
            _finding(
                "whole_archive",
                Severity.NOTE,
                "This registry hands out whole archives, so nothing of the files is known yet.",
                "They are checked when they are here, before anything is added.",
            )
        )
        return replace(known, findings=errors_first(findings))
    findings += _skipped(artifact)
    try:
        place = choose_folder(artifact, folder)
    except RemoteError as error:
        findings.append(_finding(error.code, Severity.ERROR, error.message, error.advice))
        return replace(known, artifact=artifact, findings=errors_first(findings))
    if len(artifact.adapters) > 1:
        findings.append(_several(artifact, place))
    with glimpse.scratch_folder(scratch) as scene:
        inspection = _look(backend, version, artifact, place, scene, progress)
    sizes = [file.size for file, _ in files_of(artifact, place)]
    return replace(
        known,
        artifact=artifact,
        folder=place,
        inspection=inspection,
        base_model=inspection.base_model_name or known.base_model,
        findings=errors_first((*inspection.findings, *findings)),
        needed_bytes=None if None in sizes else sum(size or 0 for size in sizes),
    )


def _look(
    backend: Backend,
    version: ModelVersion,
    artifact: Artifact,
    folder: str,
    scene: Path,
    progress: Progress,
) -> FolderInspection:
    training, laid = 0, 0
    wanted = {name for _, name in files_of(artifact, folder)}
    for file, name in files_of(artifact, folder, everything=True):
        if "/" in name:
            continue
        kind = kind_for(name)
        training += (file.size or 0) if kind == FileKind.TRAINING else 0
        data = b""
        if name in wanted and kind in (FileKind.CONFIG, FileKind.CARD):
            most = _MAX_CONFIG if kind == FileKind.CONFIG else MAX_CARD
            data = backend.read(version, file, most + 1, progress)
        elif name in wanted and kind == FileKind.WEIGHTS:
            data = _head(backend, version, file, progress)
        elif laid >= _MOST_STAND_INS:
            continue
        laid += 1
        # Of a file without a known size, what was read of it is all there is to say.
        size = len(data) if file.size is None else file.size
        if name not in wanted:
            size = min(size, glimpse.MAX_SPARSE)
        glimpse.lay(scene, name, data, size)
        if name == WEIGHTS[1] and (file.size or 0) > len(data):
            glimpse.close_archive(scene, name)
    return glimpse.look(scene, training_bytes=training)


def _head(backend: Backend, version: ModelVersion, file: ArtifactFile, progress: Progress) -> bytes:
    head = backend.read(version, file, _FIRST, progress)
    needed = 8 + int.from_bytes(head[:8], "little") if len(head) >= 8 else 0
    if len(head) < needed <= MAX_HEADER_BYTES + 8 and file.path.endswith(WEIGHTS[0]):
        head = backend.read(version, file, needed, progress)
    return head


def _skipped(artifact: Artifact) -> Sequence[Finding]:
    if not artifact.skipped:
        return ()
    shown = ", ".join(f"“{printable(name, 60)}”" for name in artifact.skipped[:3])
    return (
        _finding(
            "files_skipped",
            Severity.WARNING,
            f"Names that no folder should hold: {shown}.",
            "Lorarium leaves these files out.",
        ),
    )


def _several(artifact: Artifact, place: str) -> Finding:
    others = [f for f in artifact.adapters if f != place]
    shown = ", ".join(f"“{printable(f, 60) or '.'}”" for f in others[:3])
    return Finding(
        "subfolder",
        "several_adapters",
        Severity.NOTE,
        f"This version holds {len(artifact.adapters):,} adapters; this is the one in "
        f"“{printable(place, 60) or '.'}”.",
        f"The others are in {shown}.",
    )


def _finding(code: str, severity: Severity, message: str, advice: str = "") -> Finding:
    return Finding(FIELD, code, severity, message, advice)
