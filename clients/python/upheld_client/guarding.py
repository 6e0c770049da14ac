"""What guards a view, whatever the framework: which questions it asks, and what is said to whom it keeps out.

Pure. `upheld_client.flask` and `upheld_client.fastapi` ask the questions and send what is said.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from upheld_client.answers import Decision, Gate
from upheld_client.calls import Operation, Question

log = logging.getLogger("upheld_client")

AGREEMENT = "agreement"
"""What `missing` says where the person has not agreed to a version that the permit needs."""


@dataclass(frozen=True, slots=True)
class Denial:
    """Who is kept out, and why: problem details (RFC 9457). `go_to` is where a person can settle it."""

    status: int
    kind: str
    title: str
    detail: str
    members: Mapping[str, Any] = field(default_factory=dict)
    go_to: str | None = None

    def problem(self) -> dict[str, Any]:
        """As JSON says it."""
        return {
            "type": f"urn:upheld:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }

    def redirects(self, accept: str) -> bool:
        """Is it a browser that asks, for a person who can settle it? `accept` is the header of that name."""
        return self.go_to is not None and "text/html" in accept.lower()


NO_ANSWER = Denial(
    503, "no-answer", "Service Unavailable", "whether this may be done cannot be found out now"
)


@dataclass(frozen=True, slots=True)
class Guard:
    """What a view does with a person's data.

    `meets`: the obligations that the view meets besides `log`, by their kind, such as `warn`. One that nobody
    meets makes a deny of a permit.
    """

    purpose: str
    categories: tuple[str, ...]
    operation: Operation = "use"
    recipient: str = ""
    by_api_key: bool = False
    meets: frozenset[str] = frozenset()

    @classmethod
    def over(
        cls,
        purpose: str,
        categories: Iterable[str],
        operation: Operation,
        recipient: str,
        by_api_key: bool,
        meets: Collection[str],
    ) -> Guard:
        """The guard of a view; ValueError for one that would guard nothing."""
        names = (categories,) if isinstance(categories, str) else tuple(categories)
        if not names:
            raise ValueError("a guard names at least one category")
        return cls(purpose, names, operation, recipient, by_api_key, frozenset(meets))

    def questions(self) -> list[Question]:
        """One for each category."""
        return [Question(self.operation, c, self.purpose, self.recipient) for c in self.categories]

    def denial(self, decisions: Sequence[Decision]) -> Denial | None:
        """Why the view may not run; None if it may. The first that stands against it counts."""
        for category, decision in zip(self.categories, decisions, strict=True):
            if decision.failure:
                return NO_ANSWER
            if not decision.permitted:
                return self._denied(category, decision)
            for duty in decision.obligations:
                if duty.partition(" ")[0] not in self.meets | {"log"}:
                    return self._unmet(category, decision, duty)
            log.info("upheld: %s permits `%s` for `%s`", decision.rule, category, self.purpose)
        return None

    def _denied(self, category: str, decision: Decision) -> Denial:
        members = {**self._about(category, decision), "missing": list(decision.missing)}
        return Denial(403, "denied", "Forbidden", decision.reason, members)

    def _unmet(self, category: str, decision: Decision, duty: str) -> Denial:
        detail = f"`{category}` may be had only with `{duty}`, which this page does not do"
        members = {**self._about(category, decision), "obligation": duty}
        return Denial(403, "obligation-not-met", "Forbidden", detail, members)

    def _about(self, category: str, decision: Decision) -> dict[str, Any]:
        return {
            "operation": self.operation,
            "category": category,
            "purpose": self.purpose,
            "recipient": self.recipient,
            "rule": decision.rule,
            "clauses": list(decision.clauses),
            "version": decision.version,
        }


def lacks_agreement(decisions: Iterable[Decision]) -> bool:
    """Is it for want of the person's agreement that something is denied?"""
    return any(AGREEMENT in one.missing for one in decisions if not one.permitted)


def held_up(gate: Gate) -> Denial | None:
    """Why a person may not go on; None if they may."""
    if gate.ok:
        return None
    if gate.failure:
        return NO_ANSWER
    members = {
        "outcome": gate.outcome,
        "version": gate.version,
        "told": list(gate.told),
        "go_to": gate.go_to,
    }
    detail = "the privacy policy asks for an answer first"
    return Denial(403, "held-up", "Forbidden", detail, members, gate.go_to)


def signals_in(sec_gpc: Iterable[str]) -> list[str] | None:
    """What a browser signals: Global Privacy Control is `Sec-GPC: 1`; among several, one exact 1 counts."""
    return ["gpc"] if any(value.strip() == "1" for value in sec_gpc) else None
