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

SEED = Path(__file__).parents[4] / "policies" / "aicodewith"
TODAY = date(2026, 11, 23)
ENVIRON = {"UPHELD_PLATFORM_URL": "sqlite://", "UPHELD_ACCESS_LOGS": "logs"}

Replacement = tuple[str, str, str]
Linter = Callable[..., tuple[Finding, ...]]


@pytest.fixture
def linted(tmp_path: Path) -> Linter:
    """Lint the seed after replacing, in each (file, old, new), the first occurrence of `old`."""

    def run(*replacements: Replacement, today: date = TODAY) -> tuple[Finding, ...]:
        folder = tmp_path / "aicodewith"
        shutil.copytree(SEED, folder, dirs_exist_ok=True)
        for file, old, new in replacements:
            beside = file in {"datamap.yaml", "statutes.yaml"}
            path = folder / file if beside else folder / "2026-04-03" / file
            text = path.read_text(encoding="utf-8")
            assert old in text, f"{old!r} is not in {file}"
            path.write_text(text.replace(old, new, 1), encoding="utf-8")
        policy = read_policy(folder / "2026-04-03")
        return lint(policy, today=today, datamap=read_datamap(folder / "datamap.yaml", ENVIRON))

    return run
