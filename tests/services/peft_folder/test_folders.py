"""Folders that are no adapters, and things in folders that are no files."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from desktop.services.peft_folder import classify_folder, find_adapters, inspect_folder, printable
from desktop.services.peft_folder.reading import (
    UnreadableFileError,
    allowed_root,
    explain,
    read_start,
    size_text,
    storable,
)
from desktop.services.records import FolderInspection, Severity
from tests.services.peft_folder.paths import ADAPTERS, make_adapter

NAMES = ("adapter_config.json", "adapter_model.safetensors")


def _errors(seen: FolderInspection) -> list[tuple[str, str]]:
    assert all(f.field == "location" for f in seen.findings)
    return [(f.code, f.message) for f in seen.findings if f.severity == Severity.ERROR]


def test_a_file_an_empty_and_a_missing_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    seen = inspect_folder(tmp_path / "file")
    assert _errors(seen) == [("not_a_folder", "This is a file.")]
    assert seen.findings[0].advice == "Choose the folder around it."
    assert _errors(inspect_folder(tmp_path / "gone")) == [
        ("folder_missing", "There is no such folder.")
    ]
    (tmp_path / "empty").mkdir()
    seen = inspect_folder(str(tmp_path / "empty"))
    assert _errors(seen) == [("config_missing", "There is no adapter_config.json in this folder.")]
    assert seen.findings[0].advice == "Choose the folder that holds it."
    assert seen.fingerprint == ""
    assert seen.files == ()
    assert seen.weights_file is None


@pytest.mark.parametrize(
    ("folder", "what"),
    [
        ("other/diffusers", "a Diffusers LoRA"),
        ("other/kohya", "a Kohya LoRA"),
        ("other/full-model", "a full model"),
    ],
)
def test_what_a_folder_is_instead(folder: str, what: str) -> None:
    (finding,) = inspect_folder(ADAPTERS / folder).findings
    assert finding.code == "config_missing"
    assert finding.advice == f"This looks like {what}, which PEFT does not load."


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("", "folder_missing"),
        ("a\0b", "folder_unreadable"),
        ("/" + "x" * 300, "folder_name_too_long"),
        ("/" + "x/" * 5000, "folder_name_too_long"),
        ("~nobody/x", "folder_missing"),
        ("--help", "folder_missing"),
        ("\udcff\udcfe", "folder_missing"),
        ("a\nb\u202ec", "folder_missing"),
        ("\ud800", "folder_unreadable"),
    ],
)
def test_paths_that_nobody_can_have(path: str, code: str) -> None:
    seen = inspect_folder(path)
    assert [c for c, _ in _errors(seen)] == [code]
    assert seen.findings[0].message.isprintable()
    assert seen.path == path
    assert find_adapters(path) == ()
    assert classify_folder(path).mark == "plain"


def test_a_name_that_is_no_utf8(tmp_path: Path) -> None:
    wrong = b"\xff" if sys.platform == "linux" else b"\xc2\x81"  # macOS keeps only UTF-8
    odd = os.path.join(os.fsencode(tmp_path), b"a" + wrong + b"b")
    os.mkdir(odd)
    make_adapter(Path(os.fsdecode(odd)))
    Path(os.fsdecode(os.path.join(odd, b"note" + wrong + b".txt"))).write_text("x")
    seen = inspect_folder(os.fsdecode(odd))
    assert os.fsencode(seen.path) == odd
    assert seen.parameters
    assert seen.findings == ()
    shown = [f for f in seen.files if f.name.startswith("note")]
    if sys.platform == "linux":
        assert shown[0].name == "note\\xff.txt"
        assert "not UTF-8" in shown[0].note
    (found,) = find_adapters(tmp_path)
    assert os.fsencode(found.path) == odd
    with pytest.raises(TypeError):
        inspect_folder(odd)  # type: ignore[arg-type]


def test_long_and_hostile_names_are_read(tmp_path: Path) -> None:
    for name in ("x" * 255, "=cmd|' /C", "<b>&%1", "a\u202eb\x1b[31m", " lead", "--rf"):
        folder = make_adapter(tmp_path / name)
        assert inspect_folder(folder).findings == ()
    assert len(find_adapters(tmp_path)) == 6


# -- links and special files -------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("/etc/passwd", "link_outside"),
        ("/dev/zero", "link_outside"),
        ("/proc/self/environ", "link_outside"),
        ("../secret", "link_outside"),
        ("nowhere", "link_broken"),
        ("SELF", "link_loop"),
    ],
)
def test_links_that_leave_the_folder(name: str, target: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("SECRET")
    folder = make_adapter(tmp_path / "a")
    (folder / name).unlink()
    (folder / name).symlink_to(name if target == "SELF" else target)
    seen = inspect_folder(folder)
    kind = "config" if name == NAMES[0] else "weights"
    assert [c for c, _ in _errors(seen)] == [f"{kind}_{code}"]
    assert name in _errors(seen)[0][1]
    assert "SECRET" not in repr(seen)
    assert name not in [f.name for f in seen.files]
    assert "files_links" in [f.code for f in seen.findings]
    assert classify_folder(folder).mark == "broken"


def test_links_that_stay_inside_are_files(tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "a")
    (folder / NAMES[1]).rename(folder / "real.bin2")
    (folder / NAMES[1]).symlink_to("real.bin2")
    (folder / "up.txt").symlink_to("../a/real.bin2")
    seen = inspect_folder(folder)
    assert seen.findings == ()
    assert {f.name: f.note for f in seen.files}[NAMES[1]] == "A link."
    (tmp_path / "door").symlink_to(folder)
    assert inspect_folder(tmp_path / "door").findings == ()


def test_a_snapshot_of_the_hugging_face_cache(tmp_path: Path) -> None:
    repo = tmp_path / "hub" / "models--acme--tiny-lora"
    snapshot = repo / "snapshots" / ("0" * 40)
    blobs = repo / "blobs"
    blobs.mkdir(parents=True)
    real = make_adapter(tmp_path / "real")
    snapshot.mkdir(parents=True)
    for i, name in enumerate(NAMES):
        shutil.copy(real / name, blobs / str(i))
        (snapshot / name).symlink_to(f"../../blobs/{i}")
    assert inspect_folder(snapshot).findings == ()
    assert allowed_root(str(snapshot)) == os.path.realpath(repo)
    other = tmp_path / "hub" / "models--acme--other" / "blobs"
    other.mkdir(parents=True)
    shutil.copy(real / NAMES[1], other / "1")
    (snapshot / NAMES[1]).unlink()
    (snapshot / NAMES[1]).symlink_to("../../../models--acme--other/blobs/1")
    assert [c for c, _ in _errors(inspect_folder(snapshot))] == ["weights_link_outside"]
    # A folder that only calls itself so opens no door.
    fake = make_adapter(tmp_path / "snapshots" / "x")
    assert allowed_root(str(fake)) == os.path.realpath(fake)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["pipe", "socket", "folder"])
def test_what_is_no_file_is_refused_at_once(
    name: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_adapter(tmp_path / "a")
    (folder / name).unlink()
    server = socket.socket(socket.AF_UNIX)
    if kind == "pipe":
        os.mkfifo(folder / name)
    elif kind == "folder":
        (folder / name).mkdir()
    else:
        monkeypatch.chdir(folder)  # a socket's address is short
        server.bind(name)
    began = time.monotonic()
    seen = inspect_folder(folder)
    classify_folder(folder)
    server.close()
    assert time.monotonic() - began < 2
    part = "config" if name == NAMES[0] else "weights"
    assert _errors(seen) == [(f"{part}_not_a_file", f"{name} is a {kind}, not a file.")]
    codes = [f.code for f in seen.findings]
    assert ("files_special" in codes) == (kind != "folder")


def test_a_device_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read_start("/dev", "zero", 100)
    assert caught.value.message == "zero is a device, not a file."
    assert _errors(inspect_folder("/dev/null")) == [("not_a_folder", "This is not a folder.")]


def test_files_of_any_size_cost_nothing(tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "a")
    with (folder / NAMES[0]).open("r+b") as file:
        file.truncate(5 << 30)
    began = time.process_time()
    seen = inspect_folder(folder)
    assert time.process_time() - began < 1
    assert _errors(seen) == [
        (
            "config_limit",
            "adapter_config.json takes 5.37 GB; Lorarium reads up to 1.05 MB.",
        )
    ]
    assert classify_folder(folder).mark == "broken"


def test_many_files_are_listed_up_to_a_limit(tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "a")
    for i in range(5_100):
        (folder / f"f{i}").touch()
    seen = inspect_folder(folder)
    assert len(seen.files) <= 5_000
    assert seen.parameters
    assert [f.message for f in seen.findings] == ["The folder holds more than 5,000 files."]


def test_code_beside_an_adapter_is_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_adapter(tmp_path / "a")
    (folder / "__init__.py").write_text("raise SystemExit('run')")
    monkeypatch.chdir(folder)
    notes = {f.name: f.note for f in inspect_folder(".").files}
    assert notes["__init__.py"] == "Code; never run."


# -- permission --------------------------------------------------------------------------------

_AS_NOBODY = """
import hashlib, json, os, sys
sys.path.insert(0, sys.argv[1])
from desktop.services.peft_folder import classify_folder, find_adapters, inspect_folder
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
for folder in sys.argv[2:]:
    seen = inspect_folder(folder)
    print(json.dumps([[f.code, f.message, f.severity] for f in seen.findings]))
    classify_folder(folder), find_adapters(folder)
