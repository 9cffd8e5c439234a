"""The PEFT types by name: what people call them, and how their tensors are named."""

from __future__ import annotations

TYPE_TITLES = {
    "PROMPT_TUNING": "Prompt", "MULTITASK_PROMPT_TUNING": "Multitask prompt",
    "P_TUNING": "P-tuning", "PREFIX_TUNING": "Prefix", "LORA": "LoRA", "ADALORA": "AdaLoRA",
    "ADAMSS": "AdaMSS", "BOFT": "BOFT", "ADAPTION_PROMPT": "LLaMA-Adapter", "IA3": "IA³",
    "BEFT": "BEFT", "LILY": "Lily", "LOHA": "LoHa", "LOKR": "LoKr", "OFT": "OFT", "POLY": "Poly",
    "LN_TUNING": "LN tuning", "VERA": "VeRA", "FROD": "FRoD", "PVERA": "PVeRA",
    "FOURIERFT": "FourierFT", "GLORA": "GLoRA", "XLORA": "X-LoRA", "HRA": "HRA",
    "VBLORA": "VB-LoRA", "UNILORA": "Uni-LoRA", "CPT": "CPT", "MISS": "MiSS",
    "RANDLORA": "RandLoRA", "ROAD": "RoAd", "TRAINABLE_TOKENS": "Trainable tokens",
    "HIRA": "HiRA", "SHIRA": "SHiRA", "C3A": "C³A", "WAVEFT": "WaveFT", "OSF": "OSF",
    "DELORA": "DeLoRA", "GRALORA": "GraLoRA", "CARTRIDGE": "Cartridge", "TINYLORA": "TinyLoRA",
    "PSOFT": "PSOFT", "PEANUT": "PEANuT", "SHADOW": "ShadowPEFT", "SUPERTUNING": "SuperTuning",
    "DEFT": "DEFT",
}  # fmt: skip
"""All types of PEFT 0.21, as written in adapter_config.json, with the name on screen."""

OLD_TYPE_TITLES = {"BONE": "Bone"}
"""Types that PEFT once had and dropped: importable, but today's PEFT refuses them."""

PROMPT_TYPES = frozenset(
    {"PROMPT_TUNING", "MULTITASK_PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING", "CPT", "CARTRIDGE"}
)
"""Types that add virtual tokens and change no module."""

TASK_TITLES = {
    "CAUSAL_LM": "Causal language model",
    "SEQ_2_SEQ_LM": "Sequence to sequence",
    "SEQ_CLS": "Text classification",
    "TOKEN_CLS": "Token classification",
    "QUESTION_ANS": "Question answering",
    "FEATURE_EXTRACTION": "Feature extraction",
}
"""All tasks of PEFT, with the name on screen."""

_PREFIXES = {
    "ADALORA": ("lora_",), "ADAPTION_PROMPT": ("adaption_",), "LOHA": ("hada_",),
    "TRAINABLE_TOKENS": ("trainable_tokens_",), "XLORA": ("internal_xlora_classifier",),
    **dict.fromkeys(PROMPT_TYPES, ("prompt_embeddings", "prefix_task_")),
}  # fmt: skip


def prefixes(peft_type: str) -> tuple[str, ...]:
    """How the tensors of a type begin after the module's path (`lora_` for LORA).

    Rule of PEFT: the type in lower case and an underscore, with the exceptions above.
    """
    return _PREFIXES.get(peft_type) or (f"{peft_type.lower()}_",)


def type_title(peft_type: str) -> str:
    """`IA³` for `IA3`; a type that is not known stays as it is written."""
    return TYPE_TITLES.get(peft_type) or OLD_TYPE_TITLES.get(peft_type) or peft_type


def task_title(task_type: str | None) -> str:
    """`Causal language model` for `CAUSAL_LM`; unknown ones as written, "" for None."""
    return TASK_TITLES.get(task_type or "", task_type or "")


def variant_of(peft_type: str, use_dora: bool, use_rslora: bool) -> str:
    """What people call the adapter: a LoRA with its switches on is a DoRA or an rsLoRA."""
    if peft_type == "LORA":
        if use_dora:
            return "rsDoRA" if use_rslora else "DoRA"
        if use_rslora:
            return "rsLoRA"
    return type_title(peft_type)
