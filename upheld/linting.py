"""Everything that can be found wrong with a version, and beside it, without opening a store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.errors import PolicyError, did_you_mean
from engine.policy.cases import check_cases, load_cases
from engine.policy.findings import Finding, error
from engine.policy.lint import lint
from engine.policy.load import load_policy
from engine.policy.locks import Lock
from engine.policy.policy import Policy
from engine.policy.versions import PolicyFolder
from upheld.beside import datamap_at, datamap_beside
from upheld.settings import Settings


@dataclass(frozen=True, slots=True)
class Linted:
    """A version's folder and what is wrong with it; what is wrong beside it is told of every version."""

    folder: Path
    findings: tuple[Finding, ...]

    @property
    def blocked(self) -> bool:
        """Whether something stops the version from being published."""
        return any(finding.blocking for finding in self.findings)


def lint_version(folder: Path, settings: Settings, *, now: datetime) -> Linted:
    """Read a version, its data map, its tests and its lock, and lint it if it can be read."""
    loaded = load_policy(folder)
    beside = PolicyFolder(folder.parent)
    lock, wrong = _lock(beside, folder.name)
    found = [*loaded.findings, *wrong, *_cases(beside, folder.name, loaded.policy)]
    if loaded.policy is None:
        found += datamap_at(folder, settings).findings
    else:
        mapped = datamap_beside(loaded.policy, settings)
        today = now.astimezone(loaded.policy.header.zone).date()
        found += mapped.findings
        before = _before(beside, loaded.policy)
        found += lint(loaded.policy, today=today, datamap=mapped.map, before=before, lock=lock)
    return Linted(folder, tuple(sorted(found, key=lambda finding: finding.where)))


def _lock(beside: PolicyFolder, version: str) -> tuple[Lock | None, tuple[Finding, ...]]:
    try:
        return beside.lock(version), ()
    except PolicyError as problem:
        return None, problem.findings


def _before(beside: PolicyFolder, policy: Policy) -> Policy | None:
    """The version that this one follows; None if there is none that can be read."""
    try:
        earlier = beside.before(policy.version)
    except PolicyError:  # `_lock` tells what is wrong with `published.yaml`
        return None
    return load_policy(beside.folder / earlier).policy if earlier else None


def _cases(beside: PolicyFolder, version: str, policy: Policy | None) -> Iterator[Finding]:
    """What is wrong with the policy's own tests: those of this version, and those of none."""
    names = beside.names()
    for path in sorted((beside.folder / "tests").glob("*.yaml")):
        loaded = load_cases(path)
        yield from loaded.findings
        if loaded.file is None:
            continue
        for wanted in loaded.file.version:
            if wanted not in names:
                message = f"no version `{wanted}`{did_you_mean(wanted, names)}"
                yield error("UNKNOWN_NAME", message, loaded.document.at("version"))
        if version in loaded.file.version and policy is not None:
            yield from check_cases(loaded, policy)
