"""The scheduler, and the election of the one replica that runs it.

Two schedulers would run every job twice; so each replica stands for election, and only the leader has a
scheduler. When it loses its lock, it stops starting jobs at once; what it still runs cannot be recorded any
more, and the new leader runs it again.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from prometheus_client import Gauge
from sqlalchemy.exc import SQLAlchemyError

from engine.errors import Unavailable
from engine.ports import Clock
from engine.store.database import Database
from engine.store.leader import LeaderLock, begin_term
from upheld.serving.jobs import Job
from upheld.serving.runner import Runner, describe

log: Any = structlog.get_logger(__name__)

LEADING = Gauge(
    "upheld_leader", "Whether this replica runs the scheduler", multiprocess_mode="livemax"
)
CATCH_UP_SECONDS = 15
"""How often is looked for slots that a failure, or a leader's death, left undone."""


class Scheduler:
    """Stands for election in a thread of its own, and runs the jobs while it leads."""

    def __init__(
        self,
        lock: LeaderLock,
        database: Database,
        clock: Clock,
        jobs: Sequence[Job],
        *,
        tick: float = 1.0,
    ) -> None:
        self._lock = lock
        self._database = database
        self._clock = clock
        self._jobs = tuple(jobs)
        self._tick = tick
        self._owner = f"{socket.gethostname()}:{os.getpid()}"
        self._running: Any = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._stand, name="election", daemon=True)

    @property
    def leading(self) -> bool:
        """Whether this replica leads now."""
        return self._running is not None

    def start(self) -> None:
        """Stand for election; returns at once."""
        self._thread.start()

    def stop(self, grace: float) -> bool:
        """Start nothing more and wait up to `grace` seconds for what runs; returns whether all ended."""
        self._stop.set()
        self._thread.join(grace)
        return not self._thread.is_alive()

    def _stand(self) -> None:
        while True:
            self._look()
            if self._stop.wait(self._tick):
                break
        self._resign(wait=True)
        self._lock.release()

    def _look(self) -> None:
        if self.leading:
            if not self._lock.held():
                log.warning("lost the leadership")
                self._resign(wait=False)
        elif self._lock.take():
            self._lead()

    def _lead(self) -> None:
        try:
            with self._database.begin() as conn:
                term = begin_term(conn, self._owner, self._clock.now())
        except (SQLAlchemyError, Unavailable) as error:
            log.warning("cannot begin a term", **describe(error))
            self._lock.release()
            return
        log.info("leading", term=term)
        self._running = self._schedule(Runner(self._database, self._clock, term))
        LEADING.set(1)

    def _schedule(self, runner: Runner) -> Any:
        # Without these a job that starts a second late is skipped, and a long pause runs it many times.
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        pool = ThreadPoolExecutor(2 * len(self._jobs) + 1)
        scheduler = BackgroundScheduler(
            executors={"default": pool}, job_defaults=defaults, timezone="UTC", daemon=True
        )
        for job in self._jobs:
            run = _alone(runner, job)
            scheduler.add_job(run, job.trigger, id=job.name)
            scheduler.add_job(
                run, "interval", id=f"{job.name} again",
                seconds=CATCH_UP_SECONDS, next_run_time=self._clock.now(),
            )  # fmt: skip
        scheduler.start()
        return scheduler

    def _resign(self, *, wait: bool) -> None:
        running, self._running = self._running, None
        if running is not None:
            LEADING.set(0)
            running.shutdown(wait=wait)


def _alone(runner: Runner, job: Job) -> Callable[[], None]:
    """Runs the job, unless an earlier slot of it still runs here; what is passed over is caught up with."""
    busy = threading.Lock()

    def run() -> None:
        if busy.acquire(blocking=False):
            try:
                runner.run(job)
            finally:
                busy.release()

    return run
