"""Every call of the client, as a value: what it sends, how its answer is read, what stands for a missing one.

Both clients offer these under the same names: `Upheld.decide(…)` returns the answer, `AsyncUpheld.decide(…)`
is awaited for it. `raises=True` turns a failure into an UpheldError where it would otherwise be a deny.
`request_id` (letters, digits and `._-`) is the id under which the decision stands in the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from upheld_client.answers import (
    Checked,
    Consents,
    Decision,
    Disclosed,
    Evaluated,
    Filtered,
    Gate,
    PolicyText,
    Record,
    Removed,
    several,
)
from upheld_client.wire import Call

Operation = Literal["collect", "use", "share"]
Semantic = Literal["execute_all", "deny_on_first_deny", "permit_on_first_permit"]


@dataclass(frozen=True, slots=True)
class Question:
    """May data of a category be collected, used for a purpose, shared with a recipient?"""

    operation: Operation
    category: str
    purpose: str = ""
    recipient: str = ""

    def told(self) -> dict[str, Any]:
        """As it is sent."""
        return {
            "operation": self.operation,
            "category": self.category,
            "purpose": self.purpose,
            "recipient": self.recipient,
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A question in the form of AuthZEN: `asker` is the service, or for a sharing the `recipient`."""

    purpose: str
    category: str
    asker: str = "service"
    recipient: str = ""
    data_subject: str | None = None
    operation: Operation | None = None

    def told(self) -> dict[str, Any]:
        """As it is sent."""
        kind, name = ("recipient", self.recipient) if self.recipient else ("service", self.asker)
        person = {} if self.data_subject is None else {"data_subject": self.data_subject}
        return {
            "subject": {"type": kind, "id": name},
            "action": {"name": self.purpose},
            "resource": {"type": "personal-data", "id": self.category, "properties": person},
            "context": {} if self.operation is None else {"operation": self.operation},
        }


def decide(
    operation: Operation,
    category: str,
    *,
    purpose: str = "",
    recipient: str = "",
    subject: str | None = None,
    by_api_key: bool = False,
    signals: Iterable[str] | None = None,
    request_id: str = "",
    raises: bool = False,
) -> Call[Decision]:
    """May this be done? Whatever goes wrong is a deny, and `failure` says what.

    `by_api_key`: the person's own API key is at work rather than the person after a login. `signals`: what
    their browser sends with this very request.
    """
    question = Question(operation, category, purpose, recipient).told()
    return Call(
        "POST",
        "/v1/decisions",
        Decision.read,
        {**question, **_whose(subject, by_api_key, signals)},
        request_id=request_id,
        closed=None if raises else Decision.deny,
    )


def decide_all(
    questions: Iterable[Question | Mapping[str, str]],
    *,
    subject: str | None = None,
    by_api_key: bool = False,
    signals: Iterable[str] | None = None,
    request_id: str = "",
    raises: bool = False,
) -> Call[list[Decision]]:
    """Several questions about one person; as `decide`, a failure denies all of them."""
    asked = [each.told() if isinstance(each, Question) else dict(each) for each in questions]
    return Call(
        "POST",
        "/v1/decisions/batch",
        lambda told: several(Decision.read, told["decisions"], len(asked)),
        {"requests": asked, **_whose(subject, by_api_key, signals)},
        request_id=request_id,
        closed=None if raises else lambda failure: [Decision.deny(failure) for _ in asked],
    )


def filter_record(
    dataset: str,
    record: Mapping[str, Any],
    *,
    purpose: str,
    operation: Literal["use", "share"] = "use",
    recipient: str = "",
    subject: str | None = None,
    by_api_key: bool = False,
    request_id: str = "",
    raises: bool = False,
) -> Call[Filtered]:
    """A record without what may not be used or shared; after a failure nothing of it is left."""
    body = {
        "dataset": dataset,
        "record": dict(record),
        "operation": operation,
        "purpose": purpose,
        "recipient": recipient,
        **_whose(subject, by_api_key),
    }

    def nothing(failure: str) -> Filtered:
        return Filtered({}, Removed.everything(record, failure), failure=failure)

    return Call(
        "POST",
        "/v1/records/filter",
        Filtered.read,
        body,
        request_id=request_id,
        closed=None if raises else nothing,
    )


def check_payload(
    payload: Mapping[str, Any],
    *,
    dataset: str | None = None,
    categories: Mapping[str, str | None] | None = None,
    purpose: str = "",
    subject: str | None = None,
    by_api_key: bool = False,
    request_id: str = "",
    raises: bool = False,
) -> Call[Checked]:
    """What of a payload may be stored; after a failure nothing of it.

    What its fields hold is told by a dataset of the data map, by `categories`, or by both.
    """
    body = {
        "payload": dict(payload),
        "dataset": dataset,
        "categories": dict(categories or {}),
        "purpose": purpose,
        **_whose(subject, by_api_key),
    }

    def nothing(failure: str) -> Checked:
        return Checked({}, Removed.everything(payload, failure), failure)

    return Call(
        "POST",
        "/v1/collections/check",
        Checked.read,
        body,
        request_id=request_id,
        closed=None if raises else nothing,
    )


