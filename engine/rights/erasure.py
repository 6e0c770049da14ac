"""Erasing a person everywhere: begun by an intent, done dataset by dataset, looked at again, certified.

Children go before their person row, and each dataset is recorded as done only after it was counted again.
Everything that decides what goes is frozen in the intent, so that work which a crash interrupted goes on
with the same rows, and never with more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property

from engine.audit import ledger
from engine.audit.canonical import canonical
from engine.datamap.directory import Person
from engine.datamap.map import DataMap, Step
from engine.datamap.model import Dataset
from engine.errors import Conflict
from engine.policy.policy import Policy
from engine.ports import (
    AllOf,
    AnyOf,
    Applied,
    Condition,
    DataAdapter,
    Edit,
    IsNull,
    Not,
    OneOf,
    TableShape,
)
from engine.retention.holds import Hold
from engine.retention.terms import Days
from engine.rights import store
from engine.rights.keeping import Circumstances, Keeping, categories_in, keepings
from engine.rights.selection import Selection
from engine.rights.store import Intent, Outcome, Request
from engine.rights.treatment import Blanks, Rows, Treatment, treat
from engine.store.database import Database

CANCELLED = "account.cancelled"
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Wait:
    """The work cannot go on now: why, and from when it may (None: at the next occasion)."""

    why: str
    until: datetime | None = None


@dataclass(frozen=True)
class Scope:
    """What an erasure works on."""

    policy: Policy
    datamap: DataMap
    adapters: Mapping[str, DataAdapter]
    holds: tuple[Hold, ...] = ()


class Erasure:
    """One person's erasure, from its frozen intent."""

    def __init__(self, scope: Scope, request_id: str, body: Mapping[str, object]) -> None:
        self._scope = scope
        self._request_id = request_id
        self.person = Person(**body["person"])  # type: ignore[arg-type]
        self._known = Circumstances(
            policy=scope.policy,
            now=datetime.fromisoformat(str(body["now"])),
            region=body["region"],  # type: ignore[arg-type]
            events={CANCELLED: datetime.fromisoformat(str(body["cancelled"]))},
            holds=scope.holds,
        )
        self._selection = Selection(scope.datamap, scope.adapters, self.person)
        self._treatments: dict[str, Treatment] = {}
        self._token = request_id
        self._found_again = frozenset(body.get("survivors", ()))  # type: ignore[call-overload]

    @property
    def cancelled(self) -> datetime:
        """When the account counts as cancelled: at the request."""
        return self._known.events[CANCELLED]

    def knows(self, person: Person) -> bool:
        """Whether a row with the person's id is still theirs, or what this erasure left of it."""
        spec = self._spec(person.dataset)
        blanks = Blanks(spec, self._shape(spec), self._token)
        _, *others = spec.identities.items()
        left = {kind: person.identities.get(kind) for kind, _ in others}
        if any(v and v == self.person.identities.get(kind) for kind, v in left.items()):
            return True
        return all(left[kind] in (None, blanks.value(path)) for kind, path in others)

    @property
    def datasets(self) -> tuple[str, ...]:
        """Every dataset that may hold rows of the person, children first."""
        return self._selection.datasets()

    def treatment(self, name: str) -> Treatment:
        """What becomes of the person's rows in a dataset.

        Once found it stays as it is: rows that were found through others are still known by their values
        when those are gone, and so can be looked for again.
        """
        if name not in self._treatments:
            self._treatments[name] = self._treat(name)
        return self._treatments[name]

    def _treat(self, name: str) -> Treatment:
        spec = self._spec(name)
        selection = self._selection
        rows = Rows(selection.rows(name), selection.shared(name), selection.links(name))
        kept = (
            *keepings(self._known, name, spec, self.person.subject_id),
            *self._needed(name, spec),
        )
        needed = self._found_by(name) if kept else ()
        return treat(name, spec, rows, kept, self._shape(spec), self._token, needed)

    def outcomes(self) -> Iterator[Outcome]:
        """What becomes of each category in each dataset, counted before anything is touched."""
        for name in self.datasets:
            yield from self._outcomes_of(name, self.treatment(name))
        yield from self._backups()

    def edits(self, name: str) -> tuple[Edit, ...]:
        """The edits of a dataset, to go with those of others in one batch."""
        return self.treatment(name).edits()

    def advance(self, database: Database, intent: Intent, now: datetime) -> Wait | None:
        """Do what is not done yet; returns what must be waited for, or None when all is done."""
        done, waits = list(intent.done), []
        blocked: set[str] = set()
        for name in self.datasets:
            if name in done:
                continue
            if name in blocked:
                continue
            wait = self._erase(name)
            if wait is not None:
                waits.append(wait)
                blocked |= self._on_the_way_from(name)
                continue
            done.append(name)
            self._record(database, name, done, now)
        return waits[0] if waits else None

    def survivors(self) -> Mapping[str, int]:
        """Look again, by other questions than those that chose the rows: dataset -> rows too many."""
        found = {name: self._left(name) for name in self.datasets}
        return {name: count for name, count in found.items() if count}

    def finish_stores(self) -> tuple[str, ...]:
        """Make the deletions physical; returns what could not be done now, in plain words."""
        stores = dict.fromkeys(self._spec(name).store for name in self.datasets)
        return tuple(note for name in stores for note in self._scope.adapters[name].finish())

    def unclear(self) -> Iterator[str]:
        """What stays because nobody can tell whose it is, in plain words: an officer has to look."""
        for name in self.datasets:
            count = self._count(name, self._selection.unclear(name))
            if count:
                rows = "1 row" if count == 1 else f"{count} rows"
                yield (
                    f"`{name}`: {rows} with an address that differs from the person's only in case, and "
                    "from another person's too, stay: nobody can tell whose they are"
                )

    def holding(self) -> Iterator[tuple[str, str]]:
        """(dataset, field) of each identity of the person that rows which stay hold, or lead to them by."""
        own = next(iter(self._spec(self.person.dataset).identities.values()))
        for name in self.datasets:
            kept = self.treatment(name).kept
            for path in self._selection.paths(name):
                field = path[-1].target_field if path else own
                if self._count(name, AllOf((kept, self._selection.along(name, path)))):
                    yield name, field

    def _erase(self, name: str) -> Wait | None:
        treatment = self.treatment(name)
        adapter = self._selection.adapter(name)
        applied = _run(adapter, self._spec(name), treatment.edits())
        if applied.waiting:
            why = f"a file of `{name}` is still written to"
            return Wait(why, applied.waits_until)
        left = self._count(name, treatment.remaining)
        if left:
            return Wait(f"rows of `{name}` came while it was being erased")
        return None

    def _record(self, database: Database, name: str, done: Sequence[str], now: datetime) -> None:
        with database.begin() as conn:
            store.set_intent(conn, self._request_id, done=list(done))
            if name in self._found_again:
                return
            facts = {"request": self._request_id, "dataset": name}
            ledger.append(conn, "rights.erased", facts, now=now, subject=self.person.subject_id)

    def _left(self, name: str) -> int:
        treatment = self.treatment(name)
        mine = treatment.mine
        allowed = self._count(name, AllOf((mine, treatment.kept)))
        shared = self._count(name, treatment.shared)
        too_many = self._count(name, mine) - allowed + shared
        return too_many + self._unerased(name, treatment) + self._named(name, treatment)

    def _unerased(self, name: str, treatment: Treatment) -> int:
        """Kept rows in which a field that had to go still says something."""
        return sum(
            self._count(name, AllOf((one.where, Not(_says(path, change.value)))))
            for one in treatment.erased
            for path, change in one.changes.items()
        )

    def _named(self, name: str, treatment: Treatment) -> int:
        """Rows that hold an identity of the person in a field of its category, and lead to nobody else.

        Anybody can write a person's address into rows of their own, or have it in another case as theirs:
        those rows are not the person's, and must not keep the deletion from its end.
        """
        spec, home = self._spec(name), self._spec(self.person.dataset)
        if spec.person:
            return 0
        count = 0
        for kind, value in self.person.identities.items():
            use = home.fields.get(home.identities[kind])
            for path, other in spec.fields.items():
                if use is None or use.category is None or other.category != use.category:
                    continue
                if other.category in {c for k in treatment.keepings for c in k.leaves}:
                    continue
                holds = OneOf(path, (value,), fold=kind == "email")
                count += self._nobodys(name, AllOf((holds, Not(treatment.kept))))
        return count

    def _nobodys(self, name: str, where: Condition) -> int:
        """How many of the rows lead to nobody else who is there."""
        if not self._count(name, where):
            return 0
        others = self._selection.of_others(name, where)
        return self._count(name, AllOf((where, Not(others))))

    def _outcomes_of(self, name: str, treatment: Treatment) -> Iterator[Outcome]:
        spec = self._spec(name)
        gone = self._count(name, treatment.gone)
        shared = self._count(name, treatment.shared)
        kept = [(k, self._count(name, AllOf((treatment.kept, k.rows)))) for k in treatment.keepings]
        erased = {c: self._count(name, e.where) for e in treatment.erased for c in e.categories}
        for category in categories_in(self._scope.policy, spec):
            if not _is_in(spec, category):
                continue
            deleted = gone + erased.get(category, 0)
            if deleted:
                yield Outcome(name, category, "deleted", deleted)
            if shared:
                yield Outcome(name, category, "anonymised", shared, _SHARED)
            for keeping, count in kept:
                if count and (category in keeping.leaves or category not in erased):
                    yield self._restricted(name, category, keeping, count)

    def _restricted(self, name: str, category: str, keeping: Keeping, count: int) -> Outcome:
        until = keeping.until or self._until(name, keeping)
        return Outcome(
            name, category, "restricted", count, keeping.exemption, keeping.statute, until
        )

    def _until(self, name: str, keeping: Keeping) -> datetime | None:
        """When the last of the kept rows may go."""
        spec = self._spec(name)
        if keeping.term is None:
            return None
        time = spec.times[keeping.term.after.event]
        where = AllOf((self._selection.rows(name), keeping.rows))
        newest = self._selection.adapter(name).extent(spec, where, time)[1]
        return self._days.expires_at(keeping.term, newest) if newest else None

    @cached_property
    def _days(self) -> Days:
        return Days.of(self._scope.policy)

    def _backups(self) -> Iterator[Outcome]:
        """Copies elsewhere: not rewritten, but the erasure list keeps them from coming back."""
        mine = set(self.datasets)
        for name, spec in self._scope.datamap.datasets.items():
            if mine & set(spec.backup_of or ()):
                yield Outcome(name, spec.row or "everything", "restricted", 0, _BACKUP)

    def _needed(self, name: str, spec: Dataset) -> Iterator[Keeping]:
        """Rows that kept rows of other tables point to by a foreign key: they stay, but emptied."""
        for step in self._steps_to(name):
            child = self._spec(step.dataset)
            if child.store != spec.store or not self._bound(child, step, spec):
                continue
            kept = self.treatment(step.dataset).kept
            values = self._values(step, kept)
            if values:
                why = f"emptied; rows of `{step.dataset}` that must be kept point to it"
                yield Keeping("needed", why, None, frozenset(), OneOf(step.target_field, values))

    def _found_by(self, name: str) -> tuple[str, ...]:
        """The fields by which kept rows of other datasets find a row of this one."""
        steps = self._steps_to(name)
        kept = {step.dataset: self.treatment(step.dataset).kept for step in steps}
        return tuple(s.target_field for s in steps if self._count(s.dataset, kept[s.dataset]))

    def _values(self, step: Step, kept: Condition) -> tuple[str, ...]:
        child = self._spec(step.dataset)
        if kept == AnyOf(()):
            return ()
        batches = self._selection.adapter(step.dataset).scan(child, kept, (step.field,))
        found = (record.values[step.field] for batch in batches for record in batch)
        return tuple(dict.fromkeys(str(value) for value in found if value is not None))

    def _bound(self, child: Dataset, step: Step, target: Dataset) -> bool:
        shape = self._shape(child)
        wanted = f"{target.table}.{step.target_field}"
        columns = shape.columns if shape else ()
        return any(c.name == step.field and _same(c.references, wanted) for c in columns)

    def _steps_to(self, name: str) -> tuple[Step, ...]:
        """The links of the person's other datasets that lead to this one."""
        steps = (
            step for other in self.datasets for p in self._selection.paths(other) for step in p
        )
        return tuple(dict.fromkeys(step for step in steps if step.target == name))

    def _on_the_way_from(self, name: str) -> set[str]:
        """The datasets by which rows of this one are found: they must stay until it is done."""
        paths = self._selection.paths(name)
        return {step.target for path in paths for step in path} - {self.person.dataset}

    def _shape(self, spec: Dataset) -> TableShape | None:
        return next((s for s in self._shapes.get(spec.store, ()) if s.name == spec.table), None)

    @cached_property
    def _shapes(self) -> Mapping[str, tuple[TableShape, ...]]:
        stores = dict.fromkeys(self._spec(name).store for name in self.datasets)
        return {name: self._scope.adapters[name].shapes() for name in stores}

    def _spec(self, name: str) -> Dataset:
        return self._scope.datamap.datasets[name]

    def _count(self, name: str, where: Condition) -> int:
        return self._selection.adapter(name).count(self._spec(name), where)


