"""What keeps a policy decidable: few facts in each cell, and regions that exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from engine.errors import did_you_mean
from engine.policy import regions
from engine.policy.compiled.cells import Cell, CellKey, cells_of, facts_of_cells
from engine.policy.findings import Finding, Position, error
from engine.policy.models import RetentionRule, Rule
from engine.policy.policy import Policy
from engine.policy.source import Key

MOST_FACTS = 12
"""More facts than these in one cell are beyond what a person can review, and an exact comparison exists
because there are at most these."""


def check_decidable(policy: Policy, cells: Mapping[CellKey, Cell] | None = None) -> list[Finding]:
    """Findings that keep a policy from being compiled: TOO_MANY_FACTS and UNKNOWN_REGION.

    `cells` are the policy's, without stamps, where they are known already.
    """
    found = cells_of(policy) if cells is None else cells
    return [*_too_many(policy, found), *_unknown_regions(policy)]


def _too_many(policy: Policy, cells: Mapping[CellKey, Cell]) -> Iterator[Finding]:
    told: set[str] = set()
    for key, cell in cells.items():
        placed = (*cell.denies, *cell.permits)
        if sum(len(item.facts) for item in placed) <= MOST_FACTS:
            continue
        facts = facts_of_cells([cell])
        if len(facts) <= MOST_FACTS:
            continue
        last = max(placed, key=lambda item: item.order).rule.id
        if last in told:
            continue
        told.add(last)
        message = (
            f"{len(facts)} facts decide whether {_asked(key)}, through the rules {_rules(cell)}; "
            f"at most {MOST_FACTS} may"
        )
        hint = "use fewer conditions, or split the purpose"
        yield error("TOO_MANY_FACTS", message, policy.sources.rule(last), hint, rule=last)


def _asked(key: CellKey) -> str:
    if key.operation == "collect":
        return f"`{key.category}` may be collected"
    whom = f" with `{key.recipient}`" if key.recipient else ""
    verb = "shared" if key.operation == "share" else "used"
    return f"`{key.category}` may be {verb}{whom} for `{key.purpose}`"


def _rules(cell: Cell) -> str:
    return ", ".join(f"`{item.rule.id}`" for item in (*cell.denies, *cell.permits))


def _unknown_regions(policy: Policy) -> Iterator[Finding]:
    guarded = (*policy.collection, *policy.use, *policy.sharing, *policy.retention)
    rules = cast(tuple[Rule | RetentionRule, ...], guarded)
    for rule in rules:
        for key, guard in (("when", rule.when), ("unless", rule.unless)):
            for index, name in enumerate(guard.region or () if guard else ()):
                where = policy.sources.rule(rule.id, key, "region", index)
                yield from _unknown_region(name, where, rule=rule.id)
    for path, places, about in _of_consent(policy):
        for index, name in enumerate(places):
            yield from _unknown_region(
                name, policy.sources.at("consent.yaml", *path, index), **about
            )


def _of_consent(
    policy: Policy,
) -> Iterator[tuple[tuple[Key, ...], tuple[str, ...], dict[str, str]]]:
    for number, choice in enumerate(policy.consent.choices):
        yield ("choices", number, "off in"), choice.off_in or (), {"choice": choice.id}
    guardians = policy.consent.guardians
    for number, other in enumerate(guardians.other_ages if guardians else ()):
        yield ("guardians", "other ages", number, "in"), other.regions, {}


def _unknown_region(name: str, where: Position, **about: str) -> Iterator[Finding]:
    if not regions.is_region(name):
        known = [*regions.groups(), *regions.countries()]
        message = f"no region `{name}`{did_you_mean(name, known)}"
        hint = "a country such as `DE`, a subdivision such as `US-CA`, or a group such as `EU`"
        yield error("UNKNOWN_REGION", message, where, hint, **about)
