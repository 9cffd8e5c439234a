"""MLflow's store of files, `mlruns`, read without MLflow: folders with a meta.yaml in each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from desktop.services.errors import RemoteError
from desktop.services.peft_folder.reading import (
    UnreadableFileError,
    is_inside,
    printable,
    read_start,
)
from desktop.services.registry import flat_yaml
from desktop.services.registry.mlflow_wire import MAX_PAIRS, Record, is_run_id, is_version
from desktop.services.registry.names import MAX_ENTRIES, too_many
from desktop.services.safe_names import is_safe_path

META = "meta.yaml"
_MODELS = "models"
_PROMPT = "mlflow.prompt.is_prompt"
_MAX_VALUE = 64 << 10
_MAX_METRIC = 8 << 20
_RUN_STATES = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}


class MlflowFolders:
    """A store of files.

    root: the `mlruns` folder. check: called between files; what it raises ends the work.

    Raises:
        RemoteError: `unreachable` it can't be read; `answer` it is no such folder.
    """

    def __init__(self, root: Path, check: Callable[[], None]) -> None:
        self._root = root
        self._real = os.path.realpath(root)
        self._check = check
        self._name = f"“{printable(root.name or str(root), 80)}”"
        try:
            names = os.listdir(root)
        except OSError as error:
            raise RemoteError(
                "unreachable",
                f"{self._name} can't be opened: {error.strerror or 'unknown error'}.",
                "Check where it is, or choose another one in the connection.",
            ) from None
        if _MODELS not in names and not any((root / name / META).is_file() for name in names[:100]):
            raise RemoteError(
                "answer",
                f"{self._name} is no store of MLflow: there are no runs and no models in it.",
                "Choose the folder that MLflow keeps its runs in (mlruns).",
            )

    def close(self) -> None:
        """Nothing is open."""

    # -- what it is asked ------------------------------------------------------------------------

    def count(self) -> int:
        """How many models are registered."""
        return sum(not self._is_prompt(name) for name in self._names())

    def models(self, text: str, offset: int, limit: int) -> list[Record]:
        """Some of the models whose name holds `text`, by name."""
        wanted = text.casefold()
        names = [name for name in self._names() if wanted in name.casefold()]
        found = (self.model(name) for name in names)
        models = (model for model in found if model is not None)
        return list(islice(models, offset, offset + limit))

    def model(self, name: str) -> Record | None:
        """The model with this name."""
        folder = self._model_folder(name)
        if folder is None or self._is_prompt(name):
            return None
        meta = self._meta(folder)
        if meta.get("name") != name:
            return None
        return {
            "name": name,
            "last_updated_timestamp": meta.get("last_updated_timestamp"),
            "description": meta.get("description"),
            "latest_versions": [{"version": number} for number in self._numbers(folder)[:1]],
            "aliases": [
                {"alias": alias, "version": version.strip()}
                for alias, version in self._values(folder / "aliases")
            ],
            "tags": self._pairs(folder / "tags"),
        }

    def versions(self, name: str, offset: int, limit: int) -> list[Record]:
        """Some versions of a model, newest first."""
        folder = self._model_folder(name)
        numbers = [] if folder is None else self._numbers(folder)[offset : offset + limit]
        return [found for number in numbers if (found := self.version(name, number)) is not None]

    def version(self, name: str, number: int) -> Record | None:
        """One version of a model."""
        model = self._model_folder(name)
        if model is None:
            return None
        folder = model / f"version-{number}"
        meta = self._meta(folder)
        if meta.get("name") != name or meta.get("current_stage") == "Deleted_Internal":
            return None
        return {**meta, "version": number, "tags": self._pairs(folder / "tags")}

    def version_in_stage(self, name: str, stage: str) -> Record | None:
        """The newest version of a model in a stage."""
        folder = self._model_folder(name)
        for number in [] if folder is None else self._numbers(folder):
            found = self.version(name, number)
            if found is not None and str(found.get("current_stage")).lower() == stage.lower():
                return found
        return None

    def run(self, run_id: str) -> Record | None:
        """A run, in the shape of MLflow's `runs/get`."""
        folder = self._run_folder(run_id)
        if folder is None:
            return None
        meta = self._meta(folder)
        if meta.get("run_id", meta.get("run_uuid")) != run_id:
            return None
        state = meta.get("status")
        info = {
            **meta,
            "run_id": run_id,
            "experiment_id": str(meta.get("experiment_id") or folder.parent.name),
            "status": _RUN_STATES.get(state, "") if isinstance(state, int) else state,
        }
        metrics = [
            {"key": name, "value": _last_value(text)}
            for name, text in self._values(folder / "metrics", _MAX_METRIC)
        ]
        data = {
            "params": self._pairs(folder / "params"),
            "tags": self._pairs(folder / "tags"),
            "metrics": metrics,
        }
        return {"info": info, "data": data, "inputs": {"dataset_inputs": self._datasets(folder)}}

    def logged_model(self, model_id: str) -> Record | None:
        """A logged model: `artifact_location` and `source_run_id`."""
        for experiment in self._experiments():
            meta = self._meta(experiment / _MODELS / model_id) if is_run_id(model_id) else {}
            if meta.get("model_id") == model_id:
                return meta
        return None

    # -- how it is read --------------------------------------------------------------------------

    def _names(self) -> list[str]:
        return sorted(self._folders(self._root / _MODELS))

    def _model_folder(self, name: str) -> Path | None:
        return self._root / _MODELS / name if is_safe_path(name) and "/" not in name else None

    def _numbers(self, folder: Path) -> list[int]:
        found = [name.removeprefix("version-") for name in self._folders(folder)]
        return sorted((int(text) for text in found if is_version(text)), reverse=True)

    def _is_prompt(self, name: str) -> bool:
        folder = self._model_folder(name)
        text = "" if folder is None else self._text(folder / "tags", _PROMPT, 100)
        return text.strip().lower() == "true"

    def _run_folder(self, run_id: str) -> Path | None:
        if not is_run_id(run_id):
            return None
        for experiment in self._experiments():
            if (experiment / run_id / META).is_file():
                return experiment / run_id
        return None

    def _experiments(self) -> Iterator[Path]:
        for name in self._folders(self._root):
            if name != _MODELS and not name.startswith("."):
                yield self._root / name

    def _datasets(self, run: Path) -> list[Record]:
        found = []
        for name in list(self._folders(run / "inputs"))[:20]:
            source = self._meta(run / "inputs" / name).get("source_id")
            if is_run_id(source):
                dataset = self._meta(run.parent / "datasets" / str(source))
                found.append({"dataset": {"name": dataset.get("name")}})
        return found

    def _folders(self, folder: Path) -> list[str]:
        """The names of the folders in a folder; none where it is not there. Links are no
        folders of MLflow's."""
        names: list[str] = []
        with suppress(OSError), os.scandir(folder) as entries:
            for count, entry in enumerate(entries):
                self._check()
                if count >= MAX_ENTRIES:
                    raise too_many(self._name)
                if entry.is_dir(follow_symlinks=False):
                    names.append(entry.name)
        return sorted(names)

    def _holds(self, folder: Path) -> bool:
        """Whether a folder is one of the store's own, after all links."""
        return is_inside(os.path.realpath(folder), self._real)

    def _pairs(self, folder: Path) -> list[Record]:
        return [{"key": name, "value": text} for name, text in self._values(folder)]

    def _values(self, folder: Path, limit: int = _MAX_VALUE) -> list[tuple[str, str]]:
        """What is kept in files, one for each name; a / in a name is a folder."""
        found: list[tuple[str, str]] = []
        waiting = [""] if self._holds(folder) else []
        while waiting and len(found) < MAX_PAIRS:
            prefix = waiting.pop(0)
            place = folder / prefix
            below = self._folders(place)
            if prefix.count("/") < 5:
                waiting += [f"{prefix}{name}/" for name in below][:MAX_PAIRS]
            with suppress(OSError):
                names = sorted(set(os.listdir(place)) - set(below))[:MAX_PAIRS]
                found += [(f"{prefix}{name}", self._text(place, name, limit)) for name in names]
        return found

    def _text(self, folder: Path, name: str, limit: int) -> str:
        """What a file holds; "" where it can't be read or is no regular file."""
        self._check()
        with suppress(UnreadableFileError, ValueError):
            data, size = read_start(str(folder), name, limit)
            if size <= limit:
                return data.decode("utf-8", "replace")
        return ""

    def _meta(self, folder: Path) -> dict[str, Any]:
        self._check()
        if not self._holds(folder):
            return {}
        with suppress(UnreadableFileError, ValueError):
            data, size = read_start(str(folder), META, flat_yaml.MAX_BYTES)
            if size <= flat_yaml.MAX_BYTES:
                return flat_yaml.parse(data)
        return {}


def _last_value(text: str) -> float | str:
    """The value in the last of the lines “time value step” with the highest step and time."""
    best: tuple[int, int, float] | None = None
    for line in text.splitlines():
        parts = line.split()
        with suppress(ValueError, IndexError, OverflowError):
            step = int(parts[2]) if len(parts) > 2 else 0
            found = (step, int(parts[0]), float(parts[1]))
            if best is None or found[:2] >= best[:2]:
                best = found
    return "" if best is None else best[2]
