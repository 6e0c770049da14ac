"""What the jobs do, from a house: each is a call or two to the services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Any

import structlog

from upheld import queue
from upheld.bootstrap import House
from upheld.serving import slots
from upheld.serving.jobs import Work

log: Any = structlog.get_logger(__name__)


def house_work(house: House) -> Work:
    """The work of this house. Opens everything now: threads that share it find it built."""
    rights, promises = house.rights, house.promises
    _ = house.own_retention, house.announcements, house.deletion_notices
    # Two plans made at the same moment would note the same new sightings.
    one_plan = Lock()
    return Work(
        purge=lambda by: _alone(one_plan, lambda: purge(house, by)),
        purge_own=lambda: purge_own(house),
        see_states=lambda: _alone(one_plan, lambda: see_states(house)),
        recover=lambda: recover(house),
        process_requests=_without_result(rights.process_due),
        send_notices=lambda: send_notices(house),
        check_promises=_without_result(promises.check),
        save_checkpoint=_without_result(house.checkpoint),
        sweep=lambda: sweep(house),
    )


def purge(house: House, by: datetime) -> None:
    """Purge what becomes due until `by`: by the workers where any live, else here.

    First notices lapse of what no longer goes soon, so that none counts for another time around.
    """
    house.retention.announce_deletions()
    if queue.is_available(house.database) and queue.living_workers(house.database):
        queued = queue.defer(house.database, house.datamap.datasets, by)
        log.info("purge steps are queued", steps=len(queued))
        return
    retention = house.retention
    plan = retention.plan(by=by)
    run = retention.purge(plan.digest, scheduled=True)
    log.info("purged", run=run.id, rows=run.rows, state=run.state)
    retention.verify(run.id)


def purge_own(house: House) -> None:
    """Purge what Upheld itself no longer needs of people: sessions, codes, old requests, consent records."""
    retention = house.own_retention
    run = retention.purge(retention.plan().digest)
    log.info("purged own data", run=run.id, rows=run.rows, state=run.state)
    retention.verify(run.id)


def purge_dataset(house: House, dataset: str, by: datetime) -> None:
    """One step of the queue: purge one dataset of what becomes due until `by`."""
    retention = house.retention
    plan = retention.plan(by=by, datasets=[dataset])
    run = retention.purge(plan.digest, scheduled=True)
    log.info("purged", dataset=dataset, run=run.id, rows=run.rows, state=run.state)
    retention.verify(run.id)


def see_states(house: House) -> None:
    """Look for states that no store gives a time to: a plan does, and officers find it fresh.

    And for people whose data goes soon and who are to be told before.
    """
    retention = house.retention
    retention.plan()
    retention.announce_deletions()


def send_notices(house: House) -> None:
    """Tell people of changes of the policy, and of their data that goes soon."""
    house.announcements.send()
    house.deletion_notices.send()


def recover(house: House) -> None:
    """Reconcile what a process that died left open."""
    house.retention.recover()
    house.own_retention.recover()
    house.rights.recover()


def sweep(house: House) -> None:
    """Delete what is over: sessions, codes, allowances, the record of jobs long past."""
    house.access.sweep()
    with house.database.begin() as conn:
        slots.forget(conn, house.clock.now())


def _alone(lock: Lock, run: Callable[[], None]) -> None:
    with lock:
        run()


def _without_result(call: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        call()

    return run
