"""The conditions select exactly the rows that a look at each single row finds due.

Two ways to the same answer that share no arithmetic: cutoffs evaluated by the database, and expiries worked
out forward, row by row, as verification does it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from engine.policy.policy import Policy
from engine.ports import Always
from engine.retention.chronicle import Chronicle
from engine.retention.compiling import Compiler
from engine.retention.due import Setting, field_due, row_due
from engine.retention.events import Watch
from engine.retention.expressions import Expression
from engine.retention.forward import Fate, Judge
from engine.retention.guards import Facts
from engine.retention.linking import Linker, fields_of
from engine.retention.memory import StoredMemory
from engine.retention.planning import all_watches, events_of, read_facts
from engine.retention.sightings import look
from engine.retention.steps import rows_going
from engine.retention.terms import Days
from engine.store.database import Database
from engine.store.schema import full_metadata
from engine.store.tables.retention import sightings
from tests.engine.retention.world import World
from tests.support.clock import FrozenClock

DATASETS = """
  calls:
    store: platform
    table: logs
    key: id
    row: usage
    subject: {user_id: users.id}
    times:
      record.created: {field: created_at, as: epoch seconds}
      call.paid: {field: paid_at, as: epoch seconds}
    fields: {content: usage.content, username: {is: account.username, erase: ""}}
  users:
    store: platform
    table: users
    key: id
    row: account
    person: customer
    identities: {user_id: id}
    facts:
      region: {field: region}
      account: {field: status, is: {1: active, 3: cancelled}}
      born: {field: born}
    times:
      account.cancelled: {field: cancelled_at, as: epoch seconds}
      person.born: {field: born, as: text}
    fields: {email: account.email, username: account.username}
"""
DAY = 86_400
MIDNIGHT = int(datetime(2025, 12, 31, 16, 0, tzinfo=UTC).timestamp())  # in Shanghai

moments = st.one_of(
    st.none(),
    st.just(0),
    st.builds(
        lambda days, off: MIDNIGHT + days * DAY + off,
        st.integers(-400, 60),
        st.sampled_from([-1, 0, 1, 4000]),
    ),
)
people = st.lists(
    st.tuples(
        st.sampled_from([None, "DE", "CN", "US", "US-CA", "nowhere"]),
        st.sampled_from([None, 1, 2, 3]),
        moments,
        # 18 within the days that are looked at, long before, not yet born, unknown
        st.sampled_from([None, "2008-01-01", "2008-05-31", "1980-02-29", "2040-01-01", "spring"]),
    ),
    max_size=4,
)
calls = st.lists(st.tuples(st.sampled_from([None, 1, 2, 3, 4, 5]), moments, moments), max_size=8)

durations = st.sampled_from(
    ["0 days", "24 hours", "30 days", "1 month", "3 months", "52 weeks", "1 year", "2 years"]
)
anchors = st.sampled_from(
    [
        "record.created",
        "account.cancelled",
        "call.paid",
        "end of the month of record.created",
        "end of the year of account.cancelled",
    ]
)
data = st.sampled_from(
    ["usage", "usage.call", "usage.content", "account", "account.username", "everything"]
)
guards = st.one_of(
    st.just(""),
    st.sampled_from(["DE", "EU", "US-CA", "CN"]).map(lambda place: f"{{region: {place}}}"),
    st.sampled_from(["active", "cancelled"]).map(lambda state: f"{{account: {state}}}"),
    st.just("{region: EU, account: cancelled}"),
    st.just("{age below: 18}"),
)


@st.composite
def rules(draw: st.DrawFn) -> str:
    lines = []
    for number in range(draw(st.integers(1, 4))):
        term = f"keep: {draw(durations)}, after: {draw(anchors)}"
        if draw(st.integers(0, 5)) == 0:
            term = "keep: as required by law"
        elif draw(st.integers(0, 3)) == 0:
            term += f", or later: [{{keep: {draw(durations)}, after: {draw(anchors)}}}]"
        when, unless = draw(guards), draw(guards)
        guard = (f", when: {when}" if when else "") + (f", unless: {unless}" if unless else "")
        then = draw(st.sampled_from(["delete", "delete", "anonymise", "restrict"]))
        lines.append(
            f"- {{id: r{number}, clause: unstated, data: [{draw(data)}], {term}{guard}, then: {then}}}"
        )
    return "rules:\n" + "\n".join(lines)


@st.composite
def statutes(draw: st.DrawFn) -> str:
    lines = [
        f"- {{id: s{number}, data: [{draw(data)}], of: {draw(st.sampled_from(['controller', 'subject']))},"
        f" in: [{draw(st.sampled_from(['CN', 'EU', 'US-CA']))}], at least: {draw(durations)},"
        f" after: {draw(anchors)}, source: x, as of: 2026-01-01}}"
        for number in range(draw(st.integers(0, 2)))
    ]
    return "\n".join(lines) or "[]"


accepted = st.sampled_from(
    [
        "[]",
        "[{finding: RETENTION_CONFLICT, rule: r0, decide: policy, reason: x, review: 2029-01-01}]",
        "[{finding: RETENTION_CONFLICT, statute: s0, decide: policy, reason: x, review: 2029-01-01}]",
        "[{finding: RETENTION_CONFLICT, decide: policy, reason: x, review: 2020-01-01}]",
    ]
)
nows = st.integers(-40, 500).map(lambda days: datetime.fromtimestamp(MIDNIGHT + days * DAY, UTC))


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world on SQLite that serves every example, emptied in between."""
    folder = tmp_path_factory.mktemp("village")
    database = Database(f"sqlite:///{folder / 'upheld.db'}")
    with database.begin() as conn:
        full_metadata().create_all(conn)
    world = World(folder, f"sqlite:///{folder / 'platform.db'}", database, FrozenClock())
    world.datasets = DATASETS
    world.sql(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, username TEXT, region TEXT,"
        " status INTEGER, cancelled_at BIGINT, born TEXT)",
        "CREATE TABLE logs (id INTEGER PRIMARY KEY, username TEXT NOT NULL, content TEXT,"
        " user_id INTEGER, created_at BIGINT, paid_at BIGINT)",
    )
    yield world
    world.close()
    database.dispose()


