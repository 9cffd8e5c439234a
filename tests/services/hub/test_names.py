from __future__ import annotations

import pytest
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id
from hypothesis import given
from hypothesis import strategies as st

from desktop.services.errors import ValidationError
from desktop.services.hub.names import (
    check_repo_id,
    check_revision,
    check_subfolder,
    is_commit,
    is_repo_id,
    is_safe_path,
    parse_reference,
)
from desktop.services.hub.records import HUB, HubReference
from desktop.services.records import Finding
from tests.hub_server import HOSTILE_NAMES

COMMIT = "0123456789abcdef0123456789abcdef01234567"
MIRROR = "https://mirror.example/hub"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("org/name", HubReference("org/name")),
        ("gpt2", HubReference("gpt2")),
        ("  org/name \n", HubReference("org/name")),
        ('"org/name"', HubReference("org/name")),
        ("“org/name”", HubReference("org/name")),
        ("<https://huggingface.co/org/name>", HubReference("org/name")),
        ("org/name/", HubReference("org/name")),
        ("models/org/name", HubReference("org/name")),
        ("org/name@v1.0", HubReference("org/name", "v1.0")),
        ("org/name@main", HubReference("org/name")),
        ("org/name@feature/x", HubReference("org/name", "feature/x")),
        (f"gpt2@{COMMIT}", HubReference("gpt2", COMMIT)),
        ("hf.co/org/name", HubReference("org/name")),
        ("huggingface.co/org/name", HubReference("org/name")),
        ("www.huggingface.co/org/name/tree/dev", HubReference("org/name", "dev")),
        ("https://hf.co/org/name", HubReference("org/name")),
        ("http://huggingface.co/org/name", HubReference("org/name")),
        ("HTTPS://HuggingFace.co/org/Name", HubReference("org/Name")),
        ("https://huggingface.co:443/org/name", HubReference("org/name")),
        ("https://huggingface.co/org/name/", HubReference("org/name")),
        ("https://huggingface.co/org/name?library=peft#files", HubReference("org/name")),
        ("https://huggingface.co/org/name/tree/main", HubReference("org/name")),
        ("https://huggingface.co/org/name/tree/v2/", HubReference("org/name", "v2")),
        (
            "https://huggingface.co/org/name/tree/main/sub/folder",
            HubReference("org/name", "", "sub/folder"),
        ),
        (
            "https://huggingface.co/org/name/tree/main/a%20b/c",
            HubReference("org/name", "", "a b/c"),
        ),
        (
            "https://huggingface.co/org/name/tree/feature%2Fx/sub",
            HubReference("org/name", "feature/x", "sub"),
        ),
        (
            "https://huggingface.co/org/name/tree/refs%2Fpr%2F3/sub",
            HubReference("org/name", "refs/pr/3", "sub"),
        ),
        (
            "https://huggingface.co/org/name/tree/refs/pr/3/sub",
            HubReference("org/name", "refs/pr/3", "sub"),
        ),
        (
            "https://huggingface.co/org/name/blob/main/adapter_config.json",
            HubReference("org/name"),
        ),
        (
            f"https://huggingface.co/org/name/blob/{COMMIT}/sub/adapter_config.json",
            HubReference("org/name", COMMIT, "sub"),
        ),
        (
            "https://huggingface.co/org/name/resolve/dev/sub/adapter_model.bin?download=true",
            HubReference("org/name", "dev", "sub"),
        ),
        ("https://huggingface.co/org/name/raw/dev/README.md", HubReference("org/name", "dev")),
        ("https://huggingface.co/org/name/discussions/3", HubReference("org/name")),
        ("https://huggingface.co/org/name/commits/dev", HubReference("org/name", "dev")),
        (f"https://huggingface.co/org/name/commit/{COMMIT}", HubReference("org/name", COMMIT)),
        ("https://huggingface.co/gpt2", HubReference("gpt2")),
        ("https://huggingface.co/gpt2/tree/main/sub", HubReference("gpt2", "", "sub")),
        ("https://huggingface.co/org/tree", HubReference("org/tree")),
        ("https://huggingface.co/models/org/name", HubReference("org/name")),
        ("https://huggingface.co/api/models/org/name", HubReference("org/name")),
        (
            "https://huggingface.co/api/models/org/name/revision/dev",
            HubReference("org/name", "dev"),
        ),
        ("hf://org/name", HubReference("org/name")),
        ("hf://models/org/name", HubReference("org/name")),
        ("hf://org/name@dev/sub", HubReference("org/name", "dev", "sub")),
        ("hf://org/name@refs%2Fpr%2F1/sub", HubReference("org/name", "refs/pr/1", "sub")),
        ("hf://org/name@refs/pr/1/sub", HubReference("org/name", "refs/pr/1", "sub")),
        ("hf://org/name/sub/adapter_config.json", HubReference("org/name", "", "sub")),
        ("git clone https://huggingface.co/org/name", HubReference("org/name")),
        ("git clone https://huggingface.co/org/name.git my-copy", HubReference("org/name")),
        ("git clone git@hf.co:org/name", HubReference("org/name")),
        ("git@hf.co:org/name", HubReference("org/name")),
        # What `no_adapter` suggests.
        ("org/name/tree/main/sub", HubReference("org/name", "", "sub")),
    ],
)
def test_a_repository_is_understood_however_it_is_named(text: str, expected: HubReference) -> None:
    assert parse_reference(text) == expected


