"""The login gate: what a person must settle before going on, and what they are asked besides.

Optional consents are never bundled with the agreement: they are asked beside it, each on its own, and
nobody is held up by an answer of "no".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.consent.choices import ChoiceState
from engine.policy.diff.model import Change, Consequence
from engine.policy.policy import Policy

Outcome = Literal["ok", "agree", "reconfirm", "declined"]

_MUST = frozenset({Consequence.RECONFIRM, Consequence.RE_CONSENT})


@dataclass(frozen=True, slots=True)
class Told:
    """One change, as it is told to the person: the sentence and the clauses it stands in."""

    sentence: str
    clauses: tuple[str, ...]
    consequence: str


@dataclass(frozen=True, slots=True)
class Question:
    """One optional consent that is asked: `id` of the choice and the question in the policy's words."""

    id: str
    ask: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """What a login must pass. `ok` lets the person in; otherwise `told` says what changed, and why.

    While gated a person can still log out, use the portal, export, and cancel.
    """

    outcome: Outcome
    version: str
    agreed: str | None
    told: tuple[Told, ...] = ()
    questions: tuple[Question, ...] = ()
    by_guardian: bool = False
    """A verified guardian must answer in the person's place."""

    @property
    def ok(self) -> bool:
        """Whether the person may go on."""
        return self.outcome == "ok"


def gate(
    policy: Policy,
    *,
    agreed: str | None,
    declined: str | None,
    changes: Sequence[Change],
    states: Iterable[ChoiceState],
) -> Gate:
    """What a person must settle who last agreed to `agreed`.

    `changes` are those from the version agreed to up to `policy`; they are ignored if none was agreed to.
    Where the policy says that it asks nobody, changes are told; what needs agreement stays denied.
    """
    if agreed == policy.version:
        return Gate("ok", policy.version, agreed)
    questions = _questions(policy, states)
    told = tuple(Told(c.sentence, c.clauses, c.consequence.value) for c in changes)
    if agreed is None:
        return Gate(_or_declined("agree", declined, policy), policy.version, None, (), questions)
    agreement = policy.consent.agreement
    asks = agreement is None or agreement.ask is not None
    if not asks or not any(change.consequence in _MUST for change in changes):
        return Gate("ok", policy.version, agreed, told)
    return Gate(
        _or_declined("reconfirm", declined, policy), policy.version, agreed, told, questions
    )


def _or_declined(outcome: Outcome, declined: str | None, policy: Policy) -> Outcome:
    return "declined" if declined == policy.version else outcome


def _questions(policy: Policy, states: Iterable[ChoiceState]) -> tuple[Question, ...]:
    """The choices that were never answered under the version that introduced or widened them.

    Whoever's browser signals a no is not asked for a yes: the signal is an answer.
    """
    open_ = {state.id for state in states if state.since is None and state.signal is None}
    return tuple(
        Question(choice.id, choice.ask, choice.clause)
        for choice in policy.consent.choices
        if choice.id in open_
    )
