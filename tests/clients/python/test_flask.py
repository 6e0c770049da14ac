"""Flask views behind guards, against a real server."""

import httpx
import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from tests.support.answering import free_port
from tests.support.installation import FIRST, NOVEMBER, SECOND
from tests.support.served_world import ServedWorld
from upheld_client import Upheld
from upheld_client.flask import Guards, decisions

ANALYSIS = "improve.quality-analysis"
PAGE = {"Accept": "text/html,application/xhtml+xml"}


def shop(upheld: Upheld) -> FlaskClient:
    """An app whose requests say who is logged in."""
    app = Flask("shop")
    privacy = Guards(upheld, subject=lambda: request.headers.get("Who"))

    @app.get("/insights")
    @privacy.guard(purpose=ANALYSIS, categories=["usage.content"])
    def insights() -> dict[str, object]:
        return {"rules": [decision.rule for decision in decisions()]}

    @app.get("/forward")
    @privacy.guard(
        purpose="provide-service",
        categories="usage.content",
        operation="share",
        recipient="upstream",
        meets={"warn"},
    )
    def forward() -> dict[str, object]:
        return {"warnings": decisions()[0].warnings}

    @app.get("/careless")
    @privacy.guard(
        purpose="provide-service",
        categories=["usage.content"],
        operation="share",
        recipient="upstream",
    )
    def careless() -> str:
        raise AssertionError("must not run")

    @app.get("/home")
    @privacy.gate
    def home() -> str:
        return "home"

    return app.test_client()


@pytest.fixture
def app(served: ServedWorld) -> FlaskClient:
    return shop(served.client("decide", "consent"))


def test_a_view_runs_for_what_is_permitted(served: ServedWorld, app: FlaskClient):
    served.world.person("1", agreed=FIRST, choices={"improve-with-my-usage": True})
    answer = app.get("/insights", headers={"Who": "1"})
    assert (answer.status_code, answer.json) == (200, {"rules": ["quality-analysis"]})


def test_a_denied_request_is_told_why(served: ServedWorld, app: FlaskClient):
    served.world.person("1", agreed=FIRST)
    answer = app.get("/insights", headers={"Who": "1"})
    assert (answer.status_code, answer.content_type) == (403, "application/problem+json")
    told = answer.get_json(force=True)
    assert told["type"] == "urn:upheld:problem:denied"
    assert (told["rule"], told["purpose"]) == ("quality-analysis", ANALYSIS)
    assert told["missing"] == ["choice improve-with-my-usage"]
    assert "may not be used" in told["detail"]
    assert app.get("/insights").status_code == 403


def test_an_obligation_that_nobody_meets_makes_a_deny_of_a_permit(
    served: ServedWorld, app: FlaskClient
):
    served.world.person("1", agreed=FIRST)
    told = app.get("/careless", headers={"Who": "1"}).get_json(force=True)
    assert (told["status"], told["obligation"]) == (403, "warn 4.e")
    assert app.get("/forward", headers={"Who": "1"}).json == {"warnings": ["4.e"]}


def test_no_answer_keeps_everybody_out():
    app = shop(Upheld(f"http://127.0.0.1:{free_port()}", "upheld_x", 0.2))
    for path in ("/insights", "/home"):
        answer = app.get(path, headers={"Who": "1", **PAGE})
        assert (answer.status_code, answer.get_json(force=True)["type"]) == (
            503,
            "urn:upheld:problem:no-answer",
        )


def test_who_has_something_to_settle_is_sent_where_they_can(served: ServedWorld, app: FlaskClient):
    served.world.person("1")
    page = app.get("/home", headers={"Who": "1", **PAGE})
    assert (page.status_code, page.headers["Cache-Control"]) == (303, "no-store")
    assert page.location.startswith(f"{served.url}/login/link/")
    told = app.get("/home", headers={"Who": "1"}).get_json(force=True)
    assert (told["status"], told["outcome"], told["version"]) == (403, "agree", FIRST)
    assert told["go_to"].startswith(served.url)
    served.world.services.consent.agree("1", FIRST, {}, source="test")
    assert app.get("/home", headers={"Who": "1"}).text == "home"
    assert app.get("/home").text == "home"


def test_the_gate_may_stand_before_everything_but_what_stays_open(served: ServedWorld):
    served.world.person("1", agreed=FIRST)
    served.world.clock.set(NOVEMBER)
    app = Flask("shop")
    privacy = Guards(served.client("consent"), subject=lambda: request.headers.get("Who"))
    privacy.gate_all(app, open_to={"leave"})
    app.add_url_rule("/", "home", lambda: "home")
    app.add_url_rule("/leave", "leave", lambda: "bye")
    browser = app.test_client()
    told = browser.get("/", headers={"Who": "1"}).get_json(force=True)
    assert (told["outcome"], told["version"], bool(told["told"])) == ("reconfirm", SECOND, True)
    assert browser.get("/leave", headers={"Who": "1"}).text == "bye"
    assert browser.get("/").text == "home"


def test_a_denial_stands_though_the_gate_is_said_to_be_open():
    said = {
        "/v1/decisions/batch": {
            "decisions": [
                {
                    "effect": "deny", "rule": "x", "clauses": [], "obligations": [], "reason": "",
                    "missing": [{"label": "agreement"}], "policy": {"version": "1"},
                }
            ]
        },
        "/v1/logins": {
            "ok": True, "outcome": "ok", "version": "1", "told": [], "go_to": "https://x.example",
            "by_guardian": False,
        },
    }  # fmt: skip
    server = httpx.MockTransport(lambda asked: httpx.Response(200, json=said[asked.url.path]))
    with httpx.Client(transport=server) as http:
        app = shop(Upheld("http://127.0.0.1:9", "upheld_x", http=http))
        assert app.get("/insights", headers={"Who": "1"}).status_code == 403


def test_a_guard_of_nothing_is_refused():
    privacy = Guards(Upheld("http://127.0.0.1:9", "upheld_x"), subject=lambda: None)
    with pytest.raises(ValueError, match="category"):
        privacy.guard(purpose=ANALYSIS, categories=[])


def test_where_only_agreement_is_missing_a_browser_is_sent_to_the_page_that_asks_for_it(
    served: ServedWorld,
):
    served.world.person("1", agreed=FIRST)
    served.world.clock.set(NOVEMBER)
    app = Flask("shop")
    privacy = Guards(served.client("decide", "consent"), lambda: request.headers.get("Who"))

    @app.get("/forward")
    @privacy.guard(
        purpose="provide-service",
        categories=["usage.content"],
        operation="share",
        recipient="upstream.acme-ai",
        meets={"warn"},
    )
    def forward() -> str:
        return "forwarded"

    browser = app.test_client()
    page = browser.get("/forward", headers={"Who": "1", **PAGE})
    assert (page.status_code, page.location[: len(served.url)]) == (303, served.url)
    told = browser.get("/forward", headers={"Who": "1"}).get_json(force=True)
    assert (told["outcome"], told["type"]) == ("reconfirm", "urn:upheld:problem:held-up")
    served.world.services.consent.agree("1", SECOND, {}, source="test")
    assert browser.get("/forward", headers={"Who": "1"}).text == "forwarded"
