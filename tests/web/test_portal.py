"""The portal's pages: the living policy, choices, the gate, cookies, languages, signals."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from engine.policy.models import Choice
from engine.policy.versions import Versions
from engine.promises.promise import State
from engine.rights.state import Status, Times, progress
from tests.web.conftest import ANNA, BASE_URL, PARTS, ROOT, Client, Site
from web.app import create_app
from web.words import say_sentence

CATALOGUE = ROOT / "web/translations/zh_Hans/LC_MESSAGES"


@pytest.fixture
def anna(site: Site) -> Client:
    client = site.client()
    client.log_in(ANNA)
    return client


def _to_october(site: Site) -> None:
    site.publish("2026-10-01")
    site.clock.set(datetime(2026, 10, 2, 12, tzinfo=UTC))


def test_every_clause_stands_on_the_page_under_its_own_address(site: Site):
    page = site.client().get("/").text
    clauses = site.services.versions().policies[0].text.clauses
    assert len(clauses) > 30
    for clause in clauses:
        assert page.count(f'id="c-{clause.id}"') == 1


@pytest.mark.parametrize("state", list(State))
def test_beside_a_clause_stands_its_state_in_words_with_the_evidence(site: Site, state: State):
    site.find("5.b", state, "the oldest is `89 d 4 h` old", "one thing more")
    page = site.client().get("/").text
    row = page[page.index('id="c-5.b"') : page.index('id="c-5.c"')]
    assert state.value in row
    assert "The oldest is “89 d 4 h” old." in row
    assert "One thing more." in row


def test_the_policy_is_shown_even_if_its_promises_cannot_be_read(site: Site):
    app = create_app(replace(site.services, promises=None), PARTS)
    page = app.test_client().get("/", base_url=BASE_URL)
    assert page.status_code == 200
    assert "API call logs: retained for 90 days" in page.text


def test_a_version_that_is_not_in_force_carries_no_states(site: Site):
    site.find("5.b", State.KEPT, "fine")
    site.publish("2026-10-01")
    assert "Fine." in site.client().get("/policy/2026-04-03").text
    announced = site.client().get("/policy/2026-10-01").text
    assert "Fine." not in announced
    assert "not in force yet" in announced


def test_an_unpublished_version_is_not_shown(site: Site):
    assert site.client().get("/policy/2026-10-01").status_code == 404


def test_an_announced_version_is_named_on_the_page_with_what_it_changes(site: Site):
    site.publish("2026-10-01")
    client = site.client()
    assert "A new version applies from Thursday, 1 October 2026." in client.get("/").text
    changes = client.get("/policy/2026-10-01/changes").text
    assert "180 days" in changes
    assert 'href="/policy/2026-10-01#c-5.b"' in changes
    assert client.get("/policy/2026-04-03/changes").status_code == 404


def test_nothing_is_on_until_it_is_turned_on_and_off_takes_one_press_in_the_same_place(
    anna: Client,
):
    page = anna.get("/you/choices").text
    assert page.count(">Turn on<") == 4
    assert ">Turn off<" not in page
    answer = anna.post("/you/choices", {"choice": "suggestions", "on": "yes"})
    assert answer.location == "/you/choices#suggestions"
    page = anna.get("/you/choices").text
    assert page.count(">Turn off<") == 1
    anna.post("/you/choices", {"choice": "suggestions", "on": "no"})
    assert ">Turn off<" not in anna.get("/you/choices").text
    states = [r.state.value for r in anna.site.services.consent.records("1")]
    assert states == ["given", "withdrawn"]


def test_an_objection_is_recorded_and_lifted(anna: Client):
    anna.post("/you/objections", {"purpose": "suggestions", "on": "yes"})
    assert anna.site.services.consent.overview("1").objections == ("suggestions",)
    assert "You object to this." in anna.get("/you/choices").text
    anna.post("/you/objections", {"purpose": "suggestions", "on": "no"})
    assert anna.site.services.consent.overview("1").objections == ()


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/you/choices", {"choice": "no-such", "on": "yes"}, 404),
        ("/you/choices", {"choice": "suggestions", "on": "perhaps"}, 400),
        ("/you/choices", {}, 400),
        ("/you/objections", {"purpose": "no-such", "on": "yes"}, 404),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(
    anna: Client, path: str, form: dict[str, str], status: int
):
    assert anna.post(path, form).status_code == status
    assert anna.site.services.consent.records("1") == []


def test_each_answer_has_a_receipt_to_keep(anna: Client):
    anna.post("/you/choices", {"choice": "suggestions", "on": "yes"})
    address = re.search(r"/you/receipts/[\w-]+", anna.get("/you/choices").text)
    assert address is not None
    answer = anna.get(address[0])
    assert answer.headers["Content-Disposition"].startswith("attachment")
    receipt = json.loads(answer.text)
    assert receipt["schema_version"] == "27560-2023"
    assert receipt["event"]["event_state"] == "given"


def test_a_person_who_never_agreed_is_led_to_the_gate_at_login(site: Site):
    client = site.client()
    assert client.log_in(ANNA).location == "/gate"
    gate = client.get("/gate").text
    buttons = re.findall(r'<button class="([^"]*)" type="submit">(I [^<]+)<', gate)
    assert buttons == [("button", "I agree"), ("button", "I do not agree")]
    assert "checkbox" not in gate
    assert "radio" not in gate


def test_after_agreeing_the_optional_questions_come_on_their_own(anna: Client):
    answer = anna.post("/gate/agree", {"version": "2026-04-03"})
    assert answer.location == "/you/choices?asked=1"
    assert "none of them is needed" in anna.get(answer.location).text
    overview = anna.site.services.consent.overview("1")
    assert overview.agreed == "2026-04-03"
    assert not any(choice.on for choice in overview.choices)


def test_after_a_significant_change_the_gate_says_what_changed_clause_by_clause(anna: Client):
    anna.post("/gate/agree", {"version": "2026-04-03"})
    _to_october(anna.site)
    assert anna.log_in(ANNA).location == "/gate"
    gate = anna.get("/gate").text
    assert "kept longer" in gate
    assert 'href="/policy/2026-10-01#c-5.b"' in gate
    assert "Not done unless you agree to it" in gate


def test_who_declines_is_shown_how_to_take_their_data_and_cancel_and_is_not_nagged(anna: Client):
    anna.post("/gate/agree", {"version": "2026-04-03"})
    _to_october(anna.site)
    anna.log_in(ANNA)
    assert anna.post("/gate/decline", {"version": "2026-10-01"}).location == "/gate/declined"
    page = anna.get("/gate/declined").text
    for address in ("/you/requests/new/export", "/you/requests/new/deletion"):
        assert f'href="{address}"' in page
    assert anna.log_in(ANNA).location == "/you"


def test_while_gated_a_person_can_use_their_pages_and_log_out(anna: Client):
    for path in ("/you", "/you/choices", "/you/held", "/you/requests/new"):
        assert anna.get(path).status_code == 200
    assert anna.post("/logout").status_code == 303


def test_only_the_version_in_force_can_be_agreed_to(anna: Client):
    assert anna.post("/gate/agree", {"version": "2026-10-01"}).status_code == 400


def test_what_is_held_is_said_with_how_long_in_plain_words(anna: Client):
    page = anna.get("/you/held").text
    assert "Deleted 90 days after it was recorded." in page
    assert "Deleted 30 days after you cancel your account." in page
    assert "never stored" not in page


def test_cookies_are_named_with_their_reason(site: Site):
    page = site.client().get("/cookies").text
    assert "<code>session</code>" in page
    assert "<code>preferences</code>" in page
    assert "Only with your consent" in page


def test_support_of_global_privacy_control_is_declared(site: Site):
    answer = site.client().get("/.well-known/gpc.json")
    assert answer.content_type == "application/json"
    assert json.loads(answer.text) == {"gpc": True, "lastUpdate": "2025-04-15"}


@pytest.mark.parametrize(
    ("header", "heard"), [("1", True), ("1, 1", True), ("0", False), ("true", False), ("", False)]
)
def test_only_an_exact_1_is_the_signal_and_that_it_was_heard_is_shown(
    site: Site, header: str, heard: bool
):
    page = site.client().get("/", headers={"Sec-GPC": header}).text
    assert ("Global Privacy Control" in page) is heard


def test_the_signal_turns_off_at_login_what_the_policy_says_it_turns_off(site: Site):
    policy = site.services.versions().policies[0]
    sale = Choice.model_validate(
        {"id": "sale", "clause": "3.c", "default": "on", "off by": ["gpc"], "ask": "May we sell?"}
    )
    consent = policy.consent.model_copy(update={"choices": (sale,)})
    changed = Versions((replace(policy, consent=consent),), {})
    own = type(site.services.consent)(
        site.services.database,
        lambda: changed,
        site.services.directory,
        site.clock,
        base_url=BASE_URL,
        restrictions=site.restrictions,
    )
    services = replace(site.services, versions=lambda: changed, consent=own)
    client = Client(replace(site, app=create_app(services, PARTS)))
    where, code = client.ask_for_code(ANNA)
    assert own.overview("1").choices[0].on
    client.post(where, {"code": code}, headers={"Sec-GPC": "1"})
    assert own.overview("1").choices[0].on is False
    assert own.records("1")[0].source == "signal"


def test_the_language_comes_from_the_browser_and_can_be_switched(site: Site):
    chinese = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}
    client = site.client()
    page = client.get("/", headers=chinese).text
    assert '<html lang="zh-Hans">' in page
    assert "隐私政策" in page
    assert "API 调用日志：保留 90 天" in page
    assert '<html lang="en">' in client.get("/?language=en", headers=chinese).text
    assert '<html lang="en">' in client.get("/login", headers=chinese).text


def test_an_unknown_language_is_ignored(site: Site):
    answer = site.client().get("/?language=tlh")
    assert '<html lang="en">' in answer.text
    assert "Set-Cookie" not in answer.headers


def test_what_was_agreed_to_is_recorded_in_the_language_that_was_shown(site: Site):
    client = site.client()
    client.log_in(ANNA)
    client.get("/?language=zh-Hans")
    client.post("/gate/agree", {"version": "2026-04-03"})
    assert site.services.consent.records("1")[0].language == "zh-Hans"


def _plain(text: object) -> list[object]:
    return list(text) if isinstance(text, list | tuple) else [text]


def test_every_message_is_translated_and_the_compiled_catalogue_is_up_to_date():
    with (CATALOGUE / "messages.po").open("rb") as file:
        written = read_po(file, locale="zh_Hans")
    with (CATALOGUE / "messages.mo").open("rb") as file:
        compiled = read_mo(file)
    for message in written:
        if message.id:
            assert message.string, message.id
            assert not message.fuzzy, message.id
            found = compiled.get(message.id)
            assert found is not None, message.id
            assert _plain(found.string) == _plain(message.string)


def test_every_message_on_the_pages_is_in_the_catalogue():
    with (CATALOGUE / "messages.po").open("rb") as file:
        known = read_po(file, locale="zh_Hans")
    rules = [("**.py", "python"), ("**.html", "jinja2")]
    for folder in ("web/portal", "web/templates"):
        for place, _, message, _, _ in extract_from_dir(str(ROOT / folder), rules):
            assert known.get(message) is not None, f"{place}: {message}"


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("no rule keeps `5.b`", "No rule keeps “5.b”."),
        ("kept by `a`", "Kept by “a”."),
        ("“May we?”", "“May we?”"),
        ("Done.", "Done."),
    ],
)
def test_a_message_becomes_a_sentence(message: str, sentence: str):
    assert say_sentence(message) == sentence


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("right", ["access", "correction", "export", "deletion"])
def test_what_a_request_says_of_itself_is_translated(status: Status, right: str):
    with (CATALOGUE / "messages.po").open("rb") as file:
        known = read_po(file, locale="zh_Hans")
    now = datetime(2026, 6, 15, tzinfo=UTC)
    for times in (Times(now), Times(now, waiting_for="a file")):
        said = progress(right, status, times)
        assert known.get(said.now) is not None
        assert known.get(said.next) is not None