def freeze(
    scope: Scope, request: Request, person: Person, region: str | None, now: datetime
) -> Intent:
    """The intent: whose data, under which policy, as of when, and what will become of it."""
    body: dict[str, object] = {
        "phase": "act",
        "person": asdict(person),
        "region": region,
        "policy": scope.policy.version,
        "now": now.isoformat(),
        "cancelled": request.received_at.isoformat(),
        "address": person.identities.get("email"),
    }
    found = [outcome.plain() for outcome in Erasure(scope, request.id, body).outcomes()]
    digest = hashlib.sha256(canonical({"policy": scope.policy.digest, "outcomes": found}))
    return Intent(request.id, digest.hexdigest(), body | {"outcomes": found}, ())


def run_together(
    adapter: DataAdapter, spec: Dataset, erasures: Iterable[tuple[Erasure, str]]
) -> None:
    """Carry out the edits of several erasures on one dataset of files at once: one rewrite a file."""
    edits = tuple(edit for erasure, name in erasures for edit in erasure.edits(name))
    if len(edits) > 1:
        _run(adapter, spec, edits)


def _run(adapter: DataAdapter, spec: Dataset, edits: Sequence[Edit]) -> Applied:
    while True:
        applied = adapter.apply(spec, edits, limit=BATCH)
        if not applied.more:
            return applied
        if not any(applied.rows):
            raise Conflict(f"the store `{spec.store}` reports rows that it does not change")


_SHARED = "the rows are somebody else's too; the link to you was cut"
_BACKUP = "backup copy: put beyond use; the erasure list keeps it from coming back"


def _is_in(spec: Dataset, category: str) -> bool:
    """A leaf of a row's wider category counts only where a field holds it."""
    fields = {use.category for use in spec.fields.values()}
    return category in fields or category == spec.row


def _says(path: str, value: object) -> Condition:
    """The field holds what an erasure leaves."""
    return IsNull(path) if value is None else OneOf(path, (value,))


def _same(reference: str | None, wanted: str) -> bool:
    return reference is not None and (reference == wanted or reference.endswith(f".{wanted}"))
