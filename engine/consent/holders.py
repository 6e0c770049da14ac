"""An id of the platform that came to somebody else: what its earlier holder said and asked for stays theirs.

Everything that Upheld holds of a person is kept under the id that the platform knows them by. A platform may
give that id away again, after an erasure or a deletion of its own. Then the earlier holder's records move to
a name that nobody can log in as; a session that they still have open moves with them.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime

from sqlalchemy import Column, Connection, delete, exists, select, update

from engine.audit import ledger
from engine.consent import store
from engine.retention import departures
from engine.retention.own import OWN_KEY, OWN_PEOPLE
from engine.store.tables.access import login_codes, web_sessions
from engine.store.tables.consent import consent_records
from engine.store.tables.notices import deletion_notices, notices
from engine.store.tables.retention import departures as departures_
from engine.store.tables.retention import events
from engine.store.tables.rights import rights_requests

_MOST = 170
"""Of an id this much is kept, so that the new name fits wherever the id did."""

_FORMER = re.compile(r" \(former [0-9a-f]{16}\)$")


def is_former(subject_id: str) -> bool:
    """Whether a subject id is the name of somebody whose id of the platform is another person's now."""
    return _FORMER.search(subject_id) is not None


def has_past(conn: Connection, subject_id: str) -> bool:
    """Whether anybody said or asked for anything under this id."""
    said = exists().where(consent_records.c.subject_id == subject_id)
    asked = exists().where(rights_requests.c.subject_id == subject_id)
    return bool(conn.execute(select(said | asked)).scalar())


def end(conn: Connection, subject_id: str, now: datetime) -> str:
    """Part an id from whoever held it so far; returns the name that their records are kept under from now on.

    Whoever holds the id next begins anew: with nothing said, nothing asked for and nothing that happened. An
    officer's holds stay where they are, for they keep rows of the platform, which still name the id.
    """
    former = f"{subject_id[:_MOST]} (former {secrets.token_hex(8)})"
    for column in (
        rights_requests.c.subject_id,
        consent_records.c.subject_id,
        notices.c.subject_id,
        deletion_notices.c.subject_id,
    ):
        _rename(conn, column, subject_id, former)
    _rename(conn, web_sessions.c.holder, subject_id, former, web_sessions.c.kind == "portal")
    conn.execute(delete(login_codes).where(login_codes.c.holder == subject_id))
    conn.execute(delete(events).where(events.c.subject == subject_id))
    store.forget(conn, subject_id)
    _count_from_now(conn, subject_id, former, now)
    ledger.append(conn, "subject.parted", {}, now=now, subject=subject_id)
    ledger.forget_subject(conn, subject_id)
    return former


def _count_from_now(conn: Connection, subject_id: str, former: str, now: datetime) -> None:
    """How long Upheld keeps its own records counts from when the account ended: at the latest now."""
    own = (departures_.c.dataset == OWN_PEOPLE, departures_.c.value == subject_id)
    moved = conn.execute(update(departures_).where(*own).values(value=former))
    if not moved.rowcount:
        gone = [(OWN_KEY, former, "account.cancelled", now)]
        departures.remember(conn, OWN_PEOPLE, gone, now=now)


def _rename(
    conn: Connection, column: Column[str], subject_id: str, former: str, *only: object
) -> None:
    conn.execute(
        update(column.table)
        .where(column == subject_id, *only)  # type: ignore[arg-type]
        .values({column.name: former})
    )
