"""The demonstration on a small platform: every step told, run again, and nothing foreign removed."""

from __future__ import annotations

import os
import shutil
from functools import partial
from pathlib import Path

import pytest

from upheld.cli import run
from upheld.demo import platform

POLICIES = Path(__file__).parents[3] / "policies"
NOBODY_THERE = "https://127.0.0.1:9"


@pytest.fixture
def policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The policies, with no address that would be called on the net; the platform built is a small one."""
    copy = tmp_path / "policies"
    shutil.copytree(POLICIES, copy)
    for controls in copy.glob("*/*/controls.yaml"):
        said = controls.read_text(encoding="utf-8")
        controls.write_text(said.replace("https://aicodewith.com", NOBODY_THERE), encoding="utf-8")
    monkeypatch.setattr(platform, "build", partial(platform.build, users=60, calls=3_000))
    return copy


def test_the_demonstration_tells_every_step_and_can_be_run_again(
    policies: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = tmp_path / "demo"
    command = ["demo", "--no-serve", "--folder", str(folder), "--policies", str(policies)]
    before = {name: value for name, value in os.environ.items() if name.startswith("UPHELD_")}
    for _ in range(2):
        assert run(command) == 0
        shown, complaints = capsys.readouterr()
        steps = [line[0] for line in shown.splitlines() if line[:1].isdigit() and line[1] == "."]
        assert steps == list("12345678"), complaints
        assert "● upheld: everything due is gone" in shown
        assert "0 errors" in shown
        assert "0 broken" in shown
        assert "people are told and asked at their next login" in shown
        assert {path.name for path in folder.iterdir()} <= {
            *("upheld.db", "upheld.db-wal", "upheld.db-shm"),
            *("platform.db", "platform.db-wal", "platform.db-shm"),
            *("access-logs", "policies", "state", "mail"),
        }
        private = [path for path in (folder / "state").glob("*.key") if path.stat().st_mode & 0o077]
        assert private == []
    assert not (policies / "aicodewith" / "published.yaml").exists()
    after = {name: value for name, value in os.environ.items() if name.startswith("UPHELD_")}
    assert after == before


def test_a_folder_that_holds_something_foreign_is_refused_and_left_alone(
    policies: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "platform.db").write_bytes(b"ours")
    (folder / "thesis.txt").write_text("mine", encoding="utf-8")
    command = ["demo", "--no-serve", "--folder", str(folder), "--policies", str(policies)]
    assert run(command) == 2
    assert "holds `thesis.txt`, which the demonstration did not make" in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == ["platform.db", "thesis.txt"]


def test_a_folder_without_the_policies_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = tmp_path / "demo"
    command = ["demo", "--no-serve", "--folder", str(folder), "--policies", str(tmp_path)]
    assert run(command) == 2
    assert "run the demonstration inside the project" in capsys.readouterr().err
    assert not folder.exists()
