"""The few lines of Python that load an adapter with PEFT, ready to paste."""

from __future__ import annotations

import os

from desktop.services.peft_folder.base_names import split_base_name
from desktop.services.peft_folder.config import read_config
from desktop.services.peft_folder.reading import allowed_root
from desktop.services.records import FolderInspection

_CLASSES = {
    "CAUSAL_LM": "ForCausalLM",
    "SEQ_2_SEQ_LM": "ForSeq2SeqLM",
    "SEQ_CLS": "ForSequenceClassification",
    "TOKEN_CLS": "ForTokenClassification",
    "QUESTION_ANS": "ForQuestionAnswering",
    "FEATURE_EXTRACTION": "ForFeatureExtraction",
}


def loading_snippet(
    adapter: FolderInspection | str | os.PathLike[str],
    base_name: str | None = None,
    *,
    revision: str | None = None,
) -> str:
    """Python that loads an adapter on its base model.

    Takes an inspection or a folder, and the base model's Hub name or folder; without one the name
    in the config counts, and without that too PEFT has to find it. revision: of the base model.
    Every text from outside is written with `repr`, so it can't become code.
    """
    if isinstance(adapter, FolderInspection):
        path, task, named = adapter.path, adapter.task_type, adapter.base_model_name
        revision = revision or (None if base_name else adapter.base_model_revision)
    else:
        path = os.fspath(adapter)
        config = read_config(path, allowed_root(path))
        task, named = config.task_type, config.base_model_name
        revision = revision or (None if base_name else config.base_model_revision)
    if base_name is None and named is not None:
        parts = split_base_name(named)
        base_name = parts.hub_name or named
        revision = revision or parts.revision
    suffix = _CLASSES.get(task or "", "")
    where = _literal(os.path.abspath(path))
    lines = []
    if "os.fsdecode" in where:
        lines += ["import os", ""]
    if base_name is None:
        auto = f"AutoPeftModel{suffix}"
        lines += [f"from peft import {auto}", "", f"model = {auto}.from_pretrained({where})"]
        return "\n".join(lines) + "\n"
    auto = "AutoModel" if suffix in ("", "ForFeatureExtraction") else f"AutoModel{suffix}"
    pin = f", revision={_literal(revision)}" if revision else ""
    lines += [
        "from peft import PeftModel",
        f"from transformers import {auto}, AutoTokenizer",
        "",
        f"base_name = {_literal(base_name)}",
        f"base = {auto}.from_pretrained(base_name{pin})",
        f"model = PeftModel.from_pretrained(base, {where})",
        f"tokenizer = AutoTokenizer.from_pretrained(base_name{pin})",
    ]
    if task in ("SEQ_CLS", "TOKEN_CLS"):
        lines.insert(-2, "# Give num_labels=… above if the training had other than two labels.")
    return "\n".join(lines) + "\n"


def _literal(text: str) -> str:
    """The text as a Python literal. A path with undecodable bytes needs them spelt out, since no
    file of source code may hold them."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return f"os.fsdecode({os.fsencode(text)!r})" if os.name == "posix" else ascii(text)
    return repr(text)