def login(
    subject: str, *, signals: Iterable[str] | None = None, raises: bool = False
) -> Call[Gate]:
    """What must this person settle before going on? `signals`: `["gpc"]` if their browser sends it.

    A failure is a gate that is not open.
    """
    body = {"subject": subject, **_signals(signals)}
    closed = None if raises else Gate.closed
    return Call("POST", "/v1/logins", Gate.read, body, closed=closed)


def event(subject: str, event: str, *, at: datetime, source: str = "api") -> Call[None]:
    """Tell an event that the platform does not store, such as `account.cancelled`. Raises UpheldError.

    `at` is aware. Telling it again replaces what the same source told before.
    """
    if at.tzinfo is None:
        raise ValueError("`at` has no time zone")
    body = {"subject": subject, "event": event, "at": at.isoformat(), "source": source}
    return Call("POST", "/v1/events", _nothing, body, writes=True)


def consent(
    subject: str,
    kind: Literal["choice", "objection", "agreement"],
    name: str,
    on: bool,
    *,
    language: str = "en",
    guardian: str | None = None,
) -> Call[Record]:
    """Record what a person said in your own pages, or took back. Raises UpheldError.

    `name`: the choice, the purpose that they object to, or the version that they agree to.
    """
    body = {
        "subject": subject,
        "kind": kind,
        "name": name,
        "on": on,
        "language": language,
        "guardian": guardian,
    }
    return Call("POST", "/v1/consents", Record.read, body, writes=True)


def choose(subject: str, choice: str, on: bool, *, language: str = "en") -> Call[Record]:
    """Record that a person turned an optional consent on or off. Raises UpheldError."""
    return consent(subject, "choice", choice, on, language=language)


def consents(subject: str) -> Call[Consents]:
    """Where a person stands. Raises UpheldError."""
    return Call("GET", "/v1/consents", Consents.read, query={"subject": subject})


def receipt(subject: str, record: str) -> Call[dict[str, Any]]:
    """The receipt of one record, in its portable form. Raises UpheldError."""
    path = f"/v1/consents/{quote(record, safe='')}/receipt"
    return Call("GET", path, dict, query={"subject": subject})


def disclose(
    subject: str,
    *,
    recipient: str,
    purpose: str,
    categories: Iterable[str],
    by_api_key: bool = False,
    request_id: str = "",
) -> Call[Disclosed]:
    """Record in the ledger that a person's data goes to a recipient. Raises UpheldError.

    Record it before it goes: what could not be recorded must not go. `request_id` is the one that the sharing
    was decided under.
    """
    body = {
        "subject": subject,
        "recipient": recipient,
        "purpose": purpose,
        "categories": list(categories),
        "by_api_key": by_api_key,
        "request_id": request_id,
    }
    return Call("POST", "/v1/disclosures", Disclosed.read, body, writes=True, request_id=request_id)


def report(
    operation: Operation,
    category: str,
    *,
    purpose: str = "",
    recipient: str = "",
    subject: str | None = None,
    by_api_key: bool = False,
) -> Call[Decision]:
    """Count something that was done, with the decision on it; nobody is named. Raises UpheldError."""
    question = Question(operation, category, purpose, recipient).told()
    body = {**question, **_whose(subject, by_api_key)}
    return Call("POST", "/v1/reports", Decision.read, body, writes=True)


def evaluate(
    evaluation: Evaluation, *, request_id: str = "", raises: bool = False
) -> Call[Evaluated]:
    """One question by AuthZEN 1.0; a failure is a deny."""
    return Call(
        "POST",
        "/access/v1/evaluation",
        Evaluated.read,
        evaluation.told(),
        request_id=request_id,
        closed=None if raises else Evaluated.deny,
    )


def evaluate_all(
    evaluations: Iterable[Evaluation],
    *,
    semantic: Semantic = "execute_all",
    request_id: str = "",
    raises: bool = False,
) -> Call[list[Evaluated]]:
    """Several questions by AuthZEN 1.0; a failure denies all of them.

    A semantic that stops early answers no further than where it stopped. ValueError for no question at all.
    """
    asked = [each.told() for each in evaluations]
    if not asked:
        raise ValueError("no evaluations are asked for")
    expected = len(asked) if semantic == "execute_all" else None
    return Call(
        "POST",
        "/access/v1/evaluations",
        lambda told: several(Evaluated.read, told["evaluations"], expected),
        {"evaluations": asked, "options": {"evaluations_semantic": semantic}},
        request_id=request_id,
        closed=None if raises else lambda failure: [Evaluated.deny(failure) for _ in asked],
    )


def policy(version: str = "current", *, language: str | None = None) -> Call[PolicyText]:
    """The text of a version, clause by clause. Raises UpheldError."""
    query = {} if language is None else {"language": language}
    return Call("GET", f"/v1/policies/{quote(version, safe='')}", PolicyText.read, query=query)


def _whose(
    subject: str | None, by_api_key: bool, signals: Iterable[str] | None = None
) -> dict[str, Any]:
    return {"subject": subject, "by_api_key": by_api_key, **_signals(signals)}


def _signals(signals: Iterable[str] | None) -> dict[str, Any]:
    return {} if signals is None else {"signals": list(signals)}


def _nothing(told: Any) -> None:
    """An answer that holds nothing new; it is one all the same."""
    if not isinstance(told, dict):
        raise TypeError("not an object")
