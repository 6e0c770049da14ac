"""FastAPI paths behind guards, against a real server."""

import asyncio
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI, Request

from tests.support.answering import free_port
from tests.support.installation import FIRST
from tests.support.served_world import ServedWorld
from upheld_client import AsyncUpheld
from upheld_client.fastapi import GateMiddleware, Guards

ANALYSIS = "improve.quality-analysis"
PAGE = {"Accept": "text/html,application/xhtml+xml"}


def shop(upheld: AsyncUpheld, *, installed: bool = True) -> FastAPI:
    """An app whose requests say who is logged in."""
    app = FastAPI()

    async def who(request: Request) -> str | None:
        return request.headers.get("Who")

    privacy = Guards(upheld, subject=who)
    if installed:
        privacy.install(app)
    insight = privacy.guard(purpose=ANALYSIS, categories=["usage.content"])

    @app.get("/insights")
    async def insights(decisions: Annotated[Any, Depends(insight)]) -> list[str]:
        return [decision.rule for decision in decisions]

    @app.get("/home", dependencies=[Depends(privacy.gate)])
    async def home() -> str:
        return "home"

    return app


def get(app: Any, path: str, **headers: str) -> httpx.Response:
    """Ask an app."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as browser:
            return await browser.get(path, headers=headers)

    return asyncio.run(ask())


def test_a_path_runs_for_what_is_permitted_and_a_denied_request_is_told_why(served: ServedWorld):
    served.world.person("1", agreed=FIRST, choices={"improve-with-my-usage": True})
    served.world.person("2", agreed=FIRST)
    answer = get(shop(served.async_client("decide")), "/insights", Who="1")
    assert (answer.status_code, answer.json()) == (200, ["quality-analysis"])
    answer = get(shop(served.async_client("decide")), "/insights", Who="2")
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json")
    assert answer.json()["missing"] == ["choice improve-with-my-usage"]


def test_without_the_handler_a_guard_keeps_out_all_the_same(served: ServedWorld):
    served.world.person("1", agreed=FIRST)
    app = shop(served.async_client("decide"), installed=False)
    answer = get(app, "/insights", Who="1")
    assert answer.status_code == 403
    assert "may not be used" in answer.json()["detail"]


def test_who_has_something_to_settle_is_sent_where_they_can(served: ServedWorld):
    served.world.person("1")
    page = get(shop(served.async_client("consent")), "/home", Who="1", **PAGE)
    assert page.status_code == 303
    assert page.headers["Location"].startswith(f"{served.url}/login/link/")
    assert page.headers["Cache-Control"] == "no-store"
    assert get(shop(served.async_client("consent")), "/home").json() == "home"


def test_the_gate_may_stand_before_everything_but_what_stays_open(served: ServedWorld):
    served.world.person("1")

    def gated() -> FastAPI:
        app = FastAPI()
        app.get("/")(lambda: "home")
        app.get("/leave/now")(lambda: "bye")
        guards = Guards(served.async_client("consent"), lambda request: request.headers.get("who"))
        app.add_middleware(GateMiddleware, guards=guards, open_to=["/leave"])
        return app

    told = get(gated(), "/", Who="1")
    assert (told.status_code, told.json()["outcome"]) == (403, "agree")
    assert get(gated(), "/leave/now", Who="1").json() == "bye"
    assert get(gated(), "/leavenow", Who="1").status_code == 403
    assert get(gated(), "/").json() == "home"


def test_no_answer_keeps_everybody_out():
    for path in ("/insights", "/home"):
        nowhere = AsyncUpheld(f"http://127.0.0.1:{free_port()}", "upheld_x", 0.2)
        answer = get(shop(nowhere), path, Who="1")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:upheld:problem:no-answer")
