"""Recompute the ledger from its entries and say, for an officer, what does not fit. Pure.

An `Auditor` is shown every stored row in order and rebuilds the tree from the bodies alone; what
was stored beside them (leaf hashes, subtrees, the head, checkpoints) is only ever compared with
that.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import zip_longest
from typing import Any

from engine.audit.entries import stamp, unpack_hashes
from engine.audit.merkle import Edge, leaf_hash
from engine.audit.note import Checkpoint


class Damage(StrEnum):
    """The ways in which a ledger can fail to verify."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    REWRITTEN = "rewritten"
    TRUNCATED = "truncated"
    FORKED = "forked"
    FORGED = "forged"


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of damage: the first bad index (None when no entry is at fault) and what to read."""

    damage: Damage
    index: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome over `size` entries with the recomputed root; sound when nothing was found."""

    size: int
    root: bytes
    checkpoints: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Did everything fit?"""
        return not self.findings

    @property
    def first_bad(self) -> int | None:
        """The lowest index that any finding names."""
        return min((f.index for f in self.findings if f.index is not None), default=None)

    @property
    def sentence(self) -> str:
        """One sentence for an officer."""
        if self.findings:
            return f"the ledger does not verify: {self.findings[0].sentence}"
        compared = f"{self.checkpoints} checkpoint{'' if self.checkpoints == 1 else 's'}"
        return f"the ledger's {self.size} entries verify, and agree with {compared}"


@dataclass(frozen=True, slots=True)
class StoredRow:
    """An entry's row as it is found in the database, to be trusted in nothing."""

    position: int
    at: datetime | None
    kind: str
    subject: str | None
    body: bytes
    leaf_hash: bytes
    subtrees: bytes


