"""What an erasure must leave: data that a statute or a named hold keeps (GDPR 17(3)). Pure.

On erasure everything goes now; only what stands under a floor or a hold stays, restricted. Whether a statute
has run out is read from the row itself, or from what is known of the person when the work begins, never
through the person's own row: that goes last, and the same rows must stay before and after. A time that
cannot be told counts as not passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.datamap.model import Dataset
from engine.policy.policy import Policy
from engine.policy.regions import lies_in
from engine.ports import Always, AnyOf, Before, Condition, Not
from engine.retention.ceilings import Floor, ceilings_of, floors_of, overruled
from engine.retention.compiling import just_after
from engine.retention.events import is_record, is_sighted
from engine.retention.holds import RESTRICTION, Hold, held_leaves
from engine.retention.terms import Days, Term


@dataclass(frozen=True)
class Circumstances:
    """What is known of the person when the work begins."""

    policy: Policy
    now: datetime
    region: str | None = None
    events: Mapping[str, datetime] = field(default_factory=dict)
    holds: tuple[Hold, ...] = ()


@dataclass(frozen=True, slots=True)
class Keeping:
    """Why rows of a dataset stay: `leaves` are the categories kept, `rows` which of the person's rows.

    `term` is set where the end depends on the row's own time; `until` where it is known already.
    """

    reason: str
    exemption: str
    statute: str | None
    leaves: frozenset[str]
    rows: Condition
    term: Term | None = None
    until: datetime | None = None


def categories_in(policy: Policy, spec: Dataset) -> tuple[str, ...]:
    """The leaf categories of a dataset: of its row, and of its fields."""
    row = policy.categories.leaves_under(spec.row) if spec.row else ()
    fields = (use.category for use in spec.fields.values() if use.category)
    return tuple(dict.fromkeys((*row, *fields)))


def keepings(
    known: Circumstances, name: str, spec: Dataset, subject_id: str
) -> tuple[Keeping, ...]:
    """Everything that keeps data of this person in a dataset; none that keeps no row at all."""
    leaves = categories_in(known.policy, spec)
    by_law = _by_statute(known, spec, leaves)
    held = _by_hold(known, name, subject_id, leaves)
    return tuple(one for one in (*by_law, *held) if one.rows != AnyOf(()))


def _by_statute(known: Circumstances, spec: Dataset, leaves: Iterable[str]) -> Iterable[Keeping]:
    found: dict[str, tuple[Floor, set[str]]] = {}
    for leaf in leaves:
        for floor in floors_of(known.policy, leaf):
            if _binds(known, floor) and not _overruled(known, leaf, floor):
                found.setdefault(floor.statute, (floor, set()))[1].add(leaf)
    sources = {statute.id: statute.source for statute in known.policy.statutes}
    for statute, (floor, kept) in found.items():
        exemption = f"legal obligation (GDPR 17(3)(b)): {sources[statute]}"
        rows, term, until = _protected(known, spec, floor.term)
        yield Keeping(statute, exemption, statute, frozenset(kept), rows, term, until)


def _binds(known: Circumstances, floor: Floor) -> bool:
    """A statute binds unless the person is known to be elsewhere."""
    if floor.regions is None or known.region is None:
        return True
    return lies_in(known.region, floor.regions) is not False


def _overruled(known: Circumstances, leaf: str, floor: Floor) -> bool:
    rules = [ceiling.rule for ceiling in ceilings_of(known.policy, leaf)]
    today = known.now.date()
    return bool(rules) and all(overruled(known.policy, rule, floor, today) for rule in rules)


def _protected(
    known: Circumstances, spec: Dataset, term: Term
) -> tuple[Condition, Term | None, datetime | None]:
    days = Days.of(known.policy)
    event = term.after.event
    if is_record(event) and event in spec.times and not is_sighted(spec.times[event]):
        cutoff = days.cutoff(term, known.now)
        passed = Before(spec.times[event], just_after(cutoff)) if cutoff is not None else AnyOf(())
        return Not(passed), term, None
    if event in known.events:
        until = days.expires_at(term, known.events[event])
        return (Always() if known.now < until else AnyOf(())), None, until
    return Always(), None, None


def _by_hold(
    known: Circumstances, name: str, subject_id: str, leaves: Iterable[str]
) -> Iterable[Keeping]:
    words = {entry.id: entry.purpose for entry in known.policy.holds}
    statutes = {statute.id: statute.source for statute in known.policy.statutes}
    for hold in known.holds:
        # Whoever asks for deletion takes back their own wish that nothing be touched.
        if hold.reason == RESTRICTION or hold.dataset not in (None, name):
            continue
        kept = held_leaves(known.policy, hold) & set(leaves)
        if kept and hold.subject in (None, subject_id):
            why = words.get(hold.reason) or statutes.get(hold.reason) or hold.reason
            statute = hold.reason if hold.reason in statutes else None
            exemption = f"{why} (GDPR 17(3)(e))" if statute is None else f"legal obligation: {why}"
            yield Keeping(hold.reason, exemption, statute, kept, Always())
