"""What holds for every policy and every person: the table means what the rules say, and fails closed."""

from dataclasses import fields, replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.decisions.decision import Request
from engine.decisions.facts import SubjectFacts
from engine.decisions.table import compile_table
from engine.policy.compiled.limits import check_decidable
from tests.support import naive
from tests.support.random_policies import contents, facts, load


@settings(max_examples=50)
@given(st.data())
def test_the_table_answers_as_a_plain_reading_of_the_rules_does(data):
    policy = load(data.draw(contents()))
    assume(not check_decidable(policy))
    table = compile_table(policy)
    for about in data.draw(st.lists(facts(), min_size=3, max_size=6)):
        encoded = table.facts(about)
        for leaf in naive.leaves(policy):
            decision = table.decide(Request(*leaf), encoded)
            assert decision.permitted == naive.permits(policy, leaf, about), (leaf, about)
            if decision.permitted:
                told = {str(duty) for duty in decision.obligations}
                assert told == naive.duties(policy, leaf, about)


@settings(max_examples=50)
@given(st.data())
def test_an_unknown_fact_never_turns_a_deny_into_a_permit(data):
    policy = load(data.draw(contents()))
    assume(not check_decidable(policy))
    table = compile_table(policy)
    known = data.draw(facts(known=True))
    less = _forgetting(known, data.draw(st.sets(st.sampled_from(_FORGETTABLE), min_size=1)))
    for leaf in naive.leaves(policy):
        if table.decide(Request(*leaf), table.facts(less)).permitted:
            assert table.decide(Request(*leaf), table.facts(known)).permitted, (leaf, known, less)


@settings(max_examples=30)
@given(st.data())
def test_a_parent_is_permitted_exactly_if_every_leaf_is(data):
    policy = load(data.draw(contents()))
    assume(not check_decidable(policy))
    table = compile_table(policy)
    encoded = table.facts(data.draw(facts(known=True)))
    for purpose in policy.purposes.leaves:
        whole = table.decide(Request("use", "person", purpose), encoded)
        parts = [
            table.decide(Request("use", name, purpose), encoded)
            for name in ("person.email", "person.health")
        ]
        assert whole.permitted == all(part.permitted for part in parts)
        assert [leaf.effect for leaf in whole.leaves] == [part.effect for part in parts]


@settings(max_examples=30)
@given(st.data())
def test_what_a_denied_request_misses_is_what_would_permit_it(data):
    """Where only facts about choices are missing, turning them on is enough."""
    policy = load(data.draw(contents()))
    assume(not check_decidable(policy))
    table = compile_table(policy)
    about = data.draw(facts(known=True))
    for leaf in naive.leaves(policy):
        decision = table.decide(Request(*leaf), table.facts(about))
        missing = decision.missing
        if not decision.by_default or not missing or leaf[0] == "collect":
            continue
        if all(item.kind == "choice" and item.wanted and len(item.values) == 1 for item in missing):
            on = {name: True for item in missing for name in item.values}
            then = replace(about, choices={**about.choices, **on})
            again = table.decide(Request(*leaf), table.facts(then))
            # Only a prohibition that hangs on the same choice can still stand in the way.
            assert again.permitted or not again.by_default


_FORGETTABLE = [f.name for f in fields(SubjectFacts) if f.name not in ("agreed", "graced")]


def _forgetting(about: SubjectFacts, names: set[str]) -> SubjectFacts:
    return replace(about, **{name: {} if name == "choices" else None for name in names})
