"""A deadline explained: the law's day and how it moved, the policy's own, and which of them counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from engine.policy.policy import Policy
from engine.retention.arithmetic import due_words, in_full, when
from engine.rights.deadlines import Deadline
from engine.rights.explain import ByLaw, DeadlineExplained
from upheld.explaining.lines import clause_texts, headline, para, plain, quote_rule, sign, tree


def show(policy: Policy, found: DeadlineExplained) -> None:
    """For people."""
    zone, deadline = policy.header.zone, found.deadline
    headline("DUE", True, f"by {due_words(deadline.legal_due, zone)}: {found.reason}")
    quote_rule(policy, found.rule.id)
    click.echo()
    if found.law:
        _by_law(found.law, zone, wins=deadline.set_by == "law")
    else:
        para("no law with a deadline is known here", "    ", f"  {sign('fails')} ")
    _by_policy(found, zone)
    others = [(name, at) for name, at in _other_dates(found) if at is not None]
    if others:
        click.echo()
    for name, at in others:
        click.echo(f"  {name:<34}{due_words(at, zone)}")
    if deadline.provisional:
        para("provisional: the working days up to then are not settled yet", "  ")
    click.echo(f"\npolicy {policy.name} {policy.version}; times in {zone.key}")


def as_dict(policy: Policy, found: DeadlineExplained) -> dict[str, Any]:
    """For programs; instants are in UTC."""
    return {
        "due": found.deadline.legal_due.isoformat(),
        "set_by": found.deadline.set_by,
        "reason": found.reason,
        **plain(found),
        "clause_texts": clause_texts(policy, found.rule.clause),
    }


def _by_law(law: ByLaw, zone: ZoneInfo, *, wins: bool) -> None:
    counts = "sets the deadline" if wins else "would set it, and is not the earlier"
    head = f"{click.style(law.regime, bold=True)}, {law.name}, {counts}"
    para(head, "    ", f"  {sign('holds' if wins else 'unknown')} ")
    para(f"{law.where}; {law.source}", "    ")
    received = when(law.deadline.received_at, zone)
    items = [("", f"received {received}; that day does not count")]
    items.append(("", f"plus {law.period}: the end of {in_full(law.first)}"))
    items += [("", f"{in_full(off.day)} is off: {off.why}") for off in law.moved]
    if law.moved:
        items.append(("", f"so on the next working day: {due_words(law.deadline.legal_due, zone)}"))
    tree(items, "    ")


def _by_policy(found: DeadlineExplained, zone: ZoneInfo) -> None:
    within = found.rule.answer_within
    if found.policy is None:
        text = f"the policy says: answer within “{within}”, so it sets no time of its own"
        para(text, "    ", f"  {sign('unknown')} ")
        return
    wins = found.deadline.set_by == "policy"
    counts = "sets the deadline" if wins else "would set it, and is not the earlier"
    at = due_words(found.policy.legal_due, zone)
    para(
        f"the policy's own time, {within}, {counts}: {at}",
        "    ",
        f"  {sign('holds' if wins else 'unknown')} ",
    )


def _other_dates(found: DeadlineExplained) -> list[tuple[str, datetime | None]]:
    deadline: Deadline = found.deadline
    aim = deadline.target_due if deadline.target_due != deadline.legal_due else None
    return [
        ("our own aim", aim),
        ("acknowledge receipt by", deadline.acknowledge_by),
        ("announce an extension by", deadline.extension_notice_by),
        ("the person may reconsider until", found.cooling_until),
    ]
