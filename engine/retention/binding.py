"""Which older versions still bind the data of whoever has not agreed to a newer one.

A longer keep does not apply to a person until they agreed, unless an officer decided that the change asks for
no agreement: then nobody is asked, and the older period binds nobody any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from engine.policy.diff import Change, Consequence, retention
from engine.policy.diff.decided import decided
from engine.policy.policy import Policy


def binding(earlier: Sequence[Policy], policy: Policy, leaf: str) -> tuple[Policy, ...]:
    """Those of the earlier versions (oldest first) whose periods for a category still bind."""
    chain = (*earlier, policy)
    return tuple(old for number, old in enumerate(earlier) if _binds(chain[number:], leaf))


def _binds(chain: Sequence[Policy], leaf: str) -> bool:
    """Whether anything longer since the first of these asks for agreement, or nothing was longer at all."""
    found = [change for pair in pairwise(chain) for change in _longer(*pair, leaf)]
    return not found or any(c.consequence.gravity >= Consequence.RECONFIRM.gravity for c in found)


def _longer(old: Policy, new: Policy, leaf: str) -> list[Change]:
    if not new.header.changes:
        return _UNDECIDED
    found = [decided(c, new.header.changes) for c in retention.changes(old, new)]
    return [c for c in found if c.kind != "retention.shorter" and leaf in c.data]


_UNDECIDED = [Change("retention.longer", Consequence.RECONFIRM, "")]
"""Where no decision was made, an older period binds; comparing the versions would say no more."""
