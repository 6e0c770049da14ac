"""A policy version as a table: the question's names find an entry, the person's facts find the answer.

`Table.decide` builds the key, probes one dict for the entry's answers, and probes those by the facts that
matter there. Everything else happens the first time a question is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product

from engine.decisions.decision import Decision, Request
from engine.decisions.encoding import Encoding, Facts
from engine.decisions.entries import CollectEntry, Entry, GroupEntry, LeafEntry, Written
from engine.decisions.facts import SubjectFacts
from engine.decisions.nearest import nearest
from engine.errors import Conflict, PolicyError, did_you_mean
from engine.policy.compiled.cells import (
    OPERATIONS,
    Cell,
    CellKey,
    Stamps,
    cells_of,
    facts_of_cells,
)
from engine.policy.compiled.limits import check_decidable
from engine.policy.policy import Policy
from engine.policy.vocabulary import Tree

MOST_ANSWERS = 4096
"""Answers kept for one question; beyond, they are forgotten and worked out again."""

Answers = dict[int, Decision]
Slots = dict[tuple[str, str, str, str], tuple[Answers, int]]
Decide = Callable[[Request, Facts], Decision]


def compile_table(policy: Policy, stamps: Stamps | None = None) -> Table:
    """Compile a version. `stamps` say what counts only after agreeing (`engine.policy.diff.stamps`).

    PolicyError if too many facts decide one cell, or a rule names a region that does not exist.
    """
    cells = cells_of(policy)
    findings = check_decidable(policy, cells)
    if findings:
        raise PolicyError(f"{findings[0].where}: {findings[0].message}", findings)
    return Table(policy, cells_of(policy, stamps) if stamps else cells)


class Table:
    """The decisions of one policy version."""

    def __init__(self, policy: Policy, cells: Mapping[CellKey, Cell]) -> None:
        self.policy = policy
        self.default_subject = policy.subjects[0]
        self.cells = cells
        self._encoding = Encoding(facts_of_cells(cells.values()))
        self._written = Written(policy.name, policy.version, policy.digest)
        self._leaves: dict[CellKey, LeafEntry] = {}
        self._entries: dict[CellKey, Entry] = {}
        self._slots: Slots = {}
        self.decide: Decide = _decider(self._slots, self._first_time)

    def with_default(self, about: SubjectFacts) -> SubjectFacts:
        """The policy's first subject is what a person is unless told otherwise."""
        return about if about.subject else replace(about, subject=self.default_subject)

    def facts(self, about: SubjectFacts) -> Facts:
        """Encode what is known of a person, once for any number of decisions by this table."""
        return self._encoding.encode(about)

    def refuse(self, request: Request, why: str) -> Decision:
        """A deny that no rule decided."""
        return self._written.default(request.key, None, "", (), why)

    def _first_time(self, request: Request, facts: Facts) -> Decision:
        """The slow path: an unknown name, a new question, or new facts."""
        if not self._encoding.understands(facts):
            raise Conflict("these facts were encoded for another version; encode them for this one")
        key = request.key
        if key not in self._entries:
            unknown = self.unknown(key)
            if unknown:
                return self.refuse(request, unknown)
            self._enter(key)
        answers, mask = self._slots[key]
        if len(answers) >= MOST_ANSWERS:
            answers.clear()
        decision = self._entries[key].decide(facts.bits & mask)
        answers[facts.bits & mask] = decision
        return decision

    def _enter(self, key: CellKey) -> None:
        """Make the entry of a question whose names are all known."""
        entry = self._entry(key)
        self._entries[key] = entry
        self._slots[key] = ({}, entry.mask)

    def _entry(self, key: CellKey) -> Entry:
        keys = self.leaf_keys(key)
        if keys == [key]:
            return self._leaf_or_collect(key)
        return GroupEntry(key, [self._leaf_or_collect(leaf) for leaf in keys])

    def _leaf_or_collect(self, key: CellKey) -> Entry:
        if key.operation != "collect":
            return self._leaf(key)
        uses = [
            self._leaf(other)
            for other in self.cells
            if other.operation != "collect"
            and other.category == key.category
            and (key.purpose == other.purpose or (not key.purpose and self._is_use(other.purpose)))
        ]
        return CollectEntry(self._leaf(CellKey("collect", key.category)), uses, key)

    def _is_use(self, purpose: str) -> bool:
        """Whether a purpose is one to collect data for: answering for data one holds is none."""
        return str(self.policy.purposes.inherited(purpose, "is")) != "rights handling"

    def _leaf(self, key: CellKey) -> LeafEntry:
        if key not in self._leaves:
            cell = self.cells.get(key, Cell(key))
            near = None if cell.permits else nearest(self.policy, key)
            self._leaves[key] = LeafEntry(cell, near, self._encoding, self._written)
        return self._leaves[key]

    def leaf_keys(self, key: CellKey) -> list[CellKey]:
        """The leaf cells that a question is about, if all its names are known."""
        parts = (
            self.policy.categories.leaves_under(key.category),
            self.policy.purposes.leaves_under(key.purpose) if key.purpose else ("",),
            self.policy.recipients.leaves_under(key.recipient) if key.recipient else ("",),
        )
        return [CellKey(key.operation, *names) for names in product(*parts)]

    def unknown(self, key: CellKey) -> str:
        """Why a question cannot be understood, or an empty string."""
        if key.operation not in OPERATIONS:
            return f"no operation `{key.operation}`{did_you_mean(key.operation, OPERATIONS)}"
        wanted = (
            (self.policy.categories, key.category, True),
            (self.policy.purposes, key.purpose, key.operation != "collect" or bool(key.purpose)),
            (self.policy.recipients, key.recipient, key.operation == "share"),
        )
        return next(filter(None, (_unknown_name(*each, key.operation) for each in wanted)), "")


def _unknown_name(tree: Tree, name: str, needed: bool, operation: str) -> str:
    if not needed:
        return f"`{operation}` takes no {tree.kind}; it was asked with `{name}`" if name else ""
    if not name:
        return f"the question names no {tree.kind}"
    return "" if name in tree else f"no {tree.kind} `{name}`{did_you_mean(name, tree.terms)}"


def _decider(slots: Slots, first_time: Decide) -> Decide:
    def decide(request: Request, facts: Facts) -> Decision:
        """Decide one request: the answer that was worked out for these facts, or a new one."""
        try:
            answers, mask = slots[
                request.operation, request.category, request.purpose, request.recipient
            ]
            return answers[facts.bits & mask]
        except KeyError:
            return first_time(request, facts)

    return decide
