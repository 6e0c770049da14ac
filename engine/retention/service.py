"""Retention as others use it: plan, approve, purge, verify, runs, holds, told events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import insert, select

from engine.audit import ledger
from engine.datamap.directory import PlatformDirectory
from engine.datamap.map import DataMap
from engine.errors import InvalidInput, UnknownName
from engine.policy.policy import Policy
from engine.ports import Clock, DataAdapter
from engine.retention import (
    approvals,
    departures,
    holds,
    keeping,
    notice,
    restricted,
    runs,
    sightings,
    told,
)
from engine.retention.approvals import Approval
from engine.retention.chronicle import Chronicle
from engine.retention.comparing import DatasetChange, compare
from engine.retention.compiling import Compiler
from engine.retention.due import Setting
from engine.retention.forewarning import people_to_tell
from engine.retention.guards import Facts
from engine.retention.holds import Hold, Scope
from engine.retention.linking import Linker
from engine.retention.memory import Agreed, Chose, StoredMemory, nobody_agreed, nobody_chose
from engine.retention.parents import Parents
from engine.retention.plan import Plan
from engine.retention.planning import Planner, Progress, all_watches, read_facts
from engine.retention.purge import DEFAULTS, Purger, Settings
from engine.retention.runs import Run
from engine.retention.terms import Days
from engine.retention.verify import Verification, Verifier
from engine.store.database import Database
from engine.store.tables.retention import verifications


def silent(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


class RetentionService:
    """Keeps data no longer than the policy says.

    `adapters` by the name of the store. `earlier` are older published versions that still bind whoever has
    not agreed to a newer one, and `agreed` tells who has; `chose` tells who has which choice on or off.
    """

    def __init__(
        self,
        database: Database,
        policy: Policy,
        datamap: DataMap,
        adapters: Mapping[str, DataAdapter],
        clock: Clock,
        settings: Settings = DEFAULTS,
        *,
        earlier: Callable[[], Sequence[Policy]] = tuple,
        agreed: Agreed = nobody_agreed,
        chose: Chose = nobody_chose,
    ) -> None:
        self.database = database
        self.policy = policy
        self.datamap = datamap
        self.adapters = adapters
        self.clock = clock
        self.settings = settings
        self._earlier = earlier
        self._agreed = agreed
        self._chose = chose
        self._compiler = Compiler(datamap, adapters, StoredMemory(database, agreed, chose))
        self._linker = Linker(datamap, adapters)
        self._chronicle = Chronicle(self._linker, database)

    def plan(
        self,
        *,
        by: datetime | None = None,
        policy: Policy | None = None,
        datasets: Iterable[str] | None = None,
        progress: Progress = silent,
    ) -> Plan:
        """What is due by `by` (now, if not given), stored under its digest.

        `policy` plans a version that is not in force, to show what it would delete; such a plan cannot be
        purged. Raises UnknownName for a dataset that is not mapped, StoreUnavailable.
        """
        names = self._known(datasets)
        now = self.clock.now()
        setting = self._setting(now, max(by or now, now), policy or self.policy)
        seen = [
            sightings.look(self.database, self._compiler, self._linker, watch, now)
            for watch in all_watches(setting)
        ]
        self._forget_departed()
        with self.database.read() as conn:
            active = holds.holds_for(conn)
        plan = Planner(setting, self._compiler, active).plan(seen, progress, names)
        with self.database.begin() as conn:
            approvals.save_plan(conn, plan)
        return plan

    def compare(
        self,
        before: Sequence[Policy],
        after: Sequence[Policy],
        at: datetime,
        progress: Progress = silent,
    ) -> tuple[DatasetChange, ...]:
        """What is due at a moment under one version and under another; nothing is stored.

        Each is given with the versions before it that may still bind somebody, oldest first. A state that
        nobody has looked at yet counts as not there.
        """
        old, new = (self._setting(at, at, chain[-1], chain[:-1]) for chain in (before, after))
        with self.database.read() as conn:
            active = holds.holds_for(conn)
        return tuple(compare(old, new, self._compiler, active, progress))

    def announce_deletions(self) -> int:
        """Queue a notice for all whose data goes soon by a rule that promises to tell; how many are new.

        Whoever was told and whose data no longer goes (they came back) is told anew the next time.
        """
        now, queued = self.clock.now(), 0
        rules = [rule for rule in self.policy.retention if rule.notice]
        with self.database.begin() as conn:
            notice.forget_others(conn, [rule.id for rule in rules])
        for rule in rules:
            setting = self._setting(now, now).without_notices()
            people = people_to_tell(setting, rule, self._compiler, self._chronicle)
            with self.database.begin() as conn:
                new = notice.queue(conn, rule.id, people, now)
                if new:
                    facts = {"rule": rule.id, "people": new, "notice": str(rule.notice)}
                    ledger.append(conn, "deletion.announced", facts, now=now)
            queued += new
        return queued

    def find_plan(self, digest: str) -> Plan:
        """A stored plan by its digest or the first characters of it; NotFound."""
        with self.database.read() as conn:
            return approvals.load_plan(conn, digest)

    def latest_plan(self) -> Plan | None:
        """The plan that was made last."""
        with self.database.read() as conn:
            return approvals.latest_plan(conn, self.policy.name)

    def refusals(self, plan: Plan, *, scheduled: bool = False) -> dict[str, str]:
        """The datasets of a plan that may not be purged yet, and why."""
        return self._purger(plan).refusals(scheduled=scheduled)

    def approve(
        self, digest: str, *, officer: str, datasets: Iterable[str] | None = None
    ) -> tuple[Approval, ...]:
        """Approve exactly the plan with this digest, or its part about some datasets."""
        plan = self.find_plan(digest)
        known = [one.dataset for one in plan.datasets]
        for name in datasets or ():
            if name not in known:
                raise UnknownName("dataset in this plan", name, known)
        with self.database.begin() as conn:
            return approvals.approve(
                conn, plan, datasets or known, officer=officer, now=self.clock.now()
            )

    def purge(
        self, digest: str | None = None, *, scheduled: bool = False, progress: Progress = silent
    ) -> Run:
        """Carry out a stored plan, or a new one made now. What a dead run left open is reconciled first.

        Raises what `Purger.run` raises. `progress` is told (step, rows done, rows in all).
        """
        self.recover()
        plan = self.plan() if digest is None else self.find_plan(digest)
        return self._purger(plan).run(scheduled=scheduled, progress=progress)

    def recover(self) -> tuple[Run, ...]:
        """Write down what runs that died left undone, and close them."""
        now = self.clock.now()
        with self.database.read() as conn:
            dead = runs.dead_runs(conn, self.policy.name, now)
        found = [self._recovered(run, now) for run in dead]
        return tuple(run for run in found if run is not None)

    def verify(self, run_id: str | None = None, *, progress: Progress = silent) -> Verification:
        """Look again: at what a run should have left, or, without one, at what is due now."""
        now = self.clock.now()
        with self.database.read() as conn:
            run = runs.find_run(conn, run_id) if run_id else None
            plan = approvals.load_plan(conn, run.plan) if run else None
            before = keeping.read_fingerprints(conn, run.id) if run else {}
            active = holds.holds_for(conn, plan.holds if plan else ())
        setting = self._setting(plan.now, plan.by) if plan else self._setting(now, now)
        # Asked for every row, and the same for all of them.
        agreed, chose = cache(self._who_agreed), cache(self._who_chose)
        noticed = cache(self._who_noticed)
        verifier = Verifier(setting, self._chronicle, active, agreed, chose, before, noticed)
        names = [one.dataset for one in plan.datasets] if plan else list(self.datamap.datasets)
        verdicts = tuple(verifier.verify(names, progress))
        found = Verification(run=run_id, at=now, by=setting.by, datasets=verdicts)
        self._store_verification(found)
        return found

    def latest_verification(self, run_id: str | None = None) -> Verification | None:
        """What was found when somebody looked last: at anything, or at what this run should have left."""
        query = select(verifications.c.body).where(verifications.c.policy == self.policy.name)
        if run_id is not None:
            query = query.where(verifications.c.run == run_id)
        with self.database.read() as conn:
            body = conn.execute(query.order_by(verifications.c.id.desc()).limit(1)).scalar()
        return None if body is None else Verification.model_validate(body)

    def runs(self, limit: int = 20) -> tuple[Run, ...]:
        """The latest runs, newest first."""
        with self.database.read() as conn:
            return runs.list_runs(conn, self.policy.name, limit)

    def run(self, run_id: str) -> Run:
        """One run; NotFound."""
        with self.database.read() as conn:
            return runs.find_run(conn, run_id)

    def approvals(self, digest: str) -> tuple[Approval, ...]:
        """Who approved what of the plan with this digest."""
        with self.database.read() as conn:
            return approvals.approvals_of(conn, digest)

    def ever_approved(self) -> frozenset[str]:
        """The datasets for which scheduled purging is on."""
        with self.database.read() as conn:
            return approvals.ever_approved(conn)

    def add_hold(
        self, reason: str, scope: Scope, *, note: str, by: str, review_at: datetime | None = None
    ) -> Hold:
        """Keep data although it is due; see `holds.add_hold`.

        InvalidInput too for a person whom the platform does not know by exactly this id: such a hold would
        protect nothing, and say nothing of it.
        """
        self._require_person(scope.subject)
        with self.database.begin() as conn:
            return holds.add_hold(
                conn, self.policy, self.datamap, reason, scope,
                note=note, by=by, review_at=review_at, now=self.clock.now(),
            )  # fmt: skip

    def _require_person(self, subject: str | None) -> None:
        people = [spec for _, spec in self.datamap.people() if spec.identities]
        if subject is None or not people:
            return
        if PlatformDirectory(self.datamap, self.adapters).person(subject) is None:
            message = "nobody has exactly this id: a hold on it would protect nothing"
            raise InvalidInput(message, "subject")

    def release_hold(self, hold_id: str, *, by: str) -> Hold:
        """End a hold; NotFound, or Conflict if it was released before."""
        with self.database.begin() as conn:
            return holds.release_hold(conn, hold_id, by=by, now=self.clock.now())

    def holds(self, *, released: bool = False) -> tuple[Hold, ...]:
        """The holds in force; with `released`, those of the past too."""
        with self.database.read() as conn:
            return holds.list_holds(conn, released=released)

    def record_event(self, subject: str, event: str, at: datetime, source: str) -> None:
        """Remember an event that the platform does not store; see `told.record_event`."""
        with self.database.begin() as conn:
            now = self.clock.now()
            told.record_event(conn, subject, event, at, source, now=now)
            facts = {"event": event, "at": at.isoformat()}
            ledger.append(conn, "event.told", facts, now=now, subject=subject)

    def _setting(
        self,
        now: datetime,
        by: datetime,
        policy: Policy | None = None,
        earlier: Sequence[Policy] | None = None,
    ) -> Setting:
        policy = policy or self.policy
        facts = Facts(read_facts(self._compiler), now, Days.of(policy))
        older = self._earlier() if earlier is None else earlier
        return Setting(policy, self.datamap, facts, now, by, tuple(older))

    def _purger(self, plan: Plan) -> Purger:
        setting = self._setting(plan.now, plan.by)
        parents = Parents(self.database, setting, self._chronicle)
        return Purger(
            plan, self.database, setting, self._compiler, parents, self.clock, self.settings
        )

    def _recovered(self, run: Run, now: datetime) -> Run | None:
        with self.database.read() as conn:
            plan = approvals.load_plan(conn, run.plan)
        remaining = self._purger(plan).remaining()
        with self.database.begin() as conn:
            return runs.record_recovery(conn, run.id, remaining, now=now)

    def _who_agreed(self, version: str) -> frozenset[str]:
        with self.database.read() as conn:
            return self._agreed(conn, version)

    def _who_chose(self, choices: tuple[str, ...], on: bool) -> frozenset[str]:
        with self.database.read() as conn:
            return self._chose(conn, choices, on)

    def _who_noticed(self, rule: str, cutoff: datetime) -> frozenset[str]:
        with self.database.read() as conn:
            return notice.noticed_before(conn, rule, cutoff)

    def _known(self, datasets: Iterable[str] | None) -> list[str] | None:
        if datasets is None:
            return None
        names = list(datasets)
        for name in names:
            if name not in self.datamap.datasets:
                raise UnknownName("dataset", name, self.datamap.datasets)
        return names

    def _forget_departed(self) -> None:
        """Drop the events of people whom no row names any more, and what was left of them for the law."""
        restricted.lift_ended(self.database, self._linker)
        for dataset in self.datamap.datasets:
            for field in departures.pointed_at(self.datamap, dataset):
                with self.database.read() as conn:
                    kept = set(departures.values_kept(conn, dataset, field))
                for child, own in departures.pointing_at(self.datamap, dataset, field):
                    if kept:
                        kept -= self._linker.among(child, own, kept)
                if kept:
                    with self.database.begin() as conn:
                        departures.forget(conn, dataset, field, kept)

    def _store_verification(self, found: Verification) -> None:
        facts = {
            "run": found.run,
            "upheld": found.upheld,
            "survivors": {one.dataset: one.survivors for one in found.datasets if one.survivors},
            "missing": {one.dataset: one.missing for one in found.datasets if one.missing},
        }
        row = {
            "policy": self.policy.name,
            "run": found.run,
            "at": found.at,
            "upheld": found.upheld,
            "body": found.model_dump(mode="json"),
        }
        with self.database.begin() as conn:
            conn.execute(insert(verifications), row)
            ledger.append(conn, "purge.verified", facts, now=found.at)
