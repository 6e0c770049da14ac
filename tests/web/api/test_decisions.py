"""`POST /v1/decisions`: the quick path and the app behind it, and that both answer alike."""

from tests.web.api.conftest import FIRST, World

ASK = {"operation": "use", "category": "usage.content", "purpose": "improve.quality-analysis"}


def test_a_permit_names_the_rule_the_clauses_and_the_obligations(world: World):
    world.person("1", agreed=FIRST, choices={"improve-with-my-usage": True})
    answer = world.post("/v1/decisions", {**ASK, "subject": "1"}, scope="decide")
    assert answer.status_code == 200, answer.json
    told = answer.json
    assert (told["effect"], told["rule"], told["clauses"]) == (
        "permit",
        "quality-analysis",
        ["1.2.c", "2.d"],
    )
    assert told["obligations"] == ["log"]
