"""Names across two versions: `formerly: old.name` says that a new name is an old one renamed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from engine.policy.compiled.cells import CellKey
from engine.policy.policy import Policy
from engine.policy.vocabulary import Tree


def former(old: Tree, new: Tree, name: str) -> str:
    """What a name was called in the version before: by its own `formerly`, or that of its nearest parent.

    A `formerly` that is still there a version later says nothing: the name was the same.
    """
    at = name
    while at:
        told = new[at].get("formerly") if at in new else None
        if told:
            before = str(told) + name[len(at) :]
            return name if name in old and before not in old else before
        at = at.rpartition(".")[0]
    return name


class Names:
    """The leaf names of a new version by those of the old one."""

    def __init__(self, old: Policy, new: Policy) -> None:
        self.categories = _later(old.categories, new.categories)
        self.purposes = _later(old.purposes, new.purposes)
        self.recipients = _later(old.recipients, new.recipients)
        self._old, self._new = old, new

    def former(self, key: CellKey) -> CellKey:
        """A new version's cell by its old names."""
        return CellKey(
            key.operation,
            former(self._old.categories, self._new.categories, key.category),
            former(self._old.purposes, self._new.purposes, key.purpose),
            former(self._old.recipients, self._new.recipients, key.recipient),
        )

    def later(self, key: CellKey) -> Iterator[CellKey]:
        """An old version's cell by its new names: several where one was split, none where it is gone."""
        for names in product(
            self.categories.get(key.category, ()),
            self.purposes.get(key.purpose, ()) if key.purpose else ("",),
            self.recipients.get(key.recipient, ()) if key.recipient else ("",),
        ):
            yield CellKey(key.operation, *names)


def _later(old: Tree, new: Tree) -> dict[str, tuple[str, ...]]:
    known = set(old.leaves)
    found: dict[str, list[str]] = {}
    for leaf in new.leaves:
        before = former(old, new, leaf)
        if before in known:
            found.setdefault(before, []).append(leaf)
    return {name: tuple(leaves) for name, leaves in found.items()}
