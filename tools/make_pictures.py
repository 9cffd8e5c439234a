"""Draw the pictures of the README: the window with the sample library, light and dark.

    python -m tools.make_pictures

The program draws them itself, off screen, as `make demo ARGS="--screenshot FILE"` does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"


def main() -> int:
    """Draw both; the exit code is the program's."""
    for scheme in ("light", "dark"):
        with tempfile.TemporaryDirectory() as config:
            settings = Path(config, "settings.json")
            settings.write_text(json.dumps({"window.scheme": scheme}), encoding="utf-8")
            picture = PICTURES / f"main-{scheme}.png"
            command = [sys.executable, "-m", "desktop.main", "--demo", "--screenshot", str(picture)]
            given = {**os.environ, "LORARIUM_CONFIG": config, "QT_QPA_PLATFORM": "offscreen"}
            done = subprocess.run(command, check=False, cwd=ROOT, env=given)
            if done.returncode != 0:
                return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
