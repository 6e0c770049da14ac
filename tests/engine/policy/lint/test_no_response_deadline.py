"""NO_RESPONSE_DEADLINE: the text names rights, but not by when a request is answered."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "NO_RESPONSE_DEADLINE"


def test_rights_without_a_promised_time_are_a_warning(linted: Linter) -> None:
    found = about(linted(), CODE)
    assert {f.severity.value for f in found} == {"warning"}
    assert "rights.yaml: as required by law" in [marked(f) for f in found]


def test_a_promised_time_is_right(linted: Linter) -> None:
    assert not about(
        linted(
            ("rights.yaml", "answer within: as required by law", "answer within: 30 days"),
            ("rights.yaml", "answer within: as required by law", "answer within: 30 days"),
            ("rights.yaml", "answer within: as required by law", "answer within: 30 days"),
            ("rights.yaml", "answer within: as required by law", "answer within: 30 days"),
        ),
        CODE,
    )
