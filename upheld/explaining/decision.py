"""A decision explained: every rule of each part, its conditions, and what came near."""

from __future__ import annotations

from typing import Any

import click

from engine.decisions.explain import DecisionExplained, LeafExplained, NearRule, RuleExplained
from engine.policy.policy import Policy
from upheld.explaining.lines import (
    clause_texts,
    conditions,
    headline,
    named,
    para,
    plain,
    quote_rule,
    sign,
    tree,
)

_DOES = {
    ("permit", True): "permits it",
    ("permit", False): "would permit it, but not as things are",
    ("deny", True): "forbids it",
    ("deny", False): "forbids it only where its conditions may hold, which they do not",
}


def show(policy: Policy, why: str, found: DecisionExplained) -> None:
    """For people."""
    decision = found.decision
    headline(decision.effect.upper(), decision.permitted, decision.reason)
    for leaf in found.leaves:
        click.echo()
        _leaf(policy, leaf, several=len(found.leaves) > 1)
    for duty in decision.obligations:
        click.echo()
        para(f"the caller must {_duty(policy, str(duty))}")
    click.echo()
    click.echo(f"policy {decision.policy} {decision.version} ({why})")


def as_dict(policy: Policy, found: DecisionExplained) -> dict[str, Any]:
    """For programs."""
    cited = [clause for leaf in found.leaves for rule in leaf.rules for clause in rule.clauses]
    cited += [clause for leaf in found.leaves for near in leaf.near for clause in near.clauses]
    return {
        "decision": found.decision.as_dict(),
        "leaves": plain(found.leaves),
        "clause_texts": clause_texts(policy, cited),
    }


def _leaf(policy: Policy, leaf: LeafExplained, *, several: bool) -> None:
    if several:
        state = "holds" if leaf.permitted else "fails"
        part = " ".join(f"`{name}`" for name in leaf.key[1:] if name)
        click.echo(f"{sign(state)} {click.style(part, bold=True)}: {leaf.effect}")
    # What decided comes first, what it overrode after it.
    for rule in sorted(leaf.rules, key=lambda rule: not rule.decides):
        _rule(policy, rule)
    if leaf.near:
        click.echo("  no rule matches; the nearest:" if not leaf.rules else "  near:")
        for near in leaf.near:
            _near(policy, near)
    if not leaf.rules and not leaf.near:
        click.echo("  the policy does not mention it")
    if leaf.uses and leaf.rules:
        _uses(leaf)


def _rule(policy: Policy, rule: RuleExplained) -> None:
    state = "holds" if rule.applies == (rule.effect == "permit") else "fails"
    if rule.effect == "deny" and not rule.applies:
        state = "unknown"
    does = _DOES[rule.effect, rule.applies]
    if rule.applies and not rule.decides:
        does = "permits it too" if rule.effect == "permit" else "forbids it too"
    basis = f", on the basis of {rule.basis}" if rule.basis and rule.effect == "permit" else ""
    para(f"{click.style(rule.rule, bold=True)} {does}{basis}", "    ", f"  {sign(state)} ")
    quote_rule(policy, rule.rule, "    ")
    for number, way in enumerate(rule.ways):
        if number:
            click.echo("    or")
        tree(conditions(way) or [("", "whatever is known of the person")], "    ")


def _near(policy: Policy, near: NearRule) -> None:
    head = (
        f"{click.style(near.rule, bold=True)} lacks the {near.lacks}: it names {named(near.names)}"
    )
    para(head, "    ", f"  {sign('unknown')} ")
    quote_rule(policy, near.rule, "    ")


def _uses(leaf: LeafExplained) -> None:
    """Collecting needs something that the data may be used or shared for."""
    permitted = [use for use in leaf.uses if use.permitted]
    if permitted:
        first = permitted[0]
        whom = f" with `{first.key.recipient}`" if first.key.recipient else ""
        act = "shared" if first.key.operation == "share" else "used"
        text = f"it may then be {act}{whom} for `{first.key.purpose}`, by the rule `{first.rule}`"
        para(text, "    ", f"  {sign('holds')} ")
        return
    para("nothing that it could be used or shared for is permitted:", "    ", f"  {sign('fails')} ")
    tree([(sign("fails"), f"`{use.key.purpose}`: {use.rule}") for use in leaf.uses], "    ")


def _duty(policy: Policy, duty: str) -> str:
    kind, _, clause = duty.partition(" ")
    if kind == "log":
        return "log what it does"
    return f"warn, in the words of {clause}: “{policy.text.clause(clause).words}”"
