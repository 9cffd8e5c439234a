"""The hub as the rest of the house sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop.services.errors import RemoteError
from desktop.services.hub import endpoints
from desktop.services.hub.records import (
    CachedAdapter,
    HubFile,
    HubPage,
    HubPreview,
    HubQuery,
    HubReference,
    HubRepo,
    SignIn,
)
from desktop.services.progress import Progress
from desktop.services.settings import Settings

if TYPE_CHECKING:
    from desktop.services.credentials import Credentials
    from desktop.services.hub.client import HubClient


class Hub:
    """Asks hubs for one person. Every method may take seconds, except those that say so.

    May be used from several threads at once.
    """

    def __init__(self, credentials: Credentials, settings: Settings, scratch: str) -> None:
        """scratch: a folder for what a preview puts together; made and removed as needed."""
        from desktop.services.hub.tokens import Tokens

        self._tokens = Tokens(credentials)
        self._settings = settings
        self._scratch = scratch

    # -- endpoints (quick, no network) ---------------------------------------------------------

    @property
    def endpoint(self) -> str:
        """The endpoint that the person has set, else HF_ENDPOINT, else the public Hub."""
        return endpoints.configured_endpoint(self._settings)

    def set_endpoint(self, address: str, *, plain_http: bool = False) -> str:
        """Use another endpoint from now on ("" = the public Hub again); returns it in normal form.

        plain_http: the person agreed that what is fetched, and the token, travel unprotected.

        Raises:
            RemoteError (`address`): no http(s) address, or plain http without consent.
        """
        return endpoints.set_endpoint(self._settings, address, plain_http)

    def endpoint_for(self, endpoint: str = "") -> str:
        """The endpoint that is meant, in normal form; "" = the one that is set.

        Raises:
            RemoteError (`address`): no http(s) address, or plain http without consent.
        """
        return endpoints.usable(self._settings, endpoint)

    def plain_http_agreed(self, endpoint: str) -> bool:
        """Whether the person agreed to plain http to this endpoint. Loopback needs no consent."""
        return endpoints.allows_plain_http(self._settings, endpoint)

    def parse(self, text: str) -> HubReference:
        """Understand `org/name`, `org/name@revision` or a pasted page of a hub.

        Raises:
            ValidationError: with a finding on `huggingface_name`, `revision` or `subfolder`.
        """
        from desktop.services.hub.names import parse_reference

        return parse_reference(text, self.endpoint)

    def is_offline(self) -> bool:
        """Whether somebody told the program to stay offline (HF_HUB_OFFLINE). Quick."""
        return bool(endpoints.offline_reason())

    # -- asking ----------------------------------------------------------------------------------

    def client(self, endpoint: str, token: str | None) -> HubClient:
        """A client for an endpoint ("" = the one that is set) that sends this token, or none.

        Quick; no network. See `token_for` for the token that is kept.

        Raises:
            RemoteError (`address`): no address that Lorarium goes to.
        """
        from desktop.services.hub.client import HubClient

        place = self.endpoint_for(endpoint)
        return HubClient(place, token, plain_http=self.plain_http_agreed(place))

    def _signed_in_client(self, endpoint: str, progress: Progress | None) -> HubClient:
        # Both are looked at before the keyring is asked, which may ask the person in turn.
        endpoints.refuse_offline()
        place = self.endpoint_for(endpoint)
        return self.client(place, self.token_for(place, progress))

    def token_for(self, endpoint: str = "", progress: Progress | None = None) -> str | None:
        """The token that was kept for an endpoint ("" = the one that is set), None for none."""
        return self._tokens.token(endpoint or self.endpoint, progress)

    def repo(self, reference: HubReference, progress: Progress | None = None) -> HubRepo:
        """What a repository is and which files it has, without a look into them.

        Raises:
            RemoteError: why not. Cancelled: asked to stop, within a second.
        """
        return self._signed_in_client(reference.endpoint, progress).repo(reference, progress)

    def download_address(self, repo: HubRepo, file: HubFile) -> str:
        """Where a file of a repository is fetched from: at its commit. Quick."""
        from desktop.services.hub.client import address

        return address(repo, file)

    def preview(self, reference: HubReference, progress: Progress | None = None) -> HubPreview:
        """What is there, before a byte of the weights moves (but for their header).

        Raises:
            RemoteError: why not. Cancelled: asked to stop, within a second.
        """
        from desktop.services.hub.preview import preview

        client = self._signed_in_client(reference.endpoint, progress)
        return preview(client, reference, self._scratch, progress)

    def search(
        self, query: HubQuery, cursor: str = "", progress: Progress | None = None
    ) -> HubPage:
        """A page of adapters on the hub.

        Raises:
            RemoteError: why not. Cancelled: asked to stop, within a second.
        """
        return self._signed_in_client("", progress).search(query, cursor, progress)

    def newest_commit(self, reference: HubReference, progress: Progress | None = None) -> str:
        """The commit that the reference's revision points to now.

        Raises:
            RemoteError: why not. Cancelled: asked to stop, within a second.
        """
        return self._signed_in_client(reference.endpoint, progress).commit(reference, progress)

    def cached(self, progress: Progress | None = None) -> Sequence[CachedAdapter]:
        """The adapters in the Hugging Face cache of this machine. No network."""
        from desktop.services.hub.cache import list_cached

        return list_cached(progress)

    # -- signing in ------------------------------------------------------------------------------

    def signed_in(self, endpoint: str = "", progress: Progress | None = None) -> SignIn:
        """Who is signed in at an endpoint ("" = the one that is set), and which tokens are offered.
        No network; the keyring may take a moment."""
        return self._tokens.signed_in(endpoint or self.endpoint, progress)

    def sign_in(self, token: str, endpoint: str = "", progress: Progress | None = None) -> SignIn:
        """Ask the endpoint who has this token, and keep it for that endpoint.

        Raises:
            RemoteError: `token` where the server does not accept it; else why not.
        """
        from desktop.services.hub.tokens import check_token

        token = token.strip()
        for finding in check_token(token):
            raise RemoteError("token", finding.message, finding.advice)
        place = self.endpoint_for(endpoint)
        try:
            user = self.client(place, token).user(progress)
        except RemoteError as error:
            if error.code != "token":
                raise
            # The usual words are for somebody who was signed in with it.
            raise RemoteError(
                "token",
                "The server did not accept this token.",
                "Copy it again from your settings page.",
            ) from None
        return self._tokens.keep(place, user, token, progress)

    def take_offer(self, kind: str, endpoint: str = "", progress: Progress | None = None) -> SignIn:
        """The same with a token that was offered (`TokenOffer.kind`)."""
        place = self.endpoint_for(endpoint)
        return self.sign_in(self._tokens.offered_token(kind, place), place, progress)

    def sign_out(self, endpoint: str = "", progress: Progress | None = None) -> SignIn:
        """Forget the token for an endpoint, in the keyring and in memory.

        Raises:
            LorariumError: the keyring did not answer, and still holds it.
        """
        return self._tokens.forget(endpoint or self.endpoint, progress)
