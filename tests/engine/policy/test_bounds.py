"""A category is bound in time only if something ends its keeping for everybody."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.policy.bounds import Grade, bound_of
from engine.policy.load import read_policy

SEED = Path(__file__).parents[3] / "policies" / "aicodewith"
RULE = "  - {{id: r{n}, clause: 5.b, data: [insights], then: delete, {rest}}}\n"


@pytest.mark.parametrize(
    ("rules", "grade"),
    [
        ([], Grade.NONE),
        (["keep: 90 days, after: record.created"], Grade.BOUNDED),
        (["keep: 90 days, after: account.cancelled"], Grade.EVENT_BOUNDED),
        (["keep: 9 days, after: record.created, when: {account: [active]}"], Grade.NONE),
        (
            [
                "keep: 9 days, after: record.created, when: {account: [active, none]}",
                "keep: 9 days, after: account.cancelled, when: {account: [suspended, cancelled]}",
            ],
            Grade.EVENT_BOUNDED,
        ),
        (["keep: 9 days, after: record.created, unless: {region: EU}"], Grade.NONE),
        (
            [
                "keep: 9 days, after: record.created, unless: {region: EU}",
                "keep: 8 days, after: record.created, when: {region: EEA}",
            ],
            Grade.BOUNDED,
        ),
        (
            [
                "keep: 9 days, after: record.created, when: {age below: 14}",
                "keep: 9 days, after: record.created, unless: {age below: 18}",
            ],
            Grade.NONE,
        ),
        (
            [
                "keep: 9 days, after: record.created, when: {choice: [suggestions]}",
                "keep: 9 days, after: record.created, unless: {choice: [suggestions]}",
            ],
            Grade.BOUNDED,
        ),
        (
            [
                "keep: 9 days, after: record.created, or later: [{keep: 1 year, after: account.cancelled}]"
            ],
            Grade.EVENT_BOUNDED,
        ),
    ],
)
def test_the_worst_assignment_of_facts_gives_the_grade(
    tmp_path: Path, rules: list[str], grade: Grade
) -> None:
    shutil.copytree(SEED, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "2026-04-03" / "retention.yaml"
    text = path.read_text(encoding="utf-8").replace("data: [insights]", "data: [support]")
    added = "".join(RULE.format(n=n, rest=rest) for n, rest in enumerate(rules))
    path.write_text(text.replace("rules:\n", f"rules:\n{added}", 1), encoding="utf-8")
    assert bound_of(read_policy(tmp_path / "2026-04-03"), "insights.usage").grade is grade


def test_restricting_and_keeping_indefinitely_end_nothing(tmp_path: Path) -> None:
    shutil.copytree(SEED, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "2026-04-03" / "retention.yaml"
    text = path.read_text(encoding="utf-8")
    old = "data: [insights]\n    keep: 90 days\n    after: record.created\n    then: delete"
    path.write_text(text.replace(old, old.replace("delete", "restrict")), encoding="utf-8")
    assert bound_of(read_policy(path.parent), "insights.usage").grade is Grade.NONE
    path.write_text(text.replace(old, "data: [insights]\n    keep: indefinitely"), encoding="utf-8")
    assert bound_of(read_policy(path.parent), "insights.usage").grade is Grade.INDEFINITE
