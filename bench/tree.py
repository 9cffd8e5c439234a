"""A disk full of training runs: 10,000 adapter folders among 100,000 files.

Realistic in what a scan meets: runs with checkpoints, tokenizer and optimizer files, logs, caches,
plain folders; headers of 200 tensors each, and weights of their real size without their bytes
(sparse). The same for the same seed.
"""

from __future__ import annotations

import json
import os
import random
import struct
from dataclasses import dataclass
from pathlib import Path

ADAPTERS = 10_000
FILES = 100_000
_CHECKPOINTS = 5
_MODULES = ("q_proj", "k_proj", "v_proj", "o_proj")
_SIZES = {  # hidden size, and outputs of k_proj and v_proj
    "meta-llama/Llama-3.1-8B": (4096, 1024),
    "Qwen/Qwen2.5-7B": (3584, 512),
    "mistralai/Mistral-7B-v0.3": (4096, 1024),
    "meta-llama/Llama-2-7b-hf": (4096, 4096),
    "google/gemma-2-9b": (3584, 2048),
}
_LAYERS = 25  # of four modules with two tensors each
_TASKS = ("sql", "triage", "legal", "router", "review", "medqa", "tone", "invoice", "intent")
_SIDE_FILES = (
    ("README.md", 300),
    ("trainer_state.json", 900),
    ("training_args.bin", 500),
    ("optimizer.pt", 400),
    ("scheduler.pt", 100),
    ("rng_state.pth", 100),
    ("tokenizer_config.json", 200),
)


@dataclass(frozen=True)
class Tree:
    """What was made. adapters: their folders; bytes_read: of all configs and headers together."""

    root: Path
    adapters: tuple[str, ...]
    files: int
    folders: int
    bytes_read: int


def make_tree(
    root: Path, adapters: int = ADAPTERS, files: int = FILES, *, alike: bool = False, seed: int = 11
) -> Tree:
    """Make the tree below `root`.

    alike: headers are the same byte by byte wherever base model and rank are, as a trainer writes
    them; else no two lists of tensors in the tree are the same (one layer has another number), so
    that each of them has to be parsed and judged by itself.
    """
    chance = random.Random(seed)
    made: list[str] = []
    count = folders = size = 0
    run = 0
    while len(made) < adapters:
        base = chance.choice(list(_SIZES))
        rank = chance.choice((8, 16, 32, 64))
        name = f"{chance.choice(_TASKS)}-{base.rpartition('/')[2].lower()}-r{rank}-{run:05d}"
        home = root / f"20{24 + run % 3}" / f"week-{run % 50:02d}" / name
        config = _config(base, rank)
        common = _header(base, rank)
        folders += 1
        for step in range(min(_CHECKPOINTS, adapters - len(made))):
            folder = home / f"checkpoint-{(step + 1) * 200}"
            os.makedirs(folder)
            header = common if alike else _header(base, rank, 1000 + len(made))
            _write(folder, config, header)
            for side, length in _SIDE_FILES[: 6 + step % 2]:
                (folder / side).write_bytes(b"{" + b" " * (length - 2) + b"}")
                count += 1
            made.append(str(folder))
            count += 2
            folders += 1
            size += len(config) + len(header[0])
        for log in ("train.log", "events.out.tfevents.1"):
            (home / log).write_bytes(b"x" * 200)
            count += 1
        os.mkdir(home / "logs")
        folders += 1
        run += 1
    plain = 0
    while count < files:
        folder = root / "data" / f"part-{plain:05d}"
        os.makedirs(folder)
        folders += 1
        for number in range(min(8, files - count)):
            (folder / f"shard-{number}.parquet").write_bytes(b"x" * 64)
            count += 1
        plain += 1
    return Tree(root, tuple(made), count, folders, size)


def _config(base: str, rank: int) -> bytes:
    given = {
        "alpha_pattern": {}, "auto_mapping": None, "base_model_name_or_path": base,
        "bias": "none", "corda_config": None, "eva_config": None, "exclude_modules": None,
        "fan_in_fan_out": False, "inference_mode": True, "init_lora_weights": True,
        "layer_replication": None, "layers_pattern": None, "layers_to_transform": None,
        "loftq_config": {}, "lora_alpha": 2 * rank, "lora_bias": False, "lora_dropout": 0.05,
        "megatron_config": None, "megatron_core": "megatron.core", "modules_to_save": None,
        "peft_type": "LORA", "r": rank, "rank_pattern": {}, "revision": None,
        "target_modules": list(_MODULES), "task_type": "CAUSAL_LM", "use_dora": False,
        "use_rslora": False,
    }  # fmt: skip
    return json.dumps(given, indent=2).encode()


def _header(base: str, rank: int, own: int = _LAYERS - 1) -> tuple[bytes, int]:
    """(length, header) as the safetensors library writes it, and the size of the whole file. own:
    the number of the last layer."""
    hidden, narrow = _SIZES[base]
    entries: dict[str, object] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for layer in (*range(_LAYERS - 1), own):
        for module in _MODULES:
            stem = f"base_model.model.model.layers.{layer}.self_attn.{module}"
            outside = narrow if module in ("k_proj", "v_proj") else hidden
            for part, shape in (("lora_A", [rank, hidden]), ("lora_B", [outside, rank])):
                end = offset + 2 * shape[0] * shape[1]
                entries[f"{stem}.{part}.weight"] = {
                    "dtype": "BF16",
                    "shape": shape,
                    "data_offsets": [offset, end],
                }
                offset = end
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text, 8 + len(text) + offset


def _write(folder: Path, config: bytes, header: tuple[bytes, int]) -> None:
    (folder / "adapter_config.json").write_bytes(config)
    start, size = header
    with open(folder / "adapter_model.safetensors", "wb") as file:
        file.write(start)
        file.truncate(size)
