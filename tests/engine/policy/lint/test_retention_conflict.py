"""RETENTION_CONFLICT: a rule deletes data before a law allows it."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "RETENTION_CONFLICT"


def test_a_rule_that_deletes_before_the_law_allows_is_an_error(linted: Linter) -> None:
    found = about(
        linted(("retention.yaml", "keep: 7 months", "keep: 90 days")),
        CODE,
        rule="device-7-months",
        statute="cn-network-logs",
        data="device.access_log",
    )
    assert {f.severity.value for f in found} == {"error"}
    assert "retention.yaml: 90 days" in [marked(f) for f in found]


def test_a_floor_above_a_ceiling_is_an_error(linted: Linter) -> None:
    found = about(
        linted(("statutes.yaml", "at least: 6 months", "at least: 8 months")),
        CODE,
        rule="device-7-months",
        statute="cn-network-logs",
    )
    assert {f.severity.value for f in found} == {"error"}
    assert "retention.yaml: 7 months" in [marked(f) for f in found]


def test_a_period_above_the_floor_is_right(linted: Linter) -> None:
    assert not about(linted(), CODE)
