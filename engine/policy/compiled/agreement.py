"""Agreement: what a later version introduced counts only for those who agreed to it.

The comparison of published versions (`engine.policy.diff`) gives each leaf cell that permits more than
before a stamp; compiling adds to the cell's permits that the person agreed to that version or a later one,
or that the cell was permitted before in the same case anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.policy.compiled.conditions import NEVER, Case, Cases, Demand, Fact, Kind, both

Introduction = Literal["re-consent", "reconfirm"]


@dataclass(frozen=True, slots=True)
class Stamp:
    """`version` widened a cell; `already` are the cases that were permitted before it."""

    version: str
    consequence: Introduction
    already: Cases = NEVER


def agreed(cases: Cases, stamps: Sequence[Stamp]) -> Cases:
    """The cases of a permit that count, given what must have been agreed to."""
    for stamp in stamps:
        consent: Case = frozenset(
            {Demand(Fact(Kind.AGREEMENT, (stamp.version, stamp.consequence)))}
        )
        cases = both(cases, (consent, *stamp.already))
    return cases


def version_key(version: str) -> tuple[str, int]:
    """Sorts versions by age: `2026-04-03` before `2026-04-03-2`."""
    return version[:10], int(version[11:] or 1)


def is_at_least(version: str, wanted: str) -> bool:
    """Whether a version is the wanted one or a later one."""
    return version_key(version) >= version_key(wanted)
