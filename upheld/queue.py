"""The queue of purge steps on PostgreSQL, taken by any number of `upheld worker`s.

A step is one dataset until one time. Steps of one dataset follow each other, steps of different datasets run
side by side. The queue is procrastinate's (the extra `queue`), in a schema of its own in Upheld's database;
a step whose worker died is given to another one when its heartbeat has been missing for a while.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Connection, text

from engine.errors import InvalidInput, Unavailable
from engine.store.database import Database

if TYPE_CHECKING:
    from procrastinate import App, JobContext

log: Any = structlog.get_logger(__name__)

Handler = Callable[[str, datetime], None]
SCHEMA = "upheld_queue"
QUEUE = "purge"
TASK = "upheld.purge"
ALIVE_SECONDS = 60
"""A worker that was heard of within this time is alive."""

_KEPT_HOURS = 30 * 24
_LOCK = int.from_bytes(b"queue")


def is_available(database: Database) -> bool:
    """Whether steps can be queued: on PostgreSQL, with the extra `queue` installed."""
    return database.dialect == "postgresql" and find_spec("procrastinate") is not None


def require_available(database: Database) -> None:
    """Raise and say what to do where steps cannot be queued."""
    if database.dialect != "postgresql":
        raise InvalidInput(
            "workers need PostgreSQL: on SQLite `upheld serve` purges by itself",
            "UPHELD_DATABASE_URL",
        )
    if find_spec("procrastinate") is None:
        raise Unavailable("workers need the extra `queue`; install it: pip install 'upheld[queue]'")


def upgrade(database: Database) -> bool:
    """Bring the queue's own tables to what the installed procrastinate expects; returns whether it changed
    anything. One transaction; processes that start together follow each other."""
    installed = version("procrastinate")
    with database.begin() as conn:
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        present = _present(conn)
        if present == installed:
            return False
        conn.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        conn.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
        for script in _scripts(present):
            conn.exec_driver_sql(script.replace("%", "%%"))
        conn.execute(text(f"COMMENT ON SCHEMA {SCHEMA} IS 'procrastinate {installed}'"))
    return True


def defer(database: Database, datasets: Iterable[str], by: datetime) -> list[str]:
    """Queue one step for each dataset and return those queued; one that waits already is not queued twice."""
    from procrastinate import SyncPsycopgConnector
    from procrastinate.exceptions import AlreadyEnqueued

    queued = []
    with _app(SyncPsycopgConnector(**_connection(database))).open() as app:
        for dataset in datasets:
            lock = f"purge {dataset}"
            task = app.configure_task(TASK, queue=QUEUE, lock=lock, queueing_lock=lock)
            try:
                task.defer(dataset=dataset, by=by.astimezone(UTC).isoformat())
            except AlreadyEnqueued:
                continue
            queued.append(dataset)
    return queued


def living_workers(database: Database) -> int:
    """How many workers were heard of lately; 0 also where nothing was ever queued."""
    query = text(
        f"SELECT count(*) FROM {SCHEMA}.procrastinate_workers "  # noqa: S608  (a constant)
        "WHERE last_heartbeat > now() - make_interval(secs => :seconds)"
    )
    with database.read() as conn:
        if _present(conn) is None:
            return 0
        return int(conn.execute(query, {"seconds": ALIVE_SECONDS}).scalar_one())


def work(
    database: Database,
    handle: Handler,
    *,
    heartbeat: float = 10.0,
    patience: float = 45.0,
    check: str = "* * * * *",
) -> None:
    """Take steps, two at a time, until SIGTERM or SIGINT; those in hand are finished first.

    A worker says every `heartbeat` seconds that it lives; who is silent for `patience` seconds is dead, and
    its step is taken by another. `check` (cron, seconds last) is when is looked for that. A step whose
    `handle` raises is tried again up to six times, over half an hour.
    """
    from procrastinate import PsycopgConnector, RetryStrategy

    upgrade(database)
    app = _app(PsycopgConnector(**_connection(database)))

    def purge(dataset: str, by: str) -> None:
        handle(dataset, datetime.fromisoformat(by))

    async def recover(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  (procrastinate's)
        await _recover(context.app, patience)

    retry = RetryStrategy(max_attempts=6, exponential_wait=4)
    app.task(name=TASK, queue=QUEUE, retry=retry)(purge)
    again = app.task(name="upheld.recover", queue=QUEUE, queueing_lock="recover", pass_context=True)
    app.periodic(cron=check)(again(recover))
    app.run_worker(
        queues=[QUEUE],
        concurrency=2,  # so that the look for the dead rarely waits for a long step
        fetch_job_polling_interval=5.0,
        update_heartbeat_interval=heartbeat,
        stalled_worker_timeout=patience,
        delete_jobs="successful",
    )


async def _recover(app: App, patience: float) -> None:
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=patience):
        log.warning("a worker died", step=job.lock)
        await manager.retry_job(job)
    await manager.delete_old_jobs(nb_hours=_KEPT_HOURS, queue=QUEUE, include_failed=True)


def _app(connector: Any) -> App:
    from procrastinate import App

    return App(connector=connector)


def _connection(database: Database) -> dict[str, Any]:
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return {"conninfo": url, "kwargs": {"options": f"-c search_path={SCHEMA}"}}


def _present(conn: Connection) -> str | None:
    """The version of procrastinate whose tables are there."""
    comment = conn.execute(
        text("SELECT obj_description(to_regnamespace(:name), 'pg_namespace')"), {"name": SCHEMA}
    ).scalar()
    return str(comment).removeprefix("procrastinate ") if comment else None


def _scripts(present: str | None) -> list[str]:
    """The whole schema for an empty database, else the migrations since the version that is there."""
    from procrastinate.schema import SchemaManager

    if present is None:
        return [SchemaManager.get_schema()]
    folder = Path(SchemaManager.get_migrations_path())
    later = [f for f in sorted(folder.glob("*.sql")) if _numbers(f.name) > _numbers(present)]
    return [file.read_text(encoding="utf-8") for file in later]


def _numbers(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", name)[:3])
