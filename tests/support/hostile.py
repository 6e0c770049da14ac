"""Read damaged policies one after another: `python -m tests.support.hostile COUNT SEED` prints what it saw.

Each input is made from its number alone, so that one that fails can be made again. A process of its own,
because the most memory that was ever used is known of a whole process only.
"""

from __future__ import annotations

import json
import logging
import resource
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from random import Random

from engine.datamap.load import load_datamap
from engine.errors import PolicyError
from engine.policy.cases import check_cases, load_cases
from engine.policy.findings import Finding
from engine.policy.lint import lint
from engine.policy.load import load_policy, read_policy
from engine.policy.versions import PolicyFolder
from tests.support.mutations import mutant
from upheld.findings import as_dict, as_github, as_text
from upheld.sarif import as_sarif

ROOT = Path(__file__).parents[2]
POLICIES = (
    (ROOT / "policies" / "aicodewith", "2026-04-03"),
    (ROOT / "tests" / "end_to_end" / "clinic" / "policies" / "clinic", "2025-01-01"),
)
TODAY = date(2026, 11, 23)


@dataclass
class Seen:
    """What a run saw. Times are CPU seconds, of reading and of everything; `peak` is in MB."""

    inputs: int = 0
    usable: int = 0
    findings: int = 0
    slowest: float = 0.0
    slowest_input: str = ""
    peak: float = 0.0
    failures: list[str] = field(default_factory=list)


class Target:
    """A copy of one policy, whose files are damaged and mended again."""

    def __init__(self, policy: Path, version: str, folder: Path) -> None:
        self.root = folder / policy.name
        shutil.copytree(policy, self.root)
        self.version = self.root / version
        (self.root / "published.yaml").write_text(
            f'{version}: {{digest: {"0" * 64}, at: "2026-04-03T00:00:00Z", by: x}}\n',
            encoding="utf-8",
        )
        beside = [
            self.root / "datamap.yaml",
            self.root / "statutes.yaml",
            self.root / "published.yaml",
        ]
        self.files = [
            *(p for p in sorted(self.version.iterdir()) if p.suffix in (".yaml", ".md")),
            *(p for p in (*beside, *sorted((self.root / "tests").glob("*.yaml"))) if p.exists()),
        ]
        self.whole = {path: path.read_bytes() for path in self.files}
        self.policy = read_policy(self.version)

    def damaged(self, random: Random) -> Path:
        """Damage one file; returns it."""
        path, other = random.choice(self.files), random.choice(self.files)
        path.write_bytes(mutant(random, self.whole[path], self.whole[other]))
        return path

    def mend(self, path: Path) -> None:
        """Write the file as it was."""
        path.write_bytes(self.whole[path])


def read(target: Target, path: Path) -> tuple[list[Finding], bool]:
    """Read what a damaged file belongs to; the findings, and whether the policy can be used."""
    if path.name == "datamap.yaml":
        return list(load_datamap(path, {}).findings), False
    if path.name == "published.yaml":
        try:
            PolicyFolder(target.root).publications()
        except PolicyError as problem:
            return list(problem.findings), False
        return [], False
    if path.parent.name == "tests":
        loaded = load_cases(path)
        return [*loaded.findings, *check_cases(loaded, target.policy)], False
    found = load_policy(target.version)
    return list(found.findings), found.policy is not None


def survey(target: Target, path: Path, seen: Seen) -> float:
    """Read, lint and show; returns the CPU seconds of reading."""
    started = time.process_time()
    findings, usable = read(target, path)
    took = time.process_time() - started
    if usable:
        policy = load_policy(target.version).policy
        assert policy is not None
        findings += lint(policy, today=TODAY)
        seen.usable += 1
    for finding in findings:
        assert finding.message
        assert "".join(as_text(finding))
        json.dumps(as_dict(finding))
    list(as_github(findings))
    json.dumps(as_sarif(findings))
    seen.findings += len(findings)
    return took


def run(count: int, seed: int, progress: Callable[[Seen], None] = lambda _: None) -> Seen:
    """Damage and read so many times."""
    seen = Seen()
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        targets = [Target(policy, version, Path(folder)) for policy, version in POLICIES]
        for number in range(count):
            random = Random(f"{seed}:{number}")
            target = targets[0] if random.random() < 0.1 else targets[1]
            path = target.damaged(random)
            name = f"{seed}:{number} {path.name}"
            try:
                took = survey(target, path, seen)
            except Exception:  # noqa: BLE001  (that none comes is what is looked for)
                seen.failures.append(f"{name}\n{traceback.format_exc(limit=-4)}")
                took = 0.0
            target.mend(path)
            seen.inputs += 1
            if took > seen.slowest:
                seen.slowest, seen.slowest_input = took, name
            if number % 1000 == 999:
                progress(seen)
    seen.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return seen


def _tell(seen: Seen) -> None:
    sys.stderr.write(f"{asdict(seen)}\n")


if __name__ == "__main__":
    result = run(int(sys.argv[1]), int(sys.argv[2]), _tell)
    sys.stdout.write(json.dumps(asdict(result)))
