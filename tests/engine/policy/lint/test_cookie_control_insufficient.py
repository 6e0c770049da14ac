"""COOKIE_CONTROL_INSUFFICIENT: cookies that need consent are left to the browser settings."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "COOKIE_CONTROL_INSUFFICIENT"


def test_the_browser_as_the_only_control_is_a_warning(linted: Linter) -> None:
    found = about(
        linted(("policy.md", "Prevent abuse", "Trust your browser settings")), CODE, clause="2.f"
    )
    assert {f.severity.value for f in found} == {"warning"}
    assert "policy.md: your browser settings" in [marked(f) for f in found]


def test_a_control_of_our_own_is_right(linted: Linter) -> None:
    assert not about(
        linted(
            (
                "policy.md",
                "through your browser settings",
                "in the cookie settings or your browser settings",
            )
        ),
        CODE,
    )
