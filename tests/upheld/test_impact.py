"""What `upheld diff --impact` says of a version is what happens once that version is in force."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.audit import ledger
from engine.errors import Conflict
from engine.policy.load import read_policy
from engine.retention.service import silent
from tests.support.clinic import VERSION, admit_patients, clinic_environ
from tests.support.clock import FrozenClock
from upheld.bootstrap import House
from upheld.cli import run
from upheld.impact import Impact, impact
from upheld.publishing import publish
from upheld.settings import read_settings

AGREED, NEVER, UNSURE = "3", "4", "5"


@dataclass
class Clinic:
    """A clinic whose next version comes into force in two days."""

    house: House
    clock: FrozenClock
    folder: Path
    mail: Path
    next: str

    def write_next(self, **changes: Callable[[Any], Any]) -> None:
        """Write the next version: each file that is named, changed."""
        at = self.folder / self.next
        at.mkdir()
        for path in (self.folder / VERSION).iterdir():
            (at / path.name).write_bytes(path.read_bytes())
        header = {"version": self.next, "effective": self.next}
        for name, change in {"policy": lambda told: told | header, **changes}.items():
            path = at / f"{name}.yaml"
            before = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506
            path.write_text(yaml.safe_dump(change(before), sort_keys=False), encoding="utf-8")

    def impact(self) -> Impact:
        """What is said of the next version."""
        old, new = (read_policy(self.folder / name) for name in (VERSION, self.next))
        return impact(self.house, old, new, silent)

    def bring_into_force(self, at: datetime) -> None:
        """Publish the next version and wait until it applies."""
        self.house.folder.publish(self.next, by="officer", now=self.clock.now())
        self.house.versions.refresh()
        self.clock.set(at.astimezone(UTC))

    def due(self) -> dict[str, int]:
        """The rows that a plan finds due now, by dataset."""
        return {one.dataset: one.affected for one in self.house.retention.plan().datasets}


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    now = datetime.now(UTC)
    environ = clinic_environ(
        tmp_path, f"sqlite:///{tmp_path / 'upheld.db'}", f"sqlite:///{tmp_path / 'clinic.db'}"
    ) | {"UPHELD_MAIL": "maildir", "UPHELD_MAILDIR": str(tmp_path / "mail")}
    admit_patients(environ["CLINIC_URL"])
    clock = FrozenClock(now)
    house = House(read_settings(environ), environ, clock)
    house.folder.publish(VERSION, by="officer", now=now)
    soon = (now.astimezone(UTC) + timedelta(days=3)).date().isoformat()
    folder = tmp_path / "policies" / "clinic"
    yield Clinic(house, clock, folder, tmp_path / "mail", soon)
    house.close()


def keeping(length: str) -> Callable[[Any], Any]:
    """Reminders are kept for another time."""

    def change(told: Any) -> Any:
        for rule in told["rules"]:
            if rule["id"] == "reminders":
                rule["keep"] = length
        return told

    return change


def deciding(consequence: str) -> Callable[[Any], Any]:
    decision = {"change": "retention.longer", "reason": "a court asked", "decided by": "us"}
    return lambda told: told | {"changes": [decision | {"consequence": consequence}]}


def more_use(told: Any) -> Any:
    rule = {"id": "phoning", "clause": "2.c", "data": ["person.name"], "for": ["remind"]}
    return [*told, rule | {"basis": "contract"}]


def answering(length: str) -> Callable[[Any], Any]:
    def change(told: Any) -> Any:
        for rule in told["rules"]:
            if rule["right"] == "access":
                rule["answer within"] = length
        return told

    return change


def test_rows_that_a_shorter_period_makes_due_are_those_that_a_plan_then_finds(clinic: Clinic):
    clinic.write_next(retention=keeping("1 day"))
    found = clinic.impact()
    (reminders,) = (one for one in found.datasets if one.dataset == "reminders")
    assert (reminders.before, reminders.after, reminders.newly, reminders.spared) == (
        150,
        160,
        10,
        0,
    )
    assert clinic.house.retention.latest_plan() is None
    clinic.bring_into_force(found.at)
    assert clinic.due() == {one.dataset: one.after for one in found.datasets}


@pytest.mark.parametrize(("consequence", "spared"), [("reconfirm", 0), ("notice", 150)])
def test_a_longer_period_spares_rows_only_if_nobody_need_agree_to_it(
    clinic: Clinic, consequence: str, spared: int
):
    header = {"version": clinic.next, "effective": clinic.next}
    clinic.write_next(
        retention=keeping("90 years"), policy=lambda told: deciding(consequence)(told) | header
    )
    found = clinic.impact()
    assert sum(one.spared for one in found.datasets) == spared
    clinic.bring_into_force(found.at)
    assert clinic.due() == {one.dataset: one.after for one in found.datasets}


def test_people_are_asked_what_was_said_that_they_would_be(clinic: Clinic):
    clinic.house.consent.agree(AGREED, VERSION, {"research": False}, source="gate")
    clinic.write_next(use=more_use)
    found = clinic.impact()
    assert dict(found.asked.outcomes) == {"reconfirm": 1, "agree": 1}
    assert [kind for kind, _ in found.asked.changes] == ["reconfirm"]
    clinic.bring_into_force(found.at)
    gates = [clinic.house.consent.login(person) for person in (AGREED, NEVER)]
    assert sorted(gate.outcome for gate in gates) == ["agree", "reconfirm"]
    told = [t.sentence for gate in gates for t in gate.told if t.consequence == "reconfirm"]
    assert told == [sentence for _, sentence in found.asked.changes]
    asked = [question.id for gate in gates for question in gate.questions]
    assert {name: asked.count(name) for name in asked} == dict(found.asked.choices)


def test_an_unconfirmed_request_is_then_answered_by_the_deadline_that_was_said(clinic: Clinic):
    case = clinic.house.rights.file(AGREED, "access", source="portal")
    other = clinic.house.rights.file(NEVER, "access", source="portal", proved=True)
    clinic.write_next(rights=answering("5 days"))
    found = clinic.impact()
    (request,) = found.requests
    assert (request.id, request.due) == (case.id, case.request.legal_due)
    clinic.bring_into_force(found.at)
    clinic.house.rights.send_code(AGREED, case.id)
    letters = sorted(clinic.mail.glob("new/*"), key=lambda path: path.stat().st_mtime_ns)
    code = re.findall(r"\b[0-9]{3} [0-9]{3}\b", letters[-1].read_text(encoding="utf-8"))[-1]
    assert clinic.house.rights.verify(AGREED, case.id, code).request.legal_due == request.then
    assert clinic.house.rights.get(NEVER, other.id).request.legal_due == other.request.legal_due


def on_another_basis(told: Any) -> Any:
    """Research no longer waits for consent."""
    for rule in told:
        if rule["id"] == "research":
            rule |= {"basis": "contract", "second ground": "GDPR 9(2)(j)"}
            del rule["choice"]
    return told


def test_what_is_blocked_is_published_only_when_decided_and_the_ledger_keeps_why(clinic: Clinic):
    clinic.write_next(use=on_another_basis)
    with pytest.raises(Conflict, match="a human must decide first"):
        publish(clinic.house, clinic.next, by="officer")
    header = clinic.folder / clinic.next / "policy.yaml"
    decision = {"change": "basis.consent-replaced", "rule": "research", "consequence": "reconfirm",
                "reason": "the ethics board agreed", "decided by": "privacy officer"}  # fmt: skip
    with header.open("a", encoding="utf-8") as file:
        file.write(yaml.safe_dump({"changes": [decision]}))
    assert publish(clinic.house, clinic.next, by="officer").consequence == "reconfirm"
    with clinic.house.database.read() as conn:
        bodies = [entry.facts for entry in ledger.entries(conn)]
    (kept,) = (body["decided"] for body in bodies if "decided" in body)
    told = {key: kept[0][key] for key in ("change", "usually", "consequence", "reason", "by")}
    assert told == {"change": "basis.consent-replaced", "usually": "blocked",
                    "consequence": "reconfirm", "reason": "the ethics board agreed",
                    "by": "privacy officer"}  # fmt: skip


def test_the_command_prints_it_in_every_form(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    for name, value in clinic.house.environ.items():
        monkeypatch.setenv(name, value)
    clinic.write_next(retention=keeping("1 day"), use=more_use)

    def printed(form: str) -> str:
        assert run(["diff", VERSION, clinic.next, "--impact", "--format", form]) == 0
        return capsys.readouterr().out

    told = json.loads(printed("json"))
    assert told["impact"]["logins"] == {"agree": 2}
    assert {row["dataset"]: row["newly due"] for row in told["impact"]["rows"]}["reminders"] == 10
    assert "10 rows newly due" in printed("table")
    markdown = printed("markdown")
    assert markdown.startswith(f"## Privacy policy: {VERSION} → {clinic.next}\n")
    assert "| reminders | 160 | 150 | 160 | 10 | 0 |" in markdown
