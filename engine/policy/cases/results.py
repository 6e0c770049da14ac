"""What running a case says: each way in which another answer came, and which rules the case exercised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from engine.policy.source import Key


class Tested(NamedTuple):
    """A rule, by its kind (as `upheld coverage` names it) and its id; a choice is of the kind `consent`."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One expectation that was not met. `path` leads from the case to where it is written."""

    what: str
    expected: str
    found: str
    path: tuple[Key, ...] = ()
    why: str = ""

    def __str__(self) -> str:
        why = f": {self.why}" if self.why else ""
        return f"{self.what}: expected {self.expected}, found {self.found}{why}"


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case, at `path` of its file, as it came out; `exercised` are the rules that its answer rests on."""

    name: str
    path: tuple[Key, ...]
    differences: tuple[Difference, ...] = ()
    exercised: frozenset[Tested] = frozenset()

    @property
    def passed(self) -> bool:
        """Whether everything came as expected."""
        return not self.differences


def listed(names: Iterable[object]) -> str:
    """Names in backticks, or `nothing`."""
    return ", ".join(f"`{name}`" for name in names) or "nothing"
