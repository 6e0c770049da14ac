"""What a lint rule may look at besides the policy, and what every lint rule is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from engine.datamap.map import DataMap
from engine.policy.findings import Finding, Position, Severity
from engine.policy.locks import Lock
from engine.policy.models import Accepted
from engine.policy.policy import Policy
from engine.policy.text_places import place_of


@dataclass(frozen=True, slots=True)
class Context:
    """`today` is the local day in the policy's zone; `before` is the version that this one follows, and
    `lock` what was published of it, if there are any. `matched` is filled after the other rules have run:
    which findings each acceptance (by its place in `policy.yaml`) was applied to."""

    today: date
    datamap: DataMap | None = None
    before: Policy | None = None
    lock: Lock | None = None
    matched: Mapping[int, tuple[Finding, ...]] = field(default_factory=dict)


class LintRule(Protocol):
    """A lint rule is a module of this shape; `SEVERITY` is the worst that it raises."""

    CODE: str
    SEVERITY: Severity

    def check(self, policy: Policy, context: Context, /) -> Iterator[Finding]:
        """Everything that this rule finds wrong, in the order of the files."""
        ...


def in_text(policy: Policy, clause: str = "", words: str = "", language: str = "") -> Position:
    """The place of some words of a clause in the text, of the clause, or of the text's title.

    With a language, in that translation.
    """
    text = policy.translations[language] if language else policy.text
    file = policy.folder / (f"policy.{language}.md" if language else "policy.md")
    return place_of(text, str(file), clause, words)


def in_file(policy: Policy, file: str, *path: str | int) -> Position:
    """The place of a value in a file of the version; of the file that is missing, its beginning."""
    if file in policy.sources.documents:
        return policy.sources.at(file, *path)
    return Position(str(policy.folder / file))


def of_acceptance(policy: Policy, index: int) -> Position:
    """The place of an acceptance in `policy.yaml`."""
    return policy.sources.at("policy.yaml", "accepted", index, "finding")


def names(accepted: Accepted) -> str:
    """What an acceptance is about, in words: `` `VAGUE_TERM` (clause `3.b`) ``."""
    told = ", ".join(f"{key} `{value}`" for key, value in accepted.names().items())
    return f"`{accepted.finding}`" + (f" ({told})" if told else "")
