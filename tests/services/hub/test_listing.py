from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from desktop.services.errors import RemoteError
from desktop.services.hub.listing import (
    MAX_SIZE,
    Entry,
    in_order,
    list_files,
    of_siblings,
    of_tree,
    sizes_missing,
)
from desktop.services.records import FileKind
from tests.hub_server import HOSTILE_NAMES

SHA1, SHA256 = "1" * 40, "2" * 64


def entries(*paths: str) -> list[Entry]:
    return [Entry(path, 10) for path in paths]


def needed(*paths: str, subfolder: str = "") -> list[str]:
    found = list_files(entries(*paths), subfolder)
    return [file.name for file in found.files if file.needed]


def test_what_an_adapter_needs() -> None:
    found = list_files(
        entries(
            ".gitattributes", "README.md", "adapter_config.json", "adapter_model.safetensors",
            "tokenizer.json", "chat_template.jinja", "optimizer.pt", "training_args.bin",
            "notes.md",
        ),
        "",
    )  # fmt: skip
    assert {f.name: (f.kind, f.needed) for f in found.files} == {
        ".gitattributes": (FileKind.OTHER, False),
        "README.md": (FileKind.CARD, True),
        "adapter_config.json": (FileKind.CONFIG, True),
        "adapter_model.safetensors": (FileKind.WEIGHTS, True),
        "tokenizer.json": (FileKind.TOKENIZER, True),
        "chat_template.jinja": (FileKind.TOKENIZER, True),
        "optimizer.pt": (FileKind.TRAINING, False),
        "training_args.bin": (FileKind.TRAINING, False),
        "notes.md": (FileKind.OTHER, False),
    }
    assert (found.skipped, found.folders) == ((), ())


def test_a_pickle_is_needed_only_without_safetensors() -> None:
    both = ("adapter_config.json", "adapter_model.bin", "adapter_model.safetensors")
    assert needed(*both) == ["adapter_config.json", "adapter_model.safetensors"]
    assert needed(*both[:2]) == ["adapter_config.json", "adapter_model.bin"]


def test_a_sub_folder_is_a_place_of_its_own() -> None:
    paths = (
        "README.md", "adapter_config.json", "adapter_model.safetensors",
        "chat/adapter_config.json", "chat/adapter_model.safetensors", "chat/more/notes.txt",
        "chat/checkpoint-5/adapter_config.json", "chat/checkpoint-5/adapter_model.safetensors",
        "chat/checkpoint-5/optimizer.pt", "chat-2/adapter_config.json", "sql/adapter_config.json",
    )  # fmt: skip
    found = list_files(entries(*paths), "chat")
    assert [(f.path, f.name, f.needed) for f in found.files] == [
        ("chat/adapter_config.json", "adapter_config.json", True),
        ("chat/adapter_model.safetensors", "adapter_model.safetensors", True),
        ("chat/more/notes.txt", "more/notes.txt", False),
    ]
    assert found.folders == ("", "chat-2", "chat/checkpoint-5", "sql")


def test_folders_stand_in_the_order_of_their_numbers_the_newest_first() -> None:
    folders = [f"runs/checkpoint-{n}" for n in (1000, 1500, 2400, 500)] + ["", "de", "Chat", "2"]
    assert in_order(folders) == [
        "", "2", "Chat", "de", "runs/checkpoint-2400", "runs/checkpoint-1500",
        "runs/checkpoint-1000", "runs/checkpoint-500",
    ]  # fmt: skip


def test_the_root_leaves_other_adapters_out() -> None:
    paths = ("adapter_config.json", "runs/x.log", "checkpoint-5/optimizer.pt", "last/a.txt",
             "last/adapter_config.json", "last/deep/b.txt")  # fmt: skip
    found = list_files(entries(*paths), "")
    assert [f.name for f in found.files] == [
        "adapter_config.json", "runs/x.log", "checkpoint-5/optimizer.pt",
    ]  # fmt: skip
    assert found.folders == ("last",)
    assert not any(f.needed for f in found.files if "/" in f.name)


