"""Imports from a hub in processes that are killed at a random moment; run by test_kill_hub.py.

    python -m tests.services.kill_rounds DATABASE ENDPOINT ROUNDS SEED

Everything is imported once; each round forks a child that imports an adapter, kills it after a
random part of the time that a whole import takes, and forks another one that opens the library as
the next start does and looks at what is there. Prints one JSON line a round.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

REPO = "acme/sql-lora"


def import_once(database: str, endpoint: str, name: str) -> None:
    """What the child does."""
    from desktop.bootstrap import open_services

    with open_services(database) as s:
        base = s.base_models.list_base_models()[0].id
        fields = {
            "huggingface_name": REPO,
            "endpoint": endpoint,
            "name": name,
            "model_id": base,
        }
        s.imports.import_adapter("huggingface", fields)


def look(database: str) -> dict[str, Any]:
    """What the next start finds, after it has tidied up."""
    from desktop.bootstrap import open_services

    with open_services(database) as s:
        home = s.location
        rows = []
        for record in s.adapters.list_adapters():
            with s.open().read() as connection:
                text = connection.exec_driver_sql(
                    "SELECT files FROM lorarium_adapters WHERE adapter_id = ?", (record.id,)
                ).scalar()
            folder = Path(record.path or "")
            there = {
                str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
                for p in folder.rglob("*")
                if p.is_file()
            }
            rows.append({"folder": folder.name, "whole": there == json.loads(str(text))})
        with s.open().read() as connection:
            sound = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
            keys = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        found = {
            "rows": rows,
            "store": names_in(home.adapters),
            "staging": names_in(home.staging),
            "sound": sound == "ok" and not keys,
        }
        for record in s.adapters.list_adapters():
            s.adapters.remove_adapter(record.id)
    return found


def names_in(folder: Path) -> list[str]:
    """What lies directly in a folder, by name; nothing where there is none."""
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


def tell(database: str, pipe: int) -> None:
    """Look, and write what was found into a pipe."""
    os.write(pipe, json.dumps(look(database)).encode())


def forked(work: Any, *args: Any) -> int:
    """Run `work` in a child of its own; returns its pid. The child ends with status 0 or 1."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        work(*args)
        status = 0
    finally:
        os._exit(status)


def main(database: str, endpoint: str, rounds: int, seed: int) -> None:
    """See above."""
    import httpx2  # noqa: F401
    import huggingface_hub.hf_api  # noqa: F401

    import desktop.bootstrap
    import desktop.services.importing
    import desktop.services.sources.hugging_face
    import desktop.services.transfer  # noqa: F401

    dice = random.Random(seed)
    began = time.monotonic()
    _, status = os.waitpid(forked(import_once, database, endpoint, "first"), 0)
    whole = time.monotonic() - began
    if status:
        raise SystemExit("The import does not work without being killed either.")
    for number in range(rounds):
        child = forked(import_once, database, endpoint, f"round-{number}")
        # Mostly within, now and then after the end.
        time.sleep(dice.uniform(0, 1.15 * whole))
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            pass
        _, status = os.waitpid(child, 0)
        receive, send = os.pipe()
        looker = forked(tell, database, send)
        os.close(send)
        with os.fdopen(receive, "rb") as pipe:
            found = pipe.read()
        os.waitpid(looker, 0)
        killed = os.WIFSIGNALED(status)
        print(json.dumps({"killed": killed, **json.loads(found or b"{}")}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