"""


def test_no_permission_in_words(tmp_path: Path) -> None:
    """Root may read everything, so a child gives its rights away first."""
    with tempfile.TemporaryDirectory(prefix="lorarium-") as name:  # tmp_path is closed to others
        open_place = Path(name)
        open_place.chmod(0o755)
        closed = make_adapter(open_place / "closed")
        config = make_adapter(open_place / "config")
        weights = make_adapter(open_place / "weights")
        (config / NAMES[0]).chmod(0)
        (weights / NAMES[1]).chmod(0)
        closed.chmod(0)
        done = subprocess.run(
            [sys.executable, "-c", _AS_NOBODY, str(ADAPTERS.parents[2]),
             *map(str, (closed, config, weights))],
            capture_output=True, text=True, check=True, cwd="/",
        )  # fmt: skip
        closed.chmod(0o755)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert found == [
        [["folder_no_permission", "You have no permission to read this folder.", "error"]],
        [["config_no_permission", "You have no permission to read adapter_config.json.", "error"]],
        [["weights_no_permission", "You have no permission to read adapter_model.safetensors.",
          "error"]],
    ]  # fmt: skip


def test_other_errors_of_the_system_in_words() -> None:
    import errno

    assert explain(OSError(errno.EIO, ""), "x").code == "unreachable"
    assert explain(OSError(errno.ESTALE, ""), "x").message == (
        "The disk or server did not answer while reading x."
    )
    assert explain(OSError(errno.EMFILE, ""), "x").message.startswith("x can’t be read: ")
    assert explain(ValueError("embedded null byte"), "x").message == (
        "x can’t be read: the name holds a character that no file can have."
    )


# -- words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain name", "plain name"),
        ("a\nb", "a\\x0ab"),
        ("a\u202eb", "a\\u202eb"),
        ("a\udcffb", "a\\xffb"),
        ("\U000e0001", "\\U000e0001"),
        ("<b>é</b>", "<b>é</b>"),
        ("x" * 300, "x" * 80 + "…" + "x" * 80),
    ],
)
def test_text_for_one_line(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(text).isprintable()


def test_sizes_and_storable_text() -> None:
    sizes = [0, 328_000, 83_900_000, 999_600, 2_100_000_000, 5 << 40]
    assert [size_text(s) for s in sizes] == ["0 B", "328 kB", "83.9 MB", "1 MB", "2.1 GB", "5.5 TB"]
    assert storable("a\0\ud800b", 3) == "a\ufffd\ufffd"
    assert storable("fine") == "fine"
