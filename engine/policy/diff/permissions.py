"""What may be done: permissions, their basis and their obligations, over every cell and situation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.policy.compiled.agreement import Stamp
from engine.policy.compiled.cells import CellKey, Placed
from engine.policy.compiled.conditions import Case, Kind
from engine.policy.diff.cells import Pair, Side, categories, duty, is_consent, respell, spellings
from engine.policy.diff.consequences import change
from engine.policy.diff.grouping import grouped
from engine.policy.diff.model import Box, Change, Consequence
from engine.policy.diff.situations import situation, when
from engine.policy.diff.words import done_to
from engine.policy.diff.worlds import Situations
from engine.policy.models import Choice
from engine.policy.policy import Policy


@dataclass(frozen=True, slots=True)
class Found:
    """One kind of difference in some cells: the rules behind it, and in which situations it is."""

    kind: str
    pair: Pair
    rules: tuple[Placed, ...]
    where: Situations
    detail: str = ""


def find(old: Policy, new: Policy, pair: Pair) -> Iterator[Found]:
    """Every difference in the cells of a pair."""
    by_kind: dict[tuple[str, str], Found] = {}
    for found in (*_wider(pair), *_narrower(pair), *_basis(pair), *_obligations(old, new, pair)):
        known = by_kind.get((found.kind, found.detail))
        by_kind[found.kind, found.detail] = _joined(known, found) if known else found
    yield from by_kind.values()


def _joined(one: Found, other: Found) -> Found:
    rules = {placed.rule.id: placed for placed in (*one.rules, *other.rules)}
    return Found(one.kind, one.pair, tuple(rules.values()), one.where | other.where, one.detail)


def stamp(new: Policy, key: CellKey, pair: Pair, gravest: Consequence) -> Stamp | None:
    """What must be agreed to before what the new version added to a cell counts; None if nothing must."""
    if gravest.gravity < Consequence.RECONFIRM.gravity:
        return None
    already = pair.already if pair.old.permitted else ()
    already = tuple(respell(already, spellings(new, key)))
    asked = gravest.gravity >= Consequence.RE_CONSENT.gravity
    return Stamp(new.version, "re-consent" if asked else "reconfirm", already)


WIDER = (
    "permission.consent",
    "permission.other",
    "permission.special",
    "permission.minors",
    "basis.consent-replaced",
)
"""The kinds of change by which something may be done that might not be before."""


def _wider(pair: Pair) -> Iterator[Found]:
    for placed in pair.new.permits_in(pair.wider):
        added = pair.new.by(placed) & pair.wider
        swapped = 0 if is_consent(placed) else added & _would_consent(pair)
        for kind, where in _kinds(pair, placed, added & ~swapped):
            yield Found(kind, pair, (placed,), where, placed.basis)
        if swapped:
            yield _swapped(pair, placed, swapped)


def _kinds(pair: Pair, placed: Placed, added: Situations) -> Iterator[tuple[str, Situations]]:
    """What was added, apart: of minors only, and of anybody."""
    minors = pair.worlds.of_minors(added)
    if minors:
        yield "permission.minors", minors
    if not added & ~minors:
        return
    if pair.special:
        yield "permission.special", added & ~minors
    else:
        yield "permission.consent" if is_consent(placed) else "permission.other", added & ~minors


def _would_consent(pair: Pair) -> Situations:
    """Where the old version would permit if only the person had consented."""
    asked = (p for p in pair.old.permits if is_consent(p))
    return pair.worlds.where(tuple(_without_choice(case) for p in asked for case in p.cases))


def _without_choice(case: Case) -> Case:
    return frozenset(d for d in case if d.fact.kind not in (Kind.CHOICE, Kind.EXPLICIT))


def _narrower(pair: Pair) -> Iterator[Found]:
    if pair.narrower:
        rules = pair.new.denies_in(pair.narrower) or pair.old.permits_in(pair.narrower)
        yield Found("permission.narrower", pair, tuple(rules), pair.narrower)


def _basis(pair: Pair) -> Iterator[Found]:
    before, after = _bases(pair.old, pair.kept), _bases(pair.new, pair.kept)
    for (was, now), where in _sorts(pair.kept, before, after).items():
        if was == now:
            continue
        rules = [p for p in pair.new.permits_in(where) if p.basis in now]
        if was <= _CONSENT and not now & _CONSENT:
            for placed in rules:
                yield _swapped(pair, placed, pair.new.by(placed) & where)
            continue
        kind = "basis.consent-asked" if now <= _CONSENT else "basis.changed"
        yield Found(kind, pair, tuple(rules), where, f"{_either(now)}|{_either(was)}")


_CONSENT = frozenset({"consent", "explicit consent"})
Bases = Mapping[str, Situations]
Sort = tuple[frozenset[str], frozenset[str]]


def _bases(side: Side, kept: Situations) -> Bases:
    """Where each basis carries what both versions permit."""
    found: dict[str, Situations] = {}
    for placed in side.permits_in(kept):
        found[placed.basis] = found.get(placed.basis, 0) | side.by(placed) & kept
    return found


def _sorts(kept: Situations, before: Bases, after: Bases) -> dict[Sort, Situations]:
    """The situations by the bases that carry them in the old and in the new version."""
    nothing: frozenset[str] = frozenset()
    sorts: dict[Sort, Situations] = {(nothing, nothing): kept}
    for side, bases in enumerate((before, after)):
        for basis, where in bases.items():
            split: dict[Sort, Situations] = {}
            for sort, held in sorts.items():
                more = (sort[0] | {basis}, sort[1]) if side == 0 else (sort[0], sort[1] | {basis})
                for name, part in ((more, held & where), (sort, held & ~where)):
                    if part:
                        split[name] = split.get(name, 0) | part
            sorts = split
    return sorts


def _swapped(pair: Pair, placed: Placed, where: Situations) -> Found:
    before = _either({p.basis for p in pair.old.permits if is_consent(p)})
    return Found(
        "basis.consent-replaced", pair, (placed,), where, f"{_either({placed.basis})}|{before}"
    )


def _either(names: Iterable[str]) -> str:
    return " or ".join(sorted(filter(None, names))) or "no basis"


def _obligations(old: Policy, new: Policy, pair: Pair) -> Iterator[Found]:
    before, after = _duties(old, pair.old, pair.kept), _duties(new, pair.new, pair.kept)
    for kind, one, other, side in (
        ("obligation.fewer", before, after, pair.old),
        ("obligation.more", after, before, pair.new),
    ):
        for name, held in one.items():
            where = held & ~other.get(name, 0)
            if where:
                yield Found(kind, pair, tuple(side.permits_in(where)), where, _told(name))


def _duties(policy: Policy, side: Side, kept: Situations) -> dict[tuple[str, str], Situations]:
    """Where each obligation comes with what both versions permit."""
    names = {duty(policy, o) for p in side.permits_in(kept) for o in p.rule.must}
    return {name: side.of(_demanding(policy, name)) & kept for name in names}


def _demanding(policy: Policy, name: tuple[str, str]) -> Callable[[Placed], bool]:
    return lambda placed: any(duty(policy, o) == name for o in placed.rule.must)


def _told(name: tuple[str, str]) -> str:
    return "it is logged" if name[0] == "log" else f"the person is told: “{name[1]}”"


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some cells in a box of situations, with the words for it, before pieces about the same cells meet."""

    found: Found
    box: Box
    words: str

    @property
    def alike(self) -> tuple[str, str, str]:
        """Only pieces with the same value are told in one sentence."""
        return self.found.kind, self.box.keys[0].operation, self.found.detail


