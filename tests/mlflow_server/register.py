"""Registers adapters with MLflow, the way that people do it: through MLflow's own client.

Run by the Python of .venvs/mlflow, which has nothing of ours: `store.py` does, and reads what it
says. The store may be a server or files on this machine.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

PARAMS = {
    "r": "8",
    "lora_alpha": "16",
    "learning_rate": "0.0002",
    "dataset_fraction": "0.5",
    "train_test_split": "0.8",
    "num_train_epochs": "3",
}
LOSSES = (2.5, 1.25, 0.75)
MLMODEL = "flavors:\n  transformers:\n    peft_adaptor: peft\n"


class Echo(mlflow.pyfunc.PythonModel):
    """A model in the sense of MLflow; the adapter is one of its artifacts."""

    # MLflow would take types for a schema of its own.
    def predict(self, context, model_input):
        return model_input


class Registration:
    """What is registered in one store."""

    def __init__(self, client: MlflowClient, experiment_id: str, base: str) -> None:
        self._client = client
        self._experiment = experiment_id
        self._base = base
        self.models: dict[str, list[dict[str, Any]]] = {}

    @contextlib.contextmanager
    def run(self, **params: str) -> Iterator[str]:
        """A run that logged what a training logs; its id."""
        run = self._client.create_run(self._experiment, run_name="train")
        run_id: str = run.info.run_id
        now = int(time.time() * 1000)
        losses = [Metric("eval_loss", loss, now, step) for step, loss in enumerate(LOSSES)]
        self._client.log_batch(
            run_id,
            metrics=[*losses, Metric("train_runtime", 12.5, now, 0)],
            params=[
                Param(key, value)
                for key, value in {**PARAMS, "base_model": self._base, **params}.items()
            ],
            tags=[RunTag("dataset", "sql-create-context")],
        )
        yield run_id
        self._client.set_terminated(run_id)

    def add(self, name: str, source: str, run_id: str | None, path: str | None, **more: Any) -> str:
        """Register a version.

        path: where the adapter's files are below the version's artifact; None = it holds none.
        """
        if name not in self.models:
            self._client.create_registered_model(
                name, tags={"kind": "peft"}, description=f"What {name} is for."
            )
        version = self._client.create_model_version(name, source, run_id, **more)
        self._note(name, version, path)
        return str(version.version)

    def _note(self, name: str, version: Any, path: str | None) -> None:
        self.models.setdefault(name, []).append(
            {
                "version": str(version.version),
                "run_id": version.run_id or "",
                "source": version.source,
                "model_id": getattr(version, "model_id", None) or "",
                "path": path,
            }
        )

    # -- the forms in which people register adapters ---------------------------------------------

    def two_versions(self, first: Path, second: Path) -> None:
        """A model that was trained twice: the first version is the champion, the second newer."""
        name = "llama-sql"
        for folder, rank in ((first, "8"), (second, "16")):
            with self.run(r=rank, lora_alpha=str(2 * int(rank))) as run_id:
                self._client.log_artifacts(run_id, str(folder), "adapter")
                self.add(
                    name,
                    f"runs:/{run_id}/adapter",
                    run_id,
                    "",
                    tags={"rank": rank, "task": "text-to-sql"},
                    description=f"Trained with rank {rank}.",
                )
        self._client.set_registered_model_alias(name, "champion", "1")
        self._client.set_registered_model_alias(name, "candidate", "2")
        self._client.set_registered_model_tag(name, "team", "data")

    def plain(self, folder: Path) -> None:
        """The adapter is the artifact; its source names the run."""
        with self.run() as run_id:
            self._client.log_artifacts(run_id, str(folder), "adapter")
            self.add("plain-lora", f"runs:/{run_id}/adapter", run_id, "")
        with warnings.catch_warnings():
            # Stages are on their way out of MLflow, and still what many registries have.
            warnings.simplefilter("ignore", FutureWarning)
            self._client.transition_model_version_stage("plain-lora", "1", "Production")

    def nested(self, folder: Path) -> None:
        """As mlflow.transformers saves a PEFT model: in `peft/`, beside a description."""
        with self.run() as run_id:
            self._client.log_artifacts(run_id, str(folder), "model/peft")
            self._client.log_text(run_id, MLMODEL, "model/MLmodel")
            self.add("nested-lora", f"runs:/{run_id}/model", run_id, "peft")

    def by_address(self, folder: Path) -> None:
        """The source is where the run's artifacts are, instead of the run."""
        with self.run() as run_id:
            self._client.log_artifacts(run_id, str(folder), "adapter")
            root = self._client.get_run(run_id).info.artifact_uri
            self.add("address-lora", f"{root}/adapter", run_id, "")

    def logged_model(self, folder: Path) -> None:
        """A logged model of MLflow 3: `models:/m-…`, its files in a place of its own."""
        with self.run() as run_id:
            logged = self._client.create_logged_model(
                self._experiment, "adapter", source_run_id=run_id, params={"r": "8"}
            )
            self._client.log_model_artifacts(logged.model_id, str(folder))
            self._client.finalize_logged_model(logged.model_id, "READY")
            source = f"models:/{logged.model_id}"
            self.add("logged-lora", source, run_id, "", model_id=logged.model_id)

    def pyfunc(self, folder: Path) -> None:
        """What `log_model` with a name to register does, the adapter being an artifact of it."""
        name = "pyfunc-lora"
        with mlflow.start_run(experiment_id=self._experiment) as run:
            mlflow.log_params({**PARAMS, "base_model": self._base})
            # Given, so that nothing is run to find them out.
            requirements = [f"mlflow-skinny=={mlflow.__version__}"]
            mlflow.pyfunc.log_model(
                name="model",
                python_model=Echo(),
                artifacts={"adapter": str(folder)},
                pip_requirements=requirements,
                registered_model_name=name,
            )
        version = self._client.get_model_version(name, "1")
        assert version.run_id in ("", None, run.info.run_id)
        self._note(name, version, f"artifacts/{folder.name}")

    def without_adapter(self) -> None:
        """A model that is no adapter."""
        with self.run() as run_id:
            self._client.log_text(run_id, "{}", "model/config.json")
            self.add("no-adapter", f"runs:/{run_id}/model", run_id, None)

    def elsewhere(self) -> None:
        """Its files are in a bucket that MLflow itself only points to."""
        self.add("bucket-lora", "s3://acme-models/llama-sql", None, None)

    def many(self, count: int) -> list[str]:
        """So many names that no page holds them all; there is no version of them."""
        names = [f"many-{number:03}" for number in range(count)]
        for name in names:
            self._client.create_registered_model(name)
        return names


def main() -> None:
    """Register everything; what there is now is said as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("store", help="address of a server, or of a store of files")
    parser.add_argument("first", type=Path, help="folder of an adapter of rank 8")
    parser.add_argument("second", type=Path, help="folder of an adapter of rank 16")
    parser.add_argument("--base", default="", help="the base model's name")
    parser.add_argument("--many", type=int, default=0, help="so many names besides")
    given = parser.parse_args()

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    with contextlib.redirect_stdout(sys.stderr):
        mlflow.set_tracking_uri(given.store)
        mlflow.set_registry_uri(given.store)
        client = MlflowClient()
        experiment = client.create_experiment("sql-tuning")
        registration = Registration(client, experiment, given.base)
        registration.two_versions(given.first, given.second)
        registration.plain(given.first)
        registration.nested(given.first)
        registration.by_address(given.first)
        registration.logged_model(given.first)
        registration.pyfunc(given.first)
        registration.without_adapter()
        registration.elsewhere()
        many = registration.many(given.many)
    said = {"experiment_id": experiment, "models": registration.models, "many": many}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
