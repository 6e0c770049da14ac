"""What a decision needs of the database in one question: the caller's key and the person's row of facts.

Both are read anew for each decision, so a withdrawal or a revoked key counts from the moment it is committed,
on every replica. What is remembered is only what follows from a row, for as long as the row is the same and
no time in it has come.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from engine.access.allowances import Allowances
from engine.access.keys import DIGEST, KEY_COLUMNS, ApiKey, ApiKeys, key_of
from engine.consent.facts import ConsentFacts, Known
from engine.decisions.encoding import Facts
from engine.decisions.facts import NOTHING_KNOWN
from engine.decisions.service import with_default
from engine.decisions.table import Table
from engine.ports import Clock
from engine.store.database import Database
from engine.store.quick import QuickQuestion, Raw
from engine.store.tables.access import api_keys
from engine.store.tables.consent import subject_facts

SCOPE = "decide"
MOST_REMEMBERED = 20_000
"""People whose encoded facts are remembered; beyond, all are forgotten."""

NOTICE = timedelta(minutes=1)
"""How often a key takes the long way, where it is noted when it was last used."""

_QUESTION = (
    select(*KEY_COLUMNS, *subject_facts.c)
    .select_from(
        api_keys.outerjoin(subject_facts, subject_facts.c.subject_id == bindparam("subject"))
    )
    .where(api_keys.c.prefix == bindparam("prefix"))
)
_KEY_WIDTH = len(KEY_COLUMNS)


@dataclass(frozen=True, slots=True)
class Ready:
    """Everything that a decision needs."""

    caller: ApiKey
    table: Table
    facts: Facts


@dataclass(frozen=True, slots=True)
class _Remembered:
    facts: Facts
    until: datetime


class QuickFacts:
    """Keys and facts by one question. Whatever it cannot answer for certain it leaves to the long way."""

    def __init__(
        self,
        database: Database,
        keys: ApiKeys,
        allowances: Allowances,
        facts: ConsentFacts,
        tables: Callable[[], Table | None],
        clock: Clock,
    ) -> None:
        self._question = QuickQuestion(database, _QUESTION)
        self._keys = keys
        self._allowances = allowances
        self._facts = facts
        self._tables = tables
        self._clock = clock
        self._callers: dict[Raw, ApiKey] = {}
        self._noted: dict[str, datetime] = {}
        self._table: Table | None = None
        self._people: dict[Raw, _Remembered] = {}

    def ask(self, shown: str, subject: str | None, *, by_api_key: bool) -> Ready | None:
        """The caller that showed this key, and the person's facts now; None where the long way is needed."""
        parts = self._keys.parts(shown)
        table = self._tables()
        if parts is None or table is None:
            return None
        raw = self._question.ask(prefix=parts[0], subject=subject or "")
        now = self._clock.now()
        caller = self._caller(raw, parts, now) if raw is not None else None
        if raw is None or caller is None:
            return None
        facts = self._facts_for(table, raw, subject, by_api_key, now)
        if facts is None:
            return None
        self._allowances.take(caller)
        return Ready(caller, table, facts)

    def close(self) -> None:
        """Close what was opened; nobody may be asking."""
        self._question.close()

    def _caller(self, raw: Raw, parts: tuple[str, str], now: datetime) -> ApiKey | None:
        known = raw[:_KEY_WIDTH]
        key = self._callers.get(known)
        if key is None:
            if len(self._callers) >= MOST_REMEMBERED:
                self._callers.clear()
            key = self._callers[known] = key_of(self._question.read(raw))
        if not (self._keys.fits(parts, raw[DIGEST]) and key.live(now) and key.allows(SCOPE)):
            return None
        noted = self._noted.get(key.prefix)
        if noted is None or now - noted >= NOTICE:
            self._noted[key.prefix] = now
            return None
        return key

    def _facts_for(
        self, table: Table, raw: Raw, subject: str | None, by_api_key: bool, now: datetime
    ) -> Facts | None:
        if subject is None:
            return table.facts(with_default(NOTHING_KNOWN, table))
        person = raw[_KEY_WIDTH:]
        if table is not self._table:
            self._people, self._table = {}, table
        people = self._people
        found = people.get(person)
        if found is None or now >= found.until:
            if person[0] is None:
                return None
            seen = self._facts.of_row(self._question.read(raw), now)
            found = _remember(people, person, table, seen)
        if now >= found.until or (by_api_key and self._facts.may_be_graced(table.policy, now)):
            return None
        return found.facts


def _remember(
    people: dict[Raw, _Remembered], person: Raw, table: Table, seen: Known
) -> _Remembered:
    if len(people) >= MOST_REMEMBERED:
        people.clear()
    found = _Remembered(table.facts(with_default(seen.facts, table)), seen.until)
    people[person] = found
    return found
