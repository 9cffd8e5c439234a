"""Archives as a registry packs them, and as somebody packs them who means harm."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Mapping

BOUNDARY = "----=_Part_7_1650.1700000000000"

LINKS = {
    "symlink": tarfile.SYMTYPE,
    "hardlink": tarfile.LNKTYPE,
    "character device": tarfile.CHRTYPE,
    "block device": tarfile.BLKTYPE,
    "pipe": tarfile.FIFOTYPE,
    "contiguous oddity": b"Z",
}
"""Entries of a tar that are no regular file."""


def pack(data: bytes, form: str) -> bytes:
    """Bytes packed: `gz`, `bz2`, `xz`, or "" = as they are."""
    if form == "gz":
        return gzip.compress(data, mtime=0)
    if form == "bz2":
        return bz2.compress(data)
    return lzma.compress(data) if form == "xz" else data


def tar_of(
    files: Mapping[str, bytes],
    form: str = "gz",
    tar_format: int = tarfile.PAX_FORMAT,
    folders: tuple[str, ...] = (),
    more: tuple[tarfile.TarInfo, ...] = (),
) -> bytes:
    """A tar of folders, then files, then entries that are no files."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tar_format) as tar:
        for name in folders:
            info = tarfile.TarInfo(name)
            info.type = tarfile.DIRTYPE
            tar.addfile(info)
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for info in more:
            tar.addfile(info)
    return pack(made.getvalue(), form)


def link(name: str, kind: bytes, to: str = "/etc/passwd") -> tarfile.TarInfo:
    """An entry that is no regular file."""
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = to
    return info


def zip_of(files: Mapping[str, bytes], packed: bool = True, folders: tuple[str, ...] = ()) -> bytes:
    """A zip of folders and files. Names that end in `@link` become symbolic links."""
    made = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(made, "w", method) as archive:
        for name in folders:
            archive.writestr(f"{name}/", b"")
        for name, data in files.items():
            info = zipfile.ZipInfo(name.removesuffix("@link"))
            info.compress_type = method
            kind = stat.S_IFLNK if name.endswith("@link") else stat.S_IFREG
            info.create_system = 3
            info.external_attr = (kind | 0o644) << 16
            archive.writestr(info, data)
    return made.getvalue()


def multipart_of(data: bytes, name: str = "model.tar.gz", boundary: str = BOUNDARY) -> bytes:
    """A multipart/form-data body with a field of text, and then a file."""
    text = (
        f"--{boundary}\r\n"
        'Content-Disposition: form-data; name="version"\r\n\r\n'
        "2\r\n"
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="artifact"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return text.encode() + data + f"\r\n--{boundary}--\r\n".encode()
