"""What the repositories of tests hold: adapters as people publish them."""

from __future__ import annotations

import json
import struct
import tempfile
from pathlib import Path

from tests.support import LLAMA, make_adapter

MEGABYTE = 1 << 20


def adapter_files(
    rank: int = 8, base: str = LLAMA, weights_mb: float = 0, extra: bool = True
) -> dict[str, bytes]:
    """A LoRA adapter as PEFT saves it, with its card.

    weights_mb: at least so many MiB of weights, 0 = as small as they come. extra: with what
    trainers leave beside it: a tokenizer's settings, the state of the optimiser.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = make_adapter(Path(place) / "adapter", rank=rank, base=base)
        files = {path.name: path.read_bytes() for path in folder.iterdir()}
    if weights_mb:
        files["adapter_model.safetensors"] = _weights(rank, weights_mb)
    files["README.md"] = _card(base)
    if extra:
        settings = {"tokenizer_class": "LlamaTokenizer", "model_max_length": 4096}
        files["tokenizer_config.json"] = json.dumps(settings).encode()
        files["optimizer.pt"] = b"\x80\x02}q\x00." + bytes(500)
        files[".gitattributes"] = b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n"
    return files


def big_adapter_files(mb: float) -> dict[str, bytes]:
    """The same with so many MiB of weights and nothing beside them."""
    return adapter_files(rank=16, weights_mb=mb, extra=False)


def _weights(rank: int, mb: float) -> bytes:
    """A safetensors file of float16 with a pattern in it, so that bytes at different places are
    different; the modules are those that `make_adapter` names."""
    width = -(-int(mb * MEGABYTE) // (2 * 4 * rank))
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for module in ("q_proj", "v_proj"):
        stem = f"base_model.model.model.layers.0.self_attn.{module}"
        for name, shape in (("lora_A", [rank, width]), ("lora_B", [width, rank])):
            end = offset + 2 * rank * width
            header[f"{stem}.{name}.weight"] = {
                "dtype": "F16",
                "shape": shape,
                "data_offsets": [offset, end],
            }
            offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    pattern = b"".join(struct.pack("<H", n % 0x7000) for n in range(65521))
    return struct.pack("<Q", len(text)) + text + (pattern * (offset // len(pattern) + 1))[:offset]


def _card(base: str) -> bytes:
    return f"""---
base_model: {base}
library_name: peft
license: apache-2.0
pipeline_tag: text-generation
tags:
- base_model:adapter:{base}
- lora
- transformers
---

# An adapter for questions to a database

It turns a question into SQL.
""".encode()
