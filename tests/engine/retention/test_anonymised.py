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


@BOTH
@pytest.mark.parametrize(
    ("how", "values"),
    [
        ("hash", {"hash:0123456789abcdef": True, "203.0.113.77": False, "hash:no digest": False}),
        (
            "truncate ip",
            {
                "203.0.113.0": True,
                "2001:db8:85a3::": True,
                "203.0.113.77": False,
                "2001:db8:85a3:1::": False,
                "no address": False,
            },
        ),
        ("year", {"1990": True, "1990-07-14": False, "14 July 1990": False}),
        ("blank", {"": True, "203.0.113.77": False}),
    ],
)
def test_verification_finds_what_is_still_as_it_was(
    world: World, how: str, values: dict[str, bool]
):
    world.datasets, world.retention = VIEWS % how, RULES
    world.sql(
        "CREATE TABLE views (id INTEGER PRIMARY KEY, value VARCHAR(80), created_at TIMESTAMP)"
    )
    for number, value in enumerate([*values, None]):
        world.sql(
            f"INSERT INTO views VALUES ({number}, :value, '2026-01-01 00:00:00'),"
            f" ({100 + number}, :value, '2026-06-14 00:00:00')",
            value=value,
        )
    world.clock.set(at("2026-06-15 12:00"))
    (verdict,) = world.service().verify().datasets
    assert verdict.survivors == list(values.values()).count(False)
    assert verdict.oldest == (at("2026-01-31 00:00") if verdict.survivors else None)


def test_verification_looks_into_files_too(world: World):
    world.datasets = """
  visits:
    store: files
    files: visits-%Y-%m-%d.jsonl
    row: usage.call
    times: {record.created: {field: at, as: text}}
    fields: {client.ip: {is: device.ip, anonymise: truncate ip}}
"""
    world.retention = RULES
    world.clock.set(at("2026-06-15 12:00"))
    service = world.service()
    file = world.folder / "files" / "visits-2026-01-01.jsonl"
    lines = [f'{{"at": "2026-01-01", "client": {{"ip": "203.0.113.{end}"}}}}\n' for end in (0, 77)]
    file.write_text("".join(lines))
    assert [one.survivors for one in service.verify().datasets] == [1]
    run = service.purge()
    assert [one.survivors for one in service.verify(run.id).datasets] == [0]
    assert "203.0.113.77" not in file.read_text()
