"""Answering services: decide, write the decision down, then answer.

What cannot be written down is not answered: the decision log raises, and the service hears that nothing can
be decided now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.access.keys import ApiKey, Mode
from engine.decisions.decision import Decision, Effect, Request
from engine.decisions.facts import NOTHING_OF_RECORD, RecordFacts
from engine.decisions.log import DecisionLog, Origin
from engine.decisions.service import DecisionService
from engine.enforcement.answer import Answer
from engine.enforcement.quick import QuickFacts


@dataclass(frozen=True, slots=True)
class Asked:
    """One or several requests about one person, as a service sent them.

    `request_id` is the correlation id: letters, digits, and `._-`. `by_api_key`: the person's own API key is
    at work, not the person after a login. `signals`: what their browser sends with this very request.
    `last`: the effect after which nothing more is asked. `record`: what is known of the single record.
    """

    requests: Sequence[Request]
    subject: str | None
    request_id: str
    by_api_key: bool = False
    signals: Sequence[str] | None = None
    last: Effect | None = None
    record: RecordFacts = NOTHING_OF_RECORD


class Enforcement:
    """Answers services, in one of two ways that say the same: quickly, or after asking the platform."""

    def __init__(self, decisions: DecisionService, quick: QuickFacts, log: DecisionLog) -> None:
        self._decisions = decisions
        self._quick = quick
        self._log = log

    def answer(self, caller: ApiKey, asked: Asked) -> tuple[Answer, ...]:
        """The answers in the order of the requests; each is in the log before this returns."""
        found = self._decisions.decide_all(
            asked.requests,
            asked.subject,
            by_api_key=asked.by_api_key,
            signals=asked.signals,
            record=asked.record,
        )
        return self._written(caller, asked, found)

    def answer_quickly(self, shown: str, asked: Asked) -> tuple[Answer, ...] | None:
        """The same for a known key (as it was shown) and a person lately seen; None where that is not so."""
        if asked.signals is not None:
            return None
        known = self._quick.ask(shown, asked.subject, by_api_key=asked.by_api_key)
        if known is None:
            return None
        decide = known.table.decide
        found = [decide(request, known.facts) for request in asked.requests]
        return self._written(known.caller, asked, found)

    def look(self, requests: Sequence[Request], subject: str | None) -> tuple[Decision, ...]:
        """What the policy says, for whoever looks around: nothing is logged, and nothing enforced."""
        return self._decisions.decide_all(requests, subject) if requests else ()

    def about(self, caller: ApiKey, asked: Asked, categories: Sequence[str]) -> dict[str, Answer]:
        """Answers by category: the one request of `asked` put for each of these instead of its own."""
        (shape,) = asked.requests
        requests = [replace(shape, category=category) for category in categories]
        answers = self.answer(caller, replace(asked, requests=requests)) if requests else ()
        return dict(zip(categories, answers, strict=True))

    @property
    def log(self) -> DecisionLog:
        """The decision log of this process."""
        return self._log

    def close(self) -> None:
        """Close what was opened, and let the shipper have what is left of the log."""
        self._quick.close()
        self._log.close()

    def _written(
        self, caller: ApiKey, asked: Asked, found: Sequence[Decision]
    ) -> tuple[Answer, ...]:
        mode = caller.mode
        if asked.last is not None:
            found = _up_to(asked.last, found, mode)
        origin = Origin(asked.request_id, caller.prefix, mode)
        logged = self._log.write(found, asked.subject, origin)
        return tuple([Answer(decision, mode, logged) for decision in found])


def _up_to(last: Effect, found: Sequence[Decision], mode: Mode) -> Sequence[Decision]:
    """The decisions up to the first that has this effect for the caller."""
    for number, decision in enumerate(found, 1):
        if Answer(decision, mode).effect == last:
            return found[:number]
    return found
