"""Values that say why something expires when it does; `engine.retention.explain` works them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from engine.decisions.explain import Condition
from engine.decisions.facts import SubjectFacts
from engine.policy.models.retention import Action

Dues = dict[Action, datetime | None]
Standing = Literal["wins", "later", "subsumed", "does not apply", "not counting yet"]


@dataclass(frozen=True, slots=True)
class TermExplained:
    """`until`: the first instant at which the term has passed; None where its event has not happened."""

    words: str
    event: str
    happened: datetime | None
    until: datetime | None
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FloorExplained:
    """A statute that may keep the data. `binds` unless the person is known to be elsewhere; `overruled`: an
    officer decided that the rule at hand goes before it."""

    statute: str
    source: str
    as_of: date
    """When the law was last read."""
    binds: bool
    overruled: bool
    term: TermExplained

    @property
    def keeps(self) -> bool:
        """Whether the data must stay until its term has passed."""
        return self.binds and not self.overruled


@dataclass(frozen=True, slots=True)
class RuleExplained:
    """One ceiling of a category: `due` is when it acts, floors included; None if it never does as things are.

    `version` is that of an older policy where the person has not agreed to anything newer; `notice` is how
    long before people are told, without which the data stays after its date.
    """

    rule: str
    clauses: tuple[str, ...]
    version: str
    then: Action
    terms: tuple[TermExplained, ...]
    by_law: bool
    conditions: tuple[Condition, ...]
    applies: bool
    floors: tuple[FloorExplained, ...]
    due: datetime | None
    notice: str | None = None
    standing: Standing = "later"


@dataclass(frozen=True, slots=True)
class CategoryExplained:
    """One leaf category: its rules, what is due when (for an action or a stronger one), and by which rule.

    `due` is as the rules and statutes say; `held` are the holds that keep it all the same.
    """

    leaf: str
    rules: tuple[RuleExplained, ...]
    due: Dues
    winners: dict[Action, str]
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartExplained:
    """The row (`name` is `row`), or a personal field that goes before it, with its categories.

    `protected_by`: the statutes that keep the row, the last of them first, until `protected_until`.
    """

    name: str
    due: Dues
    winners: dict[Action, str]
    categories: tuple[CategoryExplained, ...]
    held: tuple[str, ...] = ()
    protected_by: tuple[FloorExplained, ...] = ()
    protected_until: datetime | None = None


@dataclass(frozen=True)
class Told:
    """What is given about one row: its events, the facts of the people it leads to, holds, the agreement.

    `agreed` is the version that the person agreed to last, None if they agreed to none.
    """

    events: Mapping[str, datetime]
    people: tuple[SubjectFacts, ...]
    agreed: str | None
    held: tuple[str, ...] = ()
