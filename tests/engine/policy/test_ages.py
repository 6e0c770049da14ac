"""From which age people answer for themselves, and whom a choice concerns."""

from datetime import date
from pathlib import Path

import pytest

from engine.policy.ages import age_of_consent, needs_guardian
from engine.policy.concerns import concerns
from engine.policy.diff import diff
from engine.policy.lint import lint
from tests.support.policies import policy

GUARDIANS = {
    "clause": "1.a",
    "subject": "child",
    "age below": 16,
    "other ages": [{"age below": 13, "in": ["US", "DK"]}, {"age below": 14, "in": ["AT"]}],
    "verified by": ["card payment"],
}


@pytest.mark.parametrize(
    ("subject", "region", "age", "needed"),
    [
        ("child", "DE", 15, True),
        ("child", "DE", 16, False),
        ("child", "US-CA", 13, False),
        ("child", "US-CA", 12, True),
        ("child", "AT", 13, True),
        ("child", "AT", 14, False),
        # Somewhere in the EU it may be 13, 14 or 16: only below the lowest is it certain.
        ("child", "EU", 12, True),
        ("child", "EU", 15, None),
        ("child", None, 15, None),
        ("child", None, 16, False),
        ("child", "DE", None, None),
        ("customer", "DE", 9, False),
        (None, "DE", 9, False),
    ],
)
def test_a_guardian_is_needed_below_the_age_of_the_place(
    tmp_path: Path, subject: str | None, region: str | None, age: int | None, needed: bool | None
):
    made = policy(tmp_path, guardians=GUARDIANS)
    assert needs_guardian(made, subject, region, age) is needed


def test_without_the_key_nobody_needs_a_guardian(tmp_path: Path):
    made = policy(tmp_path)
    assert needs_guardian(made, "child", None, None) is False
    assert age_of_consent(made, "child", None) == 0


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (GUARDIANS, None, {"guardians.fewer"}),
        (None, GUARDIANS, {"guardians.more"}),
        (GUARDIANS, GUARDIANS | {"age below": 14}, {"guardians.fewer"}),
        (GUARDIANS, GUARDIANS | {"other ages": []}, {"guardians.more"}),
        (GUARDIANS, GUARDIANS | {"verified by": ["video call"]}, {"guardians.procedure"}),
        (GUARDIANS, GUARDIANS, set()),
    ],
)
def test_a_change_of_who_needs_a_guardian_is_told(tmp_path: Path, before, after, kinds):
    old = policy(tmp_path, "2026-01-01", **({"guardians": before} if before else {}))
    new = policy(tmp_path, "2026-02-01", **({"guardians": after} if after else {}))
    found = {c.kind for c in diff(old, new).changes if c.kind.startswith("guardians")}
    assert found == kinds


def test_a_choice_concerns_only_those_whom_a_rule_by_it_is_about(tmp_path: Path):

    def rule(**more: object) -> dict[str, object]:
        return {"data": ["usage"], "for": ["improve"], "basis": "consent", **more}

    made = policy(
        tmp_path,
        use=[
            rule(choice="play", when={"subject": "child"}),
            rule(choice="all"),
        ],
        choices=[{"id": n, "clause": "1.a", "ask": "May we?"} for n in ("play", "all", "none")],
    )
    told = {
        n: [concerns(made, n, s) for s in ("customer", "child")] for n in ("play", "all", "none")
    }
    assert told == {"play": [False, True], "all": [True, True], "none": [True, True]}


def test_an_age_for_a_place_that_does_not_exist_is_found(tmp_path: Path):
    wrong = GUARDIANS | {"other ages": [{"age below": 13, "in": ["UX"]}]}
    made = policy(tmp_path, guardians=wrong)
    assert "UNKNOWN_REGION" in {finding.code for finding in lint(made, today=date(2026, 11, 23))}
