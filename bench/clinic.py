"""A clinic of any size for the benchmarks: the database makes the rows, so this process stays small."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from tests.support.clinic import VERSION, clinic_environ
from upheld.bootstrap import open_house
from upheld.publishing import publish

OFFICER = "officer"
_PATIENTS = """
INSERT INTO patients
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :patients)
  SELECT i, 'Patient Number ' || i, 'p' || i || '@example.com', '1980-01-01', 'DE', 'current',
    CURRENT_TIMESTAMP FROM n
"""
_REMINDERS = """
INSERT INTO reminders
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
  SELECT i, 1 + i % :patients, CASE WHEN i % 3 = 0 THEN '2020-01-01 08:00:00'
    ELSE CURRENT_TIMESTAMP END, 'see you tomorrow at eight, and bring your card' FROM n
"""
_VISITS = """
INSERT INTO visits
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
  SELECT i, 1, '2025-03-01 08:00:00', 'came for the weekly check, nothing new, number ' || i FROM n
"""


def with_reminders(folder: Path, rows: int) -> dict[str, str]:
    """A clinic with so many reminders, of which a third is due, and a patient for each hundred of them."""
    return _made(folder, _REMINDERS, rows, max(1, rows // 100))


def with_visits(folder: Path, rows: int) -> dict[str, str]:
    """A clinic with one patient, who came so many times."""
    return _made(folder, _VISITS, rows, 1)


def _made(folder: Path, statement: str, rows: int, patients: int) -> dict[str, str]:
    url = f"sqlite:///{folder / 'clinic.db'}"
    environ = clinic_environ(folder, f"sqlite:///{folder / 'upheld.db'}", url)
    given = {"rows": rows, "patients": patients}
    engine = sa.create_engine(url)
    with engine.begin() as conn:
        for one in (_PATIENTS, statement):
            names = [name for name in given if f":{name}" in one]
            conn.execute(sa.text(one), {name: given[name] for name in names})
    engine.dispose()
    with open_house(environ) as house:
        publish(house, VERSION, by=OFFICER)
    return environ
