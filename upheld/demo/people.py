"""The people of the demo platform: who they are, since when, and until when they use it."""

from __future__ import annotations

import json
import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from upheld.demo import words
from upheld.demo.moments import DAY, moments
from upheld.demo.schema import Status

DEMO_EMAIL = "demo@example.com"
"""The address of the first account: active, and as old as the platform."""

_LONG_AGO, _RECENTLY, _SUSPENDED = 0.07, 0.03, 0.02
_DIGITS = re.compile(r"\d{12}")


@dataclass(frozen=True, slots=True)
class Person:
    """One account; times are epoch seconds.

    `weight` is how busy it is, `device` the JSON that stands beside its calls.
    """

    id: int
    email: str
    username: str
    password_hash: str
    display_name: str
    country: str
    status: Status
    created_at: int
    cancelled_at: int | None
    balance_cents: int
    weight: float
    ip: str
    browser: str
    device: str

    def uses_platform_at(self, moment: int) -> bool:
        """Whether the account existed at that moment (epoch seconds) and was not yet cancelled."""
        return self.created_at <= moment and (
            self.cancelled_at is None or moment < self.cancelled_at
        )


class Crowd:
    """All people, to draw one who was there at a given moment, the busy ones more often."""

    def __init__(self, people: Sequence[Person]) -> None:
        self.people = people
        self._weights = list(accumulate(person.weight for person in people))

    def pick(self, moment: int, rng: Random) -> Person:
        """Someone who used the platform at that moment; the first account always did."""
        while True:
            drawn = bisect(self._weights, rng.random() * self._weights[-1])
            person = self.people[min(drawn, len(self.people) - 1)]
            if person.uses_platform_at(moment):
                return person


def people(count: int, start: int, now: int, rng: Random) -> list[Person]:
    """`count` accounts opened between `start` and `now`, in that order, the first at `start`.

    Of them 7% were cancelled more than 30 days ago, 3% since then, and 2% are suspended.
    """
    opened = [start, *moments(count - 1, start, now - DAY, 1.5, rng)]
    cancelled = _cancellations(opened, now, rng)
    rest = [i for i in range(1, count) if i not in cancelled]
    suspended = set(rng.sample(rest, min(len(rest), round(count * _SUSPENDED))))
    return [_person(i, opened[i], cancelled.get(i), i in suspended, rng) for i in range(count)]


def _cancellations(opened: Sequence[int], now: int, rng: Random) -> dict[int, int]:
    long_ago = _cancelled(
        opened, range(1, len(opened)), _LONG_AGO, now - 200 * DAY, now - 31 * DAY, rng
    )
    rest = [i for i in range(1, len(opened)) if i not in long_ago]
    return long_ago | _cancelled(opened, rest, _RECENTLY, now - 29 * DAY, now - 3600, rng)


def _cancelled(
    opened: Sequence[int], among: Sequence[int], share: float, start: int, end: int, rng: Random
) -> dict[int, int]:
    """Cancel that share of all accounts from `start` to `end`, a day after opening or later."""
    able = [i for i in among if opened[i] < end - 2 * DAY]
    chosen = rng.sample(able, min(len(able), max(1, round(len(opened) * share))))
    return {i: rng.randrange(max(opened[i] + DAY, start), end) for i in sorted(chosen)}


def _person(i: int, opened: int, cancelled: int | None, suspended: bool, rng: Random) -> Person:
    adjective, animal = rng.choice(words.ADJECTIVES), rng.choice(words.ANIMALS)
    username = f"{adjective}-{animal}-{i + 1}" if i else "demo"
    ip = address(rng)
    return Person(
        id=i + 1,
        email=f"{username}@{rng.choice(words.MAIL_DOMAINS)}" if i else DEMO_EMAIL,
        username=username,
        password_hash=_password_hash(rng),
        display_name=f"{adjective} {animal}".title() if i else "Demo Account",
        country=rng.choices(list(words.COUNTRIES), list(words.COUNTRIES.values()))[0]
        if i
        else "DE",
        status=_status(cancelled, suspended),
        created_at=opened,
        cancelled_at=cancelled,
        balance_cents=rng.randrange(0, 20_000),
        weight=rng.paretovariate(1.5) if i else 3.0,
        ip=ip,
        browser=rng.choice(words.BROWSER_AGENTS),
        device=json.dumps({"client_ip": ip, "user_agent": rng.choice(words.SDK_AGENTS)}),
    )


def _status(cancelled: int | None, suspended: bool) -> Status:
    if cancelled is not None:
        return Status.CANCELLED
    return Status.SUSPENDED if suspended else Status.ACTIVE


def address(rng: Random) -> str:
    """An address from the ranges reserved for documentation (RFC 5737, RFC 3849)."""
    if rng.random() < 0.3:
        network, subnet, host = (rng.randrange(1, 0xFFFF) for _ in range(3))
        return f"2001:db8:{network:x}:{subnet:x}::{host:x}"
    return f"{rng.choice(words.IPV4_PREFIXES)}.{rng.randrange(1, 255)}"


def digest(rng: Random) -> str:
    """A random SHA-256 in hex; no twelve digits in a row, which might pass for a card number."""
    while True:
        text = rng.randbytes(32).hex()
        if not _DIGITS.search(text):
            return text


def _password_hash(rng: Random) -> str:
    # The form of a real one, of no password at all.
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    salt, digest_ = ("".join(rng.choices(letters, k=length)) for length in (22, 43))
    return f"$argon2id$v=19$m=65536,t=3,p=4${salt}${digest_}"


def user_rows(crowd: Crowd) -> Iterator[tuple[object, ...]]:
    """Rows of `users`."""
    for p in crowd.people:
        yield (
            p.id, p.email, p.username, p.password_hash, p.display_name, p.country, int(p.status),
            p.created_at, p.cancelled_at or p.created_at, p.cancelled_at, p.balance_cents,
        )  # fmt: skip


def api_key_rows(crowd: Crowd, now: int, rng: Random) -> Iterator[tuple[object, ...]]:
    """Rows of `api_keys`: one to three an account, one in five never used."""
    number = 0
    for person in crowd.people:
        end = person.cancelled_at or now
        for label in rng.sample(words.KEY_LABELS, rng.choice((1, 1, 2, 3))):
            number += 1
            created = rng.randrange(person.created_at, end)
            used = rng.randrange(created, end) if rng.random() < 0.8 else None
            yield number, person.id, digest(rng), label, created, used
