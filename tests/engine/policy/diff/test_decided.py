"""An officer may decide what a change asks of people; that is what they are then asked."""

import pytest

from engine.policy.compiled.cells import CellKey
from engine.policy.diff import Consequence, diff, since, stamps
from engine.policy.diff.decided import decisions
from tests.support.policies import policy

MINE = [{"id": "mine", "ask": "May we?"}]
CALL = CellKey("use", "usage.call", "service")


def use(basis, data="usage.call", name="use"):
    choice = {"choice": "mine"} if basis == "consent" else {}
    return {"id": name, "data": data, "for": "service", "basis": basis, **choice}


def decision(change, consequence, **names):
    why = {"reason": "the authority was consulted", "decided by": "privacy officer"}
    return {"change": change, "consequence": consequence, **why, **names}


def version(tmp_path, name, *rules, decided=(), **files):
    header = {"changes": list(decided)} if decided else {}
    return policy(tmp_path, name, use=list(rules), choices=MINE, header=header, **files)


def of_kind(found, kind):
    return next(change for change in found.changes if change.kind == kind)


@pytest.mark.parametrize("consequence", ["re-consent", "reconfirm", "notice", "changelog", "none"])
def test_what_was_blocked_asks_for_what_was_decided(tmp_path, consequence):
    old = version(tmp_path, "2026-01-01", use("consent"))
    decided = [decision("basis.consent-replaced", consequence, rule="use")]
    new = version(tmp_path, "2026-02-01", use("vital interests"), decided=decided)
    change = of_kind(diff(old, new), "basis.consent-replaced")
    assert (change.consequence.value, change.review) == (consequence, False)
    assert (change.decided.was, change.decided.by) == (Consequence.BLOCKED, "privacy officer")
    assert diff(old, new).consequence is not Consequence.BLOCKED


@pytest.mark.parametrize(
    ("consequence", "asked"),
    [("re-consent", "re-consent"), ("reconfirm", "reconfirm"), ("notice", None), ("none", None)],
)
def test_a_new_permission_counts_only_after_what_was_decided_for_it(tmp_path, consequence, asked):
    old = version(tmp_path, "2026-01-01")
    decided = [decision("permission.other", consequence)]
    new = version(tmp_path, "2026-02-01", use("contract"), decided=decided)
    found = {key: stamp.consequence for key, stamp in diff(old, new).introductions().items()}
    assert found == ({CALL: asked} if asked else {})
    assert {key: len(given) for key, given in stamps([old, new]).items()} == (
        {CALL: 1} if asked else {}
    )


@pytest.mark.parametrize(
    ("names", "consequence"),
    [
        ({"data": "usage"}, "notice"),
        ({"data": ["usage.call", "usage.content"]}, "notice"),
        ({"data": "everything", "purpose": "service", "rule": ["use", "other"]}, "notice"),
        ({"data": "usage.call"}, "reconfirm"),
        ({"rule": "other"}, "reconfirm"),
        ({"purpose": "improve"}, "reconfirm"),
        ({"choice": "mine"}, "reconfirm"),
        ({"recipient": "everyone"}, "reconfirm"),
    ],
)
def test_a_decision_is_about_a_change_all_of_which_it_names(tmp_path, names, consequence):
    old = version(tmp_path, "2026-01-01")
    decided = [decision("permission.other", "notice", **names)]
    new = version(tmp_path, "2026-02-01", use("contract", "usage"), decided=decided)
    assert of_kind(diff(old, new), "permission.other").consequence.value == consequence


def test_what_was_decided_is_kept_with_its_reason(tmp_path):
    old = version(tmp_path, "2026-01-01")
    decided = [decision("permission.other", "notice")]
    new = version(tmp_path, "2026-02-01", use("contract"), decided=decided)
    assert decisions(diff(old, new)) == [
        {
            "change": "permission.other",
            "rules": ["use"],
            "usually": "reconfirm",
            "consequence": "notice",
            "reason": "the authority was consulted",
            "by": "privacy officer",
        }
    ]


def three(tmp_path, consequence, last):
    """A permission with a decision in the second version; the third has `last` for its rules."""
    first = version(tmp_path, "2026-01-01")
    decided = [decision("permission.other", consequence)]
    second = version(tmp_path, "2026-02-01", use("contract"), decided=decided)
    return since([first, second, version(tmp_path, "2026-03-01", *last)])


def test_over_several_versions_a_decision_holds_for_the_same_change(tmp_path):
    found = three(tmp_path, "notice", [use("contract")])
    assert of_kind(found, "permission.other").consequence is Consequence.NOTICE


def test_what_a_later_version_widened_again_asks_for_what_its_kind_does(tmp_path):
    found = three(tmp_path, "notice", [use("contract", "usage")])
    assert of_kind(found, "permission.other").consequence is Consequence.RECONFIRM


def test_what_was_decided_to_ask_for_more_does_so_whatever_became_of_it(tmp_path):
    found = three(tmp_path, "re-consent", [use("contract", "usage")])
    assert of_kind(found, "permission.other").consequence is Consequence.RE_CONSENT
