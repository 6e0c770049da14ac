"""Whom a choice concerns: only people to whom some rule that follows it may apply."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.models import Rule
from engine.policy.policy import Policy


def concerns(policy: Policy, choice: str, subject: str | None) -> bool:
    """Whether people of this type are asked: not if every rule by this choice is about other types."""
    kind = subject or policy.subjects[0]
    rules = tuple(_following(policy, choice))
    return not rules or any(_is_about(rule, kind) for rule in rules)


def _following(policy: Policy, choice: str) -> Iterator[Rule | None]:
    """The rules that follow a choice; None stands for a cookie, which is anybody's."""
    for rule in (*policy.collection, *policy.use, *policy.sharing):
        guarded = rule.when is not None and choice in (rule.when.choice or ())
        if getattr(rule, "choice", None) == choice or guarded:
            yield rule
    yield from (None for cookie in policy.cookies if cookie.choice == choice)


def _is_about(rule: Rule | None, kind: str) -> bool:
    if rule is None or rule.when is None or rule.when.subject is None:
        return True
    return kind in rule.when.subject
