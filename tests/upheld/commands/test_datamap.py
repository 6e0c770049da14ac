"""`upheld datamap check`: before the first publication, after it, and beside a draft that cannot be read."""

import shutil
from pathlib import Path

import pytest

from engine.policy.versions import PolicyFolder
from tests.support.clinic import VERSION, admit_patients, clinic_environ, statements
from tests.upheld.commands.conftest import Installed, Terminal
from upheld.bootstrap import SystemClock


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    """The clinic with its map and patients, and a policy of which nothing is published yet."""
    environ = clinic_environ(
        tmp_path, f"sqlite:///{tmp_path / 'upheld.db'}", f"sqlite:///{tmp_path / 'clinic.db'}"
    )
    admit_patients(environ["CLINIC_URL"])
    return Installed(tmp_path, environ)


@pytest.fixture
def policy(installed: Installed) -> Path:
    return installed.folder / "policies" / "clinic"


def draft(policy: Path, version: str) -> Path:
    """The same policy as a later version."""
    made = policy / version
    shutil.copytree(policy / VERSION, made)
    header = made / "policy.yaml"
    header.write_text(header.read_text(encoding="utf-8").replace(VERSION, version))
    return made


def test_before_the_first_publication_the_map_is_compared_with_the_newest_version(
    terminal: Terminal, policy: Path
):
    assert terminal.run("datamap", "check").splitlines()[-1].startswith("0 errors")
    assert terminal.err == f"compared with version {VERSION} (the newest; none is in force)\n"
    draft(policy, "2025-02-01")
    terminal.run("datamap", "check")
    assert "version 2025-02-01 (the newest; none is in force)" in terminal.err


def test_a_draft_that_cannot_be_read_is_passed_over(terminal: Terminal, policy: Path):
    (draft(policy, "2025-02-01") / "use.yaml").write_text("- {id: [", encoding="utf-8")
    terminal.run("datamap", "check")
    assert f"version {VERSION} (the newest that can be read; none is in force)" in terminal.err


def test_once_a_version_is_in_force_it_is_the_one(terminal: Terminal, policy: Path):
    PolicyFolder(policy).publish(VERSION, by="an officer", now=SystemClock().now())
    draft(policy, "2025-02-01")
    terminal.run("datamap", "check")
    assert terminal.err == f"compared with version {VERSION} (in force)\n"


def test_what_the_map_says_and_the_stores_do_not_hold_is_found_before_publication(
    terminal: Terminal, installed: Installed
):
    statements(installed.environ["CLINIC_URL"], "ALTER TABLE patients ADD COLUMN nickname TEXT")
    found = terminal.ask("datamap", "check", code=1)
    assert any("nickname" in finding["message"] for finding in found)


def test_a_category_that_the_unpublished_policy_lacks_is_an_error(
    terminal: Terminal, installed: Installed
):
    path = installed.folder / "policies" / "clinic" / "datamap.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("person.name", "person.nmae"), encoding="utf-8")
    found = [one["message"] for one in terminal.ask("datamap", "check", code=1)]
    assert any("person.nmae" in message and "did you mean" in message for message in found), found


def test_where_no_version_can_be_read_what_is_wrong_is_said(terminal: Terminal, policy: Path):
    (policy / VERSION / "use.yaml").write_text("- {id: [", encoding="utf-8")
    terminal.run("datamap", "check", code=1)
    assert "use.yaml:" in terminal.err
