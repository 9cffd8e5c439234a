"""The pages of base models, prompts, datasets and training jobs."""

from desktop.views.records.kinds import KINDS
from desktop.views.records.page import RecordsPage

__all__ = ["KINDS", "RecordsPage"]
