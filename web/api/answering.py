"""From a question that was read to an answer that is said: shared by the quick path and the app behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from flask import Response

from engine.access.keys import ApiKey, Mode
from engine.decisions.decision import Effect, Request
from engine.decisions.remembered import Remembered
from engine.enforcement.answer import Answer
from engine.enforcement.service import Asked, Enforcement
from engine.errors import Unauthenticated, Unavailable
from web import metrics
from web.api.operations import Call
from web.api.reading import JSON
from web.services import Services


@dataclass(frozen=True, slots=True)
class Ask:
    """One or several requests about one person, as they were read from a body; in order until `last`."""

    requests: Sequence[Request]
    subject: str | None
    by_api_key: bool = False
    signals: Sequence[str] | None = None
    last: Effect | None = None

    def named(self, request_id: str) -> Asked:
        """The same with the id of the request that it came in."""
        return Asked(
            self.requests, self.subject, request_id, self.by_api_key, self.signals, self.last
        )


class Voice:
    """Says answers as JSON. A decision is one value however often it is given, so its words are made once."""

    def __init__(self, words: Callable[[Answer], bytes]) -> None:
        self._said: dict[Mode, Remembered[bytes]] = {
            "enforce": Remembered(lambda decision: words(Answer(decision, "enforce"))),
            "shadow": Remembered(lambda decision: words(Answer(decision, "shadow"))),
        }

    def say(self, answer: Answer) -> bytes:
        """One answer as JSON."""
        return self._said[answer.mode](answer.decision)


def enforcement_of(services: Services) -> Enforcement:
    """Who answers services here; Unavailable if nobody does."""
    if services.enforcement is None:
        raise Unavailable("this installation answers no services")
    return services.enforcement


def answer(call: Call, ask: Ask) -> tuple[Answer, ...]:
    """Answer the caller, the long way."""
    asked = ask.named(call.request_id)
    answers = enforcement_of(call.services).answer(caller_of(call), asked)
    count(answers)
    return answers


def caller_of(call: Call) -> ApiKey:
    """The key of a call that cannot be made without one."""
    if call.key is None:
        raise Unauthenticated("this asks for an API key")
    return call.key


def count(answers: Iterable[Answer]) -> None:
    """Count answers for Prometheus."""
    kinds = Counter([(a.decision.effect, a.decision.rule, a.mode, a.logged) for a in answers])
    for (effect, rule, mode, logged), times in kinds.items():
        metrics.decided(effect, rule, mode, times)
        if not logged:
            metrics.UNLOGGED.inc(times)


def json(body: bytes) -> Response:
    """An answer that is JSON already."""
    return Response(body, content_type=JSON)
