"""What is wrong is told in one line with what to do, by an exit code, and never by a traceback."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.clinic import VERSION
from tests.upheld.commands.conftest import Terminal

READS_THE_POLICY = [["lint"], ["coverage"], ["test"], ["plan"], ["promises"], ["check"]]


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("UPHELD_PORT", "eighty", "UPHELD_PORT"),
        ("UPHELD_PORT", "70000", "UPHELD_PORT"),
        ("UPHELD_MAIL", "pigeon", "UPHELD_MAIL"),
        ("UPHELD_BASE_URL", "http://privacy.example.com", "use https"),
        ("UPHELD_BASE_URL", "privacy", "UPHELD_BASE_URL"),
        ("UPHELD_PURGE_HOUR", "25", "UPHELD_PURGE_HOUR"),
        ("UPHELD_PURGE_BATCH", "0", "UPHELD_PURGE_BATCH"),
        ("UPHELD_POLICY", "clinik", "did you mean `clinic`"),
        ("UPHELD_POLICIES", "/nowhere", "no folder of policies at `/nowhere`"),
        ("UPHELD_DATABASE_URL", "oracle", "UPHELD_DATABASE_URL"),
        ("UPHELD_SECRET_FILE", "/nowhere/secret", "UPHELD_SECRET_FILE"),
    ],
)
def test_a_bad_setting_is_named(
    variable: str, value: str, says: str, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(variable, value)
    terminal.run("consent", "show", "3", code=2)
    assert says in terminal.err
    assert terminal.err.count("\n") == 1, terminal.err


def test_a_variable_of_the_map_that_is_not_set_is_named(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("CLINIC_URL")
    terminal.run("plan", code=1)
    assert "CLINIC_URL" in terminal.err


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("UPHELD_DATABASE_URL", "sqlite:////dev/null/upheld.db"),
        ("UPHELD_DATABASE_URL", "postgresql+psycopg://nobody:hush@127.0.0.1:9/none"),
        ("CLINIC_URL", "postgresql+psycopg://nobody:hush@127.0.0.1:9/none"),
    ],
)
def test_a_database_that_is_not_there_ends_with_3_and_keeps_its_password(
    variable: str, url: str, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(variable, url)
    terminal.run("plan", code=3)
    assert terminal.err.startswith("upheld: ")
    assert "hush" not in terminal.err


@pytest.fixture
def policies(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the policies to break; the folder of the version."""
    shutil.copytree(terminal.installed.folder / "policies", tmp_path / "policies")
    monkeypatch.setenv("UPHELD_POLICIES", str(tmp_path / "policies"))
    return tmp_path / "policies" / "clinic" / VERSION


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("use.yaml", "- {id: a"),
        ("use.yaml", "- {id: a, id: b}"),
        ("use.yaml", "- !!python/object/apply:os.system [true]"),
        ("use.yaml", "&a [*a]"),
        ("use.yaml", "just words"),
        ("use.yaml", "\x00"),
        ("retention.yaml", "rules: [{id: x, clause: 9.z, data: [nothing], keep: 1 fortnight}]"),
        ("vocabulary.yaml", ""),
        ("policy.yaml", "[]"),
        ("policy.yaml", "policy: clinic\nversion: yesterday"),
        ("policy.md", ""),
    ],
)
def test_a_policy_that_cannot_be_read_is_a_finding_with_its_place(
    file: str, content: str, policies: Path, terminal: Terminal
):
    (policies / file).write_text(content, encoding="utf-8")
    out = terminal.run("lint", VERSION, code=1)
    assert f"{file}:" in out
    assert " error " in out
    terminal.run("coverage", VERSION, code=1)
    terminal.run("publish", VERSION, code=1)


def test_a_policy_that_is_not_utf_8_is_a_finding(policies: Path, terminal: Terminal):
    (policies / "policy.md").write_bytes(b"# Policy \xff\xfe")
    assert "policy.md:" in terminal.run("lint", VERSION, code=1)


def test_an_empty_folder_of_policies_says_that_there_is_none(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("UPHELD_POLICIES", str(tmp_path))
    for command in READS_THE_POLICY[:5]:
        terminal.run(*command, code=2)
        assert "say which policy applies" in terminal.err


def test_a_published_version_that_was_changed_is_refused(policies: Path, terminal: Terminal):
    with (policies / "use.yaml").open("a", encoding="utf-8") as file:
        file.write("# a thought\n")
    terminal.run("plan", code=3)
    assert f"version `{VERSION}` was changed after it was published" in terminal.err


def test_a_policy_not_in_force_says_how_to_publish_it(policies: Path, terminal: Terminal):
    (policies.parent / "published.yaml").unlink()
    terminal.run("plan", code=3)
    assert f"publish one with `upheld publish {VERSION}`" in terminal.err


def test_a_map_that_cannot_be_read_is_a_finding(policies: Path, terminal: Terminal):
    (policies.parent / "datamap.yaml").write_text("stores: {", encoding="utf-8")
    terminal.run("plan", code=1)
    assert "datamap.yaml:" in terminal.err


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["plan", "reminder"], 2, "did you mean `reminders`"),
        (["plan", "--policy", "2025-01-02"], 2, "did you mean `2025-01-01`"),
        (["plan", "--approve", "abc"], 2, "officer"),
        (["purge", "ffffffffffff"], 3, "ffffffffffff"),
        (["verify", "no-such-run"], 3, "no-such-run"),
        (["hold", "release", "nothing", "--officer", "o"], 3, "nothing"),
        (["key", "revoke", "nothing"], 2, "nothing"),
        (["request", "show", "nothing"], 3, "no such request"),
        (["request", "file", "999", "access", "--proved"], 3, "no such account"),
        (["request", "file", "3", "correction", "--set", "person.name", "--proved"], 2, "CATEGORY"),
        (["consent", "give", "3", "resaerch"], 2, "did you mean `research`"),
        (["consent", "receipt", "3"], 3, "no consent record"),
        (["consent", "object", "3", "reserch"], 2, "did you mean `research`"),
        (["audit", "prove", "99999"], 3, "99999"),
        (["audit", "check-proof", "/dev/null"], 2, ""),
        (["schema", "uses.yaml"], 2, "did you mean `use.yaml`"),
        (["publish", "2024-01-01"], 2, "2024-01-01"),
        (["diff", VERSION, "2024-01-01"], 2, "2024-01-01"),
        (["datamap", "scan", "not a url"], 2, "not a database address"),
        (["worker"], 2, "workers need PostgreSQL"),
        (["officer", "add", "eve", "--password", "short"], 2, "12"),
        (["officer", "disable", "nobody"], 2, "nobody"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_name_that_is_not_there_is_told(
    words: list[str], code: int, says: str, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
):
    if words[0] == "plan":
        monkeypatch.delenv("UPHELD_OFFICER")
    terminal.run(*words, code=code)
    assert says in terminal.err


def test_what_is_no_proof_is_told(terminal: Terminal, tmp_path: Path):
    for number, content in enumerate(["", "[]", "{}", '{"proof": 1}', '{"proof": {}}', "\x00"]):
        file = tmp_path / f"{number}.json"
        file.write_text(content, encoding="utf-8")
        terminal.run("audit", "check-proof", str(file), code=2)
        assert terminal.err.startswith("upheld: ")
