"""Run a policy's own tests about decisions: does a table answer what the officers expect?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.decisions.decision import Decision, Request
from engine.decisions.facts import SubjectFacts
from engine.decisions.table import Table
from engine.policy.cases import CaseFile, DecisionCase, Given


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case with the answer that came, and each way in which it is not the one expected."""

    case: DecisionCase
    decision: Decision
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether everything that the case expects came."""
        return not self.problems


def run_decision_cases(file: CaseFile, table: Table) -> tuple[CaseResult, ...]:
    """Decide every case of a file, in its order."""
    return tuple(_run(case, file.given, table) for case in file.decisions)


def facts_given(given: Given) -> SubjectFacts:
    """The facts that a case states; what it does not state is unknown."""
    return SubjectFacts(
        subject=given.subject,
        region=given.region,
        account=given.account,
        age=given.age,
        choices={choice: state == "on" for choice, state in (given.choice or {}).items()},
        signals=None if given.signal is None else frozenset(given.signal),
        objections=None if given.objected is None else frozenset(given.objected),
        restricted=None if given.restricted is None else given.restricted == "yes",
        restricted_data=frozenset(given.restricted_data or ()),
        agreed=None if given.agreed == "no" else given.agreed,
    )


def _run(case: DecisionCase, given: Given, table: Table) -> CaseResult:
    request = Request(case.operation, case.category, case.purpose or "", case.recipient or "")
    about = facts_given(given.replaced_by(case.given))
    decision = table.decide(request, table.facts(about))
    return CaseResult(case, decision, tuple(_problems(case, decision)))


def _problems(case: DecisionCase, decision: Decision) -> Iterator[str]:
    if decision.effect != case.expect:
        yield f"expected {case.expect}, got {decision.effect}: {decision.reason}"
    if case.by is not None and case.by != decision.rule:
        yield f"expected the rule `{case.by}`, got `{decision.rule or 'none'}`"
    if case.leaf is not None and case.leaf not in decision.leaf:
        yield f"expected the part `{case.leaf}` to decide, got {' '.join(filter(None, decision.leaf))}"
    yield from _lists(case, decision)


def _lists(case: DecisionCase, decision: Decision) -> Iterator[str]:
    labels = [missing.label for missing in decision.missing]
    if case.missing is not None and sorted(case.missing) != sorted(labels):
        yield f"expected to miss {_listed(case.missing)}, got {_listed(labels)}"
    if case.must is not None and set(case.must) != set(decision.obligations):
        wanted, got = map(str, case.must), map(str, decision.obligations)
        yield f"expected the obligations {_listed(wanted)}, got {_listed(got)}"


def _listed(names: Iterator[str] | tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "nothing"
