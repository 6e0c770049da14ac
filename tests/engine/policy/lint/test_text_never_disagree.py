"""TEXT_NEVER_DISAGREE: the text says "never" and no rule forbids it, or the other way round."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "TEXT_NEVER_DISAGREE"


def test_a_promise_that_no_rule_forbids_is_a_warning(linted: Linter) -> None:
    found = about(
        linted(
            (
                "policy.md",
                "Prevent abuse and fraud",
                "Prevent abuse. Your data is never shared with advertisers",
            )
        ),
        CODE,
        clause="2.f",
    )
    assert {f.severity.value for f in found} == {"warning"}
    assert "policy.md: never shared" in [marked(f) for f in found]


def test_a_chinese_promise_that_no_rule_forbids_is_a_warning(linted: Linter) -> None:
    found = about(
        linted(("policy.md", "Prevent abuse and fraud", "我们绝不出售您的个人信息")),
        CODE,
        clause="2.f",
    )
    assert {f.severity.value for f in found} == {"warning"}
    assert "policy.md: 绝不出售" in [marked(f) for f in found]


def test_a_prohibition_whose_clause_limits_nothing_is_a_warning(linted: Linter) -> None:
    found = about(
        linted(("sharing.yaml", "clause: 3.c, data: everything", "clause: 2.b, data: everything")),
        CODE,
        rule="no-sale",
    )
    assert {f.severity.value for f in found} == {"warning"}
    assert "sharing.yaml: 2.b" in [marked(f) for f in found]


def test_a_promise_that_a_prohibition_keeps_is_right(linted: Linter) -> None:
    assert not about(
        linted(
            ("policy.md", "Prevent abuse and fraud", "Prevent abuse. Your data is never sold"),
            ("sharing.yaml", "no-sale, clause: 3.c", "no-sale, clause: [2.f, 3.c]"),
        ),
        CODE,
    )


def test_what_readers_shall_not_do_is_no_promise(linted: Linter) -> None:
    assert not about(
        linted(
            (
                "policy.md",
                "Prevent abuse and fraud",
                "Prevent abuse: you must not share your password",
            )
        ),
        CODE,
    )
