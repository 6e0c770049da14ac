"""Filing and following a request: verified by a code, due dates recorded, seen by its owner alone."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from engine.audit import ledger
from engine.errors import Conflict, InvalidInput, NotFound, UnknownName
from engine.rights.service import Filter
from engine.rights.state import Status


@pytest.fixture
def dialect() -> str:
    """What is asked here is the same on every database."""
    return "sqlite"


def code_from(smtp, address="C1@Mail.example"):
    return re.search(r"\b\d{3} \d{3}\b", smtp.to(address)[-1].get_content())[0]


def test_a_request_is_confirmed_by_the_code_from_the_mail(shop, smtp):
    case = shop.rights.file("1", "access", source="api")
    assert case.status is Status.RECEIVED
    assert shop.rights.process(case.id).status is Status.RECEIVED
    assert shop.rights.verify("1", case.id, code_from(smtp)).status is Status.VERIFIED
    assert shop.rights.process(case.id).status is Status.COMPLETED


def test_a_code_works_once_and_for_fifteen_minutes(shop, smtp, clock):
    case = shop.rights.file("1", "access", source="api")
    first = code_from(smtp)
    clock.advance(timedelta(minutes=15))
    with pytest.raises(InvalidInput):
        shop.rights.verify("1", case.id, first)
    shop.rights.send_code("1", case.id)
    shop.rights.verify("1", case.id, code_from(smtp))
    with pytest.raises(Conflict):
        shop.rights.verify("1", case.id, code_from(smtp))


def test_guessing_ends_after_five_attempts(shop, smtp):
    case = shop.rights.file("1", "access", source="api")
    right = code_from(smtp)
    for n in range(5):
        with pytest.raises(InvalidInput):
            shop.rights.verify("1", case.id, f"{(int(right.replace(' ', '')) + n + 1) % 10**6:06}")
    with pytest.raises(InvalidInput):
        shop.rights.verify("1", case.id, right)


def test_the_code_of_another_does_not_help(shop, smtp):
    mine = shop.rights.file("1", "access", source="api")
    shop.rights.file("2", "access", source="api")
    with pytest.raises(InvalidInput):
        shop.rights.verify("1", mine.id, code_from(smtp, "C2@Mail.example"))


def test_an_unconfirmed_request_expires_and_nothing_is_done(shop, clock):
    case = shop.rights.file("1", "deletion", source="api")
    before = shop.dump()
    clock.advance(timedelta(days=14))
    shop.rights.process_due()
    assert shop.rights.get("1", case.id).status is Status.EXPIRED
    assert shop.dump() == before


@pytest.mark.parametrize(
    ("right", "country", "received", "due", "set_by"),
    [
        # 31 January: one month is 28 February, a Saturday, so the next working day (law.md's golden case).
        ("access", "DE", datetime(2026, 1, 31, 12, tzinfo=UTC), "2026-03-02T23:00:00+00:00", "law"),
        # The policy's own 30 days, exact to the second, are earlier than one month rolled to Monday.
        (
            "deletion",
            "DE",
            datetime(2026, 1, 31, 12, tzinfo=UTC),
            "2026-03-02T12:00:00+00:00",
            "policy",
        ),
        (
            "deletion",
            "DE",
            datetime(2026, 2, 10, 12, tzinfo=UTC),
            "2026-03-10T23:00:00+00:00",
            "law",
        ),
        (
            "access",
            "US-CA",
            datetime(2026, 1, 31, 12, tzinfo=UTC),
            "2026-03-17T23:00:00+00:00",
            "law",
        ),
        # An unknown region: the law of the policy's own jurisdiction.
        ("access", None, datetime(2026, 8, 31, 12, tzinfo=UTC), "2026-09-30T22:00:00+00:00", "law"),
    ],
)
def test_the_due_date_is_the_earlier_of_law_and_policy(
    shop, clock, right, country, received, due, set_by
):
    clock.set(received)
    if shop.parts.database.dialect == "postgresql":
        shop.sql("ALTER TABLE customers ALTER COLUMN country TYPE VARCHAR(10)")
    shop.sql("UPDATE customers SET country = :c WHERE id = 1", c=country)
    request = shop.rights.file("1", right, source="portal", proved=True).request
    assert (request.legal_due.isoformat(), request.set_by) == (due, set_by)
    assert request.target_due <= request.legal_due
    assert request.deadline_data == "2026-11-23"


def test_an_extension_counts_from_receipt_and_is_told_with_its_reason(shop, clock, smtp):
    clock.set(datetime(2026, 1, 31, 12, tzinfo=UTC))
    case = shop.rights.file("1", "complaint", {"text": "too slow"}, source="portal", proved=True)
    clock.advance(timedelta(days=10))
    longer = shop.rights.extend(case.id, officer="ada", reasons="many records")
    assert longer.legal_due.isoformat() == "2026-04-30T22:00:00+00:00"
    assert "many records" in smtp.to("C1@Mail.example")[-1].get_content()
    with pytest.raises(Conflict):
        shop.rights.extend(case.id, officer="ada", reasons="again")


def test_it_is_too_late_to_extend_after_the_first_deadline(shop, clock):
    case = shop.rights.file("1", "complaint", {"text": "x"}, source="portal", proved=True)
    clock.advance(timedelta(days=40))
    with pytest.raises(Conflict):
        shop.rights.extend(case.id, officer="ada", reasons="late")


def test_officers_see_the_most_urgent_first_and_what_is_overdue(shop, clock):
    late = shop.rights.file("1", "complaint", {"text": "x"}, source="portal", proved=True)
    clock.advance(timedelta(days=40))
    fresh = shop.rights.file("2", "complaint", {"text": "y"}, source="portal", proved=True)
    assert [(c.id, c.overdue) for c in shop.rights.queue()] == [(late.id, True), (fresh.id, False)]
    assert [c.id for c in shop.rights.queue(Filter(overdue=True))] == [late.id]
    shop.rights.process(fresh.id)
    shop.rights.answer(fresh.id, officer="ada", text="You are right.")
    assert [c.id for c in shop.rights.queue()] == [late.id]
    assert shop.rights.get("2", fresh.id).request.answer == "You are right."


def test_a_refusal_has_a_reason_and_says_where_to_complain(shop, smtp):
    case = shop.rights.file("1", "access", source="api")
    refused = shop.rights.refuse(case.id, officer="ada", reason="asked every day")
    assert (refused.status, refused.request.answer) == (Status.REFUSED, "asked every day")
    told = smtp.to("C1@Mail.example")[-1].get_content()
    assert "asked every day" in told
    assert "data protection authority" in told


def test_a_person_sees_their_own_requests_only_and_the_refusal_reads_the_same(shop):
    case = shop.rights.file("1", "access", source="portal", proved=True)
    assert [c.id for c in shop.rights.of_subject("1")] == [case.id]
    assert shop.rights.of_subject("2") == []
    told = set()
    asks = (
        lambda i: shop.rights.get("2", i),
        lambda i: shop.rights.package("2", i),
        lambda i: shop.rights.cancel("2", i),
        lambda i: shop.rights.verify("2", i, "123456"),
        lambda i: shop.rights.send_code("2", i),
    )
    for ask in asks:
        for request_id in (case.id, "nothing"):
            with pytest.raises(NotFound) as caught:
                ask(request_id)
            told.add(str(caught.value))
    assert told == {"no such request"}


def test_the_same_request_twice_is_one(shop):
    shop.rights.file("1", "access", source="portal", proved=True)
    with pytest.raises(Conflict):
        shop.rights.file("1", "access", source="portal", proved=True)


@pytest.mark.parametrize(
    ("right", "details", "error"),
    [("acess", {}, UnknownName),
     ("objection", {}, InvalidInput), ("objection", {"purpose": "x"}, UnknownName),
     ("correction", {}, InvalidInput), ("correction", {"account.emial": "a"}, UnknownName),
     ("correction", {"account.email": "nonsense"}, InvalidInput),
     ("correction", {"account.name": "n" * 41}, InvalidInput),
     ("correction", {"account.name": "a\nb"}, InvalidInput),
     ("correction", {"account.name": ["a"]}, InvalidInput), ("complaint", {"text": " "}, InvalidInput)],
)  # fmt: skip
def test_what_the_person_can_mend_is_said_at_once(shop, right, details, error):
    with pytest.raises(error):
        shop.rights.file("1", right, details, source="portal", proved=True)


def test_the_ledger_names_nobody(shop, smtp):
    case = shop.rights.file("1", "access", source="api")
    shop.rights.verify("1", case.id, code_from(smtp))
    shop.rights.process(case.id)
    with shop.parts.database.read() as conn:
        entries = ledger.entries(conn)
    assert [entry.kind for entry in entries] == [
        "rights.received", "rights.verified", "rights.begun", "rights.completed",
    ]  # fmt: skip
    bodies = b"".join(entry.body for entry in entries)
    assert b"mail.example" not in bodies.lower()
    assert b"Name1" not in bodies


def test_history_says_who_did_what(shop):
    case = shop.rights.file("1", "access", source="portal", proved=True)
    done = shop.rights.process(case.id)
    assert [(m.step, m.actor) for m in done.history] == [
        ("verify", "person"), ("begin", "system"), ("complete", "system"),
    ]  # fmt: skip
