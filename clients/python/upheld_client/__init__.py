"""Ask Upheld, over HTTP, what may be done with a person's data. Every failure is a deny."""

from upheld_client.aio import AsyncUpheld
from upheld_client.answers import (
    Checked,
    Clause,
    Consents,
    Decision,
    Disclosed,
    Evaluated,
    Filtered,
    Gate,
    PolicyText,
    Record,
    Removed,
)
from upheld_client.calls import Evaluation, Question
from upheld_client.client import Upheld
from upheld_client.errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    Problem,
    Refused,
    TooManyRequests,
    Unavailable,
    Unreachable,
    UpheldError,
)

__all__ = [
    "AsyncUpheld",
    "Checked",
    "Clause",
    "Conflict",
    "Consents",
    "Decision",
    "Disclosed",
    "Evaluated",
    "Evaluation",
    "Filtered",
    "Gate",
    "Invalid",
    "NotAllowed",
    "NotFound",
    "PolicyText",
    "Problem",
    "Question",
    "Record",
    "Refused",
    "Removed",
    "TooManyRequests",
    "Unavailable",
    "Unreachable",
    "Upheld",
    "UpheldError",
]
