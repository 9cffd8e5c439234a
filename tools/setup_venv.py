"""Make .venv ready, and with it the system libraries that Qt and the tests need.

The tests also talk to programs that others wrote. Each has a virtual environment of its own, in
.venvs, since what it depends on is no business of ours.

Run by tools/setup, which finds the Python. Standard library only. A second run finds everything in
place, touches no network and takes a moment.
"""

from __future__ import annotations

import ctypes
import fcntl
import glob
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
STAMP_NAME = "lorarium-setup.json"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / STAMP_NAME
EXTRAS = {"run": (), "test": ("dev",)}
AGAIN = "--again"
APT_LISTS = "/var/lib/apt/lists/*_Packages*"

# What the Qt wheels load and do not bring along, by the Debian package that holds it. Both lists
# were found with a bare Debian 12; later releases and Ubuntu provide the same package names.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
SCREEN_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
POSTGRES_BINARIES = (
    "/usr/lib/postgresql/*/bin/initdb",
    "/usr/pgsql-*/bin/initdb",
    "/opt/homebrew/opt/postgresql*/bin/initdb",
    "/usr/local/opt/postgresql*/bin/initdb",
    "/Applications/Postgres.app/Contents/Versions/*/bin/initdb",
)


def stop(*lines: str) -> NoReturn:
    """End with these lines on stderr."""
    print(*lines, sep="\n", file=sys.stderr)
    sys.exit(1)


def absent(libraries: Mapping[str, str]) -> list[str]:
    """The names of those libraries that the dynamic loader does not find."""
    missing = []
    for name in libraries:
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    return missing


@dataclass(frozen=True)
class Need:
    """Something of the system that is missing.

    why: in a sentence. packages: the Debian packages that bring it. brew: the Homebrew one.
    otherwise: what to do where neither apt-get nor brew is.
    """

    why: str
    packages: list[str]
    otherwise: str
    brew: str = ""


def fetch(needs: list[Need]) -> None:
    """Install what is missing where we may, all of it at once; else say the command and stop."""
    if not needs:
        return
    why = [need.why for need in needs]
    packages = [package for need in needs for package in need.packages]
    if shutil.which("apt-get") is None:
        advice = []
        for need in needs:
            brewed = need.brew and shutil.which("brew")
            advice.append(f"    brew install {need.brew}" if brewed else need.otherwise)
        stop(*why, *advice, "Then try again.")
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    # A machine that was just set up has no lists of packages yet.
    listed = bool(glob.glob(APT_LISTS))
    if os.geteuid() != 0:
        first = "" if listed else "sudo apt-get update && "
        stop(*why, "Run this, then try again:", f"    {first}sudo {' '.join(command)}")
    print(*why, f"Installing {' '.join(packages)}.", sep="\n", flush=True)
    if listed and apt_get(*command[1:]):
        return
    # The lists may also be old.
    apt_get("update")
    if not apt_get(*command[1:]):
        stop(f"That did not work. Run this by hand to see why: {' '.join(command)}")


def apt_get(*arguments: str) -> bool:
    """Run apt-get without questions; whether it succeeded."""
    # Another installation may be under way: wait for it instead of giving up.
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", *arguments]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, env=environment)
    return done.returncode == 0


def library_need(libraries: Mapping[str, str], why: str) -> list[Need]:
    """What is missing of these libraries. Only Linux keeps them apart from the wheels."""
    missing = absent(libraries) if sys.platform.startswith("linux") else []
    if not missing:
        return []
    advice = f"Install {', '.join(missing)} with the package manager of this system."
    return [Need(why, [libraries[name] for name in missing], advice)]


def postgres_need() -> list[Need]:
    """PostgreSQL's server programs, where they are missing: the tests start one of their own."""
    if shutil.which("initdb") or any(glob.glob(pattern) for pattern in POSTGRES_BINARIES):
        return []
    why = "The tests run against PostgreSQL too, and its server programs are not here."
    advice = "Install PostgreSQL with the package manager of this system."
    return [Need(why, ["postgresql"], advice, "postgresql@17")]


def git_need() -> list[Need]:
    """git, where it is missing: the hub mirror that the tests talk to reads git repositories."""
    if shutil.which("git"):
        return []
    advice = "Install git with the package manager of this system."
    return [Need("The tests make git repositories, and git is not here.", ["git"], advice, "git")]


