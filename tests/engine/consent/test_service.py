"""Consent is recorded once and for all, holds at once, and fails closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from jsonschema import Draft202012Validator

from engine.audit import ledger, service
from engine.consent import notices, store
from engine.consent.facts import ConsentFacts
from engine.consent.service import ConsentService
from engine.decisions.facts import SubjectFacts
from engine.errors import InvalidInput, NotFound, UnknownName
from engine.store.database import Database
from tests.engine.consent.conftest import NOVEMBER, Platform
from tests.support.clock import FrozenClock

CHOICE = "improve-with-my-usage"


def facts(
    consent: ConsentService, database: Database, clock: FrozenClock, *, key: bool = False
) -> SubjectFacts:
    with database.read() as conn:
        return ConsentFacts(consent).facts_of(conn, "7", now=clock.now(), by_api_key=key)


def test_a_withdrawal_holds_for_the_next_decision(
    consent: ConsentService, database: Database, clock: FrozenClock
) -> None:
    consent.choose("7", CHOICE, True, source="portal")
    assert facts(consent, database, clock).choices[CHOICE] is True
    consent.choose("7", CHOICE, False, source="portal")
    assert facts(consent, database, clock).choices[CHOICE] is False


def test_every_word_is_kept_with_its_ledger_entry(
    consent: ConsentService, database: Database
) -> None:
    consent.agree("7", "2026-04-03", {CHOICE: True, "suggestions": False}, source="gate")
    consent.choose("7", CHOICE, True, source="portal")
    consent.choose("7", CHOICE, False, source="portal")
    states = [(r.kind.value, r.name, r.state.value) for r in consent.records("7")]
    assert states == [
        ("agreement", "2026-04-03", "given"),
        ("choice", CHOICE, "given"),
        ("choice", "suggestions", "refused"),
        ("choice", CHOICE, "renewed"),
        ("choice", CHOICE, "withdrawn"),
    ]
    with database.read() as conn:
        assert len(ledger.entries(conn, subject="7")) == 5
        assert service.verify(conn, (), ()).ok


def test_a_person_never_heard_of_has_unknown_facts(
    consent: ConsentService, database: Database, clock: FrozenClock, platform: Platform
) -> None:
    platform.people.clear()
    found = facts(consent, database, clock)
    assert (found.account, found.region, found.restricted) == (None, None, None)


def test_without_the_platform_what_it_says_is_unknown_and_what_was_said_stays(
    consent: ConsentService, database: Database, clock: FrozenClock, platform: Platform
) -> None:
    consent.choose("7", CHOICE, True, source="portal")
    assert facts(consent, database, clock).account == "active"
    platform.away = True
    clock.advance(timedelta(hours=1))
    found = facts(consent, database, clock)
    assert found.account is None
    assert found.choices[CHOICE] is True


def test_the_platform_is_asked_again_when_its_word_is_old(
    consent: ConsentService, database: Database, clock: FrozenClock, platform: Platform
) -> None:
    assert facts(consent, database, clock).account == "active"
    platform.people["7"] = platform.people["7"].__class__("customer", "DE", "cancelled")
    assert facts(consent, database, clock).account == "active"
    clock.advance(timedelta(minutes=6))
    assert facts(consent, database, clock).account == "cancelled"


def test_the_gate_asks_for_agreement_then_lets_in(consent: ConsentService) -> None:
    assert consent.login("7").outcome == "agree"
    consent.agree("7", "2026-04-03", {}, source="gate")
    assert consent.login("7").ok


def test_a_significant_change_is_asked_for_at_the_next_login(
    consent: ConsentService, clock: FrozenClock
) -> None:
    consent.agree("7", "2026-04-03", {}, source="gate")
    clock.set(NOVEMBER)
    gate = consent.login("7")
    assert gate.outcome == "reconfirm"
    assert {"re-consent", "reconfirm"} <= {told.consequence for told in gate.told}
    assert "benchmark-with-my-content" in {question.id for question in gate.questions}
    consent.decline("7", "2026-10-01", source="gate")
    assert consent.login("7").outcome == "declined"
    consent.agree("7", "2026-10-01", {}, source="gate")
    assert consent.login("7").ok


def test_agreeing_gives_no_optional_consent(consent: ConsentService) -> None:
    consent.agree("7", "2026-04-03", {}, source="gate")
    assert not any(state.on for state in consent.overview("7").choices)


def test_only_the_version_in_force_can_be_agreed_to(consent: ConsentService) -> None:
    with pytest.raises(InvalidInput, match="is not in force"):
        consent.agree("7", "2026-10-01", {}, source="gate")


def test_unknown_choices_and_purposes_are_named(consent: ConsentService) -> None:
    with pytest.raises(UnknownName, match="did you mean `suggestions`"):
        consent.choose("7", "sugestions", True, source="portal")
    with pytest.raises(UnknownName, match="did you mean `suggestions`"):
        consent.set_objection("7", "sugestion", True, source="portal")


def test_nothing_is_kept_of_an_agreement_with_a_wrong_answer(consent: ConsentService) -> None:
    with pytest.raises(UnknownName):
        consent.agree("7", "2026-04-03", {CHOICE: True, "nonsense": True}, source="gate")
    assert consent.records("7") == []
    assert consent.login("7").outcome == "agree"


def test_an_objection_stands_until_it_is_lifted(consent: ConsentService) -> None:
    consent.set_objection("7", "suggestions", True, source="portal")
    assert consent.overview("7").objections == ("suggestions",)
    consent.set_objection("7", "suggestions", False, source="portal")
    assert consent.overview("7").objections == ()


def test_a_receipt_is_the_persons_own_and_has_every_mandatory_field(
    consent: ConsentService,
) -> None:
    record = consent.choose("7", CHOICE, True, source="portal")
    receipt = consent.receipt("7", record.id)
    Draft202012Validator(MANDATORY).validate(receipt)
    assert receipt == consent.receipt("7", record.id)
    with pytest.raises(NotFound):
        consent.receipt("8", record.id)


MANDATORY = {
    "type": "object",
    "required": [
        "schema_version",
        "record_id",
        "pii_principal_id",
        "receipt_id",
        "processing",
        "event",
    ],
    "properties": {
        "processing": {
            "required": [
                "privacy_notice",
                "language",
                "purposes",
                "jurisdiction",
                "withdrawal_method",
            ],
            "properties": {
                "purposes": {
                    "minItems": 1,
                    "items": {
                        "required": [
                            "purpose",
                            "lawful_basis",
                            "pii_information",
                            "pii_controllers",
                            "storage_locations",
                            "retention_period",
                            "recipient_third_parties",
                        ]
                    },
                }
            },
        },
        "event": {
            "required": [
                "event_time",
                "validity_duration",
                "entity_id",
                "event_type",
                "event_state",
            ]
        },
    },
}
"""What ISO/IEC TS 27560:2023 makes mandatory."""


def test_a_notice_is_sent_once_even_if_claimed_twice(
    database: Database, clock: FrozenClock
) -> None:
    now = clock.now()
    with database.begin() as conn:
        assert notices.queue(conn, "2026-10-01", ["7", "8", "7"], now) == 2
        assert notices.queue(conn, "2026-10-01", ["7"], now) == 0
    with database.begin() as conn:
        first = notices.claim(conn, 10, now)
    with database.begin() as conn:
        assert [n.subject_id for n in first] == ["7", "8"]
        assert notices.claim(conn, 10, now) == []
        notices.mark(conn, first[0], notices.Delivery.SENT, now)
    with database.begin() as conn:
        later = now + timedelta(minutes=11)
        assert [n.subject_id for n in notices.claim(conn, 10, later)] == ["8"]
        assert notices.delivered_to(conn, "7") == {"2026-10-01"}


def test_a_restriction_is_a_fact(
    consent: ConsentService, database: Database, clock: FrozenClock
) -> None:
    assert facts(consent, database, clock).restricted is False
    with database.begin() as conn:
        store.restrict(conn, "7", True, clock.now())
    assert facts(consent, database, clock).restricted is True
