"""A clinic's installation: policy, map and database, from the files of `tests/end_to_end/clinic`."""

import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

FILES = Path(__file__).parents[1] / "end_to_end" / "clinic"
VERSION = "2025-01-01"


def clinic_environ(folder: Path, store_url: str, clinic_url: str) -> dict[str, str]:
    """Write the policy under `folder` and make the empty tables; returns Upheld's environment."""
    shutil.copytree(FILES / "policies", folder / "policies")
    statements(clinic_url, (FILES / "schema.sql").read_text(encoding="utf-8"))
    return {
        "UPHELD_POLICIES": str(folder / "policies"),
        "UPHELD_DATABASE_URL": store_url,
        "UPHELD_STATE": str(folder / "state"),
        "UPHELD_OFFICER": "officer",
        "CLINIC_URL": clinic_url,
    }


def admit_patients(clinic_url: str) -> None:
    """Write the rows of `rows.sql`."""
    statements(clinic_url, (FILES / "rows.sql").read_text(encoding="utf-8"))


def statements(url: str, script: str) -> list[tuple[Any, ...]]:
    """Run statements apart by semicolons; returns the rows of the last one."""
    bare = "\n".join(line for line in script.splitlines() if not line.startswith("--"))
    found: list[tuple[Any, ...]] = []
    engine = create_engine(url)
    with engine.begin() as conn:
        for statement in filter(str.strip, bare.split(";")):
            result = conn.execute(text(statement))
            found = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return found
