"""From a question that was read to an answer that is said: shared by the quick path and the app behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from flask import Response

from engine.decisions.decision import Decision, Request
from engine.enforcement.answer import Answer
from engine.enforcement.service import Asked
from engine.errors import Unavailable
from web import metrics
from web.api.operations import Call
from web.api.reading import JSON

MOST_SAID = 8192
"""Answers whose words are remembered; beyond, all are forgotten and made again."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One or several requests about one person, as they were read from a body."""

    requests: Sequence[Request]
    subject: str | None
    by_api_key: bool = False
    signals: Sequence[str] | None = None

    def named(self, request_id: str) -> Asked:
        """The same with the id of the request that it came in."""
        return Asked(self.requests, self.subject, request_id, self.by_api_key, self.signals)


class Voice:
    """Says answers as JSON. A decision is one value however often it is given, so its words are made once."""

    def __init__(self, words: Callable[[Answer], bytes]) -> None:
        self._words = words
        self._said: dict[tuple[int, str], tuple[Decision, bytes]] = {}

    def say(self, answer: Answer) -> bytes:
        """One answer as JSON."""
        key = (id(answer.decision), answer.mode)
        known = self._said.get(key)
        # The decision is kept beside its words, so that its id cannot come to mean another one.
        if known is not None and known[0] is answer.decision:
            return known[1]
        words = self._words(answer)
        if len(self._said) >= MOST_SAID:
            self._said.clear()
        self._said[key] = (answer.decision, words)
        return words


def answer(call: Call, ask: Ask) -> tuple[Answer, ...]:
    """Answer the caller, the long way."""
    if call.key is None or call.services.enforcement is None:
        raise Unavailable("this installation answers no services")
    answers = call.services.enforcement.answer(call.key, ask.named(call.request_id))
    count(answers)
    return answers


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
