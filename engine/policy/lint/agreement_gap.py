"""AGREEMENT_GAP: something stops on the day a version takes effect, until each person agrees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.policy.compiled.agreement import Stamp, agreed
from engine.policy.compiled.cells import Cell, CellKey
from engine.policy.compiled.conditions import Cases, Demand, Kind, facts_in
from engine.policy.compiled.limits import MOST_FACTS
from engine.policy.diff.names import Names
from engine.policy.diff.worlds import Worlds
from engine.policy.findings import Finding, Severity, warning
from engine.policy.lint.context import Context
from engine.policy.lint.exact import cells
from engine.policy.policy import Policy

CODE = "AGREEMENT_GAP"
SEVERITY = Severity.WARNING

_Sharing = tuple[str, str]
"""A category and a purpose for which it is shared."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning for each sharing that goes on in both versions, and that nobody may receive in between.

    Another recipient in the old one's place is a widening: it counts for a person only once they agreed.
    Where the old recipient is gone, the service that needs one stops for all who have not.
    """
    if context.before is None:
        return
    gaps: dict[tuple[str, ...], list[_Sharing]] = {}
    for sharing, rules in _gaps(context.before, policy):
        gaps.setdefault(rules, []).append(sharing)
    for rules, sharings in gaps.items():
        yield _finding(policy, rules, sharings)


def _gaps(old: Policy, new: Policy) -> Iterator[tuple[_Sharing, tuple[str, ...]]]:
    asked = list(_changed(old, new))
    if not asked:
        return
    from engine.policy.diff.compare import diff

    stamps = diff(old, new).stamps
    for sharing, then, now in asked:
        if any(cell.key in stamps for cell in now) and _stops(then, now, stamps, new):
            yield sharing, tuple(dict.fromkeys(p.rule.id for c in now for p in c.permits))


def _changed(old: Policy, new: Policy) -> Iterator[tuple[_Sharing, list[Cell], list[Cell]]]:
    """What both versions share, and with nobody quite as before; comparing versions takes time."""
    names = Names(old, new)
    before = _sharings(cells(old).values())
    for sharing, now in _sharings(cells(new).values()).items():
        former = names.former(CellKey("share", *sharing))
        then = before.get((former.category, former.purpose), [])
        same = {_says(cell) for cell in then} & {_says(cell) for cell in now}
        if then and not same:
            yield sharing, then, now


def _says(cell: Cell) -> object:
    return cell.key, _permitting(cell), _denying(cell)


def _sharings(found: Iterable[Cell]) -> dict[_Sharing, list[Cell]]:
    by: dict[_Sharing, list[Cell]] = {}
    for cell in found:
        if cell.key.operation == "share" and cell.permits:
            by.setdefault((cell.key.category, cell.key.purpose), []).append(cell)
    return by


def _stops(then: list[Cell], now: list[Cell], stamps: Mapping[CellKey, Stamp], new: Policy) -> bool:
    """Whether somebody for whom data was shared, and will be, has no recipient who may have it until then."""
    stamped = [
        tuple(agreed(_permitting(c), [stamps[c.key]] if c.key in stamps else [])) for c in now
    ]
    denied = [(_denying(c), c) for c in (*then, *now)]
    facts = {f for cases in (*stamped, *map(_permitting, then)) for f in facts_in(cases)}
    facts |= {f for cases, _ in denied for f in facts_in(cases)}
    if len(facts) > 2 * MOST_FACTS:
        return False
    worlds = Worlds(facts, new.subjects)
    unasked = worlds.all
    for fact in facts:
        if fact.kind is Kind.AGREEMENT:
            unasked &= ~worlds.where((frozenset({Demand(fact)}),))

    def permitted(found: Iterable[tuple[Cell, Cases]]) -> int:
        total = 0
        for cell, cases in found:
            total |= worlds.where(cases) & ~worlds.where(_denying(cell))
        return total

    earlier = permitted((cell, _permitting(cell)) for cell in then)
    later = permitted((cell, _permitting(cell)) for cell in now)
    meanwhile = permitted(zip(now, stamped, strict=True)) & unasked
    return bool(earlier & later) and not meanwhile & earlier


def _permitting(cell: Cell) -> Cases:
    return tuple(case for placed in cell.permits for case in placed.cases)


def _denying(cell: Cell) -> Cases:
    return tuple(case for placed in cell.denies for case in placed.cases)


def _finding(policy: Policy, rules: tuple[str, ...], sharings: list[_Sharing]) -> Finding:
    data = ", ".join(dict.fromkeys(f"`{category}`" for category, _ in sharings))
    purposes = ", ".join(dict.fromkeys(f"`{purpose}`" for _, purpose in sharings))
    message = (
        f"from {policy.effective} nobody may receive {data} for {purposes} until the person agrees: "
        "every recipient is new"
    )
    hint = "keep the former recipient beside it for a while, or write `formerly:` if only the name changed"
    return warning(CODE, message, policy.sources.rule(rules[0], "with"), hint, rule=rules[0])
