"""Run a policy's own tests: what its officers expect, against what its rules say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from engine.consent.cases import run_cookie_cases, run_gate_cases
from engine.datamap.map import DataMap
from engine.decisions.cases import run_decision_cases
from engine.decisions.table import compile_table
from engine.errors import PolicyError, UnknownName, did_you_mean
from engine.policy.cases import CaseResult, Difference, LoadedCases, Tested, check_cases, load_cases
from engine.policy.citations import kind_of
from engine.policy.diff import stamps
from engine.policy.findings import Finding, Position, error
from engine.policy.load import read_policy
from engine.policy.models import Control
from engine.policy.policy import Policy
from engine.policy.versions import PolicyFolder
from engine.retention.cases import run_retention_cases
from engine.rights.deadline_cases import run_deadline_cases
from upheld.beside import names_of
from upheld.places import DATAMAP_FILE

AGREEMENT = Tested("agreement", "agreement")


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that was not met, and the place where it is written."""

    difference: Difference
    where: Position


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case of one file under one version: what was not as expected, if anything."""

    file: str
    kind: str
    name: str
    version: str
    where: Position
    failures: tuple[Failure, ...]
    exercised: frozenset[Tested] = frozenset()

    @property
    def passed(self) -> bool:
        """Whether everything came as expected."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class Unexercised:
    """A rule whose answer no case of its version rests on, and where the rule stands."""

    version: str
    rule: Tested
    where: Position


@dataclass(frozen=True)
class Report:
    """Every case, and what no case exercises, version by version.

    `every` holds the names of the rules that could be exercised, version by version; `untested` are versions
    without any test of their own.
    """

    outcomes: tuple[Outcome, ...]
    unexercised: tuple[Unexercised, ...]
    every: tuple[str, ...]
    untested: tuple[str, ...] = field(default=())

    @property
    def rules(self) -> int:
        """How many rules could be exercised; a rule that stands in two versions counts twice."""
        return len(self.every)

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The cases that did not come out as expected."""
        return tuple(outcome for outcome in self.outcomes if not outcome.passed)


def run_tests(folder: PolicyFolder) -> list[Outcome]:
    """Run every file of `tests/`. PolicyError when a file or its version cannot be used."""
    return list(report_tests(folder).outcomes)


def report_tests(folder: PolicyFolder) -> Report:
    """Run every file of `tests/`, and see which rules they exercise.

    PolicyError with everything that is wrong in any of the files, when one cannot be used.
    """
    suite = _Suite(folder)
    outcomes = tuple(suite.outcomes())
    missed: list[Unexercised] = []
    names: list[str] = []
    tested = {outcome.version for outcome in outcomes}
    for version in sorted(tested):
        done = {rule for o in outcomes if o.version == version for rule in o.exercised}
        every = dict(exercisable(suite.policies[version]))
        names += [rule.name for rule in every]
        missed += [
            Unexercised(version, rule, where) for rule, where in every.items() if rule not in done
        ]
    untested = tuple(version for version in suite.policies if version not in tested)
    return Report(outcomes, tuple(missed), tuple(names), untested)


def only(report: Report, *, words: str | None = None, rule: str | None = None) -> Report:
    """The cases with these words in their name or file, or that exercise this rule.

    UnknownName for a rule that no version has.
    """
    if rule is not None and rule not in report.every:
        raise UnknownName("rule", rule, report.every)
    chosen = tuple(
        outcome
        for outcome in report.outcomes
        if words is None or words.lower() in f"{outcome.file} {outcome.name}".lower()
        if rule is None or rule in {one.name for one in outcome.exercised}
    )
    return replace(report, outcomes=chosen)


def exercisable(policy: Policy) -> Iterator[tuple[Tested, Position]]:
    """Every rule that a case can exercise, with its place: all but controls, which the world must answer."""
    for rule in policy.rules():
        if not isinstance(rule, Control):
            yield Tested(kind_of(rule), rule.id), policy.sources.rule(rule.id)
    for number, choice in enumerate(policy.consent.choices):
        yield Tested("consent", choice.id), policy.sources.at("consent.yaml", "choices", number)
    if policy.consent.agreement:
        yield AGREEMENT, policy.sources.at("consent.yaml", "agreement")


class _Suite:
    """The tests of one policy's folder."""

    def __init__(self, folder: PolicyFolder) -> None:
        self._folder = folder
        self.policies = {name: read_policy(folder.path(name)) for name in folder.names()}

    def outcomes(self) -> Iterator[Outcome]:
        paths = sorted((self._folder.folder / "tests").glob("*.yaml"))
        files = [(path, load_cases(path)) for path in paths]
        wrong = [finding for path, loaded in files for finding in self._wrong(path, loaded)]
        if wrong:
            noun = "finding" if len(wrong) == 1 else "findings"
            raise PolicyError(f"{len(wrong)} {noun} in the tests", wrong)
        for path, loaded in files:
            yield from self._of_file(path, loaded)

    def _wrong(self, path: Path, loaded: LoadedCases) -> Iterator[Finding]:
        yield from loaded.findings
        if loaded.file is None:
            return
        if self._datamap is None and any(case.dataset for case in loaded.file.retention):
            message = f"these cases are about datasets, but `{self._map_file}` cannot be used"
            yield error("NO_DATAMAP", message, loaded.document.at("retention"))
        told: dict[tuple[Position, str], Finding] = {}
        for number, version in enumerate(loaded.file.version):
            if version in self.policies:
                found = check_cases(loaded, self.policies[version], self._datamap)
                told |= {(finding.where, finding.message): finding for finding in found}
                continue
            where = loaded.document.at("version", number)
            near = did_you_mean(version, self.policies)
            yield error("UNKNOWN_NAME", f"no version `{version}`{near}", where)
        yield from told.values()

    @property
    def _map_file(self) -> Path:
        return self._folder.folder / DATAMAP_FILE

    @cached_property
    def _datamap(self) -> DataMap | None:
        return names_of(self._map_file).map if self._map_file.exists() else None

    def _of_file(self, path: Path, loaded: LoadedCases) -> Iterator[Outcome]:
        for version in loaded.file.version if loaded.file else ():
            for result in self._results(loaded, version):
                yield _outcome(path.name, version, result, loaded)

    def _results(self, loaded: LoadedCases, version: str) -> Iterator[CaseResult]:
        file, policy = loaded.file, self.policies[version]
        if file is None:
            return
        chain = self._chain(policy)
        if file.decisions:
            yield from run_decision_cases(file, compile_table(policy, stamps(chain)))
        yield from run_retention_cases(file, chain, self._datamap)
        yield from run_gate_cases(file, chain)
        yield from run_deadline_cases(file, policy)
        yield from run_cookie_cases(file, policy)

    def _chain(self, policy: Policy) -> Sequence[Policy]:
        """The versions up to this one, as if all had been published."""
        age = (policy.effective, policy.version)
        earlier = [p for p in self.policies.values() if (p.effective, p.version) <= age]
        return sorted(earlier, key=lambda p: (p.effective, p.version))


def _outcome(file: str, version: str, result: CaseResult, loaded: LoadedCases) -> Outcome:
    at = loaded.document.at
    failures = tuple(
        Failure(difference, at(*result.path, *difference.path)) for difference in result.differences
    )
    kind, where = str(result.path[0]), at(*result.path, "name")
    return Outcome(file, kind, result.name, version, where, failures, result.exercised)
