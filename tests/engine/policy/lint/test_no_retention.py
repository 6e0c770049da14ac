"""NO_RETENTION: personal data has no period after which it goes."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "NO_RETENTION"
CONTENT = "data: [usage.content]\n    keep: 30 days\n    after: record.created\n    then: delete"


def test_data_that_may_be_kept_forever_is_an_error(linted: Linter) -> None:
    found = about(
        linted(
            (
                "retention.yaml",
                CONTENT,
                f"{CONTENT}\n    when: {{account: [active, none]}}",
            )
        ),
        CODE,
        data="usage.content",
    )
    assert {f.severity.value for f in found} == {"error"}
    assert marked(found[0]).startswith("retention.yaml: - {id: account-30-days")


def test_a_period_that_the_text_does_not_state_is_a_warning(linted: Linter) -> None:
    found = about(linted(), CODE, data="usage.content")
    assert {f.severity.value for f in found} == {"warning"}
    assert "retention.yaml: unstated" in [marked(f) for f in found]


def test_a_period_that_the_text_states_is_right(linted: Linter) -> None:
    assert not about(
        linted(
            (
                "retention.yaml",
                "    clause: unstated\n    decided by: privacy officer\n    reason: enough to",
                "    clause: 1.2.c\n    decided by: privacy officer\n    reason: enough to",
            )
        ),
        CODE,
        data="usage.content",
    )
