"""Read files of tests, and find the names in them that a version does not have, all in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.datamap.map import DataMap
from engine.errors import did_you_mean
from engine.policy.cases.given import Given
from engine.policy.cases.models import (
    ROW,
    CaseFile,
    CookieCase,
    DeadlineCase,
    DecisionCase,
    GateCase,
    RetentionCase,
)
from engine.policy.citations import kind_of
from engine.policy.findings import Finding, error
from engine.policy.policy import Policy
from engine.policy.source import Document, Key, read_file
from engine.policy.validate import validate


@dataclass(frozen=True)
class LoadedCases:
    """A file of tests, or None when it cannot be used; its document, and what is wrong with it."""

    file: CaseFile | None
    document: Document
    findings: tuple[Finding, ...] = ()


def load_cases(path: Path) -> LoadedCases:
    """Read one file of tests; what is wrong is in `findings`, never an exception."""
    document = read_file(path, str(path))
    if document.findings:
        return LoadedCases(None, document, document.findings)
    file, wrong = validate(CaseFile, document.value, document)
    return LoadedCases(file, document, tuple(wrong))


def check_cases(
    loaded: LoadedCases, policy: Policy, datamap: DataMap | None = None
) -> tuple[Finding, ...]:
    """Findings for each name that the version, or the data map beside it, does not declare."""
    if loaded.file is None:
        return ()
    names = _Names(policy, datamap)
    return tuple(
        error("UNKNOWN_NAME", f"no {used.kind} `{used.name}`{near}", loaded.document.at(*used.path))
        for used in _used(loaded.file, names)
        if used.name not in used.known
        for near in [did_you_mean(used.name, used.known)]
    )


@dataclass(frozen=True, slots=True)
class _Used:
    """A name that a file uses, what it must be, and where it stands."""

    kind: str
    name: str
    known: tuple[str, ...]
    path: tuple[Key, ...]

    def below(self, *path: Key) -> _Used:
        return _Used(self.kind, self.name, self.known, (*path, *self.path))


@dataclass(frozen=True)
class _Names:
    """The names that a version and its data map declare."""

    policy: Policy
    datamap: DataMap | None

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(self.policy.categories.terms)

    @property
    def purposes(self) -> tuple[str, ...]:
        return tuple(self.policy.purposes.terms)

    @property
    def recipients(self) -> tuple[str, ...]:
        return tuple(self.policy.recipients.terms)

    @property
    def choices(self) -> tuple[str, ...]:
        return tuple(choice.id for choice in self.policy.consent.choices)

    @property
    def datasets(self) -> tuple[str, ...]:
        return tuple(self.datamap.datasets) if self.datamap else ()

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(self.policy.hold_reasons())

    def rules(self, *kinds: str) -> tuple[str, ...]:
        return tuple(rule.id for rule in self.policy.rules() if kind_of(rule) in kinds)

    def fields(self, dataset: str) -> tuple[str, ...]:
        spec = self.datamap.datasets.get(dataset) if self.datamap else None
        personal = [name for name, use in spec.fields.items() if use.category] if spec else []
        return (ROW, *personal)


def _used(file: CaseFile, names: _Names) -> Iterator[_Used]:
    yield from (used.below("given") for used in _given(file.given, names))
    for section, find in _SECTIONS.items():
        for number, case in enumerate(getattr(file, section)):
            for used in (
                *_given(Given().replaced_by(case.given), names, "given"),
                *find(case, names),
            ):
                yield used.below(section, number)


def _given(given: Given, names: _Names, *path: Key) -> Iterator[_Used]:
    if given.subject:
        yield _Used("subject", given.subject, names.policy.subjects, (*path, "subject"))
    for choice in given.choice or ():
        yield _Used("choice", choice, names.choices, (*path, "choice", choice))
    for index, choice in enumerate(given.explicit or ()):
        yield _Used("choice", choice, names.choices, (*path, "explicit", index))
    for index, purpose in enumerate(given.objected or ()):
        yield _Used("purpose", purpose, names.purposes, (*path, "objected", index))
    for index, category in enumerate(given.restricted_data or ()):
        yield _Used("category", category, names.categories, (*path, "restricted data", index))


def _decision(case: DecisionCase, names: _Names) -> Iterator[_Used]:
    yield _Used("category", case.category, names.categories, (case.operation,))
    if case.purpose:
        yield _Used("purpose", case.purpose, names.purposes, ("for",))
    if case.recipient:
        yield _Used("recipient", case.recipient, names.recipients, ("with",))
    if case.by:
        yield _Used("rule", case.by, names.rules("collection", "use", "sharing"), ("by",))
    if case.leaf:
        known = (*names.categories, *names.purposes, *names.recipients)
        yield _Used("category, purpose or recipient", case.leaf, known, ("leaf",))


def _retention(case: RetentionCase, names: _Names) -> Iterator[_Used]:
    if case.category:
        yield _Used("category", case.category, names.categories, ("category",))
    for index, reason in enumerate(case.held):
        yield _Used("reason for a hold", reason, names.reasons, ("held", index))
    if case.dataset and names.datamap is not None:
        yield _Used("dataset", case.dataset, names.datasets, ("dataset",))
        if case.dataset in names.datasets:
            for name in case.expect:
                yield _Used("personal field", name, names.fields(case.dataset), ("expect", name))


def _gate(case: GateCase, names: _Names) -> Iterator[_Used]:
    for index, choice in enumerate(case.asked or ()):
        yield _Used("choice", choice, names.choices, ("asked", index))
    for key, told in (("said", case.said), ("choices", case.choices or {})):
        for choice in told:
            yield _Used("choice", choice, names.choices, (key, choice))
    clauses = tuple(clause.id for clause in names.policy.text.clauses)
    for index, clause in enumerate(case.told or ()):
        yield _Used("clause", clause, clauses, ("told", index))


def _deadline(case: DeadlineCase, names: _Names) -> Iterator[_Used]:
    granted = tuple(rule.right for rule in names.policy.rights.rules)
    yield _Used("rule that grants the right", case.right, granted, ("right",))


def _cookie(case: CookieCase, names: _Names) -> Iterable[_Used]:
    if case.by:
        yield _Used("rule about cookies", case.by, names.rules("cookie"), ("by",))


_SECTIONS: dict[str, Callable[..., Iterable[_Used]]] = {
    "decisions": _decision,
    "retention": _retention,
    "gates": _gate,
    "deadlines": _deadline,
    "cookies": _cookie,
}
