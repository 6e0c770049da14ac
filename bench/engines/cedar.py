"""The policy in Cedar: one policy a rule, each person an entity with attributes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import cedarpy

from bench.engines.prepared import Prepared
from bench.engines.rules import Person, Question, Rule


def prepare(rules: list[Rule], questions: list[Question]) -> list[Prepared]:
    """cedarpy's documented fast way: a parsed `PolicySet`, and parsed `Entities` for each person."""
    policies = cedarpy.PolicySet.from_str("\n".join(_policy(rule) for rule in rules))
    asked = [(_request(question), _entities(question.person)) for question in questions]

    def ask(request: dict[str, Any], people: Any) -> Any:
        return cedarpy.is_authorized(request, policies, people)

    return [Prepared("cedarpy", ask, asked, lambda result: bool(result.allowed))]


def _policy(rule: Rule) -> str:
    effect = "permit" if rule.permits else "forbid"
    scope = f'principal, action == Action::"{rule.operation}", resource'
    return f"{effect} ({scope}) when {{ {' && '.join(_conditions(rule))} }};"


def _conditions(rule: Rule) -> Iterable[str]:
    yield _among("resource", rule.categories, "Category::")
    yield _among("context.purpose", rule.purposes)
    if rule.recipients:
        yield _among("context.recipient", rule.recipients)
    if rule.consent:
        yield f'principal.consents.contains("{rule.consent}")'
    if rule.needed_accounts is not None:
        yield _among("principal.account", rule.needed_accounts)
    if rule.regions is not None:
        yield _among("principal.region", rule.regions)


def _among(what: str, names: Iterable[str], kind: str = "") -> str:
    listed = ", ".join(f'{kind}"{name}"' for name in names)
    return f"[{listed}].contains({what})"


def _request(question: Question) -> dict[str, Any]:
    return {
        "principal": {"type": "Person", "id": question.person.id},
        "action": {"type": "Action", "id": question.operation},
        "resource": {"type": "Category", "id": question.category},
        "context": {"purpose": question.purpose, "recipient": question.recipient},
    }


def _entities(person: Person) -> Any:
    told = {
        "uid": {"type": "Person", "id": person.id},
        "attrs": {
            "account": person.account,
            "region": person.region,
            "consents": sorted(person.consents),
        },
        "parents": [],
    }
    return cedarpy.Entities.from_json_str(json.dumps([told]))
