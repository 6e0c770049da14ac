"""The demonstration, told step by step: what is done, and what came of it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from engine.policy.lint import lint
from engine.policy.load import read_policy
from upheld.bootstrap import House
from upheld.commands.promises import show_found
from upheld.demo import platform, scene
from upheld.demo.house import FIRST, SECOND
from upheld.planning import show_plan, show_run, show_verification
from upheld.progress import progress
from upheld.publishing import publish

SEED = 20260403
DAY = timedelta(days=1)


def build_platform(environ: dict[str, str]) -> None:
    """Build the AI API platform that the demonstration governs."""
    _head("1", "A platform to govern: users, calls, contents, payments, logs")
    started = time.monotonic()
    with progress() as tell:
        built = platform.build(
            environ["UPHELD_PLATFORM_URL"],
            Path(environ["UPHELD_ACCESS_LOGS"]),
            seed=SEED,
            now=datetime.now(UTC),
            progress=tell,
        )
    rows = sum(built.counts.values())
    click.echo(
        f"{rows:,} rows in {len(built.counts)} places, in {time.monotonic() - started:.1f} s"
    )


def show_lint(house: House) -> None:
    """Lint the first version and publish it."""
    _head("2", "The policy, linted: what the text leaves open stays visible")
    policy = read_policy(house.folder.path(FIRST))
    findings = lint(policy, today=house.clock.now().date())
    blocking = [f for f in findings if f.blocking]
    accepted = [f for f in findings if f.accepted]
    open_ = [f for f in findings if not f.blocking and not f.accepted]
    for finding in open_[:5]:
        click.echo(f"  ◐ {finding.code}: {finding.message}")
    if len(open_) > 5:
        click.echo(f"  … and {len(open_) - 5} more: upheld lint")
    click.echo(
        f"{len(blocking)} errors, {len(open_)} warnings, {len(accepted)} accepted with a reason; "
        f"{len(policy.text.clauses)} clauses"
    )
    done = publish(house, FIRST, by=scene.OFFICER)
    click.echo(f"published {done.version}")
    scene.let_people_agree(house, FIRST)


def show_purge(house: House) -> None:
    """Plan, be refused above the cap, approve exactly that plan, purge, look again."""
    _head("3", "What is due: the plan, before anything is touched")
    with progress() as tell:
        # As the daily run does it: what becomes due before the next one goes now, so nothing is ever late.
        plan = house.retention.plan(by=house.clock.now() + DAY, progress=tell)
    refused = house.retention.refusals(plan)
    show_plan(plan, refused, "table")
    if refused:
        _head("4", f"Over the cap: an officer approves exactly plan {plan.digest[:12]}")
        house.retention.approve(plan.digest, officer=scene.OFFICER)
        click.echo(
            f"`{scene.OFFICER}` approved the plan {plan.digest[:12]}; any other plan is refused"
        )
    _head("5", "The purge: exactly what the plan says, in bounded batches")
    with progress() as tell:
        run = house.retention.purge(plan.digest, progress=tell)
    show_run(run, "table")
    _head("6", "Looking again, by other means: nothing due left, nothing else gone")
    with progress() as tell:
        show_verification(house.retention.verify(run.id, progress=tell), "table")


def show_second_version(house: House) -> None:
    """Publish the second version: what changes for whom."""
    _head("8", f"A new version, {SECOND}: who is asked for what follows from the difference")
    from engine.policy.diff import diff

    change = diff(read_policy(house.folder.path(FIRST)), read_policy(house.folder.path(SECOND)))
    for one in change.changes:
        click.echo(f"  {one.consequence.value:<11} {one.sentence}")
    done = publish(house, SECOND, by=scene.OFFICER)
    click.echo(
        f"published {done.version}: {done.told:,} people are told and asked at their next login"
    )
    house.announcements.send(limit=20)
    house.promises.check()
    note = house.checkpoint()
    click.echo(
        f"ledger checkpoint signed: {note.splitlines()[1]} entries under {note.splitlines()[0]}"
    )


def show_promises(house: House) -> None:
    """Check every promise and print the table."""
    _head("7", "The promises, clause by clause")
    texts = {clause.id: clause.words for clause in house.policy().text.clauses}
    show_found(house.promises.check(), texts, "table")


def _head(number: str, title: str) -> None:
    click.echo("")
    click.secho(f"{number}. {title}", bold=True)
