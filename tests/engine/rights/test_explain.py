"""An explained deadline is the real one, the earlier of law and policy, and each day off is one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.policy.load import read_policy
from engine.rights import due
from engine.rights.explain import Received, explain_deadline
from engine.rights.regimes import load

POLICY = read_policy(Path(__file__).parents[3] / "policies" / "aicodewith" / "2026-10-01")
RIGHTS = [rule.right for rule in POLICY.rights.rules]
START = datetime(2026, 1, 1, tzinfo=UTC)


@settings(max_examples=100)
@given(
    right=st.sampled_from(RIGHTS),
    region=st.sampled_from([None, "DE", "DE-BY", "CN", "BR", "GB", "CA", "US-CA", "US-NY", "XX"]),
    minutes=st.integers(0, 2 * 365 * 24 * 60),
)
def test_the_explanation_comes_to_the_deadline_that_binds(right, region, minutes):
    received = START + timedelta(minutes=minutes)
    found = explain_deadline(POLICY, Received(right, region, received))
    assert found.deadline == due.deadline(
        POLICY, due.rule_of(POLICY, right), region, received, verified_at=None
    )
    alone = [one for one in (found.law and found.law.deadline, found.policy) if one]
    assert found.deadline.legal_due == min(one.legal_due for one in alone)
    if found.law is None:
        return
    calendar = load().calendar(load().regime(found.law.regime).calendar)
    assert all(not calendar.is_working(off.day) and off.why for off in found.law.moved)
    days = timedelta(days=len(found.law.moved))
    assert found.law.deadline.legal_day == found.law.first + days


def test_a_deadline_that_a_sunday_moves_names_it():
    received = datetime(2027, 1, 31, 12, tzinfo=UTC)
    law = explain_deadline(POLICY, Received("access", "DE", received)).law
    assert law is not None
    assert (law.first, [(off.day, off.why) for off in law.moved]) == (
        date(2027, 2, 28),
        [(date(2027, 2, 28), "Sunday")],
    )
    assert law.where == "the person is in DE"
    elsewhere = explain_deadline(POLICY, Received("access", "US-NY", received)).law
    assert elsewhere is not None
    assert elsewhere.where == "the strictest of the policy's jurisdictions"
