"""A hub of the tests' own, on loopback: it speaks the Hub's protocol, and fails as told to."""

from tests.hub_server.faults import HOSTILE_COMMITS, HOSTILE_NAMES, Fault, http_date
from tests.hub_server.repos import Repo
from tests.hub_server.server import HubServer
from tests.hub_server.wire import Request

__all__ = [
    "HOSTILE_COMMITS",
    "HOSTILE_NAMES",
    "Fault",
    "HubServer",
    "Repo",
    "Request",
    "http_date",
]
