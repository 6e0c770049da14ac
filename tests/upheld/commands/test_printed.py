"""What the commands print: JSON for programs wherever facts are printed, and what people do step by step."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
import yaml

from tests.support.clinic import VERSION, statements
from tests.upheld.commands.conftest import Terminal, install
from tests.upheld.commands.test_help import CONTEXT, every_command
from upheld.cli import app

REVIEW = f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%d}"

NOTHING_YET = {("decisions", "log"), ("decisions", "trial")}
PRINTS_FACTS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("lint",): (),
    ("decisions", "log"): (),
    ("decisions", "trial"): (),
    ("coverage",): (),
    ("test",): (),
    ("explain", "decision"): ("use", "reminder", "--for", "remind", "--given", "account=active"),
    ("explain", "expiry"): ("invoices", "--given", "record.created=2026-05-01 12:00"),
    ("explain", "gate"): ("--agreed", "no"),
    ("explain", "deadline"): ("access", "--in", "DE", "--received", "2026-11-05"),
    ("diff",): (VERSION, VERSION),
    ("schema",): (),
    ("plan",): (),
    ("verify",): (),
    ("purge",): (),
    ("promises",): (),
    ("check",): (),
    ("decide",): ("use", "reminder", "--for", "remind", "--subject", "3"),
    ("hold", "list"): (),
    ("key", "list"): (),
    ("officer", "list"): (),
    ("consent", "show"): ("3",),
    ("request", "list"): (),
    ("request", "show"): ("REQUEST",),
    ("request", "process"): ("REQUEST",),
    ("audit", "verify"): (),
    ("audit", "entries"): (),
    ("datamap", "check"): (),
}


def prints_facts(words: tuple[str, ...]) -> bool:
    """Whether a command says that it has `--format json`."""
    command: click.Command | None = app
    for word in words:
        assert isinstance(command, click.Group)
        command = command.get_command(CONTEXT, word)
    assert command is not None
    return any("--format" in option.opts for option in command.params)


def test_every_command_that_has_a_format_is_tried():
    assert {words for words in every_command() if prints_facts(words)} == set(PRINTS_FACTS)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory):
    """This module's own, since it purges."""
    return install(tmp_path_factory.mktemp("printed"))


@pytest.fixture
def request_id(terminal: Terminal) -> str:
    """A request for access, filed once."""
    found = terminal.ask("request", "list")
    if not found:
        return terminal.run("request", "file", "3", "access", "--proved").split()[0]
    return str(found[0]["request"])


@pytest.mark.parametrize("words", PRINTS_FACTS, ids=" ".join)
def test_json_can_be_read_by_a_program(words: tuple[str, ...], request_id: str, terminal: Terminal):
    given = [request_id if word == "REQUEST" else word for word in PRINTS_FACTS[words]]
    codes = {"plan": 1, "verify": 1, "purge": 1, "promises": 1}
    told = terminal.ask(*words, *given, code=codes.get(words[0], 0))
    assert isinstance(told, list | dict)
    assert told or words in {
        *NOTHING_YET,
        ("hold", "list"),
        ("key", "list"),
        ("officer", "list"),
        ("diff",),
    }


@pytest.mark.parametrize("words", [("plan",), ("coverage",), ("key", "list"), ("check",)])
def test_markdown_is_a_table(words: tuple[str, ...], terminal: Terminal):
    code = 1 if words == ("plan",) else 0
    lines = terminal.run(*words, "--format", "markdown", code=code).splitlines()
    assert re.fullmatch(r"\|( --- \|)+", lines[1])


