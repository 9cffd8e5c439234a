"""Cloudera's two registries on loopback: they answer with the field names of the real ones, in
pages and with errors, and fail as told to. No real workbench was at hand to compare them with."""

from tests.cloudera_server.ai_registry import AiRegistry
from tests.cloudera_server.server import AiRegistryServer, WorkbenchServer
from tests.cloudera_server.workbench import Model, Version, Workbench
from tests.hub_server.faults import Fault

__all__ = [
    "AiRegistry",
    "AiRegistryServer",
    "Fault",
    "Model",
    "Version",
    "Workbench",
    "WorkbenchServer",
]
