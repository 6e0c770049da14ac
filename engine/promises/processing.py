"""Is data used and shared only as the rules say? Judged from what services asked for and did. Pure.

The gate denies what no rule permits. A promise is broken where something was done although it was denied.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.policy.models import Rule
from engine.promises.observed import Observed
from engine.promises.promise import State, Verdict
from engine.promises.words import count, moment


def judge(kind: str, rule: Rule, observed: Sequence[Observed]) -> Verdict:
    """Broken if anything that this rule denies, or nearly permits, was done although denied.

    `observed` is what was seen of this rule, and what nothing permits among the data that it is about.
    """
    about = f"{kind} {rule.id}"
    against = [one for one in observed if one.against]
    figures = _figures(observed)
    if against:
        lines = tuple(done_against(against))
        return Verdict(about, State.BROKEN, "; ".join(lines), figures, lines)
    return Verdict(about, State.KEPT, _fine(rule, figures), figures)


def done_against(observed: Iterable[Observed]) -> list[str]:
    """What was done although denied, in words."""
    found = []
    for one in observed:
        why = f" (missing: {one.lacks})" if one.lacks else ""
        times = count(one.against, "time")
        found.append(f"{one.words}: done {times} although denied{why}, last {moment(one.last_at)}")
    return found


def _fine(rule: Rule, figures: dict[str, int]) -> str:
    asked = figures["permitted"] + figures["denied"]
    if rule.denies:
        refused = f"refused {count(figures['denied'], 'time')}" if asked else "never asked for"
        return f"always refused at the gate; {refused}, never done"
    if not asked:
        return "only what the rule permits passes the gate; nothing has been asked for yet"
    permitted = f"{figures['permitted']:,} of {count(asked, 'decision')} permitted"
    return f"only what the rule permits passes the gate: {permitted}, none done against it"


def _figures(observed: Iterable[Observed]) -> dict[str, int]:
    figures = {"permitted": 0, "denied": 0, "done_although_denied": 0}
    for one in observed:
        figures["permitted" if one.effect == "permit" else "denied"] += one.asked
        figures["done_although_denied"] += one.against
    return figures
