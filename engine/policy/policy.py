"""A policy version, loaded: its text, its words and its rules, with the place of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from engine.policy.findings import Position
from engine.policy.models import (
    CollectionRule,
    ConsentFile,
    Control,
    CookieRule,
    Header,
    HoldReason,
    RetentionRule,
    RightsFile,
    SharingRule,
    Statute,
    UseRule,
)
from engine.policy.models.common import EVERYONE, EVERYTHING, Cited
from engine.policy.source import Document, Key
from engine.policy.text import PolicyText
from engine.policy.vocabulary import Tree


@dataclass(frozen=True)
class Sources:
    """The documents that a policy was read from, and where each rule stands in them."""

    documents: Mapping[str, Document]
    rules: Mapping[str, tuple[str, tuple[Key, ...]]]

    def rule(self, rule_id: str, *path: Key) -> Position:
        """The place of a rule, or of a key within it."""
        file, start = self.rules[rule_id]
        return self.documents[file].at(*start, *path)

    def at(self, file: str, *path: Key) -> Position:
        """The place of a value in a file (the file's beginning if it is not there)."""
        document = self.documents.get(file)
        return document.at(*path) if document else Position(file)


@dataclass(frozen=True, eq=False)
class Policy:
    """One version of a policy. Everything in it is frozen; `digest` is the SHA-256 of all its files.

    Two loadings are two policies (compare digests), so that what follows from one can be remembered by it.
    """

    header: Header
    text: PolicyText
    translations: Mapping[str, PolicyText]
    subjects: tuple[str, ...]
    categories: Tree
    purposes: Tree
    recipients: Tree
    collection: tuple[CollectionRule, ...]
    use: tuple[UseRule, ...]
    sharing: tuple[SharingRule, ...]
    retention: tuple[RetentionRule, ...]
    holds: tuple[HoldReason, ...]
    consent: ConsentFile
    rights: RightsFile
    cookies: tuple[CookieRule, ...]
    controls: tuple[Control, ...]
    statutes: tuple[Statute, ...]
    sources: Sources
    digest: str
    folder: Path = field(default=Path())

    @property
    def name(self) -> str:
        """The policy's name, the same in every version."""
        return self.header.policy

    @property
    def version(self) -> str:
        """The version's name, which begins with its date."""
        return self.header.version

    @property
    def effective(self) -> date:
        """The first local day on which this version applies."""
        return self.header.effective

    def rules(self) -> Iterator[Cited]:
        """Every rule with an id of its own, in the order of the files."""
        yield from self.collection
        yield from self.use
        yield from self.sharing
        yield from self.retention
        yield from self.holds
        yield from self.rights.rules
        yield from self.cookies
        yield from self.controls

    def rule(self, rule_id: str) -> Cited:
        """A rule by its id; KeyError if there is none."""
        for rule in self.rules():
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)

    def hold_reasons(self) -> dict[str, tuple[str, ...]]:
        """What each reason for a hold is about: the entries of `holds:`, then the statutes."""
        reasons = {entry.id: entry.data for entry in self.holds}
        return reasons | {statute.id: statute.data for statute in self.statutes}

    def data_leaves(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The leaf categories that a rule's `data` stands for, in the vocabulary's order."""
        return leaves_of(self.categories, names, EVERYTHING)

    def purpose_leaves(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The leaf purposes that a rule's `for` stands for."""
        return leaves_of(self.purposes, names, EVERYTHING)

    def recipient_leaves(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The leaf recipients that a rule's `with` stands for."""
        return leaves_of(self.recipients, names, EVERYONE)


def leaves_of(tree: Tree, names: tuple[str, ...], all_word: str) -> tuple[str, ...]:
    """The leaves that names stand for, in the tree's order, each once."""
    if all_word in names:
        return tree.leaves
    return tree.leaves_under_any(tuple(names))
