"""The tables of the first version: what a catalogue has that lost (or never had) ours."""

from __future__ import annotations

from alembic import op

from desktop.services.catalog.schema import UNIQUE_NAME, Base, folders, history, meta

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create what is missing; tables that are there stay as they are."""
    connection = op.get_bind()
    Base.metadata.create_all(connection)
    for table in (meta, folders, history):
        table.create(connection, checkfirst=True)
    UNIQUE_NAME.create(connection, checkfirst=True)
