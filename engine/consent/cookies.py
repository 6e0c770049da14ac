"""May a cookie be set? It must be listed, and be exempt from consent or be allowed by a choice. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.policy.models import CookieRule
from engine.policy.policy import Policy


@dataclass(frozen=True, slots=True)
class CookieAnswer:
    """`rule` lists the cookie, or is None: what no rule lists may not be set."""

    effect: Literal["permit", "deny"]
    rule: CookieRule | None
    reason: str


def may_set(policy: Policy, cookie: str, choices: Mapping[str, bool | None]) -> CookieAnswer:
    """Whether a cookie may be set for somebody whose choices stand so; what is not told is unknown."""
    listing = [rule for rule in policy.cookies if lists(rule, cookie)]
    for rule in listing:
        if rule.exempt is not None or (rule.choice is not None and choices.get(rule.choice)):
            return CookieAnswer("permit", rule, _why(rule))
    if not listing:
        return CookieAnswer("deny", None, f"no rule lists the cookie `{cookie}`")
    return CookieAnswer("deny", listing[0], f"{_why(listing[0])}, which is not known to be on")


def lists(rule: CookieRule, name: str) -> bool:
    """Whether a rule lists a cookie; `*` at the end of a listed name stands for any ending."""
    return any(
        name.startswith(one[:-1]) if one.endswith("*") else name == one for one in rule.cookies
    )


def _why(rule: CookieRule) -> str:
    if rule.exempt is not None:
        return f"`{rule.id}` needs no consent: {rule.exempt}"
    return f"`{rule.id}` needs the choice `{rule.choice}`"
