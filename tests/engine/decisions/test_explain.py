"""An explanation always agrees with the decision, and says of each rule what it lacked."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.decisions.decision import Request
from engine.decisions.explain import DecisionExplained, explain
from engine.decisions.facts import NOTHING_KNOWN, SubjectFacts
from engine.decisions.table import Table, compile_table
from engine.policy.compiled.limits import check_decidable
from engine.policy.diff import stamps
from engine.policy.load import read_policy
from tests.support import naive
from tests.support.random_policies import PURPOSES, changed, contents, facts, load

SEED = Path(__file__).parents[3] / "policies" / "aicodewith"


@pytest.fixture(scope="module")
def newer() -> Table:
    chain = [read_policy(SEED / version) for version in ("2026-04-03", "2026-10-01")]
    return compile_table(chain[-1], stamps(chain))


@settings(max_examples=60)
@given(st.data())
def test_an_explanation_comes_to_the_same_verdict_as_the_decision(data):
    policy = load(data.draw(contents()))
    assume(not check_decidable(policy))
    _agrees_everywhere(compile_table(policy), data)


@settings(max_examples=30)
@given(st.data())
def test_it_does_where_a_version_widened_what_people_must_agree_to(data):
    files = data.draw(contents())
    chain = [load(files), load(data.draw(changed(files)), "2026-02-01")]
    assume(not any(check_decidable(policy) for policy in chain))
    given_stamps = stamps(chain)
    policy = chain[-1]
    assume(not check_decidable(policy))
    _agrees_everywhere(compile_table(policy, given_stamps), data)


def _agrees_everywhere(table: Table, data: st.DataObject) -> None:
    for about in data.draw(st.lists(facts(), min_size=2, max_size=4)):
        questions = [Request(*leaf) for leaf in naive.leaves(table.policy)]
        questions += [Request("use", "person", purpose) for purpose in PURPOSES]
        questions += [Request("collect", "person"), Request("collect", "usage", "news")]
        for request in questions:
            found = explain(table, request, about)
            decision = found.decision
            assert found.effect == decision.effect, (request, about)
            parts = decision.leaves or (decision,)
            assert [leaf.effect for leaf in found.leaves] == [leaf.effect for leaf in parts]
            assert [leaf.rule for leaf in found.leaves] == [leaf.rule for leaf in parts]
            assert [leaf.by_default for leaf in found.leaves] == [p.by_default for p in parts]


def only(found: DecisionExplained):
    (leaf,) = found.leaves
    return leaf


def test_each_condition_says_where_it_comes_from_and_how_it_stands(newer: Table):
    about = SubjectFacts(account="active", restricted=False, agreed="2026-10-01")
    leaf = only(explain(newer, Request("use", "account.email", "suggestions"), about))
    assert (leaf.effect, leaf.rule, leaf.by_default) == ("deny", "suggestions", True)
    (way,) = leaf.rules[0].ways
    assert {(c.label, c.source, c.state) for c in way} == {
        ("account", "basis", "holds"),
        ("choice suggestions", "basis", "unknown"),
        ("no objection", "basis", "unknown"),
        ("no restriction", "basis", "holds"),
    }


def test_a_rule_that_matches_but_for_one_name_is_shown_with_the_names_it_has(newer: Table):
    leaf = only(explain(newer, Request("use", "usage.content", "prevent-abuse"), NOTHING_KNOWN))
    assert leaf.rules == ()
    assert (leaf.near[0].rule, leaf.near[0].lacks) == ("prevent-abuse", "category")
    assert "usage.call" in leaf.near[0].names
    assert leaf.rule == "prevent-abuse"


def test_an_introduction_shows_the_agreement_that_is_missing(newer: Table):
    about = SubjectFacts(account="active", restricted=False, agreed="2026-04-03")
    request = Request("share", "usage.content", "provide-service", "upstream.acme-ai")
    leaf = only(explain(newer, request, about))
    states = {c.source: c.state for way in leaf.rules[0].ways for c in way}
    assert (states["agreement"], states["basis"]) == ("fails", "holds")


def test_collecting_shows_what_the_data_could_be_used_for(newer: Table):
    about = SubjectFacts(account="active", restricted=False, agreed="2026-10-01")
    leaf = only(explain(newer, Request("collect", "payment.record"), about))
    assert leaf.permitted
    assert "accounting" in {use.key.purpose for use in leaf.uses if use.permitted}


def test_a_question_about_an_unknown_name_has_no_leaves_and_is_denied(newer: Table):
    found = explain(newer, Request("use", "usage.contents", "sell"), NOTHING_KNOWN)
    assert (found.effect, found.leaves) == ("deny", ())
    assert "did you mean `usage.content`" in found.decision.reason
