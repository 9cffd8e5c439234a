"""Import from a folder: kept in place or copied, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.bootstrap import Services, open_services
from desktop.services.errors import Cancelled, FolderError, ValidationError
from desktop.services.importing import slug
from desktop.services.records import AddBaseModelRequest
from tests.support import LLAMA, make_adapter


def tree(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def fields(folder: Path, base: str, **given: object) -> dict[str, object]:
    return {"location": str(folder), "name": "chat", "model_id": base, **given}


def left_over(services: Services) -> list[str]:
    home = services.location
    return [p.name for f in (home.staging, home.adapters) if f.exists() for p in f.iterdir()]


def test_keep_in_place(services: Services, base: str, tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "chat")
    before = tree(folder)
    adapter = services.imports.import_adapter("project", fields(folder, base))
    assert (adapter.type, adapter.path, adapter.managed) == ("project", str(folder), False)
    assert tree(folder) == before
    services.adapters.remove_adapter(adapter.id)
    assert tree(folder) == before


def test_copy_into_the_library_remove_and_undo(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "chat")
    (folder / "optimizer.pt").write_bytes(b"state" * 1000)
    (folder / "README.md").write_text("# Card")
    (folder / os.fsdecode(b"notiz-\xe9.txt")).write_text("bytes")
    before = tree(folder)
    seen: list[tuple[int, int, str]] = []
    adapter = services.imports.import_adapter(
        "project", fields(folder, base, copy=True), progress=lambda *a: seen.append(a)
    )
    assert adapter.managed
    copy = Path(adapter.path or "")
    assert copy.parent == services.location.adapters
    assert copy.name.startswith("chat-")
    assert tree(copy) == {k: v for k, v in before.items() if k != "optimizer.pt"}
    assert tree(folder) == before
    assert not services.location.staging.exists()
    totals = {total for _, total, _ in seen if total}
    assert len(totals) == 1
    assert any(done == total for done, total, _ in seen if total)
    assert services.adapters.check_adapter(adapter.id) == ()

    whole = tree(copy)
    services.adapters.remove_adapter(adapter.id)
    assert not copy.exists()
    services.history.undo()
    assert tree(copy) == whole
    assert services.adapters.get_adapter(adapter.id) == adapter
    services.history.redo()
    services.history.undo()
    services.history.undo()
    assert services.adapters.list_adapters() == []
    assert not copy.exists()
    services.history.redo()
    assert tree(copy) == whole
    assert tree(folder) == before


def test_cancel_leaves_nothing(services: Services, base: str, tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "chat")

    def cancel(done: int, total: int, text: str) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        services.imports.import_adapter("project", fields(folder, base, copy=True), progress=cancel)
    assert left_over(services) == []
    assert services.adapters.list_adapters() == []


@pytest.mark.parametrize("copy", [False, True])
def test_refusals_touch_nothing(services: Services, base: str, tmp_path: Path, copy: bool) -> None:
    folder = make_adapter(tmp_path / "chat")
    services.imports.import_adapter("project", fields(folder, base))
    empty = tmp_path / "empty"
    empty.mkdir()
    file = tmp_path / "file"
    file.write_text("x")
    for given, field in (
        (fields(folder, base), "name"),
        (fields(empty, base, name="n"), "location"),
        (fields(file, base, name="n"), "location"),
        (fields(tmp_path / "gone", base, name="n"), "location"),
        (fields(folder, "no", name="n"), "model_id"),
        (fields(folder, base, name="n", colour="red"), "colour"),
    ):
        with pytest.raises(ValidationError) as caught:
            services.imports.import_adapter("project", {**given, "copy": copy})
        assert field in {f.field for f in caught.value.findings if f.severity == "error"}
    with pytest.raises(ValidationError):
        services.imports.import_adapter("elsewhere", fields(folder, base, name="n"))
    assert len(services.adapters.list_adapters()) == 1
    assert left_over(services) == []


def test_a_file_that_grows_while_it_is_copied(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "chat")
    weights = folder / "adapter_model.safetensors"

    def grow(done: int, total: int, text: str) -> None:
        if text == weights.name and not done >= total:
            with weights.open("ab") as file:
                file.write(b"more")

    with pytest.raises(FolderError, match="changed while it was copied"):
        services.imports.import_adapter("project", fields(folder, base, copy=True), progress=grow)
    assert left_over(services) == []


def test_a_full_disk_is_a_sentence(
    services: Services, base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(100, 99, 1))
    folder = make_adapter(tmp_path / "chat")
    with pytest.raises(FolderError, match="are free"):
        services.imports.import_adapter("project", fields(folder, base, copy=True))
    assert left_over(services) == []


def test_a_managed_row_that_points_elsewhere_never_moves_a_persons_folder(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "mine")
    adapter = services.imports.import_adapter("project", fields(folder, base))
    from desktop.services.catalog.schema import folders

    with services.open().write(None) as transaction:
        transaction.update(folders, adapter.id, {"managed": 1})
    removal = services.adapters.remove_adapter(adapter.id)
    assert removal.managed == 0
    assert (folder / "adapter_config.json").exists()


def test_a_small_disk_with_room_is_enough(
    services: Services, base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_adapter(tmp_path / "chat")
    size = sum(p.stat().st_size for p in folder.iterdir())
    usage = shutil.disk_usage(tmp_path)
    room = [size + size // 4 + (64 << 10)]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=room[0]))
    assert services.imports.import_adapter("project", fields(folder, base, copy=True)).managed
    room[0] -= 1
    with pytest.raises(FolderError, match=r"The copy needs \S+ kB, and \S+ kB are free"):
        services.imports.import_adapter("project", fields(folder, base, name="b", copy=True))


def test_the_trash_counts_from_the_day_of_removal(tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "chat")
    path = tmp_path / "catalog.db"
    with open_services(path) as s:
        base = s.base_models.add_base_model(
            AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
        ).id
        adapter = s.imports.import_adapter("project", fields(folder, base, copy=True))
        place = Path(adapter.path or "")
        os.utime(place, (1e9, 1e9))  # copied long ago
        s.adapters.remove_adapter(adapter.id)
        s.history.forget()
    kept = s.location.trash / place.name
    with open_services(path):
        assert kept.exists()
    os.utime(kept, (1e9, 1e9))  # removed long ago
    with open_services(path):
        assert not kept.exists()


def test_the_folder_of_a_moved_library_is_not_taken_for_a_left_over(tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "chat")
    with open_services(tmp_path / "old" / "catalog.db") as s:
        base = s.base_models.add_base_model(
            AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
        ).id
        s.imports.import_adapter("project", fields(folder, base, copy=True))
    (tmp_path / "old").rename(tmp_path / "new")
    with open_services(tmp_path / "new") as s:
        assert len(list(s.location.adapters.iterdir())) == 1


def test_a_removal_that_can_not_move_the_files_changes_nothing(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "chat")
    adapter = services.imports.import_adapter("project", fields(folder, base, copy=True))
    place = Path(adapter.path or "")
    other = services.imports.import_adapter("project", fields(folder, base, name="b", copy=True))
    (services.location.trash / Path(other.path or "").name).mkdir(parents=True)
    with pytest.raises(FolderError, match="in the way"):
        services.adapters.remove_adapters([adapter.id, other.id])
    assert len(services.adapters.list_adapters()) == 2
    assert place.is_dir()
    assert services.history.labels()[0] == "Import “b”"


def test_a_copy_that_two_rows_use_stays_until_both_are_gone(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "chat")
    adapter = services.imports.import_adapter("project", fields(folder, base, copy=True))
    place = Path(adapter.path or "")
    services.imports.import_adapter("project", fields(place, base, name="again"))
    assert services.adapters.remove_adapter(adapter.id).managed == 0
    assert place.is_dir()


def test_locating_a_copy_elsewhere_takes_it_out_of_the_store(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "chat")
    adapter = services.imports.import_adapter("project", fields(folder, base, copy=True))
    place = Path(adapter.path or "")
    moved = services.adapters.relocate(adapter.id, str(folder))
    assert not moved.managed
    assert not place.exists()
    services.history.undo()
    assert services.adapters.get_adapter(adapter.id) == adapter
    assert tree(place) == tree(folder)


def test_slug() -> None:
    assert slug("Ünïcode Näme / v7 …") == "ncode-nme-v7"
    assert slug("../../etc") == "etc"
    assert slug("漢字") == "adapter"
    assert len(slug("x" * 300)) == 40


KILLED = """
import os, sys
from desktop.bootstrap import open_services
def progress(done, total, text):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), 9)
left = int(sys.argv[3])
with open_services(sys.argv[1]) as s:
    base = s.base_models.list_base_models()[0].id
    s.imports.import_adapter("project", {"location": sys.argv[2], "name": "chat", "model_id": base,
                             "copy": True}, progress=progress)
"""


def test_kill_at_any_point_leaves_a_whole_adapter_or_none(tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "chat")
    before = tree(folder)
    path = tmp_path / "library" / "catalog.db"
    with open_services(path) as s:
        s.base_models.add_base_model(
            AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
        )
    whole = 0
    for steps in range(12):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(path), str(folder), str(steps)],
            capture_output=True,
            env={**os.environ},
        )
        assert done.returncode in (0, -signal.SIGKILL)
        with open_services(path) as s:
            assert not s.location.staging.exists()
            adapters = s.adapters.list_adapters()
            kept = s.location.adapters
            assert len(adapters) == (len(list(kept.iterdir())) if kept.exists() else 0)
            for adapter in adapters:
                assert tree(Path(adapter.path or "")) == before
                whole += 1
                s.adapters.remove_adapter(adapter.id)
        if done.returncode == 0:
            break
    assert whole >= 1
    assert tree(folder) == before
