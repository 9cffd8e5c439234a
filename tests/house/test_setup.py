"""What `make` does before anything else: it says what is missing, and does nothing twice."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tools import setup_venv

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in a folder of its own, with something that looks like a .venv."""
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    folder = tmp_path / ".venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setattr(setup_venv, "ROOT", tmp_path)
    monkeypatch.setattr(setup_venv, "VENV", folder)
    monkeypatch.setattr(setup_venv, "PYTHON", folder / "bin" / "python")
    monkeypatch.setattr(setup_venv, "STAMP", folder / "lorarium-setup.json")
    monkeypatch.setattr(setup_venv, "PROGRAMS", ())
    return folder


def stamp(venv: Path, *extras: str) -> None:
    word = {
        "hash": setup_venv.wanted(),
        "python": os.path.realpath(venv / "bin" / "python"),
        "extras": extras,
    }
    (venv / "lorarium-setup.json").write_text(json.dumps(word), encoding="utf-8")


def test_what_was_installed_is_not_installed_again(venv: Path) -> None:
    assert not setup_venv.ready("run")
    stamp(venv)
    assert setup_venv.ready("run")
    assert not setup_venv.ready("test")
    stamp(venv, "dev")
    assert setup_venv.ready("run")
    assert setup_venv.ready("test")


