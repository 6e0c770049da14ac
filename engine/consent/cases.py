"""Run a policy's own tests about the login gate and about cookies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from engine.consent.cookies import CookieAnswer, may_set
from engine.consent.explain import GateExplained, explain_gate
from engine.consent.records import Said, Standing, State
from engine.policy.cases import (
    CaseFile,
    CaseResult,
    CookieCase,
    Difference,
    GateCase,
    Given,
    Tested,
    listed,
)
from engine.policy.policy import Policy
from engine.retention.calendar import day_start

AGREEMENT = Tested("agreement", "agreement")


def run_gate_cases(file: CaseFile, chain: Sequence[Policy]) -> tuple[CaseResult, ...]:
    """Ask at every gate of a file; `chain` ends with the version that applies."""
    found = []
    for number, case in enumerate(file.gates):
        given = file.facts_of(case, chain[-1].version)
        shown = explain_gate(
            chain,
            _said(case, given, chain[-1]),
            _clock(case, chain[-1]),
            region=given.region,
            signals=given.signal or (),
        )
        exercised = frozenset(_exercised(case, shown))
        differences = tuple(_differences(case, shown))
        found.append(CaseResult(case.name, ("gates", number), differences, exercised))
    return tuple(found)


def run_cookie_cases(file: CaseFile, policy: Policy) -> tuple[CaseResult, ...]:
    """Ask for every cookie of a file."""
    return tuple(_cookie(number, case, file, policy) for number, case in enumerate(file.cookies))


def _clock(case: GateCase, policy: Policy) -> datetime:
    """When a case happens: when the version takes effect, unless it says otherwise."""
    zone = policy.header.zone
    return case.on.at(zone) if case.on else day_start(policy.effective, zone)


def _said(case: GateCase, given: Given, policy: Policy) -> Standing:
    """What the person said, as a case has it."""
    zone = policy.header.zone
    said = {
        choice: Said(
            State.GIVEN if one.is_ == "on" else State.REFUSED, one.since.at(zone), policy.version
        )
        for choice, one in case.said.items()
    }
    agreed = None if given.agreed == "no" else given.agreed
    return Standing(agreed, case.declined, said)


def _differences(case: GateCase, shown: GateExplained) -> Iterator[Difference]:
    found = shown.gate
    if case.expect != found.outcome:
        yield Difference("the gate", case.expect, found.outcome, ("expect",), shown.reason)
    questions = [question.id for question in found.questions]
    if case.asked is not None and sorted(case.asked) != sorted(questions):
        expected, got = listed(case.asked), listed(questions)
        yield Difference("the choices asked", expected, got, ("asked",), shown.reason)
    clauses = list(dict.fromkeys(clause for told in found.told for clause in told.clauses))
    if case.told is not None and not set(case.told) <= set(clauses):
        expected, got = listed(case.told), listed(clauses)
        yield Difference("the clauses told of", expected, got, ("told",), shown.reason)
    yield from _choices(case, shown)


def _choices(case: GateCase, shown: GateExplained) -> Iterator[Difference]:
    states = {state.id: state for state in shown.choices}
    for choice, expected in (case.choices or {}).items():
        state = states.get(choice)
        found = "unknown" if state is None or state.on is None else "on" if state.on else "off"
        if found != expected:
            why = state.because if state else "the version has no such choice"
            path = ("choices", choice)
            yield Difference(f"the choice `{choice}`", expected, found, path, why)


def _exercised(case: GateCase, shown: GateExplained) -> Iterator[Tested]:
    if not shown.gate.ok:
        yield AGREEMENT
    asked = {question.id for question in shown.gate.questions}
    for choice in {*(case.asked or ()), *(case.choices or ())}:
        if choice in asked or choice in (case.choices or ()):
            yield Tested("consent", choice)


def _cookie(number: int, case: CookieCase, file: CaseFile, policy: Policy) -> CaseResult:
    given = file.facts_of(case, policy.version)
    choices = {name: state == "on" for name, state in (given.choice or {}).items()}
    answer = may_set(policy, case.cookie, choices)
    exercised = {Tested("cookie", answer.rule.id)} if answer.rule else set()
    for choice, on in choices.items():
        if may_set(policy, case.cookie, {**choices, choice: not on}).effect != answer.effect:
            exercised.add(Tested("consent", choice))
    differences = tuple(_wrong(case, answer))
    return CaseResult(case.name, ("cookies", number), differences, frozenset(exercised))


def _wrong(case: CookieCase, answer: CookieAnswer) -> Iterator[Difference]:
    if case.expect != answer.effect:
        yield Difference("the answer", case.expect, answer.effect, ("expect",), answer.reason)
    rule = answer.rule.id if answer.rule else "none"
    if case.by is not None and case.by != rule:
        yield Difference("the rule", f"`{case.by}`", f"`{rule}`", ("by",), answer.reason)
