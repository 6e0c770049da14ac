"""Coverage, clause by clause: what enforces the text, on which data, and how firmly data is bound in time.

Grades of a clause: `enforced` (everything that cites it is done or checked by machine), `partly` (some of it
rests on people: an attestation, a warning that a caller must show, data that no dataset holds), `informative`
(promises nothing, with the officer's reason), `uncovered` (nothing cites it).

Text, rules and data map drift apart in both directions; `findings` are where they have. (A rule that cites a
clause which is gone is an error of reading the policy: there is nothing to cover then.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.datamap.map import DataMap
from engine.policy.bounds import Grade, bound_of, never_collected
from engine.policy.citations import Citation, citations
from engine.policy.clauses import Clause
from engine.policy.findings import Finding, Severity
from engine.policy.lint import (
    category_unmapped,
    clause_uncovered,
    datamap_mismatch,
    mapped_uncollected,
)
from engine.policy.lint.context import Context, LintRule
from engine.policy.models import Control
from engine.policy.models.common import EVERYTHING
from engine.policy.policy import Policy
from engine.policy.vocabulary import covers

ClauseGrade = Literal["enforced", "partly", "informative", "uncovered"]
GRADES: tuple[ClauseGrade, ...] = ("enforced", "partly", "informative", "uncovered")

_DRIFT: tuple[LintRule, ...] = (
    clause_uncovered,
    datamap_mismatch,
    mapped_uncollected,
    category_unmapped,
)


@dataclass(frozen=True, slots=True)
class Keeping:
    """One thing that keeps a clause, with the datasets and adapters that it touches.

    `weakness` says why it is not enough alone; empty where the machine does or checks it all.
    """

    citation: Citation
    datasets: tuple[str, ...] = ()
    adapters: tuple[str, ...] = ()
    weakness: str = ""

    @property
    def decision(self) -> str:
        """Who decided what the text leaves open, and why, as far as the rule says so."""
        return self.citation.rule.decision if self.citation.rule else ""


@dataclass(frozen=True, slots=True)
class ClauseCoverage:
    """One clause: what keeps it, and the grade. `reason`: why it is graded so, where that is not plain."""

    clause: Clause
    grade: ClauseGrade
    keeping: tuple[Keeping, ...] = ()
    reason: str = ""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What cites it, in the order of the files."""
        return tuple(kept.citation for kept in self.keeping)

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets that this touches, in the order of the data map."""
        return tuple(dict.fromkeys(name for kept in self.keeping for name in kept.datasets))

    @property
    def adapters(self) -> tuple[str, ...]:
        """The adapters that reach them."""
        return tuple(sorted({name for kept in self.keeping for name in kept.adapters}))

    @property
    def decisions(self) -> tuple[str, ...]:
        """Which rules rest on a decision besides the text: whose, and why."""
        told = (
            f"`{kept.citation.name}` decided {kept.decision}"
            for kept in self.keeping
            if kept.decision
        )
        return tuple(dict.fromkeys(told))


@dataclass(frozen=True, slots=True)
class LeafCoverage:
    """How a leaf category is bound in time; `grade` is `never collected` where a prohibition keeps it out."""

    leaf: str
    grade: str
    rules: tuple[str, ...]
    stated: bool


@dataclass(frozen=True, slots=True)
class Share:
    """How many clauses have a grade, and which part of all they are (0 to 1)."""

    grade: ClauseGrade
    clauses: int
    share: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """The whole version: its clauses in the order of the text, its leaf categories in the vocabulary's."""

    clauses: tuple[ClauseCoverage, ...]
    leaves: tuple[LeafCoverage, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether text, rules and map agree and every category is bound in time; a note is no obstacle."""
        drifted = any(finding.severity is not Severity.INFO for finding in self.findings)
        return not drifted and all(row.grade != str(Grade.NONE) for row in self.leaves)

    @property
    def shares(self) -> tuple[Share, ...]:
        """The clauses by grade, every grade named."""
        found = [row.grade for row in self.clauses]
        return tuple(
            Share(grade, found.count(grade), found.count(grade) / len(found) if found else 0.0)
            for grade in GRADES
        )


def coverage(policy: Policy, datamap: DataMap | None = None) -> Coverage:
    """What enforces each clause, and what bounds each category. Without a data map, no data is looked for."""
    cited = citations(policy)
    clauses = (_of_clause(policy, datamap, c, cited.get(c.id, ())) for c in policy.text.clauses)
    leaves = (_of_leaf(policy, leaf) for leaf in policy.categories.leaves)
    return Coverage(tuple(clauses), tuple(leaves), tuple(drift(policy, datamap)))


def drift(policy: Policy, datamap: DataMap | None) -> Iterator[Finding]:
    """Where text, rules and data map have drifted apart."""
    # None of these rules looks at the day.
    context = Context(policy.effective, datamap)
    for rule in _DRIFT:
        yield from rule.check(policy, context)


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
    keeping = tuple(_keeping(policy, datamap, citation) for citation in dict.fromkeys(cited))
    weak = dict.fromkeys(kept.weakness for kept in keeping if kept.weakness)
    return ClauseCoverage(clause, "partly" if weak else "enforced", keeping, "; ".join(weak))


def _keeping(policy: Policy, datamap: DataMap | None, citation: Citation) -> Keeping:
    datasets = _datasets(policy, datamap, citation)
    adapters = (
        {datamap.stores[datamap.datasets[name].store].adapter for name in datasets}
        if datamap
        else ()
    )
    weak = "; ".join(_weakness(policy, datamap, citation))
    return Keeping(citation, datasets, tuple(sorted(adapters)), weak)


def _datasets(policy: Policy, datamap: DataMap | None, citation: Citation) -> tuple[str, ...]:
    if datamap is None:
        return ()
    leaves = set(_leaves(policy, citation))
    return tuple(name for name in datamap.datasets if leaves & _held(policy, datamap, name))


def _leaves(policy: Policy, citation: Citation) -> Sequence[str]:
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
