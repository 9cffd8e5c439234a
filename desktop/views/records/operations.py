"""What the pages of records ask of the services, as functions that run off the UI thread."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from desktop.services.errors import InUseError
from desktop.services.records import Finding, Row
from desktop.views.records.kinds import KIND_OF_TABLE, KINDS, RecordKind

if TYPE_CHECKING:
    from desktop.bootstrap import Services


@dataclass(frozen=True, slots=True)
class User:
    """Something that refers to a record. kind: a page's key, `adapters` or `evaluations`."""

    kind: str
    id: str
    name: str


class Operations:
    """The services of one kind of record."""

    def __init__(self, services: Services, kind: RecordKind) -> None:
        self._services = services
        self._kind = kind

    def validate(
        self, _ctx: Any, ticket: int, record: Any, values: dict[str, Any]
    ) -> tuple[int, tuple[Finding, ...]]:
        """(ticket, what adding these values, or changing `record` to them, would say)."""
        kind = self._kind
        given = {spec.name: getattr(record, spec.name) for spec in fields(kind.request) if record}
        request = kind.request(**(given | values))
        ask = getattr(self._service, "validate" if kind.one == "base_model" else self._("validate"))
        if kind.one == "base_model":
            found = ask(request, own_id=record.id if record else None)
        else:
            found = ask(request)
        # What was wrong before an edit must not keep a person from mending something else.
        return ticket, tuple(f for f in found if record is None or f.field in values)

    def save(self, _ctx: Any, record: Any, values: dict[str, Any]) -> str:
        """Add a record with these values, or change `record` to them: its id.

        Raises:
            LorariumError: it is refused; a ValidationError says why for each field.
        """
        if record is None:
            made = getattr(self._service, self._("add"))(self._kind.request(**values))
            return str(made.id)
        if values:
            getattr(self._service, self._("update"))(record.id, **values)
        return str(record.id)

    def remove(self, _ctx: Any, record: Any) -> tuple[Any, InUseError | None]:
        """Remove a record: (the record, why it stays where others need it)."""
        try:
            getattr(self._service, self._("remove"))(record.id)
        except InUseError as error:
            return record, error
        return record, None

    def users(self, _ctx: Any, record_id: str) -> tuple[str, tuple[User, ...]]:
        """(record_id, everything that refers to this record)."""
        found = self._services.training.users(self._kind.table, record_id)
        return record_id, users_of(found)

    def adapter_names(self, _ctx: Any) -> list[str]:
        """The names of all adapters, in their order."""
        rows = self._services.adapters.list_rows()
        return sorted((str(row[Row.NAME]) for row in rows if row[Row.NAME]), key=str.casefold)

    @property
    def _service(self) -> Any:
        return getattr(self._services, self._kind.service)

    def _(self, verb: str) -> str:
        return f"{verb}_{self._kind.one}"


def users_of(found: Any) -> tuple[User, ...]:
    """The services' (table, id, name) triples, adapters first, then by name."""
    users = [User(_kind_of(table), key, name) for table, key, name in found]
    order = ["adapters", *KINDS, "evaluations"]
    return tuple(sorted(users, key=lambda u: (order.index(u.kind), u.name.casefold(), u.id)))


def _kind_of(table: str) -> str:
    return KIND_OF_TABLE.get(table, "adapters" if table == "adapters" else "evaluations")
