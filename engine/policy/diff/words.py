"""Names of a policy in an officer's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.policy.compiled.cells import CellKey
from engine.policy.policy import Policy
from engine.policy.vocabulary import Tree

_VERBS = {"collect": "collected", "use": "used", "share": "shared"}
_MOST = 6
"""More names than this in one sentence are counted instead."""


def done_to(policy: Policy, keys: Sequence[CellKey], may: str) -> str:
    """What may be done in these cells of one operation: "email address {may} be used for support"."""
    data = named(policy.categories, (key.category for key in keys), "all data")
    why = named(policy.purposes, (key.purpose for key in keys), "every purpose")
    whom = named(policy.recipients, (key.recipient for key in keys), "every recipient")
    with_whom = f" with {whom}" if whom else ""
    for_what = f" for {why}" if why else ""
    return f"{data} {may} be {_VERBS[keys[0].operation]}{with_whom}{for_what}"


def named(tree: Tree, leaves: Iterable[str], everything: str) -> str:
    """Leaves in words: a parent where all its leaves are meant, each name once."""
    wanted = tuple(dict.fromkeys(leaf for leaf in leaves if leaf))
    if not wanted:
        return ""
    if len(tree.leaves) > 2 and set(wanted) >= set(tree.leaves):
        return everything
    return listed([title(tree, name) for name in _compressed(tree, wanted)])


def title(tree: Tree, name: str) -> str:
    """What a name means; a recipient's own name; the name itself where the tree does not know it."""
    if name not in tree:
        return f"`{name}`"
    return str(tree[name].get("name") or tree[name].means)


def listed(names: Sequence[str]) -> str:
    """Names joined by "and", in quotation marks where a name itself holds a list."""
    if len(names) > _MOST:
        return f"{', '.join(_quoted(names[: _MOST - 1]))} and {len(names) - _MOST + 1} more"
    quoted = _quoted(names)
    return " and ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1] if quoted else "")))


def _quoted(names: Sequence[str]) -> list[str]:
    apart = (", ", ": ", " and ") if len(names) > 1 else (", ", ": ")
    return [f"“{name}”" if any(word in name for word in apart) else name for name in names]


def _compressed(tree: Tree, leaves: tuple[str, ...]) -> tuple[str, ...]:
    """Leaves, with each parent instead of its leaves where all of several are there."""
    result: dict[str, None] = {}
    for leaf in leaves:
        result[_widest(tree, leaf, set(leaves))] = None
    return tuple(result)


def _widest(tree: Tree, leaf: str, leaves: set[str]) -> str:
    widest, parent = leaf, leaf.rpartition(".")[0]
    while parent and parent in tree:
        below = tree.leaves_under(parent)
        if len(below) < 2 or not leaves.issuperset(below):
            break
        widest, parent = parent, parent.rpartition(".")[0]
    return widest