def test_over_the_cap_is_refused_until_exactly_that_plan_is_approved(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("UPHELD_PURGE_BATCH", "100")
    plan = terminal.ask("plan", "reminders", code=1)
    terminal.run("purge", plan["digest"], code=3)
    assert f"an officer must approve plan {plan['digest'][:12]}" in terminal.err
    terminal.run("plan", "--approve", "0" * 12, code=3)
    assert "0" * 12 in terminal.err
    other = terminal.ask("plan", "reminders", "--by", "2030-01-01", code=1)
    terminal.run("plan", "--approve", plan["digest"][:12])
    terminal.run("purge", other["digest"], code=3)
    done = terminal.ask("purge", plan["digest"][:12])
    assert (done["rows"], done["state"]) == (150, "done")
    batches = terminal.ask("audit", "entries", "--kind", "purge.batch")
    facts = [json.loads(entry["facts"]) for entry in batches]
    gone = [sum(one["rows"].values()) for one in facts if one["run"] == done["run"]]
    assert gone == [100, 50]
    assert terminal.ask("purge", plan["digest"][:12])["rows"] in (0, 150)
    clinic = terminal.installed.environ["CLINIC_URL"]
    assert statements(clinic, "SELECT count(*) FROM reminders") == [(10,)]
    nothing = terminal.run("plan", "reminders")
    assert nothing.startswith("nothing due in reminders\n"), "no empty table comes first"
    assert terminal.run("purge", nothing.split("plan ")[1][:12]).startswith("run ")


def test_a_hold_is_placed_shown_and_released(terminal: Terminal):
    said = terminal.run(
        "hold", "add", "malpractice-claim", "--dataset", "visits", "--note", "x", "--review", REVIEW
    )
    hold = said.split()[3].rstrip(";")
    (row,) = terminal.ask("hold", "list")
    assert (row["hold"], row["about"], row["placed by"]) == (hold, "visits", "officer")
    terminal.run("hold", "release", hold)
    assert terminal.ask("hold", "list") == []
    assert len(terminal.ask("hold", "list", "--all")) == 1
    terminal.run("hold", "add", "malpractice", "--note", "x", "--review", REVIEW, code=2)
    assert "did you mean `malpractice-claim`" in terminal.err


def test_a_key_is_shown_once_and_ends_when_revoked(terminal: Terminal):
    text = terminal.run("key", "create", "ward", "--scope", "decide", "--scope", "consent").strip()
    (row,) = terminal.ask("key", "list")
    assert (row["name"], row["scopes"], row["revoked"]) == ("ward", "consent, decide", None)
    assert text not in json.dumps(row)
    rotated = terminal.run("key", "rotate", row["key"]).strip()
    assert rotated != text
    (new,) = (one for one in terminal.ask("key", "list") if not one["expires"])
    terminal.run("key", "revoke", new["key"])
    assert all(one["expires"] or one["revoked"] for one in terminal.ask("key", "list"))


def test_an_officer_is_added_and_disabled(terminal: Terminal):
    terminal.run("officer", "add", "robin", "--password", "a password that is long")
    terminal.run("officer", "add", "robin", "--password", "a password that is long", code=3)
    assert "robin" in terminal.err
    terminal.run("officer", "disable", "robin")
    (row,) = terminal.ask("officer", "list")
    assert row["disabled"]


def test_consent_is_given_shown_receipted_and_taken_back(terminal: Terminal):
    terminal.run("consent", "give", "4", "research", "--source", "paper")
    assert terminal.ask("consent", "show", "4")["choices"]["research"]["on"] is True
    receipt = json.loads(terminal.run("consent", "receipt", "4"))
    assert "research" in json.dumps(receipt)
    terminal.run("consent", "withdraw", "4", "research")
    assert terminal.ask("consent", "show", "4")["choices"]["research"]["on"] is False
    terminal.run("consent", "object", "4", "remind")
    assert "objects to: remind" in terminal.run("consent", "show", "4")
    terminal.run("consent", "object", "4", "remind", "--lift")
    assert terminal.ask("consent", "show", "4")["objections"] in ([], {})


def test_a_request_is_filed_processed_and_its_answer_written_once(
    terminal: Terminal, tmp_path: Path
):
    request = terminal.run("request", "file", "4", "export", "--proved").split()[0]
    terminal.run("request", "file", "4", "export", "--proved", code=3)
    assert "carried out" in terminal.run("request", "process")
    assert terminal.ask("request", "show", request)["status"] == "completed"
    path = tmp_path / "answer.zip"
    assert f"wrote {path}" in terminal.run("request", "package", request, "--out", str(path))
    terminal.run("request", "package", request, "--out", str(path), code=3)
    assert "answer.zip" in terminal.err


def test_a_correction_reaches_the_platform(terminal: Terminal):
    said = terminal.run(
        "request", "file", "4", "correction", "--set", "person.name=Dee Example", "--proved"
    )
    terminal.run("request", "process", said.split()[0])
    clinic = terminal.installed.environ["CLINIC_URL"]
    assert statements(clinic, "SELECT full_name FROM patients WHERE no = 4") == [("Dee Example",)]


def test_the_map_can_be_proposed_and_its_grants_printed(terminal: Terminal):
    clinic = terminal.installed.environ["CLINIC_URL"]
    proposed = yaml.safe_load(terminal.run("datamap", "scan", clinic, "--store", "ward"))
    assert {"patients", "visits", "lab_results"} <= set(proposed["datasets"])
    terminal.run("datamap", "grants", "keeper")


def test_the_schemas_are_printed_and_written(terminal: Terminal, tmp_path: Path):
    assert json.loads(terminal.run("schema", "use.yaml", "--format", "json"))["$schema"]
    assert len(json.loads(terminal.run("schema", "--format", "json"))) == 13
    assert "keep: 90 days" in terminal.run("schema", "retention.keep")
    (key,) = json.loads(terminal.run("schema", "retention.keep", "--format", "json"))
    assert key["key"] == "retention.rules.keep"
    assert "rules.keep" in terminal.run("schema", "--format", "markdown")
    assert "retention.yaml" in terminal.run("schema")
    terminal.run("schema", "--write", str(tmp_path / "schemas"))
    names = {path.name for path in (tmp_path / "schemas").iterdir()}
    assert {"use.schema.json", "datamap.schema.json"} <= names


def test_the_schema_of_the_database_is_upgraded_once(terminal: Terminal):
    assert "up to date" in terminal.run("db", "upgrade")


def test_tampering_is_found_against_a_checkpoint_saved_before(terminal: Terminal, tmp_path: Path):
    """Last in this module: it spoils the ledger."""
    saved = tmp_path / "checkpoint.txt"
    terminal.run("audit", "checkpoint", "--out", str(saved))
    proof = tmp_path / "proof.json"
    proof.write_text(terminal.run("audit", "prove", "0"), encoding="utf-8")
    assert "stands in the ledger" in terminal.run("audit", "check-proof", str(proof))
    assert terminal.ask("audit", "verify", "--checkpoint", str(saved))["ok"]
    store = terminal.installed.environ["UPHELD_DATABASE_URL"]
    statements(
        store,
        "DROP TRIGGER IF EXISTS none; UPDATE ledger_entries SET body = '{}' WHERE position = 1",
    )
    told = terminal.ask("audit", "verify", "--checkpoint", str(saved), code=1)
    assert not told["ok"]
    assert told["findings"]
    doctored = proof.read_text(encoding="utf-8").replace("officer", "nobody", 1)
    proof.write_text(doctored.replace('"index": 0', '"index": 1'), encoding="utf-8")
    terminal.run("audit", "check-proof", str(proof), code=1)
    assert "✕" in terminal.run("audit", "verify", code=1)
