"""One person never reaches what is another's: tried on every route of the portal."""

import pytest
from sqlalchemy import create_engine, text
from werkzeug.routing import Rule

from tests.web.conftest import ANNA, BO, Client, Site

EVE = "eve@example.com"
PUBLIC = {
    "static", "portal.home", "portal.policy_version", "portal.policy_versions",
    "portal.policy_changes", "portal.cookies", "portal.login", "portal.login_send",
    "portal.login_code", "portal.login_with_code", "portal.login_link", "portal.login_with_link",
    "portal.logout", "portal.gpc_support",
}  # fmt: skip
"""Shown to everybody, or part of logging in."""


def _rules(site: Site) -> list[Rule]:
    return [rule for rule in site.app.url_map.iter_rules() if rule.endpoint not in PUBLIC]


def _addresses(rule: Rule, ids: dict[str, str]) -> str:
    address = str(rule)
    for name, value in ids.items():
        address = address.replace(f"<{name}>", value)
    assert "<" not in address, f"this test does not know what to put into {rule}"
    return address


def _walk(client: Client, site: Site, ids: dict[str, str]) -> dict[str, str]:
    """What each route answers, by its method and address; pages only of answers that are no redirect."""
    found = {}
    for rule in _rules(site):
        address = _addresses(rule, ids)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            answer = client.get(address) if method == "GET" else client.post(address, {"on": "no"})
            answer.close()
            found[f"{method} {rule}"] = f"{answer.status_code} {answer.location or answer.text}"
    return found


@pytest.fixture
def belongings(site: Site) -> dict[str, str]:
    """Ids of what is Anna's: a request that is ready for download, and a consent record."""
    anna = site.client()
    anna.log_in(ANNA)
    anna.post("/you/choices", {"choice": "suggestions", "on": "yes"})
    page = anna.post("/you/requests/new/access").location
    site.services.rights.process_due()
    assert "Download" in anna.get(page).text
    return {
        "request_id": page.rpartition("/")[2],
        "record": site.services.consent.records("1")[0].id,
        "right": "access",
        "attempt": "an-attempt",
    }


def test_nobody_reaches_a_persons_page_without_logging_in(site: Site, belongings: dict[str, str]):
    walked = _walk(site.client(), site, belongings)
    assert len(walked) >= 20
    for route, answer in walked.items():
        assert answer.startswith("303 /login?next="), route


def test_another_person_is_told_that_there_is_no_such_thing(site: Site, belongings: dict[str, str]):
    bo = site.client()
    bo.log_in(BO)
    bo.prove()
    walked = _walk(bo, site, belongings)
    for route, answer in walked.items():
        assert ANNA not in answer, route
        if "<record>" not in route:
            assert belongings["record"] not in answer, route
        if "<request_id>" in route or "<record>" in route:
            assert answer.startswith("404"), route


def test_what_is_anothers_looks_like_what_does_not_exist(site: Site, belongings: dict[str, str]):
    bo = site.client()
    bo.log_in(BO)
    bo.prove()
    theirs = _walk(bo, site, belongings)
    nothing = _walk(bo, site, belongings | {"request_id": "none", "record": "none"})
    for route in theirs:
        if "<request_id>" in route or "<record>" in route:
            assert theirs[route][:3] == nothing[route][:3] == "404", route


def test_nothing_of_anothers_was_changed_by_trying(site: Site, belongings: dict[str, str]):
    before = site.services.rights.get("1", belongings["request_id"])
    bo = site.client()
    bo.log_in(BO)
    _walk(bo, site, belongings)
    assert site.services.rights.get("1", belongings["request_id"]) == before


def _give_the_id_away(site: Site) -> None:
    """The platform deletes Anna's row, and gives her id to somebody who comes later."""
    source = create_engine(f"sqlite:///{site.folder.folder.parents[1] / 'platform.db'}")
    with source.begin() as conn:
        conn.execute(text("DELETE FROM people WHERE id = 1"))
        conn.execute(
            text("INSERT INTO people VALUES (1, :email, 'eve', 'active', 'DE', :at)"),
            {"email": EVE, "at": site.clock.now().isoformat(" ")},
        )
    source.dispose()


def test_who_is_given_the_id_finds_nothing_of_the_earlier_holder(
    site: Site, belongings: dict[str, str]
):
    _give_the_id_away(site)
    eve = site.client()
    eve.log_in(EVE)
    eve.prove()
    walked = _walk(eve, site, belongings)
    for route, answer in walked.items():
        assert ANNA not in answer, route
        if "<record>" not in route:
            assert belongings["record"] not in answer, route
        if "<request_id>" not in route:
            assert belongings["request_id"] not in answer, route
        if "<request_id>" in route or "<record>" in route:
            assert answer.startswith("404"), route
    asked = {case.id for case in site.services.rights.of_subject("1")}
    assert belongings["request_id"] not in asked
    assert [one.id for one in site.services.consent.overview("1").choices if one.since] == []


def test_an_open_session_of_the_earlier_holder_shows_their_own_and_nothing_of_the_new(
    site: Site, belongings: dict[str, str]
):
    anna = site.client()
    anna.log_in(ANNA)
    _give_the_id_away(site)
    page = anna.get(f"/you/requests/{belongings['request_id']}")
    assert page.status_code == 200
    for route, answer in _walk(anna, site, belongings).items():
        assert EVE not in answer, route


def test_a_code_sent_to_the_earlier_holder_opens_nothing_of_the_new(site: Site):
    anna = site.client()
    where, code = anna.ask_for_code(ANNA)
    _give_the_id_away(site)
    assert anna.post(where, {"code": code}).status_code == 400
    assert anna.get("/you").location == "/login?next=%2Fyou"


def test_a_console_session_opens_no_page_of_a_person(site: Site):
    with site.services.database.begin() as conn:
        token = site.services.access.sessions.start(conn, "console", "1")
    officer = site.client()
    officer.set_cookie(token)
    assert officer.get("/you").location == "/login?next=%2Fyou"
