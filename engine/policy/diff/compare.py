"""Compare two versions by what they mean, and say what follows for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from engine.policy.compiled.agreement import Stamp
from engine.policy.compiled.cells import CellKey
from engine.policy.diff import people, promises, recipients, retention
from engine.policy.diff.cells import Pair, Pairs, respell, spellings
from engine.policy.diff.decided import carried, decided
from engine.policy.diff.model import Change, Consequence, Diff
from engine.policy.diff.names import Names
from engine.policy.diff.permissions import WIDER, find, stamp, tell
from engine.policy.policy import Policy


@lru_cache(maxsize=64)
def diff(old: Policy, new: Policy) -> Diff:
    """Every difference in meaning, exact over all situations that a person can be in; remembered."""
    pairs = list(Pairs(old, new))
    found = [difference for pair in pairs for difference in find(old, new, pair)]
    changes = [*tell(old, new, found)]
    for area in (recipients, retention, people, promises):
        changes += area.changes(old, new)
    settled = [decided(change, new.header.changes) for change in changes]
    settled.sort(key=lambda change: -change.consequence.gravity)
    return Diff(old.version, new.version, tuple(settled), _stamps(new, pairs, settled))


def since(chain: Sequence[Policy]) -> Diff:
    """What the last version changes for somebody who agreed to the first, oldest first.

    What officers decided in between counts: where a change is still the same, or where it asked for more.
    """
    found = diff(chain[0], chain[-1])
    between = [c for pair in pairwise(chain) for c in diff(*pair).changes if c.decided]
    changes = [carried(change, between) for change in found.changes]
    changes.sort(key=lambda change: -change.consequence.gravity)
    return replace(found, changes=tuple(changes))


def _stamps(new: Policy, pairs: Iterable[Pair], changes: Iterable[Change]) -> dict[CellKey, Stamp]:
    """What each cell that permits more asks agreement to: what the gravest of its changes does."""
    gravest: dict[CellKey, Consequence] = {}
    for change in changes:
        if change.kind in WIDER:
            for key in change.scopes:
                known = gravest.get(key, Consequence.NONE)
                gravest[key] = max(known, change.consequence, key=lambda c: c.gravity)
    found = {
        key: stamp(new, key, pair, gravest[key])
        for pair in pairs
        if pair.wider
        for key in pair.keys
    }
    return {key: given for key, given in found.items() if given}


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
