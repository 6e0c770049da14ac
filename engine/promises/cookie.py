"""Are only those cookies set that the policy lists? Pure."""

from __future__ import annotations

from collections.abc import Sequence

from engine.consent.cookies import lists
from engine.policy.models import CookieRule
from engine.promises.observed import Observed
from engine.promises.promise import State, Verdict
from engine.promises.words import count, listed, moment

OPERATION = "cookie"


def judge(rule: CookieRule, rules: Sequence[CookieRule], seen: Sequence[Observed]) -> Verdict:
    """Broken if a cookie was seen that no rule lists; `seen` are all cookies that were reported."""
    about = f"cookie {rule.id}"
    unlisted = [one for one in seen if not any(lists(other, one.category) for other in rules)]
    figures = {"seen": len(seen), "unlisted": len(unlisted)}
    if unlisted:
        lines = tuple(
            f"the cookie `{one.category}` is set and no rule lists it, last {moment(one.last_at)}"
            for one in unlisted
        )
        return Verdict(about, State.BROKEN, "; ".join(lines), figures, lines)
    if not seen:
        return Verdict(about, State.NOT_CHECKABLE, "no cookie has been reported yet", figures)
    mine = [one.category for one in seen if lists(rule, one.category)]
    which = f", among them {listed(mine)}" if mine else ""
    return Verdict(
        about, State.KEPT, f"{count(len(seen), 'cookie')} seen, all listed{which}", figures
    )
