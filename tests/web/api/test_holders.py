"""An id that the platform gave to somebody else: its earlier holder's requests and choices stay theirs."""

from sqlalchemy import create_engine, delete, update

from tests.support.installation import FIRST, World, add_person
from upheld.demo.schema import users

ASKED = {"subject": "7", "right": "export"}
SAID = {"subject": "7", "kind": "objection", "name": "suggestions", "on": True}


def _give_the_id_away(world: World) -> None:
    engine = create_engine(world.platform_url)
    with engine.begin() as conn:
        conn.execute(delete(users).where(users.c.id == 7))
    add_person(world.platform_url, "7", "DE", "active")
    with engine.begin() as conn:
        conn.execute(update(users).where(users.c.id == 7).values(created_at=1_779_000_000))
    engine.dispose()


def test_requests_and_choices_of_the_earlier_holder_are_not_the_new_ones(world: World):
    world.person("7", agreed=FIRST)
    asked = world.post("/v1/requests", ASKED, scope="rights").json["id"]
    assert world.post("/v1/consents", SAID, scope="consent").status_code == 201
    before = world.get("/v1/consents?subject=7", scope="consent").json
    record = before["records"][0]["id"]

    _give_the_id_away(world)
    assert world.get("/v1/requests?subject=7", scope="rights").json == {"requests": []}
    assert world.get(f"/v1/requests/{asked}?subject=7", scope="rights").status_code == 404
    whose = {"subject": "7"}
    path = f"/v1/requests/{asked}/cancellation"
    assert world.post(path, whose, scope="rights").status_code == 404
    path = f"/v1/requests/{asked}/code"
    assert world.post(path, {**whose, "code": "123456"}, scope="rights").status_code == 404
    after = world.get("/v1/consents?subject=7", scope="consent").json
    assert (after["agreed"], after["objections"], after["records"]) == (None, [], [])
    path = f"/v1/consents/{record}/receipt?subject=7"
    assert world.get(path, scope="consent").status_code == 404


def test_an_officer_still_finds_the_request_of_the_earlier_holder(world: World):
    world.person("7", agreed=FIRST)
    asked = world.post("/v1/requests", ASKED, scope="rights").json["id"]
    _give_the_id_away(world)
    world.get("/v1/requests?subject=7", scope="rights")
    found = world.get(f"/v1/requests/{asked}", scope="rights").json
    assert found["subject"].startswith("7 (former ")


def test_a_person_who_was_away_and_is_back_finds_everything(world: World):
    world.person("7", agreed=FIRST)
    asked = world.post("/v1/requests", ASKED, scope="rights").json["id"]
    engine = create_engine(world.platform_url)
    with engine.begin() as conn:
        conn.execute(delete(users).where(users.c.id == 7))
    engine.dispose()
    world.get("/v1/requests?subject=7", scope="rights")
    add_person(world.platform_url, "7", "DE", "active")
    found = world.get("/v1/requests?subject=7", scope="rights").json["requests"]
    assert [one["id"] for one in found] == [asked]
    assert world.get("/v1/consents?subject=7", scope="consent").json["agreed"] == FIRST