class Auditor:
    """Rebuilds the tree row by row, to compare it with the stored `head` and, at `sizes`, with more."""

    def __init__(self, head: Edge, sizes: Collection[int]) -> None:
        self.edge = Edge()
        self._head = head
        self._roots: dict[int, bytes] = {0: self.edge.root}
        self._sizes = frozenset(sizes)
        self._next = 0
        self._findings: dict[Damage, Finding] = {}
        self._misplaced: tuple[int, int] | None = None
        self._displaced_seen = False

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found so far, the first of each kind of damage."""
        return tuple(self._findings.values())

    def see(self, row: StoredRow) -> None:
        """Take the next row, in order of position."""
        if row.position != self._next:
            self._report_gap(row.position)
        body = _parse(row.body)
        if leaf_hash(row.body) != row.leaf_hash:
            self._report_changed(row.position)
        elif not _columns_agree(row, body):
            self._report_relabelled(row.position)
        else:
            self._place(row.position, body["index"])
        self._grow(row)
        self._next = row.position + 1

    def finish(self) -> None:
        """Compare with the stored head."""
        surplus = self._next > self._head.size
        self._judge_places(surplus)
        if surplus:
            self._report_surplus(self._head.size)
        if self._next < self._head.size:
            self._report_cut_off(self._next, self._head.size)
        elif not self._findings and self._head != self.edge:
            self._report(
                Damage.REWRITTEN,
                max(self._head.size - 1, 0),
                "the ledger's recorded head does not fit its entries: the head or one of the last "
                "entries was rewritten",
            )

    def compare(self, checkpoints: Collection[Checkpoint]) -> None:
        """Compare with what was signed; the caller has verified the signatures."""
        agreed = 0
        for checkpoint in sorted(checkpoints, key=lambda item: item.size):
            if checkpoint.size > self.edge.size:
                self._report_shorter(checkpoint)
            elif self._roots[checkpoint.size] == checkpoint.root:
                agreed = checkpoint.size
            elif not self._explained(checkpoint.size):
                self._report_fork(agreed, checkpoint)

    def forged(self, sentence: str) -> None:
        """Note a checkpoint that cannot be believed."""
        self._report(Damage.FORGED, None, sentence)

    def _grow(self, row: StoredRow) -> None:
        self.edge, completed = self.edge.append(leaf_hash(row.body))
        listed = row.position < self._head.size
        if listed and not self._findings and b"".join(completed) != row.subtrees:
            self._report_rewritten(row, completed)
        if self.edge.size in self._sizes:
            self._roots[self.edge.size] = self.edge.root

    def _place(self, position: int, index: int) -> None:
        if self._misplaced is None and index != position:
            self._misplaced = (position, index)
        elif self._misplaced is not None and index == self._misplaced[0]:
            self._displaced_seen = True

    def _judge_places(self, surplus: bool) -> None:
        if self._misplaced is None:
            return
        position, index = self._misplaced
        if index < position:
            self._report(
                Damage.INSERTED,
                index,
                f"an entry was inserted: two entries claim to be number {index}",
            )
        elif not self._displaced_seen:
            self._report(
                Damage.REMOVED,
                position,
                f"entry {position} was removed and later ones renumbered: "
                f"number {index} stands in its place",
            )
        elif surplus:
            self._report(
                Damage.INSERTED, position, f"a foreign entry was inserted as number {position}"
            )
        else:
            self._report(
                Damage.REORDERED,
                position,
                f"entries were reordered: number {index} stands in the place of number {position}",
            )

    def _explained(self, size: int) -> bool:
        """Does a finding name an exact entry among the first `size` already?"""
        return any(f.index is not None and f.index < size for f in self._findings.values())

    def _report(self, damage: Damage, index: int | None, sentence: str) -> None:
        self._findings.setdefault(damage, Finding(damage, index, sentence))

    def _report_changed(self, index: int) -> None:
        self._report(
            Damage.CHANGED,
            index,
            f"entry {index} was changed after it was written: its text no longer has its hash",
        )

    def _report_relabelled(self, index: int) -> None:
        self._report(
            Damage.CHANGED,
            index,
            f"entry {index} was relabelled: its kind, time or subject is not what its text says",
        )

    def _report_rewritten(self, row: StoredRow, completed: Sequence[bytes]) -> None:
        stored = unpack_hashes(row.subtrees)
        pairs = enumerate(zip_longest(completed, stored), start=1)
        level = next(level for level, (ours, theirs) in pairs if ours != theirs)
        first = max(row.position + 1 - (1 << level), 0)
        self._report(
            Damage.REWRITTEN,
            first,
            f"an entry between {first} and {row.position} was rewritten together with its hash: "
            "it does not fit the tree recorded over it",
        )

    def _report_gap(self, found: int) -> None:
        if found < self._next:
            self._report(Damage.INSERTED, found, f"an entry was inserted as number {found}")
            return
        missing = _span(self._next, found - 1)
        self._report(Damage.REMOVED, self._next, f"{missing} removed from the middle")

    def _report_surplus(self, size: int) -> None:
        self._report(
            Damage.INSERTED,
            size,
            f"an entry was inserted past the end: the recorded head counts {size} entries",
        )

    def _report_cut_off(self, count: int, size: int) -> None:
        self._report(
            Damage.TRUNCATED, count, f"the end was cut off: {_span(count, size - 1)} missing"
        )

    def _report_shorter(self, checkpoint: Checkpoint) -> None:
        self._report(
            Damage.TRUNCATED,
            self.edge.size,
            f"the end was cut off: a checkpoint was signed over {checkpoint.size} entries, "
            f"and {self.edge.size} are left",
        )

    def _report_fork(self, agreed: int, checkpoint: Checkpoint) -> None:
        self._report(
            Damage.FORKED,
            agreed,
            f"history was rewritten: the entries from {agreed} to {checkpoint.size - 1} are not "
            f"those that the checkpoint at {checkpoint.size} was signed over",
        )


def _span(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"


def _parse(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _columns_agree(row: StoredRow, body: dict[str, Any]) -> bool:
    labels = {"at": row.at and stamp(row.at), "kind": row.kind, "subject": row.subject}
    return isinstance(body.get("index"), int) and all(
        body.get(key) == value for key, value in labels.items()
    )
