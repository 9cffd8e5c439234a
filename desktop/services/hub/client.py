"""Asking one hub for one person: what a repository is, what there is, who somebody is.

Addresses, headers and the shape of errors are huggingface_hub's; the connection is ours
(`services.web`), so that a request goes where it may, ends, and stops when it is told to. Lists are
read page by page here and not by the library's generators: those wait up to 23 seconds between
their tries, deaf to a cancel, and follow a page whose next one is itself for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from desktop import __version__
from desktop.services import web
from desktop.services.errors import LorariumError, RemoteError
from desktop.services.hub import listing, search
from desktop.services.hub.endpoints import host_of, refuse_offline, refuse_settings
from desktop.services.hub.explain import GARBAGE, answer, explain, token_refused
from desktop.services.hub.names import is_commit, is_repo_id
from desktop.services.hub.records import MAIN, HubFile, HubPage, HubQuery, HubReference, HubRepo
from desktop.services.peft_folder.reading import printable
from desktop.services.progress import Progress, silent

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import ModelInfo

TIMEOUT = 10.0
"""Seconds without a byte after which a server is given up."""
MAX_TREE_PAGES = 200
_MAX_USER = 100


class HubClient:
    """One endpoint, with the token that belongs to it, or none.

    Every method may take seconds; `progress` is called several times a second meanwhile, and stops
    it by raising `Cancelled`. What else stands in the way is a RemoteError.
    """

    def __init__(
        self, endpoint: str, token: str | None = None, *, plain_http: bool = False
    ) -> None:
        """endpoint: in normal form. plain_http: the person agreed to it for this endpoint.

        Raises:
            RemoteError (`address`): no address that Lorarium goes to.
        """
        self.endpoint = web.normal_endpoint(endpoint, plain_http=plain_http)
        self.plain_http = plain_http
        self._token = token

    def __repr__(self) -> str:
        return f"HubClient({self.endpoint!r}, signed_in={self.signed_in})"

    @property
    def signed_in(self) -> bool:
        """Whether a token is sent."""
        return self._token is not None

    # -- what it is asked ------------------------------------------------------------------------

    def commit(self, reference: HubReference, progress: Progress | None = None) -> str:
        """The commit that the reference's revision points to now; 40 hex digits."""
        with self.asking(f"Asking {host_of(self.endpoint)}", reference, progress) as api:
            info = api.model_info(
                reference.repo_id,
                revision=reference.revision or MAIN,
                timeout=TIMEOUT,
                expand=["sha"],
            )
            return self._commit_of(info, reference)

    def repo(self, reference: HubReference, progress: Progress | None = None) -> HubRepo:
        """What a repository is at the reference's revision, and its files there.

        A renamed one is followed: the reference of the answer holds the name it has now. The
        endpoint stands in it too, and everything else that is asked goes by `commit`.
        """
        with self.asking(f"Looking at {reference.repo_id}", reference, progress) as api:
            # Some mirrors answer only where a revision is said.
            info = api.model_info(
                reference.repo_id,
                revision=reference.revision or MAIN,
                timeout=TIMEOUT,
                files_metadata=True,
            )
            commit = self._commit_of(info, reference)
            repo_id = info.id
            if not is_repo_id(repo_id):
                raise answer(host_of(self.endpoint))
            entries = listing.of_siblings(info.siblings or ())
            if not entries or listing.sizes_missing(entries):
                entries = self._tree(repo_id, commit)
            if len(entries) > listing.MAX_ENTRIES:
                raise too_many()
        chosen = listing.list_files(entries, reference.subfolder)
        where = HubReference(repo_id, reference.revision, reference.subfolder, self.endpoint)
        return _repo(info, where, commit, chosen)

    def search(
        self, query: HubQuery, cursor: str = "", progress: Progress | None = None
    ) -> HubPage:
        """A page of adapters. cursor: of the page before, "" for the first one."""
        address = f"{self.endpoint}/api/models"
        page, asked = 1, urlencode(search.parameters(query), doseq=True)
        if cursor:
            try:
                page, asked = search.query_of(cursor)
            except ValueError:
                raise search.endless() from None
        if query.base_model and not is_repo_id(query.base_model):
            return HubPage(())
        with self.asking(f"Searching {host_of(self.endpoint)}", None, progress):
            found, link = self._get(f"{address}?{asked}")
            following = search.cursor_of(link, f"{address}?{asked}", page)
            return search.page_of(found, following)

    def user(self, progress: Progress | None = None) -> str:
        """The name of the account that the token belongs to."""
        if self._token is None:
            raise token_refused()
        with self.asking("Signing in", None, progress) as api:
            found = api.whoami(self._token)
            name = found["name"]
            if not isinstance(name, str) or not name.strip():
                raise TypeError
            return printable(name.strip(), _MAX_USER)

    def address(self, repo: HubRepo, file: HubFile) -> str:
        """Where a file is fetched from: at the repository's commit. Quick."""
        return address(repo, file)

    def explain_refusal(
        self, repo: HubRepo, error: RemoteError, progress: Progress | None = None
    ) -> None:
        """Ask for a byte of each needed file: a hub says more of a refusal than a transfer knows.

        error: what the transfer made of it. Returns where the hub has nothing to add.

        Raises:
            RemoteError: what it says: `gated`, `token`, `forbidden`, `entry` … Cancelled.
        """
        from desktop.services.hub.ranges import read_piece

        for file in repo.files:
            if file.needed:
                read_piece(self, repo, file, 0, 1, progress)

    # -- how it is asked -------------------------------------------------------------------------

    @contextmanager
    def asking(
        self,
        text: str,
        reference: HubReference | None,
        progress: Progress | None = None,
        answer_limit: int = web.ANSWER_LIMIT,
    ) -> Iterator[HfApi]:
        """huggingface_hub's API within the rules of the network; its errors come out in words.

        text: what is being done, for `progress`. reference: what is asked for, None for anything
        else than a repository.
        """
        refuse_offline()
        refuse_settings()
        report = progress or silent
        report(0, 0, text)
        import httpx2
        from huggingface_hub import HfApi

        from desktop.services.hub import session

        session.install()

        def check() -> None:
            report(0, 0, text)

        # Never None: then the library takes whatever token it finds on the machine.
        api = HfApi(
            self.endpoint,
            token=self._token if self._token is not None else False,
            library_name="lorarium",
            library_version=__version__,
        )
        try:
            with web.visit(
                self.endpoint, check, plain_http=self.plain_http, answer_limit=answer_limit
            ):
                yield api
        except LorariumError:
            raise
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError, *GARBAGE) as e:
            # Without its cause: that holds the request, and the request the token.
            raise explain(e, self.endpoint, reference, self.signed_in) from None

    def headers(self) -> dict[str, str]:
        """What huggingface_hub would send along: the token, if there is one, and who asks."""
        made: dict[str, str] = library().build_hf_headers(
            token=self._token if self._token is not None else False,
            library_name="lorarium",
            library_version=__version__,
        )
        return made

    def _get(self, url: str) -> tuple[Any, str]:
        """The JSON at an address of the API, and the address of its next page ("" = none)."""
        response = library().get_session().get(url, headers=self.headers(), timeout=TIMEOUT)
        library().hf_raise_for_status(response)
        return response.json(), response.links.get("next", {}).get("url", "")

    def _tree(self, repo_id: str, commit: str) -> list[listing.Entry]:
        """All files at a commit, for servers that leave sizes out of their infos."""
        base = f"{self.endpoint}/api/models/{repo_id}/tree/{quote(commit, safe='')}"
        query = urlencode({"recursive": "true", "expand": "false"})
        entries: list[listing.Entry] = []
        seen: set[str] = set()
        while query:
            if query in seen or len(seen) >= MAX_TREE_PAGES:
                raise search.endless()
            seen.add(query)
            page, link = self._get(f"{base}?{query}")
            entries += listing.of_tree(page)
            if len(entries) > listing.MAX_ENTRIES:
                raise too_many()
            cursor = search.cursor_of(link, f"{base}?{query}", 1)
            query = search.query_of(cursor)[1] if cursor else ""
        return entries

    def _commit_of(self, info: ModelInfo, reference: HubReference) -> str:
        """The hash in an info. It becomes part of addresses and of the catalogue."""
        commit = info.sha
        if not is_commit(commit) or (
            is_commit(reference.revision) and commit != reference.revision
        ):
            raise answer(host_of(self.endpoint))
        return str(commit)


