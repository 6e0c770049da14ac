"""The client."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, Self

from upheld_client.answers import Decision, Gate
from upheld_client.errors import Unreachable, UpheldError
from upheld_client.transport import Transport

Operation = Literal["collect", "use", "share"]


class Upheld:
    """Upheld at `base_url`. `timeout` in seconds is how long each call goes on trying.

    May be shared by threads. ValueError for an address that is none, or plain http to another machine.
    """

    def __init__(self, base_url: str, api_key: str, timeout: float = 2.0) -> None:
        self._transport = Transport(base_url, api_key, timeout)

    def decide(
        self,
        operation: Operation,
        category: str,
        *,
        purpose: str = "",
        recipient: str = "",
        subject: str | None = None,
        by_api_key: bool = False,
    ) -> Decision:
        """May this be done? Never raises: whatever goes wrong is a deny, and `failure` says what.

        `by_api_key`: the person's own API key is at work rather than the person after a login.
        """
        question = {
            "operation": operation,
            "category": category,
            "purpose": purpose,
            "recipient": recipient,
            "subject": subject,
            "by_api_key": by_api_key,
        }
        try:
            return Decision.read(self._transport.post("/v1/decisions", question))
        except Exception as error:  # noqa: BLE001  fail closed, whatever it was
            return Decision.deny(_words(error))

    def decide_all(
        self,
        questions: Iterable[Mapping[str, str]],
        *,
        subject: str | None = None,
        by_api_key: bool = False,
    ) -> list[Decision]:
        """Several questions about one person; as `decide`, a failure denies all of them.

        Each question has `operation` and `category`, and where needed `purpose` and `recipient`.
        """
        asked = [dict(question) for question in questions]
        body = {"subject": subject, "by_api_key": by_api_key, "requests": asked}
        try:
            told = self._transport.post("/v1/decisions/batch", body)["decisions"]
            found = [Decision.read(each) for each in told]
            if len(found) != len(asked):
                raise Unreachable("the answer is not complete")
        except Exception as error:  # noqa: BLE001  fail closed, whatever it was
            return [Decision.deny(_words(error)) for _ in asked]
        return found

    def login(self, subject: str, *, signals: Iterable[str] = (), raises: bool = False) -> Gate:
        """What must this person settle before going on? `signals`: `gpc` if their browser sends it.

        A failure is a gate that is not open, or with `raises` an UpheldError.
        """
        try:
            body = {"subject": subject, "signals": list(signals)}
            return Gate.read(self._transport.post("/v1/logins", body))
        except UpheldError as error:
            if raises:
                raise
            return Gate.closed(_words(error))

    def event(self, subject: str, event: str, *, at: datetime, source: str = "api") -> None:
        """Tell an event that the platform does not store, such as `account.cancelled`. Raises UpheldError.

        `at` is aware. Telling it again replaces what the same source told before.
        """
        if at.tzinfo is None:
            raise ValueError("`at` has no time zone")
        self._write(
            "/v1/events",
            {"subject": subject, "event": event, "at": at.isoformat(), "source": source},
        )

    def choose(self, subject: str, choice: str, on: bool, *, language: str = "en") -> None:
        """Record that a person turned an optional consent on or off. Raises UpheldError."""
        body = {
            "subject": subject,
            "kind": "choice",
            "name": choice,
            "on": on,
            "language": language,
        }
        self._write("/v1/consents", body)

    def close(self) -> None:
        """Close this thread's connection."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self, path: str, body: Mapping[str, Any]) -> None:
        """One key for all repetitions: carried out once."""
        self._transport.post(path, body, {"Idempotency-Key": str(uuid.uuid4())})


def _words(error: Exception) -> str:
    """What went wrong; an error of a kind that was not foreseen says only its kind."""
    return str(error) if isinstance(error, UpheldError) else type(error).__name__
