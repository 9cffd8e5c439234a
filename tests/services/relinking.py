"""Adapters whose weights are their own, and libraries of them, to be moved about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from desktop.bootstrap import Services
from desktop.services.catalog.schema import folders
from desktop.services.records import AdapterRecord, AddAdapterRequest
from tests.support import make_adapter, write_safetensors


def real_adapter(folder: Path, salt: int, **given: Any) -> Path:
    """An adapter whose weights are its own."""
    make_adapter(folder, **given)
    weights = folder / "adapter_model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-64:] = salt.to_bytes(4, "big") * 16
    weights.write_bytes(bytes(data))
    return folder


def add(services: Services, base: str, folder: Path, name: str) -> AdapterRecord:
    return services.adapters.add_adapter(
        AddAdapterRequest(type="project", name=name, model_id=base, location=str(folder))
    )


def library(services: Services, base: str, root: Path, count: int = 3) -> list[AdapterRecord]:
    """Adapters in root/run-0, run-1, …"""
    return [
        add(services, base, real_adapter(root / f"run-{n}", n + 1), f"run {n}")
        for n in range(count)
    ]


def forget_content(services: Services, adapter_id: str) -> None:
    """As an early Lorarium left a row."""
    with services.open().write(None) as transaction:
        values = {"content_id": None, "inspection": None}
        transaction.update(folders, adapter_id, values)


def make_big(folder: Path, salt: int) -> None:
    """Weights of which the samples are a part only."""
    tensors = {
        f"base_model.model.model.layers.{n}.self_attn.q_proj.lora_{ab}.weight": shape
        for n in range(16)
        for ab, shape in (("A", (8, 512)), ("B", (512, 8)))
    }
    weights = folder / "adapter_model.safetensors"
    write_safetensors(weights, tensors)
    data = bytearray(weights.read_bytes())
    data[-4:] = salt.to_bytes(4, "big")
    weights.write_bytes(bytes(data))


def flip_early_byte(folder: Path) -> None:
    weights = folder / "adapter_model.safetensors"
    data = bytearray(weights.read_bytes())
    data[len(data) // 4] ^= 1
    weights.write_bytes(bytes(data))