def fill(world: World, users: list[Any], logs: list[Any]) -> None:
    with world.engine.begin() as conn:
        for table, fixed, rows in (
            ("users", "'e', 'ann'", users),
            ("logs", "'ann', 'hello'", logs),
        ):
            conn.execute(text(f"DELETE FROM {table}"))
            for number, row in enumerate(rows, start=1):
                marks = ", ".join("?" * len(row))
                query = f"INSERT INTO {table} VALUES (?, {fixed}, {marks})"
                conn.exec_driver_sql(query, (number, *row))
    with world.database.begin() as conn:
        conn.execute(sightings.delete())


class Both:
    """The two ways, side by side."""

    def __init__(self, world: World, policy: Policy, now: datetime, by: datetime) -> None:
        service = world.service(policy=policy)
        self.adapters, self.datamap = service.adapters, service.datamap
        self.compiler = Compiler(self.datamap, self.adapters, StoredMemory(world.database))
        self.linker = Linker(self.datamap, self.adapters)
        self.chronicle = Chronicle(self.linker, world.database)
        self.setting = self._setting(policy, now, by)
        for watch in all_watches(self.setting):
            self._look_long_ago(world, watch, now)

    def _setting(self, policy: Policy, now: datetime, by: datetime) -> Setting:
        facts = Facts(read_facts(self.compiler), now, Days.of(policy))
        return Setting(policy, self.datamap, facts, now, by)

    def _look_long_ago(self, world: World, watch: Watch, now: datetime) -> None:
        """So that sightings can have expired too."""
        look(world.database, self.compiler, self.linker, watch, now - timedelta(days=200))
        look(world.database, self.compiler, self.linker, watch, now)

    def selected(self, dataset: str, expression: Expression) -> set[Any]:
        spec = self.datamap.datasets[dataset]
        where = self.compiler.condition(dataset, expression)
        batches = self.adapters["platform"].scan(spec, where, ())
        return {record.key for batch in batches for record in batch}

    def fates(self, dataset: str) -> dict[Any, Fate]:
        spec = self.datamap.datasets[dataset]
        judge = Judge(self.setting, dataset, lambda _version: frozenset())
        events = {event for _, event in events_of(self.setting, dataset)}
        batches = self.adapters["platform"].scan(spec, Always(), fields_of(spec))
        stories = [s for batch in batches for s in self.chronicle.stories(dataset, batch, events)]
        return {story.record.key: judge.fate(story) for story in stories}


@settings(max_examples=40)
@given(people, calls, rules(), statutes(), accepted, nows, st.sampled_from([0, 1, 40]))
def test_conditions_and_single_rows_agree(
    village: World,
    users: list[Any],
    logs: list[Any],
    retention: str,
    law: str,
    more: str,
    now: datetime,
    ahead: int,
):
    fill(village, users, logs)
    village.retention, village.statutes, village.header = (
        retention,
        law,
        {"more": f"accepted: {more}"},
    )
    two = Both(village, village.policy(), now, now + timedelta(days=ahead))
    for dataset in ("calls", "users"):
        fates = two.fates(dataset)
        for action in ("restrict", "anonymise", "delete"):
            found = two.selected(dataset, row_due(two.setting, dataset, action))
            assert found == {key for key, fate in fates.items() if fate.row[action] is not None}
        assert two.selected(dataset, rows_going(two.setting, dataset)) == {
            key for key, fate in fates.items() if fate.goes()
        }
        for leaf in ("usage.call", "usage.content", "account.username"):
            if all(leaf not in fate.fields for fate in fates.values()):
                continue
            found = two.selected(dataset, field_due(two.setting, dataset, leaf, "delete"))
            assert found == {
                key for key, fate in fates.items() if fate.fields[leaf]["delete"] is not None
            }
