"""Run a policy's own tests: what its officers expect, against what its rules say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.decisions.cases import run_decision_cases
from engine.decisions.table import compile_table
from engine.errors import PolicyError
from engine.policy.cases import CaseFile, check_cases, load_cases
from engine.policy.diff import stamps
from engine.policy.load import read_policy
from engine.policy.policy import Policy
from engine.policy.versions import PolicyFolder
from engine.retention.cases import run_retention_cases
from upheld.beside import names_of
from upheld.places import DATAMAP_FILE


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case of one file: what was not as expected, if anything."""

    file: str
    name: str
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether everything came as expected."""
        return not self.problems


def run_tests(folder: PolicyFolder) -> list[Outcome]:
    """Run every file of `tests/`. PolicyError when a file or its version cannot be used."""
    versions = {name: read_policy(folder.path(name)) for name in folder.names()}
    return [
        outcome
        for path in sorted((folder.folder / "tests").glob("*.yaml"))
        for outcome in _run_file(path, versions)
    ]


def _run_file(path: Path, versions: dict[str, Policy]) -> Iterator[Outcome]:
    loaded = load_cases(path)
    if loaded.file is None:
        raise PolicyError(f"{path} cannot be read", loaded.findings)
    policy = versions.get(loaded.file.version)
    if policy is None:
        raise PolicyError(f"{path}: no version `{loaded.file.version}`")
    findings = check_cases(loaded, policy)
    if findings:
        raise PolicyError(f"{path} names what the version does not have", findings)
    chain = [
        p
        for p in versions.values()
        if (p.effective, p.version) <= (policy.effective, policy.version)
    ]
    yield from _decisions(path.name, loaded.file, policy, chain)
    if loaded.file.retention:
        yield from _retention(path, loaded.file, chain)


def _retention(path: Path, cases: CaseFile, chain: list[Policy]) -> Iterator[Outcome]:
    map_file = path.parent.parent / DATAMAP_FILE
    datamap = names_of(map_file).map if map_file.exists() else None
    if datamap is None:
        raise PolicyError(f"{path} has retention cases, but {map_file} cannot be used")
    for result in run_retention_cases(cases, chain, datamap):
        yield Outcome(path.name, result.case.name, result.problems)


def _decisions(
    file: str, cases: CaseFile, policy: Policy, chain: list[Policy]
) -> Iterator[Outcome]:
    table = compile_table(policy, stamps(chain))
    for result in run_decision_cases(cases, table):
        yield Outcome(file, result.case.name, result.problems)
