"""Reports are decided on and counted, at once and for nobody in particular."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from engine.decisions.decision import Request
from engine.decisions.facts import SubjectFacts
from engine.decisions.service import DecisionService
from engine.decisions.table import compile_table
from engine.promises import observations
from engine.promises.reports import Reports
from engine.store.tables.promises import observations as table
from tests.engine.promises.conftest import CUSTOMER


class Known:
    """Everybody is the same active customer who chose nothing."""

    def facts_of(
        self,
        conn: Connection,
        subject_id: str,
        *,
        now: object,
        by_api_key: bool = False,
        signals: object = None,
    ) -> SubjectFacts:
        return CUSTOMER


@pytest.fixture
def reports(shop: Any) -> Reports:
    compiled = compile_table(shop.versions().policies[-1])
    decisions = DecisionService(shop.database, lambda: compiled, Known(), shop.clock)
    return Reports(shop.database, decisions, shop.clock)


def asked(shop: Any, times: int) -> None:
    """What the decision log counts when it is shipped."""
    names = ("share", "order.item", "sell", "carrier", "deny", "no-sale", "")
    with shop.database.begin() as conn:
        observations.record_asked(conn, names, times, now=shop.clock.now())


def test_the_same_report_is_counted_in_one_row(shop: Any, reports: Reports) -> None:
    sale = Request("share", "order.item", "sell", "carrier")
    first = shop.clock.now()
    assert not reports.done(sale, "1").permitted
    shop.clock.advance(timedelta(hours=1))
    reports.done(sale, "2")
    asked(shop, 1)
    with shop.database.read() as conn:
        (seen,) = observations.observed(conn)
        assert conn.execute(select(func.min(table.c.first_at))).scalar() == first
    assert (seen.asked, seen.done, seen.effect, seen.rule) == (3, 2, "deny", "no-sale")
    assert seen.last_at == shop.clock.now()
    shop.assert_broken("1.f", "done 2 times although denied")


def test_a_decision_that_was_only_asked_for_breaks_nothing(shop: Any) -> None:
    asked(shop, 1)
    assert "refused 1 time, never done" in shop.check("1.f").sentence


def test_a_request_for_a_parent_is_counted_leaf_by_leaf(shop: Any, reports: Reports) -> None:
    reports.done(Request("use", "order", "deliver"), "1")
    with shop.database.read() as conn:
        assert [one.category for one in observations.observed(conn)] == ["order.item"]


def test_a_name_that_is_too_long_is_shortened_not_lost(shop: Any, reports: Reports) -> None:
    reports.cookie("x" * 500)
    with shop.database.read() as conn:
        (seen,) = observations.observed(conn)
    assert seen.category == "x" * 200
