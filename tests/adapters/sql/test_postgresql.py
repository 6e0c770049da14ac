"""What holds on PostgreSQL alone."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime

import psycopg
import pytest
import sqlalchemy as sa

from adapters.sql import SqlAdapter, postgresql
from engine.datamap.model import Dataset, TimeSource
from engine.errors import StoreUnavailable
from engine.ports import Always, Before, Change, Edit, KeyIn, OneOf, TimeMissing
from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.postgres


@pytest.fixture
def url(postgres: PostgresServer) -> Iterator[str]:
    with postgres.database() as url:
        yield url


@pytest.fixture
def run(url: str) -> Iterator:
    engine = sa.create_engine(url)

    def run(*statements: str) -> list:
        with engine.begin() as conn:
            results = [conn.exec_driver_sql(statement) for statement in statements]
            return [tuple(row) for row in results[-1]] if results[-1].returns_rows else []

    yield run
    engine.dispose()


@pytest.fixture
def adapter(url: str) -> Iterator[SqlAdapter]:
    adapter = SqlAdapter("platform", url)
    yield adapter
    adapter.close()


def dataset(table: str, **said) -> Dataset:
    return Dataset(store="platform", table=table, key=("id",), **said)


def test_columns_of_many_types_compare_with_text_and_never_abort(run, adapter):
    id_ = uuid.UUID(int=7)
    run(
        "CREATE TYPE mood AS ENUM ('glad', 'sad')",
        "CREATE TABLE odd (id UUID PRIMARY KEY, mood mood, ip INET, day DATE, n NUMERIC, c CHAR(5),"
        " tags TEXT[], doc JSONB, raw JSON)",
        f"INSERT INTO odd VALUES ('{id_}', 'sad', '10.1.2.3', '2026-05-01', 1.50, 'ab', '{{x}}',"
        """ '{"k": "v"}', '{"k": "v", "z": "\\u0000"}')""",
    )
    odd = dataset("odd")
    for field, right, wrong in (
        ("id", str(id_), "no uuid"),
        ("mood", "sad", "angry"),
        ("ip", "10.1.2.3", "10.1.2.999"),
        ("day", "2026-05-01", "2026-02-31"),
        ("n", "1.5", "1,5"),
        ("c", "ab", "abc"),
        ("tags", "{x}", "x"),
        ("doc", '{"k": "v"}', "{"),
        ("doc.k", "v", "w"),
    ):
        assert adapter.count(odd, OneOf(field, (right,))) == 1, field
        assert adapter.count(odd, OneOf(field, (wrong,))) == 0, field
    assert adapter.count(odd, OneOf("raw.k", ("v",))) == 0  # a NUL: no text of PostgreSQL holds it
    ((record,),) = adapter.scan(odd, KeyIn(((str(id_),),)), ("ip", "day", "doc", "mood"))
    assert record.values == {
        "ip": "10.1.2.3",
        "day": date(2026, 5, 1),
        "doc": {"k": "v"},
        "mood": "sad",
    }


def test_addresses_and_dates_of_their_own_types_are_anonymised(run, adapter):
    run(
        "CREATE TABLE visits (id INT PRIMARY KEY, ip INET, born DATE, at TIMESTAMPTZ)",
        "INSERT INTO visits VALUES (1, '10.1.2.3', '1990-07-14', '2026-05-01T12:00:00Z'),"
        " (2, '2001:db8:1:2::3', NULL, NULL)",
    )
    changes = {"ip": Change("truncate ip"), "born": Change("year"), "at": Change("year")}
    for rows in (2, 0):
        edits = [Edit(Always(), changes)]
        assert adapter.apply(dataset("visits"), edits, limit=9).rows == (rows,)
    assert run("SELECT host(ip), born, at FROM visits ORDER BY id") == [
        ("10.1.2.0", date(1990, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)),
        ("2001:db8:1::", None, None),
    ]


def test_times_without_end_or_of_a_day_are_read(run, adapter):
    run(
        "CREATE TABLE visits (id INT PRIMARY KEY, at TIMESTAMPTZ, day DATE)",
        "INSERT INTO visits VALUES (1, 'infinity', 'infinity'), (2, '-infinity', '-infinity'),"
        " (3, '2026-05-01T00:00:00Z', '2026-05-01'), (4, '0001-01-01T00:00:00Z', '0001-01-01')",
    )
    visits, limit = dataset("visits"), datetime(2026, 5, 1, tzinfo=UTC)
    for field in ("at", "day"):
        time = TimeSource(field=field)
        assert adapter.count(visits, Before(time, limit)) == 0
        assert adapter.count(visits, Before(time, limit.replace(microsecond=1))) == 1
        assert adapter.count(visits, TimeMissing(time)) == 3
        assert adapter.extent(visits, Always(), time) == (limit, limit)


def test_a_zone_of_the_server_or_its_users_changes_nothing(run, url):
    name = sa.make_url(url).database
    run(
        f"ALTER DATABASE {name} SET timezone = 'Asia/Shanghai'",
        f"ALTER DATABASE {name} SET datestyle = 'SQL, DMY'",
        "CREATE TABLE visits (id INT PRIMARY KEY, at TIMESTAMP, said TEXT)",
        "INSERT INTO visits VALUES (1, '2026-05-01 12:00', '2026-05-01 12:00:00')",
    )
    adapter = SqlAdapter("platform", url)
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    for time in (TimeSource(field="at"), TimeSource(field="said", form="text")):
        assert adapter.extent(dataset("visits"), Always(), time) == (noon, noon)
        assert adapter.count(dataset("visits"), Before(time, noon)) == 0
    adapter.close()


def test_a_table_of_another_schema_is_reached_by_its_full_name(run, adapter):
    run(
        'CREATE SCHEMA "clinic-1"',
        'CREATE TABLE "clinic-1".patients (id INT PRIMARY KEY, name TEXT)',
        """INSERT INTO "clinic-1".patients VALUES (1, 'x')""",
    )
    patients = dataset("clinic-1.patients")
    assert adapter.count(patients, Always()) == 1
    assert [shape.name for shape in adapter.shapes()] == ["clinic-1.patients"]
    assert adapter.grants(patients, "upheld")[0] == 'GRANT USAGE ON SCHEMA "clinic-1" TO upheld;'
    assert adapter.apply(patients, [Edit(Always())], limit=1).rows == (1,)


def test_the_grants_suffice_and_nothing_more_is_allowed(run, url, adapter):
    run(
        "CREATE TABLE users (id INT PRIMARY KEY, email TEXT, balance INT)",
        "CREATE TABLE others (id INT PRIMARY KEY)",
        "INSERT INTO users VALUES (1, 'a', 5), (2, 'b', 6)",
        "DROP ROLE IF EXISTS purger",
        "CREATE ROLE purger LOGIN PASSWORD 'p'",
    )
    users = dataset("users", row="account", fields={"email": "account.email"})
    run(*adapter.grants(users, "purger"))
    purger = SqlAdapter(
        "platform",
        sa.make_url(url).set(username="purger", password="p").render_as_string(False),
    )
    assert purger.count(users, OneOf("balance", ("5",))) == 1
    erased = [Edit(Always(), {"email": Change("set")})]
    assert purger.apply(users, erased, limit=9).rows == (2,)
    assert purger.apply(users, [Edit(OneOf("id", ("1",)))], limit=9).rows == (1,)
    with pytest.raises(StoreUnavailable, match="`upheld datamap grants`"):
        purger.apply(users, [Edit(Always(), {"balance": Change("set")})], limit=9)
    with pytest.raises(StoreUnavailable, match="may not do that"):
        purger.count(dataset("others"), Always())
    purger.close()
    run("DROP OWNED BY purger", "DROP ROLE purger")


def test_a_lock_that_is_held_too_long_is_told_of(run, url, monkeypatch):
    monkeypatch.setattr(postgresql, "LOCK_SECONDS", 0.05)
    run("CREATE TABLE users (id INT PRIMARY KEY)", "INSERT INTO users VALUES (1)")
    adapter = SqlAdapter("platform", url)
    with psycopg.connect(url.replace("+psycopg", "")) as other:
        other.execute("SELECT * FROM users FOR UPDATE")
        with pytest.raises(StoreUnavailable, match="holds a lock for too long"):
            adapter.apply(dataset("users"), [Edit(Always())], limit=9)
    assert adapter.apply(dataset("users"), [Edit(Always())], limit=9).rows == (1,)
    adapter.close()


def test_rows_of_child_tables_are_not_mistaken_for_those_of_the_parent(run, adapter):
    run(
        "CREATE TABLE calls (id INT, k INT)",
        "CREATE TABLE old_calls () INHERITS (calls)",
        "INSERT INTO calls VALUES (1, 1), (2, 0)",
        "INSERT INTO old_calls VALUES (3, 0), (4, 0)",
    )
    assert adapter.apply(dataset("calls"), [Edit(OneOf("k", ("1",)))], limit=9).rows == (1,)
    assert run("SELECT id FROM calls ORDER BY id") == [(2,), (3,), (4,)]
