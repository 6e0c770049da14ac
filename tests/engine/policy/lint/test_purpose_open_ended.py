"""PURPOSE_OPEN_ENDED: a list of purposes is left open, so anything could be added to it."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "PURPOSE_OPEN_ENDED"


def test_an_open_list_is_a_warning(linted: Linter) -> None:
    found = about(
        linted(("policy.md", "top-up records", "top-up records and so on")), CODE, clause="1.2.b"
    )
    assert {f.severity.value for f in found} == {"warning"}
    assert "policy.md: and so on" in [marked(f) for f in found]


def test_a_closed_list_is_right(linted: Linter) -> None:
    assert not about(linted(("policy.md", "including but not limited to", "namely")), CODE)
