"""What each group of the API does, over real stores."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from engine.audit.proof import verify_proof
from engine.promises.promise import Promise, State
from engine.promises.store import save
from engine.retention.told import told_at
from engine.store.tables.audit import ledger_entries
from tests.support.installation import BASE, FIRST, NOVEMBER, SECOND, World

CANCELLED = {"subject": "1", "event": "account.cancelled", "at": "2026-06-15T14:00:00+02:00"}


def test_an_event_is_kept_once_however_often_it_is_told(world: World):
    for at in ("2026-06-15T14:00:00+02:00", "2026-06-16T14:00:00+02:00"):
        assert world.post("/v1/events", {**CANCELLED, "at": at}).status_code == 200
    with world.services.database.read() as conn:
        assert told_at(conn, "1", "account.cancelled") == datetime(2026, 6, 16, 12, tzinfo=UTC)
        kinds = conn.execute(select(ledger_entries.c.kind)).scalars().all()
    assert kinds.count("event.told") == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"event": "account.canceled"}, "event"),
        ({"event": "record.created"}, "event"),
        ({"at": "2026-06-15T14:00:00"}, "at"),
        ({"at": "yesterday"}, "at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({"at": "9999-12-31T23:59:59-14:00"}, "at"),
    ],
)
def test_an_event_that_nothing_counts_from_is_refused(
    world: World, change: dict[str, str], field: str
):
    answer = world.post("/v1/events", {**CANCELLED, **change})
    assert (answer.status_code, answer.json["field"]) == (400, field)


def test_a_login_is_held_up_until_the_person_has_agreed(world: World):
    world.person("1")
    gate = world.post("/v1/logins", {"subject": "1"}).json
    assert (gate["ok"], gate["outcome"], gate["version"]) == (False, "agree", FIRST)
    assert gate["go_to"].startswith(f"{BASE}/login/link/")
    world.services.consent.agree("1", FIRST, {}, source="test")
    gate = world.post("/v1/logins", {"subject": "1"}).json
    assert (gate["ok"], gate["go_to"]) == (True, None)


def test_a_new_version_is_told_change_by_change(world: World):
    world.person("1", agreed=FIRST)
    world.clock.set(NOVEMBER)
    gate = world.post("/v1/logins", {"subject": "1"}).json
    assert (gate["ok"], gate["agreed"], gate["version"]) == (False, FIRST, SECOND)
    assert gate["outcome"] == "reconfirm"
    assert all(told["sentence"] and told["clauses"] for told in gate["told"])


def test_the_way_to_the_gate_works_once_and_logs_exactly_this_person_in(world: World):
    world.person("1")
    world.person("2")
    link = world.post("/v1/logins", {"subject": "1"}).json["go_to"].removeprefix(BASE)
    visitor = world.app.test_client()
    page = visitor.get(link, base_url=BASE).get_data(as_text=True)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    form = {"csrf_token": token}
    answer = visitor.post(link, data=form, base_url=BASE, headers={"Referer": BASE})
    assert (answer.status_code, answer.location) == (303, "/gate")
    assert visitor.get("/gate", base_url=BASE).status_code == 200
    again = world.app.test_client()
    again.get(link, base_url=BASE)
    assert again.post(link, data=form, base_url=BASE).status_code in (400, 403)


def test_consent_is_said_shown_and_receipted(world: World):
    world.person("1", agreed=FIRST)
    said = {
        "subject": "1",
        "kind": "choice",
        "name": "suggestions",
        "on": True,
        "language": "zh-Hans",
    }
    record = world.post("/v1/consents", said).json
    assert (record["state"], record["version"], record["source"]) == ("given", FIRST, "api")
    objection = {"subject": "1", "kind": "objection", "name": "suggestions", "on": True}
    world.post("/v1/consents", objection)
    state = world.get("/v1/consents?subject=1", scope="consent").json
    assert {c["id"]: c["on"] for c in state["choices"]}["suggestions"] is True
    assert state["objections"] == ["suggestions"]
    assert [r["kind"] for r in state["records"]] == ["agreement", "choice", "objection"]
    path = f"/v1/consents/{record['id']}/receipt"
    assert world.get(f"{path}?subject=1", scope="consent").json["record_id"] == record["id"]
    assert world.get(f"{path}?subject=2", scope="consent").status_code == 404


def test_an_agreement_is_to_the_version_in_force_alone(world: World):
    world.person("1")
    said = {"subject": "1", "kind": "agreement", "name": SECOND, "on": True}
    answer = world.post("/v1/consents", said)
    assert (answer.status_code, answer.json["field"]) == (400, "version")
    assert world.post("/v1/consents", {**said, "name": FIRST}).json["state"] == "given"
    assert (
        world.post("/v1/consents", {**said, "name": FIRST, "on": False}).json["state"] == "refused"
    )


def test_a_query_is_read_as_strictly_as_a_body(world: World):
    for query, field in (
        ("", "subject"),
        ("?subject=1&subject=2", "subject"),
        ("?subject=1&x=2", "x"),
    ):
        answer = world.get(f"/v1/consents{query}", scope="consent")
        assert (answer.status_code, answer.json["field"]) == (400, field)


def test_a_request_is_filed_followed_and_taken_back(world: World):
    world.person("1", agreed=FIRST)
    filed = world.post("/v1/requests", {"subject": "1", "right": "export"}, scope="rights")
    assert filed.status_code == 201
    told = filed.json
    assert (told["right"], told["status"], told["overdue"]) == ("export", "received", False)
    path = f"/v1/requests/{told['id']}"
    assert world.get(path, scope="rights").json["status"] == "received"
    assert world.get(f"{path}?subject=2", scope="rights").status_code == 404
    wrong = world.post(f"{path}/code", {"subject": "1", "code": "000000"}, scope="rights")
    assert (wrong.status_code, wrong.json["field"]) == (400, "code")
    back = world.post(f"{path}/cancellation", {"subject": "1"}, scope="rights")
    assert back.json["status"] == "cancelled"
    listed = world.get("/v1/requests?subject=1", scope="rights").json["requests"]
    assert [r["id"] for r in listed] == [told["id"]]


def test_taking_back_and_filing_again_gives_no_endless_guesses_at_the_code(world: World):
    """A key may file for anybody, so what protects the person is that codes are few."""
    world.person("1", agreed=FIRST)
    answers = []
    for _ in range(7):
        filed = world.post("/v1/requests", {"subject": "1", "right": "deletion"}, scope="rights")
        answers.append(filed.status_code)
        if filed.status_code == 201:
            path = f"/v1/requests/{filed.json['id']}/cancellation"
            world.post(path, {"subject": "1"}, scope="rights")
    assert answers == [201] * 5 + [429] * 2


def test_a_right_that_the_policy_does_not_grant_is_refused(world: World):
    world.person("1", agreed=FIRST)
    answer = world.post("/v1/requests", {"subject": "1", "right": "exprt"}, scope="rights")
    assert (answer.status_code, answer.json["field"]) == (400, "right")
    assert "did you mean `export`" in answer.json["detail"]


def test_the_policy_is_public_in_every_language_and_form(world: World):
    listed = world.get("/v1/policies").json
    assert [(v["version"], v["in_force"]) for v in listed["versions"]] == [
        (FIRST, True),
        (SECOND, False),
    ]
    current = world.get("/v1/policies/current").json
    assert (current["version"], current["language"]) == (FIRST, "en")
    assert {"1.2.c", "8.b"} <= {clause["id"] for clause in current["clauses"]}
    chinese = world.get(f"/v1/policies/{FIRST}?language=zh-Hans").json
    assert len(chinese["clauses"]) == len(current["clauses"])
    markdown = world.get("/v1/policies/current?format=markdown")
    assert markdown.content_type.startswith("text/markdown")
    assert markdown.get_data(as_text=True).startswith(f"# {current['title']}\n")
    assert world.get("/v1/policies/current?language=xx").status_code == 404


def test_the_difference_between_two_versions_says_what_it_asks_for(world: World):
    told = world.get(f"/v1/policies/{FIRST}/diff/{SECOND}").json
    assert told["consequence"] == "re-consent"
    assert told["changes"]
    assert world.get(f"/v1/policies/{FIRST}/diff/2020-01-01").status_code == 404


def test_a_proof_from_the_api_verifies_offline(world: World):
    world.person("1", agreed=FIRST)
    with world.services.database.read() as conn:
        last = conn.execute(select(ledger_entries.c.position)).scalars().all()[-1]
    document = world.get(f"/v1/audit/entries/{last}/proof", scope="admin").json
    proven = verify_proof({k: v for k, v in document.items() if v is not None})
    assert proven.body["kind"]
    note = world.get("/v1/audit/checkpoint").json["checkpoint"]
    assert note.startswith("ledger.example.com\n")
    for odd in ("-1", "abc", "9" * 40):
        assert world.get(f"/v1/audit/entries/{odd}/proof", scope="admin").status_code == 400
    assert world.get("/v1/audit/entries/99999/proof", scope="admin").status_code == 404


def test_health_tells_what_is_not_ready(world: World):
    assert world.get("/health/live").json["status"] == "ok"
    assert world.get("/health/ready").json == {
        "status": "ok",
        "database": True,
        "policy": True,
        "decision_log": {"waiting": 0, "dropped": 0},
    }
    world.clock.set(datetime(2026, 1, 1, tzinfo=UTC))
    answer = world.get("/health/ready")
    assert (answer.status_code, answer.json["policy"]) == (503, False)
    with world.services.database.begin() as conn:
        conn.exec_driver_sql("ALTER TABLE api_keys RENAME TO gone")
    assert world.get("/health/ready").json["database"] is False
    assert world.get("/health/live").status_code == 200


def test_metrics_count_answers_of_both_ways(world: World):
    world.post("/v1/decisions", {"operation": "collect", "category": "no.such"})
    world.post("/v1/decisions", {})
    text = world.get("/metrics", scope="decide").get_data(as_text=True)
    assert 'upheld_requests_total{operation="post_v1_decisions",status="200"}' in text
    assert 'upheld_requests_total{operation="post_v1_decisions",status="400"}' in text
    assert 'upheld_decisions_total{effect="deny",mode="enforce",rule=""}' in text
    assert world.get("/metrics").status_code == 401


def test_what_is_not_offered_here_is_503(make_world):
    world = make_world(rights=None, audit=None, events=None, promises=None)
    assert world.get("/v1/requests?subject=1", scope="rights").status_code == 503
    assert world.get("/v1/audit/checkpoint").status_code == 503
    assert world.get("/v1/promises").status_code == 503
    assert world.post("/v1/events", CANCELLED).status_code == 503


def test_promises_are_told_as_they_were_last_found(world: World):
    assert world.get("/v1/promises").json == {"promises": []}
    found = Promise(
        "5.b",
        State.BROKEN,
        "one row is late",
        {"late": 1},
        ("api_calls: 1 row",),
        world.clock.now(),
    )
    with world.services.database.begin() as conn:
        save(conn, FIRST, [found])
    (told,) = world.get("/v1/promises").json["promises"]
    assert (told["clause"], told["state"], told["figures"]) == ("5.b", "broken", {"late": 1})
    assert told["evidence"] == ["api_calls: 1 row"]
