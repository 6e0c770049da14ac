"""How long data is kept: for each leaf category, whether the new version ever keeps longer, or less long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.policy.compiled.conditions import ALWAYS, Cases, facts_in, guarded
from engine.policy.compiled.grounds import CONSENT
from engine.policy.compiled.words import phrase
from engine.policy.diff.consequences import change
from engine.policy.diff.lengths import never_later, shortest
from engine.policy.diff.model import Box, Change
from engine.policy.diff.names import former
from engine.policy.diff.situations import when, wherever
from engine.policy.diff.words import named
from engine.policy.diff.worlds import Situations, Worlds
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


@dataclass(frozen=True, slots=True)
class _Found:
    """One category that is kept longer or less long, in some situations."""

    kind: str
    leaf: str
    before: tuple[Ceiling, ...]
    after: tuple[Ceiling, ...]
    when: Cases
    where: str

    @property
    def alike(self) -> tuple[object, ...]:
        """Categories that changed in the same way are told together."""
        return self.kind, _ids(self.before), _ids(self.after), self.where


def changes(old: Policy, new: Policy) -> Iterator[Change]:
    """Longer and shorter retention of every category that both versions know."""
    found: dict[object, list[_Found]] = {}
    for leaf in new.categories.leaves:
        name = former(old.categories, new.categories, leaf)
        if name in old.categories.leaves:
            for one in _compared(old, new, name, leaf):
                found.setdefault(one.alike, []).append(one)
    for group in found.values():
        yield _change(new, group[0], [one.leaf for one in group])


def ceilings(policy: Policy, leaf: str) -> tuple[Ceiling, ...]:
    """The rules that bound how long a leaf is kept; `indefinitely` bounds nothing."""
    return tuple(
        Ceiling(
            rule, _terms(rule), _STRENGTH[rule.then or "delete"], guarded(rule.when, rule.unless)
        )
        for rule in policy.retention
        if leaf in policy.data_leaves(rule.data) and rule.keep is not INDEFINITELY
    )


def longer(new: Sequence[Ceiling], old: Sequence[Ceiling], worlds: Worlds) -> Situations:
    """Where some old ceiling has no new one that is never later and as strong."""
    found = 0
    for bound in old:
        kept_up = 0
        for ceiling in new:
            if ceiling.strength >= bound.strength and _within(ceiling, bound):
                kept_up |= worlds.where(ceiling.cases)
        found |= worlds.where(bound.cases) & ~kept_up
    return found


def _compared(old: Policy, new: Policy, name: str, leaf: str) -> Iterator[_Found]:
    before, after = ceilings(old, name), ceilings(new, leaf)
    subjects = tuple(dict.fromkeys((*new.subjects, *old.subjects)))
    facts = (fact for ceiling in (*before, *after) for fact in facts_in(ceiling.cases))
    worlds = Worlds(facts, subjects)
    if more := longer(after, before, worlds):
        kind = "retention.longer-consent" if _only_consent(new, leaf) else "retention.longer"
        yield _Found(kind, leaf, before, after, *_where(worlds, more))
    if less := longer(before, after, worlds):
        yield _Found("retention.shorter", leaf, before, after, *_where(worlds, less))
    told, was_told = _notice(after), _notice(before)
    if told != was_told:
        kind = "retention.told-more" if told > was_told else "retention.told-less"
        yield _Found(kind, leaf, before, after, ALWAYS, "")


def _notice(found: Sequence[Ceiling]) -> float:
    """How long at least before their data goes people are told; not at all is 0."""
    ends = [one.rule.notice for one in found if one.strength > _STRENGTH["restrict"]]
    return min((0 if notice is None else shortest(notice) for notice in ends), default=0)


def _where(worlds: Worlds, situations: Situations) -> tuple[Cases, str]:
    """Situations as a condition, and in words."""
    cases = tuple(case for box in worlds.boxes(situations) for case in worlds.case(box))
    return cases, wherever(worlds, situations)


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


def _change(new: Policy, found: _Found, leaves: list[str]) -> Change:
    data = named(new.categories, leaves, "all data")
    told, was_told = _told(found.after), _told(found.before)
    sentence = f"from now on {data} {_VERBS[found.kind]}{found.where}: {told}; before, {was_told}"
    rules = found.after or found.before
    clauses = tuple(dict.fromkeys(clause for ceiling in rules for clause in ceiling.rule.clause))
    return change(
        found.kind,
        sentence,
        clauses=clauses,
        rules=_ids(rules),
        data=tuple(leaves),
        boxes=(Box((), found.when),),
    )


def _told(found: Sequence[Ceiling]) -> str:
    told = [f"{ceiling.words} ({_then(ceiling)}{_guard(ceiling)})" for ceiling in found]
    return " and ".join(told) or "without an end"


def _guard(ceiling: Ceiling) -> str:
    """Its own conditions, where it has any."""
    told = [" and ".join(map(phrase, sorted(case))) for case in ceiling.cases]
    return when(told).replace(" when", ", when", 1) if told else ", never"


def _then(ceiling: Ceiling) -> str:
    then = {"restrict": "restricted", "anonymise": "anonymised"}.get(
        ceiling.rule.then or "", "deleted"
    )
    notice = ceiling.rule.notice
    return then if notice is None else f"{then}, {notice} after people were told"


_VERBS = {
    "retention.longer": "is kept longer",
    "retention.longer-consent": "is kept longer",
    "retention.shorter": "is kept less long",
    "retention.told-more": "goes only after a longer notice",
    "retention.told-less": "goes after a shorter notice",
}
