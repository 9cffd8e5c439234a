"""Write desktop/services/studio/fine_tuning_studio_pb2.py with protoc (from grpcio-tools)."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "desktop" / "services" / "studio"


def make(out: Path) -> int:
    """Run protoc into `out`; returns its exit code."""
    from grpc_tools import protoc

    return int(
        protoc.main(
            ["protoc", f"-I{FOLDER}", f"--python_out={out}", f"--pyi_out={out}",
             "fine_tuning_studio.proto"]
        )
    )


if __name__ == "__main__":
    sys.exit(make(FOLDER))
