"""From what is stored of a person to the facts that a decision is made by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from engine.consent import notices
from engine.consent.ages import age_of
from engine.consent.choices import ChoiceState
from engine.consent.observing import FRESH
from engine.consent.records import Said
from engine.consent.service import ConsentService, agreed_version
from engine.consent.store import StoredFacts, stored_of
from engine.decisions.facts import SubjectFacts
from engine.policy.durations import CALENDAR_YEAR_END, Anchor
from engine.policy.policy import Policy
from engine.retention.calendar import day_start, expires_at

_EFFECTIVE = Anchor.parse("policy.effective")


class ConsentFacts:
    """The facts source of decisions: one row a person, the platform asked again when that row is old."""

    def __init__(self, consent: ConsentService) -> None:
        self._consent = consent

    def facts_of(
        self,
        conn: Connection,
        subject_id: str,
        *,
        now: datetime,
        by_api_key: bool = False,
        signals: Collection[str] | None = None,
    ) -> SubjectFacts:
        """The facts at `now`; everything unknown for a person never heard of."""
        stored = self._consent.stored(subject_id, conn)
        chain = self._consent.chain()
        graced: Collection[str] = ()
        if by_api_key and _may_be_graced(chain, stored, now):
            told = notices.delivered_to(conn, subject_id)
            graced = in_grace(chain, stored, told, now)
        if signals is not None:
            stored = replace(stored, signals=(*(stored.signals or ()), *signals))
        states = self._consent.states(chain[-1], stored, signals or ())
        return subject_facts(chain[-1], stored, states, now, graced)

    def of_row(self, row: Mapping[str, Any], now: datetime) -> Known:
        """The facts that follow from a person's row, and until when: the first time in it that comes.

        A row that is old, or of nobody the platform knows, is known until no time at all: ask `facts_of`.
        """
        stored = stored_of(row)
        policy = self._consent.chain()[-1]
        states = self._consent.states(policy, stored)
        facts = subject_facts(policy, stored, states, now)
        return Known(facts, _holds_until(stored, states.values(), now, policy.header.zone))

    def may_be_graced(self, now: datetime) -> bool:
        """Whether API keys of people who did not agree yet may be in their time of grace."""
        return _grace_runs(self._consent.chain(), now)


@dataclass(frozen=True, slots=True)
class Known:
    """Facts, and until when they hold if the row stays as it is."""

    facts: SubjectFacts
    until: datetime


def _holds_until(
    stored: StoredFacts, states: Iterable[ChoiceState], now: datetime, zone: ZoneInfo
) -> datetime:
    if stored.observed_at is None or stored.gone:
        return now
    times = [state.until for state in states if state.until is not None]
    times += (stored.restricted_data or {}).values()
    ends = [time for time in times if time > now]
    # Ages change at midnight.
    midnight = day_start(now.astimezone(zone).date() + timedelta(days=1), zone)
    return min(stored.observed_at + FRESH, midnight, *ends)


def subject_facts(
    policy: Policy,
    stored: StoredFacts,
    states: Mapping[str, ChoiceState],
    now: datetime,
    graced: Collection[str] = (),
) -> SubjectFacts:
    """What a decision may rely on; what is not stored is unknown."""
    known = stored.observed_at is not None
    platform = stored.platform
    said = stored.standing
    return SubjectFacts(
        subject=platform.subject,
        region=platform.region,
        account=platform.account,
        age=age_of(platform, now, policy.header.zone),
        choices={name: state.on for name, state in states.items()},
        explicit=frozenset(_explicit(said.choices, states)),
        signals=None if stored.signals is None else frozenset(stored.signals),
        objections=frozenset(said.objections),
        restricted=stored.restricted if known else None,
        restricted_data=_restricted(stored, now),
        agreed=agreed_version(policy, stored, now),
        graced=frozenset(graced),
    )


def _restricted(stored: StoredFacts, now: datetime) -> frozenset[str] | None:
    told = stored.restricted_data
    return None if told is None else frozenset(n for n, since in told.items() if since <= now)


def _explicit(said: Mapping[str, Said], states: Mapping[str, ChoiceState]) -> Iterable[str]:
    """Choices that the person answered themselves, as opposed to a default that is on."""
    return (name for name, state in states.items() if state.on and name in said)


def in_grace(
    chain: Sequence[Policy], stored: StoredFacts, told: Collection[str], now: datetime
) -> list[str]:
    """Versions not agreed to, told of and not declined, whose grace for API keys has not ended."""
    return [
        policy.version
        for policy in chain
        if policy.version in told
        and policy.version != stored.standing.declined
        and now < grace_ends(policy)
    ]


def grace_ends(policy: Policy) -> datetime:
    """When API keys stop working for what a version newly asks people to reconfirm."""
    zone = policy.header.zone
    begins = day_start(policy.effective, zone)
    agreement = policy.consent.agreement
    if agreement is None or agreement.grace_for_api_keys is None:
        return begins
    return expires_at(agreement.grace_for_api_keys, _EFFECTIVE, begins, zone, CALENDAR_YEAR_END)


def _may_be_graced(chain: Sequence[Policy], stored: StoredFacts, now: datetime) -> bool:
    """Spares the common case a query: nothing to be graced, or no grace running."""
    return stored.standing.agreed != chain[-1].version and _grace_runs(chain, now)


def _grace_runs(chain: Iterable[Policy], now: datetime) -> bool:
    return any(now < grace_ends(policy) for policy in chain)
