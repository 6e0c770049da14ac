"""What a comparison of two versions says: changes, each with its consequence for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.policy.compiled.agreement import Stamp
from engine.policy.compiled.cells import CellKey
from engine.policy.compiled.conditions import Cases


class Consequence(StrEnum):
    """What a change asks for, the gravest first."""

    BLOCKED = "blocked"
    RE_CONSENT = "re-consent"
    RECONFIRM = "reconfirm"
    NOTICE = "notice"
    CHANGELOG = "changelog"
    NONE = "none"

    @property
    def gravity(self) -> int:
        """From 0 (none) upwards; for sorting."""
        return len(Consequence) - 1 - list(Consequence).index(self)


@dataclass(frozen=True, slots=True)
class Box:
    """Some cells in some situations: in each of the cells a change is where `when` holds.

    In `when`, an objection names no purpose: it is the one to the cell's own. A change of how long data is
    kept has no cells: it is in all of them.
    """

    keys: tuple[CellKey, ...]
    when: Cases


@dataclass(frozen=True, slots=True)
class Decided:
    """What an officer decided about a change, and why: `was` is the consequence that it has by itself."""

    was: Consequence
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Change:
    """One difference in meaning.

    `kind` is a key of `consequences.yaml`; `sentence` is for people; `clauses` and `rules` are those of the
    new version (of the old one where something ended). `scopes` are the cells concerned, by the names of the
    new version where they exist there; `choices`, `data` and `recipients` the names concerned. `review`: a
    human must look at it before it is published. `boxes`: where exactly a permission or a period differs.
    `decided`: an officer gave it another consequence than its kind has.
    """

    kind: str
    consequence: Consequence
    sentence: str
    clauses: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    scopes: tuple[CellKey, ...] = ()
    choices: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    review: bool = False
    boxes: tuple[Box, ...] = ()
    recipients: tuple[str, ...] = ()
    decided: Decided | None = None


@dataclass(frozen=True)
class Diff:
    """All differences between two versions, the gravest first."""

    old: str
    new: str
    changes: tuple[Change, ...] = ()
    stamps: Mapping[CellKey, Stamp] = field(default_factory=dict)

    @property
    def consequence(self) -> Consequence:
        """The gravest consequence; `none` if nothing but words changed."""
        found = [change.consequence for change in self.changes]
        return max(found, key=lambda c: c.gravity, default=Consequence.NONE)

    @property
    def review(self) -> bool:
        """Whether a human must look at some change before the version is published."""
        return any(change.review for change in self.changes)

    def introductions(self) -> Mapping[CellKey, Stamp]:
        """For each leaf cell that permits more than before: what a person must have agreed to for that."""
        return self.stamps
