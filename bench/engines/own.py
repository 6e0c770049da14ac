"""The policy in Upheld's own files, and the floor: its answers worked out beforehand, one probe each."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from bench.engines.prepared import Prepared
from bench.engines.rules import Question, Rule, Size
from engine.decisions.decision import Decision, Request
from engine.decisions.encoding import Facts
from engine.decisions.facts import SubjectFacts
from engine.decisions.table import Table, compile_table
from tests.support.policies import policy

Asked = list[tuple[Request, Facts]]


def upheld(rules: list[Rule], size: Size, questions: list[Question]) -> Prepared:
    """The compiled table; a person's facts are encoded beforehand, as for any number of decisions."""
    table = _compiled(rules, size)
    asked = [(_request(question), table.facts(_about(question, size))) for question in questions]
    return Prepared("upheld", table.decide, asked, lambda decision: decision.permitted)


def floor(ours: Prepared) -> Prepared:
    """A function of the same signature that does one precomputed probe, by everything that was asked."""
    known = {_key(request, facts): ours.ask(request, facts) for request, facts in ours.asked}

    def probe(request: Request, facts: Facts) -> Decision:
        return known[
            request.operation, request.category, request.purpose, request.recipient, facts.bits
        ]

    return Prepared("one precomputed probe", probe, ours.asked, ours.permits)


def _key(request: Request, facts: Facts) -> tuple[str, str, str, str, int]:
    return request.operation, request.category, request.purpose, request.recipient, facts.bits


def _compiled(rules: list[Rule], size: Size) -> Table:
    written = {
        "categories": {name: {} for name in size.names("category")},
        "purposes": {name: {} for name in size.names("purpose")},
        "recipients": {name: {} for name in size.names("recipient")},
        "choices": [{"id": name, "ask": "May we?"} for name in size.names("consent")],
        "use": [_written(rule) for rule in rules if rule.operation == "use"],
        "sharing": [_written(rule) for rule in rules if rule.operation == "share"],
    }
    with tempfile.TemporaryDirectory() as folder:
        return compile_table(policy(Path(folder), **written))


def _written(rule: Rule) -> dict[str, Any]:
    guard = {"account": rule.accounts, "region": rule.regions}
    when = {name: list(values) for name, values in guard.items() if values is not None}
    return {
        "id": rule.id,
        "data": list(rule.categories),
        "for": list(rule.purposes),
        **({"with": list(rule.recipients)} if rule.recipients else {}),
        **({"when": when} if when else {}),
        **({"basis": rule.basis} if rule.permits else {"allow": "never"}),
        **({"choice": rule.consent} if rule.consent else {}),
    }


def _request(question: Question) -> Request:
    return Request(question.operation, question.category, question.purpose, question.recipient)


def _about(question: Question, size: Size) -> SubjectFacts:
    """Everything is known, and nothing is objected to or restricted."""
    person = question.person
    return SubjectFacts(
        subject="customer",
        region=person.region,
        account=person.account,
        age=30,
        choices={name: name in person.consents for name in size.names("consent")},
        explicit=frozenset(),
        signals=frozenset(),
        objections=frozenset(),
        restricted=False,
    )
