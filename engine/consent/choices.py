"""Choices: which optional consents of a person are on now, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.consent.records import Said
from engine.policy.durations import CALENDAR_YEAR_END, Anchor
from engine.policy.models import Choice
from engine.policy.policy import Policy
from engine.policy.regions import lies_in
from engine.retention.calendar import expires_at

WAITS = "a parent or guardian must say so"
SIGNALLED = "your browser sends the signal "
_GIVEN = Anchor.parse("consent.given")


@dataclass(frozen=True, slots=True)
class ChoiceState:
    """One choice: `on` is None when it cannot be known. `until` is when a given consent runs out."""

    id: str
    on: bool | None
    because: str
    since: datetime | None = None
    until: datetime | None = None
    version: str | None = None
    signal: str | None = None
    """The signal of the browser that turns it off."""


def choice_states(
    policy: Policy,
    said: Mapping[str, Said],
    *,
    region: str | None,
    signals: Collection[str],
    now: datetime,
    ward: bool | None = False,
) -> dict[str, ChoiceState]:
    """Every choice of the policy, in its order, as it stands at `now`.

    `ward`: whether a guardian answers for the person (None: that is not known). Then only what a guardian
    said turns a choice on; to turn it off, anybody's word is enough.
    """
    zone = policy.header.zone
    return {
        choice.id: _guarded(_state(choice, word, region, signals, zone, now), word, ward)
        for choice in policy.consent.choices
        for word in [said.get(choice.id)]
    }


def _guarded(state: ChoiceState, said: Said | None, ward: bool | None) -> ChoiceState:
    """What is on without a guardian's word does not count for a child, nor for who may be one."""
    if ward is False or state.on is False or (said is not None and said.guardian):
        return state
    if ward is None:
        return replace(state, on=None, because="how old you are is not known")
    return replace(state, on=False, because=WAITS)


def _state(
    choice: Choice,
    said: Said | None,
    region: str | None,
    signals: Collection[str],
    zone: ZoneInfo,
    now: datetime,
) -> ChoiceState:
    heard = sorted(set(choice.off_by or ()) & set(signals))
    if heard:
        return ChoiceState(choice.id, False, f"{SIGNALLED}{heard[0]}", signal=heard[0])
    if said is None:
        return _by_default(choice, region)
    until = _runs_out(choice, said, zone)
    if not said.state.valid:
        return ChoiceState(choice.id, False, said.state.value, said.at, None, said.version)
    if until is not None and now >= until:
        return ChoiceState(
            choice.id, False, "the consent has run out", said.at, until, said.version
        )
    return ChoiceState(choice.id, True, said.state.value, said.at, until, said.version)


def is_on(choice: Choice, said: Said, zone: ZoneInfo, now: datetime) -> bool:
    """Whether what a person said of a choice is a consent that has not run out."""
    until = _runs_out(choice, said, zone)
    return said.state.valid and (until is None or now < until)


def _by_default(choice: Choice, region: str | None) -> ChoiceState:
    if choice.default == "off":
        return ChoiceState(choice.id, False, "not given")
    if not choice.off_in:
        return ChoiceState(choice.id, True, "on unless you turn it off")
    inside = None if region is None else lies_in(region, choice.off_in)
    if inside is None:
        return ChoiceState(choice.id, None, "where you are is not known closely enough")
    if inside:
        return ChoiceState(choice.id, False, "off where you are, unless you turn it on")
    return ChoiceState(choice.id, True, "on unless you turn it off")


def _runs_out(choice: Choice, said: Said, zone: ZoneInfo) -> datetime | None:
    if choice.lasts is None or not said.state.valid:
        return None
    return expires_at(choice.lasts, _GIVEN, said.at, zone, CALENDAR_YEAR_END)
