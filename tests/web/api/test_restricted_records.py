"""`/v1/records/filter` and what is restricted of the record itself, on each database that Upheld runs on."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table as SqlTable
from sqlalchemy import create_engine, delete, insert, update

from engine.decisions.table import Table
from engine.policy.versions import PolicyFolder, Versions
from engine.retention.restricted import Left, remember
from tests.support.installation import FIRST, JUNE, SECOND, SEED, World, tables
from upheld.demo.schema import logs, payments, users

PAYMENT = {
    "user_id": 1, "amount_cents": 900, "currency": "EUR", "processor": "p", "processor_token": "t",
    "country": "DE",
}  # fmt: skip
RULE = """
  - id: calls-restricted
    clause: unstated
    decided by: privacy officer
    reason: after a month the calls are there to answer the customer's questions
    data: [usage.call]
    keep: 30 days
    after: record.created
    then: restrict
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The policies, with a rule that restricts calls one by one."""
    path = tmp_path_factory.mktemp("restricting") / "aicodewith"
    shutil.copytree(SEED, path)
    file = path / FIRST / "retention.yaml"
    file.write_text(file.read_text().replace("rules:\n", f"rules:{RULE}\n", 1))
    for version in (FIRST, SECOND):
        PolicyFolder(path).publish(version, by="an officer", now=JUNE)
    return path


@pytest.fixture(scope="module")
def versions(folder: Path) -> Versions:
    return PolicyFolder(folder).published()


@pytest.fixture(scope="module")
def table_of(versions: Versions) -> Callable[[str], Table]:
    return tables(versions)


def execute(world: World, *statements: Any) -> None:
    engine = create_engine(world.platform_url)
    with engine.begin() as conn:
        for statement in statements:
            conn.execute(statement)
    engine.dispose()


def store(world: World, table: SqlTable, **row: Any) -> None:
    execute(world, insert(table).values(**row))


def add_call(world: World, number: int, made_at: datetime) -> dict[str, Any]:
    """A call of person 1; returns the record as a service has it."""
    seen = {"id": number, "user_id": 1, "model_name": "m"}
    counted = dict.fromkeys(("prompt_tokens", "completion_tokens", "quota"), 1)
    made = int(made_at.timestamp())
    store(world, logs, **seen, **counted, type=2, username="ann", created_at=made)
    return seen


def ask(world: World, dataset: str, record: dict[str, Any], purpose: str, **more: Any) -> Any:
    body = {"dataset": dataset, "record": record, "purpose": purpose, **more}
    answer = world.post("/v1/records/filter", body, scope="decide")
    assert answer.status_code == 200, answer.text
    return answer.json


def reasons(told: Any) -> dict[str, str]:
    return {one["field"]: one["reason"] for one in told["removed"]}


def test_a_row_past_its_term_is_taken_out_though_its_neighbour_is_not(world: World):
    world.person("1", agreed=FIRST)
    old = add_call(world, 1, world.clock.now() - timedelta(days=31))
    young = add_call(world, 2, world.clock.now() - timedelta(days=29))
    told = ask(world, "api_calls", old, "provide-service")
    assert "model_name" not in told["record"]
    assert "this record is there for the law alone" in reasons(told)["model_name"]
    assert ask(world, "api_calls", young, "provide-service")["record"] == young
    world.clock.advance(timedelta(days=2))
    assert "model_name" not in ask(world, "api_calls", young, "provide-service")["record"]


def test_what_is_restricted_stays_for_the_law(world: World):
    """Payment records, 30 days after the account was cancelled; whoever the service says that it is."""
    world.person("1", agreed=FIRST, account="cancelled")
    world.person("2", agreed=FIRST)
    store(world, payments, id=5, paid_at=datetime(2026, 3, 1, tzinfo=UTC), **PAYMENT)
    record = {"id": 5, "user_id": 1, "amount_cents": 900}
    for days, paid_out in ((29, True), (31, False)):
        cancelled = int((world.clock.now() - timedelta(days=days)).timestamp())
        execute(world, update(users).where(users.c.id == 1).values(cancelled_at=cancelled))
        told = ask(world, "payments", record, "payments", subject="2")
        assert ("amount_cents" in told["record"]) is paid_out
        assert ask(world, "payments", record, "accounting", subject="2")["record"] == record


@pytest.mark.parametrize(
    "record",
    [
        {"id": 404, "user_id": 1},
        {"user_id": 1},
        {"id": None, "user_id": 1},
        {"id": 10**30, "user_id": 1},
        {"id": "1; DROP TABLE logs", "user_id": 1},
        {"id": [1], "user_id": 1},
    ],
)
def test_a_row_that_cannot_be_read_is_unknown_and_permits_nothing(world: World, record):
    world.person("1", agreed=FIRST)
    told = ask(world, "api_calls", {**record, "model_name": "m"}, "provide-service")
    assert "model_name" not in told["record"]
    assert "this record cannot be read by its key" in reasons(told)["model_name"]


def test_what_no_rule_restricts_is_decided_without_the_row(world: World):
    world.person("1", agreed=FIRST)
    record = {"id": 404, "email": "a@b.example"}
    assert ask(world, "users", record, "provide-service", subject="1")["record"] == record


def test_a_store_that_does_not_answer_permits_nothing_but_to_the_law(world: World):
    world.person("1", agreed=FIRST)
    store(world, payments, id=5, paid_at=datetime(2026, 6, 1, tzinfo=UTC), **PAYMENT)
    record = {"id": 5, "user_id": 1, "amount_cents": 900}
    assert ask(world, "payments", record, "payments")["record"] == record
    engine = create_engine(world.platform_url)
    payments.drop(engine)
    engine.dispose()
    told = ask(world, "payments", record, "payments")
    assert "this record cannot be read" in reasons(told)["amount_cents"]
    assert ask(world, "payments", record, "accounting")["record"] == record


def test_what_an_erasure_left_is_not_the_next_holders(world: World):
    """The row leads to somebody new who has the id; what is as old as they are is theirs."""
    world.person("2", agreed=FIRST)
    now = world.clock.now()
    left = Left("payments", "payment.record", "users.id", "1")
    with world.services.database.begin() as conn:
        remember(conn, "1", [left], datetime(2025, 1, 1, tzinfo=UTC), now)
    store(world, payments, id=5, paid_at=datetime(2025, 6, 1, tzinfo=UTC), **PAYMENT)
    store(world, payments, id=6, paid_at=datetime(2026, 6, 1, tzinfo=UTC), **PAYMENT)
    before, after = ({"id": number, "user_id": 1, "amount_cents": 900} for number in (5, 6))

    def shown(record: dict[str, Any]) -> bool:
        told = ask(world, "payments", record, "payments", subject="2")
        return "amount_cents" in told["record"]

    assert (shown(before), shown(after)) == (False, False)
    assert ask(world, "payments", before, "accounting", subject="2")["record"] == before
    world.person("1", agreed=FIRST)
    assert (shown(before), shown(after)) == (False, True)
    execute(world, delete(payments).where(payments.c.id == 6))
    assert not shown(after)
