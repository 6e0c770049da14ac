"""An expiry explained: what goes when, by which rule, what else was in play, and how the date comes about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import click

from engine.policy.models.retention import Action
from engine.policy.policy import Policy
from engine.retention.arithmetic import due_words
from engine.retention.because import because
from engine.retention.explained import (
    CategoryExplained,
    FloorExplained,
    PartExplained,
    RuleExplained,
    TermExplained,
)
from upheld.explaining.lines import (
    clause_texts,
    conditions,
    headline,
    para,
    plain,
    quote_rule,
    sign,
    tree,
)

_ACTIONS: tuple[Action, ...] = ("delete", "anonymise", "restrict")
_DONE: dict[Action, str] = {
    "delete": "deleted",
    "anonymise": "made anonymous",
    "restrict": "restricted",
}
_STANDING = {
    "wins": ("holds", "sets the date"),
    "later": ("unknown", "is later, so another comes first"),
    "subsumed": ("unknown", "comes too late: something stronger has happened by then"),
    "does not apply": ("fails", "does not apply"),
    "not counting yet": ("fails", "does not count yet"),
}


def show(policy: Policy, about: str, parts: Sequence[PartExplained]) -> None:
    """For people."""
    zone = policy.header.zone
    for part in parts:
        name = about if part.name == "row" else f"{about}.{part.name}"
        _part(policy, name, part, zone)
        click.echo()
    fields = len(parts) > 1 or about in policy.categories
    if not fields:
        click.echo("every other field goes with the row")
    click.echo(f"policy {policy.name} {policy.version}; times in {zone.key}")


def as_dict(policy: Policy, about: str, parts: Sequence[PartExplained]) -> dict[str, Any]:
    """For programs; instants are in UTC."""
    clauses = [c for p in parts for cat in p.categories for r in cat.rules for c in r.clauses]
    return {
        "about": about,
        "policy": {"name": policy.name, "version": policy.version, "zone": policy.header.timezone},
        "parts": [
            {**plain(part), "because": {action: because(part, action) for action in _ACTIONS}}
            for part in parts
        ],
        "clause_texts": clause_texts(policy, clauses),
    }


def _part(policy: Policy, name: str, part: PartExplained, zone: ZoneInfo) -> None:
    dates = _dates(part)
    never = part.due["delete"] is None
    said = "; ".join(f"{_DONE[a]} {_at(part, a, zone)}" for a in dates) or "never"
    headline("DUE" if dates else "KEPT", bool(dates), f"`{name}`: {said}")
    shown: list[Action] = dates or ["delete"]
    for action in shown:
        para(f"{because(part, action)}", "  ")
    if never and dates:
        para(f"it is not deleted: {because(part, 'delete')}", "  ")
    for hold in part.held:
        para(f"held back for `{hold}`", "    ", f"  {sign('fails')} ")
    _protection(part, zone)
    alike = _alike(part.categories)
    for categories in alike:
        _category(policy, categories, zone, several=len(alike) > 1)


def _alike(categories: Sequence[CategoryExplained]) -> list[list[CategoryExplained]]:
    """Categories with the very same rules, together."""
    found: dict[tuple[RuleExplained, ...], list[CategoryExplained]] = {}
    for category in categories:
        found.setdefault(category.rules, []).append(category)
    return list(found.values())


def _dates(part: PartExplained) -> list[Action]:
    """The actions with a date of their own, the earliest first."""
    found: list[Action] = []
    for action in _ACTIONS:
        stronger = [part.due[other] for other in found]
        at = part.due[action]
        if at is not None and not any(other is not None and other <= at for other in stronger):
            found.append(action)
    return found[::-1]


def _at(part: PartExplained, action: Action, zone: ZoneInfo) -> str:
    words = due_words(part.due[action], zone)
    return f"after {words}" if words.startswith("the end") else f"from {words}"


def _protection(part: PartExplained, zone: ZoneInfo) -> None:
    for floor in part.protected_by:
        until = due_words(floor.term.until, zone)
        para(
            f"the statute `{floor.statute}` keeps the row, {_until(until)} ({_source(floor)})",
            "    ",
            f"  {sign('holds')} ",
        )


def _until(words: str) -> str:
    return "and its time has not begun" if words == "never" else f"until {words}"


def _category(
    policy: Policy, found: Sequence[CategoryExplained], zone: ZoneInfo, *, several: bool
) -> None:
    rules, leaves = found[0].rules, [category.leaf for category in found]
    if several:
        click.echo(f"  as {', '.join(click.style(leaf, bold=True) for leaf in leaves)}")
    if not rules:
        told = ", ".join(f"`{leaf}`" for leaf in leaves)
        para(f"no rule says how long {told} is kept", "    ", f"  {sign('fails')} ")
    for rule in sorted(rules, key=lambda rule: rule.standing != "wins"):
        _rule(policy, rule, zone)


def _rule(policy: Policy, rule: RuleExplained, zone: ZoneInfo) -> None:
    state, words = _STANDING[rule.standing]
    older = f" (of version {rule.version})" if rule.version else ""
    at = f", {due_words(rule.due, zone)}" if rule.due else ""
    head = f"{click.style(rule.rule, bold=True)}{older} {words}: {rule.then}{at}"
    para(head, "    ", f"  {sign(state)} ")
    if rule.version:
        para(f"until the person agrees to a later version, its {rule.rule} binds", "    ")
    else:
        quote_rule(policy, rule.rule, "    ")
    items = [*conditions(rule.conditions), *map(_term, rule.terms)]
    counted = {floor.term for floor in rule.floors}
    items += [_floor(floor, zone) for floor in rule.floors if not _is_law(rule, floor)]
    if rule.notice:
        told = f"only {rule.notice} after the person was told that it goes; until then it stays"
        items.append((sign("unknown"), told))
    if rule.by_law and not counted:
        items.append((sign("fails"), "as required by law, but no statute is about it"))
    tree(items, "    ")


def _is_law(rule: RuleExplained, floor: FloorExplained) -> bool:
    return rule.by_law and floor.binds and floor.term in rule.terms


def _term(term: TermExplained) -> tuple[str, str]:
    if term.happened is None:
        return sign("fails"), f"{term.words}: `{term.event}` has not happened"
    return sign("holds"), f"{term.words}: {', '.join(term.steps)}"


def _floor(floor: FloorExplained, zone: ZoneInfo) -> tuple[str, str]:
    if not floor.binds:
        return sign(
            "fails"
        ), f"the statute `{floor.statute}` does not bind: the person is elsewhere"
    if floor.overruled:
        return sign("fails"), f"the statute `{floor.statute}` is overruled, as an officer decided"
    until = _until(due_words(floor.term.until, zone))
    return sign("holds"), f"the statute `{floor.statute}` keeps it {until}: {_source(floor)}"


def _source(floor: FloorExplained) -> str:
    return f"{floor.source}, as of {floor.as_of}"
