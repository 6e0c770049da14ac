"""What every answer carries, and what is refused before anything is done."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from engine import errors
from engine.policy.text import parse_text
from engine.promises.promise import State
from tests.web.conftest import ANNA, BASE_URL, PARTS, ROOT, Site, csrf_token
from web.app import create_app
from web.security import HSTS, allowed_hosts
from web.services import WebConfig

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def _forms(app: Flask) -> list[str]:
    """The address of every page that takes a form."""
    return [
        str(rule).replace("<version>", "v").replace("<", "").replace(">", "")
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
    ]


def test_every_form_is_refused_without_its_token(site: Site):
    client = site.client()
    client.log_in(ANNA)
    addresses = _forms(site.app)
    assert len(addresses) >= 9
    for address in addresses:
        answer = client.raw_post(address, {"email": ANNA, "on": "yes"})
        assert answer.status_code == 400, address
        assert "This form has expired" in answer.text


def test_a_token_is_worth_nothing_in_another_visit(site: Site):
    mine, theirs = site.client(), site.client()
    stolen = csrf_token(theirs.get("/login"))
    mine.get("/login")
    answer = mine.raw_post("/login", {"csrf_token": stolen, "email": ANNA})
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/", "/login", "/nothing-here", "/.well-known/gpc.json", "/you"])
def test_every_answer_carries_the_security_headers(site: Site, path: str):
    headers = site.client().get(path).headers
    assert headers["Content-Security-Policy"] == CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Request-ID"]
    assert "Strict-Transport-Security" not in headers


def test_reading_the_policy_sets_no_cookie(site: Site):
    client = site.client()
    for path in ("/", "/policy", "/policy/2026-04-03", "/cookies"):
        assert "Set-Cookie" not in client.get(path).headers


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(site: Site):
    cookie = site.client().get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Expires" not in cookie
    assert "Max-Age" not in cookie


def test_on_https_the_cookie_is_bound_to_the_host_and_the_browser_to_https(site: Site):
    config = WebConfig("https://privacy.example.com", site.services.config.secret)
    app = create_app(replace(site.services, config=config), PARTS)
    answer = app.test_client().get("/login", base_url="https://privacy.example.com")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == HSTS


@pytest.mark.parametrize(
    "host", ["http://evil.example", "http://127.0.0.1:9", "http://10.0.0.1:8080"]
)
def test_another_host_is_refused(site: Site, host: str):
    assert site.client().get("/", base_url=host).status_code == 421


def test_on_this_machine_its_other_names_are_allowed():
    config = WebConfig("http://127.0.0.1:8080", b"")
    assert allowed_hosts(config) == {"127.0.0.1:8080", "localhost:8080", "[::1]:8080"}
    assert allowed_hosts(WebConfig("https://a.example", b"")) == {"a.example"}


def test_forwarded_headers_count_only_behind_a_trusted_proxy(site: Site):
    def addresses(hops: int) -> set[int]:
        config = replace(site.services.config, trusted_proxies=hops)
        client = create_app(replace(site.services, config=config), PARTS).test_client()
        token = csrf_token(client.get("/login", base_url=BASE_URL))
        found = set()
        for number in range(31):
            answer = client.post(
                "/login",
                data={"csrf_token": token, "email": f"nobody{hops}{number}@example.com"},
                base_url=BASE_URL,
                headers={"X-Forwarded-For": f"192.0.2.{number}"},
            )
            found.add(answer.status_code)
        return found

    assert addresses(0) == {303, 429}
    assert addresses(1) == {303}


def test_a_request_id_that_is_sent_along_comes_back_and_a_strange_one_does_not(site: Site):
    client = site.client()
    assert client.get("/", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    odd = client.get("/", headers={"X-Request-ID": "<script>"}).headers["X-Request-ID"]
    assert odd != "<script>"


SAID = [
    (errors.Unauthenticated("who"), 401, "unauthenticated"),
    (errors.Forbidden("no"), 403, "forbidden"),
    (errors.NotFound("none"), 404, "not-found"),
    (errors.UnknownName("choice", "x"), 404, "unknown-name"),
    (errors.InvalidInput("bad", "field"), 400, "invalid-input"),
    (errors.Conflict("late"), 409, "conflict"),
    (errors.ApprovalRequired("approve", "abc"), 409, "approval-required"),
    (errors.TooManyRequests("slow", 7), 429, "too-many-requests"),
    (errors.Unavailable("later"), 503, "unavailable"),
    (errors.StoreUnavailable("platform", "no answer"), 503, "store-unavailable"),
    (errors.PolicyError("inner words"), 503, "policy-error"),
    (errors.LedgerBroken("inner words"), 503, "ledger-broken"),
    (OperationalError("SELECT secret", {}, Exception("secret")), 503, "unavailable"),
    (KeyError("secret of somebody"), 500, "internal-error"),
]


def _raising(site: Site, path: str, error: Exception) -> Flask:
    app = create_app(site.services, PARTS)

    def fail() -> str:
        raise error

    app.add_url_rule(path, "fail", fail)
    return app


@pytest.mark.parametrize(("error", "status", "kind"), SAID, ids=lambda v: str(v)[:20])
def test_programs_get_problem_details(site: Site, error: Exception, status: int, kind: str):
    answer = _raising(site, "/v1/fail", error).test_client().get("/v1/fail", base_url=BASE_URL)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    told = json.loads(answer.text)
    assert told["type"] == f"urn:upheld:problem:{kind}"
    assert told["status"] == status
    assert told["request_id"] == answer.headers["X-Request-ID"]
    assert told["title"]
    assert told["detail"]
    assert "secret" not in answer.text
    assert "inner words" not in answer.text


@pytest.mark.parametrize(("error", "status", "kind"), SAID, ids=lambda v: str(v)[:20])
def test_people_get_a_page_without_a_traceback(
    site: Site, error: Exception, status: int, kind: str, caplog: pytest.LogCaptureFixture
):
    answer = _raising(site, "/fail", error).test_client().get("/fail", base_url=BASE_URL)
    assert answer.status_code == status
    assert answer.content_type.startswith("text/html")
    assert "Read the policy" in answer.text
    assert "Traceback" not in answer.text
    assert "secret" not in answer.text + caplog.text


def test_too_many_requests_say_when_to_try_again(site: Site):
    app = _raising(site, "/fail", errors.TooManyRequests("slow", 90))
    answer = app.test_client().get("/fail", base_url=BASE_URL)
    assert answer.headers["Retry-After"] == "90"
    assert "2 minutes" in answer.text


def test_an_error_page_is_shown_even_when_the_database_is_away(site: Site, tmp_path):
    client = site.client()
    client.log_in(ANNA)
    site.services.database.dispose()
    for file in tmp_path.glob("upheld.db*"):
        file.unlink()
    assert client.get("/you").status_code == 503
    assert client.get("/nothing-here").status_code == 404


def test_markup_in_the_policy_text_is_shown_as_written_not_run(site: Site):
    evil = (
        "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)> {{ 7*7 }}"
    )
    text = parse_text(f"# <b>Title</b>\n\n{evil}\n\n## 1. <i>Heading</i>\n\n- {evil}\n")
    versions = site.services.versions()
    policy = replace(versions.policies[0], text=text, translations={})
    changed = replace(versions, policies=(policy,))
    app = create_app(replace(site.services, versions=lambda: changed), PARTS)
    page = app.test_client().get("/", base_url=BASE_URL).text
    for live in ("<script", "<img", "javascript:", "<b>Title", "<i>Heading", "49"):
        assert live not in page
    assert "&lt;script&gt;" in page


def test_what_a_check_found_is_escaped(site: Site):
    site.find("5.b", State.BROKEN, "<script>x</script>", "<script>y</script>")
    page = site.client().get("/").text
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_an_address_that_was_typed_is_escaped(site: Site):
    page = site.client().post("/login", {"email": '"><script>x</script>'}).text
    assert "<script" not in page


@pytest.mark.parametrize("path", ["/login/code/%00", "/policy/a%00b", "/you/requests/%00"])
def test_a_nul_in_a_path_leads_nowhere(site: Site, path: str):
    """It would get as far as the database, and PostgreSQL takes none."""
    assert site.client().get(path).status_code == 404


def test_a_nul_in_a_form_or_a_query_is_refused(site: Site):
    client = site.client()
    assert client.post("/login", {"email": "anna\x00@example.com"}).status_code == 400
    assert client.get("/login?next=%00").status_code == 400


def test_a_large_form_is_refused(site: Site):
    answer = site.client().post("/login", {"email": "a" * 200_000})
    assert answer.status_code == 413


def test_the_wrong_method_is_refused_and_the_right_one_named(site: Site):
    answer = site.client().get("/logout")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_pages_stay_under_a_hundred_kilobytes(site: Site):
    client = site.client()
    client.log_in(ANNA)
    style = (ROOT / "web/static/upheld.css").stat().st_size
    for path in ("/", "/policy", "/you", "/you/choices", "/you/held", "/gate"):
        assert len(client.get(path).data) + style < 100_000, path


def test_idle_time_does_not_let_a_proof_outlast_ten_minutes(site: Site):
    client = site.client()
    client.log_in(ANNA)
    client.prove()
    session = site.services.access.sessions.find(client.cookie() or "")
    assert session is not None
    assert session.proved(site.clock.now())
    assert not session.proved(site.clock.now() + timedelta(minutes=10))
