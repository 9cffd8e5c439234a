"""What a person says of an adapter, in a table of its own; what its weights are, in a column."""

from __future__ import annotations

import json

from alembic import op
from sqlalchemy import bindparam, inspect, select, update

from desktop.services.catalog.migrations import add_columns
from desktop.services.catalog.schema import folders, marks

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the table and the column, and fill the column from what was seen before."""
    connection = op.get_bind()
    marks.create(connection, checkfirst=True)
    there = {column["name"] for column in inspect(connection).get_columns(folders.name)}
    add_columns(connection, {folders.name: there})
    seen = select(folders.c.adapter_id, folders.c.inspection).where(folders.c.inspection != "")
    found = [
        {"the_key": key, "new": content}
        for key, text in connection.execute(seen)
        if (content := _content_id(text))
    ]
    if found:
        statement = update(folders).where(folders.c.adapter_id == bindparam("the_key"))
        connection.execute(statement.values(content_id=bindparam("new")), found)


def _content_id(inspection: str) -> str | None:
    try:
        content = json.loads(inspection).get("content_id")
    except (ValueError, AttributeError, RecursionError):
        return None
    return content if isinstance(content, str) and content else None
