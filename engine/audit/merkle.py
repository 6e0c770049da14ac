"""The Merkle tree of RFC 6962 and RFC 9162, section 2.1: hashes, proofs and their verification. Pure.

A tree over `n` leaves is kept as its `Edge` (the perfect subtrees along its right side) and as the
perfect subtrees that each append completes. Every hash a proof needs is folded from O(log n) of
those, so neither an append nor a proof rehashes the ledger.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


class Node(NamedTuple):
    """A perfect subtree: `position` counts those of its `level` (2**level leaves) from the left."""

    level: int
    position: int


NodeReader = Callable[[Collection[Node]], Mapping[Node, bytes]]
"""Returns the hash of every node asked for."""


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 ‖ data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(peaks: Sequence[bytes]) -> bytes:
    """Return the root over perfect subtrees given largest (leftmost) first."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a tree: its size and the hashes of its maximal perfect subtrees, largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        """The hash of the whole tree."""
        return fold(self.peaks)

    def append(self, leaf: bytes) -> tuple[Edge, tuple[bytes, ...]]:
        """Return the edge with one more leaf, and the subtrees that it completes, from level 1 up."""
        peaks = list(self.peaks)
        completed: list[bytes] = []
        for _ in range(_trailing_ones(self.size)):
            leaf = node_hash(peaks.pop(), leaf)
            completed.append(leaf)
        return Edge(self.size + 1, (*peaks, leaf)), tuple(completed)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    edge = Edge()
    for leaf in leaves:
        edge, _ = edge.append(leaf)
    return edge.root


def cover(start: int, end: int) -> tuple[Node, ...]:
    """Return the perfect subtrees, largest first, that make up leaves `start` to `end` (exclusive).

    `start` must be a multiple of a power of two that is at least the length, as in every range that
    the proofs below name.
    """
    nodes = []
    for level in reversed(range((end - start).bit_length())):
        if (end - start) >> level & 1:
            done = (end - start) >> (level + 1) << (level + 1)
            nodes.append(Node(level, (start + done) >> level))
    return tuple(nodes)


def inclusion_ranges(index: int, size: int) -> tuple[tuple[int, int], ...]:
    """Return the leaf ranges whose roots prove that `index` is in a tree of `size` (RFC 9162, 2.1.3.1).

    Raises ValueError unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ValueError(f"entry {index} is not in a tree of {size}")
    start, end, ranges = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return tuple(reversed(ranges))


def consistency_ranges(size1: int, size2: int) -> tuple[tuple[int, int], ...]:
    """Return the leaf ranges whose roots prove that one tree extends the other (RFC 9162, 2.1.4.1).

    Raises ValueError unless 0 < size1 <= size2: nothing can be proved of an empty tree.
    """
    if not 0 < size1 <= size2:
        raise ValueError(f"a tree of {size2} cannot be proved to extend one of {size1}")
    start, end, ranges = 0, size2, []
    while end != size1:
        middle = start + _split(end - start)
        if size1 <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    return tuple(reversed(ranges))


def prove(ranges: Sequence[tuple[int, int]], read: NodeReader) -> tuple[bytes, ...]:
    """Return the root over each range, reading all the stored nodes they need at once."""
    found = read({node for span in ranges for node in cover(*span)})
    return tuple(fold([found[node] for node in cover(*span)]) for span in ranges)


def verify_inclusion(
    index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes
) -> bool:
    """Is `leaf` the entry `index` of the tree of `size` with this root? (RFC 9162, 2.1.3.2)"""
    if not 0 <= index < size:
        return False
    here, last = index, size - 1
    for sibling in path:
        if last == 0:
            return False
        if here & 1 or here == last:
            leaf = node_hash(sibling, leaf)
            here, last = _climb_to_right_child(here, last)
        else:
            leaf = node_hash(leaf, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and leaf == root


def verify_consistency(
    size1: int, size2: int, root1: bytes, root2: bytes, path: Sequence[bytes]
) -> bool:
    """Does the tree of `size2` extend the tree of `size1`? (RFC 9162, 2.1.4.2)

    A proof from size 0 is never valid.
    """
    if not 0 < size1 <= size2:
        return False
    if size1 == size2:
        return not path and root1 == root2
    hashes = [root1, *path] if size1 & (size1 - 1) == 0 else list(path)
    if not path or not hashes:
        return False
    return _replay_consistency(size1, size2, hashes) == (root1, root2)


def _replay_consistency(
    size1: int, size2: int, hashes: Sequence[bytes]
) -> tuple[bytes, bytes] | None:
    skipped = _trailing_ones(size1 - 1)
    here, last = (size1 - 1) >> skipped, (size2 - 1) >> skipped
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return None
        if here & 1 or here == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            here, last = _climb_to_right_child(here, last)
        else:
            new = node_hash(new, sibling)
        here, last = here >> 1, last >> 1
    return (old, new) if last == 0 else None


def _climb_to_right_child(here: int, last: int) -> tuple[int, int]:
    while here and not here & 1:
        here, last = here >> 1, last >> 1
    return here, last


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def _trailing_ones(number: int) -> int:
    return (~number & (number + 1)).bit_length() - 1
