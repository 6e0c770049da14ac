"""How old a person is, and whether a guardian answers for them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from engine.datamap.directory import PlatformFacts
from engine.policy.ages import needs_guardian
from engine.policy.policy import Policy


def years(born: date, now: datetime, zone: ZoneInfo) -> int:
    """Whole years on the local day of `now`; somebody born on 29 February turns on 1 March."""
    today = now.astimezone(zone).date()
    had_birthday = (today.month, today.day) >= (born.month, born.day)
    return today.year - born.year - (0 if had_birthday else 1)


def age_of(platform: PlatformFacts, now: datetime, zone: ZoneInfo) -> int | None:
    """By the day of birth, else as the platform tells it; None if it does not."""
    return platform.age if platform.born is None else years(platform.born, now, zone)


def is_ward(policy: Policy, platform: PlatformFacts, now: datetime) -> bool | None:
    """Whether a guardian answers for this person; None if that cannot be known."""
    age = age_of(platform, now, policy.header.zone)
    return needs_guardian(policy, platform.subject, platform.region, age)
