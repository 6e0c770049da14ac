"""What a service reports is judged, and what was done although it was denied is seen by everybody."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from werkzeug.test import Client

from engine.policy.versions import PolicyFolder
from engine.promises.observations import observed
from upheld.bootstrap import open_house
from upheld.cli import run
from upheld.demo.platform import build

SEED = Path(__file__).parents[2] / "policies" / "aicodewith"
SALE = {"operation": "share", "category": "usage.content", "purpose": "sell", "recipient": "acme"}
NO_SALE = "3.c"
ADDRESS = "http://127.0.0.1:8080"


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small platform under the first version; returns an API key of a service there."""
    folder = tmp_path / "policies" / "aicodewith"
    shutil.copytree(SEED, folder, ignore=shutil.ignore_patterns("published.yaml"))
    PolicyFolder(folder).publish("2026-04-03", by="officer", now=datetime.now(UTC))
    url, logs = f"sqlite:///{tmp_path / 'platform.db'}", tmp_path / "logs"
    build(url, logs, seed=1, now=datetime.now(UTC), users=5, calls=20)
    settings = {
        "UPHELD_POLICIES": str(tmp_path / "policies"),
        "UPHELD_DATABASE_URL": f"sqlite:///{tmp_path / 'upheld.db'}",
        "UPHELD_STATE": str(tmp_path / "state"),
        "UPHELD_PLATFORM_URL": url,
        "UPHELD_ACCESS_LOGS": str(logs),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with open_house() as house:
        return house.access.keys.create("billing", ("decide",))[1]


def call(key: str, path: str, body: object) -> tuple[int, dict[str, object]]:
    """Send a report to the whole web application, as a service does."""
    with open_house() as house:
        headers = {"Authorization": f"Bearer {key}", "Host": "127.0.0.1:8080"}
        client = Client(house.web_app())
        answer = client.post(path, json=body, headers=headers, base_url=ADDRESS)
        return answer.status_code, json.loads(answer.get_data())


def page() -> str:
    with open_house() as house:
        return Client(house.web_app()).get("/", base_url=ADDRESS).get_data(as_text=True)


def promise(capsys: pytest.CaptureFixture[str], clause: str) -> dict[str, str]:
    run(["promises", "--format", "json"])
    return {told["clause"]: told for told in json.loads(capsys.readouterr().out)}[clause]


def test_a_use_that_was_denied_and_done_breaks_its_clause_for_everybody_to_see(
    key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert promise(capsys, NO_SALE)["state"] != "broken"
    status, told = call(key, "/v1/reports", SALE)
    assert (status, told["effect"]) == (200, "deny")
    found = promise(capsys, NO_SALE)
    assert found["state"] == "broken"
    assert "done 1 time although denied" in found["sentence"]
    assert "although denied" in page()


def test_a_cookie_that_no_rule_lists_breaks_the_promise_about_cookies(
    key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(key, "/v1/reports/cookies", {"name": "session"})[0] == 200
    assert promise(capsys, "7.a")["state"] == "kept"
    assert call(key, "/v1/reports/cookies", {"name": "_tracker"})[0] == 200
    assert promise(capsys, "7.a")["state"] == "broken"
    assert call(key, "/v1/reports/cookies", {"name": "a=b"})[0] == 400


def test_only_what_its_rule_wants_logged_is_counted_when_it_is_asked_for(key: str) -> None:
    logged = {"operation": "use", "category": "records.request", "purpose": "answer-requests"}
    for question in (logged, SALE):
        assert call(key, "/v1/decisions", question)[0] == 200
    with open_house() as house:
        house.shipper.ship()
        with house.database.read() as conn:
            found = observed(conn)
        seen = [(one.purpose, one.asked, one.done) for one in found]
    assert seen == [("answer-requests", 1, 0)]
