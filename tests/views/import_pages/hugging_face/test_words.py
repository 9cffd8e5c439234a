"""Words about a repository: pure functions over records."""

from __future__ import annotations

import time

import pytest

from desktop.services.hub.records import HubFile, HubPreview, HubReference, HubRepo
from desktop.services.records import FileKind, FolderInspection
from desktop.views.import_pages.hugging_face.asking import proposed_name
from desktop.views.import_pages.hugging_face.words import (
    AFTER_ACCESS,
    facts_before,
    found_text,
    host_of,
    page_of,
    place_text,
    popularity_text,
)
from desktop.views.import_pages.shared.file_words import file_lines, files_text

COMMIT = "4f9c1e2" + "0" * 33


def repo(*files: HubFile, **values: object) -> HubRepo:
    return HubRepo(HubReference("acme/x"), COMMIT, files, **values)  # type: ignore[arg-type]


def file(name: str, size: int, kind: FileKind, *, needed: bool = True) -> HubFile:
    return HubFile(name, name, size, kind, needed=needed)


WEIGHTS = file("adapter_model.safetensors", 54_500_000, FileKind.WEIGHTS)
CONFIG = file("adapter_config.json", 736, FileKind.CONFIG)
CARD = file("README.md", 4_000, FileKind.CARD)
TOKENIZER = file("tokenizer_config.json", 5_400, FileKind.TOKENIZER)
STATE = file("optimizer.pt", 400_000_000, FileKind.TRAINING, needed=False)
LOG = file("trainer_state.json", 12_000_000, FileKind.TRAINING, needed=False)
OTHER = file("plot.png", 10, FileKind.OTHER, needed=False)


def shown(*files: HubFile) -> list[tuple[str, str, int, bool]]:
    return [(line.title, line.kind, line.size, line.needed) for line in file_lines(files)]


def test_files_come_in_a_few_lines() -> None:
    assert shown(LOG, TOKENIZER, CARD, STATE, CONFIG, WEIGHTS) == [
        ("adapter_model.safetensors", "weights", 54_500_000, True),
        ("adapter_config.json", "config", 736, True),
        ("README.md, tokenizer_config.json", "card, tokenizer", 9_400, True),
        ("optimizer.pt and 1 more", "only for training", 412_000_000, False),
    ]
    more = file("vocab.json", 9, FileKind.TOKENIZER)
    assert shown(more, TOKENIZER, CARD)[0][0] == "README.md, tokenizer_config.json and 1 more"
    assert shown(STATE, OTHER)[0][:2] == ("optimizer.pt and 1 more", "not needed to load it")
    assert shown(OTHER)[0][0] == "plot.png"
    assert shown() == []


def test_the_sum_counts_what_is_fetched() -> None:
    every = (WEIGHTS, CONFIG, CARD, TOKENIZER, STATE)
    assert files_text(every, all_files=False) == "4 files, 54.5 MB"
    assert files_text(every, all_files=True) == "5 files, 455 MB"
    assert files_text((CARD,), all_files=False) == "1 file, 4.0 kB"
    assert files_text((), all_files=False) == ""


def test_the_same_facts_stand_whatever_is_known() -> None:
    there = FolderInspection(path="", peft_type="LORA", rank=8, alpha=16.0, parameters=12)
    shut = HubPreview(repo(WEIGHTS, gated="manual"), locked="gated")
    known = HubPreview(repo(WEIGHTS), there)
    bare = HubPreview(repo())
    labels = [[fact.label for fact in facts_before(preview)] for preview in (shut, known, bare)]
    assert labels[0] == labels[1] == labels[2]
    values = {fact.label: fact.value for fact in facts_before(shut)}
    assert values["PEFT type"] == values["Rank, alpha"] == values["Base model"] == AFTER_ACCESS
    values = {fact.label: fact.value for fact in facts_before(known)}
    assert values["Rank, alpha"] == "8, 16"
    assert values["Parameters"] == "12"
    assert {fact.value for fact in facts_before(bare)} == {None}


def test_the_size_says_what_is_fetched_and_what_there_is() -> None:
    preview = HubPreview(repo(WEIGHTS, CONFIG, STATE))
    (size,) = [fact for fact in facts_before(preview) if fact.label == "Size"]
    assert (size.value, size.aside) == ("54.5 MB", "to fetch, 455 MB in all")
    (size,) = [fact for fact in facts_before(preview, all_files=True) if fact.label == "Size"]
    assert size.value == "455 MB"


def test_found_says_which_commit() -> None:
    assert found_text(repo()) == "Found. Commit 4f9c1e2. Nothing is downloaded yet."
    now = found_text(repo(changed=time.time()))
    assert now == "Found. Commit 4f9c1e2 of today. Nothing is downloaded yet."
    assert "of 12 Nov 2023" in found_text(repo(changed=1_699_790_000.0))


def test_popularity_counts() -> None:
    assert popularity_text(1, 0) == "1 download, 0 likes"
    assert popularity_text(None, 1234) == "1,234 likes"
    assert popularity_text(None, None) is None


def test_addresses() -> None:
    assert host_of("https://huggingface.co") == "huggingface.co"
    assert host_of("http://127.0.0.1:8080/hub") == "127.0.0.1:8080/hub"
    assert page_of("https://hub.example/x", "org/na me") == "https://hub.example/x/org/na%20me"
    assert place_text(HubReference("org/name", subfolder="a/b")) == "org/name/a/b"


@pytest.mark.parametrize(
    ("repo_id", "subfolder", "name"),
    [
        ("org/name", "", "name"),
        ("name", "", "name"),
        ("org/name", "runs/a/", "name-a"),
        ("org/x", "a\u202eb\x00", "x-ab"),
        ("", "", "adapter"),
    ],
)
def test_the_proposed_name(repo_id: str, subfolder: str, name: str) -> None:
    assert proposed_name(repo_id, subfolder) == name
