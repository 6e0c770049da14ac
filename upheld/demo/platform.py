"""Building the demo platform: the same seed and `now` give the same rows, on every database."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import TypeVar

from sqlalchemy import URL, Connection, create_engine, make_url
from sqlalchemy.exc import OperationalError

from engine.errors import InvalidInput, StoreUnavailable
from upheld.demo import schema
from upheld.demo.due import access_log_counts, due_counts, row_counts
from upheld.demo.moments import DAY
from upheld.demo.people import Crowd, api_key_rows, people, user_rows
from upheld.demo.traffic import Contents, TopUp, log_rows, payment_rows, top_ups
from upheld.demo.visits import WEB_DAYS, message_rows, session_rows, visits, write_access_logs
from upheld.demo.writer import Writer, continue_numbering

Progress = Callable[[str, int, int], None]
"""Called with what is being written, how many are done, and how many there will be."""

T = TypeVar("T")

_REPORT_EVERY = 5_000
# SQLite would apply a journal that an older file left behind to the new file of that name.
_JOURNALS = ("-wal", "-shm", "-journal")
_BEFORE_TRAFFIC = 180  # the platform is this many days older than its oldest call or visit


@dataclass(frozen=True, slots=True)
class Built:
    """What was built: rows by table, and about how many are past the usual terms.

    The lines of the access logs are counted as `access_logs`.
    """

    counts: Mapping[str, int]
    due: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Plan:
    seed: int
    now: int
    users: int
    calls: int
    days: int

    @property
    def start(self) -> int:
        return self.now - (max(self.days, WEB_DAYS) + _BEFORE_TRAFFIC) * DAY

    def rng(self, part: str) -> Random:
        """A generator for one part, so that no part changes when another draws more."""
        return Random(f"{self.seed}/{part}")


def build(
    url: str,
    access_logs: Path,
    *,
    seed: int,
    now: datetime,
    users: int = 2_000,
    calls: int = 200_000,
    days: int = 150,
    progress: Progress | None = None,
) -> Built:
    """Build the platform into the database at `url` and the folder `access_logs`.

    It replaces what was there. On SQLite a file is built beside the old one and takes its place
    when it is whole; on PostgreSQL all happens in one transaction. Access logs of that folder are
    replaced file by file, other files stay. Raises InvalidInput for numbers below 1, a naive `now`,
    or a SQLite database that is not a file, and StoreUnavailable where the database does not answer.
    """
    plan = _checked(seed, now, users, calls, days)
    report = progress or _quiet
    crowd = Crowd(people(users, plan.start, plan.now, plan.rng("people")))
    counts, due = _build_database(make_url(url), crowd, plan, report)
    lines = _build_access_logs(access_logs, crowd, plan, report)
    return Built(
        counts={**counts, "access_logs": lines["all"]}, due={**due, "access_logs": lines["due"]}
    )


def _checked(seed: int, now: datetime, users: int, calls: int, days: int) -> _Plan:
    for name, value in (("users", users), ("calls", calls), ("days", days)):
        if value < 1:
            raise InvalidInput(f"`{value}` {name} cannot make a platform, give 1 or more", name)
    if now.tzinfo is None:
        raise InvalidInput("the time to build for needs a time zone", "now")
    return _Plan(seed, int(now.timestamp()), users, calls, days)


def _quiet(_what: str, _done: int, _total: int) -> None:
    return None


def _build_database(
    url: URL, crowd: Crowd, plan: _Plan, report: Progress
) -> tuple[dict[str, int], dict[str, int]]:
    if url.get_backend_name() != "sqlite":
        return _fill(url, crowd, plan, report)
    if not url.database or url.database == ":memory:":
        raise InvalidInput("the demo platform needs a file to lie in, give sqlite:///PATH", "url")
    target = Path(url.database)
    target.parent.mkdir(parents=True, exist_ok=True)
    building = target.with_name(target.name + ".building")
    _remove(building, "", *_JOURNALS)
    try:
        built = _fill(url.set(database=str(building)), crowd, plan, report)
        _remove(target, *_JOURNALS)
        building.replace(target)
    finally:
        _remove(building, "", *_JOURNALS)
    return built


def _remove(database: Path, *suffixes: str) -> None:
    for suffix in suffixes:
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def _fill(
    url: URL, crowd: Crowd, plan: _Plan, report: Progress
) -> tuple[dict[str, int], dict[str, int]]:
    engine = create_engine(url)
    try:
        with engine.begin() as conn:
            schema.metadata.drop_all(conn)
            schema.metadata.create_all(conn)
            _write(conn, crowd, plan, report)
            continue_numbering(conn)
            conn.exec_driver_sql("ANALYZE")
            return row_counts(conn), due_counts(conn, plan.now)
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise StoreUnavailable("platform", reason) from error
    finally:
        engine.dispose()


def _write(conn: Connection, crowd: Crowd, plan: _Plan, report: Progress) -> None:
    count = len(crowd.people)
    writer = Writer(conn)
    writer.add_all(schema.users, _seen(user_rows(crowd), "users", count, report))
    writer.add_all(schema.api_keys, api_key_rows(crowd, plan.now, plan.rng("api keys")))
    payments = _seen(payment_rows(_top_ups(crowd, plan)), "payments", count * 4, report)
    writer.add_all(schema.payments, payments)
    _write_logs(writer, crowd, plan, report)
    sessions = session_rows(crowd, count * 4, plan.now, plan.rng("sessions"))
    writer.add_all(schema.web_sessions, _seen(sessions, "web sessions", count * 4, report))
    messages = message_rows(crowd, max(1, count // 3), plan.now, plan.rng("messages"))
    writer.add_all(schema.support_messages, messages)
    writer.flush()


def _write_logs(writer: Writer, crowd: Crowd, plan: _Plan, report: Progress) -> None:
    contents = Contents(plan.now, plan.rng("contents"))
    rows = log_rows(
        crowd, _top_ups(crowd, plan), plan.calls, plan.days, plan.now, plan.rng("calls")
    )
    total = plan.calls + len(crowd.people) * 4 + plan.days * 3
    for row in _seen(rows, "API calls", total, report):
        writer.add(schema.logs, row)
        content = contents.of(row)
        if content is not None:
            writer.add(schema.call_contents, content)


def _top_ups(crowd: Crowd, plan: _Plan) -> Iterator[TopUp]:
    return top_ups(crowd, len(crowd.people) * 4, plan.start, plan.now, plan.rng("payments"))


def _build_access_logs(
    folder: Path, crowd: Crowd, plan: _Plan, report: Progress
) -> Mapping[str, int]:
    total = len(crowd.people) * 10
    folder.mkdir(parents=True, exist_ok=True)
    building = folder.with_name(folder.name + ".building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    try:
        entries = visits(crowd, total, plan.now, plan.rng("access logs"))
        write_access_logs(_seen(entries, "access log lines", total, report), building)
        for old in folder.glob("access-*.jsonl"):
            old.unlink()
        for new in sorted(building.iterdir()):
            new.replace(folder / new.name)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return access_log_counts(folder, plan.now)


def _seen(rows: Iterable[T], what: str, total: int, report: Progress) -> Iterator[T]:
    """The same rows, reported as they pass."""
    done = 0
    for done, row in enumerate(rows, start=1):
        if done % _REPORT_EVERY == 0 and done < total:
            report(what, done, total)
        yield row
    report(what, done, max(done, total))
