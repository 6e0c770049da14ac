"""Deciding for a data subject: facts from the store, the table in force; every failure is a deny."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from engine.decisions.decision import Decision, Request
from engine.decisions.encoding import Facts
from engine.decisions.facts import (
    NOTHING_KNOWN,
    NOTHING_OF_RECORD,
    RecordFacts,
    SubjectFacts,
    unsure,
)
from engine.decisions.table import Table
from engine.errors import Unavailable
from engine.ports import Clock
from engine.store.database import Database

log = logging.getLogger(__name__)

UNREADABLE = "the facts about the person cannot be read now, so nothing is permitted; try again"


class FactsSource(Protocol):
    """Who knows the facts about a person."""

    def facts_of(
        self,
        conn: Connection,
        subject_id: str,
        *,
        now: datetime,
        by_api_key: bool = False,
        signals: Collection[str] | None = None,
    ) -> SubjectFacts:
        """The facts at `now`, in one query; everything unknown for a person never heard of.

        `by_api_key`: the person's API key asks, so `graced` holds the versions in their time of grace.
        `signals`: what their browser sends with this very request; None if that is not seen.
        """
        ...


class DecisionService:
    """Answers for one person at a time.

    `tables` gives the table of the version in force, or None if no policy is published. `Unavailable` is
    raised only for that; whatever else goes wrong is a deny that says so.
    """

    def __init__(
        self,
        database: Database,
        tables: Callable[[], Table | None],
        facts: FactsSource,
        clock: Clock,
    ) -> None:
        self._database = database
        self._tables = tables
        self._facts = facts
        self._clock = clock

    def decide(
        self,
        request: Request,
        subject_id: str | None,
        *,
        by_api_key: bool = False,
        signals: Collection[str] | None = None,
    ) -> Decision:
        """Decide one request; without a `subject_id` every fact but the signals is unknown."""
        found = self.decide_all((request,), subject_id, by_api_key=by_api_key, signals=signals)
        return found[0]

    def decide_all(
        self,
        requests: Sequence[Request],
        subject_id: str | None,
        *,
        by_api_key: bool = False,
        signals: Collection[str] | None = None,
        record: RecordFacts = NOTHING_OF_RECORD,
    ) -> tuple[Decision, ...]:
        """Decide several requests about one person from one reading of the facts.

        `record`: what is known of the single record whose data is asked for.
        """
        table = self._table()
        facts = self._facts_for(table, subject_id, by_api_key, signals, record)
        if facts is None:
            return tuple(table.refuse(request, UNREADABLE) for request in requests)
        known, in_doubt = facts
        unknown = record.unknown
        return tuple(
            table.decide(r, in_doubt if r.category in unknown else known) for r in requests
        )

    def _table(self) -> Table:
        table = self._tables()
        if table is None:
            raise Unavailable("no policy is published, so there is nothing to decide by")
        return table

    def _facts_for(
        self,
        table: Table,
        subject_id: str | None,
        by_api_key: bool,
        signals: Collection[str] | None,
        record: RecordFacts,
    ) -> tuple[Facts, Facts] | None:
        """The person's facts, encoded: with what is known of the record, and where that is unknown.

        None if they cannot be had.
        """
        try:
            about = (
                self._read(subject_id, by_api_key, signals) if subject_id else _stranger(signals)
            )
            about = record.added_to(table.with_default(about))
            known = table.facts(about)
            return known, table.facts(unsure(about)) if record.unknown else known
        except Exception as problem:  # noqa: BLE001  fail closed, whatever it was
            log.error("facts about a person cannot be read: %s", type(problem).__name__)
            return None

    def _read(
        self, subject_id: str, by_api_key: bool, signals: Collection[str] | None
    ) -> SubjectFacts:
        with self._database.read() as conn:
            return self._facts.facts_of(
                conn, subject_id, now=self._clock.now(), by_api_key=by_api_key, signals=signals
            )


def _stranger(signals: Collection[str] | None) -> SubjectFacts:
    """Somebody of whom nothing is known but what their browser sends."""
    return NOTHING_KNOWN if signals is None else SubjectFacts(signals=frozenset(signals))
