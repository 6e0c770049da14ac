"""Facts as they are written on the command line: `account=active`, `choice:ID=on`, `restricted:ID=yes`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from engine.decisions.cases import facts_given
from engine.decisions.facts import SubjectFacts
from engine.decisions.table import Table, compile_table
from engine.errors import InvalidInput, UnknownName, did_you_mean
from engine.policy.cases import Given
from engine.policy.diff import stamps
from engine.policy.models.common import EVERYTHING
from engine.policy.policy import Policy
from upheld.which import Found

_LISTS = ("objected", "signal", "explicit")
_CHOICE = "choice"
_RESTRICTED = "restricted"
_DATA = "restricted data"
_ABOUT = {
    "subject": "a kind of subject of the policy",
    "region": "a country or region, such as DE or US-CA",
    "account": "active, suspended or cancelled",
    "age": "whole years",
    "explicit": "a choice that was given explicitly",
    "signal": "a signal of the browser, such as gpc",
    "objected": "a purpose",
    _RESTRICTED: "yes or no, of everything; or yes after a category: restricted:CATEGORY=yes",
    "agreed": "a version, yes (this one), or no",
    _CHOICE: "on or off, after the choice's id: choice:ID=on",
}


def table_given(found: Found, written: Iterable[str]) -> tuple[Table, SubjectFacts]:
    """The table of a version, as if its chain were published, and somebody's facts as they are written."""
    table = compile_table(found.policy, stamps(found.chain))
    return table, table.with_default(read_given(written, found.policy))


def read_given(written: Iterable[str], policy: Policy) -> SubjectFacts:
    """The facts; one that is not written is unknown. InvalidInput or UnknownName says which is wrong."""
    told: dict[str, Any] = {}
    for text in written:
        _take(told, text, policy)
    try:
        given = Given.model_validate(told)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        value = told[name]
        raise InvalidInput(f"`{name}={value}` is no fact: {name} is {_ABOUT[name]}", name) from None
    return facts_given(given, policy)


def _take(told: dict[str, Any], text: str, policy: Policy) -> None:
    name, equals, value = text.partition("=")
    kind, colon, which = name.partition(":")
    if not equals or kind not in _ABOUT or not _may_name(kind, bool(colon)):
        known = ", ".join(_ABOUT)
        raise InvalidInput(
            f"`{text}` is not a fact such as `account=active` or `choice:ID=on`"
            f"{did_you_mean(kind, _ABOUT) or f'; the facts are {known}'}"
        )
    if kind == _CHOICE:
        _known("choice", which, [choice.id for choice in policy.consent.choices])
        told.setdefault(_CHOICE, {})[which] = value
    elif colon:
        _known("category", which, [*policy.categories.terms, EVERYTHING])
        if value != "yes":
            raise InvalidInput(
                f"`{text}` is no fact: name what is restricted, as `restricted:{which}=yes`, "
                "beside `restricted=no` for all else"
            )
        told[_DATA] = (*told.get(_DATA, ()), which)
    elif kind in _LISTS:
        # `objected=` says that there is none, which is more than not knowing.
        told[kind] = (*told.get(kind, ()), *filter(None, [value]))
    else:
        told[kind] = policy.version if (kind, value) == ("agreed", "yes") else value
    if kind == "explicit" and value:
        _known("choice", value, [choice.id for choice in policy.consent.choices])
    if kind == "objected" and value:
        _known("purpose", value, policy.purposes.terms)
    if kind == "agreed" and value not in ("no", "yes") and value > policy.version:
        raise InvalidInput(
            f"nobody can have agreed to `{value}` before it: the policy is {policy.version}"
        )


def _may_name(kind: str, names_something: bool) -> bool:
    """A choice is always named, and a category may be that is restricted."""
    return kind == _RESTRICTED or names_something == (kind == _CHOICE)


def _known(kind: str, name: str, known: Iterable[str]) -> None:
    listed = list(known)
    if name not in listed:
        raise UnknownName(kind, name, listed)
