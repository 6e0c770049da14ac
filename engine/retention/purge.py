"""Carrying out a plan: intent, bounded batches, outcome; every condition as the plan froze it.

The platform's stores and the engine's database share no transaction. So the intent is committed first, each
batch is one transaction of the store and can be done again without harm, and what it did is committed after
it. If the process dies in between, the next one finds the open intent and writes down what is left of it,
and the next plan picks that up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.errors import ApprovalRequired, Conflict, UpheldError
from engine.ports import Clock, Condition, DataAdapter, Edit
from engine.retention import approvals, holds, keeping, runs
from engine.retention.compiling import Compiler
from engine.retention.due import Setting
from engine.retention.expressions import NO_ROW, Expression, both, either, negated
from engine.retention.fingerprint import Fingerprint
from engine.retention.parents import Parents
from engine.retention.plan import Plan, Step, datamap_digest
from engine.retention.planning import Progress, held
from engine.retention.runs import LeaseLost, Run, RunState, StepState
from engine.retention.steps import changes_of
from engine.retention.wording import rows
from engine.store.database import Database

Rows = dict[str, int]


@dataclass(frozen=True, slots=True)
class Settings:
    """How purges run.

    `batch`: rows in a batch; `lease`: after which silence a run counts as dead; `fingerprint_rows`: in
    larger datasets the rows that stay are counted, but their keys are not hashed; `guarded`: caps and first
    approvals apply (Upheld cleans its own tables unasked).
    """

    batch: int = 20_000
    lease: timedelta = timedelta(seconds=60)
    fingerprint_rows: int = 1_000_000
    guarded: bool = True


DEFAULTS = Settings()


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch did: rows by step, whether more may remain, and what waits for what."""

    rows: Rows
    more: bool
    waits: str | None = None


