"""Whenever a purge is killed, nothing is lost that was not due, and the next run finishes the work."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
KILLS = 20


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    folder = tmp_path_factory.mktemp("crashing")
    command = [
        sys.executable,
        "-m",
        "tests.engine.retention.crashing",
        str(folder),
        str(KILLS),
        "7",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_purge_was_killed_somewhere_else(outcomes: list[dict[str, object]]):
    assert len({outcome["point"] for outcome in outcomes}) == KILLS
    assert all(outcome["killed"] for outcome in outcomes)
    assert len({outcome["left_after_kill"] for outcome in outcomes}) > 3


def test_nothing_is_lost_that_was_not_due(outcomes: list[dict[str, object]]):
    assert [outcome["lost"] for outcome in outcomes] == [0] * KILLS


def test_the_next_run_leaves_nothing_due(outcomes: list[dict[str, object]]):
    assert [outcome["left_after_next"] for outcome in outcomes] == [0] * KILLS
    assert {outcome["state"] for outcome in outcomes} == {"done"}


def test_looking_again_and_the_ledger_agree(outcomes: list[dict[str, object]]):
    assert all(outcome["upheld"] and outcome["ledger"] for outcome in outcomes)


def test_a_dead_run_is_closed_in_the_ledger_once(outcomes: list[dict[str, object]]):
    assert {outcome["recovered"] for outcome in outcomes} <= {0, 1}
    assert any(outcome["recovered"] for outcome in outcomes)