@pytest.mark.parametrize(
    ("text", "endpoint", "expected"),
    [
        # Another hub is said, for the caller to ask.
        ("https://mirror.example/org/name", HUB, ("org/name", "", "https://mirror.example")),
        ("https://Mirror.Example:8443/org/name", HUB, ("org/name", "", "https://mirror.example:8443")),
        ("http://127.0.0.1:8090/org/name/tree/dev/x", HUB, ("org/name", "dev", "http://127.0.0.1:8090")),
        ("https://mirror.example/hub/org/name/tree/dev", HUB, ("org/name", "dev", MIRROR)),
        ("https://mirror.example/hub/org/name", HUB, ("org/name", "", MIRROR)),
        ("https://mirror.example/hub/api/models/org/name", HUB, ("org/name", "", MIRROR)),
        ("https://mirror.example/hub/models/org/name", HUB, ("org/name", "", MIRROR)),
        # The one in use needs no saying.
        ("https://mirror.example/hub/org/name/tree/dev", MIRROR, ("org/name", "dev", "")),
        ("https://mirror.example:443/hub/org/name", MIRROR, ("org/name", "", "")),
        ("https://mirror.example/hub/gpt2", MIRROR, ("gpt2", "", "")),
        ("org/name@dev", MIRROR, ("org/name", "dev", "")),
        # A page of the public one is of the public one, also while another is in use.
        ("https://huggingface.co/org/name", MIRROR, ("org/name", "", HUB)),
        ("hf.co/org/name", MIRROR, ("org/name", "", HUB)),
        ("hf://org/name", MIRROR, ("org/name", "", HUB)),
        ("git@hf.co:org/name", MIRROR, ("org/name", "", HUB)),
        ("https://mirror.example/other/org/name", MIRROR, ("org/name", "", "https://mirror.example/other")),
        ("http://mirror.example/hub/org/name", MIRROR, ("org/name", "", "")),
        ("https://127.0.0.1:80/org/name", "http://127.0.0.1:80", ("org/name", "", "https://127.0.0.1:80")),
        ("http://mirror.example:8443/org/name", MIRROR, ("org/name", "", "http://mirror.example:8443")),
    ],
)  # fmt: skip
def test_which_hub_a_page_is_of(text: str, endpoint: str, expected: tuple[str, str, str]) -> None:
    found = parse_reference(text, endpoint)
    assert (found.repo_id, found.revision, found.endpoint) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "There is no name here."),
        ("   ", "There is no name here."),
        ("https://huggingface.co/datasets/org/name", "This is a dataset, not a model."),
        ("datasets/org/name", "This is a dataset, not a model."),
        ("hf://datasets/org/name", "This is a dataset, not a model."),
        ("https://huggingface.co/spaces/org/name", "This is a space, not a model."),
        ("https://mirror.example/hub/datasets/org/name", "This is a dataset, not a model."),
        ("https://huggingface.co/", "There is no repository in this address."),
        ("https://huggingface.co/models?search=lora", "There is no repository in this address."),
        ("a/b/c", "“a/b/c” has too many slashes for the name of a repository."),
        ("org/name.git", "A repository's name does not end in “.git”."),
        ("org/na--me", "“org/na--me” holds “..” or “--”, which no repository's name does."),
        ("../..", "“../..” holds “..” or “--”, which no repository's name does."),
        ("org/.name", "“org/.name” can't be the name of a repository."),
        ("org/na me", "“org/na me” can't be the name of a repository."),
        ("órg/name", "“órg/name” can't be the name of a repository."),
        ("org/" + "n" * 97, "A repository's name has at most 96 characters."),
        ("x" * 5000, "This is too long for the name of a repository."),
        ("ftp://huggingface.co/org/name", "Lorarium goes to http and https addresses only."),
        ("file:///etc/passwd", "Lorarium goes to http and https addresses only."),
        ("https://[::1/org/name", "This is no address of a page."),
        ("https://huggingface.co:99999/org/name", "This is no address of a page."),
        ("/tmp/my/lora", "“tmp/my/lora” has too many slashes for the name of a repository."),
        ("C:\\adapters\\x", "“C:\\adapters\\x” can't be the name of a repository."),
    ],
)  # fmt: skip
def test_what_is_no_model_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        parse_reference(text)
    (finding,) = refused.value.findings
    assert (finding.field, finding.message) == ("huggingface_name", said)


