"""Each of the services behind sockets of its own."""

from __future__ import annotations

from typing import Any

from tests.cloudera_server.ai_registry import AiRegistry
from tests.cloudera_server.workbench import Workbench
from tests.hub_server import HubServer


class WorkbenchServer(HubServer):
    """A workbench on a free port of this machine, until `close`; `requests`, `faults` and the
    waits are those of `HubServer`. bench: what it holds."""

    def __init__(self) -> None:
        self.bench = Workbench()
        super().__init__()
        self.routes: Any = self.bench


class AiRegistryServer(HubServer):
    """The same for an AI Registry. registry: what it holds."""

    def __init__(self) -> None:
        self.registry = AiRegistry()
        super().__init__()
        self.routes: Any = self.registry
