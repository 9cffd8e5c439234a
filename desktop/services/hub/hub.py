"""The hub as the rest of the house sees it."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.services.credentials import Credentials
from desktop.services.hub.records import (
    CachedAdapter,
    HubPage,
    HubPreview,
    HubQuery,
    HubReference,
    SignIn,
)
from desktop.services.progress import Progress
from desktop.services.settings import Settings


class Hub:
    """Asks hubs for one person. Every method may take seconds, except those that say so."""

    def __init__(self, credentials: Credentials, settings: Settings, scratch: str) -> None:
        """scratch: a folder for what a preview puts together; made and removed as needed."""

    # -- endpoints (quick, no network) ---------------------------------------------------------

    @property
    def endpoint(self) -> str:
        """The endpoint that the person has set, else HF_ENDPOINT, else the public Hub."""
        raise NotImplementedError

    def set_endpoint(self, address: str, *, plain_http: bool = False) -> str:
        """Use another endpoint from now on ("" = the public Hub again); returns it in normal form.

        plain_http: the person agreed that what is fetched, and the token, travel unprotected.

        Raises:
            RemoteError (`address`): no http(s) address, or plain http without consent.
        """
        raise NotImplementedError

    def parse(self, text: str) -> HubReference:
        """Understand `org/name`, `org/name@revision` or a pasted page of a hub.

        Raises:
            ValidationError: with a finding on `huggingface_name`.
        """
        raise NotImplementedError

    def is_offline(self) -> bool:
        """Whether somebody told the program to stay offline (HF_HUB_OFFLINE). Quick."""
        raise NotImplementedError

    # -- asking ----------------------------------------------------------------------------------

    def preview(self, reference: HubReference, progress: Progress | None = None) -> HubPreview:
        """What is there, before a byte of the weights moves (but for their header).

        Raises:
            RemoteError: why not. Cancelled: asked to stop, within a second.
        """
        raise NotImplementedError

    def search(
        self, query: HubQuery, cursor: str = "", progress: Progress | None = None
    ) -> HubPage:
        """A page of adapters on the hub.

        Raises:
            RemoteError: why not. Cancelled: asked to stop, within a second.
        """
        raise NotImplementedError

    def newest_commit(
        self, reference: HubReference, progress: Progress | None = None
    ) -> str:
        """The commit that the reference's revision points to now.

        Raises:
            RemoteError: why not. Cancelled: asked to stop, within a second.
        """
        raise NotImplementedError

    def cached(self, progress: Progress | None = None) -> Sequence[CachedAdapter]:
        """The adapters in the Hugging Face cache of this machine. No network."""
        raise NotImplementedError

    # -- signing in ------------------------------------------------------------------------------

    def signed_in(self, endpoint: str = "") -> SignIn:
        """Who is signed in at an endpoint ("" = the one that is set), and which tokens are offered.
        No network; the keyring may take a moment."""
        raise NotImplementedError

    def sign_in(
        self, token: str, endpoint: str = "", progress: Progress | None = None
    ) -> SignIn:
        """Ask the endpoint who has this token, and keep it for that endpoint.

        Raises:
            RemoteError: `token` where the server does not accept it; else why not.
        """
        raise NotImplementedError

    def take_offer(
        self, kind: str, endpoint: str = "", progress: Progress | None = None
    ) -> SignIn:
        """The same with a token that was offered (`TokenOffer.kind`)."""
        raise NotImplementedError

    def sign_out(self, endpoint: str = "") -> SignIn:
        """Forget the token for an endpoint, in the keyring and in memory."""
        raise NotImplementedError
