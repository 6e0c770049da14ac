"""The whole of `upheld serve` is killed under load: what it had answered is in the decision log, once."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.store.tables.decisions import decision_log
from tests.upheld.serving.clinic import Clinic, Load, Server, found_clinic
from tests.upheld.serving.running import eventually
from upheld.bootstrap import open_house

PATIENTS, CALLERS, BEFORE = 20, 4, 150
"""`BEFORE`: requests that are answered before each kill, while the log is shipped all the time."""


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.campaign)], ids=str)
def test_every_answered_decision_is_logged_once(store_url: str, tmp_path: Path, kills: int) -> None:
    clinic = found_clinic(tmp_path, store_url, PATIENTS)
    key = clinic.key("decide")
    answered: dict[str, int] = {}
    for number in range(kills):
        with clinic.served() as server:
            answered |= _answered_until_killed(server, key, f"run{number}", number)
    with clinic.served():
        eventually(lambda: answered.keys() <= _logged(clinic).keys())
    logged = _logged(clinic)
    assert len(answered) >= kills * BEFORE
    assert {name: logged[name] for name in answered} == answered
    # A request that was cut off may be in the log as well: whole, and no more than once.
    assert set(logged.values()) <= {1, 3}


def _answered_until_killed(server: Server, key: str, names: str, more: int) -> dict[str, int]:
    load = Load(server.port, key, names, callers=CALLERS, patients=PATIENTS)
    # Not always at the same point of the shipper's second.
    eventually(lambda: len(load.answered) >= BEFORE + 17 * more)
    server.kill()
    load.end()
    return load.answered


def _logged(clinic: Clinic) -> dict[str, int]:
    """How many decisions of each request are in the log."""
    query = select(decision_log.c.request, func.count().label("times"))
    with open_house(clinic.environ) as house, house.database.read() as conn:
        return {
            row.request: row.times for row in conn.execute(query.group_by(decision_log.c.request))
        }
