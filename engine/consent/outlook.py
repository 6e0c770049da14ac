"""What people will be asked at their next login once a version is in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.consent.choices import choice_states
from engine.consent.gate import Gate, gate
from engine.consent.records import Standing
from engine.consent.store import StoredFacts
from engine.policy.diff import Change, since
from engine.policy.policy import Policy

Reading = Callable[[Sequence[str]], Mapping[str, StoredFacts]]


@dataclass
class Asked:
    """Numbers of people: all, by what the gate says to them, by the change and the choice asked about."""

    people: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    choices: Counter[str] = field(default_factory=Counter)

    def add(self, found: Gate) -> None:
        """Count one person."""
        self.people += 1
        self.outcomes[found.outcome] += 1
        if found.ok:
            return
        self.choices.update(question.id for question in found.questions)
        self.changes.update(
            (told.consequence, told.sentence)
            for told in found.told
            if told.consequence in ("re-consent", "reconfirm")
        )


def outlook(
    batches: Iterable[Sequence[str]], reading: Reading, chain: Sequence[Policy], at: datetime
) -> Asked:
    """What everybody is asked who logs in at a moment when the last version of the chain is in force."""
    asked, changes = Asked(), _since(chain)
    for people in batches:
        known = reading(people)
        for person in people:
            asked.add(_gate(known.get(person), chain[-1], changes, at))
    return asked


def _gate(
    facts: StoredFacts | None,
    policy: Policy,
    changes: Callable[[str], Sequence[Change]],
    at: datetime,
) -> Gate:
    said = facts.standing if facts else Standing()
    region = facts.platform.region if facts else None
    states = choice_states(policy, said.choices, region=region, signals=(), now=at)
    return gate(
        policy,
        agreed=said.agreed,
        declined=said.declined,
        changes=changes(said.agreed) if said.agreed else (),
        states=states.values(),
    )


def _since(chain: Sequence[Policy]) -> Callable[[str], Sequence[Change]]:
    """What changed since each version; for one that is not in the chain, everything since the first."""
    at = {policy.version: number for number, policy in enumerate(chain)}
    found = {version: since(chain[number:]).changes for version, number in at.items()}
    return lambda version: found.get(version, found[chain[0].version])
