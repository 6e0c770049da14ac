"""What the conformance suite's tables do not show: keys, constraints, failures; on each database."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from adapters.sql import SqlAdapter
from adapters.sql.flavour import Flavour
from engine.datamap.model import Dataset, TimeSource
from engine.errors import Conflict, PolicyError, StoreUnavailable
from engine.ports import Always, Before, Change, Edit, IsNull, KeyIn, Not, OneOf, TimeMissing


@pytest.fixture
def run(platform_url: str) -> Iterator:
    """Runs statements on the platform's database, as its own programs would."""
    engine = sa.create_engine(platform_url)

    def run(*statements: str) -> list:
        with engine.begin() as conn:
            results = [conn.exec_driver_sql(statement) for statement in statements]
            return [tuple(row) for row in results[-1]] if results[-1].returns_rows else []

    yield run
    engine.dispose()


@pytest.fixture
def adapter(platform_url: str) -> Iterator[SqlAdapter]:
    adapter = SqlAdapter("platform", platform_url)
    yield adapter
    adapter.close()


def dataset(table: str, *key: str, **said) -> Dataset:
    return Dataset(store="platform", table=table, key=key or ("id",), **said)


def scanned(adapter: SqlAdapter, data: Dataset, *fields: str, batch: int = 2) -> list:
    return [record for part in adapter.scan(data, Always(), fields, batch=batch) for record in part]


def test_a_key_of_several_columns_orders_finds_and_deletes(run, adapter):
    run(
        "CREATE TABLE stays (ward TEXT, nr INTEGER, note TEXT, PRIMARY KEY (ward, nr))",
        "INSERT INTO stays VALUES ('b', 1, ''), ('a', 2, ''), ('a', 10, ''), ('b', 0, '')",
    )
    stays = dataset("stays", "ward", "nr")
    keys = [record.key for record in scanned(adapter, stays)]
    assert keys == [("a", 2), ("a", 10), ("b", 0), ("b", 1)]
    assert adapter.count(stays, KeyIn((("a", "10"), ("b", 1), ("b", "x"), ("c", 1)))) == 2
    adapter.apply(stays, [Edit(KeyIn((("a", "10"), ("b", 1))))], limit=10)
    assert run("SELECT ward, nr FROM stays ORDER BY 1, 2") == [("a", 2), ("b", 0)]


def test_a_key_that_is_not_unique_loses_no_row_between_two_batches(run, adapter):
    run(
        "CREATE TABLE visits (id INTEGER, n INTEGER)",
        "INSERT INTO visits VALUES (1, 1), (1, 2), (1, 3), (2, 4), (NULL, 5)",
    )
    records = scanned(adapter, dataset("visits"), "n")
    assert sorted(record.values["n"] for record in records) == [1, 2, 3, 4, 5]


def test_a_key_that_may_be_null_loses_no_row(run, adapter):
    run(
        "CREATE TABLE visits (id TEXT UNIQUE, n INTEGER)",
        "INSERT INTO visits VALUES (NULL, 1), ('a', 2), (NULL, 3), ('b', 4), (NULL, 5)",
    )
    assert len(scanned(adapter, dataset("visits"), "n")) == 5


def test_a_table_without_addresses_of_rows_is_purged_by_key(run, adapter, dialect):
    if dialect == "sqlite":
        run("CREATE TABLE calls (id INTEGER PRIMARY KEY, k INTEGER) WITHOUT ROWID")
    else:
        run(
            "CREATE TABLE calls (id INTEGER, k INTEGER, PRIMARY KEY (id, k)) PARTITION BY LIST (k)",
            "CREATE TABLE calls_0 PARTITION OF calls FOR VALUES IN (0)",
            "CREATE TABLE calls_1 PARTITION OF calls FOR VALUES IN (1)",
        )
    rows = ", ".join(f"({n}, {n % 2})" for n in range(1, 11))
    run(f"INSERT INTO calls VALUES {rows}")
    calls, edits = dataset("calls"), [Edit(OneOf("k", ("1",)))]
    assert adapter.apply(calls, edits, limit=3).rows == (3,)
    assert adapter.apply(calls, edits, limit=3).more is False
    assert run("SELECT id FROM calls ORDER BY id") == [(n,) for n in (2, 4, 6, 8, 10)]
    change = [Edit(OneOf("id", ("2", "4")), {"id": Change("set", "7")})]
    assert adapter.apply(calls, change, limit=1).rows == (1,)


