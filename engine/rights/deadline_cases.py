"""Run a policy's own tests about deadlines: is a request due when the officers expect it?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.errors import UpheldError
from engine.policy.cases import CaseFile, CaseResult, DeadlineCase, Difference, Due, Tested
from engine.policy.cases.moments import in_words
from engine.policy.policy import Policy
from engine.retention.calendar import day_end
from engine.rights.explain import DeadlineExplained, Received, explain_deadline


def run_deadline_cases(file: CaseFile, policy: Policy) -> tuple[CaseResult, ...]:
    """Count every deadline of a file, by the law and by this version."""
    return tuple(_run(number, case, file, policy) for number, case in enumerate(file.deadlines))


def _run(number: int, case: DeadlineCase, file: CaseFile, policy: Policy) -> CaseResult:
    zone, path = policy.header.zone, ("deadlines", number)
    verified = case.verified.at(zone) if case.verified else None
    region = file.facts_of(case, policy.version).region
    request = Received(case.right, region, case.received.at(zone), verified, case.extended == "yes")
    try:
        shown = explain_deadline(policy, request)
    except UpheldError as problem:
        wrong = Difference("the deadline", str(case.expect), "none", ("expect",), str(problem))
        return CaseResult(case.name, path, (wrong,))
    exercised = frozenset({Tested("right", shown.rule.id)})
    return CaseResult(case.name, path, tuple(_differences(case, shown, zone)), exercised)


def _differences(
    case: DeadlineCase, shown: DeadlineExplained, zone: ZoneInfo
) -> Iterator[Difference]:
    found, why = shown.deadline, shown.reason
    yield from _date("the deadline", "expect", case.expect, found.legal_due, zone, why)
    yield from _date("our own aim", "target", case.target, found.target_due, zone, why)
    cooling = shown.cooling_until
    yield from _date("the time to reconsider", "cooling off", case.cooling, cooling, zone, why)
    if case.by is not None and case.by != found.set_by:
        yield Difference("who sets the deadline", case.by, found.set_by, ("by",), why)
    regime = shown.law.regime if shown.law else "none"
    if case.law is not None and case.law != regime:
        yield Difference("the law that applies", f"`{case.law}`", f"`{regime}`", ("law",), why)


def _date(
    what: str, key: str, expected: Due | None, found: datetime | None, zone: ZoneInfo, why: str
) -> Iterator[Difference]:
    if expected is not None and _instant(expected, zone) != found:
        yield Difference(what, str(expected), in_words(found, zone), (key,), why)


def _instant(due: Due, zone: ZoneInfo) -> datetime | None:
    if due.through is not None:
        return day_end(due.through, zone)
    return due.moment.at(zone) if due.moment else None
