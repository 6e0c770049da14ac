"""What happens on the demo platform: calls, their contents, top-ups, the platform's own entries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from operator import itemgetter
from random import Random

from upheld.demo import words
from upheld.demo.moments import DAY, growth_for, moments
from upheld.demo.people import Crowd, Person
from upheld.demo.schema import LogType

Row = tuple[object, ...]

OLD_SHARE, OLD_DAYS = 0.12, 90
"""The share of calls that is older than this many days, where the calls go back far enough."""

CONTENT_DAYS = 75
"""The platform began to keep contents this many days ago: no call older than that has any."""

TOP_UP_DEVICE_DAYS = 228
"""Top-ups that are older have no device beside them any more."""

_CONTENT_SHARE = 0.24
_FAILED_SHARE = 0.03
_AT = 4  # the place of created_at in a row of logs


@dataclass(frozen=True, slots=True)
class TopUp:
    """A payment, and the entry that it leaves in the logs."""

    person: Person
    at: int
    amount_cents: int
    processor: str
    token: str


def top_ups(crowd: Crowd, count: int, start: int, now: int, rng: Random) -> Iterator[TopUp]:
    """`count` payments from `start` to `now`; the same generator gives the same payments."""
    for at in moments(count, start, now, 1.5, rng):
        token = "tok_" + "".join(rng.choices("abcdefghjkmnpqrstuvwxyz", k=24))
        amount = rng.choice((500, 1000, 2000, 5000, 10_000))
        yield TopUp(crowd.pick(at, rng), at, amount, rng.choice(words.PROCESSORS), token)


def payment_rows(payments: Iterator[TopUp]) -> Iterator[Row]:
    """Rows of `payments`."""
    for number, paid in enumerate(payments, start=1):
        country = paid.person.country
        yield (
            number, paid.person.id, paid.amount_cents, words.CURRENCIES.get(country, "USD"),
            paid.processor, paid.token, country, datetime.fromtimestamp(paid.at, UTC),
        )  # fmt: skip


def log_rows(
    crowd: Crowd, payments: Iterator[TopUp], calls: int, days: int, now: int, rng: Random
) -> Iterator[Row]:
    """Rows of `logs` in the order of their time: `calls` calls over `days` days, and the rest."""
    start = now - days * DAY
    entries = merge(
        _calls(crowd, calls, days, now, rng),
        (_top_up(paid, now - TOP_UP_DEVICE_DAYS * DAY) for paid in payments),
        (_entry(LogType.MANAGEMENT, at) for at in moments(days * 2, start, now, 0.5, rng)),
        (_entry(LogType.SYSTEM, at) for at in range(start, now, DAY)),
        key=itemgetter(_AT),
    )
    return ((number, *row[1:]) for number, row in enumerate(entries, start=1))


def _calls(crowd: Crowd, calls: int, days: int, now: int, rng: Random) -> Iterator[Row]:
    growth = growth_for(OLD_SHARE, max(0.0, 1 - OLD_DAYS / days))
    models = list(words.MODELS)
    for at in moments(calls, now - days * DAY, now, growth, rng):
        person = crowd.pick(at, rng)
        model = models[int(rng.random() * len(models))]
        prompt, answer = int(20 + rng.random() * 900), int(10 + rng.random() * 600)
        failed = rng.random() < _FAILED_SHARE
        kind, code = (
            (LogType.FAILED_CALL, rng.choice((400, 429, 500, 503)))
            if failed
            else (LogType.CALL, 200)
        )
        answer = 0 if failed else answer
        quota = (prompt + 3 * answer) * words.MODELS[model]
        channel = 1 + int(rng.random() * 8)
        yield (
            0, person.id, person.username, int(kind), at, model, prompt, answer, code, quota,
            channel, person.device,
        )  # fmt: skip


def _top_up(paid: TopUp, device_since: int) -> Row:
    device = None
    if paid.at >= device_since:
        device = json.dumps({"client_ip": paid.person.ip, "user_agent": paid.person.browser})
    quota = paid.amount_cents * 5000
    return (
        0, paid.person.id, paid.person.username, int(LogType.TOP_UP), paid.at, "", 0, 0, None,
        quota, None, device,
    )  # fmt: skip


def _entry(kind: LogType, at: int) -> Row:
    return 0, None, "", int(kind), at, "", 0, 0, None, 0, None, None


class Contents:
    """Draws which calls have their contents kept, and numbers those."""

    def __init__(self, now: int, rng: Random) -> None:
        self._since = now - CONTENT_DAYS * DAY
        self._rng = rng
        self._number = 0

    def of(self, log: Row) -> Row | None:
        """The row of `call_contents` for a row of `logs`, or None where nothing was kept."""
        number, _, _, kind, at, model, prompt, answer = log[:8]
        if kind != LogType.CALL or not isinstance(at, int) or at < self._since:
            return None
        if self._rng.random() >= _CONTENT_SHARE:
            return None
        self._number += 1
        topic = self._rng.choice(words.TOPICS)
        request = _message("user", self._rng.choice(words.PROMPTS).format(topic=topic))
        response = _message("assistant", self._rng.choice(words.ANSWERS).format(topic=topic))
        usage = {"prompt_tokens": prompt, "completion_tokens": answer}
        return (
            self._number,
            number,
            json.dumps({"model": model, "messages": [request]}),
            json.dumps(
                {"model": model, "choices": [{"index": 0, "message": response}], "usage": usage}
            ),
            iso(at),
        )


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def iso(moment: int) -> str:
    """Epoch seconds as ISO 8601 text in UTC, `2026-04-03T08:00:00Z`."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
