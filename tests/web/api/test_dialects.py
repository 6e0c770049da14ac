"""The API on each database that Upheld runs on."""

import pytest

from tests.support.installation import FIRST, World

SAID = {"subject": "1", "kind": "choice", "name": "improve-with-my-usage"}
ASK = {
    "operation": "use",
    "category": "usage.content",
    "purpose": "improve.quality-analysis",
    "subject": "1",
}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_from_login_to_withdrawal(world: World):
    world.person("1")
    assert world.post("/v1/logins", {"subject": "1"}).json["outcome"] == "agree"
    agreement = {"subject": "1", "kind": "agreement", "name": FIRST, "on": True}
    assert world.post("/v1/consents", agreement).status_code == 201
    for on, effect in ((True, "permit"), (False, "deny")):
        said = world.post("/v1/consents", {**SAID, "on": on}, headers={"Idempotency-Key": f"{on}"})
        again = world.post("/v1/consents", {**SAID, "on": on}, headers={"Idempotency-Key": f"{on}"})
        assert said.data == again.data
        assert world.post("/v1/decisions", ASK).json["effect"] == effect
    assert len(world.get("/v1/consents?subject=1", scope="admin").json["records"]) == 3


def test_names_that_a_database_could_stumble_over_are_answered(world: World):
    for name in ("'; DROP TABLE subject_facts; --", "пользователь", "\ud83d\ude00" * 50):
        subject = name.encode("utf-16", "surrogatepass").decode("utf-16")
        answer = world.post("/v1/decisions", {**ASK, "subject": subject})
        assert (answer.status_code, answer.json["effect"]) == (200, "deny")
        assert "cannot be read" not in answer.json["reason"]