def tell(old: Policy, new: Policy, found: Iterable[Found]) -> Iterator[Change]:
    """As few sentences as say exactly where the differences are."""
    choices = {choice.id: choice for p in (old, new) for choice in p.consent.choices}
    by_words: dict[object, list[_Piece]] = {}
    for item in found:
        for piece in _pieces(item, choices):
            by_words.setdefault((piece.alike, piece.words), []).append(piece)
    by_cells: dict[object, list[_Piece]] = {}
    for pieces in by_words.values():
        for keys in grouped(key for piece in pieces for key in piece.box.keys):
            same = by_cells.setdefault((pieces[0].alike, keys), [])
            same += [part for piece in pieces if (part := _within(piece, set(keys)))]
    for pieces in by_cells.values():
        yield _change(old, new, pieces)


def _pieces(found: Found, choices: Mapping[str, Choice]) -> Iterator[_Piece]:
    pair = found.pair
    usual = pair.usual(found.where)
    for box in pair.worlds.boxes(found.where):
        rules = _applying(found, pair.worlds.held_by(box))
        part = Found(found.kind, pair, rules, found.where, found.detail)
        words = situation(pair.worlds, box, usual, choices)
        yield _Piece(part, Box(pair.keys, pair.worlds.case(box)), words)


def _applying(found: Found, where: Situations) -> tuple[Placed, ...]:
    worlds = found.pair.worlds
    return tuple(p for p in found.rules if worlds.where(p.cases) & where) or found.rules


def _within(piece: _Piece, keys: set[CellKey]) -> _Piece | None:
    kept = tuple(key for key in piece.box.keys if key in keys)
    return replace(piece, box=Box(kept, piece.box.when)) if kept else None


def _change(old: Policy, new: Policy, pieces: Sequence[_Piece]) -> Change:
    first = pieces[0].found
    rules = {p.rule.id: p.rule for piece in pieces for p in piece.found.rules}
    keys = tuple(dict.fromkeys(key for piece in pieces for key in piece.box.keys))
    policy = old if _is_gone(new, keys) else new
    choices = {getattr(rule, "choice", None) for rule in rules.values()}
    return change(
        first.kind,
        _sentence(policy, first, keys, dict.fromkeys(piece.words for piece in pieces)),
        clauses=tuple(dict.fromkeys(c for rule in rules.values() for c in rule.clause)),
        rules=tuple(rules),
        scopes=keys,
        choices=tuple(sorted(filter(None, choices))),
        data=categories(keys),
        boxes=tuple(piece.box for piece in pieces),
        recipients=tuple(dict.fromkeys(key.recipient for key in keys if key.recipient)),
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


def _sentence(policy: Policy, found: Found, keys: Sequence[CellKey], words: Iterable[str]) -> str:
    where = when(words)
    now, _, before = found.detail.partition("|")
    match found.kind:
        case "permission.narrower":
            return f"from now on {done_to(policy, keys, 'may no longer')}{where}"
        case "basis.consent-replaced":
            would = done_to(policy, keys, "would")
            return f"{would} on the basis of {now}{where}; before, it was {before}"
        case "basis.changed" | "basis.consent-asked":
            may = done_to(policy, keys, "may")
            return f"{may} on the basis of {now}{where}; before, it was {before}"
        case "obligation.fewer":
            return f"from now on {done_to(policy, keys, 'may')}{where} without this: {now}"
        case "obligation.more":
            return (
                f"from now on, when {done_to(policy, keys, 'is to')}{where and f',{where}'}, {now}"
            )
    basis = f" on the basis of {now}" if now else ""
    return f"from now on {done_to(policy, keys, 'may')}{basis}{where}"
