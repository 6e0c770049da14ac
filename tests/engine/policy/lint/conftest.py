"""The seed policy with some text replaced, read and linted."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from engine.datamap.load import read_datamap
from engine.policy.findings import Finding
from engine.policy.lint import lint
from engine.policy.load import read_policy
from engine.policy.versions import PolicyFolder

SEED = Path(__file__).parents[4] / "policies" / "aicodewith"
TODAY = date(2026, 11, 23)
ENVIRON = {"UPHELD_PLATFORM_URL": "sqlite://", "UPHELD_ACCESS_LOGS": "logs"}
BESIDE = {"datamap.yaml", "statutes.yaml", "published.yaml"}

Replacement = tuple[str, str, str]
Linter = Callable[..., tuple[Finding, ...]]


@pytest.fixture
def linted(tmp_path: Path) -> Linter:
    """Lint a version of the seed after replacing, in each (file, old, new), the first occurrence of `old`.

    `after` names the version before it, `mapped=False` leaves the data map out.
    """

    def run(
        *replacements: Replacement,
        today: date = TODAY,
        version: str = "2026-04-03",
        after: str = "",
        mapped: bool = True,
    ) -> tuple[Finding, ...]:
        folder = tmp_path / "aicodewith"
        shutil.copytree(SEED, folder, dirs_exist_ok=True)
        for file, old, new in replacements:
            replace_in(folder / file if file in BESIDE else folder / version / file, old, new)
        datamap = read_datamap(folder / "datamap.yaml", ENVIRON) if mapped else None
        return lint(
            read_policy(folder / version),
            today=today,
            datamap=datamap,
            before=read_policy(folder / after) if after else None,
            lock=PolicyFolder(folder).lock(version),
        )

    return run


def replace_in(path: Path, old: str, new: str) -> None:
    """Replace the first occurrence; an empty `old` writes the file anew."""
    text = path.read_text(encoding="utf-8") if old else ""
    assert old in text, f"{old!r} is not in {path.name}"
    path.write_text(text.replace(old, new, 1) if old else new, encoding="utf-8")


def about(findings: tuple[Finding, ...], code: str, **names: str) -> list[Finding]:
    """The findings of a code that concern these names."""
    return [f for f in findings if f.code == code and names.items() <= dict(f.about).items()]


def marked(finding: Finding) -> str:
    """`file: words`: what a finding points at, to the end of the line if it ends elsewhere."""
    where = finding.where
    path = Path(where.file)
    line = path.read_text(encoding="utf-8").splitlines()[where.line - 1]
    end = where.end_column - 1 if where.end_line == where.line else None
    return f"{path.name}: {line[where.column - 1 : end]}"
