"""Things that tests make: small real adapters and catalogues as a studio leaves them."""

from __future__ import annotations

import json
import sqlite3
import struct
from pathlib import Path
from typing import Any

LLAMA = "meta-llama/Llama-2-7b-hf"


def write_safetensors(path: Path, tensors: dict[str, tuple[int, ...]]) -> None:
    """A real safetensors file of float32 zeros."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name, shape in tensors.items():
        size = 4
        for dimension in shape:
            size *= dimension
        header[name] = {
            "dtype": "F32",
            "shape": list(shape),
            "data_offsets": [offset, offset + size],
        }
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(offset))


def make_adapter(
    folder: Path,
    *,
    rank: int = 8,
    config_rank: int | None = None,
    base: str | None = LLAMA,
    **config: Any,
) -> Path:
    """A folder with a small LoRA adapter of two modules, as PEFT saves it."""
    folder.mkdir(parents=True, exist_ok=True)
    given = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base,
        "r": config_rank or rank,
        "lora_alpha": 2 * rank,
        "target_modules": ["q_proj", "v_proj"],
        "inference_mode": True,
        **config,
    }
    (folder / "adapter_config.json").write_text(json.dumps(given), encoding="utf-8")
    tensors: dict[str, tuple[int, ...]] = {}
    for module in ("q_proj", "v_proj"):
        stem = f"base_model.model.model.layers.0.self_attn.{module}"
        tensors[f"{stem}.lora_A.weight"] = (rank, 16)
        tensors[f"{stem}.lora_B.weight"] = (16, rank)
    write_safetensors(folder / "adapter_model.safetensors", tensors)
    return folder


STUDIO = """
CREATE TABLE models (id VARCHAR NOT NULL PRIMARY KEY, type VARCHAR, framework VARCHAR, name VARCHAR,
  description VARCHAR, huggingface_model_name VARCHAR, location VARCHAR,
  cml_registered_model_id VARCHAR, mlflow_experiment_id VARCHAR, mlflow_run_id VARCHAR);
CREATE TABLE datasets (id VARCHAR NOT NULL PRIMARY KEY, type VARCHAR, name VARCHAR,
  description TEXT, huggingface_name VARCHAR, location TEXT, features TEXT);
CREATE TABLE prompts (id VARCHAR NOT NULL PRIMARY KEY, type VARCHAR, name VARCHAR,
  description VARCHAR, dataset_id VARCHAR REFERENCES datasets (id), prompt_template VARCHAR,
  input_template VARCHAR, completion_template VARCHAR);
CREATE TABLE configs (id VARCHAR NOT NULL PRIMARY KEY, type VARCHAR, description VARCHAR,
  config TEXT, model_family VARCHAR, is_default INTEGER DEFAULT 1);
CREATE TABLE adapters (id VARCHAR NOT NULL PRIMARY KEY, type VARCHAR, name VARCHAR,
  description VARCHAR, huggingface_name VARCHAR, model_id VARCHAR REFERENCES models (id),
  location TEXT, fine_tuning_job_id VARCHAR REFERENCES fine_tuning_jobs (id),
  prompt_id VARCHAR REFERENCES prompts (id), cml_registered_model_id VARCHAR,
  mlflow_experiment_id VARCHAR, mlflow_run_id VARCHAR);
CREATE TABLE fine_tuning_jobs (id VARCHAR NOT NULL PRIMARY KEY,
  base_model_id VARCHAR REFERENCES models (id), dataset_id VARCHAR REFERENCES datasets (id),
  prompt_id VARCHAR REFERENCES prompts (id), num_workers INTEGER, cml_job_id VARCHAR,
  adapter_id VARCHAR REFERENCES adapters (id), num_cpu INTEGER, num_gpu INTEGER, num_memory INTEGER,
  num_epochs INTEGER, learning_rate DOUBLE, out_dir VARCHAR, dataset_fraction DOUBLE,
  train_test_split DOUBLE, framework_type VARCHAR{adapter_name});
CREATE TABLE evaluation_jobs (id VARCHAR NOT NULL PRIMARY KEY, type VARCHAR,
  base_model_id VARCHAR REFERENCES models (id), dataset_id VARCHAR, prompt_id VARCHAR,
  adapter_id VARCHAR REFERENCES adapters (id), evaluation_dir VARCHAR);
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
INSERT INTO alembic_version VALUES ('aa11bb22cc33');
"""


def make_studio(project: Path, *, old: bool = False) -> Path:
    """A studio project's catalogue, `<project>/.app/state.db`, with one adapter, a job and an
    evaluation. old: without `fine_tuning_jobs.adapter_name`, as early studios made it."""
    path = project / ".app" / "state.db"
    path.parent.mkdir(parents=True)
    make_adapter(project / "data" / "adapters" / "llama-2-sql")
    connection = sqlite3.connect(path)
    connection.executescript(
        STUDIO.replace("{adapter_name}", "" if old else ", adapter_name VARCHAR")
    )
    connection.execute(
        "INSERT INTO models (id, type, name, huggingface_model_name)"
        " VALUES ('m', 'huggingface', ?, ?)",
        (LLAMA, LLAMA),
    )
    connection.execute("INSERT INTO datasets (id, type, name) VALUES ('d', 'huggingface', 'sql')")
    connection.execute(
        "INSERT INTO prompts (id, type, name, dataset_id)"
        " VALUES ('p', 'in_place', 'Text to SQL', 'd')"
    )
    connection.execute(
        "INSERT INTO fine_tuning_jobs (id, base_model_id, dataset_id, out_dir, dataset_fraction,"
        " train_test_split) VALUES ('j', 'm', 'd', 'data/adapters/run-7/', 0.5, 0.8)"
    )
    connection.execute(
        "INSERT INTO adapters (id, type, name, model_id, location, fine_tuning_job_id, prompt_id)"
        " VALUES ('a', 'project', 'llama-2-sql', 'm', 'data/adapters/llama-2-sql', 'j', 'p')"
    )
    connection.execute("UPDATE fine_tuning_jobs SET adapter_id = 'a'")
    if not old:
        connection.execute("UPDATE fine_tuning_jobs SET adapter_name = 'llama-2-sql'")
    connection.execute(
        "INSERT INTO evaluation_jobs (id, adapter_id, base_model_id) VALUES ('e', 'a', 'm')"
    )
    connection.commit()
    connection.close()
    return path
