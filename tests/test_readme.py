"""What the README and the other pages say can be done, can be done."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from desktop.bootstrap import open_services
from desktop.main import parser
from desktop.services.errors import NotFoundError, ValidationError
from desktop.services.records import AddBaseModelRequest
from tests.hub_server import HubServer
from tests.hub_server.content import adapter_files
from tests.mlflow_server.fixtures import mlflow_server
from tests.mlflow_server.store import MlflowServer
from tests.support import LLAMA, make_adapter

__all__ = ["mlflow_server"]

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/architecture.md",
    "docs/decisions.md",
)


def test_the_script_of_the_readme_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = CODE[0]
    for name in ("sql", "chat"):
        make_adapter(tmp_path / name)
    for said, here in (
        ("sqlite:////path/", f"sqlite:///{tmp_path}/"),
        ('"/data/', f'"{tmp_path}/'),
    ):
        assert said in code
        code = code.replace(said, here)
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)
    assert capsys.readouterr().out.startswith("1.0 0.9\n")
    with names["open_services"](tmp_path / "catalog.db") as s:  # type: ignore[operator]
        listed = [(a.name, a.managed) for a in s.adapters.list_adapters()]
        assert listed == [("chat", True), ("sql-2", False)]
        with pytest.raises(NotFoundError):
            s.adapters.get_adapter("nobody")
        with pytest.raises(ValidationError) as refused:
            s.imports.import_adapter("project", {"name": " "})
        assert len(refused.value.findings) > 1


def test_the_second_script_of_the_readme_runs(
    tmp_path: Path, mlflow_server: MlflowServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_adapter(tmp_path / "runs" / "one")
    code = CODE[1]
    for said, here in (
        ("http://127.0.0.1:5000", mlflow_server.url),
        ('"/data"', f'"{tmp_path / "runs"}"'),
    ):
        assert said in code
        code = code.replace(said, here)
    with HubServer() as hub, open_services(tmp_path / "catalog.db") as s:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        repo = hub.add_repo("org/name", adapter_files())
        request = AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
        names: dict[str, Any] = {"s": s, "m": s.base_models.add_base_model(request)}
        exec(compile(code, "README.md", "exec"), names)
        assert names["c"].revision == repo.commit
        assert names["d"].revision == "2"
        assert [record.name for record in names["added"].records] == ["one"]
        assert len(s.adapters.list_adapters()) == 3


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("https://"):
            assert (ROOT / page).parent.joinpath(target).exists(), target


def test_every_command_of_the_readme_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"\bmake (\w+)\b", README)):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
    known = parser().format_help()
    for option in set(re.findall(r"(?<![\w-])--[a-z]+\b", README)):
        assert option in known, option


def test_the_tree_of_the_house_names_what_is_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    tree = text.split("```")[1]
    for name in re.findall(r"\b([a-z_]+\.py)\b", tree):
        assert list(ROOT.glob(f"desktop/**/{name}")), name
    for name in re.findall(r"\b([a-z_]+)/ ", tree):
        places = (name, f"desktop/**/{name}", f"tests/{name}")
        assert any(list(ROOT.glob(place)) for place in places), name
