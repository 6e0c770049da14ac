"""What may be done: permissions, their basis and their obligations, cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.policy.compiled.agreement import Stamp
from engine.policy.compiled.cells import CellKey, Placed
from engine.policy.compiled.conditions import Case, Demand, Kind
from engine.policy.diff.cells import Pair, Side, duty, is_consent
from engine.policy.diff.consequences import change, consequence_of
from engine.policy.diff.model import Change, Consequence
from engine.policy.diff.words import done_to, situation
from engine.policy.diff.worlds import Situations
from engine.policy.policy import Policy


@dataclass(frozen=True, slots=True)
class Found:
    """One difference in one cell, before those that read alike are told together."""

    kind: str
    key: CellKey
    rules: tuple[Placed, ...]
    detail: str = ""
    demands: tuple[Demand, ...] = ()
    partly: bool = False

    @property
    def alike(self) -> object:
        """Differences with the same value are one change."""
        rules = tuple(placed.rule.id for placed in self.rules)
        return self.kind, rules, self.key.operation, self.detail, self.demands, self.partly


def find(old: Policy, new: Policy, pair: Pair) -> Iterator[Found]:
    """Every difference in a cell."""
    yield from _wider(new, pair)
    yield from _narrower(pair)
    yield from _basis(new, pair)
    yield from _obligations(old, new, pair)


def stamp(new: Policy, pair: Pair) -> Stamp | None:
    """What the new version asks for before what it added to a cell counts; None if it added nothing."""
    kinds = {found.kind for found in _wider(new, pair)}
    if not kinds:
        return None
    gravest = max((consequence_of(kind) for kind in kinds), key=lambda c: c.gravity)
    already = pair.already() if pair.old.permitted else ()
    if gravest.gravity >= Consequence.RE_CONSENT.gravity:
        return Stamp(new.version, "re-consent", already)
    return Stamp(new.version, "reconfirm", already)


def _wider(new: Policy, pair: Pair) -> Iterator[Found]:
    if not pair.wider:
        return
    by_kind: dict[str, list[Placed]] = {}
    for placed in pair.new.permits_in(pair.wider):
        added = pair.worlds.where(placed.cases) & pair.wider
        by_kind.setdefault(_kind(new, pair, placed, added), []).append(placed)
    for kind, rules in by_kind.items():
        if kind == "basis.consent-replaced":
            yield _swapped(pair, rules)
            continue
        where = pair.worlds.where(tuple(c for p in rules for c in p.cases)) & pair.wider
        demands = pair.situation(where) if pair.old.permitted else ()
        partly = bool(pair.old.permitted)
        bases = " or ".join(sorted({placed.basis for placed in rules if placed.basis}))
        yield Found(kind, pair.key, tuple(rules), bases, demands, partly)


def _kind(new: Policy, pair: Pair, placed: Placed, added: Situations) -> str:
    if not is_consent(placed) and added & _would_consent(pair):
        return "basis.consent-replaced"
    if _only_minors(pair, added):
        return "permission.minors"
    if new.categories.inherited(pair.key.category, "special"):
        return "permission.special"
    return "permission.consent" if is_consent(placed) else "permission.other"


def _only_minors(pair: Pair, added: Situations) -> bool:
    """Whether all that was added concerns people below an age that a rule names."""
    return any(d.holds and d.fact.kind is Kind.AGE_BELOW for d in pair.worlds.constant(added))


def _would_consent(pair: Pair) -> Situations:
    """Where the old version would permit if only the person had consented."""
    asked = (p for p in pair.before.permits if is_consent(p))
    return pair.worlds.where(tuple(_without_choice(case) for p in asked for case in p.cases))


def _without_choice(case: Case) -> Case:
    return frozenset(d for d in case if d.fact.kind not in (Kind.CHOICE, Kind.EXPLICIT))


def _narrower(pair: Pair) -> Iterator[Found]:
    if not pair.narrower:
        return
    denies = pair.new.denies_in(pair.narrower)
    rules = denies or pair.old.permits_in(pair.narrower)
    partly = bool(pair.new.permitted)
    demands = pair.situation(pair.narrower) if partly else ()
    yield Found("permission.narrower", pair.key, tuple(rules), "", demands, partly)


def _basis(new: Policy, pair: Pair) -> Iterator[Found]:
    before, after = _bases(pair.old, pair.kept), _bases(pair.new, pair.kept)
    if before == after:
        return
    rules = tuple(pair.new.permits_in(pair.kept))
    if _consent_dropped(pair):
        if not any(found.kind == "basis.consent-replaced" for found in _wider(new, pair)):
            yield _swapped(pair, [placed for placed in rules if not is_consent(placed)])
        return
    kind = "basis.consent-asked" if all(map(is_consent, rules)) else "basis.changed"
    yield Found(kind, pair.key, rules, f"{_either(after)}|{_either(before)}")


def _consent_dropped(pair: Pair) -> bool:
    """Whether something rests on consent alone in the old version, and on other grounds in the new."""
    only_before = pair.old.of(is_consent) & ~pair.old.of(lambda p: not is_consent(p))
    others_now = pair.new.of(lambda p: not is_consent(p)) & ~pair.new.of(is_consent)
    return bool(pair.kept & only_before & others_now)


def _bases(side: Side, kept: Situations) -> dict[str, Situations]:
    """Where each basis carries what both versions permit."""
    names = {placed.basis for placed in side.permits_in(kept)}
    found = {name: side.of(lambda p, name=name: p.basis == name) & kept for name in names}  # type: ignore[misc]  # the default binds the name
    return {name: where for name, where in found.items() if where}


def _swapped(pair: Pair, rules: Sequence[Placed]) -> Found:
    before = _either({placed.basis for placed in pair.old.permits_in(pair.old.permitted)})
    after = _either({placed.basis for placed in rules})
    return Found("basis.consent-replaced", pair.key, tuple(rules), f"{after}|{before}")


def _either(names: Iterable[str]) -> str:
    return " or ".join(sorted(filter(None, names))) or "no basis"


def _obligations(old: Policy, new: Policy, pair: Pair) -> Iterator[Found]:
    before, after = _duties(old, pair.old, pair.kept), _duties(new, pair.new, pair.kept)
    for kind, one, other, side in (
        ("obligation.fewer", before, after, pair.old),
        ("obligation.more", after, before, pair.new),
    ):
        for name, where in one.items():
            if where & ~other.get(name, 0):
                yield Found(kind, pair.key, tuple(side.permits_in(pair.kept)), _told(name))


def _duties(policy: Policy, side: Side, kept: Situations) -> dict[tuple[str, str], Situations]:
    """Where each obligation comes with what both versions permit."""
    names = {duty(policy, o) for p in side.permits_in(kept) for o in p.rule.must}
    return {name: side.of(_demanding(policy, name)) & kept for name in names}


def _demanding(policy: Policy, name: tuple[str, str]) -> Callable[[Placed], bool]:
    return lambda placed: any(duty(policy, o) == name for o in placed.rule.must)


def _told(name: tuple[str, str]) -> str:
    return "it is logged" if name[0] == "log" else f"the person is told: “{name[1]}”"


def tell(old: Policy, new: Policy, found: Sequence[Found]) -> Change:
    """One change from differences that read alike."""
    first = found[0]
    keys = tuple(item.key for item in found)
    words = old if _is_gone(new, keys) else new
    clauses = tuple(dict.fromkeys(c for placed in first.rules for c in placed.rule.clause))
    choices = {getattr(placed.rule, "choice", None) for placed in first.rules}
    return change(
        first.kind,
        _sentence(words, first, keys),
        clauses=clauses,
        rules=tuple(placed.rule.id for placed in first.rules),
        scopes=keys,
        choices=tuple(sorted(filter(None, choices))),
        data=tuple(dict.fromkeys(key.category for key in keys)),
    )


def _is_gone(new: Policy, keys: Sequence[CellKey]) -> bool:
    return any(
        name and name not in tree
        for key in keys
        for tree, name in (
            (new.categories, key.category),
            (new.purposes, key.purpose),
            (new.recipients, key.recipient),
        )
    )


def _sentence(policy: Policy, found: Found, keys: Sequence[CellKey]) -> str:
    detail, _, before = found.detail.partition("|")
    when = situation(found.demands) or ("in more situations than before" if found.partly else "")
    match found.kind:
        case "permission.narrower":
            less = situation(found.demands) or ("in fewer situations" if found.partly else "")
            may = "may only" if less == "in fewer situations" else "may no longer"
            return " ".join(filter(None, (done_to(policy, keys, may), less)))
        case "basis.consent-replaced":
            text = done_to(policy, keys, "would")
            return f"{text} on the basis of {detail}, where it was {before} before"
        case "basis.changed" | "basis.consent-asked":
            return (
                f"{done_to(policy, keys, 'may')} on the basis of {detail}; before, it was {before}"
            )
        case "obligation.fewer":
            return f"{done_to(policy, keys, 'may')} without what came with it before: {detail}"
        case "obligation.more":
            return f"when {done_to(policy, keys, 'is to')}, {detail}"
    basis = f"on the basis of {detail}" if detail else ""
    return " ".join(filter(None, (done_to(policy, keys, "may now"), when, basis)))
