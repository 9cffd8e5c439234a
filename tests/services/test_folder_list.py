"""The folders in a folder: order, limits, links, and disks that refuse."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.services import folder_list
from desktop.services.errors import Cancelled
from desktop.services.folder_list import (
    common_parents,
    find_way,
    list_folders,
    look_at,
    sort_key,
    typed_folder,
)
from desktop.services.peft_folder import Mark
from tests.support import make_adapter

FIXTURES = Path(__file__).parent.parent / "fixtures" / "adapters"


def names(path: Path, **how: Any) -> list[str]:
    return [folder.name for folder in list_folders(str(path), **how).folders]


def test_names_are_in_the_order_that_people_expect(tmp_path: Path) -> None:
    wanted = ["Alpha", "beta", "run-2", "run-10", "checkpoint-900", "checkpoint-1600", "Ärger"]
    for name in wanted:
        (tmp_path / name).mkdir()
    (tmp_path / "file").write_text("")
    found = names(tmp_path)
    assert found[:2] == ["Alpha", "beta"]
    assert found.index("run-2") < found.index("run-10")
    # Of a training's checkpoints the latest is what one looks for.
    assert found.index("checkpoint-1600") < found.index("checkpoint-900")
    assert sorted(found) == sorted(wanted)
    assert list_folders(str(tmp_path)).total == len(wanted)


@pytest.mark.parametrize(
    "name", ["", "9", "0" * 250, "a1b2c3", "checkpoint-", "٣٤", "checkpoint-1"]
)
def test_any_two_names_can_be_compared(name: str) -> None:
    for other in ("", "9", "x", "checkpoint-12", "9x9", "\udce9"):
        assert (sort_key(name) < sort_key(other)) in (True, False)


def test_hidden_folders_are_left_out_until_asked_for(tmp_path: Path) -> None:
    (tmp_path / ".cache").mkdir()
    (tmp_path / "runs").mkdir()
    assert names(tmp_path) == ["runs"]
    assert names(tmp_path, hidden=True) == [".cache", "runs"]


def test_of_too_many_folders_the_first_ones_are_listed(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"run-{number}").mkdir()
    listing = list_folders(str(tmp_path), limit=20)
    assert [folder.name for folder in listing.folders] == [f"run-{n}" for n in range(20)]
    assert listing.total == 60


def test_names_that_are_not_utf8_stay_byte_for_byte(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9"
    os.mkdir(raw)
    (folder,) = list_folders(str(tmp_path)).folders
    assert os.fsencode(folder.path) == raw
    (look,) = look_at([folder.path])
    assert os.fsencode(look.path) == raw
    assert look.mark.mark is Mark.PLAIN


def test_links_are_shown_and_circles_are_known(tmp_path: Path) -> None:
    (tmp_path / "runs" / "deep").mkdir(parents=True)
    (tmp_path / "else").mkdir()
    links = {"up": "..", "self": "../runs", "aside": "../else", "gone": "nowhere", "round": "round"}
    for name, target in links.items():
        (tmp_path / "runs" / name).symlink_to(target)
    found = {f.name: f for f in list_folders(str(tmp_path / "runs")).folders}
    # A link to nowhere, or to itself, is no folder.
    assert sorted(found) == ["aside", "deep", "self", "up"]
    assert found["aside"].link
    assert not found["aside"].loop
    assert found["up"].loop
    assert found["self"].loop
    assert not found["deep"].link


@pytest.mark.parametrize(
    ("error", "sentence", "missing"),
    [
        (PermissionError(13, "no"), "You may not read this folder.", False),
        (FileNotFoundError(2, "no"), "This folder is not there any more.", True),
        (NotADirectoryError(20, "no"), "This folder is not there any more.", True),
        (OSError(5, "no"), "The disk or server did not answer while reading this folder.", False),
    ],
)
def test_a_folder_that_refuses_says_why(
    monkeypatch: pytest.MonkeyPatch, error: OSError, sentence: str, missing: bool
) -> None:
    def refuse(_: str) -> None:
        raise error

    monkeypatch.setattr(folder_list.os, "scandir", refuse)
    listing = list_folders("/somewhere")
    assert (listing.problem, listing.missing, listing.folders) == (sentence, missing, ())
    (look,) = look_at(["/somewhere"])
    assert look.mark.mark is Mark.PLAIN
    assert look.opens  # opening it says why not


def test_a_path_that_no_file_can_have_is_a_problem_and_no_exception() -> None:
    assert list_folders("/a\0b").problem
    assert list_folders("/" + "x" * 300).problem == "The path is longer than this system allows."


def test_listing_stops_when_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    class Entry:
        name = path = "/x"

        def is_dir(self) -> bool:
            return False

    class Endless:
        def __enter__(self) -> Iterator[Entry]:
            return iter(Entry, None)

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(folder_list.os, "scandir", lambda _: Endless())
    with pytest.raises(Cancelled):
        list_folders("/endless", cancelled=lambda: True)


def test_folders_are_told_apart(tmp_path: Path) -> None:
    adapter = make_adapter(tmp_path / "sql")
    broken = make_adapter(tmp_path / "broken")
    (broken / "adapter_model.safetensors").unlink()
    run = tmp_path / "run"
    make_adapter(run / "checkpoint-10")
    (run / "checkpoint-10" / ".hidden").mkdir()
    paths = [adapter, broken, run, FIXTURES / "other" / "kohya", FIXTURES / "other" / "full-model"]
    looks = look_at([str(path) for path in paths])
    assert [look.mark.mark for look in looks] == [
        Mark.ADAPTER,
        Mark.BROKEN,
        Mark.PLAIN,
        Mark.NOT_PEFT,
        Mark.NOT_PEFT,
    ]
    assert [look.opens for look in looks[:3]] == [False, False, True]
    assert not look_at([str(run / "checkpoint-10")])[0].opens
    assert look_at([str(run / "checkpoint-10")], hidden=True)[0].opens
    assert looks[0].real == os.path.realpath(adapter)
    assert looks[1].mark.reason == "There are no weights in this folder."


def test_every_adapter_that_peft_made_is_seen() -> None:
    zoo = Path(os.environ.get("LORARIUM_ZOO") or FIXTURES)
    listing = list_folders(str(zoo / "ok"))
    assert listing.total > 30
    assert {look.mark.mark for look in look_at(f.path for f in listing.folders)} == {Mark.ADAPTER}


def test_a_folder_with_very_many_files_may_still_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_list, "_MOST_LOOKED_AT", 3)
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text("")
    assert not look_at([str(tmp_path)])[0].opens
    (tmp_path / "more.txt").write_text("")
    assert look_at([str(tmp_path)])[0].opens


def test_the_folders_with_most_adapters_are_places() -> None:
    paths = [f"/data/runs/a/checkpoint-{n}" for n in range(3)] + ["/data/runs/b", "/data/hub/c"]
    paths += ["/data/runs/deep/d", "/data/runs/deep/e", "/f"]
    assert common_parents(paths) == ["/data/runs", "/data/hub"]
    assert common_parents(paths, most=1) == ["/data/runs"]
    assert common_parents([]) == []


def test_the_way_to_a_folder_starts_at_the_nearest_place() -> None:
    roots = ["/home/me", "/", "/mnt"]
    assert find_way("/home/me/runs/a", roots) == ("/home/me", "/home/me/runs", "/home/me/runs/a")
    assert find_way("/home/me", roots) == ("/home/me",)
    assert find_way("/home/metoo", roots) == ("/", "/home", "/home/metoo")
    assert find_way("/mnt/a/../b/", roots) == ("/mnt", "/mnt/b")
    assert find_way("/x", ["/y"]) == ()


def test_typed_paths_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    adapter = make_adapter(tmp_path / "my runs" / "sql")
    assert typed_folder(f"  {adapter}/ ") == (str(adapter), "")
    assert typed_folder("~") == (str(tmp_path), "")
    assert typed_folder("~/my runs/../my runs/sql") == (str(adapter), "")
    # A file means the folder around it, and a link from a browser its path.
    assert typed_folder(f"{adapter}/adapter_config.json") == (str(adapter), "")
    assert typed_folder(f"file://{tmp_path}/my%20runs/sql") == (str(adapter), "")
    missing = "There is no such folder. Check the spelling."
    assert typed_folder(str(tmp_path / "nowhere")) == ("", missing)
    assert typed_folder(f"{adapter}/adapter_config.json/x") == ("", missing)
    for odd in ("runs", "./runs", "/a\0b", "~nobody-of-this-name/x"):
        assert typed_folder(odd) == ("", "This is not a whole path. Start with / or ~.")
    assert typed_folder("  ") == ("", "Type the path of a folder.")
    shutil.rmtree(adapter)
    assert typed_folder(str(adapter)) == ("", missing)
