"""`upheld officer`: people who may use the console."""

from __future__ import annotations

import click

from upheld.output import format_option


@click.group()
def command() -> None:
    """People who may use the console."""


@command.command()
@click.argument("name")
@click.password_option(help="asked for when not given; at least 12 characters")
def add(name: str, password: str) -> None:
    """Add an officer."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        house.access.officers.add(name, password)
        click.echo(f"added `{name}`; the console is at {house.settings.base_url}/console/")


@command.command()
@click.argument("name")
@click.password_option(help="asked for when not given; at least 12 characters")
def password(name: str, password: str) -> None:
    """Give an officer another password; their sessions end."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        house.access.officers.set_password(name, password)
        click.echo(f"changed the password of `{name}`; their sessions have ended")


@command.command()
@click.argument("name")
def disable(name: str) -> None:
    """Let an officer in no more."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        house.access.officers.disable(name)
        click.echo(f"`{name}` can no longer log in")


@command.command("list")
@format_option()
def list_(form: str) -> None:
    """Show every officer."""
    from upheld.bootstrap import open_house
    from upheld.output import show_rows

    with open_house() as house:
        rows = [
            [o.name, o.added_at, o.last_login_at, o.disabled_at]
            for o in house.access.officers.all()
        ]
    show_rows(form, ["name", "added", "last login", "disabled"], rows)
