"""A promise: a clause with its state, and the figures and evidence for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Is it kept? In the order of gravity: of several states of one clause, the last here counts."""

    NOT_CHECKABLE = "not machine-checkable"
    KEPT = "kept"
    AT_RISK = "at risk"
    BROKEN = "broken"

    @property
    def gravity(self) -> int:
        """From 0 upwards."""
        return list(State).index(self)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found about one thing that keeps a clause. `about` names it: `retention calls-90-days`.

    `figures` are plain JSON values; `evidence` says what breaks or endangers the promise, one fact a line.
    No personal data in any of them.
    """

    about: str
    state: State
    sentence: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Promise:
    """A clause and whether it was kept at `checked_at`. `figures` are those of each verdict, by `about`."""

    clause: str
    state: State
    sentence: str
    figures: Mapping[str, Any]
    evidence: tuple[str, ...]
    checked_at: datetime


def promise_of(clause: str, verdicts: Iterable[Verdict], now: datetime) -> Promise:
    """The promise of a clause: the gravest verdict decides, and the sentences that say why are kept."""
    found = tuple(verdicts)
    state = max((v.state for v in found), key=lambda s: s.gravity, default=State.NOT_CHECKABLE)
    deciding = [verdict for verdict in found if verdict.state is state]
    return Promise(
        clause=clause,
        state=state,
        sentence="; ".join(dict.fromkeys(verdict.sentence for verdict in deciding)),
        figures={verdict.about: dict(verdict.figures) for verdict in found if verdict.figures},
        evidence=tuple(line for verdict in deciding for line in verdict.evidence),
        checked_at=now,
    )
