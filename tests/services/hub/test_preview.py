from __future__ import annotations

import json
import struct
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from desktop.services.hub.client import HubClient
from desktop.services.hub.preview import card_type_of
from desktop.services.hub.records import HubPreview, HubReference
from desktop.services.peft_folder import inspect_folder
from desktop.services.records import FolderInspection, Severity, blocks
from tests.hub_server import HOSTILE_NAMES, Fault, HubServer, Repo
from tests.hub_server.content import adapter_files, big_adapter_files
from tests.services.hub.conftest import LORA, inspected, look
from tests.support import LLAMA

HERE = HubReference(LORA)


def codes(found: HubPreview) -> set[str]:
    return {finding.code for finding in found.findings}


def on_disk(folder: Path, files: dict[str, bytes]) -> FolderInspection:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return inspect_folder(folder)


# -- the same as on disk -------------------------------------------------------------------------


def test_the_same_is_found_as_in_the_folder(
    tmp_path: Path, repo: Repo, client: HubClient, scratch: Path
) -> None:
    found = look(client, scratch)
    mine, local = inspected(found), on_disk(tmp_path / "x", repo.files)
    for name in FolderInspection.__dataclass_fields__:
        if name not in ("path", "fingerprint", "content_id"):
            assert getattr(mine, name) == getattr(local, name), name
    assert (mine.path, mine.fingerprint, mine.content_id) == ("", "", "")
    assert found.findings == local.findings
    assert (found.locked, found.card_type) == ("", "LoRA")


def test_only_the_head_of_the_weights_moves(
    server: HubServer, client: HubClient, scratch: Path
) -> None:
    files = big_adapter_files(20)
    server.add_repo(LORA, files)
    found = inspected(look(client, scratch))
    assert found.size_bytes == len(files["adapter_model.safetensors"])
    assert found.rank == 16
    assert found.parameters is not None
    assert not blocks(found.findings)
    assert server.sent("adapter_model") <= 128 << 10
    assert server.sent("optimizer") == 0


def test_a_long_header_is_read_whole(server: HubServer, client: HubClient, scratch: Path) -> None:
    files = adapter_files()
    header: dict[str, Any] = {}
    for n in range(2_000):
        stem = f"base_model.model.model.layers.{n}.self_attn.q_proj"
        for part, at in (("lora_A", 2 * n), ("lora_B", 2 * n + 1)):
            header[f"{stem}.{part}.weight"] = {
                "dtype": "F32",
                "shape": [8, 1] if part == "lora_A" else [1, 8],
                "data_offsets": [32 * at, 32 * at + 32],
            }
    text = json.dumps(header).encode()
    assert len(text) > 200_000
    weights = struct.pack("<Q", len(text)) + text + bytes(32 * 4_000)
    server.add_repo(LORA, files | {"adapter_model.safetensors": weights})
    found = inspected(look(client, scratch))
    assert (found.tensor_count, found.layer_count) == (4_000, 2_000)
    # And where a server knows no ranges, it is read from the start, and no further.
    server.fault = Fault("no_range", "adapter_model")
    assert inspected(look(client, scratch)).tensor_count == 4_000


def test_a_sub_folder(server: HubServer, client: HubClient, scratch: Path) -> None:
    files = {f"chat/v 2/{name}": data for name, data in adapter_files().items()}
    server.add_repo(LORA, files)
    found = look(client, scratch, HubReference(LORA, "", "chat/v 2"))
    assert inspected(found).rank == 8
    assert not blocks(found.findings)


def test_findings_of_a_folder_come_before_the_download(
    server: HubServer, client: HubClient, scratch: Path
) -> None:
    files = adapter_files()
    config = json.loads(files["adapter_config.json"]) | {"r": 16}
    server.add_repo(LORA, files | {"adapter_config.json": json.dumps(config).encode()})
    found = look(client, scratch)
    first = found.findings[0]
    assert (first.field, first.code) == ("location", "rank_mismatch")
    assert first.message.startswith("Weights have rank 8, the config says 16")
    server.add_repo(LORA, files | {"adapter_config.json": b"{"})
    assert blocks(look(client, scratch).findings)


def test_without_weights(server: HubServer, client: HubClient, scratch: Path) -> None:
    files = adapter_files(extra=False)
    del files["adapter_model.safetensors"]
    server.add_repo(LORA, files)
    found = look(client, scratch)
    assert found.findings[0].message == "There are no weights in this repository."


