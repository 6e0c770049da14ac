"""What an erasure had to leave is there for the law alone, until it is gone; nobody else is touched by it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.consent.facts import ConsentFacts
from engine.decisions.decision import Request
from engine.decisions.service import DecisionService
from engine.decisions.table import compile_table
from engine.retention import holds
from engine.retention.purge import Settings
from engine.retention.service import RetentionService
from engine.rights.state import Status
from engine.store.tables.retention import departures, restrictions
from tests.engine.rights.shop import shop_policy
from tests.engine.rights.test_deletion import add_customer, delete

SERVICE = Request("use", "bill.invoice", "service")
BOOKS = Request("use", "bill.invoice", "books")
SHARE = Request("share", "bill", "service", "cloud")


@pytest.fixture
def decisions(shop) -> DecisionService:
    table = compile_table(shop_policy())
    facts = ConsentFacts(shop.parts.consent)
    return DecisionService(shop.parts.database, lambda: table, facts, shop.parts.clock)


def retention(shop):
    parts = shop.parts
    live = {name: spec for name, spec in parts.datamap.datasets.items() if not spec.backup_of}
    datamap = replace(parts.datamap, datasets=live)
    settings = Settings(guarded=False)
    return RetentionService(
        parts.database, shop_policy(), datamap, parts.adapters, parts.clock, settings
    )


def kept(shop, table):
    with shop.parts.database.read() as conn:
        return [row._asdict() for row in conn.execute(select(table))]


def test_what_is_left_may_be_used_for_the_law_alone_until_it_is_gone(shop, clock, decisions):
    assert decisions.decide(SERVICE, "1").permitted
    assert delete(shop, clock).status is Status.COMPLETED
    denied = decisions.decide(SERVICE, "1")
    assert not denied.permitted
    assert "processing of `bill.invoice` is not restricted" in denied.reason
    assert "no restriction" in [one.label for one in denied.missing if one.known]
    assert not decisions.decide(SHARE, "1").permitted
    assert decisions.decide(BOOKS, "1").permitted
    assert decisions.decide(SERVICE, "2").permitted

    service = retention(shop)
    service.plan()
    assert kept(shop, restrictions)
    clock.advance(timedelta(days=9 * 366))
    service.purge()
    assert shop.value("SELECT count(*) FROM invoices WHERE customer_id = 1") == 0
    service.plan()
    assert kept(shop, restrictions) == []
    after = decisions.decide(SERVICE, "1")
    assert "no restriction" not in [one.label for one in after.missing if one.known]


def test_what_a_hold_keeps_is_restricted_too(shop, clock, decisions):
    with shop.parts.database.begin() as conn:
        holds.add_hold(
            conn, shop_policy(), shop.parts.datamap, "dispute", holds.Scope(subject="1"),
            note="n", by="o", review_at=clock.now() + timedelta(days=90), now=clock.now(),
        )  # fmt: skip
    delete(shop, clock)
    denied = decisions.decide(Request("use", "order.record", "service"), "1")
    assert "no restriction" in [one.label for one in denied.missing if one.known]


def test_whoever_has_the_id_next_is_not_restricted_by_what_is_left_of_another(
    shop, clock, decisions
):
    shop.sql("DELETE FROM invoices WHERE customer_id = 1")
    with shop.parts.database.begin() as conn:
        holds.add_hold(
            conn, shop_policy(), shop.parts.datamap, "dispute", holds.Scope(subject="1"),
            note="n", by="o", review_at=clock.now() + timedelta(days=90), now=clock.now(),
        )  # fmt: skip
    delete(shop, clock)
    assert kept(shop, restrictions)
    for table in ("order_lines", "orders", "customers"):
        shop.sql(f"DELETE FROM {table} WHERE {'id' if table == 'customers' else '1'} = 1")
    add_customer(shop, 1, "new@mail.example", "New", clock.now())
    assert decisions.decide(Request("use", "order.record", "service"), "1").permitted


def test_of_a_departed_person_only_what_kept_rows_hold_is_kept(shop, clock):
    delete(shop, clock)
    shops = [row for row in kept(shop, departures) if row["dataset"] == "customers"]
    assert [(row["field"], row["value"]) for row in shops] == [("id", "1")]
    assert {row["value"] for row in kept(shop, restrictions)} == {"1"}


def test_what_was_kept_of_a_departed_person_goes_with_the_last_row(shop, clock):
    delete(shop, clock)
    shop.sql("DELETE FROM invoices WHERE customer_id = 1")
    shop.sql("DELETE FROM customers WHERE id = 1")
    retention(shop).plan()
    assert [row for row in kept(shop, departures) if row["dataset"] == "customers"] == []
    assert kept(shop, restrictions) == []


def test_nothing_is_kept_of_somebody_of_whom_no_row_stays(shop, clock):
    shop.sql("DELETE FROM invoices WHERE customer_id = 1")
    delete(shop, clock)
    assert [row for row in kept(shop, departures) if row["dataset"] == "customers"] == []
    assert kept(shop, restrictions) == []
