"""`upheld consent`: record, withdraw and show consent."""

from __future__ import annotations

import click

from upheld.output import format_option


@click.group()
def command() -> None:
    """Record, withdraw and show what a person agreed to and chose."""


@command.command()
@click.argument("subject")
@format_option()
def show(subject: str, form: str) -> None:
    """Where the person SUBJECT stands, and what a login asks of them."""
    from upheld.bootstrap import open_house
    from upheld.output import show_json, show_rows

    with open_house() as house:
        overview = house.consent.overview(subject)
        gate = house.consent.login(subject)
    if form == "json":
        choices = {
            state.id: {"on": state.on, "because": state.because} for state in overview.choices
        }
        show_json(
            {
                "agreed": overview.agreed,
                "gate": gate.outcome,
                "choices": choices,
                "objections": overview.objections,
                "restricted": overview.restricted,
            }
        )
        return
    words = {True: "on", False: "off", None: "not known"}
    rows = [[state.id, words[state.on], state.because, state.until] for state in overview.choices]
    show_rows(form, ["choice", "is", "because", "until"], rows)
    if form == "table":
        click.echo(f"agreed to: {overview.agreed or 'no version'}; at login: {gate.outcome}")
        for told in gate.told:
            click.echo(f"  {told.consequence:<11} {told.sentence}")
        if overview.objections:
            click.echo(f"objects to: {', '.join(overview.objections)}")


@command.command()
@click.argument("subject")
@click.argument("choice")
@click.option("--source", default="officer", show_default=True, help="where the person said so")
@click.option("--guardian", help="the verified guardian who said so in the person's place")
def give(subject: str, choice: str, source: str, guardian: str | None) -> None:
    """Turn CHOICE on for SUBJECT, who has said so."""
    _choose(subject, choice, True, source, guardian)


@command.command()
@click.argument("subject")
@click.argument("choice")
@click.option("--source", default="officer", show_default=True, help="where the person said so")
@click.option("--guardian", help="the verified guardian who said so in the person's place")
def withdraw(subject: str, choice: str, source: str, guardian: str | None) -> None:
    """Turn CHOICE off for SUBJECT; it holds for the next decision."""
    _choose(subject, choice, False, source, guardian)


def _choose(subject: str, choice: str, on: bool, source: str, guardian: str | None) -> None:
    from upheld.bootstrap import open_house

    with open_house() as house:
        record = house.consent.choose(subject, choice, on, source=source, guardian=guardian)
    click.echo(f"`{choice}` is {record.state.value}, recorded {record.at:%Y-%m-%d %H:%M:%S} UTC")


@command.command()
@click.argument("subject")
@click.argument("guardian")
@click.option("--verified-by", help="how, in the words of the policy")
@click.option("--end", is_flag=True, help="GUARDIAN is no longer the guardian of SUBJECT")
def guardian(subject: str, guardian: str, verified_by: str | None, end: bool) -> None:
    """Record that GUARDIAN was verified as the guardian of the child SUBJECT, or is it no longer."""
    from upheld.bootstrap import open_house

    if end == bool(verified_by):
        raise click.UsageError("say either `--verified-by WAY` or `--end`")
    with open_house() as house:
        if end:
            house.guardians.end(subject, guardian, source="officer")
            click.echo("ended; what this guardian consented to is void")
            return
        made = house.guardians.verify(subject, guardian, verified_by or "", source="officer")
    click.echo(f"verified by {made.verified_by}, recorded {made.at:%Y-%m-%d %H:%M:%S} UTC")


@command.command("object")
@click.argument("subject")
@click.argument("purpose")
@click.option("--lift", is_flag=True, help="the objection no longer stands")
def object_(subject: str, purpose: str, lift: bool) -> None:
    """Record that SUBJECT objects to PURPOSE."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        house.consent.set_objection(subject, purpose, not lift, source="officer")
    click.echo(f"the objection to `{purpose}` is {'lifted' if lift else 'recorded'}")


@command.command()
@click.argument("subject")
@click.argument("record", required=False)
def receipt(subject: str, record: str | None) -> None:
    """Print the receipt of RECORD, or of the newest record of SUBJECT."""
    from engine.errors import NotFound
    from upheld.bootstrap import open_house
    from upheld.output import show_json

    with open_house() as house:
        if record is None:
            found = house.consent.records(subject)
            if not found:
                raise NotFound("this person has no consent record")
            record = found[-1].id
        show_json(house.consent.receipt(subject, record))
