"""`/v1/records/filter` and `/v1/collections/check`."""

from tests.support.installation import FIRST, World

CALL = {
    "id": 7,
    "user_id": 1,
    "type": 2,
    "model_name": "m",
    "username": "ann",
    "metadata": {"client_ip": "192.0.2.1", "user_agent": "x"},
}


def test_a_record_comes_back_without_what_the_purpose_may_not_use(world: World):
    world.person("1", agreed=FIRST)
    body = {"dataset": "api_calls", "record": CALL, "purpose": "process-payments"}
    told = world.post("/v1/records/filter", body, scope="decide").json
    assert told["subject"] == "1"
    assert "model_name" not in told["record"]
    assert "client_ip" not in told["record"]["metadata"]
    gone = {one["field"]: one for one in told["removed"]}
    assert gone["metadata.client_ip"]["category"] == "device.ip_address"
    assert gone["model_name"]["reason"]
    kept = world.post("/v1/records/filter", {**body, "purpose": "provide-service"}).json
    assert kept["record"]["model_name"] == "m"


def test_whose_record_it_is_can_be_said_or_read_from_it(world: World):
    world.person("1", agreed=FIRST, account="cancelled")
    body = {"dataset": "users", "purpose": "provide-service"}
    told = world.post(
        "/v1/records/filter", {**body, "record": {"id": 1, "email": "a@b.example"}}
    ).json
    assert (told["subject"], "email" in told["record"]) == ("1", False)
    world.person("2", agreed=FIRST)
    other = {**body, "record": {"id": 1, "email": "a@b.example"}, "subject": "2"}
    told = world.post("/v1/records/filter", other).json
    assert (told["subject"], "email" in told["record"]) == ("2", True)


def test_a_dataset_that_is_not_there_is_named(world: World):
    body = {"dataset": "api_cals", "record": {}, "purpose": "provide-service"}
    answer = world.post("/v1/records/filter", body)
    assert (answer.status_code, answer.json["field"]) == (400, "dataset")
    assert "did you mean `api_calls`" in answer.json["detail"]


def test_a_payload_is_sorted_into_what_may_be_stored_and_what_not(world: World):
    world.person("1", agreed=FIRST)
    body = {
        "subject": "1",
        "payload": {
            "email": "ann@example.com",
            "pan": "x",
            "note": {"text": ["my card is 4111 1111 1111 1111"]},
            "plan": "free",
            "surprise": 1,
        },
        "categories": {
            "email": "account.email",
            "pan": "payment.card_number",
            "note": None,
            "plan": None,
        },
    }
    told = world.post("/v1/collections/check", body, scope="decide").json
    assert told["payload"] == {"email": "ann@example.com", "plan": "free"}
    refused = {one["field"]: one for one in told["refused"]}
    assert refused["pan"]["clauses"] == ["1.1.b"]
    assert refused["note"]["reason"] == "it holds a payment card number, at `note.text[0]`"
    assert refused["surprise"]["reason"].startswith("no category is known")
    assert "4111" not in str(told)


def test_a_field_named_like_a_card_number_is_not_repeated(world: World):
    told = world.post("/v1/collections/check", {"payload": {"4111111111111111": 1}}).json
    assert "4111111111111111" not in str(told)
    assert told["payload"] == {}


def test_a_payload_may_take_its_categories_from_a_dataset(world: World):
    world.person("1", agreed=FIRST)
    body = {"subject": "1", "dataset": "users", "payload": {"email": "a@b.example", "shoe": 42}}
    told = world.post("/v1/collections/check", body).json
    assert (told["payload"], told["refused"][0]["field"]) == ({"email": "a@b.example"}, "shoe")


def test_in_shadow_nothing_is_taken_out_but_card_numbers(world: World):
    world.person("1", agreed=FIRST)
    _, key = world.services.access.keys.create("trial", ["decide"], shadow=True)
    headers = {"Authorization": f"Bearer {key}"}
    body = {"dataset": "api_calls", "record": CALL, "purpose": "process-payments"}
    told = world.post("/v1/records/filter", body, headers=headers).json
    assert (told["mode"], told["record"]) == ("shadow", CALL)
    assert told["removed"]
    body = {
        "payload": {"pan": "x", "note": "4111111111111111"},
        "categories": {"pan": "payment.card_number", "note": None},
    }
    told = world.post("/v1/collections/check", body, headers=headers).json
    assert told["payload"] == {"pan": "x"}
