"""Deleting in batches, with and without an index that orders the rows: the same rows go, in bounded steps."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.sql import SqlAdapter
from adapters.sql.deletion import latest
from engine.datamap.model import Dataset, TimeSource
from engine.ports import AllOf, AnyOf, Before, Condition, Edit, Not, OneOf
from tests.support.postgres import PostgresServer

LIMIT = datetime(2026, 5, 1, tzinfo=UTC)
EPOCH = TimeSource.model_validate({"field": "at", "as": "epoch seconds"})
TEXT = TimeSource.model_validate({"field": "said", "as": "text"})
OPEN = TimeSource.model_validate(
    {"field": "at", "as": "epoch seconds", "when": {"state": ["open"]}}
)
DUE = int(LIMIT.timestamp())

numbers = st.sampled_from([None, 0, 1, DUE - 86_400, DUE - 1, DUE, DUE + 1, DUE + 10**9, -(10**15)])
texts = st.sampled_from(
    [
        None, "", "0", "2026-02-30T00:00:00Z", "2026-04-30T23:59:59Z", "2026-05-01T00:00:00Z",
        "2026-05-01T01:00:00+02:00", "2026-04-30", "2026-04-30 23:59:60", "1999-01-01T00:00:00.5Z",
        "2026-04-30T24:00:00Z", "not a time",
    ]
)  # fmt: skip
rows = st.lists(st.tuples(numbers, texts, st.sampled_from(["open", "closed", None])), max_size=25)
conditions: st.SearchStrategy[Condition] = st.sampled_from(
    [
        Before(EPOCH, LIMIT),
        Before(TEXT, LIMIT),
        Before(OPEN, LIMIT),
        AllOf((OneOf("state", ("open", "closed")), Before(TEXT, LIMIT))),
        AnyOf((Before(EPOCH, LIMIT), Before(EPOCH, LIMIT.replace(year=2020)))),
        AnyOf((Before(EPOCH, LIMIT), Before(TEXT, LIMIT))),
        AllOf((Before(EPOCH, LIMIT), Not(OneOf("state", ("closed",))))),
    ]
)


@pytest.fixture(scope="module")
def url(postgres: PostgresServer) -> Iterator[str]:
    with postgres.database() as url:
        engine = sa.create_engine(url)
        with engine.begin() as conn:
            for name in ("plain", "indexed"):
                conn.exec_driver_sql(
                    f"CREATE TABLE {name} (id INT PRIMARY KEY, at BIGINT, said TEXT, state TEXT)"
                )
            conn.exec_driver_sql("CREATE INDEX ON indexed (at)")
            conn.exec_driver_sql("CREATE INDEX ON indexed (said)")
        engine.dispose()
        yield url


@pytest.fixture(scope="module")
def adapter(url: str) -> Iterator[SqlAdapter]:
    adapter = SqlAdapter("platform", url)
    yield adapter
    adapter.close()


@pytest.mark.postgres
@given(rows=rows, where=conditions, limit=st.integers(1, 30))
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_with_an_index_the_same_rows_go_and_never_more_than_the_limit_at_once(
    url: str, adapter: SqlAdapter, rows: list, where: Condition, limit: int
):
    engine = sa.create_engine(url)
    left = {}
    for table in ("plain", "indexed"):
        with engine.begin() as conn:
            conn.exec_driver_sql(f"TRUNCATE {table}")
            for number, row in enumerate(rows):
                conn.exec_driver_sql(f"INSERT INTO {table} VALUES (%s, %s, %s, %s)", (number, *row))
        dataset = Dataset(store="platform", table=table, key=("id",))
        due, more, gone = adapter.count(dataset, where), True, 0
        while more:
            applied = adapter.apply(dataset, [Edit(where)], limit=limit)
            assert applied.rows[0] <= limit
            gone, more = gone + applied.rows[0], applied.more
        assert (gone, adapter.count(dataset, where)) == (due, 0)
        with engine.connect() as conn:
            left[table] = conn.exec_driver_sql(f"SELECT id FROM {table} ORDER BY id").all()
    engine.dispose()
    assert left["plain"] == left["indexed"]


@pytest.mark.parametrize(
    ("where", "bound"),
    [
        (Before(EPOCH, LIMIT), LIMIT),
        (AllOf((OneOf("state", ("open",)), Before(EPOCH, LIMIT))), LIMIT),
        (AnyOf((Before(EPOCH, LIMIT.replace(year=2020)), Before(EPOCH, LIMIT))), LIMIT),
        (AnyOf((Before(EPOCH, LIMIT), Before(TEXT, LIMIT))), None),
        (AnyOf((Before(EPOCH, LIMIT), OneOf("state", ("open",)))), None),
        (AnyOf(()), None),
        (Not(Before(EPOCH, LIMIT)), None),
    ],
)
def test_a_condition_is_bounded_by_a_time_only_if_no_other_row_satisfies_it(
    where: Condition, bound: datetime | None
):
    found = latest(where)
    assert (found.limit if found else None) == bound
