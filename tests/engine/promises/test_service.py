"""Break reality, and the clause that promised otherwise turns broken, with evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from engine.consent import notices
from engine.promises import observations
from engine.promises.control import TlsFacts
from engine.promises.promise import State
from engine.retention.holds import Scope
from engine.store.tables.audit import ledger_entries
from engine.store.tables.consent import subject_facts
from engine.store.tables.rights import rights_requests

CARD = "4111 1111 1111 1111"


def test_a_shop_that_does_as_it_says_keeps_every_promise(shop: Any) -> None:
    states = {promise.clause: promise.state for promise in shop.service.check()}
    assert {c for c, state in states.items() if state is State.NOT_CHECKABLE} == {
        "1.i",
        "1.n",
        "1.o",
    }
    assert {state for clause, state in states.items() if clause not in {"1.i", "1.n", "1.o"}} == {
        State.KEPT
    }
    assert list(states) == [f"1.{letter}" for letter in "abcdefghijklmno"]


def test_collection_a_card_number_in_any_column_breaks_the_promise_to_store_none(shop: Any) -> None:
    shop.order(2, "2026-06-02", item=f"pay by {CARD}")
    shop.assert_broken("1.b", "1 sampled row of `orders.item` holds a payment card number")


def test_collection_a_card_number_in_a_column_that_is_not_mapped_is_found_too(shop: Any) -> None:
    shop.sql("ALTER TABLE users ADD note VARCHAR(99)", f"UPDATE users SET note = '{CARD}'")
    shop.assert_broken("1.b", "`users.note`")


def test_collection_a_card_number_in_a_table_that_is_not_mapped_is_found_too(shop: Any) -> None:
    shop.sql("CREATE TABLE scraps (paper VARCHAR(99))", f"INSERT INTO scraps VALUES ('{CARD}')")
    shop.assert_broken("1.b", "`scraps.paper`")


def test_collection_a_field_mapped_to_what_is_never_collected_breaks_it(shop: Any) -> None:
    users = shop.datamap.datasets["users"]
    email = users.fields["email"].model_copy(update={"category": "payment.card_number"})
    mapped = users.model_copy(update={"fields": {"email": email}})
    shop.service._datamap = replace(
        shop.datamap, datasets={**shop.datamap.datasets, "users": mapped}
    )
    shop.assert_broken("1.b", "`users.email` holds what is never collected")


def test_collection_a_column_that_nobody_knows_puts_the_promise_at_risk(shop: Any) -> None:
    shop.sql("ALTER TABLE users ADD phone VARCHAR(99)")
    promise = shop.check("1.a")
    assert promise.state is State.AT_RISK
    assert "`users.phone`" in promise.sentence


def test_use_of_data_without_the_choice_breaks_the_clause_and_the_choice(shop: Any) -> None:
    shop.reported("use", "order.item", "suggest")
    shop.assert_broken(
        "1.d", "use order.item for suggest: done 1 time although denied", "choice suggestions"
    )
    assert shop.check("1.c").state is State.KEPT


def test_use_that_is_permitted_is_counted_and_keeps_the_promise(shop: Any) -> None:
    shop.reported("use", "order.item", "deliver")
    promise = shop.check("1.c")
    assert promise.state is State.KEPT
    assert promise.figures["use deliver"] == {
        "permitted": 1, "denied": 0, "done_although_denied": 0,
    }  # fmt: skip


def test_sharing_for_money_breaks_the_promise_not_to_sell(shop: Any) -> None:
    shop.reported("share", "account.email", "sell", "carrier")
    shop.assert_broken("1.f", "share account.email for sell with carrier")


def test_sharing_with_a_recipient_that_the_policy_does_not_list_breaks_it(shop: Any) -> None:
    shop.reported("share", "order.item", "deliver", "broker")
    shop.assert_broken("1.e", "share order.item for deliver with broker")


def test_retention_a_row_that_outlived_its_period_breaks_the_promise(shop: Any) -> None:
    shop.order(2, "2026-03-12")
    shop.order(3, "2026-03-13")
    shop.assert_broken(
        "1.g", "2 rows of `orders` are kept longer than 90 days, the oldest by 5 d 0 h"
    )


def test_retention_a_row_that_has_just_become_due_waits_for_the_next_purge(shop: Any) -> None:
    shop.order(2, "2026-03-17")
    assert shop.check("1.g").state is State.AT_RISK
    shop.clock.advance(timedelta(days=1))
    shop.assert_broken("1.g", "the oldest by 1 d 0 h")


def test_retention_until_people_agree_they_are_promised_the_shorter_period(shop: Any) -> None:
    shop.publish("2026-06-01", retention=("90 days", "180 days"))
    shop.order(2, "2026-03-12")
    shop.assert_broken("1.g", "180 days (90 days for who has not agreed", "the oldest by 5 d 0 h")


def test_retention_a_purge_mends_it_and_its_figures_show(shop: Any) -> None:
    shop.order(2, "2026-03-12")
    run = shop.retention().purge()
    assert shop.retention().verify(run.id).upheld
    promise = shop.check("1.g")
    assert promise.state is State.KEPT
    assert promise.sentence == (
        "oldest record 14 d 0 h, of 90 days; last purge 15 Jun 2026 12:00 UTC, 1 row, verified"
    )


def test_retention_what_a_hold_keeps_is_not_overdue(shop: Any) -> None:
    shop.order(2, "2026-03-12")
    review = shop.clock.now() + timedelta(days=80)
    shop.retention().add_hold(
        "dispute", Scope(subject="1"), note="x", by="officer", review_at=review
    )
    promise = shop.check("1.g")
    assert promise.state is State.KEPT
    assert "1 row due but kept by a hold" in promise.sentence


def test_retention_a_purge_that_stopped_running_puts_it_at_risk(shop: Any) -> None:
    shop.order(2, "2026-03-12")
    shop.retention().purge()
    shop.clock.advance(timedelta(days=3))
    promise = shop.check("1.g")
    assert promise.state is State.AT_RISK
    assert "the last purge was 3 d 0 h ago" in promise.sentence


def test_a_hold_past_its_review_puts_the_clause_at_risk(shop: Any) -> None:
    review = shop.clock.now() + timedelta(days=10)
    shop.retention().add_hold(
        "dispute", Scope(subject="1"), note="x", by="officer", review_at=review
    )
    assert shop.check("1.m").state is State.KEPT
    shop.clock.advance(timedelta(days=11))
    assert shop.check("1.m").state is State.AT_RISK


def test_consent_people_who_were_not_told_of_a_significant_change_break_it(shop: Any) -> None:
    sharing = (
        "countries: [DE]}}",
        "countries: [DE]}, press: {name: Press, role: controller, countries: [DE]}}",
    )
    shop.publish("2026-06-01", sharing=sharing, retention=("90 days", "180 days"))
    with shop.database.begin() as conn:
        for number in (1, 2):
            row = {"subject_id": str(number), "restricted": False, "choices": {}, "objections": [],
                   "changed_at": shop.clock.now()}  # fmt: skip
            conn.execute(insert(subject_facts), row)
        notices.queue(conn, "2026-06-01", ["1", "2"], shop.clock.now())
        told, untold = notices.claim(conn, 2, shop.clock.now())
        notices.mark(conn, told, notices.Delivery.SENT, shop.clock.now())
        notices.mark(conn, untold, notices.Delivery.FAILED, shop.clock.now())
    assert shop.check("1.l").state is State.AT_RISK
    with shop.database.begin() as conn:
        gave_up = replace(untold, attempts=notices.ATTEMPTS)
        notices.mark(conn, gave_up, notices.Delivery.FAILED, shop.clock.now())
    shop.assert_broken("1.l", "1 person was not told of version 2026-06-01")
    with shop.database.begin() as conn:
        notices.mark(conn, untold, notices.Delivery.SENT, shop.clock.now())
    assert shop.check("1.l").state is State.KEPT


def request(number: int, due: datetime, **more: Any) -> dict[str, Any]:
    start = due - timedelta(days=30)
    return {
        "id": str(number), "subject_id": "1", "right": "access", "status": "verified", "details": {},
        "source": "portal", "language": "en", "policy_version": "2026-01-01", "received_at": start,
        "zone": "Europe/Berlin", "set_by": "law", "legal_due": due, "target_due": due - timedelta(days=3),
        "provisional": False, "deadline_data": "x", "deadline_source": "x", **more,
    }  # fmt: skip


def test_right_an_overdue_request_breaks_it_and_one_due_soon_puts_it_at_risk(shop: Any) -> None:
    with shop.database.begin() as conn:
        conn.execute(insert(rights_requests), request(1, shop.clock.now() + timedelta(days=2)))
    assert shop.check("1.h").state is State.AT_RISK
    shop.clock.advance(timedelta(days=3))
    shop.assert_broken("1.h", "1 request for access is overdue, the first by 1 d 0 h")


def test_right_requests_answered_in_time_keep_it(shop: Any) -> None:
    due = shop.clock.now() + timedelta(days=20)
    with shop.database.begin() as conn:
        conn.execute(
            insert(rights_requests),
            [request(1, due), request(2, due, status="completed", closed_at=shop.clock.now())],
        )
    promise = shop.check("1.h")
    assert promise.state is State.KEPT
    assert promise.sentence == "access: 1 open, the next due in 20 d 0 h; 1 closed in time"


def test_cookie_one_that_no_rule_lists_breaks_it(shop: Any) -> None:
    def seen(name: str) -> None:
        with shop.database.begin() as conn:
            observations.record_cookie(conn, name, now=shop.clock.now())

    seen("session")
    seen("csrf_ab12")
    assert shop.check("1.i").state is State.KEPT
    seen("_tracker")
    shop.assert_broken("1.i", "the cookie `_tracker` is set and no rule lists it")


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        (TlsFacts("https://shop.test", refused="certificate has expired"), State.BROKEN, "expired"),
        (
            TlsFacts("https://shop.test", unreachable="no answer"),
            State.AT_RISK,
            "could not be checked",
        ),
        (
            TlsFacts("https://shop.test", "TLSv1.3", datetime(2026, 6, 20, tzinfo=UTC)),
            State.AT_RISK,
            "ends 20 Jun 2026",
        ),
    ],
)
def test_control_what_the_handshake_finds_decides(
    shop: Any, facts: TlsFacts, state: State, words: str
) -> None:
    shop.handshake = facts
    promise = shop.check("1.j")
    assert promise.state is state
    assert words in promise.sentence


def test_control_an_attestation_ends(shop: Any) -> None:
    shop.clock.set(datetime(2026, 12, 10, tzinfo=UTC))
    assert shop.check("1.k").state is State.AT_RISK
    shop.clock.set(datetime(2027, 1, 1, 12, tzinfo=UTC))
    shop.assert_broken("1.k", "the attestation ended on 2026-12-31")


def test_a_store_that_does_not_answer_is_never_said_to_be_fine(shop: Any) -> None:
    shop.sql("DROP TABLE orders")
    promise = shop.check("1.g")
    assert promise.state is State.AT_RISK
    assert promise.sentence.startswith("could not be checked")


def test_a_change_of_state_is_kept_with_its_time_and_written_into_the_ledger(shop: Any) -> None:
    shop.service.check()
    shop.service.check()
    shop.clock.advance(timedelta(hours=1))
    shop.order(2, "2026-03-12")
    shop.service.check()
    changes = shop.service.history("1.g")
    assert [change.state for change in changes] == [State.BROKEN, State.KEPT]
    assert changes[0].at == shop.clock.now()
    with shop.database.read() as conn:
        kinds = conn.execute(select(ledger_entries.c.kind)).scalars().all()
    assert kinds.count("promises.changed") == 2


def test_nothing_is_current_before_anybody_has_looked(shop: Any) -> None:
    assert shop.service.current() == {}


def test_no_address_of_a_person_is_in_what_is_kept(shop: Any) -> None:
    shop.order(2, "2026-03-12", item=CARD)
    for promise in shop.service.check():
        told = f"{promise.sentence} {promise.figures} {promise.evidence}"
        assert "ann@shop.test" not in told
        assert "4111" not in told
