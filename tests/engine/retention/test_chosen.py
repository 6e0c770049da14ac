"""A retention rule may hang on a choice: what people said decides, and who said nothing is under the rule."""

import pytest

from engine.consent import store
from engine.consent.records import ConsentRecord, Kind, State
from engine.policy.policy import Policy
from tests.engine.retention.company import RULES, log, user
from tests.engine.retention.world import BOTH, World, at

CONSENT = """
choices:
- {id: improve, clause: unstated, default: off, ask: May we learn from it?, lasts: 24 months}
- {id: research, clause: unstated, default: off, ask: May others?}
"""
NOW = at("2026-06-01 00:00")


def said(world: World, person: str, choice: str, state: State, when: str = "2026-05-01") -> None:
    record = ConsentRecord(
        f"{person}{choice}{when}", person, Kind.CHOICE, choice, state, at(when), "2026-01-01",
        "en", "0" * 64, "portal",
    )  # fmt: skip
    with world.database.begin() as conn:
        store.add(conn, record)


def left(world: World, guard: str) -> set[int]:
    """The calls of 1 January that a rule of 90 days with the guard leaves, after a purge that is verified."""
    world.retention = RULES.replace("keep: 90 days", f"{guard}, keep: 90 days", 1)
    policy = policy_with_choices(world)
    world.clock.set(NOW)
    service = world.service(
        policy=policy,
        chose=lambda conn, choices, on: store.who_chose(conn, policy, choices, on=on, now=NOW),
    )
    due = service.plan().of("calls").affected
    assert {one.dataset: one.survivors for one in service.verify().datasets}["calls"] == due
    run = service.purge()
    assert service.verify(run.id).upheld
    return {row[0] for row in world.rows("SELECT id FROM logs")}


def policy_with_choices(world: World) -> Policy:
    folder = world.folder / "policies" / "2026-01-01"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "consent.yaml").write_text(CONSENT)
    return world.policy()


@pytest.fixture
def people(company: World) -> World:
    """1 said yes, 2 no, 3 took it back, 4 said yes too long ago, 5 nothing; one call is nobody's."""
    for number in range(1, 6):
        user(company, number)
        log(company, number, 2, "2026-01-01 00:00", owner=number)
    log(company, 6, 2, "2026-01-01 00:00", owner=None)
    said(company, "1", "improve", State.GIVEN)
    said(company, "2", "improve", State.REFUSED)
    said(company, "3", "improve", State.GIVEN, "2026-04-01")
    said(company, "3", "improve", State.WITHDRAWN)
    said(company, "4", "improve", State.GIVEN, "2024-01-01")
    return company


@BOTH
@pytest.mark.parametrize(
    ("guard", "stay"),
    [
        ("when: {choice: improve}", {2, 3, 4}),
        ("unless: {choice: improve}", {1}),
        ("when: {choice: [improve, research]}", set()),
        ("unless: {choice: [improve, research]}", {1}),
    ],
)
def test_what_people_said_decides_and_what_nobody_said_leaves_the_rule_in_force(
    people: World, guard: str, stay: set[int]
):
    assert left(people, guard) == stay


def test_who_turned_off_all_of_several_choices_is_out_of_the_rule(people: World):
    said(people, "2", "research", State.REFUSED)
    assert left(people, "when: {choice: [improve, research]}") == {2}
