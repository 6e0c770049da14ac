"""The client against a real server: what it asks, what it tells, what it reads."""

import asyncio
from datetime import UTC, datetime

import pytest

from engine.audit import ledger
from engine.retention.told import told_at
from tests.support.installation import FIRST
from tests.support.served_world import ServedWorld
from upheld_client import Conflict, Decision, Evaluation, Invalid, NotAllowed, Question, Upheld

QUESTION = ("use", "usage.content")
PURPOSE = "improve.quality-analysis"
CALLS, PAYMENT = Question("collect", "usage.call"), Question("collect", "payment")
UPSTREAM = {"purpose": "provide-service", "recipient": "upstream"}


def test_a_decision_comes_with_its_rule_and_obligations(served: ServedWorld):
    served.world.person("1", agreed=FIRST, choices={"improve-with-my-usage": True})
    with served.client("decide") as upheld:
        decision = upheld.decide(*QUESTION, purpose=PURPOSE, subject="1")
        assert decision.permitted
        assert (decision.rule, decision.obligations) == ("quality-analysis", ("log",))
        assert (decision.version, decision.failure, decision.would) == (FIRST, "", "permit")
        assert not upheld.decide(*QUESTION, purpose=PURPOSE, subject="2").permitted


def test_a_batch_is_answered_in_order(served: ServedWorld):
    served.world.person("1", agreed=FIRST)
    asked = [CALLS, {"operation": "collect", "category": "payment"}]
    with served.client("decide") as upheld:
        effects = [d.effect for d in upheld.decide_all(asked, subject="1")]
    assert effects == ["permit", "deny"]


def test_asyncio_is_answered_the_same(served: ServedWorld):
    served.world.person("1", agreed=FIRST)

    async def ask() -> tuple[list[str], str, str]:
        async with served.async_client("decide", "consent") as upheld:
            one, several, gate = await asyncio.gather(
                upheld.decide("collect", "usage.call", subject="1"),
                upheld.decide_all([CALLS, PAYMENT], subject="1"),
                upheld.login("1"),
            )
            return [d.effect for d in several], one.effect, gate.outcome

    assert asyncio.run(ask()) == (["permit", "deny"], "permit", "ok")


def test_the_gate_says_where_to_send_a_person(served: ServedWorld):
    served.world.person("1")
    with served.client("consent") as upheld:
        gate = upheld.login("1", signals=["gpc"])
        assert (gate.ok, gate.outcome, gate.version) == (False, "agree", FIRST)
        assert gate.go_to is not None
        assert gate.go_to.startswith(served.url)
        upheld.consent("1", "agreement", FIRST, True)
        assert upheld.login("1").ok


def test_an_event_and_a_choice_are_recorded(served: ServedWorld):
    served.world.person("1", agreed=FIRST)
    at = datetime(2026, 6, 15, 12, tzinfo=UTC)
    with served.client("consent") as upheld:
        upheld.event("1", "account.cancelled", at=at, source="billing")
        record = upheld.choose("1", "suggestions", True)
        stands = upheld.consents("1")
        receipt = upheld.receipt("1", record.id)
    with served.world.services.database.read() as conn:
        assert told_at(conn, "1", "account.cancelled") == at
    assert (stands.agreed, stands.choices["suggestions"], stands.restricted) == (FIRST, True, False)
    assert stands.records[-1] == record
    assert receipt["record_id"] == record.id


def test_a_record_is_given_back_without_what_may_not_go(served: ServedWorld):
    served.world.person("1", agreed=FIRST)
    record = {"request_body": "hello", "email": "ann@example.com"}
    with served.client("decide") as upheld:
        found = upheld.filter_record(
            "call_contents", record, operation="share", **UPSTREAM, subject="1"
        )
    assert found.record == {"request_body": "hello"}
    assert [removed.field for removed in found.removed] == ["email"]
    assert found.warnings == ("4.e",)


def test_a_payload_is_checked_before_it_is_stored(served: ServedWorld):
    payload = {"email": "ann@example.com", "note": "card 4111 1111 1111 1111"}
    categories = {"email": "account.email", "note": None}
    served.world.person("1", agreed=FIRST)
    with served.client("decide") as upheld:
        found = upheld.check_payload(payload, categories=categories, subject="1")
    assert found.payload == {"email": "ann@example.com"}
    assert [refused.field for refused in found.refused] == ["note"]


