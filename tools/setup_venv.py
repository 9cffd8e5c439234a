"""Make .venv ready, and with it the system libraries that Qt and the tests need.

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
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "lorarium-setup.json"
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
        needs += postgres_need()
    return needs + venv_need()


def works() -> bool:
    """Whether .venv has a Python that starts, and pip."""
    if not PYTHON.exists():
        return False
    command = [str(PYTHON), "-c", "import pip"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def wanted() -> str:
    """What an installation depends on, as one hash."""
    parts = [(ROOT / "pyproject.toml").read_bytes(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def last_setup() -> dict[str, Any]:
    """What the last installation left word of: hash, python, extras."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


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
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    if not sys.stdout.isatty():
        pip.append("--quiet")
    if subprocess.run([*pip, "--editable", target], check=False).returncode != 0:
        stop("The packages could not be installed. What pip says above tells why.")
    stamp = {"hash": wanted(), "python": os.path.realpath(PYTHON), "extras": extras}
    STAMP.write_text(json.dumps(stamp), encoding="utf-8")


def main(kind: str, again: bool = False) -> None:
    """Everything for `kind`, "run" or "test". again: what was missing has just been installed."""
    lock = os.open(ROOT, os.O_RDONLY)
    # `make -j` may want this twice at once.
    fcntl.flock(lock, fcntl.LOCK_EX)
    if needs := system_needs(kind):
        if again:
            stop("Something is missing even now.", *(f"{n.why} {n.otherwise}" for n in needs))
        fetch(needs)
        # This process has seen the loader's old list of libraries; a new one looks again.
        os.execv(sys.executable, [sys.executable, __file__, kind, AGAIN])
    if not ready(kind):
        install(kind)


if __name__ == "__main__":
    if sys.argv[1:2] == [] or sys.argv[1] not in EXTRAS or sys.argv[2:] not in ([], [AGAIN]):
        stop("Usage: tools/setup run|test")
    main(sys.argv[1], AGAIN in sys.argv[2:])
