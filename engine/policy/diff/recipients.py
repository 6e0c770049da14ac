"""Who receives data: new and former recipients, their role, their countries, the safeguards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.policy.diff.consequences import change
from engine.policy.diff.model import Change
from engine.policy.diff.names import former
from engine.policy.diff.words import listed, title
from engine.policy.policy import Policy
from engine.policy.vocabulary import Tree


def changes(old: Policy, new: Policy) -> Iterator[Change]:
    """Every difference of a leaf recipient."""
    names = {leaf: former(old.recipients, new.recipients, leaf) for leaf in new.recipients.leaves}
    for leaf, name in names.items():
        clauses, rules = _sharing(new, leaf)
        for kind, sentence in _told(old.recipients, new.recipients, name, leaf):
            yield change(kind, sentence, clauses=clauses, rules=rules, recipients=(leaf,))
    for name in old.recipients.leaves:
        if name not in names.values():
            clauses, rules = _sharing(old, name)
            sentence = f"{title(old.recipients, name)} no longer receives data"
            yield change(
                "recipient.gone", sentence, clauses=clauses, rules=rules, recipients=(name,)
            )


def _sharing(policy: Policy, leaf: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The clauses and ids of the rules that let a recipient receive something."""
    rules = [
        rule
        for rule in policy.sharing
        if not rule.denies and leaf in policy.recipient_leaves(rule.recipients)
    ]
    clauses = dict.fromkeys(clause for rule in rules for clause in rule.clause)
    return tuple(clauses), tuple(rule.id for rule in rules)


def _told(before: Tree, after: Tree, name: str, leaf: str) -> Iterator[tuple[str, str]]:
    who, role = title(after, leaf), after.inherited(leaf, "role")
    if name not in before.leaves:
        where = _countries(after, leaf)
        place = f" in {listed(sorted(where))}" if where else ""
        yield "recipient.new", f"{who}{place} is a new recipient ({role or 'role not named'})"
        return
    yield from _identity(before, after, name, leaf)
    yield from _places(before, after, name, leaf)


def _identity(before: Tree, after: Tree, name: str, leaf: str) -> Iterator[tuple[str, str]]:
    was, now = before[name].get("name"), after[leaf].get("name")
    if was != now:
        kind = "recipient.wider" if was else "recipient.safeguard"
        yield kind, f"the recipient `{leaf}` is {now or 'not named'}; before, {was or 'not named'}"
    old_role, new_role = before.inherited(name, "role"), after.inherited(leaf, "role")
    if old_role != new_role:
        kind = "recipient.narrower" if new_role == "processor" else "recipient.wider"
        who = title(after, leaf)
        yield kind, f"{who} acts as {new_role or 'not said'}; before, as {old_role or 'not said'}"


def _places(before: Tree, after: Tree, name: str, leaf: str) -> Iterator[tuple[str, str]]:
    who, was, now = title(after, leaf), _countries(before, name), _countries(after, leaf)
    if now - was:
        yield "recipient.wider", f"{who} receives data in {listed(sorted(now - was))} besides"
    if was - now:
        yield "recipient.narrower", f"{who} no longer receives data in {listed(sorted(was - now))}"
    old, new = _safeguards(before, name), _safeguards(after, leaf)
    for country in sorted(was & now):
        if old.get(country) != new.get(country):
            kind = "recipient.safeguard" if new.get(country) else "recipient.wider"
            told, untold = new.get(country) or "nothing", old.get(country) or "nothing"
            yield (
                kind,
                f"data that {who} receives in {country} is protected by {told}; before, {untold}",
            )


def _countries(tree: Tree, leaf: str) -> set[str]:
    found = tree.inherited(leaf, "countries") or ()
    return {found} if isinstance(found, str) else set(found)


def _safeguards(tree: Tree, leaf: str) -> Mapping[str, Any]:
    """By country; a single safeguard holds for all."""
    found = tree.inherited(leaf, "safeguard") or {}
    return found if isinstance(found, dict) else dict.fromkeys(_countries(tree, leaf), found)
