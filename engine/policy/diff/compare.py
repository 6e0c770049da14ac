"""Compare two versions by what they mean, and say what follows for people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from engine.policy.compiled.agreement import Stamp
from engine.policy.compiled.cells import CellKey
from engine.policy.diff import people, promises, recipients, retention
from engine.policy.diff.cells import pairs, respell, spellings
from engine.policy.diff.model import Change, Diff
from engine.policy.diff.names import Names
from engine.policy.diff.permissions import Found, find, stamp, tell
from engine.policy.policy import Policy


def diff(old: Policy, new: Policy) -> Diff:
    """Every difference in meaning, exact over all situations that a person can be in."""
    compared = list(pairs(old, new))
    alike: dict[object, list[Found]] = {}
    for pair in compared:
        for found in find(old, new, pair):
            alike.setdefault(found.alike, []).append(found)
    changes: list[Change] = [tell(old, new, found) for found in alike.values()]
    for area in (recipients, retention, people, promises):
        changes += area.changes(old, new)
    changes.sort(key=lambda change: -change.consequence.gravity)
    stamps = {pair.key: given for pair in compared if (given := stamp(new, pair))}
    return Diff(old.version, new.version, tuple(changes), stamps)


def stamps(chain: Sequence[Policy]) -> dict[CellKey, tuple[Stamp, ...]]:
    """What each cell of the last version asks agreement to, over all versions published up to it.

    `chain` is oldest first. The first version introduces nothing: who joins under it agrees to it.
    """
    found: dict[CellKey, tuple[Stamp, ...]] = {}
    for old, new in pairwise(chain):
        found = _carried(found, old, new)
        for key, given in diff(old, new).introductions().items():
            found[key] = (*found.get(key, ()), given)
    return found


def _carried(
    found: dict[CellKey, tuple[Stamp, ...]], old: Policy, new: Policy
) -> dict[CellKey, tuple[Stamp, ...]]:
    """Earlier stamps by the names of the next version."""
    names = Names(old, new)
    return {
        later: tuple(_respelt(new, later, stamp) for stamp in given)
        for key, given in found.items()
        for later in names.later(key)
    }


def _respelt(new: Policy, key: CellKey, given: Stamp) -> Stamp:
    already = tuple(respell(given.already, spellings(new, key)))
    return Stamp(given.version, given.consequence, already)
