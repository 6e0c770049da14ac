"""Run a policy's own tests about decisions: does a table answer what the officers expect?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.decisions.decision import Decision, Request
from engine.decisions.facts import SubjectFacts
from engine.decisions.table import Table
from engine.policy.ages import needs_guardian
from engine.policy.cases import (
    CaseFile,
    CaseResult,
    DecisionCase,
    Difference,
    Given,
    Tested,
    listed,
)
from engine.policy.policy import Policy

_KINDS = {"collect": "collection", "use": "use", "share": "sharing"}


def run_decision_cases(file: CaseFile, table: Table) -> tuple[CaseResult, ...]:
    """Decide every case of a file, in its order, by the version of the table."""
    return tuple(_run(number, case, file, table) for number, case in enumerate(file.decisions))


def facts_given(given: Given, policy: Policy) -> SubjectFacts:
    """The facts that a case states; what it does not state is unknown.

    Where it states who turned the choices on, a yes counts as the policy's `guardians:` let it.
    """
    alone = given.said_by == "self"
    ward = alone and needs_guardian(policy, given.subject, given.region, given.age)
    counts = {False: True, None: None, True: False}[ward]
    return SubjectFacts(
        subject=given.subject,
        region=given.region,
        account=given.account,
        age=given.age,
        choices={
            choice: counts if state == "on" else False
            for choice, state in (given.choice or {}).items()
        },
        explicit=None if given.explicit is None else frozenset(given.explicit),
        signals=None if given.signal is None else frozenset(given.signal),
        objections=None if given.objected is None else frozenset(given.objected),
        restricted=None if given.restricted is None else given.restricted == "yes",
        restricted_data=frozenset(given.restricted_data or ()),
        agreed=None if given.agreed == "no" else given.agreed,
    )


def _run(number: int, case: DecisionCase, file: CaseFile, table: Table) -> CaseResult:
    request = Request(case.operation, case.category, case.purpose or "", case.recipient or "")
    about = facts_given(file.facts_of(case, table.policy.version), table.policy)
    decision = table.decide(request, table.facts(about))
    exercised = {*_deciding(decision), *_choices(table, request, about, decision)}
    differences = tuple(_differences(case, decision))
    return CaseResult(case.name, ("decisions", number), differences, frozenset(exercised))


def _deciding(decision: Decision) -> Iterator[Tested]:
    """The rules that decided, part by part; one that only came nearest decided nothing."""
    for leaf in decision.leaves or (decision,):
        if leaf.rule and not leaf.by_default:
            yield Tested(_KINDS[leaf.asked.operation], leaf.rule)


def _choices(
    table: Table, request: Request, about: SubjectFacts, decision: Decision
) -> Iterator[Tested]:
    """The choices on which the answer hangs: the other way, it would be another."""
    for choice, on in about.choices.items():
        other = replace(about, choices={**about.choices, choice: not on})
        if table.decide(request, table.facts(other)).effect != decision.effect:
            yield Tested("consent", choice)


def _differences(case: DecisionCase, decision: Decision) -> Iterator[Difference]:
    why = decision.reason
    if case.expect != decision.effect:
        yield Difference("the answer", case.expect, decision.effect, ("expect",), why)
    if case.by is not None and case.by != decision.rule:
        rule = "the nearest rule" if decision.by_default else "the rule"
        yield Difference(rule, f"`{case.by}`", f"`{decision.rule or 'none'}`", ("by",), why)
    if case.leaf is not None and case.leaf not in decision.leaf:
        found = " ".join(filter(None, decision.leaf[1:]))
        yield Difference("the part that decides", f"`{case.leaf}`", f"`{found}`", ("leaf",), why)
    yield from _lists(case, decision)


def _lists(case: DecisionCase, decision: Decision) -> Iterator[Difference]:
    labels = [missing.label for missing in decision.missing]
    if case.missing is not None and sorted(case.missing) != sorted(labels):
        expected, found = listed(case.missing), listed(labels)
        yield Difference("what is missing", expected, found, ("missing",), decision.reason)
    if case.must is not None and set(case.must) != set(decision.obligations):
        expected, found = listed(case.must), listed(decision.obligations)
        yield Difference("the obligations", expected, found, ("must",), decision.reason)
