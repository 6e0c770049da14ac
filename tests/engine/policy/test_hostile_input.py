"""Whatever a file holds, reading it ends with findings, never with a traceback, and soon."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.policy.findings import Finding
from engine.policy.load import load_policy
from tests.support.hostile import POLICIES, ROOT, Seen, run

FEW = 200
CAMPAIGN = 100_000
SEED = 20261123
MEGABYTE = 1_000_000
SECONDS, MEGABYTES = 1.0, 200.0
"""What reading one file may take at most: CPU time, and the memory of the whole process."""


def test_damaged_files_are_told_of_and_never_a_traceback() -> None:
    seen = run(FEW, SEED)
    assert seen.failures == []
    assert seen.inputs == FEW
    # Most damage is seen, and some files are still usable: both ways are tried.
    assert seen.findings > FEW
    assert 0 < seen.usable < FEW


@pytest.mark.campaign
def test_a_hundred_thousand_damaged_files_are_read_soon_and_in_little_memory() -> None:
    command = [sys.executable, "-m", "tests.support.hostile", str(CAMPAIGN), str(SEED)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    seen = Seen(**json.loads(done.stdout))
    assert seen.failures == []
    assert seen.inputs == CAMPAIGN
    assert seen.slowest <= SECONDS, seen.slowest_input
    assert seen.peak <= MEGABYTES


def _rule(number: int, data: str = "everything") -> str:
    return f"- {{id: r{number}, clause: 1.a, data: [{data}], for: [treat], basis: contract}}\n"


HUGE = {
    "one value": lambda size: "a" * size,
    "one list in one line": lambda size: "x: [" + "a, " * (size // 3) + "]",
    "brackets": lambda size: "[" * size,
    "closed brackets": lambda size: "[" * (size // 2) + "]" * (size // 2),
    "braces": lambda size: "{a: " * (size // 4),
    "dashes": lambda size: "- " * (size // 2),
    "short items": lambda size: "- a\n" * (size // 4),
    "keys": lambda size: "".join(f"k{n}: 1\n" for n in range(size // 10)),
    "the same key": lambda size: "a: 1\n" * (size // 5),
    "anchors": lambda size: "- &a b\n" * (size // 7),
    "bad rules": lambda size: "- {id: A B, clause: x, huh: 1}\n" * (size // 31),
    "long words": lambda size: f"- {{id: {'a' * (size // 2)}, clause: {'1' * (size // 2 - 20)}}}\n",
    "an open quote": lambda size: "x: '" + "a\n" * (size // 2),
    "good rules": lambda size: "".join(map(_rule, range(size // 300))),
    "unknown names": lambda size: "".join(_rule(n, "accout.emial") for n in range(size // 300)),
    "comments": lambda size: "#\n" * (size // 2),
}


@pytest.mark.parametrize("name", HUGE)
@pytest.mark.parametrize("file", ["use.yaml", "sharing.yaml"])
def test_a_megabyte_of_anything_is_refused_with_few_findings(
    tmp_path: Path, name: str, file: str
) -> None:
    findings = _with(tmp_path, file, HUGE[name](MEGABYTE))
    assert 0 <= len(findings) <= 250
    assert all(len(f.message) < 1000 for f in findings)


HEAD = "subjects: [patient]\npurposes: {}\ncategories:\n"
WORDS = {
    "flat": lambda size: "".join(f" c{n}: {{}}\n" for n in range(size // 60)),
    "deep": lambda size: "".join(f" c{n}: {{a: {{b: {{c: {{}}}}}}}}\n" for n in range(size // 200)),
    "wrong": lambda size: "".join(f" c{n}: x\n" for n in range(size // 60)),
    "unknown": lambda size: " a:\n" + "".join(f"  meanz{n}: x\n" for n in range(size // 60)),
}


@pytest.mark.parametrize("name", WORDS)
def test_thousands_of_names_are_read_with_few_findings(tmp_path: Path, name: str) -> None:
    assert 0 < len(_with(tmp_path, "vocabulary.yaml", HEAD + WORDS[name](MEGABYTE))) <= 250


TEXTS = {
    "one word": lambda size: "# T\n\n" + "a" * size,
    "stars": lambda size: "# T\n\n" + "**" * (size // 2),
    "links": lambda size: "# T\n\n" + "[a](" * (size // 4),
    "markers": lambda size: "# T\n\n" + "{1.a}" * (size // 5),
    "lines of one paragraph": lambda size: "# T\n\n" + "a: b\n" * (size // 5 - 1),
    "bullets without words": lambda size: "-\n" * (size // 2),
    "bullets": lambda size: "# T\n\n" + "- a\n" * (size // 4),
    "headings": lambda size: "# T\n\n" + "## 1. a\n" * (size // 8),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_megabyte_of_text_is_refused(tmp_path: Path, name: str) -> None:
    assert _with(tmp_path, "policy.md", TEXTS[name](MEGABYTE - 10))


def _with(tmp_path: Path, file: str, text: str) -> tuple[Finding, ...]:
    policy, version = POLICIES[1]
    folder = tmp_path / policy.name
    shutil.copytree(policy, folder)
    (folder / version / file).write_text(text, encoding="utf-8")
    return load_policy(folder / version).findings
