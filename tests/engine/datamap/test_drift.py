"""Drift is found with its place in the map, on an unrelated schema: a small clinic."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.registry import open_adapters
from engine.datamap.drift import find_drift
from engine.datamap.load import read_datamap
from engine.datamap.map import DataMap
from engine.policy.findings import Finding, Severity

SCHEMA = """
CREATE TABLE patients (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL, email TEXT, born DATE);
CREATE TABLE stays (ward VARCHAR(8), nr INTEGER, patient_id INTEGER NOT NULL, left_at TEXT,
                    diagnosis TEXT, PRIMARY KEY (ward, nr));
CREATE INDEX stays_patient ON stays (patient_id);
CREATE TABLE journal (id INTEGER PRIMARY KEY, kind VARCHAR(9), patient_id INTEGER, at BIGINT);
CREATE TABLE wards (name VARCHAR(8) PRIMARY KEY)
"""

MAP = """
stores:
  clinic: {adapter: sql, url: "${CLINIC_URL}"}
datasets:
  patients:
    store: clinic
    table: patients
    key: id
    row: person
    person: patient
    identities: {patient_id: id, email: email}
    times: {person.born: {field: born}}
    fields: {name: person.name, email: person.email}
  stays:
    store: clinic
    table: stays
    key: [ward, nr]
    row: health.record
    subject: {patient_id: patients.id}
    times: {patient.last_stay: {field: left_at, as: text}}
    fields: {diagnosis: health.record}
  entries:
    store: clinic
    table: journal
    rows: {kind: [note, call]}
    key: id
    row: health.record
    subject: {patient_id: patients.id}
    times: {record.created: {field: at, as: epoch seconds}}
  jobs: {store: clinic, table: journal, rows: {kind: job}, personal: none}
ignore: {clinic: [ward*]}
"""


@pytest.fixture
def find(platform_url: str, tmp_path: Path) -> Iterator:
    """Builds the clinic, runs more statements, and finds the drift of a changed map."""
    engine = sa.create_engine(platform_url)
    with engine.begin() as conn:
        for statement in SCHEMA.split(";"):
            conn.exec_driver_sql(statement)

    def find(*statements: str, **changed: str) -> list[Finding]:
        with engine.begin() as conn:
            for statement in statements:
                conn.exec_driver_sql(statement)
        return _drift(_read(tmp_path, platform_url, changed))

    yield find
    engine.dispose()


def _read(folder: Path, url: str, changed: dict[str, str]) -> DataMap:
    text = MAP
    for old, new in changed.values():
        assert old in text
        text = text.replace(old, new)
    path = folder / "datamap.yaml"
    path.write_text(text)
    return read_datamap(path, {"CLINIC_URL": url})


def _drift(datamap: DataMap) -> list[Finding]:
    adapters = open_adapters(datamap)
    found = find_drift(datamap, adapters)
    for adapter in adapters.values():
        adapter.close()
    return found


def _line(text: str) -> int:
    return next(n for n, line in enumerate(MAP.splitlines(), start=1) if text in line)


def test_a_map_that_fits_has_no_errors_and_missing_indexes_are_told(find):
    found = find()
    assert {finding.severity for finding in found} == {Severity.INFO}
    assert {(f.code, f.about["data"]) for f in found} == {
        ("NO_INDEX", "patients"),
        ("NO_INDEX", "stays"),
        ("NO_INDEX", "entries"),
    }
    by_data = {finding.about["data"]: finding for finding in found}
    assert by_data["stays"].where.line == _line("patient.last_stay")


@pytest.mark.parametrize(
    ("statement", "code", "says", "line"),
    [
        ("CREATE TABLE bills (id INTEGER)", "UNMAPPED_TABLE", "`bills`", "adapter: sql"),
        ("ALTER TABLE stays ADD note TEXT", "UNMAPPED_COLUMN", "`note`", "fields: {diagnosis"),
        (
            "ALTER TABLE patients RENAME COLUMN email TO e_mail",
            "UNKNOWN_COLUMN",
            "did you mean `e_mail`?",
            "identities:",
        ),
        ("DROP TABLE stays", "UNKNOWN_TABLE", "no table `stays`", "table: stays"),
        ("INSERT INTO journal VALUES (1, 'fax', 1, 5)", "UNMAPPED_ROWS", "(`kind`: fax)", "kind: [note"),
        ("INSERT INTO journal VALUES (1, NULL, 1, 5)", "UNMAPPED_ROWS", "is NULL", "kind: [note"),
        ("INSERT INTO journal VALUES (1, 'note', 1, 0)", "UNREADABLE_TIMES", "1 rows", "record.created"),
    ],
)  # fmt: skip
def test_what_the_stores_have_and_the_map_does_not_is_found(find, statement, code, says, line):
    found = [finding for finding in find(statement) if finding.code == code]
    assert found
    assert says in found[0].message
    assert found[0].where.line == _line(line)


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("table: stays", "table: stay", "UNKNOWN_TABLE", "did you mean `stays`?"),
        ("diagnosis: ", "diagnoses: ", "UNKNOWN_COLUMN", "did you mean `diagnosis`?"),
        ("as: epoch seconds", "as: timestamp", "WRONG_TIME_FORM", "does not fit `as: timestamp`"),
        ("field: born", "field: born, as: epoch seconds", "WRONG_TIME_FORM", "type date"),
        ("[note, call]", "[note]", None, ""),
        ("ward*", "nothing", "UNMAPPED_TABLE", "`wards`"),
        ("name: person.name", "name: marketing.name", "ERASE_NULL", "`name` may not be NULL"),
        (
            "name: person.name",
            'name: {is: marketing.name, erase: ""}',
            None,
            "",
        ),
    ],
)
def test_what_the_map_says_and_the_stores_do_not_have_is_found(find, old, new, code, says):
    found = [f for f in find(change=(old, new)) if f.severity is not Severity.INFO]
    assert bool(found) == bool(code)
    if code:
        assert code in {finding.code for finding in found}
        assert any(says in finding.message for finding in found)
        assert all(finding.where.file.endswith("datamap.yaml") for finding in found)


def test_a_store_that_does_not_answer_is_a_finding(tmp_path: Path):
    (found,) = _drift(_read(tmp_path, "sqlite:////nowhere/at/all.db", {}))
    assert found.code == "STORE_UNAVAILABLE"
    assert found.where.line == _line("adapter: sql")
