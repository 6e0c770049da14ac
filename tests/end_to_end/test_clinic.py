"""An unrelated policy and schema: a clinic, as `clinic/` says it in Markdown, YAML and SQL alone.

Everything here goes through the command line or through what `upheld serve` serves; not a line of Python
knows what a patient is. On SQLite and on PostgreSQL, for Upheld's own store and for the clinic's.
"""

import re
import shutil
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from tests.support.clinic import VERSION, admit_patients, clinic_environ, statements
from tests.support.clock import FrozenClock
from tests.support.mail import Mailbox
from tests.support.terminal import Terminal
from upheld.bootstrap import open_house

ADA, BO, CY, DI = "1", "2", "3", "4"


@dataclass
class Clinic(Terminal):
    """The clinic's installation: its environment, its database, and the command line over both."""

    environ: dict[str, str]
    folder: Path

    def sql(self, script: str) -> list[tuple[Any, ...]]:
        """Run statements on the clinic's database; returns the rows of the last one."""
        return statements(self.environ["CLINIC_URL"], script)

    def left(self, table: str, key: str) -> list[Any]:
        """The keys of the rows that a table has."""
        return [row[0] for row in self.sql(f"SELECT {key} FROM {table} ORDER BY {key}")]


@pytest.fixture
def clinic(
    store_url: str,
    platform_url: str,
    smtp: Mailbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Clinic:
    """The clinic with an empty database, its policy written but not published."""
    environ = clinic_environ(tmp_path, store_url, platform_url) | {
        "UPHELD_MAIL": "smtp",
        "UPHELD_SMTP_HOST": smtp.host,
        "UPHELD_SMTP_PORT": str(smtp.port),
        "UPHELD_SMTP_STARTTLS": "false",
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return Clinic(capsys, environ, tmp_path)


@pytest.fixture
def opened(clinic: Clinic) -> Clinic:
    """The clinic with its rows and its policy in force."""
    admit_patients(clinic.environ["CLINIC_URL"])
    clinic.run("publish", VERSION)
    return clinic


def test_from_text_to_purged_rows_and_back_to_the_promise(clinic: Clinic):
    admit_patients(clinic.environ["CLINIC_URL"])
    assert "0 errors" in clinic.run("lint")
    assert "4 passed, 0 failed" in clinic.run("test")
    assert {c["grade"] for c in clinic.ask("coverage")["clauses"]} == {"enforced"}
    assert "first version" in clinic.run("publish", VERSION)
    assert {f["severity"] for f in clinic.ask("datamap", "check")} <= {"info"}

    broken = {p["clause"]: p["state"] for p in clinic.ask("promises", code=1)}
    assert {c for c, state in broken.items() if state == "broken"} == {"4.a", "4.b", "4.c"}

    plan = clinic.ask("plan", code=1)
    due = {step["dataset"]: step["rows"] for step in plan["steps"]}
    assert due == {"patients": 1, "visits": 1, "lab_results": 1, "invoices": 1, "reminders": 150}
    assert set(plan["refused"]) == {"reminders"}

    refused = clinic.ask("purge", plan["digest"], code=1)
    assert {row[0]: row[4] for row in refused["steps"]}["reminders"] == "refused"
    assert len(clinic.left("reminders", "id")) == 160

    plan = clinic.ask("plan", code=1)
    clinic.run("plan", "--approve", plan["digest"][:12])
    done = clinic.ask("purge", plan["digest"])
    assert clinic.left("patients", "no") == [2, 3, 4]
    assert clinic.left("visits", "visit_no") == [12, 13, 14]
    assert clinic.left("lab_results", "id") == [22, 23]
    assert clinic.left("invoices", "number") == ["NOW-3"]
    assert clinic.left("reminders", "id") == list(range(151, 161))

    assert clinic.ask("verify", done["run"])["upheld"]
    assert not any(step["rows"] for step in clinic.ask("plan")["steps"])
    states = {p["clause"]: p["state"] for p in clinic.ask("promises")}
    assert {states[clause] for clause in ("4.a", "4.b", "4.c")} == {"kept"}
    ledger = clinic.ask("audit", "verify")
    assert ledger["ok"]
    kinds = {entry["kind"] for entry in clinic.ask("audit", "entries")}
    assert {"policy.published", "purge.approved", "purge.intent", "purge.outcome"} <= kinds


def test_a_planted_survivor_is_found_and_the_clause_broken(opened: Clinic):
    purge_everything(opened)
    opened.sql("INSERT INTO invoices VALUES ('PLANTED', 3, 'Cy Example', 1, '2001-01-01 00:00:00')")
    found = {d["dataset"]: d["survivors"] for d in opened.ask("verify", code=1)["datasets"]}
    assert found["invoices"] == 1
    states = {p["clause"]: p["state"] for p in opened.ask("promises", code=1)}
    assert states["4.b"] == "broken"


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        (
            "2034-07-01T21:59:59+00:00",
            0,
        ),  # a second before midnight in Berlin, on the 28th birthday
        ("2034-07-01T22:00:00+00:00", 1),
    ],
)
def test_a_childs_records_wait_for_the_end_of_the_28th_birthday(
    clinic: Clinic, clock: FrozenClock, moment: str, due: int
):
    clinic.sql(
        "INSERT INTO patients VALUES (7, 'Eve Example', 'eve@example.com', '2006-07-01', 'DE', 'left',"
        " '2010-05-04 10:00:00'); INSERT INTO visits VALUES (70, 7, '2010-05-04 09:00:00', 'fever')"
    )
    clinic.run("publish", VERSION)
    clock.set(datetime.fromisoformat(moment))
    with open_house(clinic.environ, clock) as house:
        plan = house.retention.plan()
        assert {step.dataset: step.rows for step in plan.steps if step.rows} == (
            {"patients": 1, "visits": 1} if due else {}
        )


