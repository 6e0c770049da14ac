"""Schemas on disk, the comment that wires them, and the page about every key."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.errors import UnknownName
from engine.policy.catalogue import as_markdown, below, catalogue, each_once, look_up
from engine.policy.load import read_policy
from engine.policy.schema import ABOUT
from engine.policy.versions import PolicyFolder
from upheld.editing.schemas import COMMENT, wire_policies, write_schemas

ROOT = Path(__file__).parents[3]
POLICIES = ROOT / "policies"


def test_the_page_about_every_key_is_what_the_program_reads() -> None:
    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    assert page == as_markdown(), "run: upheld schema --format markdown > docs/language.md"


def test_the_schemas_beside_the_policies_are_what_the_program_reads(tmp_path: Path) -> None:
    written = {path.name: path.read_bytes() for path in write_schemas(tmp_path)}
    beside = {path.name: path.read_bytes() for path in (POLICIES / ".schemas").iterdir()}
    assert beside == written, "run: upheld schema --wire"


def test_every_policy_file_of_the_project_names_its_schema() -> None:
    files = [path for path in POLICIES.rglob("*.yaml") if path.name != "published.yaml"]
    assert len(files) > 20
    for path in files:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith(COMMENT), path
        assert (path.parent / first.removeprefix(COMMENT)).is_file(), path


def test_wiring_changes_each_file_once_and_no_published_version(tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    folder = PolicyFolder(shutil.copytree(POLICIES / "aicodewith", policies / "aicodewith"))
    for path in policies.rglob("*.yaml"):
        path.write_text(path.read_text(encoding="utf-8").partition("\n")[2], encoding="utf-8")
    folder.publish("2026-04-03", by="officer", now=datetime(2026, 4, 1, tzinfo=UTC))
    changed = list(wire_policies(policies, policies / ".schemas"))
    assert {path.parent.name for path in changed} == {"2026-10-01", "aicodewith", "tests"}
    assert list(wire_policies(policies, policies / ".schemas")) == []
    folder.published()
    assert read_policy(folder.path("2026-10-01"))


@pytest.mark.parametrize("name", sorted(ABOUT))
def test_every_key_can_be_looked_up_by_its_address(name: str) -> None:
    keys = catalogue(name)
    assert keys
    for key in keys:
        assert look_up(key.address) == (key,)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("retention.keep", ["retention.rules.keep"]),
        ("retention.yaml.keep", ["retention.rules.keep"]),
        ("retention.or later.keep", ["retention.rules.or later.keep"]),
        ("off by", ["consent.choices.off by"]),
        ("cooling off", ["rights.rules.cooling off", "tests.deadlines.cooling off"]),
        ("tests.by", ["tests.decisions.by", "tests.deadlines.by", "tests.cookies.by"]),
    ],
)
def test_parts_of_an_address_may_be_left_out(asked: str, meant: list[str]) -> None:
    assert [key.address for key in look_up(asked)] == meant


def test_a_key_tells_what_it_may_be() -> None:
    (key,) = look_up("retention.yaml.rules.then")
    assert key.form == "one of `restrict`, `anonymise`, `delete`"
    assert key.values == ("restrict", "anonymise", "delete")
    assert below(key.address) == ()
    assert [one.name for one in below("use.when")] == [
        "subject", "region", "account", "choice", "age below", "signal"
    ]  # fmt: skip


def test_keys_that_were_told_are_not_told_again() -> None:
    told = {key.address: key.form for key in each_once(catalogue("use"))}
    assert "use.when.region" in told
    assert "use.unless.region" not in told
    assert told["use.unless"] == "the same keys as `when` above"


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("retention.rules.kep", "retention.rules.keep"),
        ("retention.kep", "retention.keep"),
        ("retentoin.keep", "retention.keep"),
        ("rigths", "rights"),
        ("whne", "when"),
    ],
)
def test_a_mistyped_key_is_met_with_the_nearest(address: str, says: str) -> None:
    with pytest.raises(UnknownName, match=f"did you mean `{says}`"):
        look_up(address)
