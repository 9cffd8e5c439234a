"""Rows and catalogues that look like a large library, the same for the same seed."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

from desktop.services.records import LibraryRow

DAY = 86_400
NOW = 1_795_000_000.0

BASES = (
    ("meta-llama/Llama-3.1-8B", 32),
    ("Qwen/Qwen2.5-7B", 24),
    ("mistralai/Mistral-7B-v0.3", 15),
    ("meta-llama/Llama-2-7b-hf", 9),
    ("codellama/CodeLlama-7b-Python-hf", 5),
    ("google/gemma-2-9b", 5),
    ("openai-community/gpt2", 3),
    ("google-bert/bert-base-uncased", 3),
    ("bigscience/bloom-560m", 2),
    ("microsoft/Phi-3.5-mini-instruct", 2),
)
TYPES = (
    ("LoRA", 60),
    ("rsLoRA", 10),
    ("DoRA", 10),
    ("AdaLoRA", 5),
    ("IA³", 4),
    ("VeRA", 3),
    ("LoKr", 3),
    ("OFT", 2),
    ("Prompt", 3),
)
SOURCES = (("project", 80), ("huggingface", 16), ("model_registry", 4))
TASKS = (
    "sql",
    "support-triage",
    "legal-summary",
    "ticket-router",
    "code-review",
    "medqa",
    "tone-of-voice",
    "invoice-extract",
    "product-descriptions",
    "sentiment",
    "chat-persona",
    "gov-reports",
    "math-reasoning",
    "nl2bash",
    "intent",
    "claims",
    "translation",
    "meeting-notes",
    "alpaca",
    "summarise",
)
WAYS = ["sft", "dpo", "orpo", "kto", "r8", "r16", "r64", "merged", "long", "de", "fr", "ko"]
TAGS = ["prod", "prod\nsql", "retrain", "baseline\npaper"]
PEOPLE = ["ana", "bo", "chen", "dara", "eli", "fatima", "goran", "hiro"]


def _pick(chance: random.Random, choices: tuple[tuple[str, int], ...]) -> str:
    return chance.choices([c for c, _ in choices], [w for _, w in choices])[0]


def make_rows(count: int, seed: int = 7) -> list[LibraryRow]:
    """`count` rows at the positions of `records.Row`."""
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        base = _pick(chance, BASES)
        kind = _pick(chance, SOURCES)
        variant = _pick(chance, TYPES)
        task, way = chance.choice(TASKS), chance.choice(WAYS)
        step = chance.choice((200, 400, 1200, 2400))
        name = f"{task}-{base.rpartition('/')[2].lower()[:7]}-{way}-{number:06d}"
        if chance.random() < 0.2:
            name = f"{name}-checkpoint-{step}"
        rank = None if variant in ("IA³", "OFT", "Prompt") else chance.choice((8, 16, 32, 64, 256))
        parameters = None if chance.random() < 0.02 else chance.randrange(80_000, 170_000_000)
        recorded = int(chance.random() < 0.6)
        state = "missing" if chance.random() < 0.01 else "ok"
        owner = chance.choice(PEOPLE)
        rows.append(
            (
                f"{chance.getrandbits(128):032x}",
                name,
                kind,
                f"base-{base}",
                base,
                variant,
                rank,
                parameters,
                None if parameters is None else parameters * 2 + 20_480,
                chance.choice((0.25, 0.5, 0.6, 0.8, 1.0)) if recorded else 1.0,
                chance.choice((0.8, 0.85, 0.9, 0.95)) if recorded else 0.9,
                recorded,
                recorded,
                state,
                int(chance.random() < 0.01) * chance.randrange(1, 4),
                int(chance.random() < 0.05) * chance.randrange(1, 3),
                int(chance.random() < 0.1),
                NOW - chance.random() * 700 * DAY,
                f"/data/runs/2025-{chance.randrange(1, 13):02d}/{owner}/{task}/{name}/{step}",
                f"{owner}-lab/{name}" if kind == "huggingface" else None,
                int(chance.random() < 0.01),
                chance.choice(TAGS) if chance.random() < 0.05 else None,
                f"{chance.getrandbits(128):032x}",
            )
        )
    return rows


def write_catalog(path: Path, count: int, seed: int = 7) -> None:
    """A catalogue at `path` that holds `count` adapters, base models and jobs for some of them.

    The file is made by the program itself, so that it has the tables of today; the rows go in with
    sqlite3, for what is timed is reading them.
    """
    from desktop.bootstrap import open_services

    with open_services(path):
        pass
    rows = make_rows(count, seed)
    connection = sqlite3.connect(path)
    with connection:
        bases = {row[3]: row[4] for row in rows}
        connection.executemany(
            "INSERT INTO models (id, type, name, huggingface_model_name)"
            " VALUES (?, 'huggingface', ?, ?)",
            [(key, name, name) for key, name in bases.items()],
        )
        connection.executemany(
            "INSERT INTO adapters (id, type, name, model_id, location, huggingface_name)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [(row[0], row[2], row[1], row[3], row[18], row[19]) for row in rows],
        )
        connection.executemany(
            "INSERT INTO fine_tuning_jobs (id, adapter_name, dataset_fraction, train_test_split)"
            " VALUES (?, ?, ?, ?)",
            [(f"job-{row[0]}", row[1], row[9], row[10]) for row in rows if row[11]],
        )
        connection.executemany(
            "INSERT INTO lorarium_adapters (adapter_id, variant, rank, parameters, size_bytes,"
            " state, errors, warnings, notes, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(row[0], row[5], *row[6:9], *row[13:18]) for row in rows],
        )
        connection.executemany(
            "UPDATE lorarium_adapters SET content_id = ? WHERE adapter_id = ?",
            [(row[22], row[0]) for row in rows],
        )
        connection.executemany(
            "INSERT INTO lorarium_marks (adapter_id, favourite, tags) VALUES (?, ?, ?)",
            [(row[0], row[20], row[21]) for row in rows if row[20] or row[21]],
        )
    connection.close()