def test_health_data_needs_a_second_ground(opened: Clinic):
    """Without it the same rule on the same basis no longer permits."""
    given = [w for f in FACTS for w in ("--given", f)]
    treat = ("decide", "use", "health.visit", "--for", "treat", *given, "--version", VERSION)
    assert opened.ask(*treat)["rule"] == "treatment"
    file = opened.folder / "policies" / "clinic" / "2025-02-01"
    shutil.copytree(file.with_name(VERSION), file)
    for name in ("policy.yaml", "use.yaml"):
        said = (file / name).read_text(encoding="utf-8").replace(VERSION, file.name)
        said = re.sub(r', second ground: "[^"]*"', "", said)
        (file / name).write_text(said, encoding="utf-8")
    told = opened.ask(*treat[:-1], file.name, "--given", f"agreed={file.name}", code=1)
    assert "ground second ground" in {missing["label"] for missing in told["missing"]}
    assert opened.ask("decide", "use", "reminder", *treat[3:])["effect"] == "permit"


def test_taking_back_an_agreement_counts_for_the_next_decision(opened: Clinic):
    research = ("decide", "use", "health.lab_result", "--for", "research", "--subject", CY)
    with open_house() as house:
        house.consent.agree(CY, VERSION, {}, source="portal")
    assert opened.ask(*research, code=1)["missing"][0]["label"] == "choice research"
    opened.run("consent", "give", CY, "research")
    permitted = opened.ask(*research)
    assert (permitted["basis"], permitted["obligations"]) == ("explicit consent", ["log"])
    opened.run("consent", "withdraw", CY, "research")
    assert opened.ask(*research, code=1)["effect"] == "deny"
    assert opened.ask("consent", "show", CY)["choices"]["research"]["on"] is False


def test_a_patient_takes_their_data_along_by_a_code_from_the_mail(opened: Clinic, smtp: Mailbox):
    with open_house() as house:
        case = house.rights.file(CY, "export", source="portal")
        (mail,) = smtp.to("cy@example.com")
        code = re.search(r"\b\d{3} \d{3}\b", mail.get_content())
        assert code, mail.get_content()
        house.rights.verify(CY, case.id, code[0])
    assert opened.ask("request", "process", case.id)["status"] == "completed"
    path = opened.folder / "cy.zip"
    opened.run("request", "package", case.id, "--out", str(path))
    with zipfile.ZipFile(path) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert "a sprained ankle" in everything
    assert "HbA1c" in everything
    assert "insomnia" not in everything
    assert path.stat().st_mode & 0o077 == 0