@pytest.mark.parametrize("size", [0, 4, 8, 100])
def test_short_weights(server: HubServer, client: HubClient, scratch: Path, size: int) -> None:
    files = adapter_files()
    files["adapter_model.safetensors"] = files["adapter_model.safetensors"][:size]
    server.add_repo(LORA, files)
    found = look(client, scratch)
    assert blocks(found.findings)
    assert inspected(found).size_bytes in (size, None)


def test_weights_that_announce_a_huge_header(
    server: HubServer, client: HubClient, scratch: Path
) -> None:
    for length in (1 << 63, 20 << 20, 1 << 20):
        files = adapter_files()
        files["adapter_model.safetensors"] = struct.pack("<Q", length) + b"{" + bytes(100_000)
        server.add_repo(LORA, files)
        server.reset_requests()
        found = look(client, scratch)
        assert blocks(found.findings)
        assert server.sent("adapter_model") < 256 << 10


def test_as_the_public_hub_has_it(server: HubServer, client: HubClient, scratch: Path) -> None:
    """Small files move to another path of the same host, large ones offer themselves over Xet."""
    server.resolve_cache = server.xet = True
    server.add_repo(LORA, big_adapter_files(2))
    found = look(client, scratch)
    assert inspected(found).rank == 16
    assert server.asked("resolve-cache")
    assert server.sent("adapter_model") <= 128 << 10


# -- pickles -------------------------------------------------------------------------------------


