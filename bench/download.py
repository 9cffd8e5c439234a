"""An adapter of 200 MB from a hub on this machine, imported from the question what it is to the
row in the catalogue, against `curl` of the same bytes and then `sha256sum`."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.report import Line, Samples
from desktop.bootstrap import Services, open_services
from desktop.services.records import AddBaseModelRequest

MEGABYTES = 200
NAME = "adapter_model.safetensors"

REPO = "acme/big-lora"
COMMIT = "0" * 39 + "1"
CONFIG = {
    "peft_type": "LORA",
    "task_type": "CAUSAL_LM",
    "base_model_name_or_path": "meta-llama/Llama-2-7b-hf",
    "r": 8,
    "lora_alpha": 16,
    "target_modules": ["q_proj"],
}

# A process of its own: the little of a hub that an import asks for, and files that it gives to the
# system and does nothing else with.
SERVER = """
import http.server, os, sys
folder, info = sys.argv[1:]
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *args):
        pass
    def do_GET(self):
        if self.path.startswith("/api/"):
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(info)))
            self.end_headers()
            self.wfile.write(info.encode())
            return
        with open(os.path.join(folder, os.path.basename(self.path)), "rb") as file:
            self.send_response(200)
            self.send_header("Content-Length", str(os.fstat(file.fileno()).st_size))
            self.end_headers()
            self.connection.sendfile(file)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


def measure_download(rounds: int, megabytes: int = MEGABYTES) -> list[Line]:
    """The line for an adapter whose weights have so many million bytes."""
    curl, sums = shutil.which("curl"), shutil.which("sha256sum") or shutil.which("shasum")
    if curl is None or sums is None:
        raise SystemExit("bench download needs curl and sha256sum (or shasum)")
    check = [sums] if sums.endswith("sha256sum") else [sums, "-a", "256"]
    times = {"ours": Samples(), "theirs": Samples()}
    with tempfile.TemporaryDirectory(prefix="lorarium-bench-") as place:
        folder = Path(place)
        source = folder / "source"
        info, digest = _make(source, megabytes)
        with _serve(source, info) as home, open_services(folder / "library.db") as services:
            url = f"{home}/{NAME}"
            request = AddBaseModelRequest(
                type="huggingface", huggingface_name=str(CONFIG["base_model_name_or_path"])
            )
            base = services.base_models.add_base_model(request).id
            for number in range(rounds + 1):
                theirs = _theirs(curl, check, url, digest, folder / "theirs")
                ours = _ours(services, home, base, f"round {number}")
                if number:  # the first round only fills the caches
                    times["theirs"].add(theirs)
                    times["ours"].add(ours)
    return [
        Line(
            f"import of {megabytes} MB from a hub: verified, synced, in the catalogue",
            times["ours"].median,
            "curl, then sha256sum",
            times["theirs"].median,
            goal="1.5x",
        )
    ]


def _make(folder: Path, megabytes: int) -> tuple[str, str]:
    """An adapter with large weights; returns what a hub says of it, and their sha256."""
    folder.mkdir()
    config = json.dumps(CONFIG).encode()
    (folder / "adapter_config.json").write_bytes(config)
    width = megabytes * 1_000_000 // 2 // 8 // 4
    stem = "base_model.model.model.layers.0.self_attn.q_proj"
    half = 8 * width * 4
    header = json.dumps(
        {
            f"{stem}.lora_A.weight": {
                "dtype": "F32", "shape": [8, width], "data_offsets": [0, half]
            },
            f"{stem}.lora_B.weight": {
                "dtype": "F32", "shape": [width, 8], "data_offsets": [half, 2 * half]
            },
        }
    ).encode()  # fmt: skip
    header += b" " * (-len(header) % 8)
    digest = hashlib.sha256()
    with (folder / NAME).open("wb") as file:
        left = 2 * half
        block = len(header).to_bytes(8, "little") + header
        number = 0
        while block:
            digest.update(block)
            file.write(block)
            number += 1
            block = (number.to_bytes(8, "big") * 125_000)[:left]
            left -= len(block)
    size = (folder / NAME).stat().st_size
    blob = hashlib.sha1(b"blob %d\0" % len(config) + config, usedforsecurity=False).hexdigest()
    siblings = [
        {"rfilename": "adapter_config.json", "size": len(config), "blobId": blob},
        {
            "rfilename": NAME,
            "size": size,
            "lfs": {"sha256": digest.hexdigest(), "size": size, "pointerSize": 134},
        },
    ]
    return json.dumps({"id": REPO, "sha": COMMIT, "siblings": siblings}), digest.hexdigest()


@contextmanager
def _serve(folder: Path, info: str) -> Iterator[str]:
    command = [sys.executable, "-c", SERVER, str(folder), info]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


def _ours(services: Services, home: str, base: str, name: str) -> float:
    fields = {"huggingface_name": REPO, "endpoint": home, "name": name, "model_id": base}
    start = time.perf_counter()
    record = services.imports.import_adapter("huggingface", fields)
    seconds = time.perf_counter() - start
    services.adapters.remove_adapter(record.id)
    services.history.forget()
    shutil.rmtree(services.location.trash)
    return seconds


def _theirs(curl: str, check: list[str], url: str, digest: str, target: Path) -> float:
    start = time.perf_counter()
    subprocess.run([curl, "-s", "-f", "-o", str(target), url], check=True)
    done = subprocess.run([*check, str(target)], check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.stdout.split()[0] != digest:
        raise SystemExit("curl fetched something else")
    target.unlink()
    return seconds
