"""Shadow mode: decided and logged, never denied; by service, until an officer turns enforcement on."""

import pytest

from engine.decisions.log import Shipper
from engine.store.tables.decisions import decision_log
from tests.support.installation import FIRST, World

ASK = {"operation": "use", "category": "usage.content", "purpose": "improve.quality-analysis"}
EVALUATION = {
    "subject": {"type": "service", "id": "chat"},
    "action": {"name": "improve.quality-analysis"},
    "resource": {
        "type": "personal-data",
        "id": "usage.content",
        "properties": {"data_subject": "1"},
    },
}


@pytest.fixture
def trial(world: World) -> dict[str, str]:
    world.person("1", agreed=FIRST)
    _, key = world.services.access.keys.create("trial", ["decide"], shadow=True)
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize("times", [1, 3])
def test_a_service_on_trial_hears_a_permit_and_what_would_be(
    world: World, trial: dict[str, str], times: int
):
    for _ in range(times):  # the first by the app, the others by the quick path
        told = world.post("/v1/decisions", {**ASK, "subject": "1"}, headers=trial).json
        assert (told["effect"], told["would"], told["mode"]) == ("permit", "deny", "shadow")
        assert told["missing"][0]["label"] == "choice improve-with-my-usage"


def test_others_are_denied_meanwhile(world: World, trial: dict[str, str]):
    told = world.post("/v1/decisions", {**ASK, "subject": "1"}).json
    assert (told["effect"], told["would"], told["mode"]) == ("deny", "deny", "enforce")


def test_authzen_hears_a_permit_too(world: World, trial: dict[str, str]):
    for _ in range(2):
        told = world.post("/access/v1/evaluation", EVALUATION, headers=trial).json
        assert (told["decision"], told["context"]["would"]) == (True, False)


def test_the_log_says_what_would_have_been_denied(
    world: World, trial: dict[str, str], tmp_path, clock
):
    world.post("/v1/decisions", {**ASK, "subject": "1"}, headers=trial)
    database = world.services.database
    Shipper(tmp_path / "decisions", database, clock).ship()
    with database.read() as conn:
        (row,) = conn.execute(decision_log.select()).all()
    assert (row.mode, row.effect, row.lacks) == ("shadow", "deny", "choice improve-with-my-usage")


def test_enforcement_counts_from_the_moment_it_is_turned_on(world: World, trial: dict[str, str]):
    ask = {**ASK, "subject": "1"}
    for _ in range(2):
        assert world.post("/v1/decisions", ask, headers=trial).json["effect"] == "permit"
    prefix = trial["Authorization"].split("_")[1]
    world.services.access.keys.enforce(prefix, True, by="an officer")
    assert world.post("/v1/decisions", ask, headers=trial).json["effect"] == "deny"