def archive(mb: int = 0) -> bytes:
    """A zip archive as PyTorch writes one: a small program, then the bytes of the tensors."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as file:
        file.writestr("adapter_model/data.pkl", b"\x80\x02}q\x00.")
        file.writestr("adapter_model/data/0", bytes(mb << 20))
    return target.getvalue()


def with_pickle(mb: int) -> dict[str, bytes]:
    files = adapter_files(extra=False)
    del files["adapter_model.safetensors"]
    return files | {"adapter_model.bin": archive(mb)}


@pytest.mark.parametrize("mb", [0, 5])
def test_a_pickle_is_listed_from_its_two_ends(
    tmp_path: Path, server: HubServer, client: HubClient, scratch: Path, mb: int
) -> None:
    files = with_pickle(mb)
    server.add_repo(LORA, files)
    found = look(client, scratch)
    local = on_disk(tmp_path / "x", files)
    assert codes(found) == {finding.code for finding in local.findings}
    assert "weights_pickle" in codes(found)
    assert not blocks(found.findings)
    assert inspected(found).tensor_count == local.tensor_count
    assert server.sent("adapter_model") < 1 << 20


def test_a_pickle_whose_end_can_not_be_asked_for(
    server: HubServer, client: HubClient, scratch: Path
) -> None:
    server.add_repo(LORA, with_pickle(20))
    server.fault = Fault("no_range", "adapter_model")
    found = look(client, scratch)
    assert "weights_pickle" in codes(found)
    assert "weights_truncated" not in codes(found)
    assert server.sent("adapter_model") < 8 << 20


def test_a_pickle_beside_safetensors_is_noted_and_not_read(
    server: HubServer, client: HubClient, scratch: Path
) -> None:
    server.add_repo(LORA, adapter_files() | {"adapter_model.bin": archive()})
    found = look(client, scratch)
    assert "pickle_beside" in codes(found)
    assert server.sent(r"adapter_model\.bin") == 0


# -- no adapter ----------------------------------------------------------------------------------


def test_adapters_in_sub_folders_only(server: HubServer, client: HubClient, scratch: Path) -> None:
    files = {f"{at}/{n}": d for at in ("chat", "sql") for n, d in adapter_files().items()}
    server.add_repo(LORA, files)
    found = look(client, scratch)
    assert found.inspection is None
    assert found.repo.folders == ("chat", "sql")
    (finding,) = found.findings
    assert (finding.field, finding.code) == ("huggingface_name", "no_adapter")
    assert finding.severity == Severity.ERROR
    assert finding.message == "There is no adapter in its root."
    assert finding.advice == "There are some in “chat”, “sql”."
    assert finding.suggestion == f"{LORA}/tree/main/chat"
    lost = look(client, scratch, HubReference(LORA, "main", "french"))
    assert lost.findings[0].message == "There is no folder “french” in this repository."


def test_the_adapter_is_in_the_root(repo: Repo, client: HubClient, scratch: Path) -> None:
    found = look(client, scratch, HubReference(LORA, "", "chat"))
    (finding,) = found.findings
    assert finding.advice == "There is one in its root."
    assert finding.suggestion == LORA


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"config.json": b"{}", "model.safetensors": b"x"},
         "There is no adapter in this repository. It looks like a full model."),
        ({"model_index.json": b"{}"},
         "There is no adapter in this repository. It looks like a Diffusers pipeline."),
        ({"README.md": b"x"}, "There is no adapter in this repository: no adapter_config.json."),
        ({}, "There is no adapter in this repository: no adapter_config.json."),
    ],
)  # fmt: skip
def test_what_it_is_instead(
    server: HubServer, client: HubClient, scratch: Path, files: dict[str, bytes], said: str
) -> None:
    server.add_repo(LORA, files)
    (finding,) = look(client, scratch).findings
    assert (finding.code, finding.message) == ("no_adapter", said)


# -- what is to be said of the repository --------------------------------------------------------


def test_a_new_name_is_told(
    server: HubServer, repo: Repo, client: HubClient, scratch: Path
) -> None:
    server.add_repo("acme/new-name", adapter_files(extra=False))
    repo.renamed_to = "acme/new-name"
    found = look(client, scratch)
    (finding,) = found.findings
    assert (finding.code, finding.severity) == ("renamed", Severity.NOTE)
    assert finding.message == "This repository is called “acme/new-name” now."
    assert inspected(found).rank == 8


def test_names_that_were_left_out_are_told(repo: Repo, client: HubClient, scratch: Path) -> None:
    repo.extra_names = [*HOSTILE_NAMES]
    found = look(client, scratch)
    (finding,) = [f for f in found.findings if f.code == "files_skipped"]
    assert (finding.field, finding.severity) == ("huggingface_name", Severity.WARNING)
    assert finding.message.isprintable()
    assert not blocks(found.findings)


def test_card_and_config_do_not_agree(server: HubServer, client: HubClient, scratch: Path) -> None:
    files = adapter_files(extra=False)
    other = adapter_files(base="mistralai/Mistral-7B-v0.1", extra=False)
    server.add_repo(LORA, files | {"README.md": other["README.md"]})
    found = look(client, scratch)
    (finding,) = found.findings
    assert finding.code == "base_differs"
    assert finding.message == (
        f"The model card names the base model “mistralai/Mistral-7B-v0.1”, the config “{LLAMA}”."
    )


def test_types_that_tags_claim() -> None:
    assert card_type_of(("peft", "LoRA")) == "LoRA"
    assert card_type_of(("dora",)) == "DoRA"
    assert card_type_of(("prompt-tuning",)) == "Prompt"
    assert card_type_of(("ia3",)) == "IA³"
    assert card_type_of(("peft", "transformers")) == ""


# -- shut ----------------------------------------------------------------------------------------


def test_gated_files_are_no_error(server: HubServer, client: HubClient, scratch: Path) -> None:
    server.add_repo(LORA, adapter_files(), gated="auto", tags=["peft", "lora"])
    found = look(client, scratch)
    assert (found.locked, found.inspection) == ("gated", None)
    assert found.repo.gated == "auto"
    assert found.repo.needed_bytes > 0
    assert found.repo.base_models == (LLAMA,)
    assert found.card_type == "LoRA"
    assert not blocks(found.findings)
    server.add_user("alice", "hf_alice", {LORA})
    assert inspected(look(HubClient(server.url, "hf_alice"), scratch)).rank == 8


@pytest.mark.parametrize(("status", "locked"), [(401, "token"), (403, "forbidden")])
def test_files_that_are_shut_otherwise(
    server: HubServer, repo: Repo, scratch: Path, status: int, locked: str
) -> None:
    server.add_user("alice", "hf_alice")
    server.fault = Fault("status", "/resolve/", status=status)
    assert look(HubClient(server.url, "hf_alice"), scratch).locked == locked


def test_the_token_stays_with_the_hub(server: HubServer, repo: Repo, scratch: Path) -> None:
    """The bytes of large files are at another host."""
    server.add_user("alice", "hf_alice")
    look(HubClient(server.url, "hf_alice"), scratch)
    elsewhere = [r for r in server.requests if r.host.startswith("localhost")]
    assert elsewhere
    assert not any("authorization" in request.headers for request in elsewhere)
    here = [r for r in server.requests if not r.host.startswith("localhost")]
    assert all(request.headers["authorization"] == "Bearer hf_alice" for request in here)
