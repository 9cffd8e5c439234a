"""Newer versions of what was fetched from a server: ask which there are, and fetch one.

The old files stay until the new ones are whole, and come back with undo.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from desktop.services.adapters import Adapters
from desktop.services.catalog import seen, store
from desktop.services.catalog.engine import Catalog
from desktop.services.catalog.paths import to_stored
from desktop.services.catalog.schema import folders, origins
from desktop.services.catalog.trash import Trash
from desktop.services.errors import ConflictError, LorariumError, RemoteError, ValidationError
from desktop.services.importing import Arrival, Imports
from desktop.services.progress import Progress, silent
from desktop.services.records import (
    ADAPTER_FIELDS,
    AdapterRecord,
    AddAdapterRequest,
    Finding,
    FolderInspection,
    FolderState,
    Severity,
    blocks,
)
from desktop.services.sources.base import DESCRIBED, Ahead, trace_of
from desktop.services.validation import with_location

_OF_VERSION = (
    "huggingface_name",
    "cml_registered_model_id",
    "mlflow_experiment_id",
    "mlflow_run_id",
)
"""Fields that say which version it is; others are the person's own and stay."""


_OF_SERVER = ("offline", "unreachable", "tls", "rate", "slow")
"""Troubles that everything else on the same server would have, too: it is not asked again."""


@dataclass(frozen=True)
class UpdateReport:
    """What the servers said. asked: how many adapters could be asked about. behind: ids of those
    that have a newer version. troubles: (name of an adapter, sentence) where the answer is not
    known; the same sentence stands there once, with the first name. unknown: of how many adapters
    the answer is not known."""

    asked: int
    behind: tuple[str, ...]
    troubles: tuple[tuple[str, str], ...] = ()
    unknown: int = 0


@dataclass(frozen=True)
class Comparison:
    """An adapter that is here, as of the last look at its folder, and the newest version of it."""

    record: AdapterRecord
    inspection: FolderInspection | None
    ahead: Ahead

    @property
    def is_same(self) -> bool:
        """Whether there is nothing newer."""
        return self.record.origin is not None and self.record.origin.version == self.ahead.version


