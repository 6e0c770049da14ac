"""Which optional consents are on, as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.consent.choices import choice_states
from engine.consent.records import Said, State
from engine.policy.models import Choice
from engine.policy.policy import Policy
from engine.policy.versions import Versions

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
OPT_IN = Choice(id="news", clause=("2.e",), ask="News?", lasts="24 months")
SALE = Choice.model_validate(
    {
        "id": "sale",
        "clause": "2.e",
        "default": "on",
        "off in": ["EU", "US-CA"],
        "off by": "gpc",
        "ask": "Sell?",
    }
)


def policy_with(versions: Versions, *choices: Choice) -> Policy:
    policy = versions.policies[0]
    return replace(policy, consent=policy.consent.model_copy(update={"choices": choices}))


@pytest.mark.parametrize(
    ("state", "age", "on"),
    [
        (None, 0, False),
        (State.GIVEN, 0, True),
        (State.RENEWED, 1, True),
        (State.GIVEN, 729, True),
        (State.GIVEN, 733, False),
        (State.REFUSED, 0, False),
        (State.WITHDRAWN, 0, False),
        (State.REVOKED, 0, False),
        (State.INVALIDATED, 0, False),
    ],
)
def test_an_opt_in_is_on_only_while_a_given_consent_lasts(
    versions: Versions, state: State | None, age: int, on: bool
) -> None:
    said = {"news": Said(state, NOW - timedelta(days=age), "2026-04-03")} if state else {}
    states = choice_states(policy_with(versions, OPT_IN), said, region="DE", signals=(), now=NOW)
    assert states["news"].on is on


@pytest.mark.parametrize(
    ("region", "signals", "state", "on"),
    [
        ("BR", (), None, True),
        ("DE", (), None, False),
        ("US-CA", (), None, False),
        ("US-TX", (), None, True),
        ("US", (), None, None),
        (None, (), None, None),
        ("BR", ("gpc",), None, False),
        ("BR", ("gpc",), State.GIVEN, False),
        ("DE", (), State.GIVEN, True),
        ("BR", (), State.WITHDRAWN, False),
        (None, (), State.GIVEN, True),
    ],
)
def test_an_opt_out_follows_region_signal_and_what_was_said(
    versions: Versions,
    region: str | None,
    signals: tuple[str, ...],
    state: State | None,
    on: bool | None,
) -> None:
    said = {"sale": Said(state, NOW, "2026-04-03")} if state else {}
    states = choice_states(
        policy_with(versions, SALE), said, region=region, signals=signals, now=NOW
    )
    assert states["sale"].on is on