def test_a_key_that_is_shared_never_deletes_a_row_that_is_not_meant(run, platform_url):
    run(
        "CREATE TABLE mixed (id INTEGER, k INTEGER)",
        "INSERT INTO mixed VALUES (1, 1), (1, 2), (2, 1)",
    )
    adapter = SqlAdapter("platform", platform_url, flavour=Flavour())
    adapter.apply(dataset("mixed"), [Edit(OneOf("k", ("1",)))], limit=10)
    adapter.close()
    assert run("SELECT id, k FROM mixed") == [(1, 2)]


def test_a_database_without_a_flavour_of_its_own_does_what_it_can_and_says_what_not(
    run, platform_url
):
    run(
        "CREATE TABLE calls (id INTEGER PRIMARY KEY, at BIGINT, text_at TEXT, doc TEXT)",
        "INSERT INTO calls VALUES (1, 100, '', '{}'), (2, 200, '', '{}')",
    )
    adapter = SqlAdapter("platform", platform_url, flavour=Flavour())
    calls = dataset("calls")
    limit = datetime.fromtimestamp(150, UTC)
    assert adapter.count(calls, Before(TimeSource(field="at", form="epoch seconds"), limit)) == 1
    for condition, what in (
        (Before(TimeSource(field="text_at", form="text"), limit), "times in texts"),
        (OneOf("doc.a", ("x",)), "paths into JSON columns"),
    ):
        with pytest.raises(PolicyError, match=f"generic does not offer {what}"):
            adapter.count(calls, condition)
    with pytest.raises(PolicyError, match="does not offer `anonymise: hash`"):
        adapter.apply(calls, [Edit(Always(), {"text_at": Change("hash")})], limit=1)
    adapter.close()


def test_the_wrong_form_of_a_time_is_refused_before_anything_is_compared(run, adapter):
    run("CREATE TABLE calls (id INTEGER PRIMARY KEY, at BIGINT, ok BOOLEAN)")
    for time in (TimeSource(field="at"), TimeSource(field="ok", form="epoch seconds")):
        with pytest.raises(PolicyError, match="does not fit `as:") as refused:
            adapter.count(dataset("calls"), TimeMissing(time))
        assert refused.value.findings[0].code == "WRONG_TIME_FORM"


def test_epochs_and_json_times_in_text_columns_are_read(run, adapter):
    run(
        "CREATE TABLE calls (id INTEGER PRIMARY KEY, at TEXT)",
        "INSERT INTO calls VALUES (1, '100'), (2, '200.5'), (3, 'soon'), (4, '0'), (5, NULL)",
    )
    calls, time = dataset("calls"), TimeSource(field="at", form="epoch seconds")
    assert adapter.count(calls, Before(time, datetime.fromtimestamp(200.25, UTC))) == 1
    assert adapter.count(calls, Before(time, datetime.fromtimestamp(201, UTC))) == 2
    assert adapter.count(calls, TimeMissing(time)) == 3
    newest = datetime.fromtimestamp(200.5, UTC)
    assert adapter.extent(calls, Always(), time) == (datetime.fromtimestamp(100, UTC), newest)


def test_rows_that_others_point_to_stay_and_the_message_says_why(run, adapter):
    run(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)",
        "CREATE TABLE keys (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id))",
        "INSERT INTO users VALUES (1, 'ada@example.org')",
        "INSERT INTO keys VALUES (1, 1)",
    )
    with pytest.raises(Conflict, match="rows of another table still point to") as refused:
        adapter.apply(dataset("users"), [Edit(Always())], limit=10)
    assert "ada" not in str(refused.value)
    assert run("SELECT count(*) FROM users") == [(1,)]


def test_erasing_what_may_not_be_null_says_what_to_write_instead(run, adapter):
    run(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL)",
        "INSERT INTO users VALUES (1, 'ada@example.org')",
    )
    users = dataset("users")
    with pytest.raises(PolicyError, match='`erase: ""`') as refused:
        adapter.apply(users, [Edit(Always(), {"email": Change("set")})], limit=10)
    assert "ada" not in str(refused.value)
    truncated = [Edit(Always(), {"email": Change("truncate ip")})]
    assert adapter.apply(users, truncated, limit=10).rows == (1,)
    assert run("SELECT email FROM users") == [("",)]


def test_one_failing_edit_undoes_the_whole_batch(run, adapter):
    run(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL)",
        "INSERT INTO users VALUES (1, 'a'), (2, 'b')",
    )
    edits = [Edit(OneOf("id", ("1",))), Edit(Always(), {"email": Change("set")})]
    with pytest.raises(PolicyError):
        adapter.apply(dataset("users"), edits, limit=10)
    assert run("SELECT count(*) FROM users") == [(2,)]


