"""Which modules of the base model an adapter's tensors belong to, and how wide those are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from desktop.services.peft_folder.peft_types import TYPE_TITLES, prefixes
from desktop.services.records import TensorInfo

_ALL_PREFIXES = tuple({p for t in TYPE_TITLES for p in prefixes(t)})
MAX_WIDTHS = 256


class AdaptedModule:
    """One module with the adapter's tensors on it: part (`lora_A`) to shape."""

    __slots__ = ("parts", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self.parts: dict[str, tuple[int, ...]] = {}

    @property
    def last_name(self) -> str:
        """`q_proj` of `model.layers.0.self_attn.q_proj`."""
        return self.path.rpartition(".")[2]


class TensorMap(NamedTuple):
    """The tensors of an adapter by module.

    modules: those with tensors of a PEFT type; plain: indices of tensors that are whole modules or
    biases of the base model; parts: the distinct parts seen (`lora_A`, `ia3_l`).
    """

    modules: dict[str, AdaptedModule]
    plain: tuple[int, ...]
    parts: frozenset[str]

    def one_of_each(self) -> TensorMap:
        """The same with only one module for each set of parts and shapes."""
        kinds = {tuple(m.parts.items()): m for m in self.modules.values()}
        return TensorMap({m.path: m for m in kinds.values()}, self.plain, self.parts)


def strip_path(name: str) -> str:
    """A tensor's name without PEFT's wrapping: `base_model.model.` before, `.base_layer` within."""
    if name == "base_model":
        return ""
    if name.startswith("base_model."):
        name = name.removeprefix("base_model.").removeprefix("model.")
    return name.replace(".base_layer", "") if ".base_layer" in name else name


def map_tensors(tensors: Sequence[TensorInfo], peft_type: str | None) -> TensorMap:
    """Sort tensors by module. The part is the first piece of the dotted name, from the right, that
    begins like one of the type's own (or, for an unknown type, of any type)."""
    # A type that is not known may be any text: nothing is kept for it.
    places = _places.setdefault(peft_type, {}) if peft_type in TYPE_TITLES else {}
    if len(places) > _MOST_PLACES:
        places.clear()
    modules: dict[str, AdaptedModule] = {}
    plain: list[int] = []
    parts: set[str] = set()
    for index, (name, _, shape) in enumerate(tensors):
        place = places.get(name)
        if place is None:
            place = places[name] = _place(name, peft_type)
        path, piece, part = place
        if not part:
            plain.append(index)
            continue
        parts.add(piece)
        module = modules.get(path)
        if module is None:
            module = modules[path] = AdaptedModule(path)
        module.parts[part] = shape
    return TensorMap(modules, tuple(plain), frozenset(parts))


_places: dict[str | None, dict[str, tuple[str, str, str]]] = {}
"""By type and tensor name: what `_place` says. The same names stand in thousands of adapters."""
_MOST_PLACES = 20_000


def _place(name: str, peft_type: str | None) -> tuple[str, str, str]:
    """(path of the module, piece of the name that is a part, part with what it is of), the latter
    two "" for a whole tensor of the base model."""
    own = prefixes(peft_type) if peft_type else ()
    wanted = tuple({*own, *_ALL_PREFIXES})
    pieces = name.split(".")
    for at in range(len(pieces) - 1, max(len(pieces) - 4, -1), -1):
        piece = pieces[at]
        if piece.startswith(wanted):
            path = strip_path(".".join(pieces[:at])).removesuffix(".token_adapter")
            bias = pieces[-1] == "bias" and at != len(pieces) - 1
            return path, piece, f"{piece}.bias" if bias else piece
    return "", "", ""


def layer_count(modules: dict[str, AdaptedModule]) -> int | None:
    """The highest layer number plus one, None where no path has a number. An adapter on some of the
    layers only has a lower count than its base model."""
    highest = max(map(_layer_of, modules), default=-1)
    return highest + 1 if highest >= 0 else None


@lru_cache(maxsize=8192)
def _layer_of(path: str) -> int:
    return next((int(p) for p in path.split(".") if p.isdigit() and len(p) <= 6), -1)


def tensor_widths(modules: dict[str, AdaptedModule]) -> tuple[tuple[str, int, int], ...]:
    """The distinct (module's last name, inputs, outputs), sorted; 0 stands for a side that the
    tensors do not tell. At most MAX_WIDTHS of them."""
    kinds = {(m.last_name, tuple(m.parts.items())) for m in modules.values()}
    found = set()
    for name, parts in kinds:
        inside, outside = _widths(dict(parts))
        if inside or outside:
            found.add((name or "prompt_embeddings", inside, outside))
    return tuple(sorted(found)[:MAX_WIDTHS])


def _widths(parts: dict[str, tuple[int, ...]]) -> tuple[int, int]:
    """(inputs, outputs) of a module, by the shapes that each type gives its tensors."""
    for a, b in (("lora_A", "lora_B"), ("lora_embedding_A", "lora_embedding_B"),
                 ("delora_A", "delora_B"), ("hada_w1_b", "hada_w1_a")):  # fmt: skip
        if a in parts or b in parts:
            return _side(parts.get(a), 1), _side(parts.get(b), 0)
    if "gralora_A" in parts and "gralora_B" in parts:
        a_shape, b_shape = parts["gralora_A"], parts["gralora_B"]
        if len(a_shape) == 3 and len(b_shape) == 3:
            return a_shape[0] * a_shape[1], b_shape[0] * b_shape[2]
    if any(part.startswith("lokr_") for part in parts):
        return _lokr(parts)
    if "ia3_l" in parts and len(parts["ia3_l"]) == 2:
        rows, columns = parts["ia3_l"]
        return (0, rows) if columns == 1 else (columns, 0)
    if "hra_u" in parts:
        return _side(parts["hra_u"], 0), 0
    if "miss_block" in parts and len(parts["miss_block"]) == 2:
        return 0, parts["miss_block"][1]
    if "vera_lambda_b" in parts:
        return 0, _side(parts["vera_lambda_b"], 0)
    if "prompt_embeddings" in parts:
        return 0, _side(parts["prompt_embeddings"], 1)
    return 0, 0


def _side(shape: tuple[int, ...] | None, axis: int) -> int:
    return shape[axis] if shape is not None and len(shape) > axis else 0


def _lokr(parts: dict[str, tuple[int, ...]]) -> tuple[int, int]:
    """LoKr: the update is the Kronecker product of two blocks, whole or as a product of two."""
    blocks = []
    for block in ("lokr_w1", "lokr_w2"):
        whole = parts.get(block)
        a, b = parts.get(f"{block}_a"), parts.get(f"{block}_b")
        rows = _side(whole, 0) or _side(a, 0)
        columns = _side(whole, 1) or _side(b, 1)
        blocks.append((rows, columns))
    return blocks[0][1] * blocks[1][1], blocks[0][0] * blocks[1][0]
