"""Where an adapter was fetched from, in a table of its own."""

from __future__ import annotations

from alembic import op

from desktop.services.catalog.schema import origins

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the table; what was fetched before has no row in it."""
    origins.create(op.get_bind(), checkfirst=True)
