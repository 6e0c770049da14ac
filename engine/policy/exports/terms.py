"""The names that other vocabularies have: what a policy maps to must exist there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from engine.errors import did_you_mean
from engine.policy.findings import Finding, error
from engine.policy.policy import Policy
from engine.policy.vocabulary import Tree

_HERE = Path(__file__).parent


@cache
def dpv_terms() -> frozenset[str]:
    """Every name of DPV 2.3 that is known here, with its prefix: `pd:EmailAddress`."""
    return frozenset(_lines("dpv_terms.txt"))


@cache
def fides_terms(kind: str) -> frozenset[str]:
    """The keys of fideslang's default taxonomy, of one kind: data_category, data_use, data_subject."""
    pairs = (line.split() for line in _lines("fides_terms.txt"))
    return frozenset(key for of, key in pairs if of == kind)


def unknown_dpv(policy: Policy) -> list[Finding]:
    """Findings for each `dpv:` that is no name of the vocabulary."""
    trees = ((policy.categories, "categories"), (policy.purposes, "purposes"))
    return [f for tree, key in trees for f in _unknown(policy, tree, key, "dpv", dpv_terms())]


def unknown_fides(policy: Policy) -> list[Finding]:
    """Findings for each `fides:` that is no key of the default taxonomy."""
    trees = (
        (policy.categories, "categories", "data_category"),
        (policy.purposes, "purposes", "data_use"),
    )
    return [
        f
        for tree, key, kind in trees
        for f in _unknown(policy, tree, key, "fides", fides_terms(kind))
    ]


def _unknown(
    policy: Policy, tree: Tree, key: str, attribute: str, known: frozenset[str]
) -> Iterator[Finding]:
    for term in tree:
        told = term.get(attribute)
        if told is not None and told not in known:
            message = f"no {attribute} name `{told}`{did_you_mean(told, sorted(known))}"
            where = policy.sources.at("vocabulary.yaml", key, *term.name.split("."), attribute)
            yield error("UNKNOWN_NAME", message, where)


def _lines(name: str) -> Iterator[str]:
    for line in (_HERE / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line
