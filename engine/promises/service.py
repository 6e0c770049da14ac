"""Promises as others use them: check them all now, or read what was found last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from engine.audit import ledger
from engine.datamap.map import DataMap
from engine.errors import Unavailable
from engine.policy.citations import Citation, citations
from engine.policy.policy import Policy
from engine.policy.versions import Versions
from engine.ports import Clock, DataAdapter
from engine.promises import store
from engine.promises.control import Probe
from engine.promises.evidence import Evidence, gather
from engine.promises.judging import judge
from engine.promises.promise import Promise, State, Verdict, promise_of
from engine.promises.store import Changed
from engine.retention.memory import Agreed, Chose, StoredMemory, nobody_agreed, nobody_chose
from engine.store.database import Database


class PromiseService:
    """Clause by clause: is the version in force kept?

    `agreed` tells who agreed to something newer than a version, and `chose` who has which choice on or off;
    `probe` shakes hands with an address.
    """

    def __init__(
        self,
        database: Database,
        versions: Callable[[], Versions],
        datamap: DataMap,
        adapters: Mapping[str, DataAdapter],
        clock: Clock,
        probe: Probe,
        *,
        agreed: Agreed = nobody_agreed,
        chose: Chose = nobody_chose,
    ) -> None:
        self._database = database
        self._versions = versions
        self._datamap = datamap
        self._adapters = adapters
        self._clock = clock
        self._memory = StoredMemory(database, agreed, chose)
        self._probe = probe

    def check(self) -> tuple[Promise, ...]:
        """Look at everything now, keep what was found, and return it in the order of the text.

        What cannot be looked at is at risk, never kept. Unavailable if no version is in force.
        """
        now = self._clock.now()
        chain = self._chain(now)
        policy = chain[-1]
        evidence = gather(
            self._database, chain, self._datamap, self._adapters, self._memory, self._probe, now
        )
        found = tuple(_promises(policy, evidence, now))
        with self._database.begin() as conn:
            changed = store.save(conn, policy.version, found)
            if changed:
                states = {promise.clause: promise.state.value for promise in changed}
                facts = {"version": policy.version, "states": states}
                ledger.append(conn, "promises.changed", facts, now=now)
        return found

    def current(self) -> Mapping[str, Promise]:
        """What was found last for the version in force, by clause; empty if nobody has looked."""
        version = self._chain(self._clock.now())[-1].version
        with self._database.read() as conn:
            return store.load(conn, version)

    def history(self, clause: str) -> tuple[Changed, ...]:
        """How the state of a clause of the version in force changed, newest first."""
        version = self._chain(self._clock.now())[-1].version
        with self._database.read() as conn:
            return store.history(conn, version, clause)

    def _chain(self, now: datetime) -> Sequence[Policy]:
        versions = self._versions()
        policy = versions.in_force(now)
        if policy is None:
            raise Unavailable("no version of the policy is in force, so there is nothing to keep")
        return versions.up_to(policy)


def _promises(policy: Policy, evidence: Evidence, now: datetime) -> list[Promise]:
    cited = citations(policy)
    judged: dict[tuple[str, str], Verdict] = {}

    def verdict(citation: Citation) -> Verdict:
        key = (citation.kind, citation.name)
        if key not in judged:
            judged[key] = judge(citation, policy, evidence, now)
        return judged[key]

    return [
        promise_of(clause.id, [verdict(c) for c in cited[clause.id]], now)
        if clause.id in cited
        else _uncited(policy, clause.id, now)
        for clause in policy.text.clauses
    ]


def _uncited(policy: Policy, clause: str, now: datetime) -> Promise:
    reason = policy.header.informative.get(clause)
    if reason:
        return Promise(clause, State.NOT_CHECKABLE, f"promises nothing: {reason}", {}, (), now)
    sentence = "no rule keeps this clause"
    return Promise(clause, State.AT_RISK, sentence, {}, (sentence,), now)
