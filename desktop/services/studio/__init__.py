"""Fine Tuning Studio exchange: the wire messages, imported on first use only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desktop.services.studio.fine_tuning_studio_pb2 import (
        AdapterMetadata,
        FineTuningJobMetadata,
        GetDatasetSplitByAdapterMetadata,
        GetDatasetSplitByAdapterRequest,
        GetDatasetSplitByAdapterResponse,
        ModelMetadata,
        PromptMetadata,
    )

__all__ = [
    "AdapterMetadata",
    "FineTuningJobMetadata",
    "GetDatasetSplitByAdapterMetadata",
    "GetDatasetSplitByAdapterRequest",
    "GetDatasetSplitByAdapterResponse",
    "ModelMetadata",
    "PromptMetadata",
]


def __getattr__(name: str) -> Any:
    """Load the generated messages when one is asked for: protobuf is not needed to start."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from desktop.services.studio import fine_tuning_studio_pb2

    return getattr(fine_tuning_studio_pb2, name)
