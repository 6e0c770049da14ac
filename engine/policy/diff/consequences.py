"""Which kind of change has which consequence: dated data in `consequences.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from engine.policy.compiled.cells import CellKey
from engine.policy.diff.model import Box, Change, Consequence
from engine.policy.tables import read_table

_FILE = Path(__file__).with_name("consequences.yaml")


def change(
    kind: str,
    sentence: str,
    *,
    clauses: tuple[str, ...] = (),
    rules: tuple[str, ...] = (),
    scopes: tuple[CellKey, ...] = (),
    choices: tuple[str, ...] = (),
    data: tuple[str, ...] = (),
    boxes: tuple[Box, ...] = (),
    recipients: tuple[str, ...] = (),
) -> Change:
    """A change of a kind, with the consequence that the data gives it."""
    entry = _kinds()[kind]
    return Change(
        kind=kind,
        consequence=Consequence(entry["consequence"]),
        sentence=sentence,
        clauses=clauses,
        rules=rules,
        scopes=scopes,
        choices=choices,
        data=data,
        boxes=boxes,
        recipients=recipients,
        review=bool(entry.get("review", False)),
    )


def kinds() -> tuple[str, ...]:
    """Every kind of change."""
    return tuple(_kinds())


@cache
def _kinds() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = read_table(_FILE)["kinds"]
    return loaded
