"""A proposed map loads as it is, says what is a guess, and asks where it could not guess."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from adapters.registry import open_adapters
from adapters.sql import SqlAdapter
from engine.datamap.drift import find_drift
from engine.datamap.guesses import TO_DECIDE
from engine.datamap.load import LoadedMap, load_datamap
from engine.datamap.scan import propose
from engine.ports import ColumnShape, TableShape

CLINIC = """
CREATE TABLE patients (id INTEGER PRIMARY KEY, name VARCHAR(80), email TEXT, birth_date DATE,
                       discharged_flag BOOLEAN, deleted_at TIMESTAMP);
CREATE TABLE stays (ward VARCHAR(8), nr INTEGER, patient_id INTEGER REFERENCES patients (id),
                    admitted_at BIGINT, diagnosis TEXT, PRIMARY KEY (ward, nr));
CREATE TABLE findings (id INTEGER PRIMARY KEY, stay INTEGER, "null" TEXT, "odd: name" TEXT);
CREATE TABLE letters (id INTEGER PRIMARY KEY, from_email TEXT, body TEXT, sent_at TEXT);
CREATE TABLE calls (id INTEGER PRIMARY KEY, patient_id INTEGER, created_at TEXT);
CREATE TABLE wards (name VARCHAR(8) PRIMARY KEY, floor INTEGER)
"""


def load(text: str, folder: Path, url: str) -> LoadedMap:
    path = folder / "datamap.yaml"
    path.write_text(text)
    return load_datamap(path, {"UPHELD_PLATFORM_URL": url})


@pytest.fixture
def proposed(platform_url: str) -> str:
    engine = sa.create_engine(platform_url)
    with engine.begin() as conn:
        for statement in CLINIC.split(";"):
            conn.exec_driver_sql(statement)
    engine.dispose()
    adapter = SqlAdapter("platform", platform_url)
    text = propose(adapter.shapes())
    adapter.close()
    return text


def test_the_proposal_for_a_clinic_loads_and_fits_its_database(proposed, tmp_path, platform_url):
    loaded = load(proposed, tmp_path, platform_url)
    assert loaded.findings == ()
    assert loaded.map is not None
    adapters = open_adapters(loaded.map)
    blocking = [finding for finding in find_drift(loaded.map, adapters) if finding.blocking]
    adapters["platform"].close()
    assert [(f.code, f.about["table"]) for f in blocking] == [("UNMAPPED_TABLE", "findings")]


def test_persons_keys_links_and_times_are_found(proposed, tmp_path, platform_url):
    datamap = load(proposed, tmp_path, platform_url).map
    assert datamap is not None
    patients, stays, calls = (datamap.datasets[n] for n in ("patients", "stays", "calls"))
    assert patients.person == "patient"
    assert patients.identities == {"user_id": "id", "email": "email"}
    assert patients.times["account.cancelled"].field == "deleted_at"
    assert stays.key == ("ward", "nr")
    assert stays.subject == {"patient_id": ("patients.id",)}
    assert stays.fields["diagnosis"].category == "health.record"
    assert calls.subject == {"patient_id": ("patients.id",)}
    assert calls.times["record.created"].form == "text"
    assert datamap.datasets["letters"].subject == {"from_email": ("patients.email",)}


def test_a_table_that_no_name_explains_is_asked_about_and_never_ignored(
    proposed, tmp_path, platform_url
):
    datamap = load(proposed, tmp_path, platform_url).map
    assert datamap is not None
    assert "findings" not in datamap.datasets
    assert datamap.ignored == {}
    assert "# findings\n" in proposed


def test_guesses_say_so_and_what_is_unknown_is_asked(proposed):
    lines = proposed.splitlines()
    reference = next(line for line in lines if "patient_id: patients.id" in line)
    guesses = [line for line in lines if "# guess" in line]
    assert any("person: patient" in line for line in guesses)
    assert any("account.email" in line for line in guesses)
    assert f"row: {TO_DECIDE}" in proposed
    assert "discharged_flag: to.decide" in proposed
    assert reference in lines


_names = st.text(min_size=1, max_size=12).filter(str.strip)
_columns = st.builds(
    ColumnShape, _names | st.sampled_from(["email", "user_id", "at", "null"]),
    st.sampled_from(["integer", "text", "timestamp"]), st.booleans(),
)  # fmt: skip
_tables = st.builds(
    TableShape,
    _names | st.sampled_from(["users", "patients"]),
    st.lists(_columns, max_size=4, unique_by=lambda column: column.name).map(tuple),
)


@given(st.lists(_tables, max_size=4, unique_by=lambda table: table.name))
def test_the_proposal_for_any_schema_loads(tmp_path_factory, shapes):
    text = propose(shapes)
    loaded = load(text, tmp_path_factory.mktemp("map"), "sqlite://")
    assert loaded.findings == (), text
