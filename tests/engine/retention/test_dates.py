"""A column of dates, or a text with a date alone: a day where the policy is, not one in Greenwich."""

from datetime import timedelta

import pytest

from tests.engine.retention.world import BOTH, World, at

NOTES = """
  notes:
    store: platform
    table: notes
    key: id
    row: usage.call
    times: {record.created: {field: written%s}}
"""
RULE = """
rules:
- {id: notes, clause: unstated, data: [usage], keep: %s, after: record.created, then: delete}
"""


@BOTH
@pytest.mark.parametrize(("type_", "form"), [("DATE", ""), ("VARCHAR(30)", ", as: text")])
@pytest.mark.parametrize(
    ("zone", "keep", "due"),
    [
        ("America/Los_Angeles", "1 month", "2026-06-02 07:00"),
        ("America/Los_Angeles", "30 days", "2026-05-31 07:00"),
        ("America/Los_Angeles", "1 hour", "2026-05-01 08:00"),
        ("Asia/Shanghai", "1 month", "2026-06-01 16:00"),
        ("Asia/Shanghai", "30 days", "2026-05-30 16:00"),
        ("UTC", "30 days", "2026-05-31 00:00"),
    ],
)
def test_a_term_from_a_date_counts_from_that_day_in_the_policys_time_zone(
    world: World, type_: str, form: str, zone: str, keep: str, due: str
):
    world.datasets, world.retention = NOTES % form, RULE % keep
    world.header = {"zone": zone}
    world.sql(
        f"CREATE TABLE notes (id INTEGER PRIMARY KEY, written {type_})",
        "INSERT INTO notes VALUES (1, '2026-05-01')",
    )
    world.clock.set(at(due) - timedelta(microseconds=1))
    service = world.service()
    assert service.plan().rows == 0
    assert service.verify().upheld
    world.clock.set(at(due))
    assert [one.survivors for one in service.verify().datasets] == [1]
    run = service.purge()
    assert world.value("SELECT count(*) FROM notes") == 0
    assert service.verify(run.id).upheld
