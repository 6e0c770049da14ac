"""A longer keep does not bind a person who has not agreed to it; a shorter one binds everybody at once."""

from tests.engine.retention.company import RULES, log, user
from tests.engine.retention.world import World, at


def two_versions(world: World, old: str, new: str, agreed: set[str]) -> set[int]:
    """The calls that are due on 1 June, of those made on 15 March: `agreed` have seen the new version."""
    user(world, 1)
    user(world, 2)
    log(world, 11, 2, "2026-03-15 00:00", owner=1)
    log(world, 12, 2, "2026-03-15 00:00", owner=2)
    log(world, 13, 2, "2026-03-15 00:00", owner=None)
    world.retention = RULES.replace("90 days", old)
    first = world.policy("2026-01-01")
    world.retention = RULES.replace("90 days", new)
    second = world.policy("2026-05-01")
    world.clock.set(at("2026-06-01 00:00"))
    service = world.service(
        policy=second,
        earlier=lambda: [first],
        agreed=lambda _conn, version: frozenset(agreed if version == "2026-01-01" else ()),
    )
    run = service.purge()
    assert service.verify(run.id).upheld
    return {row[0] for row in world.rows("SELECT id FROM logs")}


def test_who_agreed_is_bound_by_the_longer_keep_and_others_by_the_old(company: World):
    assert two_versions(company, "60 days", "120 days", {"1"}) == {11, 13}


def test_before_anybody_agreed_the_old_keep_binds_everybody(company: World):
    assert two_versions(company, "60 days", "120 days", set()) == {13}


def test_a_shorter_keep_binds_everybody_at_once(company: World):
    assert two_versions(company, "120 days", "60 days", set()) == set()


def decided(world: World, consequence: str) -> None:
    """The longer keep of the next version asks for this."""
    told = f"change: retention.longer, consequence: {consequence}"
    world.header = {"more": f"changes: [{{{told}, reason: a statute asks for it, decided by: us}}]"}


def test_a_longer_keep_that_needs_no_agreement_binds_everybody_at_once(company: World):
    decided(company, "notice")
    assert two_versions(company, "60 days", "120 days", set()) == {11, 12, 13}


def test_a_longer_keep_that_is_decided_to_need_agreement_waits_for_it(company: World):
    decided(company, "re-consent")
    assert two_versions(company, "60 days", "120 days", set()) == {13}
