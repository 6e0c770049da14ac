"""Which of a person's data can be corrected by their request, and the edits that do it. Pure.

Corrected is what the person told us and what stands in their own row. Records of what happened (calls,
payments, logs) are annotated, never edited; nor are states, keys and secrets changed this way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from engine.datamap.directory import EMAIL
from engine.datamap.model import Dataset
from engine.errors import InvalidInput, UnknownName
from engine.policy.policy import Policy
from engine.ports import TableShape
from engine.rights.disclosure import is_secret

_LONGEST = 2000
_SIZE = re.compile(r"char(?:acter)?(?: varying)?\s*\(\s*([0-9]+)\s*\)")
_WHOLE = ("int", "serial")


@dataclass(frozen=True, slots=True)
class Correction:
    """The fields of the person's own row that a category stands for, and their new value."""

    category: str
    fields: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What can be corrected, and why the rest cannot (category -> reason)."""

    corrections: tuple[Correction, ...]
    refused: Mapping[str, str]


def judge(
    policy: Policy, spec: Dataset, shape: TableShape | None, details: Mapping[str, Any]
) -> Verdict:
    """Look at each {category: new value}.

    Raises InvalidInput for what the person can mend: nothing asked, or a value that the field cannot hold;
    UnknownName for a category that the policy does not have.
    """
    if not details:
        raise InvalidInput("say what is to be corrected, as in `{account.email: …}`", "details")
    found, refused = [], {}
    for category, value in details.items():
        if category not in policy.categories.leaves:
            raise UnknownName("category", category, policy.categories.leaves)
        fields = tuple(_fields(spec, category))
        reason = _unfit(policy, spec, category, fields)
        if reason:
            refused[category] = reason
            continue
        for field in fields:
            _check(spec, shape, category, field, value)
        found.append(Correction(category, fields, value))
    return Verdict(tuple(found), refused)


def correctable(policy: Policy, spec: Dataset) -> tuple[str, ...]:
    """The categories that a person may correct: for a form."""
    leaves = dict.fromkeys(use.category for use in spec.fields.values() if use.category)
    return tuple(
        leaf for leaf in leaves if not _unfit(policy, spec, leaf, tuple(_fields(spec, leaf)))
    )


def _fields(spec: Dataset, category: str) -> Iterator[str]:
    return (path for path, use in spec.fields.items() if use.category == category)


def _unfit(policy: Policy, spec: Dataset, category: str, fields: tuple[str, ...]) -> str | None:
    if not fields:
        return "these are records of what happened, which are not edited; your request is kept with them"
    sources = {
        source
        for rule in policy.collection
        if not rule.denies and category in policy.data_leaves(rule.data)
        for source in rule.source or ("person",)
    }
    if "person" not in sources:
        return (
            "this does not come from you; write to us if it is wrong, and an officer looks into it"
        )
    if any(field in _fixed(spec) or is_secret(field) for field in fields):
        return "this decides about your account, so an officer must look into it: write to us"
    return None


def _fixed(spec: Dataset) -> frozenset[str]:
    """What tells people apart, what is counted from, and what decides."""
    times = (field for time in spec.times.values() for field in time.fields)
    facts = (fact.field for fact in spec.facts.values() if fact.field)
    return frozenset((*spec.key, next(iter(spec.identities.values()), ""), *times, *facts))


def _check(spec: Dataset, shape: TableShape | None, category: str, field: str, value: Any) -> None:
    schema = _schema(spec, shape, field)
    try:
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(value)
    except ValidationError as error:
        raise InvalidInput(_WHY.get(str(error.validator), _ODD), f"details.{category}") from None


def _schema(spec: Dataset, shape: TableShape | None, field: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": _LONGEST}
    schema["pattern"] = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$"
    column = next((c for c in shape.columns if c.name == field), None) if shape else None
    if column is not None:
        size = _SIZE.search(column.type)
        schema["maxLength"] = int(size[1]) if size else _LONGEST
        if any(word in column.type for word in _WHOLE):
            schema["pattern"] = r"^-?[0-9]{1,18}$"
    if spec.identities.get(EMAIL) == field:
        schema["pattern"] = r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"
        schema["format"] = "email"
    return schema


_ODD = "this cannot be kept as it stands"
_WHY = {
    "type": "a new value is a text",
    "minLength": "a new value is needed",
    "maxLength": "this is too long",
    "pattern": "this is not written as it should be",
    "format": "this is not an e-mail address, such as name@example.com",
}
