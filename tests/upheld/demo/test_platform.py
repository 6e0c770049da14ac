"""The demo platform: the same every time, as full and as old as promised, and full of nobody real."""

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, insert, select
from sqlalchemy.engine import Connection

from engine.errors import InvalidInput, StoreUnavailable
from upheld.demo.people import DEMO_EMAIL
from upheld.demo.platform import Built, build
from upheld.demo.schema import (
    LogType,
    Status,
    api_keys,
    call_contents,
    logs,
    metadata,
    payments,
    support_messages,
    users,
    web_sessions,
)

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
CAP = 0.20
RESERVED = [
    ip_network(net)
    for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
DIGITS = re.compile(r"(?<!\d)\d{12,19}(?!\d)")


def epoch(days_ago: float) -> int:
    return int((NOW - timedelta(days=days_ago)).timestamp())


class Platform:
    """A built platform, open for reading."""

    def __init__(self, conn: Connection, access: Path, built: Built) -> None:
        self.conn = conn
        self.access = access
        self.built = built

    def count(self, table, *where) -> int:
        return self.conn.scalar(select(func.count()).select_from(table).where(*where))

    def access_lines(self) -> Iterator[tuple[Path, dict]]:
        for path in sorted(self.access.glob("*.jsonl")):
            for line in path.read_text("utf-8").splitlines():
                yield path, json.loads(line)


@pytest.fixture(scope="module")
def platform(tmp_path_factory) -> Iterator[Platform]:
    """300 people, 20,000 calls: the proportions of the full demo."""
    folder = tmp_path_factory.mktemp("demo")
    url = f"sqlite:///{folder / 'platform.db'}"
    built = build(url, folder / "access", seed=7, now=NOW, users=300, calls=20_000)
    engine = create_engine(url)
    with engine.connect() as conn:
        yield Platform(conn, folder / "access", built)
    engine.dispose()


def digest(url: str, access: Path) -> str:
    """A digest of every row and every line, comparable between databases."""
    total = hashlib.sha256()
    engine = create_engine(url)
    with engine.connect() as conn:
        for table in metadata.sorted_tables:
            for row in conn.execute(select(table).order_by(table.c.id)):
                total.update(repr([_plain(value) for value in row]).encode())
    engine.dispose()
    for path in sorted(access.iterdir()):
        total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()


def _plain(value):
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return value


def small(url: str, access: Path, **changes) -> Built:
    return build(url, access, **{"seed": 1, "now": NOW, "users": 30, "calls": 500, **changes})


def test_the_same_seed_gives_the_same_rows(tmp_path):
    digests = []
    for name in ("a", "b"):
        url = f"sqlite:///{tmp_path / name}.db"
        small(url, tmp_path / name)
        digests.append(digest(url, tmp_path / name))
    assert digests[0] == digests[1]


def test_every_database_gets_the_same_rows_and_another_build_replaces_them(
    dialect, platform_url, tmp_path
):
    access = tmp_path / "access"
    small(platform_url, access, seed=2)
    other = digest(platform_url, access)
    built = small(platform_url, access)
    reference = f"sqlite:///{tmp_path / 'reference.db'}"
    assert small(reference, tmp_path / "reference") == built
    assert digest(platform_url, access) == digest(reference, tmp_path / "reference") != other


def test_the_platform_numbers_new_rows_after_the_built_ones(platform_url, tmp_path):
    built = small(platform_url, tmp_path / "access")
    engine = create_engine(platform_url)
    with engine.begin() as conn:
        row = {"from_email": DEMO_EMAIL, "subject": "a", "body": "b", "received_at": NOW}
        key = conn.execute(insert(support_messages).values(row)).inserted_primary_key
    engine.dispose()
    assert key == (built.counts["support_messages"] + 1,)


def test_a_build_that_fails_leaves_the_old_platform_in_place(tmp_path):
    url, access = f"sqlite:///{tmp_path / 'platform.db'}", tmp_path / "access"
    small(url, access)
    before = digest(url, access)

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small(url, access, seed=2, progress=stop)
    assert digest(url, access) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["access", "platform.db"]


def test_a_journal_of_the_old_file_is_not_applied_to_the_new_one(tmp_path):
    path, access = tmp_path / "platform.db", tmp_path / "access"
    small(f"sqlite:///{path}", access)
    expected = digest(f"sqlite:///{path}", access)
    open_before = sqlite3.connect(path)
    open_before.execute("PRAGMA journal_mode=WAL")
    open_before.execute("UPDATE users SET country = 'XX'")
    open_before.commit()
    small(f"sqlite:///{path}", access)
    assert digest(f"sqlite:///{path}", access) == expected
    open_before.close()


def test_what_a_killed_build_left_behind_does_no_harm(tmp_path):
    url, access = f"sqlite:///{tmp_path / 'platform.db'}", tmp_path / "access"
    for name in (
        "platform.db.building",
        "platform.db.building-journal",
        "platform.db.building-wal",
    ):
        (tmp_path / name).write_bytes(b"half-written" * 1000)
    (tmp_path / "access.building").mkdir()
    (tmp_path / "access.building" / "access-2020-01-01.jsonl").write_text("half")
    small(url, access)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["access", "platform.db"]
    assert not (access / "access-2020-01-01.jsonl").exists()


def test_other_files_beside_the_access_logs_stay(tmp_path):
    access = tmp_path / "access"
    access.mkdir()
    (access / "notes.txt").write_text("mine")
    (access / "access-2020-01-01.jsonl").write_text("{}\n")
    small(f"sqlite:///{tmp_path / 'platform.db'}", access)
    assert (access / "notes.txt").read_text() == "mine"
    assert not (access / "access-2020-01-01.jsonl").exists()


@pytest.mark.parametrize("changes", [{"users": 0}, {"calls": 0}, {"days": -1}])
def test_numbers_below_one_are_refused(tmp_path, changes):
    with pytest.raises(InvalidInput) as refused:
        small(f"sqlite:///{tmp_path / 'platform.db'}", tmp_path / "access", **changes)
    assert refused.value.field in changes


def test_a_time_without_a_zone_is_refused(tmp_path):
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(InvalidInput, match="time zone"):
        small(f"sqlite:///{tmp_path / 'platform.db'}", tmp_path / "access", now=naive)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(tmp_path, url):
    with pytest.raises(InvalidInput, match="file"):
        small(url, tmp_path / "access")


def test_a_server_that_does_not_answer_is_named_by_its_store(tmp_path):
    with pytest.raises(StoreUnavailable, match="`platform` does not answer"):
        small("postgresql+psycopg://nobody@127.0.0.1:1/none", tmp_path / "access")


@pytest.mark.parametrize("numbers", [{"users": 1, "calls": 1, "days": 1}, {"days": 400}])
def test_any_size_and_span_can_be_built(tmp_path, numbers):
    built = small(f"sqlite:///{tmp_path / 'platform.db'}", tmp_path / "access", **numbers)
    assert built.counts["users"] == numbers.get("users", 30)


def test_progress_tells_of_every_part_up_to_its_end(tmp_path):
    told: dict[str, tuple[int, int]] = {}
    small(
        f"sqlite:///{tmp_path / 'platform.db'}",
        tmp_path / "access",
        progress=lambda what, done, total: told.update({what: (done, total)}),
    )
    assert {"users", "API calls", "access log lines"} <= told.keys()
    assert all(done == total for done, total in told.values())


def test_the_counts_are_those_of_the_database(platform):
    assert platform.built.counts == {
        **{table.name: platform.count(table) for table in metadata.sorted_tables},
        "access_logs": sum(1 for _ in platform.access_lines()),
    }


def test_twelve_in_a_hundred_calls_are_older_than_ninety_days(platform):
    calls = logs.c.type.in_([LogType.CALL, LogType.FAILED_CALL])
    due = platform.count(logs, calls, logs.c.created_at <= epoch(90))
    assert platform.count(logs, calls) == 20_000
    assert due / 20_000 == pytest.approx(0.12, abs=0.002)
    assert platform.built.due["logs"] == due


def test_calls_grow_from_month_to_month(platform):
    months = [
        platform.count(
            logs,
            logs.c.type == LogType.CALL,
            logs.c.created_at.between(epoch(start), epoch(start - 30) - 1),
        )
        for start in (150, 120, 90, 60, 30)
    ]
    assert months == sorted(months)
    assert months[0] > 0


def test_contents_and_only_they_exceed_the_cap(platform):
    counts, due = platform.built.counts, platform.built.due
    shares = {name: due.get(name, 0) / count for name, count in counts.items()}
    assert shares.pop("call_contents") > 2 * CAP
    assert max(shares.values()) < CAP
    assert due["call_contents"] > 100


def test_a_fifth_of_the_calls_has_contents_of_the_same_time(platform):
    joined = (
        select(func.count())
        .select_from(call_contents.join(logs))
        .where(
            logs.c.type == LogType.CALL,
            call_contents.c.created_at
            == func.strftime("%Y-%m-%dT%H:%M:%SZ", logs.c.created_at, "unixepoch"),
        )
    )
    assert platform.conn.scalar(joined) == platform.count(call_contents)
    assert platform.count(call_contents) / 20_000 == pytest.approx(0.2, abs=0.02)


def test_no_call_that_is_due_has_contents(platform):
    older = select(func.count()).select_from(call_contents.join(logs))
    assert platform.conn.scalar(older.where(logs.c.created_at <= epoch(90))) == 0


def test_erasing_what_is_left_of_cancelled_accounts_stays_under_the_cap(platform):
    gone = select(users.c.id).where(users.c.cancelled_at <= epoch(30))
    calls = logs.c.type.in_([LogType.CALL, LogType.FAILED_CALL])
    touched = platform.count(
        logs, calls, (logs.c.created_at <= epoch(90)) | logs.c.user_id.in_(gone)
    )
    assert touched / platform.count(logs, calls) < CAP


def test_top_ups_with_something_to_erase_stay_under_the_cap(platform):
    """Names of cancelled accounts, and devices after seven months; both count for the dataset."""
    gone = select(users.c.id).where(users.c.cancelled_at <= epoch(30))
    old_device = logs.c.metadata.is_not(None) & (logs.c.created_at <= epoch(211))
    top_ups = logs.c.type == LogType.TOP_UP
    touched = platform.count(logs, top_ups, logs.c.user_id.in_(gone) | old_device)
    assert platform.count(logs, top_ups, old_device) > 0
    assert touched < CAP * platform.count(logs, top_ups)


def test_sessions_older_than_a_month_are_under_the_cap_by_either_of_their_times(platform):
    limit = NOW - timedelta(days=30)
    for column in (web_sessions.c.created_at, web_sessions.c.last_seen_at):
        old = platform.count(web_sessions, column <= limit)
        assert 0 < old < 0.11 * platform.count(web_sessions)


def test_accounts_were_cancelled_long_ago_and_recently_and_some_are_suspended(platform):
    assert platform.count(users, users.c.cancelled_at <= epoch(30)) == 21
    assert platform.count(users, users.c.cancelled_at > epoch(30)) == 9
    assert platform.count(users, users.c.status == Status.SUSPENDED) == 6
    cancelled = users.c.status == Status.CANCELLED
    assert (
        platform.count(users, cancelled)
        == platform.count(users, users.c.cancelled_at.is_not(None))
        == 30
    )


def test_nobody_acts_before_the_account_opens_or_after_it_is_cancelled(platform):
    people = {row.id: row for row in platform.conn.execute(select(users))}

    def lived(user_id: int, at: int) -> bool:
        person = people[user_id]
        return person.created_at <= at and at < (person.cancelled_at or at + 1)

    acts = platform.conn.execute(
        select(logs.c.user_id, logs.c.created_at, logs.c.username).where(
            logs.c.user_id.is_not(None)
        )
    ).all()
    assert all(lived(act.user_id, act.created_at) for act in acts)
    assert all(people[act.user_id].username == act.username for act in acts)
    for user_id, at in platform.conn.execute(select(payments.c.user_id, payments.c.paid_at)):
        assert lived(user_id, int(at.replace(tzinfo=UTC).timestamp()))


def test_a_cancelled_account_has_no_session_left(platform):
    gone = select(users.c.id).where(users.c.status == Status.CANCELLED)
    assert platform.count(web_sessions, web_sessions.c.user_id.in_(gone)) == 0


def test_entries_of_the_platform_itself_belong_to_nobody(platform):
    own = logs.c.type.in_([LogType.MANAGEMENT, LogType.SYSTEM])
    assert platform.count(logs, own) > 100
    assert platform.count(
        logs, own, logs.c.user_id.is_(None), logs.c.username == ""
    ) == platform.count(logs, own)


def test_every_payment_left_a_top_up_in_the_logs(platform):
    paid = platform.conn.execute(select(payments.c.user_id, payments.c.paid_at)).all()
    logged = platform.conn.execute(
        select(logs.c.user_id, logs.c.created_at).where(logs.c.type == LogType.TOP_UP)
    ).all()
    assert sorted((user, int(at.replace(tzinfo=UTC).timestamp())) for user, at in paid) == sorted(
        map(tuple, logged)
    )


def test_addresses_and_countries_are_invented_but_valid(platform):
    rows = platform.conn.execute(select(users)).all()
    assert all(re.search(r"@example\.(com|org|net)$", row.email) for row in rows)
    assert {row.email for row in rows} >= set(
        platform.conn.scalars(select(support_messages.c.from_email))
    )
    countries = {row.country for row in rows}
    assert {"CN", "DE", "FR", "GB", "US", "BR", "IN"} <= countries
    assert all(re.fullmatch("[A-Z]{2}", country) for country in countries)


def test_every_network_address_is_reserved_for_documentation(platform):
    seen = set(platform.conn.scalars(select(web_sessions.c.ip)))
    seen |= {line["ip"] for _, line in platform.access_lines()}
    for device in platform.conn.scalars(
        select(logs.c.metadata).where(logs.c.metadata.is_not(None))
    ):
        fields = json.loads(device)
        assert fields.keys() == {"client_ip", "user_agent"}
        seen.add(fields["client_ip"])
    assert {ip_address(ip).version for ip in seen} == {4, 6}
    assert all(any(ip_address(ip) in net for net in RESERVED) for ip in seen)


def test_nothing_reads_like_a_card_number(platform):
    for table in metadata.sorted_tables:
        for row in platform.conn.execute(select(table)):
            assert not DIGITS.search(" ".join(map(str, row))), table.name


def test_bodies_of_calls_are_json(platform):
    row = platform.conn.execute(select(call_contents)).first()
    assert json.loads(row.request_body)["messages"][0]["role"] == "user"
    assert json.loads(row.response_body)["choices"][0]["message"]["role"] == "assistant"


def test_keys_were_made_and_used_while_the_account_lived(platform):
    for key, opened, cancelled in platform.conn.execute(
        select(api_keys.c.created_at, users.c.created_at, users.c.cancelled_at).join(users)
    ):
        assert opened <= key < (cancelled or epoch(0))


def test_access_logs_hold_one_day_a_file_and_go_back_beyond_seven_months(platform):
    lines = list(platform.access_lines())
    keys = {"ts", "user_id", "ip", "method", "path", "status", "user_agent"}
    assert all(line.keys() == keys for _, line in lines)
    assert all(path.name == f"access-{line['ts'][:10]}.jsonl" for path, line in lines)
    assert len({path for path, _ in lines}) == pytest.approx(240, abs=2)
    old = [line for _, line in lines if line["ts"] < "2025-11-15"]
    assert 0 < len(old) < CAP * len(lines)
    assert max(line["ts"] for _, line in lines) < "2026-06-15T12:00:00Z"
