"""TEXT_RULE_DISAGREE: the text and a rule, or the text and its translation, name different durations."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "TEXT_RULE_DISAGREE"


def test_a_rule_with_another_duration_is_an_error(linted: Linter) -> None:
    found = about(
        linted(("retention.yaml", "keep: 90 days", "keep: 91 days")),
        CODE,
        clause="5.b",
        rule="api-call-logs-90-days",
    )
    assert {f.severity.value for f in found} == {"error"}
    assert "retention.yaml: 91 days" in [marked(f) for f in found]


def test_a_text_with_another_duration_is_an_error(linted: Linter) -> None:
    found = about(
        linted(("policy.md", "retained for 90 days", "retained for three months")),
        CODE,
        clause="5.b",
    )
    assert {f.severity.value for f in found} == {"error"}
    assert "policy.md: three months" in [marked(f) for f in found]


def test_a_translation_with_another_duration_is_an_error(linted: Linter) -> None:
    found = about(linted(("policy.zh-Hans.md", "保留 90 天", "保留九十一天")), CODE, clause="5.b")
    assert {f.severity.value for f in found} == {"error"}
    assert "policy.zh-Hans.md: 九十一天" in [marked(f) for f in found]


def test_the_same_time_in_other_units_is_right(linted: Linter) -> None:
    assert not about(linted(("policy.md", "within 30 days", "within thirty (30) days")), CODE)


def test_text_rule_and_translation_agree(linted: Linter) -> None:
    assert not about(linted(), CODE)