def test_a_value_or_way_that_does_not_fit_the_column_is_refused(run, adapter):
    run("CREATE TABLE users (id INTEGER PRIMARY KEY, born INTEGER)")
    for change, code in (
        (Change("set", "x"), "WRONG_ERASE"),
        (Change("year"), "WRONG_ANONYMISE"),
        (Change("hash"), "WRONG_ANONYMISE"),
    ):
        with pytest.raises(PolicyError) as refused:
            adapter.apply(dataset("users"), [Edit(Always(), {"born": change})], limit=1)
        assert refused.value.findings[0].code == code


def test_a_hash_is_as_long_as_its_column_allows(run, adapter):
    run(
        "CREATE TABLE visits (id INTEGER PRIMARY KEY, ip VARCHAR(20), long TEXT)",
        "INSERT INTO visits VALUES (1, '10.0.0.1', 'x')",
    )
    change = {"ip": Change("hash"), "long": Change("hash")}
    adapter.apply(dataset("visits"), [Edit(Always(), change)], limit=1)
    ((ip, long),) = run("SELECT ip, long FROM visits")
    assert (len(ip), len(long)) == (20, 69)


def test_equal_keys_make_equal_hashes_from_run_to_run(run, platform_url):
    run("CREATE TABLE visits (id INTEGER PRIMARY KEY, ip TEXT)")
    seen = []
    for key in (b"one", b"one", None, None):
        run("DELETE FROM visits", "INSERT INTO visits VALUES (1, '10.0.0.1')")
        adapter = SqlAdapter("platform", platform_url, hash_key=key)
        adapter.apply(dataset("visits"), [Edit(Always(), {"ip": Change("hash")})], limit=1)
        adapter.close()
        seen += run("SELECT ip FROM visits")
    assert seen[0] == seen[1]
    assert len({seen[1], seen[2], seen[3]}) == 3


def test_a_dotted_column_is_a_column_and_no_path(run, adapter):
    run(
        'CREATE TABLE odd (id INTEGER PRIMARY KEY, "a.b" TEXT, a TEXT)',
        """INSERT INTO odd VALUES (1, 'x', '{"b": "y", "c": "z"}')""",
    )
    (record,) = scanned(adapter, dataset("odd"), "a.b", "a.c")
    assert record.values == {"a.b": "x", "a.c": "z"}


def test_a_table_that_does_not_exist_is_refused_with_the_nearest(run, adapter):
    run("CREATE TABLE patients (id INTEGER PRIMARY KEY)")
    with pytest.raises(PolicyError, match=r"no table `patient` .* did you mean `patients`"):
        adapter.count(dataset("patient"), Always())
    assert adapter.count(dataset("patients"), Always()) == 0


def test_a_schema_that_changes_while_running_is_noticed(run, adapter):
    run("CREATE TABLE users (id INTEGER PRIMARY KEY, mail TEXT)")
    users = dataset("users")
    assert adapter.count(users, IsNull("mail")) == 0
    run("ALTER TABLE users RENAME COLUMN mail TO email")
    with pytest.raises(PolicyError, match="have changed"):
        adapter.count(users, IsNull("mail"))
    assert adapter.count(users, IsNull("email")) == 0


def test_references_keys_and_indexes_are_seen(run, adapter):
    run(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE)",
        "CREATE TABLE keys (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id))",
        "CREATE INDEX keys_user ON keys (user_id, id)",
        "CREATE INDEX keys_odd ON keys (id, (user_id + 1))",
    )
    keys, users = adapter.shapes()
    assert (keys.name, keys.key, users.name) == ("keys", ("id",), "users")
    assert [column.references for column in keys.columns] == [None, "users.id"]
    assert ("user_id", "id") in keys.indexes
    assert ("email",) in users.indexes
    assert users.columns[1].nullable is False


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://u:s3cret@127.0.0.1:1/none?connect_timeout=1",
        "sqlite:////nowhere/at/all.db",
    ],
)
def test_a_store_that_cannot_be_reached_says_so_without_its_password(url):
    adapter = SqlAdapter("platform", url)
    for use in (
        adapter.shapes,
        lambda: adapter.count(dataset("users"), Always()),
        lambda: list(adapter.scan(dataset("users"), Always(), ())),
        lambda: adapter.apply(dataset("users"), [Edit(Not(Always()))], limit=1),
    ):
        with pytest.raises(StoreUnavailable, match="the store `platform` does not answer") as told:
            use()
        assert "s3cret" not in str(told.value)
    adapter.close()


def test_a_url_that_is_none_is_refused():
    for url in ("nonsense", "oracle+nothing://x", "mysql://u:s3cret@h/d"):
        with pytest.raises(PolicyError, match="the url of the store `platform`") as refused:
            SqlAdapter("platform", url)
        assert "s3cret" not in str(refused.value)
