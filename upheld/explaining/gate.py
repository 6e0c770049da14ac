"""A login gate explained: what was agreed to, what changed, which choices are asked, what waits."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import click

from engine.consent.choices import ChoiceState
from engine.consent.explain import GateExplained, Waiting
from engine.policy.policy import Policy
from engine.retention.arithmetic import due_words, when
from upheld.explaining.lines import clause_texts, headline, named, para, plain, quote, sign, tree

_MUST = {"reconfirm", "re-consent"}


def show(policy: Policy, found: GateExplained) -> None:
    """For people."""
    gate = found.gate
    headline(gate.outcome.upper(), gate.ok, found.reason)
    if not gate.ok and policy.consent.agreement:
        quote(policy, policy.consent.agreement.clause)
    _changes(policy, found)
    _choices(found, policy.header.zone)
    if found.waiting:
        click.echo()
        click.echo("not permitted until the person agrees:")
        tree([(sign("fails"), _waits(waiting)) for waiting in found.waiting])
    click.echo()
    click.echo(f"policy {policy.name} {policy.version}")


def as_dict(policy: Policy, found: GateExplained) -> dict[str, Any]:
    """For programs."""
    clauses = [clause for change in found.changes for clause in change.clauses]
    return {
        "outcome": found.gate.outcome,
        "version": found.gate.version,
        "agreed": found.gate.agreed,
        "reason": found.reason,
        "new_versions": list(found.new),
        "changes": [
            {
                "sentence": change.sentence,
                "clauses": list(change.clauses),
                "consequence": change.consequence.value,
                "must_be_answered": change.consequence.value in _MUST,
            }
            for change in found.changes
        ],
        "asked": [question.id for question in found.gate.questions],
        "choices": plain(found.choices),
        "waiting": plain(found.waiting),
        "clause_texts": clause_texts(policy, clauses),
    }


def _changes(policy: Policy, found: GateExplained) -> None:
    if found.gate.agreed is None or not found.changes:
        return
    click.echo()
    click.echo(f"what changed since {found.gate.agreed}:")
    for change in found.changes:
        must = change.consequence.value in _MUST
        needs = "needs an answer" if must else "needs none"
        shape = sign("fails" if must else "holds")
        para(f"{change.sentence} ({change.consequence.value}: {needs})", "    ", f"  {shape} ")
        quote(policy, change.clauses, "    ")


def _choices(found: GateExplained, zone: ZoneInfo) -> None:
    if not found.choices:
        return
    asked = {question.id for question in found.gate.questions}
    click.echo()
    click.echo("choices, asked each on its own, and no holds nobody up:")
    tree([_choice(state, state.id in asked, zone) for state in found.choices])


def _choice(state: ChoiceState, asked: bool, zone: ZoneInfo) -> tuple[str, str]:
    known = "unknown" if state.on is None else "on" if state.on else "off"
    shape = sign({"on": "holds", "off": "fails", "unknown": "unknown"}[known])
    since = f" since {when(state.since, zone)}" if state.since else ""
    until = f", until {due_words(state.until, zone)}" if state.until else ""
    now = "; asked now" if asked else ""
    return shape, f"{state.id} is {known}: {state.because}{since}{until}{now}"


def _waits(waiting: Waiting) -> str:
    keys = waiting.cells
    data = named(dict.fromkeys(key.category for key in keys))
    purposes = named(dict.fromkeys(key.purpose for key in keys if key.purpose))
    whom = named(dict.fromkeys(key.recipient for key in keys if key.recipient))
    act = {"collect": "collecting", "use": "using", "share": "sharing"}[keys[0].operation]
    text = (
        f"{act} {data}"
        + (f" with {whom}" if whom else "")
        + (f" for {purposes}" if purposes else "")
    )
    return f"{text} (rule {waiting.rule}, introduced by {waiting.version}: {waiting.consequence})"
