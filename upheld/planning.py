"""How plans, runs and verifications are shown on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import click

from upheld.output import show_json, show_rows

if TYPE_CHECKING:
    from engine.retention.plan import Plan, Step
    from engine.retention.runs import Run
    from engine.retention.verify import Verification


def show_plan(plan: Plan, refused: Mapping[str, str], form: str, *, own: bool = False) -> None:
    """Print a plan: what is due, what is kept and why, what needs an approval."""
    if form == "json":
        show_json(plan.model_dump(mode="json") | {"digest": plan.digest, "refused": dict(refused)})
        return
    busy = [step for step in plan.steps if step.rows or step.kept]
    columns = ["dataset", "what happens", "due", "of", "share", "oldest", "kept back"]
    if busy or form == "markdown":
        show_rows(form, columns, [_step(step) for step in busy])
    if form == "markdown":
        return
    quiet = [one.dataset for one in plan.datasets if not plan_rows(plan, one.dataset)]
    if quiet:
        click.echo(f"nothing due in {', '.join(quiet)}")
    for note in plan.notes:
        mark = {"error": "✕", "warning": "◐", "info": "–"}[note.severity]
        click.echo(f"{mark} {note.code}: {note.message}")
    for dataset, reason in refused.items():
        click.echo(f"◐ {dataset}: {reason}")
    click.echo(f"\nplan {plan.digest[:12]}: {plan.rows:,} rows due by {_time(plan.by)}")
    if refused:
        click.echo(
            f"approve exactly this plan:  upheld plan --approve {plan.digest[:12]} --officer NAME"
        )
    if plan.rows:
        click.echo(f"carry it out:               upheld purge {plan.digest[:12]}{_flag(own)}")


def plan_rows(plan: Plan, dataset: str) -> int:
    """How many rows of a dataset a plan is about, those kept back too."""
    return sum(step.rows + sum(k.rows for k in step.kept) for step in plan.steps_of(dataset))


def _step(step: Step) -> list[object]:
    kept = ", ".join(f"{k.rows:,} by {k.by} {k.name}" for k in step.kept)
    share = f"{step.share:.1%}"
    return [step.dataset, step.sentence, step.rows, step.total, share, _day(step.oldest), kept]


def show_run(run: Run, form: str, *, own: bool = False) -> None:
    """Print what a purge did."""
    rows = [
        [s.dataset, s.step.removeprefix(f"{s.dataset}:"), s.planned, s.done, s.state, s.note or ""]
        for s in run.steps
        if s.planned or s.done or s.note
    ]
    if form == "json":
        show_json(
            {"run": run.id, "plan": run.plan, "state": run.state, "rows": run.rows, "steps": rows}
        )
        return
    rows = [
        [name, step, planned, _done(step, done), *rest] for name, step, planned, done, *rest in rows
    ]
    if rows or form == "markdown":
        show_rows(form, ["dataset", "step", "planned", "done", "state", "note"], rows)
    if form == "table":
        click.echo(
            f"run {run.id}: {run.rows:,} changes, {run.state}; look again: "
            f"upheld verify {run.id}{_flag(own)}"
        )


def _done(step: object, done: object) -> object:
    """What is restricted stays as it is in the store, so that there is nothing to count."""
    return "–" if str(step).endswith(".restrict") else done


def show_verification(found: Verification, form: str) -> None:
    """Print what looking again found."""
    if form == "json":
        show_json(found.model_dump(mode="json") | {"upheld": found.upheld})
        return
    columns = ["dataset", "rows", "due and still there", "kept back", "missing", "verdict"]
    rows = [
        [
            d.dataset,
            d.rows,
            d.survivors,
            d.held,
            "–" if d.missing is None else d.missing,
            _verdict(d.upheld),
        ]
        for d in found.datasets
    ]
    show_rows(form, columns, rows)
    if form == "table":
        for dataset in found.datasets:
            if not dataset.upheld:
                click.echo(f"✕ {dataset.sentence}")
        click.echo("● upheld: everything due is gone" if found.upheld else "✕ not upheld")


def _flag(own: bool) -> str:
    return " --own" if own else ""


def _verdict(upheld: bool) -> str:
    return "● upheld" if upheld else "✕ not upheld"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
