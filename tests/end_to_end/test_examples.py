"""Three companies that have nothing in common, from their files in `policies/examples` to their purged rows.

Not a line of Python outside the tests knows what a patient, a child or an advertisement is. On SQLite and on
PostgreSQL, for Upheld's own store and for the company's.
"""

import json
import re
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from werkzeug.test import Client

from engine.audit import ledger
from engine.decisions.decision import Request
from engine.errors import Conflict, Forbidden, UnknownName
from engine.policy.citations import citations
from engine.policy.load import read_policy
from tests.support.clock import FrozenClock
from tests.support.company import EXAMPLES, VERSION, Company, found_company, purged
from upheld.bootstrap import House
from upheld.cli import run

NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())


@pytest.fixture
def company(
    store_url: str,
    platform_url: str,
    tmp_path: Path,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[[str], Company]:
    """Founds the company of that name."""

    def found(name: str) -> Company:
        return found_company(name, tmp_path, store_url, platform_url, clock, monkeypatch, capsys)

    return found


def test_there_are_a_clinic_a_childrens_game_and_a_paper():
    assert NAMES == ["lantern-post", "lime-grove-clinic", "mango-meadow"]


@pytest.mark.parametrize("name", NAMES)
def test_the_policy_is_free_of_findings_and_covers_every_clause(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("EXAMPLE_URL", "sqlite://")
    monkeypatch.setenv("UPHELD_POLICIES", str(EXAMPLES))
    monkeypatch.setenv("UPHELD_POLICY", name)
    assert run(["lint"]) == 0
    assert "0 errors, 0 warnings" in capsys.readouterr().out
    assert run(["test"]) == 0
    capsys.readouterr()
    assert run(["coverage", "--format", "json"]) == 0
    covered = json.loads(capsys.readouterr().out)
    assert {clause["grade"] for clause in covered["clauses"]} <= {"enforced", "informative"}


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_that_decides_or_keeps_is_named_by_a_case(name: str):
    policy = read_policy(EXAMPLES / name / VERSION)
    written = (EXAMPLES / name / "tests" / "decisions.yaml").read_text(encoding="utf-8")
    deciding = (*policy.collection, *policy.use, *policy.sharing)
    named = set(re.findall(r"by: ([a-z0-9-]+)", written))
    assert {rule.id for rule in deciding} - named == set()
    assert citations(policy)


def test_a_clinic_keeps_what_law_asks_for_and_takes_names_out_of_studies(company):
    clinic = company("lime-grove-clinic")
    with clinic.house() as house:
        assert purged(house) == {
            "delete patients": 1,
            "delete records": 1,
            "delete lab_results": 1,
            "delete images": 2,
            "delete invoices": 1,
            "delete appointments": 1,
            "anonymise study_cases": 1,
        }
        states = {p.clause: p.state for p in house.promises.check()}
    assert clinic.left("patients") == [2, 3]
    # A child's image waits for the 28th birthday; a grown-up's of the same day does not.
    assert clinic.left("images") == [32]
    assert clinic.left("invoices", "number") == ["2026-01"]
    cases = clinic.sql("SELECT id, patient_id, name, finding FROM study_cases ORDER BY id")
    assert cases == [
        (51, None, "", "ligaments heal in 6 weeks"),
        (52, 3, "Cy Example", "and again in 5"),
    ]
    (born,) = clinic.sql("SELECT born FROM study_cases WHERE id = 51")[0]
    assert born == "1980"
    assert {states[clause] for clause in ("4.a", "4.b", "4.c", "4.d", "4.e")} == {"kept"}


def test_a_patient_is_deleted_as_far_as_law_lets_and_the_rest_is_locked_away(company):
    clinic = company("lime-grove-clinic")
    with clinic.house() as house:
        house.consent.agree("3", VERSION, {"research": True}, source="portal")
        research = ("use", "health.record", "research")
        assert decided(house, "3", *research) == ("permit", "research")
        house.consent.choose("3", "research", False, source="portal")
        assert decided(house, "3", *research) == ("deny", "research")
        case = house.rights.file("3", "deletion", source="officer", proved=True)
        outcomes = {o.dataset: o.outcome for o in house.rights.process(case.id).outcomes}
        assert (outcomes["records"], outcomes["appointments"]) == ("restricted", "deleted")
        assert decided(house, "3", "use", "health.record", "treat")[0] == "deny"
        assert decided(house, "3", "use", "health.record", "save-a-life") == ("permit", "emergency")
    assert clinic.left("records") == [11, 12, 13]
    assert clinic.left("appointments") == []


def test_a_game_forgets_children_who_have_no_guardian_and_what_they_recorded(company):
    game = company("mango-meadow")
    with game.house() as house:
        assert purged(house) == {
            "delete parents": 1,
            "delete children": 1,
            "delete sessions": 1,
            "delete recordings": 1,
        }
    assert game.left("people") == [1, 2, 5]
    assert game.left("sessions") == [22, 23]
    assert game.left("recordings") == [32]


def test_a_child_plays_once_a_verified_guardian_has_said_so(company, tmp_path: Path):
    game = company("mango-meadow")
    child, mother, stranger = "children:2", "1", "5"
    play = ("use", "play.progress", "play")
    with game.house() as house:
        house.consent.choose(child, "let-my-child-play", True, source="api")
        assert decided(house, child, *play) == ("deny", "play")
        with pytest.raises(Forbidden):
            house.consent.choose(child, "let-my-child-play", True, source="api", guardian=mother)
        with pytest.raises(UnknownName, match="way to verify"):
            house.guardians.verify(child, mother, "an honest face", source="api")
        house.guardians.verify(child, mother, "card payment", source="api")
        with pytest.raises(Forbidden):
            house.consent.choose(child, "let-my-child-play", True, source="api", guardian=stranger)
        with pytest.raises(Conflict, match="old enough"):
            house.guardians.verify(mother, stranger, "card payment", source="api")
        assert house.consent.login(child).by_guardian
        house.consent.agree(
            child, VERSION, {"let-my-child-play": True}, source="portal", guardian=mother
        )
        assert house.consent.login(child).ok
        assert decided(house, child, *play) == ("permit", "play")
        assert house.consent.records(child)[-1].guardian == mother
        assert house.directory.addresses(child) == ["ana@parents.test"]
        house.consent.choose(child, "let-my-child-play", False, source="portal")
        assert decided(house, child, *play) == ("deny", "play")
        house.consent.choose(child, "let-my-child-play", True, source="portal", guardian=mother)
        house.guardians.end(child, mother, source="officer")
        assert decided(house, child, *play) == ("deny", "play")
        assert [r.state.value for r in house.consent.records(child)][-2:] == ["invalidated"] * 2
        assert not house.consent.login(child).ok


def test_at_the_birthday_the_guardian_has_nothing_to_say_any_more(company):
    game = company("mango-meadow")
    child, mother = "children:2", "1"
    with game.house() as house:
        house.guardians.verify(child, mother, "signed form", source="api")
        house.consent.choose(child, "let-my-child-play", True, source="api", guardian=mother)
        game.clock.set(datetime(2034, 2, 28, 12, tzinfo=UTC))
        assert house.guardians.wards(mother) == [child]
        game.clock.set(datetime(2034, 3, 1, 12, tzinfo=UTC))
        assert house.guardians.wards(mother) == []
        with pytest.raises(Conflict, match="old enough"):
            house.consent.choose(child, "let-my-child-play", True, source="api", guardian=mother)
        house.consent.choose(child, "let-my-child-play", True, source="api")
        assert decided(house, child, "use", "play.progress", "play") == ("permit", "play")


def test_a_mother_answers_on_the_portal_in_her_childs_place(company, tmp_path: Path):
    game = company("mango-meadow")
    with game.house() as house:
        house.guardians.verify("children:2", "1", "video call", source="api")
        web = Client(house.web_app())
        base = house.settings.base_url
        log_in(web, house, tmp_path, "ana@parents.test")
        page = web.get("/you/children", base_url=base).text
        assert "Mimi" in page
        assert "Leo" not in page
        refused = post(web, base, "/you/children", child="children:4")
        assert refused.status_code == 404
        assert post(web, base, "/you/children", child="children:2").status_code == 303
        assert "You are answering for Mimi." in web.get("/you", base_url=base).text
        post(web, base, "/gate/agree", version=VERSION)
        post(web, base, "/you/choices", choice="let-my-child-play", on="yes")
        assert decided(house, "children:2", "use", "play.progress", "play")[0] == "permit"
        assert "said by a parent or guardian" in web.get("/you/choices", base_url=base).text
        assert house.consent.overview("1").agreed is None
        post(web, base, "/you/children/back")
        assert "Mimi" in web.get("/you/children", base_url=base).text
        post(web, base, "/you/children", child="children:2")
        house.guardians.end("children:2", "1", source="officer")
        assert web.get("/you", base_url=base).status_code == 303


def test_a_childs_data_comes_along_for_the_guardian(company):
    game = company("mango-meadow")
    with game.house() as house:
        case = house.rights.file("children:2", "export", source="officer", proved=True)
        house.rights.process(case.id)
        package = house.rights.package("children:2", case.id)
        everything = text_of(package.read())
    assert "right, wrong, right" in everything
    assert "the owl sat" in everything
    assert "Ana Example" not in everything


def test_a_paper_forgets_readers_and_cuts_advertisements_loose(company):
    paper = company("lantern-post")
    with paper.house() as house:
        assert purged(house) == {
            "delete readers": 1,
            "delete members": 1,
            "delete comments": 1,
            "delete visits": 1,
            "delete impressions": 1,
            "anonymise impressions": 1,
        }
    shown = paper.sql("SELECT id, number, campaign FROM impressions ORDER BY id")
    assert shown == [(21, "r-cal", "pans"), (22, None, "sails")]
    assert paper.left("members") == [1, 2]


def test_advertising_follows_unless_somebody_opted_out_or_lives_where_one_opts_in(company):
    paper = company("lantern-post")
    with paper.house() as house:
        reader, europe, young = "r-cal", "r-fra", "members:2"
        assert auctioned(house, reader, []) == ("permit", "auction")
        assert auctioned(house, reader, None) == ("deny", "signalled")
        assert auctioned(house, europe, [])[0] == "deny"
        house.consent.choose(europe, "sale-and-sharing", True, source="api")
        assert auctioned(house, europe, []) == ("permit", "auction-in-europe")
        assert auctioned(house, young, []) == ("deny", "not-of-the-young")
        assert auctioned(house, None, []) == ("deny", "auction")
        assert auctioned(house, reader, ["gpc"]) == ("deny", "signalled")
        assert auctioned(house, reader, []) == ("permit", "auction")
        house.consent.set_objection(reader, "ads", True, source="api")
        assert auctioned(house, reader, []) == ("deny", "auction")


def test_a_signal_at_login_is_an_opt_out_that_lasts_and_is_shown(company):
    paper = company("lantern-post")
    with paper.house() as house:
        base, web = house.settings.base_url, Client(house.web_app())
        key = house.access.keys.create("site", ("consent", "decide"))[1]
        headers = {"Authorization": f"Bearer {key}"}

        def post_json(path: str, body: dict[str, object]) -> dict[str, object]:
            answer = web.post(path, json=body, headers=headers, base_url=base)
            assert answer.status_code == 200, answer.text
            return dict(answer.json)

        said = post_json("/v1/logins", {"subject": "members:1", "signals": ["gpc"]})
        asked = [question["id"] for question in said["questions"]]
        assert "sale-and-sharing" not in asked
        quiet = post_json("/v1/logins", {"subject": "members:1", "signals": []})
        assert "sale-and-sharing" not in [question["id"] for question in quiet["questions"]]
        states = {state.id: state for state in house.consent.overview("members:1").choices}
        assert states["sale-and-sharing"].on is False
        assert [r.source for r in house.consent.records("members:1")] == ["signal"]
        question = {
            "operation": "use",
            "category": "reading.pages",
            "purpose": "ads.follow",
            "subject": "r-cal",
            "signals": [],
        }
        assert post_json("/v1/decisions", question)["effect"] == "permit"
        page = web.get("/", headers={"Sec-GPC": "1"}, base_url=base).text
        assert "we honour it" in page


def test_what_a_paper_gave_to_an_auction_stands_in_the_ledger(company):
    paper = company("lantern-post")
    made = {
        "subject": "r-cal",
        "recipient": "exchanges.bidfox",
        "purpose": "ads.auction",
        "categories": ["reading.number"],
    }
    with paper.house() as house:
        key = house.access.keys.create("ads", ["decide"])[1]
        headers = {"Authorization": f"Bearer {key}"}
        web, base = Client(house.web_app()), house.settings.base_url
        kept = web.post("/v1/disclosures", json=made, headers=headers, base_url=base)
        assert kept.status_code == 201, kept.text
        with house.database.read() as conn:
            (entry,) = ledger.entries(conn, kind="disclosure.made", subject="r-cal")
    assert entry.index == kept.json["entry"]
    assert entry.facts["recipient"] == "exchanges.bidfox"


def decided(house: House, subject: str, operation: str, category: str, purpose: str):
    """The effect and the deciding or nearest rule."""
    found = house.decisions.decide(Request(operation, category, purpose, ""), subject)
    return found.effect, found.rule


def auctioned(house: House, subject: str | None, signals: list[str] | None):
    """Whether the number in somebody's cookie may be auctioned."""
    asked = Request("share", "reading.number", "ads.auction", "exchanges.bidfox")
    found = house.decisions.decide(asked, subject, signals=signals)
    return found.effect, found.rule


def post(web: Client, base: str, path: str, **form: str):
    """Send a form of the portal, with the token of its page."""
    page = web.get("/you/choices", base_url=base).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token, page
    return web.post(path, data={**form, "csrf_token": token[1]}, base_url=base)


def log_in(web: Client, house: House, folder: Path, address: str) -> None:
    """Log in on the portal by the code from the mail."""
    base = house.settings.base_url
    page = web.get("/login", base_url=base).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    sent = web.post("/login", data={"email": address, "csrf_token": token}, base_url=base)
    code = None
    for _ in range(100):
        mails = sorted((folder / "mail" / "new").glob("*"), key=lambda path: path.name)
        if mails:  # delivered whole: what is being written lies in `tmp`
            code = re.search(r"\b(\d{3}) (\d{3})\b", mails[-1].read_text())
            break
        time.sleep(0.05)
    assert code
    form = {"code": code[1] + code[2], "csrf_token": token}
    entered = web.post(sent.location.partition("?")[0], data=form, base_url=base)
    assert entered.status_code == 303, entered.text


def text_of(package: bytes) -> str:
    """Everything in a downloaded package."""
    with zipfile.ZipFile(BytesIO(package)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist()).decode()
