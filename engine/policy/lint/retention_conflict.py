"""RETENTION_CONFLICT: a rule deletes before a statute allows it."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.bounds import ceilings, statutes_for
from engine.policy.durations import Anchor, Duration
from engine.policy.findings import Finding, Severity, error
from engine.policy.lint.context import Context
from engine.policy.models import RetentionRule, Statute
from engine.policy.policy import Policy
from engine.policy.regions import lies_in
from engine.policy.spans import reaches

CODE = "RETENTION_CONFLICT"
SEVERITY = Severity.ERROR


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """An error for each rule and statute; never settled silently, so an acceptance must say `decide`."""
    told: dict[tuple[str, str], list[str]] = {}
    pairs: dict[tuple[str, str], tuple[RetentionRule, Statute]] = {}
    for leaf in policy.categories.leaves:
        for rule in ceilings(policy, leaf):
            for statute in statutes_for(policy, leaf):
                if _may_meet(rule, statute) and not _respects(rule, statute):
                    told.setdefault((rule.id, statute.id), []).append(leaf)
                    pairs[rule.id, statute.id] = (rule, statute)
    for pair, leaves in told.items():
        yield _conflict(policy, *pairs[pair], leaves)


def _may_meet(rule: RetentionRule, statute: Statute) -> bool:
    """Whether both may hold for one person."""
    if statute.of == "controller" or rule.when is None or rule.when.region is None:
        return True
    return any(lies_in(place, statute.regions) is not False for place in rule.when.region)


def _respects(rule: RetentionRule, statute: Statute) -> bool:
    terms = [(term.keep, term.after) for term in rule.or_later]
    if isinstance(rule.keep, Duration) and rule.after:
        terms.append((rule.keep, rule.after))
    return not terms or any(_reaches(keep, after, statute) for keep, after in terms)


def _reaches(keep: Duration, after: Anchor, statute: Statute) -> bool:
    return reaches(keep, after, statute.at_least, statute.after)


def _conflict(policy: Policy, rule: RetentionRule, statute: Statute, leaves: list[str]) -> Finding:
    data = ", ".join(f"`{leaf}`" for leaf in leaves)
    message = (
        f"`{rule.id}` ends the keeping of {data} {rule.keep} after {rule.after}, but `{statute.id}` "
        f"wants at least {statute.at_least} after {statute.after} "
        f"({statute.source}, as of {statute.as_of})"
    )
    hint = "lengthen the period, or accept this with `decide: law` or `decide: policy`"
    where = policy.sources.rule(rule.id, "keep")
    about = {"data": leaves[0]} if len(leaves) == 1 else {}
    return error(CODE, message, where, hint, rule=rule.id, statute=statute.id, **about)
