"""Undo and redo: whatever was done, all of it comes back, and all of it goes again."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from desktop.bootstrap import Services
from desktop.services.catalog import store
from desktop.services.catalog.schema import SHARED_TABLES, TABLES, folders, marks
from desktop.services.errors import ConflictError, InUseError, NotFoundError, ValidationError
from desktop.services.records import (
    AddAdapterRequest,
    AddBaseModelRequest,
    AddJobRequest,
    AddPromptRequest,
)
from tests.support import make_adapter


def state(services: Services) -> dict[str, Any]:
    """Every shared row, what is ours of each adapter, and every file of the store."""
    found: dict[str, Any] = {}
    kept = [folders.c.adapter_id, folders.c.managed, folders.c.added_at, folders.c.files]
    with services.open().read() as connection:
        for name in SHARED_TABLES:
            rows = connection.execute(select(*TABLES[name].columns)).mappings()
            found[name] = sorted((dict(row) for row in rows), key=str)
        found["ours"] = sorted(map(tuple, connection.execute(select(*kept))), key=str)
        found["marks"] = sorted(map(tuple, connection.execute(select(marks))), key=str)
    home = services.location.adapters
    found["files"] = {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in home.rglob("*")
        if path.is_file()
    }
    return found


class Person:
    """Somebody who does whatever comes to mind; what is refused is let be."""

    def __init__(self, services: Services, runs: list[Path], seed: int) -> None:
        self.services = services
        self.runs = runs
        self.dice = random.Random(seed)

    def act(self) -> None:
        try:
            getattr(self, self.dice.choice(ACTS))()
        except (ValidationError, InUseError, NotFoundError, ConflictError):
            return

    def _one(self, records: list[Any], *, none: bool = False) -> Any:
        ids = [record.id for record in records] + ([None] if none or not records else [])
        return self.dice.choice(ids)

    def _fields(self) -> dict[str, Any]:
        s = self.services
        return {
            "name": self.dice.choice("abcd"),
            "model_id": self._one(s.base_models.list_base_models()),
            "location": str(self.dice.choice(self.runs)),
            "prompt_id": self._one(s.training.list_prompts(), none=True),
            "fine_tuning_job_id": self._one(s.training.list_jobs(), none=True),
            "description": self.dice.choice(["", "one", "two"]),
        }

    def add(self) -> None:
        request = AddAdapterRequest(type="project", **self._fields())
        self.services.adapters.add_adapter(request)

    def copy(self) -> None:
        self.services.imports.import_adapter("project", {**self._fields(), "copy": True})

    def change(self) -> None:
        fields = self._fields()
        some = {k: v for k, v in fields.items() if self.dice.random() < 0.4}
        self.services.adapters.update_adapter(
            self._one(self.services.adapters.list_adapters()), **some
        )

    def rename(self) -> None:
        key = self._one(self.services.adapters.list_adapters())
        self.services.adapters.update_adapter(key, name=self.dice.choice("abcd"))

    def remove(self) -> None:
        ids = [a.id for a in self.services.adapters.list_adapters()]
        self.services.adapters.remove_adapters(self.dice.sample(ids, min(len(ids), 2)))

    def job(self) -> None:
        self.services.training.add_job(
            AddJobRequest(
                adapter_name=self.dice.choice(["", "a", "b"]),
                prompt_id=self._one(self.services.training.list_prompts(), none=True),
            )
        )

    def name_job(self) -> None:
        key = self._one(self.services.training.list_jobs())
        self.services.training.update_job(key, adapter_name=self.dice.choice(["", "a", "c"]))

    def drop_job(self) -> None:
        self.services.training.remove_job(self._one(self.services.training.list_jobs()))

    def prompt(self) -> None:
        self.services.training.add_prompt(AddPromptRequest(name="p"))

    def drop_prompt(self) -> None:
        self.services.training.remove_prompt(self._one(self.services.training.list_prompts()))

    def model(self) -> None:
        name = f"org/{self.dice.choice('xyz')}"
        request = AddBaseModelRequest(type="huggingface", huggingface_name=name)
        self.services.base_models.add_base_model(request)

    def drop_model(self) -> None:
        models = self.services.base_models.list_base_models()
        self.services.base_models.remove_base_model(self._one(models))

    def mark(self) -> None:
        records = self.services.adapters.list_adapters()
        some = [record.id for record in records if self.dice.random() < 0.5]
        what, tag = self.dice.randrange(4), self.dice.choice(["prod", "sql", "SQL"])
        if what == 0:
            self.services.marks.set_favourite(some, self.dice.random() < 0.7)
        elif what == 1:
            self.services.marks.add_tags(some, [tag])
        elif what == 2:
            self.services.marks.remove_tags(some, [tag])
        else:
            self.services.marks.set_notes(self._one(records), self.dice.choice(["", "one", "two"]))

    def base_of_many(self) -> None:
        ids = [record.id for record in self.services.adapters.list_adapters()]
        models = self.services.base_models.list_base_models()
        self.services.adapters.set_base_model(ids, self._one(models) or "")

    def look(self) -> None:
        adapters = self.services.adapters
        adapters.check_adapter(self._one(adapters.list_adapters()))

    def undo(self) -> None:
        self.services.history.undo()

    def redo(self) -> None:
        self.services.history.redo()


ACTS = sorted(name for name in vars(Person) if not name.startswith("_") and name != "act")


@pytest.mark.parametrize("seed", range(4))
def test_all_comes_back_and_all_goes_again(
    services: Services, base: str, tmp_path: Path, seed: int
) -> None:
    runs = [make_adapter(tmp_path / name) for name in ("one", "two")]
    person = Person(services, runs, seed)
    for _ in range(10):
        person.act()
    # A studio links its jobs itself.
    with services.open().write(None) as transaction:
        for job in services.training.list_jobs():
            for adapter in services.adapters.list_adapters():
                transaction.update(store.JOBS, job.id, {"adapter_id": adapter.id})
    services.history.forget()
    first = state(services)
    for _ in range(30):
        person.act()
    while services.history.redo() is not None:
        pass
    states = [state(services)]
    for _ in range(2):
        while services.history.undo() is not None:
            states.append(state(services))
        assert states[-1] == first
        for known in states[-2::-1]:
            services.history.redo()
            assert state(services) == known
        assert services.history.redo() is None
        del states[1:]


def test_many_rows_cost_few_statements(services: Services, base: str) -> None:
    ids = [f"id-{i:04}" for i in range(600)]
    with services.open().write(None) as transaction:
        transaction.connection.execute(
            insert(store.ADAPTERS),
            [{"id": i, "name": i, "type": "project", "model_id": base} for i in ids],
        )
        transaction.connection.execute(insert(folders), [{"adapter_id": i} for i in ids])
        transaction.connection.execute(
            insert(store.JOBS), [{"id": f"job-{i}", "adapter_id": i} for i in ids]
        )
    before = state(services)
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(services.open().engine, "before_cursor_execute", counted)
    assert services.adapters.remove_adapters(ids).jobs == 600
    services.history.undo()
    assert count < 80
    event.remove(services.open().engine, "before_cursor_execute", counted)
    assert state(services) == before


def test_a_step_of_a_very_long_name_has_a_short_label(services: Services) -> None:
    with services.open().write(None) as transaction:
        transaction.insert(store.ADAPTERS, {"id": "a", "name": "x" * 5000, "type": "project"})
    services.adapters.remove_adapter("a")
    assert services.history.labels()[0] == f"Remove “{'x' * 79}…”"