class Updates:
    """Keeps adapters of one catalogue up to date with where they were fetched from."""

    def __init__(
        self, catalog: Catalog, adapters: Adapters, imports: Imports, trash: Trash
    ) -> None:
        self._catalog = catalog
        self._adapters = adapters
        self._imports = imports
        self._trash = trash

    def check(
        self, ids: Sequence[str] | None = None, progress: Progress | None = None
    ) -> UpdateReport:
        """Ask the servers for the newest versions of these adapters (None: of all), and keep the
        answers with their rows. Adapters that came from no server are passed over.

        Raises:
            Cancelled: the person asked to stop; the answers until then are kept.
        """
        report = progress or silent
        wanted = None if ids is None else set(ids)
        known = {source.type for source in self._imports.sources}
        records = [
            record
            for record in self._adapters.list_adapters()
            if record.origin is not None
            and record.type in known
            and (wanted is None or record.id in wanted)
        ]
        answers: dict[tuple[str, ...], str | LorariumError | None] = {}
        newest: dict[str, str] = {}
        troubles: dict[str, list[str]] = {}
        try:
            for done, record in enumerate(records):
                report(done, len(records), record.name)
                answer = self._ask(record, answers, report)
                if isinstance(answer, LorariumError):
                    sentence = f"{answer.message} {answer.advice}".strip()
                    troubles.setdefault(sentence, []).append(record.name)
                elif answer:
                    newest[record.id] = answer
        finally:
            self._keep(newest)
        behind = []
        for record in records:
            version = record.origin.version if record.origin else ""
            if newest.get(record.id, version) != version:
                behind.append(record.id)
        said = tuple((names[0], sentence) for sentence, names in troubles.items())
        unknown = sum(map(len, troubles.values()))
        return UpdateReport(len(records), tuple(behind), said, unknown)

    def _ask(
        self,
        record: AdapterRecord,
        answers: dict[tuple[str, ...], str | LorariumError | None],
        report: Progress,
    ) -> str | LorariumError | None:
        origin = record.origin
        if origin is None:
            return None
        known = dict(origin.details)
        who = (known.get("kind", ""), known.get("connection", ""), known.get("user", ""))
        key = (record.type, origin.server, origin.name, origin.revision, *who)
        server = (record.type, origin.server)
        if key in answers:
            return answers[key]
        if server in answers:
            return answers[server]
        try:
            answers[key] = self._imports.source(record.type).newest(
                record, lambda *_: report(0, 0, record.name)
            )
        except RemoteError as error:
            answers[key] = error
            if error.code in _OF_SERVER:
                answers[server] = error
        except LorariumError as error:
            answers[key] = error
        return answers[key]

    def _keep(self, newest: dict[str, str]) -> None:
        # An answer is no change of the person's: it is not in the history.
        if not newest or self._catalog.read_only:
            return
        with self._catalog.write(None) as transaction:
            there = transaction.get_many(origins, list(newest))
            now = time.time()
            transaction.update_many(
                origins, {key: {"newest": newest[key], "asked_at": now} for key in there}
            )

    def compare(self, adapter_id: str, progress: Progress | None = None) -> Comparison:
        """The adapter that is here beside the newest version, before anything is fetched.

        Raises:
            NotFoundError: no adapter has this id. ValidationError: it came from no server.
            LorariumError: the server could not be asked. Cancelled: the person asked to stop.
        """
        report = progress or silent
        details = self._adapters.get_details(adapter_id)
        record = details.record
        ahead = None
        if record.origin is not None:
            ahead = self._imports.source(record.type).ahead(record, report)
        if ahead is None:
            raise _no_origin(record)
        self._keep({record.id: ahead.version})
        return Comparison(record, details.inspection, ahead)

    def update(self, adapter_id: str, progress: Progress | None = None) -> AdapterRecord:
        """Fetch the newest version of an adapter, and put it in the place of the one that is here.

        Name, base model and links stay, and so does a description, unless it is still the one that
        the server gave to the version before. The files that were here stay until the new ones are
        whole and verified; then they wait in the trash, if Lorarium fetched them, or stay where
        they are.

        Raises:
            NotFoundError: no adapter has this id.
            ValidationError: what was fetched is no sound adapter; the old one stays.
            ConflictError: somebody changed the adapter meanwhile; the old one stays.
            LorariumError, Cancelled: as of an import; the old one stays.
        """
        report = progress or silent
        record = self._adapters.get_adapter(adapter_id)
        if record.origin is None:
            raise _no_origin(record)
        source = self._imports.source(record.type)
        fields = source.understood(source.again(record))
        found = source.check(fields)
        if blocks(found):
            raise ValidationError(found)
        report(0, 0, "")
        with self._imports.fetching(source, fields, record.name, report) as arrival:
            self._take(record, arrival)
        return self._adapters.get_adapter(adapter_id)

    def _take(self, record: AdapterRecord, arrival: Arrival) -> None:
        request = AddAdapterRequest(**{name: getattr(record, name) for name in ADAPTER_FIELDS})
        request = with_location(request, arrival.path)
        found, inspection = self._adapters.validator.check(
            request, own_id=record.id, inspection=arrival.inspection
        )
        mine = [f for f in found if f.field == "location"]
        if blocks(mine) or inspection is None:
            raise ValidationError(mine)
        label = f"Update “{record.name[:80]}”"
        with self._trash.moving() as move, self._catalog.write(label) as transaction:
            row = transaction.get(store.ADAPTERS, record.id)
            before = to_stored(record.location) if record.location else None
            if row is None or row.get("location") != before:
                raise ConflictError(
                    f"“{record.name}” was changed while its new version was fetched.",
                    "Nothing was changed. Check for updates again.",
                )
            of_version: dict[str, str | None] = {
                name: value
                for name, value in arrival.fetched.values.items()
                if value and name in _OF_VERSION
            }
            if _is_servers(row.get("description"), record):
                of_version["description"] = arrival.fetched.values.get("description") or None
            of_version["location"] = to_stored(arrival.path)
            transaction.update(store.ADAPTERS, record.id, of_version)
            if record.managed:
                self._adapters.give_up(transaction, before)
            leaving = list(transaction.moves)
            transaction.moved(*arrival.moved)
            values = seen.inspection_values(inspection, found) | dict(arrival.extra)
            values |= {"state": FolderState.OK, "checked_at": time.time()}
            if transaction.get(folders, record.id) is None:
                transaction.insert(folders, {"adapter_id": record.id})
            transaction.update(folders, record.id, values)
            if arrival.fetched.origin is not None:
                transaction.update(origins, record.id, store.origin_values(arrival.fetched.origin))
            # Last, so that a refusal of the database moves nothing.
            for source, target in leaving:
                move(source, target)


def _is_servers(description: str | None, record: AdapterRecord) -> bool:
    """Whether a description is what the server said, and nobody changed it since."""
    taken = dict(record.origin.details).get(DESCRIBED) if record.origin is not None else None
    return taken is not None and taken == trace_of(description)


def _no_origin(record: AdapterRecord) -> ValidationError:
    return ValidationError(
        [
            Finding(
                "type",
                "no_origin",
                Severity.ERROR,
                f"It is not known where “{record.name}” was fetched from.",
                "Import it again; then updates are found.",
            )
        ]
    )
