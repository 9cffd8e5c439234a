from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl

from desktop.views.import_pages.local_folder.location import dropped_paths
from desktop.views.import_pages.local_folder.paths import (
    expanded,
    found_by_bytes,
    path_of_url,
    proposed_name,
    shown_path,
)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/data/llama3-sql", "llama3-sql"),
        ("/data/llama3-sql/", "llama3-sql"),
        ("/data/runs/sql-context-r16/checkpoint-2400", "sql-context-r16-2400"),
        ("/data/sql/adapter", "sql"),
        ("/data/sql/final_model", "sql"),
        ("/data/sql/output/checkpoint-20", "sql-20"),
        ("/data/sql/model/default", "sql"),
        ("/checkpoint-20", "checkpoint-20"),
        (f"/hub/models--org--chat-lora/snapshots/{'a' * 40}", "chat-lora"),
        ("/data/a\nb\u202ec", "abc"),
        ("/data/sql-\udcff", "sql-_"),
        ("/data/<b>bold", "<b>bold"),
        ("/", "adapter"),
    ],
)
def test_a_folder_proposes_a_name(path: str, name: str) -> None:
    assert proposed_name(path) == name


def test_a_very_long_folder_name_is_cut_for_the_proposal() -> None:
    assert len(proposed_name("/data/" + "x" * 255)) == 120


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (b"file:///tmp/a%20b/", "/tmp/a b"),
        (b"file://localhost/tmp/a", "/tmp/a"),
        (b"file:///tmp/a%FFb", "/tmp/a\udcffb"),
        (b"file:///", "/"),
        (b"file://server/share", ""),
        (b"https://example.org/x", ""),
        (b"nonsense", ""),
    ],
)
def test_a_dropped_url_gives_its_path_byte_for_byte(url: bytes, path: str) -> None:
    assert path_of_url(url) == path


def test_a_drop_keeps_bytes_that_are_no_text() -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromEncoded(b"file:///tmp/x%FF"), QUrl("https://example.org")])
    assert dropped_paths(mime) == ["/tmp/x\udcff"]
    assert dropped_paths(QMimeData()) == []


def test_a_path_is_shown_in_one_readable_line() -> None:
    assert shown_path("/tmp/a\nb\udcff") == "/tmp/a\\x0ab\\xff"


def test_the_home_folder_can_be_written_short() -> None:
    home = os.path.expanduser("~")
    assert expanded("~/x") == f"{home}/x"
    assert expanded("~") == home
    assert expanded("~x/y") == "~x/y"
    assert expanded("/a/~/b") == "/a/~/b"


def test_what_a_chooser_lost_is_found_again(tmp_path: Path) -> None:
    real = os.fsencode(tmp_path) + b"/sql-\xff\xfe/inner"
    os.makedirs(real)
    lossy = f"{tmp_path}/sql-\ufffd\ufffd/inner"
    assert os.fsencode(found_by_bytes(lossy)) == real
    assert found_by_bytes(f"{tmp_path}/other-\ufffd") == f"{tmp_path}/other-\ufffd"
    os.makedirs(os.fsencode(tmp_path) + b"/sql-\xfd")
    assert found_by_bytes(lossy) == lossy, "two fit: neither is guessed"
