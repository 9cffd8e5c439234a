"""How wide and deep a base model is, from the config.json in its folder, and what that makes of its
modules. Reads one small file; nothing is fetched."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

from desktop.services.errors import FolderError
from desktop.services.peft_folder import safe_json
from desktop.services.peft_folder.base_names import is_hub_name
from desktop.services.peft_folder.reading import UnreadableFileError, read_start

_MAX_BYTES = 1 << 20
_NESTED = ("text_config", "llm_config", "language_config", "thinker_config", "decoder")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_MAX_SIDE = 1 << 30


@dataclass(frozen=True, slots=True)
class BaseShape:
    """Sizes of a base model; None where its config does not tell.

    hidden: width of the residual stream; query and key_value: all heads together; inner: the widths
    that its feed-forward parts may have; layers: of one stack (the deeper of encoder and decoder).
    """

    model_type: str | None = None
    hidden: int | None = None
    layers: int | None = None
    query: int | None = None
    key_value: int | None = None
    inner: tuple[int, ...] = ()

    def widths(self, module: str) -> tuple[frozenset[int], frozenset[int]]:
        """(possible inputs, possible outputs) of a module by its last name; an empty set where
        nothing is known."""
        hidden = _set(self.hidden)
        query, key_value, inner = _set(self.query), _set(self.key_value), frozenset(self.inner)
        fused = _set(
            self.query + 2 * self.key_value if self.query and self.key_value else None
        ) | _set(3 * self.hidden if self.hidden and self.key_value == self.query else None)
        gated = query | _set(2 * self.query if self.query else None)  # with a gate beside it
        table: dict[str, tuple[frozenset[int], frozenset[int]]] = {
            **dict.fromkeys(("q_proj", "q", "query"), (hidden, gated)),
            **dict.fromkeys(("k_proj", "v_proj", "k", "v", "key", "value"), (hidden, key_value)),
            **dict.fromkeys(("o_proj", "o"), (query, hidden)),
            **dict.fromkeys(("c_attn", "query_key_value", "Wqkv", "qkv_proj"), (hidden, fused)),
            **dict.fromkeys(_INTO_INNER, (hidden, inner)),
            **dict.fromkeys(_OUT_OF_INNER, (inner, hidden)),
            "gate_up_proj": (hidden, frozenset(2 * i for i in inner)),
            "c_proj": (query | inner if query and inner else frozenset(), hidden),
            **dict.fromkeys(("embed_tokens", "wte", "word_embeddings"), (frozenset(), hidden)),
            "lm_head": (hidden, frozenset()),
        }
        return table.get(module, (frozenset(), frozenset()))


_INTO_INNER = (
    "gate_proj", "up_proj", "fc1", "fc_in", "c_fc", "dense_h_to_4h", "wi", "wi_0", "wi_1",
)  # fmt: skip
_OUT_OF_INNER = ("down_proj", "fc2", "fc_out", "dense_4h_to_h", "wo")


def base_shape(base_dir: str) -> BaseShape | None:
    """The shape of the base model in a local folder, None when its config.json is missing, can't be
    read or does not give a width."""
    try:
        data, size = read_start(base_dir, "config.json", _MAX_BYTES)
        if size > _MAX_BYTES:
            return None
        raw = safe_json.parse(data).value
    except (UnreadableFileError, FolderError):
        return None
    return shape_of(raw) if isinstance(raw, dict) else None


def shape_of(raw: dict[str, Any]) -> BaseShape | None:
    """As base_shape, from the parsed config."""
    outer_type = raw.get("model_type")
    for key in _NESTED:
        inside = raw.get(key)
        if isinstance(inside, dict) and _side(inside, "hidden_size", "n_embd", "d_model"):
            raw = inside
            break
    hidden = _side(raw, "hidden_size", "n_embd", "n_embed", "d_model", "dim")
    if hidden is None:
        return None
    layers = max(
        (
            n
            for key in ("num_hidden_layers", "n_layer", "n_layers", "num_layers",
                        "num_decoder_layers", "encoder_layers", "decoder_layers")
            if (n := _side(raw, key))
        ),
        default=None,
    )  # fmt: skip
    query, key_value = _attention(raw, hidden)
    inner = tuple(
        sorted(
            {
                n
                for key in ("intermediate_size", "n_inner", "d_ff", "ffn_dim", "decoder_ffn_dim",
                            "encoder_ffn_dim", "ffn_hidden_size", "moe_intermediate_size",
                            "shared_expert_intermediate_size", "intermediate_size_mlp")
                if (n := _side(raw, key))
            }
        )
    )  # fmt: skip
    if not inner and outer_type in ("gpt2", "bloom", "gptj", "gpt_neo", "codegen", "gpt_bigcode"):
        inner = (4 * hidden,)  # their rule where the config is silent
    model_type = outer_type if isinstance(outer_type, str) else None
    return BaseShape(model_type, hidden, layers, query, key_value, inner)


def _attention(raw: dict[str, Any], hidden: int) -> tuple[int | None, int | None]:
    """(width of all query heads, width of all key or value heads); None where the model's heads
    differ among themselves or have a low-rank form."""
    if any(raw.get(key) for key in ("kv_lora_rank", "global_head_dim")):
        return None, None
    heads = _side(raw, "num_attention_heads", "n_head", "n_heads", "num_heads",
                  "decoder_attention_heads")  # fmt: skip
    if heads is None:
        return None, None
    size = _side(raw, "head_dim", "d_kv", "kv_channels")
    if size is None:
        if hidden % heads:
            return None, None
        size = hidden // heads
    if raw.get("multi_query") is True and not raw.get("new_decoder_architecture"):
        groups = _side(raw, "multi_query_group_num") or 1
    else:
        groups = _side(raw, "num_key_value_heads", "num_kv_heads") or heads
    return heads * size, groups * size


def cached_base_dir(hub_name: str) -> str | None:
    """The snapshot of a Hub model in the local Hugging Face cache that has a config.json.

    Takes the branch `main` where the cache knows it, else the newest snapshot. Only looks at paths
    that follow from the cache's layout; returns None for anything that is no plain Hub name.
    """
    if not is_hub_name(hub_name):
        return None
    repo = os.path.join(hub_cache_folder(), "models--" + hub_name.replace("/", "--"))
    snapshots = os.path.join(repo, "snapshots")
    try:
        data, _ = read_start(os.path.join(repo, "refs"), "main", 64)
        commit = data.decode("ascii", "replace").strip()
    except UnreadableFileError:
        commit = ""
    commits = [commit] if _COMMIT.fullmatch(commit) else []
    try:
        with os.scandir(snapshots) as entries:
            dated = sorted(
                ((e.stat().st_mtime, e.name) for e in entries if _COMMIT.fullmatch(e.name)),
                reverse=True,
            )
        commits += [name for _, name in dated]
    except OSError:
        return None
    for name in commits[:20]:
        folder = os.path.join(snapshots, name)
        if os.path.isfile(os.path.join(folder, "config.json")):
            return folder
    return None


def hub_cache_folder() -> str:
    """The cache folder by the variables of huggingface_hub, in its order, as they are now. It need
    not be there."""
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if os.environ.get(variable):
            return os.path.expandvars(os.path.expanduser(os.environ[variable]))
    home = os.environ.get("HF_HOME")
    if not home:
        cache = os.environ.get("XDG_CACHE_HOME") or os.path.join("~", ".cache")
        home = os.path.join(cache, "huggingface")
    return os.path.join(os.path.expandvars(os.path.expanduser(home)), "hub")


def _side(raw: dict[str, Any], *keys: str) -> int | None:
    for key in keys:
        value = raw.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _MAX_SIDE:
            return value
    return None


def _set(value: int | None) -> frozenset[int]:
    return frozenset() if value is None else frozenset((value,))
