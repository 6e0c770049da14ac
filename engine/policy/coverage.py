"""Coverage, clause by clause: what enforces the text, on which data, and how firmly data is bound in time.

Grades of a clause: `enforced` (everything that cites it is done or checked by machine), `partly` (some of it
rests on people: an attestation, a warning that a caller must show, data that no dataset holds), `informative`
(promises nothing, with the officer's reason), `uncovered` (nothing cites it).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.datamap.map import DataMap
from engine.policy.bounds import Grade, bound_of, never_collected
from engine.policy.citations import Citation, citations
from engine.policy.clauses import Clause
from engine.policy.models import Control
from engine.policy.models.common import EVERYTHING
from engine.policy.policy import Policy
from engine.policy.vocabulary import covers

ClauseGrade = Literal["enforced", "partly", "informative", "uncovered"]


@dataclass(frozen=True, slots=True)
class ClauseCoverage:
    """One clause: what cites it, the datasets and adapters that this touches, and the grade.

    `reason` says why it is graded so, where that is not plain.
    """

    clause: Clause
    grade: ClauseGrade
    citations: tuple[Citation, ...] = ()
    datasets: tuple[str, ...] = ()
    adapters: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LeafCoverage:
    """How a leaf category is bound in time; `grade` is `never collected` where a prohibition keeps it out."""

    leaf: str
    grade: str
    rules: tuple[str, ...]
    stated: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """The whole version: its clauses in the order of the text, its leaf categories in the vocabulary's."""

    clauses: tuple[ClauseCoverage, ...]
    leaves: tuple[LeafCoverage, ...]

    @property
    def complete(self) -> bool:
        """Whether every clause is covered and every category is bound in time."""
        uncovered = any(row.grade == "uncovered" for row in self.clauses)
        return not uncovered and all(row.grade != str(Grade.NONE) for row in self.leaves)


def coverage(policy: Policy, datamap: DataMap | None = None) -> Coverage:
    """What enforces each clause, and what bounds each category. Without a data map, no data is looked for."""
    cited = citations(policy)
    clauses = (_of_clause(policy, datamap, c, cited.get(c.id, ())) for c in policy.text.clauses)
    return Coverage(
        tuple(clauses), tuple(_of_leaf(policy, leaf) for leaf in policy.categories.leaves)
    )


def _of_leaf(policy: Policy, leaf: str) -> LeafCoverage:
    if never_collected(policy, leaf):
        return LeafCoverage(leaf, "never collected", (), stated=True)
    bound = bound_of(policy, leaf)
    return LeafCoverage(leaf, str(bound.grade), tuple(r.id for r in bound.rules), bound.stated)


def _of_clause(
    policy: Policy, datamap: DataMap | None, clause: Clause, cited: tuple[Citation, ...]
) -> ClauseCoverage:
    if not cited:
        reason = policy.header.informative.get(clause.id)
        return ClauseCoverage(clause, "informative" if reason else "uncovered", reason=reason or "")
    datasets = _datasets(policy, datamap, cited)
    adapters = (
        {datamap.stores[datamap.datasets[name].store].adapter for name in datasets}
        if datamap
        else ()
    )
    weak = tuple(dict.fromkeys(reason for c in cited for reason in _weakness(policy, datamap, c)))
    grade: ClauseGrade = "partly" if weak else "enforced"
    return ClauseCoverage(clause, grade, cited, datasets, tuple(sorted(adapters)), "; ".join(weak))


def _datasets(
    policy: Policy, datamap: DataMap | None, cited: Sequence[Citation]
) -> tuple[str, ...]:
    if datamap is None:
        return ()
    leaves = {leaf for citation in cited for leaf in _leaves(policy, citation)}
    return tuple(name for name in datamap.datasets if leaves & _held(policy, datamap, name))


def _leaves(policy: Policy, citation: Citation) -> tuple[str, ...]:
    return policy.data_leaves(getattr(citation.rule, "data", ()))


def _held(policy: Policy, datamap: DataMap, name: str) -> set[str]:
    """The leaf categories that a dataset holds, in its fields or as its rows."""
    dataset = datamap.datasets[name]
    told = [use.category for use in dataset.fields.values() if use.category]
    if dataset.row:
        told.append(dataset.row)
    return {leaf for leaf in policy.categories.leaves if any(covers(c, leaf) for c in told)}


def _weakness(policy: Policy, datamap: DataMap | None, citation: Citation) -> Iterator[str]:
    """Why a citation alone does not enforce its clause."""
    rule = citation.rule
    if isinstance(rule, Control) and rule.attested_by:
        yield f"`{rule.id}` rests on the word of {rule.attested_by}"
    if citation.kind == "warning":
        yield f"`{citation.name}` makes callers warn; whether people heed it, nobody can check"
    if datamap and citation.kind == "retention" and EVERYTHING not in getattr(rule, "data", ()):
        held = {leaf for name in datamap.datasets for leaf in _held(policy, datamap, name)}
        missing = [leaf for leaf in _leaves(policy, citation) if leaf not in held]
        if missing:
            yield f"no dataset holds {', '.join(f'`{leaf}`' for leaf in missing)}"
