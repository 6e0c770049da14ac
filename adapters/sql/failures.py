"""From a driver's error to ours. The driver's own text may quote rows, so none of it is passed on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from engine.errors import Conflict, PolicyError, StoreUnavailable, UpheldError

_SQLITE = (
    ("locked", "it is locked by another process"),
    ("unable to open", "its file cannot be opened"),
    ("readonly", "it may only be read"),
    ("full", "its disk is full"),
    ("disk i/o", "its disk fails"),
    ("malformed", "its file is damaged"),
    ("not a database", "its file is no database"),
)
_STATES = {
    "55P03": "another session holds a lock for too long",
    "57014": "it cancelled the statement",
    "40P01": "it is in a deadlock with another session",
    "40001": "other sessions change the same rows",
    "42501": "this user may not do that; `upheld datamap grants` prints what is needed",
    "25006": "it may only be read",
    "28P01": "it refuses the password",
    "28000": "it refuses this user",
    "3D000": "it has no database of this name",
    "53100": "its disk is full",
    "53300": "it has too many connections",
    "57P03": "it is starting or stopping",
}
_CHANGED = ("42P01", "42703", "42704", "42883")
_SQLITE_CHANGED = ("no such table", "no such column", "has no column")


@contextmanager
def translated(store: str) -> Iterator[None]:
    """Raise the engine's errors in place of the driver's."""
    try:
        yield
    except exc.IntegrityError as problem:
        raise _broken_rule(store, problem) from None
    except (exc.DBAPIError, exc.TimeoutError) as problem:
        raise _translate(store, problem) from None


def _broken_rule(store: str, problem: exc.IntegrityError) -> UpheldError:
    words = str(problem.orig).lower()
    if "foreign key" in words:
        return Conflict(
            f"in the store `{store}`, rows of another table still point to the rows to be deleted;"
            " map that table, so that its rows go first"
        )
    if "not null" in words or "not-null" in words:
        return PolicyError(
            f"in the store `{store}`, a field to be erased may not be NULL;"
            ' say what replaces it, as in `erase: ""`'
        )
    return Conflict(f"a constraint of the store `{store}` forbids this change")


def _translate(store: str, problem: exc.SQLAlchemyError) -> UpheldError:
    original = getattr(problem, "orig", None)
    state = getattr(original, "sqlstate", None) or ""
    words = str(original).lower()
    if state in _CHANGED or any(sign in words for sign in _SQLITE_CHANGED):
        return PolicyError(
            f"the tables of the store `{store}` have changed; run `upheld datamap check`"
        )
    if state in _STATES:
        return StoreUnavailable(store, _STATES[state])
    known = next((reason for sign, reason in _SQLITE if not state and sign in words), None)
    return StoreUnavailable(store, known or _unknown(problem, state))


def _unknown(problem: exc.SQLAlchemyError, state: str) -> str:
    if state:
        return f"it reports the error {state}"
    if isinstance(problem, exc.OperationalError | exc.TimeoutError):
        return "no connection could be made, or it was lost"
    return f"it reports a {type(problem).__name__}"