def library() -> Any:
    """What huggingface_hub shares with those who send requests of their own. It loads its names
    when they are asked for, which type checkers do not see."""
    import huggingface_hub.utils

    return huggingface_hub.utils


def address(repo: HubRepo, file: HubFile) -> str:
    """Where a file of a repository is fetched from: at its commit."""
    from huggingface_hub import hf_hub_url

    where = repo.reference
    return hf_hub_url(where.repo_id, file.path, revision=repo.commit, endpoint=where.endpoint)


def too_many() -> RemoteError:
    """A repository with more files than Lorarium lists."""
    return RemoteError(
        "listing",
        f"The server lists more than {listing.MAX_ENTRIES:,} files in this repository.",
        "Lorarium does not go through that many.",
    )


def _repo(
    info: ModelInfo, reference: HubReference, commit: str, chosen: listing.Listing
) -> HubRepo:
    tags = search.texts(info.tags)
    card = info.card_data
    licence = search.licence_of(tags) or _card_text(card, "license")
    if licence in ("", "other"):
        licence = _card_text(card, "license_name") or licence
    return HubRepo(
        reference,
        commit,
        chosen.files,
        chosen.skipped,
        chosen.folders,
        search.gate_of(info.gated),
        info.private is True,
        licence,
        tags,
        search.base_models_of(tags, *search.texts(getattr(card, "base_model", None))),
        printable(info.library_name, 60) if isinstance(info.library_name, str) else "",
        search.count(info.downloads),
        search.count(info.likes),
        info.last_modified.timestamp() if info.last_modified else None,
    )


def _card_text(card: object, name: str) -> str:
    found = search.texts(getattr(card, name, None))
    return ", ".join(found[:3])
