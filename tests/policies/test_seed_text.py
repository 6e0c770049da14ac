"""The policies that ship with the project: their words, their translations, and that nothing is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.datamap.load import check_against, load_datamap
from engine.policy.cases import check_cases, load_cases
from engine.policy.load import load_policy, read_policy
from engine.policy.policy import Policy
from engine.policy.text import PolicyText, parse_text

POLICY = Path(__file__).parents[2] / "policies" / "aicodewith"
VERSIONS = ("2026-04-03", "2026-10-01")
CASES = sorted((POLICY / "tests").glob("*.yaml"))
ENVIRON = {"UPHELD_PLATFORM_URL": "sqlite://", "UPHELD_ACCESS_LOGS": "logs"}


def text(version: str, name: str = "policy.md") -> PolicyText:
    return parse_text((POLICY / version / name).read_text(encoding="utf-8"))


def original_words() -> list[str]:
    lines = (POLICY / "2026-04-03" / "original.txt").read_text(encoding="utf-8").splitlines()
    return " ".join(line.removeprefix("- ") for line in lines).split()


def test_the_text_has_exactly_the_words_of_the_original() -> None:
    assert text("2026-04-03").plain().split() == original_words()


def test_every_promise_of_the_original_has_its_address() -> None:
    expected = (
        "0.a 0.b 0.c 0.d 1.1.a 1.1.b 1.2.a 1.2.b 1.2.c 1.3.a 1.3.b 2.a 2.b 2.c 2.d 2.e 2.f "
        "3.a 3.b 3.c 4.a 4.b 4.c 4.d 4.e 5.a 5.b 5.c 6.a 6.b 6.c 6.d 6.e 7.a 7.b "
        "8.a 8.b 8.c 8.d 9.a 9.b"
    )
    assert [clause.id for clause in text("2026-04-03").clauses] == expected.split()


@pytest.mark.parametrize("version", VERSIONS)
def test_the_chinese_text_has_the_same_clauses(version: str) -> None:
    english, chinese = text(version), text(version, "policy.zh-Hans.md")
    assert [(c.id, c.kind) for c in chinese.clauses] == [(c.id, c.kind) for c in english.clauses]
    assert [s.number for s in chinese.sections] == [s.number for s in english.sections]


@pytest.mark.parametrize("version", VERSIONS)
def test_both_languages_name_the_same_figures(version: str) -> None:
    english, chinese = text(version), text(version, "policy.zh-Hans.md")
    for clause in english.clauses[1:]:  # 0.a is a date, which each language writes in its own way
        assert figures(clause.text) == figures(chinese.clause(clause.id).text), clause.id


def figures(words: str) -> list[str]:
    return "".join(c if c.isascii() and c.isdigit() else " " for c in words).split()


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_loads_without_a_finding(version: str) -> None:
    assert load_policy(POLICY / version).findings == ()


def cited(policy: Policy) -> set[str]:
    """Every clause that something keeps, or that is said to promise nothing."""
    found = {clause for rule in policy.rules() for clause in rule.clause}
    found |= {duty.clause for rule in policy.rules() for duty in getattr(rule, "must", ())}
    found |= {clause for choice in policy.consent.choices for clause in choice.clause}
    for single in (policy.consent.agreement, policy.rights.contact):
        found |= set(single.clause) if single else set()
    return found | set(policy.header.informative)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_clause_is_kept_by_something_or_promises_nothing(version: str) -> None:
    policy = read_policy(POLICY / version)
    assert [c.id for c in policy.text.clauses if c.id not in cited(policy)] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_what_the_text_leaves_open_says_who_decided_and_why(version: str) -> None:
    rules = [rule for rule in read_policy(POLICY / version).rules() if rule.unstated]
    assert rules
    assert [rule.id for rule in rules if not (rule.decided_by and rule.reason)] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_every_category_can_be_collected_used_and_has_an_end(version: str) -> None:
    policy = read_policy(POLICY / version)
    leaves = set(policy.categories.leaves)
    assert {leaf for rule in policy.collection for leaf in policy.data_leaves(rule.data)} == leaves
    ends = {leaf for rule in policy.retention for leaf in policy.data_leaves(rule.data)}
    assert leaves - ends == {"payment.card_number"}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_data_map_uses_the_words_of_every_version(version: str) -> None:
    loaded = load_datamap(POLICY / "datamap.yaml", ENVIRON)
    assert loaded.findings == ()
    assert loaded.map is not None
    assert check_against(loaded.map, read_policy(POLICY / version)) == []


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_policys_own_tests_use_names_that_exist(path: Path) -> None:
    loaded = load_cases(path)
    assert loaded.findings == ()
    assert loaded.file is not None
    datamap = load_datamap(POLICY / "datamap.yaml", ENVIRON).map
    for version in loaded.file.version:
        assert check_cases(loaded, read_policy(POLICY / version), datamap) == ()
