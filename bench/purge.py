"""How fast rows go: the adapter's bounded batches against one hand-written DELETE, on each database.

The table is what a purge meets: a third of the rows is due, and the rest stays. `by index` has its due rows
together and an index on the time; `scattered` has neither.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

import sqlalchemy as sa

from adapters.sql import SqlAdapter
from bench.postgres import postgres_url
from engine.datamap.model import Dataset, TimeSource
from engine.ports import Before, Edit
from engine.retention.purge import DEFAULTS

BATCH = DEFAULTS.batch
LIMIT = datetime(2026, 5, 1, tzinfo=UTC)
FORMS = {"epoch": "at", "text": "at_text"}


def main(quick: bool) -> None:
    """Print rows per second and their ratio, medians of three runs."""
    rows = 75_000 if quick else 315_000
    print(f"purge: a third of {rows:,} rows, batches of {BATCH:,}")
    for name, database in _databases():
        with database() as url:
            for layout in ("by index", "scattered"):
                _prepare(url, layout, rows)
                for form in FORMS:
                    _compare(name, url, layout, form, rows)


def _compare(name: str, url: str, layout: str, form: str, rows: int) -> None:
    plain, ours = [], []
    for _ in range(3):
        plain.append(_run(url, layout, rows, lambda engine: _by_hand(engine, form)))
        ours.append(_run(url, layout, rows, lambda _engine: _by_adapter(url, form)))
    ratio = median(ours) / median(plain)
    line = f"{name:<11} {layout:<10} {form:<6}"
    print(
        f"  {line} DELETE {median(plain):>9,.0f}/s   adapter {median(ours):>9,.0f}/s   {ratio:.2f}"
    )


def _run(
    url: str, layout: str, rows: int, purge: Callable[[sa.Engine], tuple[int, float]]
) -> float:
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", lambda c, _: c.execute("PRAGMA secure_delete=ON"))
    try:
        _fill(engine, layout)
        gone, elapsed = purge(engine)
        assert gone == rows // 3
        return gone / elapsed
    finally:
        engine.dispose()


def _by_hand(engine: sa.Engine, form: str) -> tuple[int, float]:
    bound = int(LIMIT.timestamp()) if form == "epoch" else LIMIT.strftime("%Y-%m-%dT%H:%M:%SZ")
    start = perf_counter()
    with engine.begin() as conn:
        done = conn.execute(sa.text(f"DELETE FROM calls WHERE {FORMS[form]} < :b"), {"b": bound})
    return done.rowcount, perf_counter() - start


def _by_adapter(url: str, form: str) -> tuple[int, float]:
    as_ = "epoch seconds" if form == "epoch" else "text"
    edits = [Edit(Before(TimeSource(field=FORMS[form], form=as_), LIMIT))]
    adapter = SqlAdapter("bench", url)
    dataset = Dataset(store="bench", table="calls", key=("id",))
    adapter.count(dataset, edits[0].where)  # a purge has been planned before
    gone, more, start = 0, True, perf_counter()
    while more:
        applied = adapter.apply(dataset, edits, limit=BATCH)
        gone, more = gone + applied.rows[0], applied.more
    elapsed = perf_counter() - start
    adapter.close()
    return gone, elapsed


def _table(name: str, *, indexed: bool) -> sa.Table:
    return sa.Table(
        name,
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False, index=indexed),
        sa.Column("at_text", sa.Text, nullable=False, index=indexed),
        sa.Column("filling", sa.Text, nullable=False),
    )


def _prepare(url: str, layout: str, rows: int) -> None:
    """Make the rows once; every run begins with a copy of them."""
    engine, original = sa.create_engine(url), _table("original", indexed=False)
    step = timedelta(days=300) / rows
    original.metadata.drop_all(engine)
    original.metadata.create_all(engine)
    with engine.begin() as conn:
        for start in range(0, rows, 10_000):
            numbers = range(start, min(rows, start + 10_000))
            conn.execute(sa.insert(original), [_row(n, layout, rows, step) for n in numbers])
    engine.dispose()


def _row(number: int, layout: str, rows: int, step: timedelta) -> dict[str, object]:
    due = number < rows // 3 if layout == "by index" else number % 3 == 0
    at = LIMIT + (number + 1) * (-step if due else step)
    text = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"id": number, "at": int(at.timestamp()), "at_text": text, "filling": "x" * 80}


def _fill(engine: sa.Engine, layout: str) -> None:
    calls = _table("calls", indexed=layout == "by index")
    calls.metadata.drop_all(engine)
    calls.metadata.create_all(engine)
    with engine.begin() as conn:
        conn.exec_driver_sql("INSERT INTO calls SELECT * FROM original")
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql("VACUUM ANALYZE calls")


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        engine = sa.create_engine(url)
        with engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA journal_mode=WAL")
        engine.dispose()
        yield url


def _databases() -> list[tuple[str, Callable[[], AbstractContextManager[str]]]]:
    return [("sqlite", _sqlite), ("postgresql", postgres_url)]
