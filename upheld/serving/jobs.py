"""What is done by the clock, and when: the list of jobs, built from what the rest of Upheld can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from engine.ports import Clock


@dataclass(frozen=True, slots=True)
class Job:
    """Something done by the clock.

    `trigger` is an APScheduler trigger whose times depend on nothing but the clock, so that every replica
    agrees on them; they lie at most `every` apart. `run` must do no harm when it is done again: a job whose
    process died is.
    """

    name: str
    trigger: Any
    run: Callable[[], None]
    every: timedelta


@dataclass(frozen=True, slots=True)
class Work:
    """What the jobs do, one callable each; `purge` takes the time until which rows become due.

    `purge_own` is about what Upheld itself holds of people. Every plan looks for states that no store gives a
    time to, so the purge does too; `see_states` halves the error of when they were first seen.
    """

    purge: Callable[[datetime], None]
    purge_own: Callable[[], None]
    see_states: Callable[[], None]
    recover: Callable[[], None]
    process_requests: Callable[[], None]
    send_notices: Callable[[], None]
    check_promises: Callable[[], None]
    save_checkpoint: Callable[[], None]
    sweep: Callable[[], None]


def build_jobs(work: Work, clock: Clock, *, purge_hour: int, zone: ZoneInfo) -> tuple[Job, ...]:
    """Every job of Upheld; `purge_hour` is the hour of the daily purge in the policy's `zone`."""
    nightly = CronTrigger(hour=purge_hour, minute=0, timezone=zone)
    later = CronTrigger(hour=purge_hour, minute=30, timezone=zone)
    midday = CronTrigger(hour=(purge_hour + 12) % 24, minute=0, timezone=zone)

    def purge() -> None:
        work.purge(next_slot(nightly, clock.now()))

    return (
        _each_minutes("recovery", 5, work.recover),
        _daily("purge", nightly, purge),
        _daily("purge-own", later, work.purge_own),
        _daily("states", midday, work.see_states),
        _each_minutes("requests", 1, work.process_requests),
        _each_minutes("notices", 1, work.send_notices),
        _hourly("promises", 20, work.check_promises),
        _hourly("checkpoint", 40, work.save_checkpoint),
        _hourly("sweep", 50, work.sweep),
    )


def next_slot(trigger: Any, now: datetime) -> datetime:
    """The first time of the trigger after `now`, in UTC.

    Steps are made in UTC: in the hour that a change of the clocks repeats, a local time plus a moment may
    lie before itself. A job of that hour has two slots on that day.
    """
    after = now.astimezone(UTC) + timedelta(microseconds=1)
    found: datetime = trigger.get_next_fire_time(None, after)
    return found.astimezone(UTC)


def latest_slot(job: Job, now: datetime) -> datetime | None:
    """The newest time of the job's trigger that is not after `now`; None if it has none yet.

    Times missed while nobody ran are one slot, the newest of them.
    """
    found = None
    slot = next_slot(job.trigger, now - job.every)
    while slot <= now:
        found, slot = slot, next_slot(job.trigger, slot)
    return found


def _daily(name: str, trigger: Any, run: Callable[[], None]) -> Job:
    # A day with a change of the clocks has up to 25 hours.
    return Job(name, trigger, run, timedelta(hours=25))


def _hourly(name: str, minute: int, run: Callable[[], None]) -> Job:
    return Job(name, CronTrigger(minute=minute, timezone="UTC"), run, timedelta(hours=1))


def _each_minutes(name: str, minutes: int, run: Callable[[], None]) -> Job:
    trigger = CronTrigger(minute=f"*/{minutes}", timezone="UTC")
    return Job(name, trigger, run, timedelta(minutes=minutes))