def test_a_token_in_an_address_is_not_repeated() -> None:
    with pytest.raises(ValidationError) as refused:
        parse_reference("https://user:hf_Secret@huggingface.co/org/name")
    assert "hf_Secret" not in f"{refused.value} {refused.value.findings!r}"
    assert refused.value.message == "This address holds a user name or token."


def test_a_name_with_git_at_its_end_is_offered_without() -> None:
    with pytest.raises(ValidationError) as refused:
        parse_reference("org/name.git")
    assert refused.value.findings[0].suggestion == "org/name"


def test_revision_and_folder_of_a_page_are_checked_too() -> None:
    with pytest.raises(ValidationError) as refused:
        parse_reference("https://huggingface.co/org/name/tree/a..b/%2e%2e/x")
    assert [f.field for f in refused.value.findings] == ["revision", "subfolder"]


@given(st.text(max_size=60))
def test_no_text_does_harm(text: str) -> None:
    refused: tuple[Finding, ...] = ()
    try:
        found = parse_reference(text)
    except ValidationError as error:
        refused = error.findings
    if refused:
        assert all(f.message.endswith(".") and f.message.isprintable() for f in refused)
        return
    assert not check_repo_id(found.repo_id)
    assert not check_revision(found.revision)
    assert not check_subfolder(found.subfolder)


@given(st.from_regex(r"[a-zA-Z0-9_.\-/é ]{1,20}", fullmatch=True))
def test_names_are_those_of_the_library(text: str) -> None:
    """What we let through, huggingface_hub lets through as well."""
    if not is_repo_id(text):
        return
    try:
        validate_repo_id(text)
    except HFValidationError as error:
        pytest.fail(str(error))


@pytest.mark.parametrize(
    "text", ["main", "v1.0", "feature/x", "refs/pr/1", COMMIT, "a" * 250, "été", "x-y_z", ""]
)
def test_revisions(text: str) -> None:
    assert check_revision(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "a..b", "a b", "/a", "a/", "a//b", "a\\b", "a:b", "a~1", "a^", "a?", "a*", "a[", "@{1}",
        ".a", "a/.b", "a.lock", "a.", "a\nb", "a\x00", "a\x1b", "a\u202eb", "a" * 251, "..", "../x",
    ],
)  # fmt: skip
def test_what_is_no_revision(text: str) -> None:
    (finding,) = check_revision(text)
    assert (finding.field, finding.code) == ("revision", "revision")
    assert finding.message.isprintable()


@pytest.mark.parametrize("text", ["", "a", "a/b", "checkpoint-500", "a b/ü", "100%"])
def test_folders(text: str) -> None:
    assert check_subfolder(text) == []


@pytest.mark.parametrize(
    "text", ["/a", "a/", "../a", "a\\b", "a/./b", "%2e%2e", ".git", "con", "C:"]
)
def test_what_is_no_folder(text: str) -> None:
    (finding,) = check_subfolder(text)
    assert (finding.field, finding.code) == ("subfolder", "subfolder")


@pytest.mark.parametrize(
    "name", [n for n in HOSTILE_NAMES if n not in ("ADAPTER_CONFIG.JSON", "~/x", "-rf")]
)
def test_hostile_names_are_no_paths(name: str) -> None:
    assert not is_safe_path(name)


@pytest.mark.parametrize(
    "path",
    [
        "CON", "con.txt", "a/NUL", "com1", "LPT9.bin", "aux.json", "a/.GIT/x", ".cache/x",
        "GIT~1/x",
        "a|b", 'a"b', "a<b", "a?b", "a*b", "a:b", "ü" * 128, "a/" * 40 + "b", "x" * 1001,
        "%2e%2e/x", "a%2f..%2fb", "%5c", "%00", "a%0ab", " ", ".", "..", "a ",
    ],
)  # fmt: skip
def test_other_names_that_no_disk_should_hold(path: str) -> None:
    assert not is_safe_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "adapter_config.json", ".gitattributes", "a/b/c.txt", "constant.json", "com10", "x" * 255,
        "100%.txt", "a%20b", "ü.bin", "runs/events.out.tfevents.170.host.1", "~x", "-rf", "a b",
    ],
)  # fmt: skip
def test_ordinary_names_pass(path: str) -> None:
    assert is_safe_path(path)


def test_commits() -> None:
    assert is_commit(COMMIT)
    for other in (COMMIT.upper(), COMMIT[:-1], COMMIT + "0", f"{COMMIT}\n", "main", "", None, 7):
        assert not is_commit(other)
