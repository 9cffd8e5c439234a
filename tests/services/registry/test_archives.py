"""Archives from strangers: what is in them arrives whole, and nothing else ever does."""

from __future__ import annotations

import hashlib
import io
import lzma
import shutil
import struct
import tarfile
import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest

from desktop.services.errors import Cancelled, RemoteError
from desktop.services.progress import silent
from desktop.services.registry import archive_bytes
from desktop.services.registry.archives import ArchiveLimits, extract_adapter
from tests.cloudera_server.packing import (
    BOUNDARY,
    LINKS,
    link,
    multipart_of,
    pack,
    tar_of,
    zip_of,
)
from tests.hub_server.content import adapter_files

FORMS = ("", "gz", "bz2", "xz")
MB = 1 << 20


@pytest.fixture(scope="module")
def adapter() -> dict[str, bytes]:
    """An adapter with what trainers leave beside it."""
    return adapter_files()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "out" / "target"
    folder.mkdir(parents=True)
    return folder


def needed(files: dict[str, bytes]) -> dict[str, bytes]:
    """What of an adapter's folder is taken."""
    left_out = ("optimizer.pt", ".gitattributes")
    return {name: data for name, data in files.items() if name not in left_out}


def held(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def extract(target: Path, data: bytes, limits: ArchiveLimits | None = None) -> dict[str, str]:
    archive = target.parent.parent / "archive"
    archive.write_bytes(data)
    return extract_adapter(archive, target, silent, limits)


def refused(target: Path, data: bytes, limits: ArchiveLimits | None = None) -> RemoteError:
    """The error of an archive that is refused; nothing of it may be anywhere."""
    before = held(target.parent.parent)
    before["archive"] = data
    with pytest.raises(RemoteError) as caught:
        extract(target, data, limits)
    assert held(target.parent.parent) == before
    assert caught.value.message.endswith(".")
    assert caught.value.advice
    return caught.value


def below(files: dict[str, bytes], *folders: str) -> dict[str, bytes]:
    return {"/".join((*folders, name)): data for name, data in files.items()}


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


# -- hostile ones ----------------------------------------------------------------------------------

WAYS_OUT = (
    "../x",
    "a/../../x",
    "a/..",
    "/etc/x",
    "//server/x",
    "\\\\server\\x",
    "..\\x",
    "C:x",
    "c:\\x",
    "~/x",
    "./../x",
)


@pytest.mark.parametrize("name", WAYS_OUT)
@pytest.mark.parametrize("first", [True, False])
def test_names_that_lead_out(
    target: Path, adapter: dict[str, bytes], name: str, first: bool
) -> None:
    files = {name: b"x", **adapter} if first else {**adapter, name: b"x"}
    for data in (tar_of(files), zip_of(files)):
        error = refused(target, data)
        assert error.code == "listing"
        assert "leads out" in error.message


def test_folders_that_lead_out(target: Path, adapter: dict[str, bytes]) -> None:
    assert refused(target, tar_of(adapter, folders=("../up",))).code == "listing"
    assert refused(target, zip_of(adapter, folders=("../up",))).code == "listing"


@pytest.mark.parametrize("kind", LINKS.values(), ids=LINKS.keys())
def test_what_is_no_file(target: Path, adapter: dict[str, bytes], kind: bytes) -> None:
    error = refused(target, tar_of(adapter, more=(link("model/innocent", kind),)))
    assert error.code == "listing"
    assert "innocent" in error.message


def test_a_file_through_a_link(target: Path, adapter: dict[str, bytes]) -> None:
    """A link to a folder outside, and then a file below it."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        tar.addfile(link("model", tarfile.SYMTYPE, "/tmp"))
        for name, data in adapter.items():
            info = tarfile.TarInfo(f"model/{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    assert refused(target, made.getvalue()).code == "listing"
    assert refused(target, zip_of({**adapter, "model@link": b"/tmp"})).code == "listing"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("adapter_config.json", "adapter_config.json"),
        ("adapter_config.json", "./adapter_config.json"),
        ("a/x", "A/X"),
        ("a/caf\u00e9", "a/cafe\u0301"),
        ("a", "a/b"),
        ("a/b", "a"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_twins(target: Path, adapter: dict[str, bytes], one: str, other: str) -> None:
    made_tar, made_zip = io.BytesIO(), io.BytesIO()
    with (
        tarfile.open(fileobj=made_tar, mode="w") as tar,
        zipfile.ZipFile(made_zip, "w") as archive,
    ):
        rest = {n: data for n, data in adapter.items() if n not in (one, other)}
        for name, data in [*rest.items(), (one, b"{}"), (other, b"[]")]:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
            archive.writestr(name, data)
    for made in (made_tar, made_zip):
        error = refused(target, made.getvalue())
        assert error.code == "listing"
        assert "twice" in error.message


def test_a_folder_with_the_name_of_a_file(target: Path, adapter: dict[str, bytes]) -> None:
    error = refused(target, tar_of(adapter, folders=("adapter_config.json",)))
    assert error.code == "listing"


@pytest.mark.parametrize("form", FORMS[1:])
def test_a_bomb_is_stopped_while_it_unpacks(
    target: Path, adapter: dict[str, bytes], form: str
) -> None:
    """Zeros that pack to a thousandth, in a file that nobody wants; no memory is spent on them."""
    data = tar_of({**adapter, "zeros": bytes(40 * MB)}, form)
    limits = ArchiveLimits(ratio_from=4 * MB)
    archive = target.parent.parent / "archive"
    archive.write_bytes(data)
    del data
    tracemalloc.start()
    try:
        with pytest.raises(RemoteError) as caught:
            extract_adapter(archive, target, silent, limits)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.code == "too_large"
    assert most < 16 * MB
    assert held(target) == {}


def test_a_bomb_in_a_zip(target: Path, adapter: dict[str, bytes]) -> None:
    limits = ArchiveLimits(ratio_from=4 * MB)
    data = zip_of({**adapter, "zeros": bytes(40 * MB)})
    assert refused(target, data, limits).code == "too_large"


def test_a_zip_that_lies_about_a_size(target: Path, adapter: dict[str, bytes]) -> None:
    """The directory says a kilobyte, and forty megabytes come out."""
    weights = "adapter_model.safetensors"
    data = bytearray(zip_of({**adapter, weights: bytes(40 * MB)}))
    at = data.rfind(weights.encode()) - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    data[at + 24 : at + 28] = struct.pack("<L", 1000)
    error = refused(target, bytes(data))
    assert error.code == "too_large"
    assert weights in error.message


def test_files_of_a_zip_that_share_their_bytes(target: Path, adapter: dict[str, bytes]) -> None:
    """How 46 MB became 4.5 PB: many entries, one of them holding the bytes of all."""
    data = bytearray(zip_of({**adapter, "one": b"x" * 999, "two": b"x" * 999}, packed=False))
    two = data.rfind(b"PK\x01\x02")
    one = data.rfind(b"PK\x01\x02", 0, two)
    data[two + 42 : two + 46] = data[one + 42 : one + 46]
    error = refused(target, bytes(data))
    assert error.code == "listing"
    assert "shares its bytes" in error.message


@pytest.mark.parametrize("flag", [0x1, 0x40, 0x2000])
def test_a_locked_zip(target: Path, adapter: dict[str, bytes], flag: int) -> None:
    data = bytearray(zip_of(adapter))
    at = data.find(b"PK\x01\x02")
    data[at + 8 : at + 10] = struct.pack("<H", flag)
    assert "password" in refused(target, bytes(data)).message


def test_a_zip_whose_two_names_differ(target: Path, adapter: dict[str, bytes]) -> None:
    data = bytearray(zip_of(adapter))
    data[30] ^= 1
    assert refused(target, bytes(data)).code == "listing"


def test_a_zip_with_other_packings(target: Path, adapter: dict[str, bytes]) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as archive:
        for name, data in adapter.items():
            archive.writestr(name, data)
    assert refused(target, made.getvalue()).code == "listing"


@pytest.mark.parametrize(("at", "form", "value"), [(10, "<H", 3), (12, "<L", 9999), (16, "<L", 0)])
def test_a_zip_with_a_lying_directory(
    target: Path, adapter: dict[str, bytes], at: int, form: str, value: int
) -> None:
    data = bytearray(zip_of(adapter))
    end = data.rfind(b"PK\x05\x06")
    struct.pack_into(form, data, end + at, value)
    assert refused(target, bytes(data)).code == "answer"


def test_a_zip_in_64_bits(target: Path, adapter: dict[str, bytes]) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in adapter.items():
            with archive.open(name, "w", force_zip64=True) as writer:
                writer.write(data)
    extract(target, made.getvalue())
    assert held(target) == needed(adapter)


def test_too_many_entries(target: Path, adapter: dict[str, bytes]) -> None:
    files = {**adapter, **{f"x/{n}": b"" for n in range(50)}}
    limits = ArchiveLimits(entries=40)
    for data in (tar_of(files), zip_of(files)):
        assert refused(target, data, limits).code == "too_large"


def test_too_many_bytes(target: Path, adapter: dict[str, bytes]) -> None:
    files = {**adapter, "x": b"y" * 2 * MB}
    limits = ArchiveLimits(most_bytes=MB)
    for data in (tar_of(files), tar_of(files, ""), zip_of(files)):
        assert refused(target, data, limits).code == "too_large"


def signed(plain: bytearray, at: int = 0) -> bytes:
    """The tar with the checksum of the header at `at` put right."""
    plain[at + 148 : at + 156] = b" " * 8
    plain[at + 148 : at + 156] = b"%06o\0 " % sum(plain[at : at + 512])
    return bytes(plain)


@pytest.mark.parametrize(
    "field",
    [
        b"\xff" * 12,  # minus one
        b"\x80" + b"\xff" * 11,  # more than all disks
        b"-1\0" + bytes(9),
        b"0x10" + bytes(8),
        b"1_000" + bytes(7),
        b"77777777777\0",  # 8 GB that are not there
    ],
)
def test_a_tar_that_lies_about_a_size(
    target: Path, adapter: dict[str, bytes], field: bytes
) -> None:
    plain = bytearray(tar_of(adapter, "", tarfile.USTAR_FORMAT))
    plain[124:136] = field
    assert refused(target, signed(plain)).code == "answer"


@pytest.mark.parametrize(
    "records",
    [
        b"30 path=a\n",
        b"0 path=a\n",
        b"11 path=a/b",
        b"99999999999999999999 a=b\n",
        b"13 size=-100\n",
        b"14 size=9e100\n",
        b"22 GNU.sparse.major=1\n",
        b"no length\n",
    ],
)
def test_odd_pax_headers(target: Path, adapter: dict[str, bytes], records: bytes) -> None:
    info = tarfile.TarInfo("pax")
    info.type = tarfile.XHDTYPE
    info.size = len(records)
    head = info.tobuf(tarfile.USTAR_FORMAT) + records.ljust(512, b"\0")
    assert refused(target, head + tar_of(adapter, "")).code == "answer"


def test_extra_headers_have_an_end(target: Path, adapter: dict[str, bytes]) -> None:
    """A name of a gigabyte, or a hundred names for one file."""
    info = tarfile.TarInfo("././@LongLink")
    info.type = tarfile.GNUTYPE_LONGNAME
    info.size = 1 << 30
    head = info.tobuf(tarfile.GNU_FORMAT)
    assert refused(target, head + bytes(MB)).code == "answer"
    info.size = 5
    many = (info.tobuf(tarfile.GNU_FORMAT) + b"name\0".ljust(512, b"\0")) * 100
    assert refused(target, many + tar_of(adapter, "")).code == "answer"


def test_a_global_name_is_refused(target: Path, adapter: dict[str, bytes]) -> None:
    info = tarfile.TarInfo("pax")
    info.type = tarfile.XGLTYPE
    info.size = 11
    head = info.tobuf(tarfile.USTAR_FORMAT) + b"11 path=up\n".ljust(512, b"\0")
    assert refused(target, head + tar_of(adapter, "")).code == "answer"


def test_endless_empty_pieces(target: Path, adapter: dict[str, bytes]) -> None:
    assert refused(target, tar_of(adapter) + pack(b"", "gz") * 5000).code == "answer"


def test_a_packing_that_wants_all_memory(target: Path) -> None:
    """The head of an xz whose dictionary has a gigabyte and a half."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 4096}]
    data = bytearray(lzma.compress(tar_of({"a": b"b"}, ""), filters=filters))
    block = data.index(b"\x21\x01", 12)
    data[block + 2] = 39  # two to the 31st and half of it again
    size = (data[12] + 1) * 4
    data[12 + size - 4 : 12 + size] = struct.pack("<L", zlib.crc32(data[12 : 12 + size - 4]))
    assert refused(target, bytes(data)).code == "too_large"


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
