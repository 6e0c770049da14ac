"""Disclosures: what was given to whom, in the ledger, under the person's pseudonym."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.audit import ledger
from engine.decisions.decision import Decision, Request
from engine.decisions.service import DecisionService
from engine.errors import InvalidInput, Unavailable, did_you_mean
from engine.policy.policy import Policy
from engine.policy.versions import Versions
from engine.policy.vocabulary import Tree
from engine.ports import Clock
from engine.promises import observations
from engine.store.database import Database

KIND = "disclosure.made"


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What a service says that it gave away about one person; `request_id` is that of its question."""

    subject: str
    recipient: str
    purpose: str
    categories: Sequence[str]
    request_id: str = ""
    by_api_key: bool = False

    def requests(self) -> list[Request]:
        """The same as questions."""
        return [Request("share", each, self.purpose, self.recipient) for each in self.categories]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A disclosure as it stands in the ledger: at `index`, with the decision on each category."""

    index: int
    at: datetime
    decisions: tuple[Decision, ...]


class Disclosures:
    """Takes disclosures. What was denied is recorded too: it happened, and breaks the promise."""

    def __init__(
        self,
        database: Database,
        decisions: DecisionService,
        versions: Callable[[], Versions],
        clock: Clock,
    ) -> None:
        self._database = database
        self._decisions = decisions
        self._versions = versions
        self._clock = clock

    def record(self, told: Disclosure, by: str) -> Recorded:
        """Write a disclosure down and count it; `by` is the prefix of the service's key.

        InvalidInput for a name that the version in force does not know, so that nothing but its names
        enters the ledger; Unavailable where no version is in force.
        """
        now = self._clock.now()
        policy = self._versions().in_force(now)
        if policy is None:
            raise Unavailable("no published version of the policy is in force")
        _check_names(told, policy)
        decided = self._decisions.decide_all(
            told.requests(), told.subject, by_api_key=told.by_api_key
        )
        with self._database.begin() as conn:
            for decision in decided:
                observations.record_done(conn, decision, now=now)
            facts = _facts(told, decided, by)
            entry = ledger.append(conn, KIND, facts, now=now, subject=told.subject)
        return Recorded(entry.index, now, tuple(decided))


def _facts(told: Disclosure, decided: Sequence[Decision], by: str) -> dict[str, object]:
    return {
        "recipient": told.recipient,
        "purpose": told.purpose,
        "categories": {one.asked.category: one.effect for one in decided},
        "rules": sorted({one.rule for one in decided if one.rule}),
        "version": decided[0].version,
        "request": told.request_id,
        "by": by,
    }


def _check_names(told: Disclosure, policy: Policy) -> None:
    _check(policy.recipients, told.recipient, "recipient")
    _check(policy.purposes, told.purpose, "purpose")
    for number, category in enumerate(told.categories):
        _check(policy.categories, category, f"categories.{number}")


def _check(known: Tree, name: str, field: str) -> None:
    if name not in known:
        raise InvalidInput(f"no {known.kind} `{name}`{did_you_mean(name, known.terms)}", field)
