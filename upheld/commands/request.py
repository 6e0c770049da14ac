"""`upheld request`: rights requests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from upheld.output import format_option

if TYPE_CHECKING:
    from engine.rights.service import Case

RIGHTS = ("access", "correction", "deletion", "export", "restriction", "objection")


@click.group()
def command() -> None:
    """Rights requests: list, file, advance."""


@command.command("list")
@click.option("--right", type=click.Choice(RIGHTS), help="only this right")
@click.option("--overdue", is_flag=True, help="only what is late")
@format_option()
def list_(right: str | None, overdue: bool, form: str) -> None:
    """The open requests, the most urgent first."""
    from engine.rights.service import Filter
    from upheld.bootstrap import open_house
    from upheld.output import show_rows

    with open_house() as house:
        found = house.rights.queue(Filter(right=right, overdue=overdue))
    rows = [
        [c.id, c.right, c.request.subject_id, c.status.value, f"{c.target_due:%Y-%m-%d}",
         f"{c.legal_due:%Y-%m-%d}", "late" if c.overdue else ""]
        for c in found
    ]  # fmt: skip
    show_rows(form, ["request", "right", "person", "status", "we aim for", "due by law", ""], rows)


@command.command()
@click.argument("request")
@format_option()
def show(request: str, form: str) -> None:
    """Where REQUEST stands, its history, and what became of the data."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        _show(house.rights.case(request), form)


@command.command()
@click.argument("subject")
@click.argument("right", type=click.Choice(RIGHTS))
@click.option("--set", "changes", multiple=True, metavar="CATEGORY=VALUE", help="for a correction")
@click.option("--purpose", help="for an objection")
@click.option("--proved", is_flag=True, help="you have made sure who asks; no code is mailed")
def file(
    subject: str, right: str, changes: tuple[str, ...], purpose: str | None, proved: bool
) -> None:
    """File a request of RIGHT for the person SUBJECT."""
    from engine.errors import InvalidInput
    from upheld.bootstrap import open_house

    details: dict[str, str] = {}
    for change in changes:
        category, equals, value = change.partition("=")
        if not equals:
            raise InvalidInput(f"`{change}` is not CATEGORY=VALUE", "set")
        details[category] = value
    if purpose:
        details["purpose"] = purpose
    with open_house() as house:
        case = house.rights.file(subject, right, details, source="officer", proved=proved)
    _show(case, "table")


@command.command()
@click.argument("request", required=False)
@format_option()
def process(request: str | None, form: str) -> None:
    """Carry out REQUEST, or everything that is ready."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        if request is not None:
            _show(house.rights.process(request), form)
            return
        house.rights.recover()
        done = house.rights.process_due()
    click.echo(f"carried out {len(done)} requests")
    for case in done:
        click.echo(f"  {case.id}  {case.right:<12} {case.status.value}")


@command.command()
@click.argument("request")
@click.option("--officer", envvar="UPHELD_OFFICER", required=True)
@click.option("--reasons", required=True, help="the person reads them")
def extend(request: str, officer: str, reasons: str) -> None:
    """Take longer for REQUEST, as the law allows; the person is told why."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        case = house.rights.extend(request, officer=officer, reasons=reasons)
    click.echo(f"extended: now due by {case.legal_due:%Y-%m-%d}")


@command.command()
@click.argument("request")
@click.option("--officer", envvar="UPHELD_OFFICER", required=True)
@click.option("--reason", required=True, help="the person reads it")
def refuse(request: str, officer: str, reason: str) -> None:
    """Refuse REQUEST; the person is told why, and how to complain."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        house.rights.refuse(request, officer=officer, reason=reason)
    click.echo(f"refused {request}; the person is told")


@command.command()
@click.argument("request")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="where to write it")
def package(request: str, out: Path | None) -> None:
    """Write the answer of REQUEST (a zip, or a deletion certificate) into a file."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        case = house.rights.case(request)
        found = house.rights.package(case.request.subject_id, request)
        path = out or Path(found.name)
        with path.open("xb") as file:
            path.chmod(0o600)
            for chunk in found.chunks:
                file.write(chunk)
    click.echo(f"wrote {path} ({found.size:,} bytes, sha256 {found.sha256})")


def _show(case: Case, form: str) -> None:
    from upheld.output import show_json, show_rows

    if form == "json":
        show_json(
            {
                "id": case.id,
                "right": case.right,
                "status": case.status.value,
                "received_at": case.received_at,
                "target_due": case.target_due,
                "legal_due": case.legal_due,
                "overdue": case.overdue,
                "outcomes": [outcome.plain() for outcome in case.outcomes],
            }
        )
        return
    click.echo(f"{case.id}  {case.right}  {case.status.value}")
    click.echo(f"  {case.progress.now}")
    click.echo(f"  {case.progress.next}")
    click.echo(
        f"  received {case.received_at:%Y-%m-%d %H:%M} UTC, due by law {case.legal_due:%Y-%m-%d}"
    )
    if case.outcomes:
        rows = [
            [o.dataset, o.category, o.outcome, o.rows, o.statute or o.exemption or ""]
            for o in case.outcomes
        ]
        show_rows(form, ["dataset", "category", "outcome", "rows", "because"], rows)
