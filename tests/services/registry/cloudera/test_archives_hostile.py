"""Archives from people who mean harm: each is refused in a sentence, and nothing is left."""

from __future__ import annotations

import io
import lzma
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest

from desktop.services.errors import RemoteError
from desktop.services.progress import silent
from desktop.services.registry.archives import ArchiveLimits, extract_adapter
from tests.cloudera_server.packing import (
    LINKS,
    link,
    pack,
    tar_of,
    zip_of,
)
from tests.services.registry.cloudera.archives import FORMS, MB, extract, refused, signed
from tests.services.registry.cloudera.cases import held, needed

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
