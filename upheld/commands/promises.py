"""`upheld promises`: clause by clause, is it kept?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from upheld.cli import FINDINGS
from upheld.output import format_option, show_json, show_rows

if TYPE_CHECKING:
    from engine.promises.promise import Promise

MARKS = {"kept": "●", "at risk": "◐", "broken": "✕", "not machine-checkable": "–"}


@click.command("promises")
@format_option()
@click.option("--last", is_flag=True, help="Show what was found last; look at nothing now.")
def command(form: str, last: bool) -> int:
    """Look clause by clause whether the policy in force is kept, and show the figures.

    Exits with 1 when a promise is broken.
    """
    from upheld.bootstrap import open_house

    with open_house() as house:
        found = tuple(house.promises.current().values()) if last else house.promises.check()
        texts = {clause.id: clause.words for clause in house.policy().text.clauses}
    show_found(found, texts, form)
    return FINDINGS if any(promise.state == "broken" for promise in found) else 0


def show_found(found: Iterable[Promise], texts: dict[str, str], form: str) -> None:
    """Print promises, with the first words of each clause."""
    listed = tuple(found)
    if form == "json":
        show_json([as_json(promise) for promise in listed])
        return
    columns = ("clause", "says", "state", "what shows it")
    show_rows(form, columns, (_row(promise, texts) for promise in listed))
    click.echo(summary(listed))


def summary(found: Iterable[Promise]) -> str:
    """How many promises are in each state: `38 kept, 1 at risk, 2 broken, 9 not machine-checkable`."""
    states = [promise.state for promise in found]
    return ", ".join(f"{states.count(state)} {state}" for state in MARKS)  # type: ignore[arg-type]  # equal to text


def as_json(promise: Promise) -> dict[str, object]:
    """A promise as JSON."""
    return {
        "clause": promise.clause,
        "state": promise.state.value,
        "sentence": promise.sentence,
        "figures": promise.figures,
        "evidence": promise.evidence,
        "checked_at": promise.checked_at.isoformat(),
    }


def _row(promise: Promise, texts: dict[str, str]) -> tuple[str, str, str, str]:
    text = texts.get(promise.clause, "")
    short = text if len(text) <= 40 else text[:39].rstrip() + "…"
    state = f"{MARKS[promise.state.value]} {promise.state.value}"
    return promise.clause, short, state, promise.sentence