def test_a_patient_sees_what_is_held_and_nothing_of_anybody_else(opened: Clinic):
    request = opened.run("request", "file", DI, "access", "--proved").split()[0]
    opened.run("request", "process")
    path = opened.folder / "di.zip"
    opened.run("request", "package", request, "--out", str(path))
    with zipfile.ZipFile(path) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert "insomnia" in everything
    assert not {"Ada Example", "Bo Example", "Cy Example"} & set(
        re.findall(r"\w+ Example", everything)
    )


def test_deleting_leaves_what_law_keeps_and_locks_it_away(opened: Clinic):
    request = opened.run("request", "file", CY, "deletion", "--proved").split()[0]
    told = opened.ask("request", "process", request)
    assert told["status"] == "completed"
    outcomes = {(o["dataset"], o["category"]): o["outcome"] for o in told["outcomes"]}
    assert outcomes["reminders", "reminder"] == "deleted"
    assert outcomes["visits", "health.visit"] == "restricted"
    assert outcomes["invoices", "invoice"] == "restricted"
    assert opened.sql("SELECT count(*) FROM reminders WHERE patient = 3 AND id > 150") == [(0,)]
    assert opened.sql("SELECT count(*) FROM reminders WHERE patient = 4 AND id > 150") == [(5,)]
    assert opened.left("visits", "visit_no") == [11, 12, 13, 14]
    certificate = opened.folder / "certificate.json"
    opened.run("request", "package", request, "--out", str(certificate))
    assert "stands in the ledger" in opened.run("audit", "check-proof", str(certificate))
    opened.run("audit", "check-proof", str(certificate), "--subject", CY)
    opened.run("audit", "check-proof", str(certificate), "--subject", DI, code=1)
    doctored = certificate.read_text(encoding="utf-8").replace('"restricted"', '"deleted"')
    certificate.write_text(doctored, encoding="utf-8")
    opened.run("audit", "check-proof", str(certificate), code=1)
    assert opened.ask("audit", "verify")["ok"]
    treat = ("decide", "use", "health.visit", "--for", "treat", "--subject", CY)
    assert opened.ask(*treat, code=1)["effect"] == "deny"


def test_a_hold_for_a_claim_keeps_what_is_due(opened: Clinic):
    review = f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%d}"
    placed = opened.run(
        "hold",
        "add",
        "malpractice-claim",
        "--subject",
        ADA,
        "--note",
        "a claim",
        "--review",
        review,
    )
    hold = re.search(r"the hold (\S+);", placed)
    assert hold
    purge_everything(opened)
    assert opened.left("patients", "no") == [1, 2, 3, 4]
    assert opened.left("visits", "visit_no") == [11, 12, 13, 14]
    opened.run("hold", "release", hold[1])
    purge_everything(opened)
    assert opened.left("patients", "no") == [2, 3, 4]


def test_the_portal_and_the_api_speak_of_the_clinic(opened: Clinic):
    with open_house() as house:
        web = Client(house.web_app())
        page = web.get("/", base_url=house.settings.base_url)
        assert page.status_code == 200
        assert "until your 28th birthday" in page.text
        key = house.access.keys.create("ward", ("decide",))[1]
        question = {
            "operation": "share",
            "category": "health.visit",
            "purpose": "sell",
            "recipient": "laboratory",
            "subject": CY,
        }
        answer = web.post(
            "/v1/decisions",
            json=question,
            headers={"Authorization": f"Bearer {key}"},
            base_url=house.settings.base_url,
        )
    assert (answer.json["effect"], answer.json["rule"]) == ("deny", "no-sale")


FACTS = ("account=active", f"agreed={VERSION}", "restricted=no", "objected=")


def purge_everything(clinic: Clinic) -> None:
    """Approve what is due and purge it."""
    with open_house() as house:
        plan = house.retention.plan()
        if house.retention.refusals(plan):
            house.retention.approve(plan.digest, officer="officer")
        house.retention.purge(plan.digest)
