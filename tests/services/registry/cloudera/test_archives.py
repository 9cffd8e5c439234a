"""Archives from registries: the adapter in them arrives whole, or nothing does."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import time
from pathlib import Path

import pytest

from desktop.services.errors import Cancelled
from desktop.services.registry import archive_bytes
from desktop.services.registry.archives import extract_adapter
from tests.cloudera_server.packing import (
    BOUNDARY,
    multipart_of,
    pack,
    tar_of,
    zip_of,
)
from tests.hub_server.content import adapter_files
from tests.services.registry.cloudera.archives import FORMS, MB, below, extract, refused, signed
from tests.services.registry.cloudera.cases import held, needed

# -- sound ones ----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("where", [(), ("model",), ("model", "artifacts", "peft")])
def test_the_adapter_arrives(
    target: Path, adapter: dict[str, bytes], form: str, where: tuple[str, ...]
) -> None:
    files = {"MLmodel": b"flavors: {}\n", "data/notes.txt": b"x" * 2000, **below(adapter, *where)}
    found = extract(target, tar_of(files, form))
    assert held(target) == needed(adapter)
    assert found == {name: hashlib.sha256(data).hexdigest() for name, data in held(target).items()}


@pytest.mark.parametrize("packed", [True, False])
def test_a_zip(target: Path, adapter: dict[str, bytes], packed: bool) -> None:
    files = {"model/MLmodel": b"", **below(adapter, "model", "peft")}
    extract(target, zip_of(files, packed, folders=("model", "model/peft", "empty")))
    assert held(target) == needed(adapter)


@pytest.mark.parametrize("tar_format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT])
@pytest.mark.parametrize("start", ["", "./"])
def test_other_writers_of_tar(
    target: Path, adapter: dict[str, bytes], tar_format: int, start: str
) -> None:
    deep = "a-folder-with-a-long-name" + "/and-one-below-it" * 8
    files = below(adapter, f"{start}{deep}")
    extract(target, tar_of(files, "gz", tar_format, folders=(start or ".", f"{start}{deep}/")))
    assert held(target) == needed(adapter)


def test_several_packed_pieces_and_padding(target: Path, adapter: dict[str, bytes]) -> None:
    plain = tar_of(adapter, "")
    half = len(plain) // 2
    for form in FORMS[1:]:
        pieces = pack(plain[:half], form) + bytes(8) + pack(plain[half:], form) + bytes(1000)
        extract(target, pieces)
        assert held(target) == needed(adapter)
        for path in target.iterdir():
            path.unlink()


def test_a_size_beyond_eight_gigabytes_is_written_in_binary(
    target: Path, adapter: dict[str, bytes]
) -> None:
    """GNU writes such sizes as a number after a byte of 0x80; here it says a small one."""
    plain = bytearray(tar_of(adapter, "", tarfile.USTAR_FORMAT))
    size = len(next(iter(adapter.values())))
    plain[124:136] = b"\x80" + size.to_bytes(11, "big")
    extract(target, signed(plain))
    assert held(target) == needed(adapter)


def test_the_shallowest_complete_adapter_is_taken(target: Path, adapter: dict[str, bytes]) -> None:
    other = adapter_files(rank=4)
    config = {"adapter_config.json": b"{}"}
    files = {**below(other, "model", "checkpoint-10"), **config, **below(adapter, "model")}
    extract(target, tar_of(files))
    assert held(target) == needed(adapter)


def test_pickled_weights_stay_out_beside_safe_ones(target: Path, adapter: dict[str, bytes]) -> None:
    extract(target, tar_of({**adapter, "adapter_model.bin": b"pickle"}))
    assert "adapter_model.bin" not in held(target)
    for path in target.iterdir():
        path.unlink()
    only = {"adapter_config.json": b"{}", "adapter_model.bin": b"pickle"}
    extract(target, tar_of(only))
    assert held(target) == only


@pytest.mark.parametrize(
    "odd", ["con", "a:b", "x?", ".cache/huggingface/x", "n" * 300, "caf\udce9", "trailing ", "a//b"]
)
def test_odd_names_elsewhere_are_left_out(
    target: Path, adapter: dict[str, bytes], odd: str
) -> None:
    extract(target, tar_of({**below(adapter, "model"), f"other/{odd}": b"x"}))
    assert held(target) == needed(adapter)


@pytest.mark.parametrize("form", ["gz", ""])
def test_a_multipart_body(target: Path, adapter: dict[str, bytes], form: str) -> None:
    extract(target, multipart_of(tar_of(adapter, form)))
    assert held(target) == needed(adapter)


def test_a_boundary_across_two_pieces(target: Path, adapter: dict[str, bytes]) -> None:
    """A file is read in pieces, and the boundary has its middle where two of them meet."""
    mark = f"\r\n--{BOUNDARY}--".encode()
    seen = set()
    for offset in range(0, len(mark) + 1, 4):
        whole = multipart_of(zip_of({"padding": b"", **adapter}, packed=False))
        start = whole.index(b"PK\x03\x04") - 2
        padding = b"x" * ((start - whole.rindex(mark) - offset) % archive_bytes.CHUNK)
        whole = multipart_of(zip_of({"padding": padding, **adapter}, packed=False))
        seen.add((whole.rindex(mark) + offset - start) % archive_bytes.CHUNK)
        extract(target, whole)
        assert held(target) == needed(adapter)
        for path in target.iterdir():
            path.unlink()
    assert seen == {0}


# -- what is no archive, or a damaged one ----------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [b"", b"x", b"{}" * 400, bytes(2000), b"<!doctype html><html></html>", b"\x28\xb5\x2f\xfd" * 9],
)
def test_no_archive(target: Path, data: bytes) -> None:
    assert refused(target, data).code == "answer"


def test_a_page_is_called_one(target: Path) -> None:
    error = refused(target, b"\n<!DOCTYPE html><html><body>Sign in</body></html>")
    assert "web page" in error.message


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_cut_archive(target: Path, adapter: dict[str, bytes], form: str, share: float) -> None:
    data = tar_of(adapter, form)
    end = len(data) if form else len(data.rstrip(b"\0"))
    assert refused(target, data[: int(end * share)]).code == "answer"


def test_a_tar_without_its_end(target: Path, adapter: dict[str, bytes]) -> None:
    plain = tar_of(adapter, "")
    cut = plain[: -(-len(plain.rstrip(b"\0")) // 512) * 512]
    assert "ends in the middle" in refused(target, cut).message


@pytest.mark.parametrize("form", FORMS[1:])
def test_a_wrong_byte_in_a_packed_one(target: Path, adapter: dict[str, bytes], form: str) -> None:
    data = bytearray(tar_of(adapter, form))
    data[len(data) // 2] ^= 0x55
    assert refused(target, bytes(data)).code == "answer"


def test_wrong_bytes_in_a_zip(target: Path, adapter: dict[str, bytes]) -> None:
    data = zip_of(adapter, packed=False)
    weights = data.find(adapter["adapter_model.safetensors"])
    wrong = data[:weights] + bytes([data[weights] ^ 1]) + data[weights + 1 :]
    assert refused(target, wrong).code == "answer"
    for cut in (len(data) - 30, len(data) // 2, 40):
        assert refused(target, data[:cut]).code == "answer"


@pytest.mark.parametrize("junk", [b"junk", b"\x1f\x8b\x08junk"])
def test_junk_after_a_packed_tar(target: Path, adapter: dict[str, bytes], junk: bytes) -> None:
    assert refused(target, tar_of(adapter) + junk).code == "answer"


@pytest.mark.parametrize(
    "body",
    [
        f"--{BOUNDARY}\r\nContent-Type: a/b\r\n\r\nno end".encode(),
        f"--{BOUNDARY}\r\nContent-Type: a/b\r\n\r\n\r\n--{BOUNDARY}--\r\n".encode(),
        f"--{BOUNDARY}\r\nContent-Type: a/b".encode(),
        f"--{BOUNDARY}\r\nContent-Transfer-Encoding: base64\r\n\r\nAA\r\n--{BOUNDARY}--".encode(),
        f"--{BOUNDARY}\r\nContent-Type: a/b\r\n\r\n1\r\n--{BOUNDARY}odd\r\n".encode(),
        f"--{BOUNDARY}\r\nX: y\r\n\r\n{f'--{BOUNDARY}' * 3}\r\n--{BOUNDARY}--\r\n".encode(),
        f"--{BOUNDARY}\r\nX: y\r\n\r\n".encode() + f"\r\n--{BOUNDARY}\r\n\r\n".encode() * 30,
    ],
)
def test_odd_multipart_bodies(target: Path, body: bytes) -> None:
    assert refused(target, body).code == "answer"


def test_no_adapter_in_it(target: Path, adapter: dict[str, bytes]) -> None:
    assert refused(target, tar_of({"MLmodel": b"x"})).code == "no_adapter"
    assert refused(target, zip_of({})).code == "no_adapter"
    without = {n: data for n, data in adapter.items() if not n.startswith("adapter_model")}
    assert "weights" in refused(target, tar_of(without)).message
    nested = refused(target, tar_of({"model.tar.gz": tar_of(adapter)}))
    assert nested.code == "no_adapter"
    assert "model.tar.gz" in nested.advice


# -- stopping, and the disk ------------------------------------------------------------------------


@pytest.mark.parametrize("note", ["Looking", "Unpacking"])
@pytest.mark.parametrize("form", ["tar", "zip", "multipart"])
def test_cancel_leaves_nothing(
    target: Path, note: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.services.transfer_rate._PAUSE", 0.0)
    files = adapter_files(weights_mb=3)
    data = zip_of(files, False) if form == "zip" else tar_of(files, "")
    archive = target.parent.parent / "archive"
    archive.write_bytes(multipart_of(data) if form == "multipart" else data)
    told: list[str] = []

    def stop(done: int, total: int, text: str) -> None:
        told.append(text)
        if text.startswith(note) and (done > archive.stat().st_size * 1.5 or note == "Looking"):
            raise Cancelled

    began = time.monotonic()
    with pytest.raises(Cancelled):
        extract_adapter(archive, target, stop)
    assert time.monotonic() - began < 1
    assert told[-1].startswith(note)
    assert held(target) == {}


def test_progress_only_grows(target: Path, adapter: dict[str, bytes]) -> None:
    told: list[tuple[int, int]] = []
    archive = target.parent.parent / "archive"
    archive.write_bytes(tar_of({**adapter, "x": b"y" * 3 * MB}, ""))

    def note(done: int, total: int, text: str) -> None:
        told.append((done, total))

    extract_adapter(archive, target, note)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert {total for _, total in told} == {2 * archive.stat().st_size}


def test_what_is_there_stays(target: Path, adapter: dict[str, bytes]) -> None:
    (target / "adapter_config.json").write_bytes(b"mine")
    assert refused(target, tar_of(adapter)).code == "disk"
    assert (target / "adapter_config.json").read_bytes() == b"mine"


def test_no_room(target: Path, adapter: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(target)._replace(free=1000)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage)
    assert refused(target, tar_of(adapter)).code == "disk"
