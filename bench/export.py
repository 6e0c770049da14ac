"""How fast a person's data is exported, against a bare SQLAlchemy stream of the same rows.

The export is the whole of it: rows found by the data map, read, judged against the policy, written as JSON,
CSV and a page into a zip, checked against its schema, and kept in Upheld's database. The floor only reads the
rows. Between them stands what any export must do: the same rows as JSON and CSV in a zip, without a policy.
"""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

import orjson
import sqlalchemy as sa

from bench import clinic
from upheld.bootstrap import House, open_house

PERSON = "1"
_QUERY = sa.text("SELECT * FROM visits WHERE patient = 1")


def main(quick: bool) -> None:
    """Print rows per second and their ratios, medians of three rounds."""
    rows = 10_000 if quick else 50_000
    print(f"export: {rows:,} rows of one person, SQLite")
    with tempfile.TemporaryDirectory() as folder:
        environ = clinic.with_visits(Path(folder), rows)
        engine = sa.create_engine(environ["CLINIC_URL"])
        times: dict[str, list[float]] = {}
        with open_house(environ) as house:
            ways: dict[str, Callable[[], int | str]] = {
                "bare stream": lambda: _stream(engine),
                "JSON and CSV in a zip": lambda: _zipped(engine, Path(folder)),
                "export": lambda: _exported(house),
            }
            for _ in range(3):
                for what, way in ways.items():
                    start = perf_counter()
                    done = way()
                    times.setdefault(what, []).append(perf_counter() - start)
                    assert done == rows or _written(house, str(done)) == rows
        engine.dispose()
    floor = rows / median(times["bare stream"])
    for what, taken in times.items():
        speed = rows / median(taken)
        print(f"  {what:<22} {speed:>9,.0f} rows/s   {speed / floor:5.3f} of a bare stream")


def _stream(engine: sa.Engine) -> int:
    with engine.connect() as conn:
        result = conn.execution_options(yield_per=1000).execute(_QUERY)
        return sum(1 for _ in result)


def _zipped(engine: sa.Engine, folder: Path) -> int:
    """Any export: each row once as JSON and once as CSV."""
    count = 0
    with (
        engine.connect() as conn,
        zipfile.ZipFile(folder / "bare.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        (folder / "rows.csv").open("w", encoding="utf-8", newline="") as table,
    ):
        writer = csv.writer(table)
        with archive.open("visits.json", "w") as lines:
            for row in conn.execution_options(yield_per=1000).execute(_QUERY):
                lines.write(orjson.dumps(dict(row._mapping)) + b"\n")
                writer.writerow(row)
                count += 1
        table.flush()
        archive.write(table.name, "visits.csv")
    return count


def _exported(house: House) -> str:
    case = house.rights.file(PERSON, "export", source="bench", proved=True)
    done = house.rights.process(case.id)
    assert done.status.value == "completed", done.status
    return done.id


def _written(house: House, request: str) -> int:
    """The rows in the package that answers a request; the first line of the table is its heading."""
    package = house.rights.package(PERSON, request)
    with zipfile.ZipFile(io.BytesIO(package.read())) as archive:
        return archive.read("csv/visits.csv").count(b"\n") - 1