def venv_need() -> list[Need]:
    """Debian keeps the parts that make a virtual environment in a package of their own."""
    if (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")) or works():
        return []
    advice = f"Install it for {sys.executable}."
    packages = [f"python3.{sys.version_info.minor}-venv"]
    return [Need("Python's venv module is missing.", packages, advice)]


def system_needs(kind: str) -> list[Need]:
    """Everything of the system that `kind` needs and that is not here."""
    needs = library_need(QT_LIBRARIES, "Qt needs system libraries that are missing.")
    # Wayland desktops have X11 too, and Qt falls back to it.
    if kind == "run" and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        why = "To open a window, Qt needs libraries that are missing."
        needs += library_need(SCREEN_LIBRARIES, why)
    if kind == "test":
        needs += postgres_need() + git_need()
    return needs + venv_need()


def works() -> bool:
    """Whether .venv has a Python that starts, and pip."""
    if not PYTHON.exists():
        return False
    command = [str(PYTHON), "-c", "import pip"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def wanted(requirements: str = "pyproject.toml") -> str:
    """What an installation depends on, as one hash. requirements: a file of this project."""
    parts = [(ROOT / requirements).read_bytes(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def word(stamp: Path) -> dict[str, Any]:
    """What an installation left word of: hash, python, extras. Empty if it left none."""
    try:
        said = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def last_setup() -> dict[str, Any]:
    """What the last installation into .venv left word of."""
    return word(STAMP)


def ready(kind: str) -> bool:
    """Whether the last installation has everything that `kind` needs."""
    stamp = last_setup()
    python = os.path.realpath(PYTHON)
    return (
        stamp.get("hash") == wanted()
        and stamp.get("python") == python
        and os.path.exists(python)
        and set(EXTRAS[kind]) <= set(stamp.get("extras", ()))
    )


def install(kind: str) -> None:
    """Make .venv if needed, and install the project into it, editable."""
    if not works():
        print("Making .venv", flush=True)
        # A half-made one, or one whose Python is gone, is made anew.
        made = subprocess.run(
            [os.path.realpath(sys.executable), "-m", "venv", "--clear", str(VENV)], check=False
        )
        if made.returncode != 0:
            stop(f"{VENV} could not be made.")
    extras = sorted({*EXTRAS[kind], *last_setup().get("extras", ())})
    STAMP.unlink(missing_ok=True)
    target = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
    print("Installing what Lorarium needs into .venv", flush=True)
    pip_install("--editable", target)
    stamp = {"hash": wanted(), "python": os.path.realpath(PYTHON), "extras": extras}
    STAMP.write_text(json.dumps(stamp), encoding="utf-8")


def pip_install(*arguments: str, python: Path | None = None) -> None:
    """Let .venv's pip install something, into .venv or for another Python. Stops if it can't."""
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    if python is not None:
        pip += ["--python", str(python)]
    pip.append("install")
    if not sys.stdout.isatty():
        pip.append("--quiet")
    if subprocess.run([*pip, *arguments], check=False).returncode != 0:
        stop("The packages could not be installed. What pip says above tells why.")


@dataclass(frozen=True)
class Program:
    """A program of others that the tests talk to.

    name: of its folder in .venvs. what: as people are told. requirements: pip's file, from ROOT.
    """

    name: str
    what: str
    requirements: str

    @property
    def folder(self) -> Path:
        """Its virtual environment."""
        return ROOT / ".venvs" / self.name

    def stamp(self) -> dict[str, str]:
        """What an installation of now would leave word of."""
        # The same Python as .venv has: it is the one that is tried.
        return {"hash": wanted(self.requirements), "python": os.path.realpath(PYTHON)}

    def ready(self) -> bool:
        """Whether the last installation was this one."""
        python = self.folder / "bin" / "python"
        return python.exists() and word(self.folder / STAMP_NAME) == self.stamp()

    def install(self) -> None:
        """Make it anew, so that nothing of an older version stays in it."""
        stamp = self.stamp()
        place = self.folder.relative_to(ROOT)
        print(f"Installing {self.what}, into {place}", flush=True)
        # .venv's pip serves it too. Both that and to compile at the first start save time.
        venv = [stamp["python"], "-m", "venv", "--clear", "--without-pip", str(self.folder)]
        if subprocess.run(venv, check=False).returncode != 0:
            stop(f"{self.folder} could not be made.")
        pip_install(
            "--no-compile",
            "--requirement",
            str(ROOT / self.requirements),
            python=self.folder / "bin" / "python",
        )
        (self.folder / STAMP_NAME).write_text(json.dumps(stamp), encoding="utf-8")


PROGRAMS = (
    Program("olah", "olah, a hub mirror that the tests talk to", "tests/olah/requirements.txt"),
    Program(
        "mlflow",
        "MLflow, a model registry that the tests talk to",
        "tests/mlflow_server/requirements.txt",
    ),
)


def main(kind: str, again: bool = False) -> None:
    """Everything for `kind`, "run" or "test". again: what was missing has just been installed."""
    lock = os.open(ROOT, os.O_RDONLY)
    try:
        # `make -j` may want this twice at once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_ready(kind, again)
    finally:
        os.close(lock)


def make_ready(kind: str, again: bool) -> None:
    """The same while nobody else is at it."""
    if needs := system_needs(kind):
        if again:
            stop("Something is missing even now.", *(f"{n.why} {n.otherwise}" for n in needs))
        fetch(needs)
        # This process has seen the loader's old list of libraries; a new one looks again.
        os.execv(sys.executable, [sys.executable, __file__, kind, AGAIN])
    if not ready(kind):
        install(kind)
    if kind == "test":
        for program in PROGRAMS:
            if not program.ready():
                program.install()


if __name__ == "__main__":
    if sys.argv[1:2] == [] or sys.argv[1] not in EXTRAS or sys.argv[2:] not in ([], [AGAIN]):
        stop("Usage: tools/setup run|test")
    main(sys.argv[1], AGAIN in sys.argv[2:])
