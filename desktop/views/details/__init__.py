"""The panel with everything about the selected adapter."""

from desktop.views.details.panel import DetailsPanel

__all__ = ["DetailsPanel"]
