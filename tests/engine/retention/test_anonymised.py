"""A field made anonymous on its own is done once: the next plan does not list its rows again."""

import pytest

from tests.engine.retention.world import BOTH, World, at

VIEWS = """
  views:
    store: platform
    table: views
    key: id
    row: usage.call
    times: {record.created: {field: created_at}}
    fields: {value: {is: device.ip, anonymise: %s}}
"""
RULES = """
rules:
- {id: calls, clause: unstated, data: [usage], keep: 2 years, after: record.created, then: delete}
- {id: ip, clause: unstated, data: [device], keep: 30 days, after: record.created, then: anonymise}
"""


@BOTH
@pytest.mark.parametrize(
    ("how", "value", "becomes"),
    [
        ("hash", "203.0.113.77", "hash:"),
        ("truncate ip", "203.0.113.77", "203.0.113.0"),
        ("year", "1990-07-14", "1990"),
    ],
)
def test_a_field_made_anonymous_is_finished(world: World, how: str, value: str, becomes: str):
    world.datasets, world.retention = VIEWS % how, RULES
    world.sql(
        "CREATE TABLE views (id INTEGER PRIMARY KEY, value VARCHAR(80), created_at TIMESTAMP)",
        f"INSERT INTO views VALUES (1, '{value}', '2026-01-01'), (2, NULL, '2026-01-01'),"
        f" (3, '{value}', '2026-06-14')",
    )
    world.clock.set(at("2026-06-15 12:00"))
    service = world.service()
    step = "views.anonymise.device.ip"
    assert {s.id: s.rows for s in service.plan().steps}[step] == 1
    run = service.purge()
    assert run.of(step).done == 1
    values = [row[0] for row in world.rows("SELECT value FROM views ORDER BY id")]
    assert values[0].startswith(becomes)
    assert values[1:] == [None, value]
    assert service.plan().rows == 0
    assert service.verify(run.id).upheld
