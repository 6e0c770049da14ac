"""What was given to whom stands in the ledger, permitted or not."""

import pytest

from engine.audit import ledger
from engine.audit.proof import verify_proof
from engine.promises import observations
from tests.support.installation import FIRST, World

MADE = {
    "subject": "1",
    "recipient": "upstream",
    "purpose": "provide-service",
    "categories": ["usage.content"],
    "request_id": "call-7",
}


def entries(world: World, subject: str | None = None) -> tuple[ledger.Entry, ...]:
    with world.services.database.read() as conn:
        return ledger.entries(conn, kind="disclosure.made", subject=subject)


def test_a_disclosure_stands_in_the_ledger_about_a_person_whom_it_does_not_name(world: World):
    world.person("1", agreed=FIRST)
    kept = world.post("/v1/disclosures", MADE, scope="decide")
    assert (kept.status_code, kept.json["permitted"], kept.json["version"]) == (201, True, FIRST)
    (entry,) = entries(world, "1")
    assert entry.index == kept.json["entry"]
    assert entry.facts == {
        "recipient": "upstream",
        "purpose": "provide-service",
        "categories": {"usage.content": "permit"},
        "rules": ["upstream-models"],
        "version": FIRST,
        "request": "call-7",
        "by": world.key_for("decide").split("_")[1],
    }
    shown = world.get(f"/v1/audit/entries/{entry.index}/proof?subject=1", scope="admin").json
    assert verify_proof(shown, subject="1").about_subject


def test_what_was_denied_and_done_all_the_same_is_recorded_and_counted(world: World):
    world.person("1", agreed=FIRST)
    sold = {**MADE, "categories": ["usage.content", "account.email", "account.email"]}
    kept = world.post("/v1/disclosures", sold).json
    told = {one["category"]: one["effect"] for one in kept["categories"]}
    assert told == {"usage.content": "permit", "account.email": "deny"}
    assert kept["permitted"] is False
    with world.services.database.read() as conn:
        seen = {one.category: (one.effect, one.done) for one in observations.observed(conn)}
    assert seen == {"usage.content": ("permit", 1), "account.email": ("deny", 1)}


def test_a_repetition_under_the_same_key_is_recorded_once(world: World):
    world.person("1", agreed=FIRST)
    headers = {"Idempotency-Key": "once"}
    answers = [world.post("/v1/disclosures", MADE, headers=headers).json for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(entries(world)) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"recipient": "upstraem"}, "recipient"),
        ({"recipient": "ann@example.com"}, "recipient"),
        ({"purpose": "fun"}, "purpose"),
        ({"categories": ["usage.content", "usage.contents"]}, "categories.1"),
        ({"categories": []}, "categories"),
        ({"request_id": "ann@example.com"}, "request_id"),
    ],
)
def test_a_name_that_the_policy_does_not_know_enters_no_ledger(
    world: World, change: dict[str, object], field: str
):
    answer = world.post("/v1/disclosures", {**MADE, **change})
    assert (answer.status_code, answer.json["field"]) == (400, field)
    assert entries(world) == ()
