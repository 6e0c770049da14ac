"""`upheld promises` on a small platform of the demonstration's kind."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.policy.versions import PolicyFolder
from upheld.cli import run
from upheld.demo.platform import build

SEED = Path(__file__).parents[3] / "policies" / "aicodewith"
NOBODY_THERE = "https://127.0.0.1:9"


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A platform with overdue rows, and the first version in force; returns the folder of all."""
    folder = tmp_path / "policies" / "aicodewith"
    shutil.copytree(SEED, folder)
    controls = folder / "2026-04-03" / "controls.yaml"
    text = controls.read_text(encoding="utf-8")
    controls.write_text(text.replace("https://aicodewith.com", NOBODY_THERE), encoding="utf-8")
    (folder / "published.yaml").unlink(missing_ok=True)
    PolicyFolder(folder).publish("2026-04-03", by="officer", now=datetime.now(UTC))
    url, logs = f"sqlite:///{tmp_path / 'platform.db'}", tmp_path / "logs"
    build(url, logs, seed=1, now=datetime.now(UTC), users=20, calls=400)
    settings = {
        "UPHELD_POLICIES": str(tmp_path / "policies"),
        "UPHELD_DATABASE_URL": f"sqlite:///{tmp_path / 'upheld.db'}",
        "UPHELD_STATE": str(tmp_path / "state"),
        "UPHELD_PLATFORM_URL": url,
        "UPHELD_ACCESS_LOGS": str(logs),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def test_overdue_rows_break_the_clause_and_the_command_exits_with_1(
    platform: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["promises", "--format", "json"]) == 1
    found = {told["clause"]: told for told in json.loads(capsys.readouterr().out)}
    assert found["5.b"]["state"] == "broken"
    assert "kept longer than 90 days, the oldest by" in found["5.b"]["sentence"]
    assert found["5.b"]["evidence"]
    assert found["3.a"]["state"] == "at risk"
    assert "could not be checked: connection refused" in found["3.a"]["sentence"]
    assert found["1.1.b"]["state"] == "kept"
    assert found["0.b"]["state"] == "not machine-checkable"


def test_what_was_found_last_is_shown_without_looking(
    platform: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["promises", "--last"]) == 0
    capsys.readouterr()
    assert run(["promises"]) == 1
    assert "✕ broken" in capsys.readouterr().out
    (platform / "platform.db").unlink()
    assert run(["promises", "--last", "--format", "markdown"]) == 1
    assert "| 5.b |" in capsys.readouterr().out
