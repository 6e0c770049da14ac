"""What the demo platform's website leaves: sessions, letters to support, and access logs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from random import Random

from upheld.demo import words
from upheld.demo.moments import DAY, growth_for, moments
from upheld.demo.people import Crowd, digest
from upheld.demo.schema import Status
from upheld.demo.traffic import Row, iso

WEB_DAYS = 240
"""How far back access logs and letters go: a little more than seven months."""

SESSION_DAYS, SESSION_OLD_DAYS, SESSION_OLD_SHARE = 40, 30, 0.1
"""How far back sessions go, and the share of them that is older than so many days."""

_GROWTH = 2.0


def session_rows(crowd: Crowd, count: int, now: int, rng: Random) -> Iterator[Row]:
    """Rows of `web_sessions`. Cancelling an account ends its sessions, so those have none."""
    growth = growth_for(SESSION_OLD_SHARE, 1 - SESSION_OLD_DAYS / SESSION_DAYS)
    started = moments(count, now - SESSION_DAYS * DAY, now, growth, rng)
    for number, at in enumerate(started, start=1):
        person = crowd.pick(at, rng)
        while person.status is Status.CANCELLED:
            person = crowd.pick(at, rng)
        seen = min(now, at + rng.randrange(60, 5 * DAY))
        yield (
            number, person.id, digest(rng), person.ip, person.browser,
            datetime.fromtimestamp(at, UTC), datetime.fromtimestamp(seen, UTC),
        )  # fmt: skip


def message_rows(crowd: Crowd, count: int, now: int, rng: Random) -> Iterator[Row]:
    """Rows of `support_messages`."""
    questions = list(words.QUESTIONS.items())
    for number, at in enumerate(moments(count, now - WEB_DAYS * DAY, now, _GROWTH, rng), start=1):
        subject, body = rng.choice(questions)
        text = body.format(topic=rng.choice(words.TOPICS))
        yield number, crowd.pick(at, rng).email, subject, text, datetime.fromtimestamp(at, UTC)


@dataclass(frozen=True, slots=True)
class Visit:
    """One line of an access log, and the day (`YYYY-MM-DD`, UTC) whose file it stands in."""

    at: int
    day: str
    line: str


def visits(crowd: Crowd, count: int, now: int, rng: Random) -> Iterator[Visit]:
    """`count` requests to the website, in order; one in ten by somebody who is not logged in."""
    for at in moments(count, now - WEB_DAYS * DAY, now, _GROWTH, rng):
        person = crowd.pick(at, rng)
        path = rng.choice(words.PATHS)
        known = rng.random() < 0.9
        ts = iso(at)
        entry = {
            "ts": ts,
            "user_id": person.id if known else None,
            "ip": person.ip,
            "method": "POST" if path in ("/login", "/billing/top-up") else "GET",
            "path": path,
            "status": rng.choices((200, 302, 404, 500), (90, 6, 3, 1))[0] if known else 302,
            "user_agent": person.browser,
        }
        yield Visit(at, ts[:10], json.dumps(entry))


def write_access_logs(entries: Iterator[Visit], folder: Path) -> None:
    """Write `access-YYYY-MM-DD.jsonl` files, one a day, into a folder that exists."""
    for day, of_day in groupby(entries, key=attrgetter("day")):
        with (folder / f"access-{day}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(visit.line + "\n" for visit in of_day)