def test_a_disclosure_stands_in_the_ledger_under_the_id_of_its_decision(served: ServedWorld):
    served.world.person("1", agreed=FIRST)
    with served.client("decide") as upheld:
        kept = upheld.disclose(
            "1", **UPSTREAM, categories=["usage.content", "account.email"], request_id="call-7"
        )
        counted = upheld.report("use", "usage.call", purpose="provide-service", subject="1")
    assert (kept.permitted, kept.denied) == (False, ("account.email",))
    assert counted.permitted
    with served.world.services.database.read() as conn:
        (entry,) = ledger.entries(conn, kind="disclosure.made", subject="1")
    assert (entry.index, entry.facts["request"]) == (kept.entry, "call-7")


def test_the_same_is_asked_by_authzen(served: ServedWorld):
    served.world.person("1", agreed=FIRST)
    content = Evaluation("provide-service", "usage.content", recipient="upstream", data_subject="1")
    sold = Evaluation("sell", "usage.content", recipient="upstream", data_subject="1")
    wrong = Evaluation("sell", "usage.content", operation="give")  # type: ignore[arg-type]
    with served.client("decide") as upheld:
        one = upheld.evaluate(content)
        several = upheld.evaluate_all([content, sold, wrong])
        stopped = upheld.evaluate_all([sold, content], semantic="deny_on_first_deny")
        refused = upheld.evaluate(wrong)
    assert (one.decision, one.rule, one.obligations) == (True, "upstream-models", ("warn 4.e",))
    assert [each.decision for each in several] == [True, False, False]
    assert "context.operation" in several[2].reason
    assert [each.decision for each in stopped] == [False]
    assert (refused.decision, refused.failure[:3]) == (False, "400")


def test_the_words_of_a_clause_can_be_shown(served: ServedWorld):
    with served.client("decide") as upheld:
        assert "sensitive" in upheld.policy().clauses["4.e"].text
        assert upheld.policy(language="zh-Hans").language == "zh-Hans"


def test_a_key_on_trial_is_told_what_the_policy_says(served: ServedWorld):
    shown = served.world.services.access.keys.create("trial", ["decide"], shadow=True)[1]
    with Upheld(served.url, shown, 10) as upheld:
        decision = upheld.decide("share", "usage.content", purpose="sell", recipient="upstream")
    assert (decision.effect, decision.would) == ("permit", "deny")


def test_a_wrong_key_is_a_deny_and_a_closed_gate(served: ServedWorld):
    served.world.person("1", agreed=FIRST, choices={"improve-with-my-usage": True})
    with served.client("rights") as upheld:
        decision = upheld.decide(*QUESTION, purpose=PURPOSE, subject="1")
        assert not decision.permitted
        assert decision.failure.startswith("403")
        gate = upheld.login("1")
        assert (gate.ok, gate.outcome) == (False, "unknown")
        with pytest.raises(NotAllowed, match="403"):
            upheld.login("1", raises=True)


def test_what_was_not_recorded_raises_with_the_field_that_is_wrong(served: ServedWorld):
    with served.client("consent") as upheld, pytest.raises(Invalid) as refused:
        upheld.event("1", "account.canceled", at=datetime(2026, 6, 15, tzinfo=UTC))
    problem = refused.value.problem
    assert (problem.status, problem.field, problem.title) == (400, "event", "Bad Request")
    assert problem.type == "urn:upheld:problem:invalid-input"
    assert "did you mean `account.cancelled`" in problem.detail
    assert problem.request_id


def test_a_conflict_is_told_from_a_mistake(served: ServedWorld):
    served.world.person("1", agreed=FIRST)
    with served.client("consent") as upheld, pytest.raises((Conflict, Invalid)):
        upheld.consent("1", "agreement", "2020-01-01", True)


def test_a_time_without_a_zone_is_refused_before_it_is_sent(served: ServedWorld):
    with served.client("consent") as upheld, pytest.raises(ValueError, match="time zone"):
        upheld.event("1", "account.cancelled", at=datetime(2026, 6, 15))  # noqa: DTZ001  the point


def test_a_decision_cannot_be_changed():
    with pytest.raises(AttributeError):
        Decision.deny("x").effect = "permit"  # type: ignore[misc]
