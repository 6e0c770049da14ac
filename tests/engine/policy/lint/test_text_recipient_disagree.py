"""TEXT_RECIPIENT_DISAGREE: the text and sharing.yaml name different companies."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "TEXT_RECIPIENT_DISAGREE"


def test_a_company_that_only_the_text_names_is_a_warning(linted: Linter) -> None:
    found = about(
        linted(
            (
                "policy.md",
                "Payment processors (for",
                "Payment processors such as Zenith Pay Inc (for",
            )
        ),
        CODE,
        clause="4.a",
    )
    assert {f.severity.value for f in found} == {"warning"}
    assert "policy.md: Zenith Pay Inc" in [marked(f) for f in found]


def test_a_chinese_company_that_only_the_text_names_is_a_warning(linted: Linter) -> None:
    found = about(
        linted(
            ("policy.md", "Payment processors (for", "Payment processors, 北京支付有限公司 (for")
        ),
        CODE,
        clause="4.a",
    )
    assert {f.severity.value for f in found} == {"warning"}
    assert "policy.md: 北京支付有限公司" in [marked(f) for f in found]


def test_a_recipient_that_the_text_does_not_name_is_a_warning(linted: Linter) -> None:
    found = about(
        linted(
            (
                "sharing.yaml",
                "{means: payment processors, role: processor}",
                "{name: Zenith Pay Inc, role: processor}",
            )
        ),
        CODE,
        recipient="payment-processor",
    )
    assert {f.severity.value for f in found} == {"warning"}
    assert "sharing.yaml: Zenith Pay Inc" in [marked(f) for f in found]


def test_a_company_that_both_name_is_right(linted: Linter) -> None:
    assert not about(
        linted(
            (
                "policy.md",
                "Payment processors (for",
                "Payment processors such as Zenith  Pay, Inc. (for",
            ),
            (
                "sharing.yaml",
                "{means: payment processors, role: processor}",
                "{name: Zenith Pay Inc, role: processor}",
            ),
        ),
        CODE,
    )


def test_the_controller_s_own_name_is_right(linted: Linter) -> None:
    assert not about(
        linted(
            ("policy.md", "Welcome to aicodewith.com", "Acme Ltd welcomes you to aicodewith.com"),
            ("policy.yaml", "country: CN,", "country: CN, name: Acme Ltd,"),
        ),
        CODE,
    )
