"""Rules about minors: planning, purging and looking again tell the same age from a birth date."""

import pytest

from tests.engine.retention.world import World, at

USERS = """
  users:
    store: platform
    table: users
    key: id
    row: account
    person: customer
    identities: {user_id: id}
    facts: {born: {field: born}}
    times:
      record.created: {field: created_at, as: text}
      person.born: {field: born, as: text}
    fields: {email: account.email}
"""
RULE = """
rules:
- {id: minors, clause: unstated, data: [account], keep: 30 days, after: record.created,
   %s: {age below: 18}, then: delete}
"""


@pytest.mark.parametrize(
    ("guard", "left"),
    [("when", ["adult"]), ("unless", ["child", "eighteen tomorrow"])],
)
def test_a_rule_about_minors_goes_by_the_birth_date(world: World, guard: str, left: list[str]):
    world.sql(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, created_at TEXT, born TEXT)",
        "INSERT INTO users VALUES (1, 'adult', '2026-01-01', '2008-06-14'),"
        " (2, 'eighteen tomorrow', '2026-01-01', '2008-06-16'),"
        " (3, 'child', '2026-01-01', '2015-01-01'),"
        " (4, 'unknown', '2026-01-01', NULL)",
    )
    world.datasets, world.retention = USERS, RULE % guard
    world.clock.set(at("2026-06-15 12:00"))
    service = world.service()
    run = service.purge()
    assert [row[0] for row in world.rows("SELECT email FROM users ORDER BY email")] == left
    assert service.verify(run.id).upheld
    assert service.verify().upheld
