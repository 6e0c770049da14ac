"""Two other ways to find out how two versions differ: trying every situation, and a solver.

The first asks the compiled tables of the two versions; the second reads the rules by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import z3

from engine.decisions.decision import Request
from engine.decisions.facts import SubjectFacts, answer
from engine.decisions.table import Table, compile_table
from engine.policy.compiled.conditions import Cases, Fact, Kind
from engine.policy.diff import Diff
from engine.policy.policy import Policy
from engine.policy.regions import within
from tests.support import naive

Leaf = tuple[str, str, str, str]

REGIONS = ("FR", "DE", "US-CA", "US-NY", "CN")
ACCOUNTS = ("active", "none", "suspended", "cancelled")
CHOICES = ("choice-0", "choice-1")
SIGNALS = ("gpc", "dnt")
SUBJECTS = ("customer", "child")
AGES = (12, 17, 18)

NEW = ("permission.consent", "permission.other", "permission.special", "permission.minors")
CONTRADICTED = "the comparison and the oracle disagree"


def boxes(found: Diff, leaf: Leaf, *kinds: str) -> list[Cases]:
    """Where changes of some kinds are in a cell, as the comparison says it."""
    return [
        box.when
        for change in found.changes
        if change.kind in kinds
        for box in change.boxes
        if leaf in box.keys
    ]


# Trying every situation


def situations(policies: tuple[Policy, Policy], leaf: Leaf) -> Iterator[SubjectFacts]:
    """Every situation that the rules which match a leaf could tell apart, as complete facts."""
    rules = [rule for policy in policies for rule in naive.matching(policy, leaf)]
    guards = [guard for rule in rules for guard in (rule.when, rule.unless) if guard is not None]
    asked = {getattr(rule, "choice", None) for rule in rules}
    asked |= {choice for guard in guards for choice in guard.choice or ()}

    def only_if(key: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
        return values if any(getattr(guard, key) for guard in guards) else values[:1]

    signals = [frozenset(s for s, on in zip(SIGNALS, told, strict=True) if on)
               for told in product((False, True), repeat=2)]  # fmt: skip
    for subject, region, account, age, sent, restricted, objects, *states in product(
        only_if("subject", SUBJECTS),
        only_if("region", REGIONS),
        ACCOUNTS,
        only_if("age_below", AGES),
        only_if("signal", tuple(signals)),
        (False, True),
        (False, True),
        *((0, 1, 2) if choice in asked else (0,) for choice in CHOICES),
    ):
        yield SubjectFacts(
            subject=subject,
            region=region,
            account=account,
            age=age,
            signals=sent,
            restricted=restricted,
            objections=frozenset({leaf[2]} if objects else ()),
            choices={c: bool(s) for c, s in zip(CHOICES, states, strict=True)},
            explicit=frozenset(c for c, s in zip(CHOICES, states, strict=True) if s == 2),
        )


def check_by_trying(old: Policy, new: Policy, found: Diff) -> int:
    """AssertionError where some situation contradicts the comparison; how many were tried."""
    tables = compile_table(old), compile_table(new)
    tried = 0
    seen: dict[object, dict[str, list[Cases]]] = {}
    for leaf in naive.leaves(new):
        if leaf[0] == "collect":
            continue
        told = {kind: boxes(found, leaf, kind) for kind in (*NEW, *_REST)}
        same = _sameness(old, new, leaf)
        if same in seen:
            # The same rules decide here as in a cell that was tried: they must differ in the same way.
            alike = all(set(told[kind]) == set(seen[same][kind]) for kind in told)
            assert alike, (CONTRADICTED, leaf, told, seen[same])
            continue
        seen[same] = told
        for about in situations((old, new), leaf):
            tried += 1
            _check_situation(tables, leaf, about, told)
    return tried


def _sameness(old: Policy, new: Policy, leaf: Leaf) -> object:
    rules = [tuple(rule.id for rule in naive.matching(policy, leaf)) for policy in (old, new)]
    special = new.categories.inherited(leaf[1], "special")
    return *rules, leaf[0], leaf[2], special


_REST = ("permission.narrower", "basis.consent-replaced", "obligation.fewer", "obligation.more")


def _check_situation(
    tables: tuple[Table, Table], leaf: Leaf, about: SubjectFacts, told: dict[str, list[Cases]]
) -> None:
    before, after = (t.decide(Request(*leaf), t.facts(about)) for t in tables)
    said = {kind for kind, found in told.items() if any(_holds(c, leaf, about) for c in found)}
    wider = after.permitted and not before.permitted
    kept = after.permitted and before.permitted
    duties = [{str(duty) for duty in decision.obligations} for decision in (before, after)]
    where = CONTRADICTED, leaf, about, said
    assert wider <= bool(said & {*NEW, "basis.consent-replaced"}), where
    assert bool(said & set(NEW)) <= wider, where
    assert ("basis.consent-replaced" in said) <= after.permitted, where
    assert ("permission.narrower" in said) == (before.permitted and not after.permitted), where
    assert ("obligation.fewer" in said) == (kept and bool(duties[0] - duties[1])), where
    assert ("obligation.more" in said) == (kept and bool(duties[1] - duties[0])), where


def _holds(cases: Cases, leaf: Leaf, about: SubjectFacts) -> bool:
    return any(
        all(answer(_spelt(demand.fact, leaf), about) is demand.holds for demand in case)
        for case in cases
    )


def _spelt(fact: Fact, leaf: Leaf) -> Fact:
    return Fact(Kind.OBJECTION, (leaf[2],)) if fact.kind is Kind.OBJECTION else fact


# Asking a solver

SUBJECT, REGION, ACCOUNT, AGE = z3.Ints("subject region account age")
STATE = {choice: z3.Int(choice) for choice in CHOICES}
SENT = {signal: z3.Bool(signal) for signal in SIGNALS}
RESTRICTED, OBJECTS = z3.Bools("restricted objects")
POSSIBLE = z3.And(
    SUBJECT >= 0, len(SUBJECTS) > SUBJECT,
    REGION >= 0, len(REGIONS) > REGION,
    ACCOUNT >= 0, len(ACCOUNTS) > ACCOUNT,
    AGE >= 0,
    *(z3.And(state >= 0, state <= 2) for state in STATE.values()),
)  # fmt: skip


def check_by_solver(old: Policy, new: Policy, found: Diff) -> int:
    """AssertionError where the solver finds a situation that contradicts; how many times it was asked."""
    asked = set()
    for leaf in naive.leaves(new):
        same = _sameness(old, new, leaf)
        if leaf[0] == "collect" or same in asked:
            continue
        before, after = _permitted(old, leaf), _permitted(new, leaf)
        fresh, swapped, less = (
            z3.Or(*(_condition(cases) for cases in boxes(found, leaf, *kinds)))
            for kinds in (NEW, ("basis.consent-replaced",), ("permission.narrower",))
        )
        wider = z3.And(after, z3.Not(before))
        claims = (
            z3.Implies(wider, z3.Or(fresh, swapped)),
            z3.Implies(fresh, wider),
            z3.Implies(swapped, after),
            less == z3.And(before, z3.Not(after)),
        )
        solver = z3.Solver()
        solver.add(POSSIBLE, z3.Not(z3.And(*claims)))
        asked.add(same)
        assert solver.check() == z3.unsat, (CONTRADICTED, leaf, solver.model())
    return len(asked)


def _permitted(policy: Policy, leaf: Leaf) -> z3.BoolRef:
    rules = naive.matching(policy, leaf)
    denied = z3.Or(*(_guards(rule) for rule in rules if rule.denies))
    permits = [_permit(policy, rule, leaf) for rule in rules if not rule.denies]
    return z3.And(z3.Not(denied), z3.Or(*permits))


def _permit(policy: Policy, rule: Any, leaf: Leaf) -> z3.BoolRef:
    """A permit with what its basis implies."""
    _, category, purpose, _ = leaf
    kind = policy.purposes[purpose].get("is")
    consent = rule.basis in ("consent", "explicit consent")
    own_account = rule.when is not None and rule.when.account is not None
    wanted = [_guards(rule)]
    if consent:
        least = 2 if rule.basis == "explicit consent" else 1
        wanted.append(STATE[rule.choice] >= least if rule.choice else z3.BoolVal(False))
    if consent or (rule.basis == "contract" and not own_account):
        wanted.append(ACCOUNTS.index("cancelled") != ACCOUNT)
    if rule.basis in ("legitimate interest", "public task") or kind == "direct marketing":
        wanted.append(z3.Not(OBJECTS))
    if rule.basis not in ("legal obligation", "vital interests") and kind not in (
        "legal claims",
        "rights handling",
    ):
        wanted.append(z3.Not(RESTRICTED))
    if policy.categories.inherited(category, "special"):
        wanted.append(z3.BoolVal(bool(rule.second_ground) or rule.basis == "explicit consent"))
    return z3.And(*wanted)


def _guards(rule: Any) -> z3.BoolRef:
    unless = z3.Not(_guard(rule.unless)) if rule.unless else z3.BoolVal(True)
    return z3.And(_guard(rule.when) if rule.when else z3.BoolVal(True), unless)


def _guard(guard: Any) -> z3.BoolRef:
    parts = []
    for kind, names in (
        (Kind.SUBJECT, guard.subject),
        (Kind.REGION, guard.region),
        (Kind.ACCOUNT, guard.account),
        (Kind.CHOICE, guard.choice),
        (Kind.SIGNAL, guard.signal),
        (Kind.AGE_BELOW, guard.age_below and (str(guard.age_below),)),
    ):
        if names:
            parts.append(_fact(kind, tuple(names)))
    return z3.And(*parts)


def _condition(cases: Cases) -> z3.BoolRef:
    return z3.Or(
        *(
            z3.And(*(_fact(d.fact.kind, d.fact.values) == d.holds for d in sorted(case)))
            for case in cases
        )
    )


@cache
def _fact(kind: Kind, names: tuple[str, ...]) -> z3.BoolRef:
    match kind:
        case Kind.SUBJECT:
            return z3.Or(*(SUBJECTS.index(n) == SUBJECT for n in names))
        case Kind.REGION:
            inside = [i for i, r in enumerate(REGIONS) if any(within(r, name) for name in names)]
            return z3.Or(*(i == REGION for i in inside))
        case Kind.ACCOUNT:
            return z3.Or(*(ACCOUNTS.index(n) == ACCOUNT for n in names))
        case Kind.CHOICE:
            return z3.Or(*(STATE[n] >= 1 for n in names))
        case Kind.EXPLICIT:
            return z3.Or(*(STATE[n] == 2 for n in names))
        case Kind.SIGNAL:
            return z3.Or(*(SENT[n] for n in names))
        case Kind.AGE_BELOW:
            return int(names[0]) > AGE
        case Kind.RESTRICTION:
            return RESTRICTED
        case Kind.OBJECTION:
            return OBJECTS
        case _:
            return z3.BoolVal(False)
