"""What a decision needs of the database in one question: the caller's key and the person's row of facts.

Both are read anew for each decision, so a withdrawal or a revoked key counts from the moment it is committed,
on every replica. What is remembered is only what follows from a row, for as long as the row is the same and
no time in it has come.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from engine.access.allowances import Allowances
from engine.access.keys import DIGEST, KEY_COLUMNS, NOTICE, ApiKey, ApiKeys, key_of
from engine.consent.facts import ConsentFacts, Known
from engine.decisions.encoding import Facts
from engine.decisions.facts import NOTHING_KNOWN
from engine.decisions.table import Table
from engine.ports import Clock
from engine.store.database import Database
from engine.store.quick import QuickQuestion, Raw
from engine.store.tables.access import api_keys
from engine.store.tables.consent import subject_facts

SCOPE = "decide"
MOST_REMEMBERED = 20_000
"""People whose encoded facts are remembered; beyond, all are forgotten."""

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


class _People:
    """Encoded facts by the row that they follow from, each with until when; for one table alone."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.nobody = table.facts(table.with_default(NOTHING_KNOWN))
        self._known: dict[Raw, tuple[Facts, datetime]] = {}

    def find(self, row: Raw, now: datetime) -> Facts | None:
        """What is remembered of a row and still holds."""
        facts, until = self._known.get(row, (None, now))
        return facts if now < until else None

    def keep(self, row: Raw, known: Known) -> Facts:
        """Remember what follows from a row."""
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        facts = self.table.facts(self.table.with_default(known.facts))
        self._known[row] = (facts, known.until)
        return facts


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
        self._people: _People | None = None

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
        # Once in a while the long way is taken, which notes in the database when the key was last used.
        noted = self._noted.get(key.prefix)
        if noted is None or now - noted >= NOTICE:
            self._noted[key.prefix] = now
            return None
        return key

    def _facts_for(
        self, table: Table, raw: Raw, subject: str | None, by_api_key: bool, now: datetime
    ) -> Facts | None:
        people = self._people
        if people is None or people.table is not table:
            people = self._people = _People(table)
        if subject is None:
            return people.nobody
        row = raw[_KEY_WIDTH:]
        if row[0] is None or (by_api_key and self._facts.may_be_graced(now)):
            return None
        found = people.find(row, now)
        if found is not None:
            return found
        known = self._facts.of_row(self._question.read(raw), now)
        return people.keep(row, known) if now < known.until else None
