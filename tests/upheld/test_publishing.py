"""A version is published whole or not at all: every refusal says why and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.audit import ledger
from engine.errors import CasesFailed, Conflict, PolicyError, UpheldError
from tests.support.clinic import VERSION, admit_patients, clinic_environ
from upheld.bootstrap import House, open_house
from upheld.editing.new_version import begin_version
from upheld.publishing import publish

NEXT = "2026-01-01"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A clinic with its first version published and the next one begun."""
    environ = clinic_environ(
        tmp_path, f"sqlite:///{tmp_path / 'upheld.db'}", f"sqlite:///{tmp_path / 'clinic.db'}"
    )
    admit_patients(environ["CLINIC_URL"])
    with open_house(environ) as house:
        publish(house, VERSION, by="an officer")
        begin_version(house.folder, NEXT)
        yield house


def state(house: House) -> object:
    """Everything that publishing writes."""
    with house.database.read() as conn:
        entries = [(entry.kind, entry.facts) for entry in ledger.entries(conn)]
    return entries, (house.folder.folder / "published.yaml").read_bytes()


def change(house: House, file: str, old: str, new: str) -> None:
    path = house.folder.folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_publishing_locks_the_files_and_tells_the_ledger_what_the_change_is(house: House) -> None:
    done = publish(house, NEXT, by="an officer")
    assert house.folder.publications()[NEXT].digest == done.digest
    with house.database.read() as conn:
        last = [e for e in ledger.entries(conn) if e.kind == "policy.published"][-1]
    assert last.facts == {
        "version": NEXT,
        "digest": done.digest,
        "by": "an officer",
        "consequence": done.consequence,
    }
    change(house, f"{NEXT}/policy.md", "#", "# ")
    with pytest.raises(PolicyError, match="was changed after it was published"):
        house.folder.published()


@pytest.mark.parametrize(
    ("file", "old", "new", "problem", "says"),
    [
        (f"{NEXT}/use.yaml", "basis: ", "bassis: ", PolicyError, "unknown key `bassis`"),
        (f"{NEXT}/retention.yaml", "then: delete", "then: restrict", PolicyError, "block"),
        (
            f"tests/cases-{NEXT}.yaml",
            "expect: deny",
            "expect: permit",
            CasesFailed,
            "own tests fail",
        ),
        (f"{NEXT}/policy.yaml", "policy: clinic", "policy: hospital", Conflict, "`hospital`"),
        (f"{NEXT}/policy.yaml", f"effective: {NEXT}", "effective: 2024-01-01", Conflict, "follows"),
    ],
)
def test_a_version_that_is_not_in_order_is_refused_and_nothing_is_half_done(
    house: House, file: str, old: str, new: str, problem: type[UpheldError], says: str
) -> None:
    before = state(house)
    change(house, file, old, new)
    with pytest.raises(problem, match=says):
        publish(house, NEXT, by="an officer")
    assert state(house) == before


def test_what_is_published_is_not_published_again(house: House) -> None:
    before = state(house)
    with pytest.raises(Conflict, match="published already and never changes"):
        publish(house, VERSION, by="an officer")
    assert state(house) == before


def test_a_change_that_a_human_must_decide_is_refused_until_then(house: House) -> None:
    before = state(house)
    asked, silent = "basis: explicit consent, choice: research", "basis: legitimate interest"
    change(house, f"{NEXT}/use.yaml", asked, f"{silent}, second ground: GDPR 9(2)(j)")
    (house.folder.folder / f"tests/cases-{NEXT}.yaml").unlink()
    with pytest.raises(Conflict, match="a human must decide first"):
        publish(house, NEXT, by="an officer")
    assert state(house) == before
