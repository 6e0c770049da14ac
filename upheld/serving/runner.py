"""Running one job in isolation: what goes wrong in it is logged and counted, and stops nothing else."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import Counter, Gauge

from engine.ports import Clock
from engine.store.database import Database
from engine.store.leader import Deposed
from upheld.serving import slots
from upheld.serving.jobs import Job, latest_slot

log: Any = structlog.get_logger(__name__)

RUNS = Counter("upheld_job_runs", "Scheduled jobs that were run", ["job", "outcome"])
LAST_SUCCESS = Gauge(
    "upheld_job_last_success_seconds",
    "When a scheduled job last ended well, in seconds since 1970",
    ["job"],
    multiprocess_mode="mostrecent",
)


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs jobs for the leader of one term."""

    database: Database
    clock: Clock
    term: int

    def run(self, job: Job) -> None:
        """Run the job's newest slot, unless it was run already. Never raises."""
        try:
            self._run(job)
        except Deposed:
            log.warning("no longer leading", job=job.name)
        except Exception as error:  # noqa: BLE001  (a job must never stop the others)
            log.error("a job could not be recorded", job=job.name, **describe(error))

    def _run(self, job: Job) -> None:
        due_at = latest_slot(job, self.clock.now())
        if due_at is None:
            return
        with self.database.begin() as conn:
            mine = slots.claim(conn, job.name, due_at, term=self.term, now=self.clock.now())
        if not mine:
            return
        problem = _attempt(job)
        RUNS.labels(job.name, "failed" if problem else "done").inc()
        if problem is None:
            LAST_SUCCESS.labels(job.name).set(self.clock.now().timestamp())
        with self.database.begin() as conn:
            now = self.clock.now()
            slots.finish(conn, job.name, due_at, term=self.term, now=now, problem=problem)


def describe(error: BaseException) -> dict[str, str]:
    """What a log may say of an error: its kind and its place. Its message may hold personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
    return {"kind": type(error).__name__, "place": place}


def _attempt(job: Job) -> str | None:
    try:
        job.run()
    except Exception as error:  # noqa: BLE001  (whatever it is, it is counted and tried again)
        log.error("a job failed", job=job.name, **describe(error))
        return type(error).__name__
    log.info("a job is done", job=job.name)
    return None
