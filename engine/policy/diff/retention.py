"""How long data is kept: for each leaf category, whether the new version ever keeps longer, or less long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from engine.policy.compiled.conditions import Cases, facts_in, guarded
from engine.policy.compiled.grounds import CONSENT
from engine.policy.diff.consequences import change
from engine.policy.diff.lengths import never_later
from engine.policy.diff.model import Change
from engine.policy.diff.names import former
from engine.policy.diff.words import named
from engine.policy.diff.worlds import Worlds
from engine.policy.durations import INDEFINITELY, Anchor, Keep, Unfixed
from engine.policy.event_words import keeping_words
from engine.policy.models import RetentionRule
from engine.policy.policy import Policy

_STRENGTH = {"restrict": 1, "anonymise": 2, "delete": 3}
Term = tuple[Keep, Anchor | None]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A rule as it bounds one leaf: its terms (the latest counts), its action, the cases it applies in."""

    rule: RetentionRule
    terms: tuple[Term, ...]
    strength: int
    cases: Cases

    @property
    def words(self) -> str:
        """Its length, as the rule says it."""
        return " or, if later, ".join(keeping_words(keep, after) for keep, after in self.terms)


def changes(old: Policy, new: Policy) -> Iterator[Change]:
    """Longer and shorter retention of every category that both versions know."""
    found = [
        (kind, before, after, leaf)
        for leaf in new.categories.leaves
        if (name := former(new.categories, leaf)) in old.categories.leaves
        for before, after in [(ceilings(old, name), ceilings(new, leaf))]
        for kind in _kinds(old, new, leaf, before, after)
    ]
    # Leaves that changed in the same way are told together.
    found.sort(key=lambda item: (item[0], _ids(item[1]), _ids(item[2])))
    for (kind, _, _), same in groupby(found, key=lambda i: (i[0], _ids(i[1]), _ids(i[2]))):
        group = list(same)
        yield _change(new, kind, group[0][1], group[0][2], [leaf for *_, leaf in group])


def ceilings(policy: Policy, leaf: str) -> tuple[Ceiling, ...]:
    """The rules that bound how long a leaf is kept; `indefinitely` bounds nothing."""
    return tuple(
        Ceiling(
            rule, _terms(rule), _STRENGTH[rule.then or "delete"], guarded(rule.when, rule.unless)
        )
        for rule in policy.retention
        if leaf in policy.data_leaves(rule.data) and rule.keep is not INDEFINITELY
    )


def not_longer(new: Sequence[Ceiling], old: Sequence[Ceiling], subjects: Sequence[str]) -> bool:
    """Whether in every situation each old ceiling has a new one that is never later and as strong."""
    worlds = Worlds(
        (fact for ceiling in (*new, *old) for fact in facts_in(ceiling.cases)), subjects
    )
    for bound in old:
        kept_up = 0
        for ceiling in new:
            if ceiling.strength >= bound.strength and _within(ceiling, bound):
                kept_up |= worlds.where(ceiling.cases)
        if worlds.where(bound.cases) & ~kept_up:
            return False
    return True


def _kinds(
    old: Policy, new: Policy, leaf: str, before: Sequence[Ceiling], after: Sequence[Ceiling]
) -> Iterator[str]:
    subjects = tuple(dict.fromkeys((*new.subjects, *old.subjects)))
    if not not_longer(after, before, subjects):
        yield "retention.longer-consent" if _only_consent(new, leaf) else "retention.longer"
    if not not_longer(before, after, subjects):
        yield "retention.shorter"


def _only_consent(policy: Policy, leaf: str) -> bool:
    """Whether a category is processed on consent and on nothing else."""
    rules = [
        rule
        for rule in (*policy.use, *policy.sharing)
        if not rule.denies
        and leaf in policy.data_leaves(rule.data)
        and rule.data != ("everything",)
    ]
    return bool(rules) and all(rule.basis in CONSENT for rule in rules)


def _within(new: Ceiling, old: Ceiling) -> bool:
    """Whether the latest of the new terms is never after the latest of the old ones."""
    return all(any(_not_after(one, other) for other in old.terms) for one in new.terms)


def _not_after(one: Term, other: Term) -> bool:
    (keep, after), (than, than_after) = one, other
    if isinstance(keep, Unfixed) or isinstance(than, Unfixed):
        return keep == than
    if after is None or than_after is None:
        return False
    return never_later(keep, after, than, than_after)


def _terms(rule: RetentionRule) -> tuple[Term, ...]:
    return ((rule.keep, rule.after), *((term.keep, term.after) for term in rule.or_later))


def _ids(found: Sequence[Ceiling]) -> tuple[str, ...]:
    return tuple(ceiling.rule.id for ceiling in found)


def _change(
    new: Policy, kind: str, before: Sequence[Ceiling], after: Sequence[Ceiling], leaves: list[str]
) -> Change:
    data = named(new.categories, leaves, "all data")
    verb = "is kept less long" if kind == "retention.shorter" else "is kept longer"
    sentence = f"{data} {verb}: {_told(after)}; before, {_told(before)}"
    rules = after or before
    clauses = tuple(dict.fromkeys(clause for ceiling in rules for clause in ceiling.rule.clause))
    return change(kind, sentence, clauses=clauses, rules=_ids(rules), data=tuple(leaves))


def _told(found: Sequence[Ceiling]) -> str:
    told = [f"{ceiling.words} ({_then(ceiling)})" for ceiling in found]
    return " and ".join(told) or "without an end"


def _then(ceiling: Ceiling) -> str:
    return {"restrict": "restricted", "anonymise": "anonymised"}.get(
        ceiling.rule.then or "", "deleted"
    )