def test_other_dependencies_are_installed(venv: Path) -> None:
    stamp(venv, "dev")
    (venv.parent / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    assert not setup_venv.ready("run")


def test_a_venv_whose_python_is_gone_is_made_anew(venv: Path) -> None:
    stamp(venv, "dev")
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").symlink_to(venv / "gone")
    assert not setup_venv.ready("run")
    assert not setup_venv.works()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_a_broken_word_of_the_last_time_counts_as_none(venv: Path, text: str) -> None:
    (venv / "lorarium-setup.json").write_text(text, encoding="utf-8")
    assert not setup_venv.ready("run")


MIRROR = setup_venv.Program("mirror", "a mirror that the tests talk to", "tests/requirements.txt")


@pytest.fixture
def mirror(venv: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of a program of others, whose requirements nothing has to be fetched for."""
    (venv.parent / "tests").mkdir()
    (venv.parent / "tests" / "requirements.txt").write_text("# Nothing.\n", encoding="utf-8")
    monkeypatch.setattr(setup_venv, "PROGRAMS", (MIRROR,))
    return venv.parent / ".venvs" / "mirror"


def test_a_program_of_others_gets_a_venv_of_its_own_once(
    venv: Path,
    mirror: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stamp(venv, "dev")
    monkeypatch.setattr(setup_venv, "system_needs", lambda kind: [])
    # This .venv only looks like one; the pip that really works for others is that of the tests.
    (venv / "pyvenv.cfg").write_text(
        (Path(sys.prefix) / "pyvenv.cfg").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (venv / "lib").symlink_to(Path(sys.prefix) / "lib")

    setup_venv.main("test")
    said = "Installing a mirror that the tests talk to, into .venvs/mirror"
    assert said in capsys.readouterr().out
    assert MIRROR.ready()
    python = mirror / "bin" / "python"
    where = subprocess.run(
        [str(python), "-c", "import sys; print(sys.prefix)"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert where.stdout.strip() == str(mirror)

    made = (mirror / "lorarium-setup.json").stat().st_mtime_ns
    setup_venv.main("test")
    assert capsys.readouterr().out == ""
    assert (mirror / "lorarium-setup.json").stat().st_mtime_ns == made


def test_a_program_of_others_is_not_for_who_only_runs_lorarium(
    venv: Path,
    mirror: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stamp(venv)
    monkeypatch.setattr(setup_venv, "system_needs", lambda kind: [])
    setup_venv.main("run")
    assert capsys.readouterr().out == ""
    assert not mirror.exists()


def test_a_program_of_others_follows_its_requirements_and_the_python(
    venv: Path, mirror: Path
) -> None:
    (mirror / "bin").mkdir(parents=True)
    (mirror / "bin" / "python").symlink_to(sys.executable)
    assert not MIRROR.ready()
    word = mirror / "lorarium-setup.json"
    word.write_text(json.dumps(MIRROR.stamp()), encoding="utf-8")
    assert MIRROR.ready()

    requirements = venv.parent / "tests" / "requirements.txt"
    requirements.write_text("mirror<2\n", encoding="utf-8")
    assert not MIRROR.ready()
    word.write_text(json.dumps(MIRROR.stamp()), encoding="utf-8")
    assert MIRROR.ready()

    word.write_text(json.dumps({**MIRROR.stamp(), "python": "/another/python"}), encoding="utf-8")
    assert not MIRROR.ready()
    word.write_text(json.dumps(MIRROR.stamp()), encoding="utf-8")
    (mirror / "bin" / "python").unlink()
    assert not MIRROR.ready()


def test_every_program_of_others_has_its_requirements_bounded() -> None:
    for program in setup_venv.PROGRAMS:
        lines = (ROOT / program.requirements).read_text(encoding="utf-8").splitlines()
        named = [line for line in lines if line and not line.startswith("#")]
        assert named
        assert [
            line for line in named if not re.fullmatch(r"[a-z-]+>=[\d.]+,<\d+(\.\d+)*", line)
        ] == []


def test_git_is_needed_for_the_tests_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_venv.shutil, "which", lambda name: None)
    packages = {
        kind: [package for need in setup_venv.system_needs(kind) for package in need.packages]
        for kind in ("run", "test")
    }
    assert "git" not in packages["run"]
    assert "git" in packages["test"]


def test_libraries_are_looked_for_by_loading_them() -> None:
    libraries = {"libc.so.6": "libc6", "libnothing-of-this-name.so.1": "libnothing1"}
    if sys.platform != "linux":
        libraries.pop("libc.so.6")
    assert setup_venv.absent(libraries) == ["libnothing-of-this-name.so.1"]


QT = setup_venv.Need("Qt needs a library.", ["libnothing1"], "Install libnothing.so.1.")
POSTGRES = setup_venv.Need("PostgreSQL is missing.", ["postgresql"], "Install it.", "postgresql@17")


def said_by(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *programs: str
) -> str:
    """What is said to somebody who is not root and has these programs."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(
        setup_venv.shutil, "which", lambda name: f"/usr/bin/{name}" if name in programs else None
    )
    with pytest.raises(SystemExit) as stopped:
        setup_venv.fetch([QT, POSTGRES])
    assert stopped.value.code == 1
    return capsys.readouterr().err


@pytest.mark.parametrize("lists", [True, False])
def test_without_root_one_exact_command_for_everything_is_said(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    lists: bool,
) -> None:
    monkeypatch.setattr(setup_venv, "APT_LISTS", str(tmp_path / "*_Packages*"))
    if lists:
        (tmp_path / "main_Packages.lz4").touch()
    said = said_by(monkeypatch, capsys, "apt-get")
    first = "" if lists else "sudo apt-get update && "
    packages = "libnothing1 postgresql"
    assert f"\n    {first}sudo apt-get install -y --no-install-recommends {packages}\n" in said
    assert QT.why in said
    assert POSTGRES.why in said


def test_without_apt_the_libraries_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "libnothing.so.1" in said_by(monkeypatch, capsys)


def test_homebrew_is_told_what_it_has(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "\n    brew install postgresql@17\n" in said_by(monkeypatch, capsys, "brew")


def test_a_missing_library_is_a_need_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    found = setup_venv.library_need({"libnothing.so.1": "libnothing1"}, "Something is missing.")
    assert [need.packages for need in found] == [["libnothing1"]]
    assert "libnothing.so.1" in found[0].otherwise


def test_the_versions_of_python_are_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    low, high = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", project["requires-python"]).groups()
    script = (ROOT / "tools" / "setup").read_text(encoding="utf-8")
    assert f"(3, {low}) <= sys.version_info[:2] <= (3, {int(high) - 1})" in script
    named = {c.rsplit(".", 1)[1] for c in project["classifiers"] if ":: 3." in c}
    assert named == {str(minor) for minor in range(int(low), int(high))}
