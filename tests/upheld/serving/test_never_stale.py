"""Two `upheld serve` on one PostgreSQL: an acknowledged withdrawal is seen by the next decision on both."""

import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.postgres import PostgresServer
from tests.upheld.serving.clinic import Caller, Clinic, Load, Server, found_clinic

pytestmark = pytest.mark.postgres

PATIENTS, PEOPLE = 200, 4


@pytest.mark.parametrize(
    "withdrawals", [60, pytest.param(10_000, marks=pytest.mark.campaign)], ids=str
)
def test_no_decision_that_starts_after_a_withdrawal_permits(
    postgres: PostgresServer, tmp_path: Path, withdrawals: int
) -> None:
    with postgres.database() as url, ExitStack() as stack:
        clinic = found_clinic(tmp_path, url, PATIENTS)
        replicas = [stack.enter_context(clinic.served(name)) for name in ("one", "other")]
        began, found = time.monotonic(), _withdraw(clinic, replicas, withdrawals)
    print(f"{dict(found)} in {time.monotonic() - began:.0f} s")  # noqa: T201  (the campaign's figures)
    assert found["withdrawn"] == withdrawals
    assert found["permitted before"] == withdrawals
    assert found["denied after"] == 2 * withdrawals
    assert found["load"] > withdrawals // 4


def _withdraw(clinic: Clinic, replicas: list[Server], withdrawals: int) -> Counter[str]:
    """People on both sides withdraw while others ask about the same patients all the time."""
    asking = clinic.key("decide")
    loads = [
        Load(replica.port, asking, f"load{replica.port}", callers=1, patients=PATIENTS)
        for replica in replicas
    ]
    counts: list[Counter[str]] = [Counter() for _ in range(PEOPLE)]
    threads = [
        threading.Thread(
            target=_change_mind,
            args=(
                [replica.port for replica in replicas],
                clinic.key("decide", "consent"),
                range(n, withdrawals, PEOPLE),
                count,
            ),
        )
        for n, count in enumerate(counts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for load in loads:
        load.end()
    return sum(counts, Counter(load=sum(len(load.answered) for load in loads)))


def _change_mind(ports: list[int], key: str, numbers: range, count: Counter[str]) -> None:
    """Agree and withdraw again, in turns on each replica; every time, both are asked at once."""
    callers = [Caller(port, key) for port in ports]
    for number in numbers:
        subject = str(1 + number % PATIENTS)
        here, there = callers if number // PEOPLE % 2 else callers[::-1]
        here.choose(subject, True)
        count["permitted before"] += there.effect(subject) == "permit"
        here.choose(subject, False)
        count["denied after"] += there.effect(subject) == "deny"
        count["denied after"] += here.effect(subject) == "deny"
        count["withdrawn"] += 1
    for caller in callers:
        caller.close()