@dataclass(frozen=True)
class Purger:
    """Carries out one plan."""

    plan: Plan
    database: Database
    setting: Setting
    compiler: Compiler
    parents: Parents
    clock: Clock
    settings: Settings = DEFAULTS

    def run(self, *, scheduled: bool, progress: Progress) -> Run:
        """Purge what the plan allows.

        Raises Conflict when the policy or the data map is no longer the plan's, or when another purge of the
        same data is running; ApprovalRequired when nothing at all may be purged without an officer. What is
        refused beside other work is told in the run's steps.
        """
        self._check_current()
        refused = self.refusals(scheduled=scheduled)
        self._require_some(refused, scheduled)
        before = {one.dataset: self._fingerprint(one.dataset) for one in self.plan.datasets}
        with self.database.begin() as conn:
            now, lease = self.clock.now(), self.settings.lease
            run = runs.open_run(conn, self.plan, refused, scheduled=scheduled, now=now, lease=lease)
            for dataset, print_ in before.items():
                keeping.store_fingerprint(conn, run.id, dataset, *print_)
        return self._carry_out(run, refused, progress)

    def refusals(self, *, scheduled: bool) -> dict[str, str]:
        """The datasets that may not be purged yet, and why."""
        if not self.settings.guarded:
            return {}
        with self.database.read() as conn:
            this = approvals.approved_in(conn, self.plan.digest)
            ever = approvals.ever_approved(conn)
        found = {}
        for one in self.plan.datasets:
            if one.over_cap and one.dataset not in this:
                found[one.dataset] = (
                    f"{one.affected:,} of {one.total:,} rows are more than the {one.cap:,} that one "
                    f"run may change: an officer must approve plan {self.plan.digest[:12]}"
                )
            elif scheduled and one.dataset not in ever:
                found[one.dataset] = (
                    "scheduled purging is off until an officer has approved a first plan"
                )
        return found

    def remaining(self) -> Rows:
        """How many rows of each step are still due by the plan's own conditions."""
        acting = [step for step in self.plan.steps if step.verb != "restrict"]
        return {step.id: self._count(step.dataset, self._acting(step)) for step in acting}

    def _check_current(self) -> None:
        if self.plan.policy_digest != self.setting.policy.digest:
            raise Conflict("the policy has changed since this plan: make a new one")
        if self.plan.datamap_digest != datamap_digest(self.setting.datamap):
            raise Conflict("the data map has changed since this plan: make a new one")

    def _require_some(self, refused: Mapping[str, str], scheduled: bool) -> None:
        due = [one.dataset for one in self.plan.datasets if one.affected]
        if due and all(name in refused for name in due) and not scheduled:
            raise ApprovalRequired(f"`{due[0]}`: {refused[due[0]]}", self.plan.digest)

    def _carry_out(self, run: Run, refused: Mapping[str, str], progress: Progress) -> Run:
        going = [one.dataset for one in self.plan.datasets if one.dataset not in refused]
        try:
            fine = [self._dataset(run, dataset, progress) for dataset in going]
        except LeaseLost:
            self._close(run, "failed")
            raise
        except KeyboardInterrupt:
            self._close(run, "interrupted")
            raise
        self._finish(run, going)
        return self._close(run, "done" if all(fine) else "failed")

    def _dataset(self, run: Run, dataset: str, progress: Progress) -> bool:
        """Purge one dataset; False if that failed. What failed is told in the run, and others go on."""
        steps = self.plan.steps_of(dataset)
        acting = [step for step in steps if step.rows and step.verb != "restrict"]
        self._mark(run, [step for step in steps if step not in acting], "done")
        if not acting:
            return True
        try:
            state, note = self._batches(run, dataset, acting, progress)
        except LeaseLost:
            raise
        except UpheldError as problem:
            state, note = "failed", str(problem)
        self._mark(run, acting, state, note)
        return state != "failed"

    def _batches(
        self, run: Run, dataset: str, steps: list[Step], progress: Progress
    ) -> tuple[StepState, str | None]:
        planned = self.plan.of(dataset)
        due_now = self._count(dataset, either(*(self._acting(step) for step in steps)))
        if self.settings.guarded and due_now > max(planned.affected, planned.cap):
            return (
                "refused",
                f"{rows(due_now, 'are')} due now, not {planned.affected:,}: plan again",
            )
        done = dict.fromkeys((step.id for step in steps), 0)
        batch = Batch({}, True)
        while batch.more:
            batch = self._batch(dataset, steps)
            self._record(run, dataset, batch.rows)
            for step in steps:
                done[step.id] += batch.rows.get(step.id, 0)
                if step.id in batch.rows:
                    progress(step.id, done[step.id], step.rows)
        return ("waiting" if batch.waits else "done"), batch.waits

    def _batch(self, dataset: str, steps: list[Step]) -> Batch:
        if not self.parents.has_children(dataset):
            return self._edit(dataset, steps)
        edited = self._edit(dataset, [step for step in steps if step.verb != "delete"])
        deletion = next((step for step in steps if step.verb == "delete"), None)
        if edited.rows or deletion is None:
            return Batch(edited.rows, edited.more or deletion is not None, edited.waits)
        where = self._condition(dataset, self._acting(deletion))
        gone = self.parents.delete_some(dataset, where, self.settings.batch, self.clock.now())
        return Batch({deletion.id: gone.rows} if gone.rows else {}, gone.more, gone.waits)

    def _edit(self, dataset: str, steps: list[Step]) -> Batch:
        if not steps:
            return Batch({}, False)
        spec = self.setting.datamap.datasets[dataset]
        edits = [
            Edit(self._condition(dataset, self._acting(step)), changes_of(spec, step))
            for step in steps
        ]
        applied = self._adapter(dataset).apply(spec, edits, limit=self.settings.batch)
        changed = {step.id: n for step, n in zip(steps, applied.rows, strict=True) if n}
        return Batch(changed, applied.more, _waits(applied.waiting, applied.waits_until))

    def _record(self, run: Run, dataset: str, changed: Rows) -> None:
        if not changed:
            return
        with self.database.begin() as conn:
            now, lease = self.clock.now(), self.settings.lease
            runs.record_batch(conn, run.id, dataset, changed, now=now, lease=lease)

    def _acting(self, step: Step) -> Expression:
        """The frozen condition, less the rows that a hold keeps: of the plan's day, or placed since."""
        with self.database.read() as conn:
            active = holds.holds_for(conn, self.plan.holds)
        return both(step.due, negated(held(self.setting, active, step)))

    def _condition(self, dataset: str, expression: Expression) -> Condition:
        return self.compiler.condition(dataset, expression)

    def _count(self, dataset: str, expression: Expression) -> int:
        if expression == NO_ROW:
            return 0
        spec = self.setting.datamap.datasets[dataset]
        return self._adapter(dataset).count(spec, self._condition(dataset, expression))

    def _adapter(self, dataset: str) -> DataAdapter:
        return self.compiler.adapters[self.setting.datamap.datasets[dataset].store]

    def _mark(self, run: Run, steps: list[Step], state: StepState, note: str | None = None) -> None:
        if not steps:
            return
        with self.database.begin() as conn:
            runs.set_steps(conn, run.id, [step.id for step in steps], state, note)

    def _close(self, run: Run, state: RunState) -> Run:
        with self.database.begin() as conn:
            return runs.close_run(conn, run.id, state, now=self.clock.now())

    def _finish(self, run: Run, datasets: list[str]) -> None:
        """Make the deletions physical in every store that was touched; what a store could not do is told."""
        stores: dict[str, list[str]] = {}
        for name in datasets:
            if self.plan.of(name).affected:
                stores.setdefault(self.setting.datamap.datasets[name].store, []).append(name)
        for store, touched in stores.items():
            left = self._finished(store)
            if left:
                with self.database.begin() as conn:
                    runs.add_note(conn, run.id, touched, "; ".join(left))

    def _finished(self, store: str) -> tuple[str, ...]:
        try:
            return self.compiler.adapters[store].finish()
        except UpheldError as problem:  # the rows are gone, and the run has to be closed
            return (str(problem),)

    def _fingerprint(self, dataset: str) -> tuple[int, Fingerprint | None]:
        """The rows that stay, as they are before the first batch."""
        spec = self.setting.datamap.datasets[dataset]
        going = [self._acting(s) for s in self.plan.steps_of(dataset) if s.verb == "delete"]
        old = keeping.known_before(dataset, spec, self.plan.now)
        where = self._condition(dataset, both(negated(either(*going)), old))
        # A row without a key of its own is known by its content, which an edit changes: count those only.
        hashed = bool(spec.key) and self.plan.of(dataset).total <= self.settings.fingerprint_rows
        return keeping.take_fingerprint(self._adapter(dataset), spec, where, hashed=hashed)


def _waits(files: tuple[str, ...], until: datetime | None) -> str | None:
    if not files:
        return None
    when = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""
    verbs = "is still written to and waits" if len(files) == 1 else "are still written to and wait"
    return f"{', '.join(files)} {verbs}{when}"
