"""TOO_MANY_FACTS: more than twelve conditions decide about one use of one category."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, Replacement, about, marked

CODE = "TOO_MANY_FACTS"


def choices(count: int) -> tuple[Replacement, Replacement]:
    """Edits that make so many choices decide about one cell."""
    asked = "".join(
        f"  - {{id: c{n}, clause: 2.d, default: off, ask: may we?}}\n" for n in range(count)
    )
    rules = "".join(
        f"- {{id: r{n}, clause: 2.d, data: [usage.call], for: [experience], basis: consent, choice: c{n}}}\n"
        for n in range(count)
    )
    return (
        ("consent.yaml", "choices:\n", f"choices:\n{asked}"),
        ("use.yaml", "- id: provide-service", f"{rules}- id: provide-service"),
    )


def test_the_rule_that_adds_a_condition_too_many_is_an_error(linted: Linter) -> None:
    (found,) = about(linted(*choices(13)), CODE)
    assert found.blocking
    assert found.about == {"rule": "r12"}
    assert marked(found) == "use.yaml: r12"


def test_twelve_conditions_are_right(linted: Linter) -> None:
    # Ten choices; that the account is not cancelled and the person is not restricted makes twelve.
    assert not about(linted(*choices(10)), CODE)
