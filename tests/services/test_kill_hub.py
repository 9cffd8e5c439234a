"""kill -9 at random moments of a download: afterwards row and folder are whole, or neither is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from desktop.bootstrap import open_services
from desktop.services.records import AddBaseModelRequest
from tests.hub_server import HubServer
from tests.hub_server.content import adapter_files
from tests.services.kill_rounds import REPO
from tests.support import LLAMA

ROUNDS = 110


def test_a_hundred_kills_leave_whole_adapters_or_none(tmp_path: Path) -> None:
    database = tmp_path / "library" / "catalog.db"
    with open_services(database) as s:
        s.base_models.add_base_model(
            AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
        )
    with HubServer() as hub:
        hub.add_repo(REPO, adapter_files(weights_mb=4))
        arguments = [str(database), hub.url, str(ROUNDS), "7"]
        done = subprocess.run(
            [sys.executable, "-m", "tests.services.kill_rounds", *arguments],
            capture_output=True,
            text=True,
            env=dict(os.environ),
            cwd=Path(__file__).resolve().parents[2],
            timeout=600,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    rounds = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rounds) == ROUNDS
    for found in rounds:
        assert found["sound"]
        assert found["staging"] == []
        assert all(row["whole"] for row in found["rows"])
        assert sorted(row["folder"] for row in found["rows"]) == found["store"]
    # The moments were spread over the whole of it: some before, some after the row was written.
    killed = [found for found in rounds if found["killed"]]
    assert len(killed) > ROUNDS // 2
    assert any(not found["rows"] for found in killed)
    assert any(found["rows"] for found in rounds)
