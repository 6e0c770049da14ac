"""The policy in Rego: one Rego rule a rule, and once more as data that is looked up by the cell."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import hobofan_regorus as regorus

from bench.engines.prepared import Prepared
from bench.engines.rules import ACCOUNTS, REGIONS, Question, Rule

HEAD = """package policy
import rego.v1
default permit := false
"""
WRITTEN = HEAD + "permit if { allowed; not denied }\n"
INDEXED = (
    HEAD
    + """
permit if {
  cell := data.cells[input.cell]
  some rule in cell.permits
  holds(rule)
  not denied(cell)
}
denied(cell) if {
  some rule in cell.denials
  holds(rule)
}
holds(rule) if {
  rule.consent in input.consents
  input.account in rule.accounts
  input.region in rule.regions
}
"""
)


def prepare(rules: list[Rule], questions: list[Question]) -> list[Prepared]:
    """An `Engine` with the parsed rules, and one with three rules over a table by the cell.

    The input is JSON that was written beforehand, which it takes faster than a dict.
    """
    written = regorus.Engine()
    written.add_policy("policy.rego", WRITTEN + "\n".join(_written(rule) for rule in rules))
    indexed = regorus.Engine()
    indexed.add_policy("policy.rego", INDEXED)
    indexed.add_data_json(json.dumps({"cells": _cells(rules)}))
    asked = [(json.dumps(_input(question)), None) for question in questions]
    return [
        Prepared("hobofan-regorus", _asking(written), asked, bool),
        Prepared("hobofan-regorus, a table", _asking(indexed), asked, bool),
    ]


def _asking(engine: Any) -> Any:
    def ask(told: str, _: None) -> Any:
        engine.set_input_json(told)
        return engine.eval_rule("data.policy.permit")

    return ask


def _written(rule: Rule) -> str:
    head = "allowed" if rule.permits else "denied"
    return f"{head} if {{\n  " + "\n  ".join(_conditions(rule)) + "\n}"


def _conditions(rule: Rule) -> Iterable[str]:
    yield f'input.operation == "{rule.operation}"'
    yield _among("input.category", rule.categories)
    yield _among("input.purpose", rule.purposes)
    if rule.recipients:
        yield _among("input.recipient", rule.recipients)
    if rule.consent:
        yield f'"{rule.consent}" in input.consents'
    if rule.needed_accounts is not None:
        yield _among("input.account", rule.needed_accounts)
    if rule.regions is not None:
        yield _among("input.region", rule.regions)


def _among(what: str, names: Iterable[str]) -> str:
    return f"{what} in {json.dumps(list(names))}"


def _cells(rules: list[Rule]) -> dict[str, dict[str, list[Any]]]:
    cells: dict[str, dict[str, list[Any]]] = {}
    for rule in rules:
        told = {
            "consent": rule.consent,
            "accounts": ACCOUNTS if rule.needed_accounts is None else rule.needed_accounts,
            "regions": REGIONS if rule.regions is None else rule.regions,
        }
        for cell in rule.cells:
            known = cells.setdefault(_address(*cell), {"permits": [], "denials": []})
            known["permits" if rule.permits else "denials"].append(told)
    return cells


def _address(*cell: str) -> str:
    return " ".join(cell)


def _input(question: Question) -> dict[str, Any]:
    person = question.person
    names = (question.operation, question.category, question.purpose, question.recipient)
    return {
        "cell": _address(*names),
        **dict(zip(("operation", "category", "purpose", "recipient"), names, strict=True)),
        "account": person.account,
        "region": person.region,
        # A rule of the table that asks for no consent asks for the empty one.
        "consents": ["", *sorted(person.consents)],
    }
