"""A file of 200 MB from a server on this machine, fetched, verified and on the disk, against
`curl` of the same bytes and then `sha256sum`."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.report import Line, Samples
from desktop.services.progress import silent
from desktop.services.transfer import RemoteFile, Transfer

MEGABYTES = 200
NAME = "adapter_model.safetensors"

# A process of its own, that gives the file to the system and does nothing else.
SERVER = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *args):
        pass
    def do_GET(self):
        with open(sys.argv[1], "rb") as file:
            self.send_response(200)
            self.send_header("Content-Length", str(os.fstat(file.fileno()).st_size))
            self.end_headers()
            self.connection.sendfile(file)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


def measure_download(rounds: int, megabytes: int = MEGABYTES) -> list[Line]:
    """The line for one file of so many million bytes."""
    curl, sums = shutil.which("curl"), shutil.which("sha256sum") or shutil.which("shasum")
    if curl is None or sums is None:
        raise SystemExit("bench download needs curl and sha256sum (or shasum)")
    check = [sums] if sums.endswith("sha256sum") else [sums, "-a", "256"]
    times = {"ours": Samples(), "theirs": Samples()}
    with tempfile.TemporaryDirectory(prefix="lorarium-bench-") as place:
        folder = Path(place)
        source = folder / "source"
        digest = _write(source, megabytes)
        with _serve(source) as home:
            file = RemoteFile(NAME, f"{home}/{NAME}", source.stat().st_size, digest)
            for number in range(rounds + 1):
                theirs = _theirs(curl, check, file, folder / "theirs")
                ours = _ours(home, file, folder / "ours")
                if number:  # the first round only fills the caches
                    times["theirs"].add(theirs)
                    times["ours"].add(ours)
    return [
        Line(
            f"download of {megabytes} MB, verified and synced",
            times["ours"].median,
            "curl, then sha256sum",
            times["theirs"].median,
            goal="1.5x",
        )
    ]


def _write(path: Path, megabytes: int) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for number in range(megabytes):
            block = number.to_bytes(8, "big") * 125_000
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


@contextmanager
def _serve(path: Path) -> Iterator[str]:
    command = [sys.executable, "-c", SERVER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


def _ours(home: str, file: RemoteFile, target: Path) -> float:
    target.mkdir()
    start = time.perf_counter()
    Transfer(home).fetch([file], target, silent)
    seconds = time.perf_counter() - start
    shutil.rmtree(target)
    return seconds


def _theirs(curl: str, check: list[str], file: RemoteFile, target: Path) -> float:
    start = time.perf_counter()
    subprocess.run([curl, "-s", "-f", "-o", str(target), file.url], check=True)
    done = subprocess.run([*check, str(target)], check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.stdout.split()[0] != file.sha256:
        raise SystemExit("curl fetched something else")
    target.unlink()
    return seconds
