"""The seed's second version: a new consent, a new recipient, a longer period, and what follows."""

from pathlib import Path

import pytest

from engine.policy.compiled.cells import CellKey
from engine.policy.diff import diff
from engine.policy.load import read_policy

SEED = Path(__file__).parents[4] / "policies" / "aicodewith"


@pytest.fixture(scope="module")
def found():
    return diff(read_policy(SEED / "2026-04-03"), read_policy(SEED / "2026-10-01"))


def test_each_significant_change_has_its_consequence(found):
    told = [(change.consequence.value, change.kind) for change in found.changes]
    assert told == [
        ("re-consent", "permission.consent"),
        ("reconfirm", "permission.other"),
        ("reconfirm", "recipient.new"),
        ("reconfirm", "retention.longer"),
        ("changelog", "choice.new"),
        ("none", "text.changed"),
    ]


def test_the_new_cells_ask_for_agreement_and_no_others(found):
    benchmarking = CellKey("use", "usage.content", "improve.benchmarking")
    acme = CellKey("share", "usage.content", "provide-service", "upstream.acme-ai")
    told = {key: (stamp.version, stamp.consequence) for key, stamp in found.introductions().items()}
    assert told == {
        benchmarking: ("2026-10-01", "re-consent"),
        acme: ("2026-10-01", "reconfirm"),
    }


def test_the_sentences_name_the_clause_and_read_plainly(found):
    told = {change.kind: change for change in found.changes}
    assert told["permission.other"].clauses == ("4.c", "4.d")
    assert told["permission.other"].sentence == (
        "from now on API request and response content may be shared with Acme AI Ltd for providing and "
        "maintaining the API service on the basis of contract"
    )
    assert told["recipient.new"].sentence == "Acme AI Ltd in US is a new recipient (processor)"


def test_going_back_is_only_tightening():
    back = diff(read_policy(SEED / "2026-10-01"), read_policy(SEED / "2026-04-03"))
    assert back.introductions() == {}
    assert {change.consequence.value for change in back.changes} == {"notice", "changelog", "none"}
