"""One person never reaches what is another's: tried on every route of the portal."""

import pytest
from werkzeug.routing import Rule

from tests.web.conftest import ANNA, BO, Client, Site

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


def test_a_console_session_opens_no_page_of_a_person(site: Site):
    with site.services.database.begin() as conn:
        token = site.services.access.sessions.start(conn, "console", "1")
    officer = site.client()
    officer.set_cookie(token)
    assert officer.get("/you").location == "/login?next=%2Fyou"
