"""Is data kept no longer than promised? Judged from what the stores hold now. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.policy.durations import Duration
from engine.policy.event_words import event_words, keeping_words
from engine.policy.models import RetentionRule
from engine.policy.spans import fewest_days
from engine.promises.promise import State, Verdict
from engine.promises.words import count, listed, moment, span

PURGE_EXPECTED = timedelta(hours=50)
"""A daily purge that missed a day and is late besides."""

MARGIN = timedelta(days=1)
MARGIN_SHARE = 1 / 30
"""Rows that became due less than this ago (a day, or a thirtieth of a shorter period) wait for the next
purge: a scheduled one takes them before they are due, one that an officer starts may just miss them."""


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """What one dataset holds of the rule's data.

    `overdue` rows should be gone at the moment of looking, and no hold or statute keeps them; `since` is from
    when the oldest of them was due; `oldest` the earliest time of the rule's event on record; `held` rows are
    due and kept by a hold or a statute; `survivors` is what the last verification found, None if none was.
    """

    dataset: str
    rows: int
    overdue: int = 0
    since: datetime | None = None
    oldest: datetime | None = None
    held: int = 0
    survivors: int | None = None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The last purge that touched the data: `verified` is None while nobody has looked again."""

    finished_at: datetime
    rows: int
    verified: bool | None = None


@dataclass(frozen=True, slots=True)
class RetentionFacts:
    """What is known of a rule's data. `lawless` leaves wait for a statute that does not exist; `before` are
    the periods that older versions promised to who has not agreed to this one."""

    datasets: tuple[DatasetFacts, ...]
    last_run: RunFacts | None = None
    lawless: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


def judge(rule: RetentionRule, facts: RetentionFacts, now: datetime) -> Verdict:
    """Broken if anything is overdue; at risk if the purge is late or what it did is in doubt."""
    about = f"retention {rule.id}"
    if not facts.datasets:
        return Verdict(about, State.NOT_CHECKABLE, "no dataset of the data map holds this data")
    figures = _figures(facts)
    late = [dataset for dataset in facts.datasets if dataset.overdue]
    if late:
        promised = _promised(rule, facts.before)
        lines = tuple(_overdue(promised, dataset, now) for dataset in late)
        state = State.AT_RISK if _only_just(rule, late, now) else State.BROKEN
        return Verdict(about, state, _all_overdue(promised, late, now), figures, lines)
    doubts = tuple(_doubts(facts, now))
    sentence = _fine(rule, facts, now)
    if doubts:
        return Verdict(about, State.AT_RISK, f"{'; '.join(doubts)}; {sentence}", figures, doubts)
    return Verdict(about, State.KEPT, sentence, figures)


def _only_just(rule: RetentionRule, late: list[DatasetFacts], now: datetime) -> bool:
    """Whether all of it became due a moment ago, and the next purge will take it."""
    if not isinstance(rule.keep, Duration):
        return False
    margin = min(MARGIN, timedelta(days=fewest_days(rule.keep)) * MARGIN_SHARE)
    return all(dataset.since is not None and now - dataset.since < margin for dataset in late)


def _all_overdue(promised: str, late: list[DatasetFacts], now: datetime) -> str:
    """All datasets in one sentence."""
    if len(late) == 1:
        return _overdue(promised, late[0], now)
    since = min((dataset.since for dataset in late if dataset.since), default=None)
    total = sum(dataset.overdue for dataset in late)
    where = f"{count(total, 'row')} in {count(len(late), 'dataset')}"
    return f"{where} are kept longer than {promised}{_lateness(since, now)}"


def _lateness(since: datetime | None, now: datetime) -> str:
    return f", the oldest by {span(now - since)}" if since else ""


def _overdue(promised: str, dataset: DatasetFacts, now: datetime) -> str:
    late = _lateness(dataset.since, now)
    verb = "is" if dataset.overdue == 1 else "are"
    rows = count(dataset.overdue, "row")
    return f"{rows} of `{dataset.dataset}` {verb} kept longer than {promised}{late}"


def _doubts(facts: RetentionFacts, now: datetime) -> list[str]:
    found = []
    if facts.lawless:
        found.append(f"no statute says how long {listed(facts.lawless)} must be kept")
    for dataset in facts.datasets:
        if dataset.survivors:
            rows = count(dataset.survivors, "row")
            found.append(f"the last look found {rows} of `{dataset.dataset}` that should be gone")
    run = facts.last_run
    if run and run.verified is False:
        found.append("the last purge did not stand up to looking again")
    if run and now - run.finished_at > PURGE_EXPECTED:
        found.append(f"the last purge was {span(now - run.finished_at)} ago")
    return found


def _fine(rule: RetentionRule, facts: RetentionFacts, now: datetime) -> str:
    oldest = min((d.oldest for d in facts.datasets if d.oldest), default=None)
    parts = ["nothing is overdue"]
    if oldest:
        parts = [f"{_what_is_oldest(rule)} {span(now - oldest)}, of {_promised(rule)}"]
    held = sum(dataset.held for dataset in facts.datasets)
    if held:
        parts.append(f"{count(held, 'row')} due but kept by a hold or a statute")
    parts.append(_last_purge(facts.last_run))
    return "; ".join(parts)


def _what_is_oldest(rule: RetentionRule) -> str:
    event = rule.after.event if rule.after else "record.created"
    return (
        "oldest record" if event.startswith("record.") else f"longest since {event_words(event)}:"
    )


def _last_purge(run: RunFacts | None) -> str:
    if run is None:
        return "nothing has had to be purged yet"
    checked = {True: "verified", False: "not upheld", None: "not verified yet"}[run.verified]
    return f"last purge {moment(run.finished_at)}, {count(run.rows, 'row')}, {checked}"


def _promised(rule: RetentionRule, before: tuple[str, ...] = ()) -> str:
    later = "".join(f" or {keeping_words(term.keep, term.after)}" for term in rule.or_later)
    of_itself = rule.after is not None and rule.after.event.startswith("record.")
    kept = keeping_words(rule.keep, None if of_itself else rule.after)
    told = f" ({', '.join(before)} for who has not agreed to this version)" if before else ""
    return f"{kept}{later}{told}"


def _figures(facts: RetentionFacts) -> dict[str, object]:
    run = facts.last_run
    return {
        "datasets": {
            d.dataset: {"rows": d.rows, "overdue": d.overdue, "held": d.held,
                        "oldest": d.oldest.isoformat() if d.oldest else None}
            for d in facts.datasets
        },
        "last_purge": {"at": run.finished_at.isoformat(), "rows": run.rows, "verified": run.verified}
        if run else None,
    }  # fmt: skip
