"""What is remembered between decisions never outlives what it was made from."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from engine.decisions.decision import Request
from engine.enforcement.service import Asked
from engine.store.tables.access import api_keys
from engine.store.tables.consent import subject_facts
from tests.support.installation import (  # noqa: F401  fixtures
    FIRST,
    World,
    folder,
    make_world,
    table_of,
    versions,
    world,
)

ANALYSE = Request("use", "usage.content", "improve.quality-analysis")


@pytest.fixture
def ask(world: World):  # noqa: F811  the fixture
    """Asks quickly about a person who agreed and chose; None where the long way is needed."""
    world.person("1", agreed=FIRST, choices={"improve-with-my-usage": True})
    shown = world.key_for("decide")

    def quickly(subject="1", shown=shown, by_api_key=False):
        asked = Asked((ANALYSE,), subject, "request", by_api_key)
        found = world.services.enforcement.answer_quickly(shown, asked)
        return found and found[0].effect

    world.services.consent.stored("1")
    quickly()  # the first call of a key is left to the long way, which notes its use
    return quickly


def test_a_person_lately_seen_is_answered_quickly(ask):
    assert [ask(), ask()] == ["permit", "permit"]


def test_a_withdrawal_is_seen_at_once(ask, world: World):  # noqa: F811
    assert ask() == "permit"
    world.services.consent.choose("1", "improve-with-my-usage", False, source="test")
    assert ask() == "deny"
    world.services.consent.choose("1", "improve-with-my-usage", True, source="test")
    assert ask() == "permit"


def test_a_consent_that_runs_out_counts_to_its_last_moment(ask, world: World):  # noqa: F811
    assert ask() == "permit"
    policy = world.services.versions().get(FIRST)
    stored = world.services.consent.stored("1")
    until = world.services.consent.states(policy, stored)["improve-with-my-usage"].until
    world.clock.set(until - timedelta(seconds=1))
    refresh(world)
    ask()  # notes the key's use
    assert ask() == "permit"
    world.clock.set(until)
    assert ask() == "deny"


@pytest.mark.parametrize(
    ("change", "after"),
    [({"revoked_at": datetime(2026, 1, 1, tzinfo=UTC)}, None), ({"scopes": ["rights"]}, None),
     ({"digest": "0" * 64}, None), ({"expires_at": datetime(2026, 1, 1, tzinfo=UTC)}, None)],
)  # fmt: skip
def test_a_key_that_has_changed_opens_nothing_quickly(ask, world: World, change, after):  # noqa: F811
    assert ask() == "permit"
    with world.services.database.begin() as conn:
        conn.execute(update(api_keys).values(change))
    assert ask() is after


@pytest.mark.parametrize("shown", ["", "upheld_x", "upheld_000000000000_" + "A" * 43])
def test_what_is_no_live_key_is_left_to_the_long_way(ask, shown):
    assert ask(shown=shown) is None


def test_a_person_not_lately_seen_is_left_to_the_long_way(ask, world: World):  # noqa: F811
    assert ask(subject="nobody") is None
    world.clock.advance(timedelta(minutes=6))
    ask()  # notes the key's use
    assert ask() is None


def test_nobody_in_particular_is_answered_quickly(ask):
    assert ask(subject=None) == "deny"


def test_ages_change_at_midnight(ask, world: World):  # noqa: F811
    """What follows from a row is remembered until the local day ends."""
    facts = world.services.enforcement._quick._facts
    with world.services.database.begin() as conn:
        conn.execute(update(subject_facts).values(born=date(2010, 6, 16)))
    with world.services.database.read() as conn:
        row = conn.execute(subject_facts.select()).one()._asdict()
    zone = world.services.versions().get(FIRST).header.zone
    late = datetime(2026, 6, 15, 23, 59, tzinfo=zone)
    known = facts.of_row({**row, "observed_at": late}, late)
    assert known.facts.age == 15
    assert known.until == datetime(2026, 6, 16, tzinfo=zone)


def refresh(world: World) -> None:  # noqa: F811
    """The platform is asked again, as the long way would."""
    world.services.consent.stored("1")
