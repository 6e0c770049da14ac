"""In one line, why a part of a row goes when it does. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from engine.decisions import words
from engine.policy.models.retention import Action
from engine.retention.explained import PartExplained, RuleExplained


def because(part: PartExplained, action: Action) -> str:
    """In one line what sets the date of a part, or why there is none."""
    winner = part.winners.get(action)
    rules = [rule for category in part.categories for rule in category.rules]
    rule = next((rule for rule in rules if rule.rule == winner), None)
    if part.held and action != "restrict":
        held = " and ".join(f"`{hold}`" for hold in part.held)
        return f"held back for {held}" + (f", though {_by(rule)}" if rule else "")
    if rule is None:
        return _why_never(rules)
    at, until = part.due[action], part.protected_until
    if action == "delete" and until is not None and at == until and part.protected_by:
        return f"{_by(rule)}; the statute `{part.protected_by[0].statute}` keeps it until then"
    return _by(rule)


def _by(rule: RuleExplained) -> str:
    terms = " or later ".join(term.words for term in rule.terms)
    older = f" of version {rule.version}, which still binds" if rule.version else ""
    return f"{words.cited(rule.rule, rule.clauses)}{older}: kept for {terms}"


def _why_never(rules: Sequence[RuleExplained]) -> str:
    waiting = {term.event for rule in rules for term in rule.terms if term.happened is None}
    if not rules:
        return "no rule makes it due"
    if not waiting:
        return "no rule makes it due as things are"
    events = " and ".join(f"`{event}`" for event in sorted(waiting))
    return f"no rule makes it due before {events}"
