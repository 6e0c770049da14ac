"""Questions and answers: may this be collected, used, shared?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from engine.policy.compiled.cells import CellKey
from engine.policy.models import Obligation

Effect = Literal["permit", "deny"]
Lacks = Literal["", "facts", "category", "purpose", "recipient"]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. `collect` needs no purpose (one narrows the question), and only `share` a recipient."""

    operation: str
    category: str
    purpose: str = ""
    recipient: str = ""

    @property
    def key(self) -> CellKey:
        """The address of the cell that is asked for."""
        return CellKey(self.operation, self.category, self.purpose, self.recipient)


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact that would have to be otherwise for a permit.

    `kind` and `values` say which fact, `wanted` which answer; `known` is False where the answer is unknown
    rather than contrary. `label` is short (`choice improve-with-my-usage`, `no objection`), `words` say it.
    """

    kind: str
    values: tuple[str, ...]
    wanted: bool
    known: bool
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer.

    `rule` and `clauses` are of the rule that decided, or where no rule did (a deny by default) of the nearest
    one; `lacks` then says what the nearest lacks, and `missing` which facts. For a request that names a
    parent, `leaves` are the answers one by one and `leaf` is the one that decided.
    """

    effect: Effect
    asked: CellKey
    rule: str
    clauses: tuple[str, ...]
    basis: str
    obligations: tuple[Obligation, ...]
    by_default: bool
    lacks: Lacks
    missing: tuple[Missing, ...]
    leaf: CellKey
    leaves: tuple[Decision, ...]
    policy: str
    version: str
    digest: str
    reason: str

    @property
    def permitted(self) -> bool:
        """Whether it may be done, with the obligations."""
        return self.effect == "permit"

    def as_dict(self) -> dict[str, Any]:
        """The decision as plain values, for JSON."""
        return {
            "effect": self.effect,
            "request": self.asked._asdict(),
            "rule": self.rule or None,
            "clauses": list(self.clauses),
            "basis": self.basis or None,
            "obligations": [str(obligation) for obligation in self.obligations],
            "by_default": self.by_default,
            "lacks": self.lacks or None,
            "missing": [_missing_dict(missing) for missing in self.missing],
            "leaf": self.leaf._asdict(),
            "leaves": [_leaf_dict(leaf) for leaf in self.leaves],
            "policy": {"name": self.policy, "version": self.version, "digest": self.digest},
            "reason": self.reason,
        }


def _missing_dict(missing: Missing) -> dict[str, Any]:
    return {
        "kind": missing.kind,
        "values": list(missing.values),
        "wanted": missing.wanted,
        "known": missing.known,
        "label": missing.label,
        "words": missing.words,
    }


def _leaf_dict(leaf: Decision) -> dict[str, Any]:
    return {
        "request": leaf.asked._asdict(),
        "effect": leaf.effect,
        "rule": leaf.rule or None,
        "clauses": list(leaf.clauses),
        "missing": [missing.label for missing in leaf.missing],
    }
