"""A policy's own tests as people read them: what failed, with both sides and why; what nothing exercises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import click

from engine.policy.findings import Position
from upheld.testing import Failure, Outcome, Report, Unexercised

_KINDS = {
    "collection": "collecting",
    "use": "use",
    "sharing": "sharing",
    "retention": "retention",
    "hold": "holds",
    "right": "rights",
    "cookie": "cookies",
    "consent": "choices",
    "agreement": "agreement",
}


def show_report(report: Report, *, filtered: bool) -> None:
    """The failures, then what no case exercises (not of a selection), then the counts."""
    show_failures(report.failed)
    if not filtered:
        for version, missed in groupby(report.unexercised, key=lambda one: one.version):
            _unexercised(version, list(missed))
        for version in report.untested:
            click.echo(f"{click.style('◐', fg='yellow')} no test is about version {version}\n")
        if report.untested:
            click.echo("  how to write one: docs/policy-tests.md\n")
    click.echo(summary(report, filtered=filtered))


def show_failures(failed: Sequence[Outcome], *, err: bool = False) -> None:
    """Each case that failed, with both sides of every difference and why."""
    for outcome in failed:
        for line in _failed(outcome):
            click.echo(line, err=err)


def summary(report: Report, *, filtered: bool) -> str:
    """`193 passed, 0 failed; 126 of 126 rules exercised`."""
    failed = len(report.failed)
    text = f"{len(report.outcomes) - failed:,} passed, {failed:,} failed"
    if filtered or not report.outcomes:
        return text
    return f"{text}; {report.rules - len(report.unexercised):,} of {report.rules:,} rules exercised"


def rows(outcomes: Sequence[Outcome]) -> list[list[Any]]:
    """The cases as a table: file, version, kind, case, result, differences."""
    return [
        [o.file, o.version, o.kind, o.name, "passed" if o.passed else "FAILED", _differences(o)]
        for o in outcomes
    ]


def as_json(report: Report) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "passed": len(report.outcomes) - len(report.failed),
        "failed": len(report.failed),
        "rules": report.rules,
        "cases": [_case_dict(outcome) for outcome in report.outcomes],
        "not_exercised": [
            {"version": u.version, "kind": u.rule.kind, "rule": u.rule.name, **_place(u.where)}
            for u in report.unexercised
        ],
        "versions_without_tests": report.untested,
    }


def _failed(outcome: Outcome) -> Iterator[str]:
    yield f"{click.style('✕', fg='red')} {click.style(outcome.name, bold=True)}"
    yield f"  {outcome.kind} of version {outcome.version}, {outcome.where}"
    for failure in outcome.failures:
        yield from _failure(failure)
    yield ""


def _failure(failure: Failure) -> Iterator[str]:
    told = failure.difference
    yield f"  {click.style(str(failure.where), bold=True)}: {told.what}"
    yield click.style(f"    - expected  {told.expected}", fg="red")
    yield click.style(f"    + found     {told.found}", fg="green")
    if told.why:
        yield f"      because   {told.why}"


def _unexercised(version: str, missed: Sequence[Unexercised]) -> None:
    noun = "rule" if len(missed) == 1 else "rules"
    click.echo(
        f"{click.style('◐', fg='yellow')} no test of {version} exercises {len(missed)} {noun}"
    )
    for kind, rules in groupby(missed, key=lambda one: one.rule.kind):
        click.echo(f"  {_KINDS[kind]}")
        for one in rules:
            click.echo(f"    {one.rule.name:<32} {one.where}")
    click.echo()


def _differences(outcome: Outcome) -> str:
    return "; ".join(str(failure.difference) for failure in outcome.failures)


def _case_dict(outcome: Outcome) -> dict[str, Any]:
    return {
        "file": outcome.file,
        "version": outcome.version,
        "kind": outcome.kind,
        "case": outcome.name,
        "passed": outcome.passed,
        "line": outcome.where.line,
        "column": outcome.where.column,
        "exercises": sorted(f"{rule.kind} {rule.name}" for rule in outcome.exercised),
        "differences": [_failure_dict(failure) for failure in outcome.failures],
    }


def _failure_dict(failure: Failure) -> dict[str, Any]:
    told = failure.difference
    said = {"what": told.what, "expected": told.expected, "found": told.found}
    return {**said, "why": told.why or None, **_place(failure.where)}


def _place(where: Position) -> dict[str, Any]:
    return {"file": where.file, "line": where.line, "column": where.column}
