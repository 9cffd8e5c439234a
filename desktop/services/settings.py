"""What a person set, kept as JSON in the platform's configuration folder."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

CONFIG_VARIABLE = "LORARIUM_CONFIG"
_LIMIT = 1 << 20
log = logging.getLogger(__name__)


def config_folder() -> Path:
    """The configuration folder: LORARIUM_CONFIG, else what the platform says."""
    given = os.environ.get(CONFIG_VARIABLE)
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_config_dir("lorarium", appauthor=False))


class Settings:
    """Values by name. Reading never fails; writing replaces the file in one step."""

    def __init__(self, folder: Path | None = None) -> None:
        self._path = (folder or config_folder()) / "settings.json"
        self._values: dict[str, Any] | None = None

    def _load(self) -> dict[str, Any]:
        if self._values is None:
            try:
                with self._path.open("rb") as file:
                    data = json.loads(file.read(_LIMIT))
            except (OSError, ValueError, RecursionError):
                data = {}
            self._values = data if isinstance(data, dict) else {}
        return self._values

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a setting; `default` where it is not set or of another kind."""
        value = self._load().get(name, default)
        return value if default is None or isinstance(value, type(default)) else default

    def set(self, name: str, value: Any) -> None:
        """Change a setting; None forgets it. Call `save` to write."""
        if value is None:
            self._load().pop(name, None)
        else:
            self._load()[name] = value

    def save(self) -> None:
        """Write the settings. Where that is not possible they last as long as the program."""
        part = self._path.with_suffix(".part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("w", encoding="utf-8") as file:
                json.dump(self._load(), file, indent=1, sort_keys=True)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError as error:
            log.info("Settings are not saved: %s", error)
