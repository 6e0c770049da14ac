"""EVENT_UNMAPPED: a retention rule counts from an event that no dataset gives a time to."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "EVENT_UNMAPPED"


def test_an_event_that_no_dataset_times_is_a_warning(linted: Linter) -> None:
    found = about(
        linted(
            (
                "retention.yaml",
                "keep: 30 days, after: account.cancelled",
                "keep: 30 days, after: account.canceled",
            )
        ),
        CODE,
        rule="account-30-days",
    )
    assert {f.severity.value for f in found} == {"warning"}
    assert "retention.yaml: account.canceled" in [marked(f) for f in found]


def test_an_event_with_a_time_is_right(linted: Linter) -> None:
    assert not about(linted(), CODE)