def test_a_weights_file_below_is_not_taken_for_ours() -> None:
    found = list_files(entries("adapter_config.json", "old/adapter_model.bin"), "")
    assert [(f.name, f.kind, f.needed) for f in found.files][1] == (
        "old/adapter_model.bin", FileKind.OTHER, False,
    )  # fmt: skip


def test_hostile_names_are_left_out_and_told() -> None:
    found = list_files(entries("adapter_config.json", *HOSTILE_NAMES, "adapter_model.bin"), "")
    # ADAPTER_CONFIG.JSON is a twin on a disk that tells no case; “~/x” and “-rf” are just names.
    assert [f.name for f in found.files] == [
        "adapter_config.json", "~/x", "-rf", "adapter_model.bin",
    ]  # fmt: skip
    assert len(found.skipped) == len(HOSTILE_NAMES) - 2
    assert all(name.isprintable() and len(name) <= 202 for name in found.skipped)


def test_of_twins_the_first_one_stays() -> None:
    # The second two differ in how the accent is written; a file can't be a folder too.
    paths = ("a.txt", "A.TXT", "é/x", "e\u0301/x", "b", "b/c", "d/e", "d")
    found = list_files(entries(*paths), "")
    assert [f.name for f in found.files] == ["a.txt", "é/x", "b", "d/e"]
    assert found.skipped == ("A.TXT", "e\u0301/x", "b/c", "d")


def test_only_names_in_the_folder_are_told() -> None:
    found = list_files(entries("chat/adapter_config.json", "x/con", "chat/nul"), "chat")
    assert found.skipped == ("nul",)


def test_a_needed_file_has_a_size() -> None:
    with pytest.raises(RemoteError) as refused:
        list_files([Entry("adapter_config.json")], "")
    assert refused.value.code == "listing"
    found = list_files([Entry("notes.txt"), Entry("adapter_config.json", 3)], "")
    assert [f.size for f in found.files] == [0, 3]


def sibling(name: Any = "a", size: Any = 5, blob: Any = SHA1, lfs: Any = None) -> Any:
    return SimpleNamespace(rfilename=name, size=size, blob_id=blob, lfs=lfs)


def test_siblings() -> None:
    lfs = SimpleNamespace(size=7, sha256=SHA256, pointer_size=130)
    found = of_siblings([sibling(), sibling("b", 130, SHA1, lfs), sibling("c", None, None)])
    assert found == [Entry("a", 5, None, SHA1), Entry("b", 7, SHA256), Entry("c")]
    assert sizes_missing(found)
    assert not sizes_missing(found[:2])


def test_a_page_of_a_tree() -> None:
    page = [
        {"type": "directory", "path": "d", "oid": SHA1, "size": 0},
        {"type": "file", "path": "d/a", "oid": SHA1, "size": 5},
        {"type": "file", "path": "b", "oid": SHA1, "size": 7, "lfs": {"oid": SHA256, "size": 7}},
    ]
    assert of_tree(page) == [Entry("d/a", 5, None, SHA1), Entry("b", 7, SHA256)]


@pytest.mark.parametrize(
    "page",
    [
        {}, None, "x", [1], [{"type": "file"}], [{"path": 1}],
        *([{"path": "a", "type": "file", "size": size}] for size in ("5", -1, MAX_SIZE + 1, True)),
    ],
)  # fmt: skip
def test_what_is_no_page(page: Any) -> None:
    with pytest.raises((TypeError, KeyError, ValueError)):
        of_tree(page)


@pytest.mark.parametrize("odd", ["../../x", "", "A" * 64, "2" * 63, 5, f"{SHA256}\n"])
def test_a_hash_that_is_none_is_not_taken_for_silence(odd: Any) -> None:
    for page in ([{"type": "file", "path": "a", "size": 1, "lfs": {"oid": odd, "size": 1}}],
                 [{"type": "file", "path": "a", "size": 1, "oid": odd}]):  # fmt: skip
        with pytest.raises(RemoteError) as refused:
            of_tree(page)
        assert refused.value.code == "answer"
