"""One case for each way in: what the contract of every source is tried with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from desktop.services.peft_folder.files import kind_for
from desktop.services.records import FileKind
from tests.cloudera_server import WorkbenchServer
from tests.cloudera_server.common import TOKEN
from tests.hub_server import HubServer
from tests.hub_server.content import adapter_files
from tests.support import make_adapter


class Case(Protocol):
    """A source with one sound adapter in it, and one that is none."""

    source: str
    fetches: bool

    def sound(self) -> Mapping[str, Any]:
        """The source's own fields for the sound adapter."""

    def unsound(self) -> Mapping[str, Any]:
        """The same for a place that holds no adapter."""

    def contents(self) -> dict[str, bytes]:
        """What the sound one's files hold, by name, as far as they are to arrive."""

    def close(self) -> None:
        """Take the place down."""


class FolderCase:
    """A folder on this machine."""

    source = "project"

    def __init__(self, tmp_path: Path, *, copy: bool) -> None:
        self.fetches = copy
        self._folder = make_adapter(tmp_path / "runs" / "chat")
        (self._folder / "README.md").write_text("# Card\n")
        self._empty = tmp_path / "runs" / "empty"
        self._empty.mkdir()

    def sound(self) -> Mapping[str, Any]:
        return {"location": str(self._folder), "copy": self.fetches}

    def unsound(self) -> Mapping[str, Any]:
        return {"location": str(self._empty), "copy": self.fetches}

    def contents(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self._folder.iterdir()}

    def close(self) -> None:
        pass


class HubCase:
    """A repository on a hub."""

    source = "huggingface"
    fetches = True

    def __init__(self, _tmp_path: Path) -> None:
        self.server = HubServer()
        self._files = adapter_files()
        self.server.add_repo("acme/sql-lora", self._files)
        self.server.add_repo("acme/notes", {"README.md": b"# Nothing here\n"})

    def _fields(self, name: str) -> Mapping[str, Any]:
        return {
            "huggingface_name": name,
            "revision": "main",
            "endpoint": self.server.url,
            "token": None,
        }

    def sound(self) -> Mapping[str, Any]:
        return self._fields("acme/sql-lora")

    def unsound(self) -> Mapping[str, Any]:
        return self._fields("acme/notes")

    def contents(self) -> dict[str, bytes]:
        left_out = (FileKind.TRAINING, FileKind.OTHER)
        return {n: data for n, data in self._files.items() if kind_for(n) not in left_out}

    def close(self) -> None:
        self.server.close()


class RegistryCase:
    """A version in the registry of a workbench."""

    source = "model_registry"
    fetches = True

    def __init__(self, _tmp_path: Path) -> None:
        self.server = WorkbenchServer()
        self._files = adapter_files()
        bench = self.server.bench
        bench.register(bench.add_model("sql-lora"), self._files, "model/peft")
        bench.register(bench.add_model("notes"), {"README.md": b"# Nothing here\n"}, "model")

    def _fields(self, what: str) -> Mapping[str, Any]:
        connection = {"kind": "cloudera_workbench", "url": self.server.url, "token": TOKEN}
        return {"connection": connection, "cml_registered_model_id": what}

    def sound(self) -> Mapping[str, Any]:
        return self._fields("sql-lora")

    def unsound(self) -> Mapping[str, Any]:
        return self._fields("notes/1")

    def contents(self) -> dict[str, bytes]:
        left_out = (FileKind.TRAINING, FileKind.OTHER)
        return {n: data for n, data in self._files.items() if kind_for(n) not in left_out}

    def close(self) -> None:
        self.server.close()


def make_case(kind: str, tmp_path: Path) -> Case:
    """The case of this name: one of KINDS."""
    if kind == "hub":
        return HubCase(tmp_path)
    if kind == "registry":
        return RegistryCase(tmp_path)
    return FolderCase(tmp_path, copy=kind == "copy")


KINDS = ("folder", "copy", "hub", "registry")
