"""The registries that this machine's environment names, and the secrets that come with them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from desktop.services.registry.connection_rules import store_path
from desktop.services.registry.records import Connection, ConnectionOffer, RegistryKind

_MLFLOW, _WORKBENCH = "MLFLOW_TRACKING_URI", "CDSW_API_URL"


def named_offers() -> Iterator[ConnectionOffer]:
    """What the environment names, whether or not it can be used."""
    for offer in (_mlflow_offer(), _workbench_offer(), *_store_offers()):
        if offer is not None:
            yield replace(offer, has_secret=bool(secret_of(offer)))


def secret_of(offer: ConnectionOffer) -> str:
    """The token or password that the environment names for an offer, "" = none."""
    if offer.variable == _WORKBENCH:
        return os.environ.get("CDSW_APIV2_KEY", "").strip()
    if offer.variable != _MLFLOW or offer.connection.kind != RegistryKind.MLFLOW:
        return ""
    if not offer.connection.user:
        return os.environ.get("MLFLOW_TRACKING_TOKEN", "").strip()
    parts = _split(os.environ.get(_MLFLOW, "").strip())
    given = unquote(parts.password or "") if parts is not None else ""
    return given or os.environ.get("MLFLOW_TRACKING_PASSWORD", "")


def _split(text: str) -> SplitResult | None:
    """The parts of an address; None where it is none."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.hostname else None


def _bare(parts: SplitResult, path: str) -> str:
    """The address without a person in it."""
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, path.rstrip("/"), "", ""))


def _mlflow_offer() -> ConnectionOffer | None:
    text = os.environ.get(_MLFLOW, "").strip()
    scheme = text.partition(":")[0].lower()
    if scheme in ("http", "https"):
        parts = _split(text)
        if parts is None:
            return None
        user = unquote(parts.username or "") or os.environ.get("MLFLOW_TRACKING_USERNAME", "")
        url = _bare(parts, parts.path)
        return ConnectionOffer(Connection(RegistryKind.MLFLOW, url, "MLflow", user=user), _MLFLOW)
    if text and (scheme in ("file", "sqlite") or "://" not in text):
        store = Connection(RegistryKind.MLFLOW_STORE, store_path(text), "MLflow on this machine")
        return ConnectionOffer(store, _MLFLOW)
    return None


def _workbench_offer() -> ConnectionOffer | None:
    text = os.environ.get(_WORKBENCH, "").strip()
    parts = _split(text if "://" in text else f"https://{text}")
    if parts is None:
        return None
    # The variable of older workbenches ends in /api/v1 or /api/v2; the address is what is before.
    url = _bare(parts, parts.path.partition("/api/")[0])
    return ConnectionOffer(
        Connection(RegistryKind.CLOUDERA_WORKBENCH, url, "This workbench"), _WORKBENCH
    )


def _store_offers() -> Iterator[ConnectionOffer]:
    """Stores where MLflow puts them by itself: in the person's home, where many scripts start."""
    home = os.path.expanduser("~")
    for name in ("mlruns", "mlflow.db"):
        path = os.path.join(home, name)
        store = Connection(RegistryKind.MLFLOW_STORE, path, f"MLflow in ~/{name}")
        yield ConnectionOffer(store, "")
