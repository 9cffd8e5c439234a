"""Rules of the house that no linter knows: what may not be written in desktop/, and how long."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINES = 420
"""About 400 lines are a room that one can overlook."""

GENERATED = {"fine_tuning_studio_pb2.py"}
# The only places that may reach for the one application object.
COMPOSITION = {"desktop/main.py", "desktop/bootstrap.py"}
# They run, or may run, what is in the file they read.
RUNNING_READERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve"}
RUNNING_READERS |= {"marshal", "torch", "peft", "transformers"}
APPLICATIONS = {"QApplication", "QGuiApplication", "QCoreApplication"}


def sources(folder: str) -> list[Path]:
    return sorted(p for p in (ROOT / folder).rglob("*.py") if p.name not in GENERATED)


def banned(tree: ast.AST, path: str) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) of everything in a file of desktop/ that the house does not have."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for message in banned_call(node, path):
                yield node.lineno, message
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for name in imported(node):
                if name.split(".")[0] in RUNNING_READERS:
                    yield node.lineno, f"{name} runs what it reads, or needs half a gigabyte"
                if name == "PySide6.QtWidgets.qApp":
                    yield node.lineno, "qApp: take what is needed by constructor"


def banned_call(call: ast.Call, path: str) -> Iterator[str]:
    function = call.func
    if isinstance(function, ast.Name) and function.id in {"eval", "exec", "__import__"}:
        yield f"{function.id}(): text from outside could get there"
    for keyword in call.keywords:
        constant = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
        if keyword.arg == "shell" and constant is True:
            yield "shell=True: a name could be a command"
        if keyword.arg == "verify" and constant is False:
            yield "verify=False: TLS is verified, always"
    if not isinstance(function, ast.Attribute):
        return
    owner = function.value.id if isinstance(function.value, ast.Name) else ""
    match function.attr:
        case "exec" | "exec_" if path != "desktop/main.py" or owner not in {"app", *APPLICATIONS}:
            yield "exec(): open() and show() do not stop the house"
        case "processEvents":
            yield "processEvents(): work belongs into a task"
        case "instance" if owner in APPLICATIONS and path not in COMPOSITION:
            yield f"{owner}.instance(): take what is needed by constructor"
        case "load" | "unsafe_load" | "full_load" if owner == "yaml":
            yield "yaml.load(): safe_load, and with a limit"
        case "connect" if any(isinstance(argument, ast.Lambda) for argument in call.args):
            yield "a lambda as a slot outlives its widget: connect a bound method"


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [f"{node.module or ''}.{alias.name}" for alias in node.names]


def test_nothing_banned_is_in_the_house() -> None:
    found = []
    for path in sources("desktop"):
        name = path.relative_to(ROOT).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += [f"{name}:{line}: {message}" for line, message in banned(tree, name)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "code",
    [
        "dialog.exec()",
        "menu.exec_(place)",
        "QCoreApplication.processEvents()",
        "QApplication.instance().quit()",
        "import pickle",
        "from torch import load",
        "import pickle as harmless",
        "yaml.load(text)",
        "eval(text)",
        "subprocess.run(name, shell=True)",
        "client.get(address, verify=False)",
        "button.clicked.connect(lambda: close())",
        "def f():\n    from PySide6.QtWidgets import qApp",
    ],
)
def test_each_ban_finds_what_it_is_for(code: str) -> None:
    assert list(banned(ast.parse(textwrap.dedent(code)), "desktop/views/some.py"))


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("sys.exit(app.exec())", "desktop/main.py"),
        ("QApplication.instance()", "desktop/bootstrap.py"),
        ("button.clicked.connect(self._close)", "desktop/views/some.py"),
        ("subprocess.run([name], shell=False)", "desktop/services/some.py"),
        ("yaml.safe_load(text)", "desktop/services/some.py"),
        ("re.compile(pattern); json.load(file)", "desktop/services/some.py"),
    ],
)
def test_bans_leave_the_rest_alone(code: str, path: str) -> None:
    assert not list(banned(ast.parse(code), path))


def test_no_file_is_too_long_to_overlook() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {count} lines"
        for path in [*sources("desktop"), *sources("tests")]
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LINES
    ]
    assert not long, "\n".join(long)
