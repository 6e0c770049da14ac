"""Correction, restriction, objection: what is changed, what is not, and what is told to whom."""

import json

import pytest

from engine.audit import ledger
from engine.consent import store as consent_store
from engine.retention import holds
from engine.rights.state import Status


@pytest.fixture
def dialect() -> str:
    """What is asked here is the same on every database."""
    return "sqlite"


def ask(shop, right, details, subject="1"):
    case = shop.rights.file(subject, right, details, source="portal", proved=True)
    return shop.rights.process(case.id)


def test_what_the_person_told_us_is_corrected_in_their_own_row(shop):
    case = ask(shop, "correction", {"account.name": "Ann <b>"})
    assert case.status is Status.COMPLETED
    assert shop.rows("SELECT id, name FROM customers ORDER BY id") == [
        (1, "Ann <b>"), (2, "Name2"), (3, "Name3"),
    ]  # fmt: skip
    assert [(o.dataset, o.category, o.outcome) for o in case.outcomes] == [
        ("customers", "account.name", "corrected")
    ]


def test_the_ledger_holds_digests_of_before_and_after_only(shop):
    ask(shop, "correction", {"account.name": "Ann"})
    with shop.parts.database.read() as conn:
        (entry,) = ledger.entries(conn, kind="rights.completed")
    (changed,) = json.loads(entry.body)["facts"]["changed"]
    assert changed["category"] == "account.name"
    assert len(changed["before"]) == len(changed["after"]) == 64
    assert changed["before"] != changed["after"]
    assert b"Ann" not in entry.body
    assert b"Name1" not in entry.body


def test_a_new_address_is_told_to_the_old_one_and_what_hung_on_it_follows(shop, smtp):
    ask(shop, "correction", {"account.email": "new@mail.example"})
    assert shop.value("SELECT email FROM customers WHERE id = 1") == "new@mail.example"
    assert (
        shop.rows("SELECT sender FROM messages WHERE id IN (10, 11)") == [("new@mail.example",)] * 2
    )
    assert shop.value("SELECT receiver FROM messages WHERE id = 30") == "new@mail.example"
    assert shop.value("SELECT receiver FROM messages WHERE id = 11") == "desk@shop.example"
    (old,) = smtp.to("C1@Mail.example")
    assert "was changed" in old["Subject"]
    assert "privacy@shop.example" in old.get_content()
    assert smtp.to("new@mail.example")


def test_the_address_of_somebody_else_cannot_be_taken(shop):
    case = ask(shop, "correction", {"account.email": "c2@MAIL.example"})
    assert case.status is Status.REFUSED
    assert case.request.answer == "the new address cannot be used"
    assert shop.value("SELECT email FROM customers WHERE id = 1") == "C1@Mail.example"


@pytest.mark.parametrize("category", ["order.note", "bill.invoice", "device.ip", "account.state",
                                      "account.secret", "guess.taste"])  # fmt: skip
def test_records_states_and_secrets_are_not_edited(shop, category):
    before = shop.dump()
    case = ask(shop, "correction", {category: "2"})
    assert case.status is Status.REFUSED
    assert category in case.request.answer
    assert shop.dump() == before


def test_the_new_values_are_forgotten_when_it_is_done(shop):
    case = ask(shop, "correction", {"account.name": "Ann"})
    assert case.request.details == {}


def test_only_what_can_be_corrected_is_offered(shop):
    assert shop.rights.correctable("1") == ("account.email", "account.name")


def test_a_restriction_is_a_hold_and_restricts_every_use(shop):
    case = ask(shop, "restriction", {})
    assert case.status is Status.COMPLETED
    with shop.parts.database.read() as conn:
        assert [(h.reason, h.subject) for h in holds.list_holds(conn)] == [("restriction", "1")]
        assert consent_store.facts(conn, "1").restricted


def test_an_objection_counts_at_once(shop):
    ask(shop, "objection", {"purpose": "improve"})
    assert shop.parts.consent.overview("1").objections == ("improve",)


def test_a_withdrawn_choice_is_off(shop):
    shop.parts.consent.choose("1", "better", True, source="portal")
    ask(shop, "withdrawal", {"choice": "better"})
    (state,) = shop.parts.consent.overview("1").choices
    assert not state.on


def test_a_lifted_restriction_is_told_first_and_ends(shop, smtp):
    ask(shop, "restriction", {})
    shop.rights.lift_restriction("1", officer="ada", reason="the dispute is settled")
    with shop.parts.database.read() as conn:
        assert holds.list_holds(conn) == ()
        assert not consent_store.facts(conn, "1").restricted
    assert "the dispute is settled" in smtp.to("C1@Mail.example")[-1].get_content()
