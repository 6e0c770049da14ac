"""PLACEHOLDER: something of a template was left in the text or in a file."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "PLACEHOLDER"


def test_what_a_template_left_in_the_text_is_an_error(linted: Linter) -> None:
    found = about(
        linted(("policy.md", "Prevent abuse", "Prevent [insert what] and abuse")),
        CODE,
        clause="2.f",
    )
    assert {f.severity.value for f in found} == {"error"}
    assert "policy.md: [insert what]" in [marked(f) for f in found]


def test_what_a_template_left_in_a_file_is_an_error(linted: Linter) -> None:
    found = about(linted(("rights.yaml", "reason: GDPR 18", "reason: TODO ask the lawyers")), CODE)
    assert {f.severity.value for f in found} == {"error"}
    assert "rights.yaml: TODO ask the lawyers" in [marked(f) for f in found]


def test_what_a_template_left_in_a_translation_is_an_error(linted: Linter) -> None:
    found = about(
        linted(("policy.zh-Hans.md", "防范滥用和欺诈", "防范滥用【公司名称】")), CODE, clause="2.f"
    )
    assert {f.severity.value for f in found} == {"error"}
    assert "policy.zh-Hans.md: 【公司名称】" in [marked(f) for f in found]


def test_an_address_in_brackets_is_another_finding(linted: Linter) -> None:
    assert not about(linted(), CODE)
