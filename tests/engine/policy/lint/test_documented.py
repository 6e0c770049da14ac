"""Every code has a page, and every page a code; every lint rule has a file and tests of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.policy import lint as package
from engine.policy.codes import LINT, SUMMARIES
from engine.policy.lint import RULES

ROOT = Path(__file__).parents[4]
DOCS = ROOT / "docs" / "lint"
CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+|TEXT")
MAKERS = {"error", "warning", "Finding", "_refuse", "_wrong", "refuse", "_refused"}


def page(code: str) -> str:
    return (DOCS / f"{code}.md").read_text(encoding="utf-8")


def raised() -> Iterator[str]:
    """The codes that the source names where it makes a finding."""
    for folder in ("engine", "adapters", "upheld"):
        for path in (ROOT / folder).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and _name(call.func) in MAKERS:
                    for node in (n for argument in call.args[:3] for n in ast.walk(argument)):
                        if isinstance(node, ast.Constant) and isinstance(node.value, str):
                            yield node.value


def _name(function: ast.expr) -> str:
    return getattr(function, "id", getattr(function, "attr", ""))


def test_every_code_that_is_raised_has_a_sentence_and_every_sentence_is_of_a_code() -> None:
    used = {word for word in raised() if CODE.fullmatch(word)} | {rule.CODE for rule in RULES}
    used |= {"WRONG_TYPE", "WRONG_VALUE"}  # chosen by the kind of pydantic's complaint
    assert used == set(SUMMARIES)


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert {path.stem for path in DOCS.glob("*.md")} - {"README"} == set(SUMMARIES)


@pytest.mark.parametrize("code", SUMMARIES)
def test_a_page_opens_with_the_sentence_and_shows_what_is_wrong_and_what_is_right(
    code: str,
) -> None:
    text = page(code)
    title, sentence, severity, *_ = text.split("\n\n")
    assert title == f"# {code}"
    assert sentence.replace("\n", " ") == SUMMARIES[code]
    assert re.fullmatch(r"\*\*Severity:\*\* (error|warning|info)(, or (error|warning))?", severity)
    wanted = ["## What it means", "## What to do", "## Example", "Wrong:", "Right:"]
    places = [text.find(f"\n{part}\n") for part in wanted]
    assert -1 not in places
    assert places == sorted(places)
    overview = (DOCS / "README.md").read_text(encoding="utf-8")
    told = severity.removeprefix("**Severity:** ")
    assert f"| [{code}]({code}.md) | {told} | {SUMMARIES[code]} |" in overview


def test_every_rule_has_a_file_a_test_and_its_severity_on_its_page() -> None:
    files = {path.stem for path in Path(package.__file__).parent.glob("*.py")}
    tests = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert [rule.CODE for rule in RULES] == list(dict.fromkeys(rule.CODE for rule in RULES))
    assert {rule.CODE for rule in RULES} == set(LINT)
    for rule in RULES:
        assert rule.CODE.lower() in files
        assert rule.CODE.lower() in tests
        assert f"**Severity:** {rule.SEVERITY}" in page(rule.CODE)
