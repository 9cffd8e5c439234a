"""Do the weights match the config? Warnings and notes only: all of these adapters can be imported.

Nothing here runs a regular expression from the config: target_modules as a list and the keys of
rank_pattern are compared as names, and what is a real expression is left out of the comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from desktop.services.peft_folder.config import AdapterConfig
from desktop.services.peft_folder.modules import AdaptedModule, TensorMap, strip_path
from desktop.services.peft_folder.peft_types import (
    PROMPT_TYPES,
    TYPE_TITLES,
    prefixes,
    type_title,
)
from desktop.services.peft_folder.reading import printable, size_text
from desktop.services.peft_folder.weights import Weights
from desktop.services.records import Finding, Severity

DEFAULT_LORA_RANK = 8  # LoraConfig.r where the config is silent
_RANK_PARTS = {
    "LORA": (("lora_A", 0), ("lora_embedding_A", 0)),
    "LOHA": (("hada_w1_b", 0),),
    "LOKR": (("lokr_w1_b", 0), ("lokr_w2_b", 0)),
    "VERA": (("vera_lambda_d", 0),),
    "DELORA": (("delora_A", 0),),
    "HRA": (("hra_u", 1),),
    "MISS": (("miss_block", 0),),
}
"""For the types whose rank stands in a shape: the part, and which of its sides the rank is."""
_PAIRS = (
    ("lora_A", "lora_B"),
    ("lora_embedding_A", "lora_embedding_B"),
    ("delora_A", "delora_B"),
    ("gralora_A", "gralora_B"),
    ("hada_w1_a", "hada_w1_b"),
    ("hada_w2_a", "hada_w2_b"),
)
_EXPRESSION = frozenset("*+?[](){}|$^\\")


def check(config: AdapterConfig, weights: Weights, tensors: TensorMap) -> tuple[Finding, ...]:
    """All findings about weights whose tensors are known, against a readable config."""
    if not weights.tensors:
        return (_warning("weights_no_tensors", "The weights file holds no tensors."),)
    found = list(_type(config, tensors))
    if not found:
        # Most modules have the same parts of the same shapes, so one of each kind is looked at
        # first; the modules themselves only where something is odd.
        kinds = tensors.one_of_each()
        empty = (
            [m for m in tensors.modules.values() if _ungathered(m)]
            if any(map(_ungathered, kinds.modules.values()))
            else []
        )
        if empty:
            found.append(_zero3(empty))
        else:
            if any(True for _ in _pairs(kinds)):
                found += _pairs(tensors)
            if config.rank_pattern or any(True for _ in _ranks(config, kinds)):
                found += _ranks(config, tensors)
        found += _targets(config, tensors)
        found += _dora(config, tensors)
    found += _plain(weights, tensors)
    return tuple(found)


def _warning(code: str, message: str, advice: str = "") -> Finding:
    return Finding("location", code, Severity.WARNING, message, advice)


def _type(config: AdapterConfig, tensors: TensorMap) -> Iterator[Finding]:
    """The config's type against the type that the tensors' names show."""
    if config.peft_type not in TYPE_TITLES:
        return
    seen = _types_seen(tensors.parts)
    if config.peft_type in seen or not seen:
        if not seen:
            yield _warning(
                "type_mismatch",
                f"The config says {type_title(config.peft_type)}, but the weights hold none of its "
                "tensors.",
                "PEFT would load the adapter without any effect.",
            )
        return
    if config.peft_type in PROMPT_TYPES and seen & PROMPT_TYPES:
        return  # all of them save the same one tensor
    others = sorted(type_title(t) for t in seen - {config.peft_type})
    if seen & PROMPT_TYPES:
        others = ["a prompt"]
    yield _warning(
        "type_mismatch",
        f"The config says {type_title(config.peft_type)}, but the weights look like "
        f"{' or '.join(others[:2])}.",
        "The config and the weights may come from different adapters.",
    )


@lru_cache(maxsize=64)
def _types_seen(parts: frozenset[str]) -> frozenset[str]:
    seen = set()
    for peft_type in TYPE_TITLES:
        own = prefixes(peft_type)
        if any(part.startswith(own) for part in parts):
            seen.add(peft_type)
    if "ADALORA" in seen:  # it shares lora_A and lora_B with LoRA; lora_E tells them apart
        seen.discard("LORA" if "lora_E" in parts else "ADALORA")
    return frozenset(seen)


def _ungathered(module: AdaptedModule) -> bool:
    """Whether lora_A or lora_B is empty or flat: saved before its shards were gathered."""
    return any(
        len(shape) < 2 or 0 in shape
        for part, shape in module.parts.items()
        if part in ("lora_A", "lora_B")
    )


def _zero3(modules: list[AdaptedModule]) -> Finding:
    return _warning(
        "weights_ungathered",
        f"The tensors of {_modules(modules)} are empty or flat, so the adapter is not complete.",
        "The training saved it before its shards were gathered (DeepSpeed ZeRO-3 or FSDP).",
    )


def _pairs(tensors: TensorMap) -> Iterator[Finding]:
    for a, b in _PAIRS:
        for here, gone in ((a, b), (b, a)):
            halves = [
                m for m in tensors.modules.values() if here in m.parts and gone not in m.parts
            ]
            if halves:
                verb = "has" if len(halves) == 1 else "have"
                yield _warning(
                    "half_pair",
                    f"{_modules(halves)} {verb} {here} but no {gone}.",
                    "One half alone changes nothing: fetch or save the adapter again.",
                )
    wrong = [
        m
        for m in tensors.modules.values()
        if len(m.parts.get("lora_A", ())) == 2
        and len(m.parts.get("lora_B", ())) == 2
        and m.parts["lora_A"][0] != m.parts["lora_B"][1]
    ]
    if wrong:
        yield _warning(
            "pair_shapes",
            f"lora_A and lora_B of {_modules(wrong)} do not fit together.",
            "PEFT can’t load these tensors.",
        )


def _ranks(config: AdapterConfig, tensors: TensorMap) -> Iterator[Finding]:
    """Ranks in the shapes against r and rank_pattern; target_parameters has r for each expert."""
    wanted_parts = _RANK_PARTS.get(config.peft_type or "")
    rank = config.rank
    if wanted_parts is None or config.raw.get("use_bdlora"):
        return
    if rank is None:
        if config.peft_type != "LORA" or config.raw.get("r") is not None:
            return
        rank = DEFAULT_LORA_RANK
    patterned = any(_EXPRESSION.intersection(k.removeprefix("^")) for k, _ in config.rank_pattern)
    odd: dict[int, list[tuple[AdaptedModule, int]]] = {}
    right = 0
    for module in tensors.modules.values():
        for part, axis in wanted_parts:
            shape = module.parts.get(part)
            if shape is None or len(shape) <= axis or (part == "miss_block" and len(shape) != 2):
                continue
            wanted = _pattern_rank(config, module.path)
            if wanted is None:
                if patterned:
                    continue
                wanted = rank
            if shape[axis] == wanted or (config.target_parameters and shape[axis] % wanted == 0):
                right += 1
            else:
                odd.setdefault(shape[axis], []).append((module, wanted))
    if not odd:
        return
    if len(odd) == 1 and not right and not config.rank_pattern:
        real = next(iter(odd))
        says = "the config says" if config.rank else "the config is silent, which means"
        yield _warning(
            "rank_mismatch",
            f"Weights have rank {real}, {says} {rank}.",
            f"Set r to {real} in adapter_config.json, then check again.",
        )
        return
    all_odd = [pair for pairs in odd.values() for pair in pairs]
    module, wanted = all_odd[0]
    real = next(iter(odd))
    yield _warning(
        "rank_mismatch",
        f"{_modules([m for m, _ in all_odd])} "
        f"{'has' if len(all_odd) == 1 else 'have'} another rank than the config says: “"
        f"{printable(module.path, 60)}” has {real}, the config says {wanted}.",
        "Set r or rank_pattern in adapter_config.json, then check again.",
    )


def _pattern_rank(config: AdapterConfig, path: str) -> int | None:
    """The rank of the first name in rank_pattern that is the module or its ending, as PEFT finds
    it with `(.*\\.)?(name)$`."""
    for name, rank in config.rank_pattern:
        if name.startswith("^"):
            if path == name[1:]:
                return rank
        elif path == name or path.endswith(f".{name}"):
            return rank
    return None


def _targets(config: AdapterConfig, tensors: TensorMap) -> Iterator[Finding]:
    """target_modules as a list against the modules that have tensors. An expression is not run."""
    targets = config.target_modules
    if not targets or config.target_is_regex or targets == ("all-linear",):
        return
    if config.peft_type in PROMPT_TYPES or config.peft_type not in TYPE_TITLES:
        return  # prompts have no modules, and the tensors of new types nobody can read
    lasts = {path.rpartition(".")[2] for path in tensors.modules}
    missing = [t for t in targets if not _is_ending(t, lasts, tensors)]
    if missing:
        yield _warning(
            "targets_absent",
            f"The config targets {_names(missing)}, but the weights have nothing for "
            f"{'it' if len(missing) == 1 else 'them'}.",
            "PEFT would leave these modules as they are in the base model.",
        )
    if config.target_parameters:
        return
    wanted = set(targets)
    if lasts <= wanted:
        return
    own = prefixes(config.peft_type or "")
    extra = [
        m
        for m in tensors.modules.values()
        if any(part.startswith(own) for part in m.parts) and m.path and not _covered(m.path, wanted)
    ]
    if extra:
        yield _warning(
            "targets_extra",
            f"The weights hold tensors for {_modules(extra)}, which the config does not target.",
            "PEFT would leave these tensors out.",
        )


def _is_ending(target: str, lasts: set[str], tensors: TensorMap) -> bool:
    """Whether a target is the path of a module with tensors, or the ending of one. lasts: the last
    names of all of them."""
    if "." not in target:
        return target in lasts
    return target.rpartition(".")[2] in lasts and any(
        path == target or path.endswith(f".{target}") for path in tensors.modules
    )


def _covered(path: str, targets: set[str]) -> bool:
    while True:
        if path in targets:
            return True
        _, dot, path = path.partition(".")
        if not dot:
            return False


def _dora(config: AdapterConfig, tensors: TensorMap) -> Iterator[Finding]:
    if config.peft_type != "LORA":
        return
    has = "lora_magnitude_vector" in tensors.parts
    if config.use_dora and not has:
        yield _warning(
            "dora_mismatch",
            "The config says DoRA, but the weights have no magnitude vectors.",
            "Set use_dora to false in adapter_config.json, then check again.",
        )
    elif has and not config.use_dora:
        yield _warning(
            "dora_mismatch",
            "The weights have the magnitude vectors of DoRA, but the config does not say use_dora.",
            "Set use_dora to true in adapter_config.json, then check again.",
        )


def _plain(weights: Weights, tensors: TensorMap) -> Iterator[Finding]:
    """Whole tensors of the base model: modules_to_save, a classifier, embeddings, biases."""
    if not tensors.plain or weights.tensors is None or not tensors.modules:
        return
    sizes: dict[str, int] = {}
    whole = {strip_path(weights.tensors[index].name) for index in tensors.plain}
    for index in tensors.plain:
        path = strip_path(weights.tensors[index].name)
        module, _, last = path.rpartition(".")
        name = (module if last == "weight" else path).rpartition(".")[2] or path
        if last == "bias" and f"{module}.weight" not in whole:
            name = f"{module.rpartition('.')[2]}.bias"
        elif last == "bias":
            name = module.rpartition(".")[2]
        sizes[name] = sizes.get(name, 0) + weights.sizes[index]
    largest = sorted(sizes, key=lambda n: (-sizes[n], n))
    total = size_text(sum(sizes.values()))
    yield Finding(
        "location",
        "full_tensors",
        Severity.NOTE,
        f"The adapter also holds whole tensors of {_names(largest)}, {total} in all.",
        "They replace the base model’s own and make the file larger.",
    )


def _modules(modules: list[AdaptedModule]) -> str:
    """`“q_proj”` for one module, `28 modules (“q_proj”, “v_proj”)` for more."""
    names = list(dict.fromkeys(m.last_name or m.path for m in modules))
    if len(modules) == 1:
        return f"“{printable(modules[0].path, 80)}”"
    return f"{len(modules):,} modules ({_names(names)})"


def _names(names: list[str], most: int = 3) -> str:
    """`“a”, “b” and 4 more`."""
    shown = [f"“{printable(name, 60)}”" for name in names[:most]]
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most:,} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
