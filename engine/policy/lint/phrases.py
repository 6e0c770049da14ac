"""Phrases that a rule looks for in the text: YAML lists beside the rule, by language.

English phrases match whole words, and any run of spaces matches any other; a phrase in small letters
matches in any case, one with capitals only as it is written. Languages without spaces match anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from engine.policy.clauses import Clause
from engine.policy.policy import Policy
from engine.policy.source import read_file

_HERE = Path(__file__).parent


def found_in(words: str, rule: str, part: str) -> tuple[str, ...]:
    """The phrases of one list that occur in words, each once, as they are written there."""
    folded = words.lower()
    if not any(first in folded for first in _firsts(rule, part)):
        return ()
    hits = (hit.group(0) for hit in _pattern(rule, part).finditer(words))
    return tuple({hit.lower(): hit for hit in hits}.values())


def promising(policy: Policy) -> Iterator[Clause]:
    """The clauses that promise something: those that are not declared informative."""
    for clause in policy.text.clauses:
        if clause.id not in policy.header.informative:
            yield clause


@cache
def _phrases(rule: str) -> dict[str, list[str]]:
    loaded: Any = read_file(_HERE / f"{rule}.yaml", f"{rule}.yaml").value
    return dict(loaded)


@cache
def _firsts(rule: str, part: str) -> frozenset[str]:
    """The first word of each phrase: where none occurs, the slower search is not needed."""
    return frozenset(phrase.split()[0].lower() for phrase in _phrases(rule)[part])


@cache
def _pattern(rule: str, part: str) -> re.Pattern[str]:
    return re.compile("|".join(_one(phrase) for phrase in _phrases(rule)[part]))


def _one(phrase: str) -> str:
    body = r"\s+".join(re.escape(word) for word in phrase.split())
    bounded = rf"\b{body}\b" if phrase.isascii() else body
    return f"(?i:{bounded})" if phrase == phrase.lower() else bounded
