"""The comparison of permissions is exact: it agrees with trying every situation one by one."""

from dataclasses import replace
from itertools import product

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.decisions.decision import Request
from engine.decisions.facts import SubjectFacts
from engine.decisions.table import compile_table
from engine.policy.compiled.cells import CellKey
from engine.policy.compiled.limits import check_decidable
from engine.policy.diff import diff, stamps
from tests.support import naive
from tests.support.random_policies import CHOICES, changed, contents, facts, load

WHOLE = {
    "subject": ("customer", "child"),
    "region": ("DE", "FR", "US-CA", "US-NY", "CN"),
    "account": ("active", "none", "suspended", "cancelled"),
    "age": (5, 15, 30),
    "signals": tuple(map(frozenset, ((), ("gpc",), ("dnt",), ("gpc", "dnt")))),
    "restricted": (False, True),
}
GUARDED = {"subject": "subject", "region": "region", "age_below": "age", "signal": "signals"}


def _situations(policies, leaf):
    """Every situation that the rules which match a leaf could tell apart, as complete facts."""
    rules = [rule for policy in policies for rule in naive.matching(policy, leaf)]
    guards = [guard for rule in rules for guard in (rule.when, rule.unless) if guard is not None]
    named = {GUARDED[key] for guard in guards for key in GUARDED if getattr(guard, key)}
    domains = {
        key: values if key in named or key in ("account", "restricted") else values[:1]
        for key, values in WHOLE.items()
    }
    asked = {getattr(rule, "choice", None) for rule in rules} - {None}
    asked |= {choice for guard in guards for choice in guard.choice or ()}
    states = [(0, 1, 2) if name in asked else (0,) for name in CHOICES]
    choices = [dict(zip(CHOICES, state, strict=True)) for state in product(*states)]
    objections = (frozenset(), frozenset({leaf[2]})) if leaf[2] else (frozenset(),)
    for values in product(*domains.values(), choices, objections):
        *told, state, objected = values
        yield SubjectFacts(
            **dict(zip(domains, told, strict=True)),
            choices={name: bool(value) for name, value in state.items()},
            explicit=frozenset(name for name, value in state.items() if value == 2),
            objections=objected,
        )


def _allowed(policy, leaf, about):
    return bool(naive.applying(policy, leaf, about))


@settings(max_examples=60)
@given(st.data())
def test_wider_narrower_and_obligations_are_found_in_exactly_the_cells_where_they_are(data):
    files = data.draw(contents())
    old = load(files)
    new = load(data.draw(changed(files)), "2026-02-01")
    assume(not check_decidable(old) and not check_decidable(new))
    found = diff(old, new)
    leaf = data.draw(st.sampled_from(list(naive.leaves(old))))
    told = {kind: _told(found, leaf, kind) for kind in ("permission.narrower", "obligation.fewer")}
    told["wider"] = CellKey(*leaf) in found.introductions()
    really = dict.fromkeys(told, False)
    for about in _situations((old, new), leaf):
        before, after = _allowed(old, leaf, about), _allowed(new, leaf, about)
        really["wider"] |= after and not before
        really["permission.narrower"] |= before and not after
        if before and after:
            lost = naive.duties(old, leaf, about) - naive.duties(new, leaf, about)
            really["obligation.fewer"] |= bool(lost)
    assert told == really, leaf


def _told(found, leaf, kind):
    return any(change.kind == kind and CellKey(*leaf) in change.scopes for change in found.changes)


@settings(max_examples=40)
@given(st.data())
def test_who_has_not_agreed_is_decided_by_what_both_versions_permit(data):
    files = data.draw(contents())
    old = load(files)
    new = load(data.draw(changed(files)), "2026-02-01")
    assume(not check_decidable(old) and not check_decidable(new))
    table = compile_table(new, stamps([old, new]))
    for about in data.draw(st.lists(facts(known=True), min_size=3, max_size=6)):
        before = table.facts(replace(about, agreed="2026-01-01"))
        after = table.facts(replace(about, agreed="2026-02-01"))
        for leaf in naive.leaves(new):
            if leaf[0] == "collect":
                continue
            both = naive.permits(old, leaf, about) and naive.permits(new, leaf, about)
            assert table.decide(Request(*leaf), before).permitted == both, (leaf, about)
            now = naive.permits(new, leaf, about)
            assert table.decide(Request(*leaf), after).permitted == now, (leaf, about)


@settings(max_examples=15)
@given(st.data())
def test_over_three_versions_each_permission_asks_for_the_version_that_last_brought_it(data):
    files = data.draw(contents())
    second = data.draw(changed(files))
    versions = [
        load(f, f"2026-0{n}-01")
        for n, f in enumerate((files, second, data.draw(changed(second))), 1)
    ]
    assume(not any(check_decidable(version) for version in versions))
    table = compile_table(versions[-1], stamps(versions))
    about = data.draw(facts(known=True))
    for leaf in naive.leaves(versions[-1]):
        if leaf[0] == "collect":
            continue
        permitted = [naive.permits(version, leaf, about) for version in versions]
        for agreed, version in enumerate(versions):
            decision = table.decide(
                Request(*leaf), table.facts(replace(about, agreed=version.version))
            )
            assert decision.permitted == all(permitted[agreed:]), (leaf, permitted, agreed)


@settings(max_examples=15)
@given(st.data())
def test_a_version_does_not_differ_from_itself(data):
    files = data.draw(contents())
    assert diff(load(files), load(files)).changes == ()
