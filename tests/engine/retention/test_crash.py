"""Whenever a purge is killed, nothing is lost that was not due, and the next run finishes the work."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FEW = 20
EVERYWHERE = 1_000


@pytest.fixture(scope="module", params=[FEW, pytest.param(EVERYWHERE, marks=pytest.mark.campaign)])
def outcomes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, object]]:
    folder = tmp_path_factory.mktemp("crashing")
    command = [
        sys.executable,
        "-m",
        "tests.engine.retention.crashing",
        str(folder),
        str(request.param),
        "7",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_purge_was_killed_somewhere_else(outcomes: list[dict[str, object]]):
    assert len({outcome["point"] for outcome in outcomes}) == len(outcomes) >= FEW
    assert all(outcome["killed"] for outcome in outcomes)
    assert len({outcome["left_after_kill"] for outcome in outcomes}) > 2


def test_nothing_is_lost_that_was_not_due(outcomes: list[dict[str, object]]):
    assert [outcome["lost"] for outcome in outcomes] == [0] * len(outcomes)


def test_the_next_run_leaves_nothing_due(outcomes: list[dict[str, object]]):
    assert [outcome["left_after_next"] for outcome in outcomes] == [0] * len(outcomes)
    assert {outcome["state"] for outcome in outcomes} == {"done"}


def test_looking_again_and_the_ledger_agree(outcomes: list[dict[str, object]]):
    assert all(outcome["upheld"] and outcome["ledger"] for outcome in outcomes)


def test_a_dead_run_is_closed_in_the_ledger_once(outcomes: list[dict[str, object]]):
    assert {outcome["recovered"] for outcome in outcomes} <= {0, 1}
    assert any(outcome["recovered"] for outcome in outcomes)
