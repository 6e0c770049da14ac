"""The policy in Casbin: one line a rule, and once more one line a cell for its indexed enforcer."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import casbin
from casbin.model import FastModel

from bench.engines.prepared import Prepared
from bench.engines.rules import ACCOUNTS, REGIONS, Person, Question, Rule

MODEL = """
[request_definition]
r = operation, category, purpose, recipient, person

[policy_definition]
p = operation, category, purpose, recipient, consent, accounts, regions, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = r.operation == p.operation && {names} && holds(r.person, p.consent, p.accounts, p.regions)
"""
LISTED = " && ".join(f"among(r.{n}, p.{n})" for n in ("category", "purpose", "recipient"))
EXACT = " && ".join(f"r.{n} == p.{n}" for n in ("category", "purpose", "recipient"))
CELL = (0, 1, 2, 3)
"""Where a request and a line name the cell."""


def prepare(rules: list[Rule], questions: list[Question]) -> list[Prepared]:
    """`Enforcer` over the rules as they are, `FastEnforcer` over a line for each cell they are about."""
    plain = casbin.Enforcer(_loaded(casbin.Model(), LISTED))
    indexed = casbin.FastEnforcer(_loaded(FastModel(CELL), EXACT), cache_key_order=CELL)
    _fill(plain, [_line(rule, *_listed(rule)) for rule in rules])
    # The same cell under the same conditions needs no second line.
    _fill(indexed, dict.fromkeys(_line(rule, *cell) for rule in rules for cell in rule.cells))
    asked = [(_cell(question), question.person) for question in questions]
    return [
        Prepared("pycasbin", _asking(plain), asked, bool),
        Prepared("pycasbin, a line a cell", _asking(indexed), asked, bool),
    ]


def _loaded(model: Any, names: str) -> Any:
    model.load_model_from_text(MODEL.format(names=names))
    return model


def _fill(enforcer: Any, lines: Iterable[tuple[str, ...]]) -> None:
    enforcer.add_function("among", _among)
    enforcer.add_function("holds", _holds)
    enforcer.add_policies([list(line) for line in lines])


def _asking(enforcer: Any) -> Any:
    def ask(cell: tuple[str, str, str, str], person: Person) -> Any:
        return enforcer.enforce(*cell, person)

    return ask


def _line(rule: Rule, *cell: str) -> tuple[str, ...]:
    accounts = ACCOUNTS if rule.needed_accounts is None else rule.needed_accounts
    regions = REGIONS if rule.regions is None else rule.regions
    effect = "allow" if rule.permits else "deny"
    return (*cell, rule.consent, ";".join(accounts), ";".join(regions), effect)


def _listed(rule: Rule) -> tuple[str, ...]:
    names = (rule.categories, rule.purposes, rule.recipients)
    return rule.operation, *(";".join(each) for each in names)


def _cell(question: Question) -> tuple[str, str, str, str]:
    return question.operation, question.category, question.purpose, question.recipient


def _holds(person: Person, consent: str, accounts: str, regions: str) -> bool:
    consented = not consent or consent in person.consents
    return consented and _among(person.account, accounts) and _among(person.region, regions)


def _among(name: str, listed: str) -> bool:
    return name in _names(listed)


@cache
def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split(";"))
