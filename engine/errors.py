"""Every error that Upheld raises on purpose.

    UpheldError
    ├── PolicyError            a policy or data map that cannot be used; carries its findings
    ├── UnknownName            a name that nothing declares (`did you mean` when there is a near miss)
    ├── NotFound               a record that does not exist, or that the asker may not see
    ├── InvalidInput           a value that the caller can mend; carries the field
    ├── Conflict               the action does not fit the present state
    │   ├── ApprovalRequired   an officer must approve exactly this plan first; carries its digest
    │   └── CasesFailed        a version's own tests fail; carries the cases
    ├── Unauthenticated        who asks is not known: no credentials, or wrong or expired ones
    ├── Forbidden              known, but not allowed
    ├── TooManyRequests        asked too often; carries after how many seconds to try again
    ├── LedgerBroken           the audit trail does not verify
    └── Unavailable            something needed cannot be reached now
        └── StoreUnavailable   a database or file store does not answer

Messages are lowercase without a full stop, quote the input in backticks, and say what to do. Facts that a
caller may need are attributes, never parsed back out of a message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any


class UpheldError(Exception):
    """The root: anything below it is shown to people as its message, without a traceback."""


class PolicyError(UpheldError):
    """A policy or data map that cannot be used; `findings` says what is wrong and where."""

    def __init__(self, message: str, findings: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class UnknownName(UpheldError):
    """A name that nothing declares."""

    def __init__(self, kind: str, name: str, known: Iterable[str] = ()) -> None:
        super().__init__(f"no {kind} `{name}`{did_you_mean(name, known)}")
        self.kind = kind
        self.name = name


class NotFound(UpheldError):
    """A record that does not exist, or that the asker may not see (the two read the same)."""


class InvalidInput(UpheldError):
    """A value that the caller can mend; `field` is its path in the input, or empty."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Conflict(UpheldError):
    """The action does not fit the present state."""


class ApprovalRequired(Conflict):
    """An officer must approve exactly the plan with this digest before it may run."""

    def __init__(self, message: str, digest: str) -> None:
        super().__init__(message)
        self.digest = digest


class CasesFailed(Conflict):
    """A version's own tests fail; `failed` are the cases that did not come out as expected."""

    def __init__(self, version: str, failed: Sequence[Any]) -> None:
        names = "; ".join(f"“{case.name}”" for case in failed)
        many = "its own tests fails" if len(failed) == 1 else "its own tests fail"
        super().__init__(f"version `{version}`: {len(failed)} of {many}: {names}")
        self.failed = tuple(failed)


class Unauthenticated(UpheldError):
    """Who asks is not known: no credentials, or wrong or expired ones."""


class Forbidden(UpheldError):
    """The asker is known but may not do this."""


class TooManyRequests(UpheldError):
    """Asked too often; `retry_after` is in whole seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class LedgerBroken(UpheldError):
    """The audit trail does not verify against itself or against a checkpoint."""


class Unavailable(UpheldError):
    """Something needed cannot be reached now; trying again later may help."""


class StoreUnavailable(Unavailable):
    """A database or file store does not answer; `store` is its name in the data map."""

    def __init__(self, store: str, reason: str) -> None:
        super().__init__(f"the store `{store}` does not answer: {reason}")
        self.store = store


_LONGEST_NAME = 200
"""Comparing takes time that grows with the length, and a longer text is no name that was mistyped."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ", did you mean `x`?" for the nearest known name, or an empty string."""
    if len(name) > _LONGEST_NAME:
        return ""
    near = get_close_matches(name, sorted(set(known)), n=1, cutoff=0.6)
    return f", did you mean `{near[0]}`?" if near else ""
