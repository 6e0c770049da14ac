"""`upheld key`: API keys for services."""

from __future__ import annotations

from datetime import timedelta

import click

from upheld.output import format_option

SCOPES = ("decide", "consent", "rights", "admin")


@click.group()
def command() -> None:
    """API keys for services."""


@command.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    default=("decide",),
    show_default=True,
)
@click.option("--shadow", is_flag=True, help="decide and log, but deny nothing (a trial)")
@click.option("--per-minute", type=click.IntRange(1), help="how many calls a minute it may make")
def create(name: str, scopes: tuple[str, ...], shadow: bool, per_minute: int | None) -> None:
    """Make a key for the service NAME. The key is shown once."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        key, text = house.access.keys.create(name, scopes, shadow=shadow, per_minute=per_minute)
    click.echo(text)
    click.echo(f"key {key.prefix} for `{name}`: keep it now, it is not shown again", err=True)


@command.command()
@click.argument("prefix")
@click.option(
    "--grace", "hours", type=click.IntRange(0, 720), default=0, help="hours the old key still works"
)
def rotate(prefix: str, hours: int) -> None:
    """Replace the key PREFIX by a new one with the same name and scopes."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        key, text = house.access.keys.rotate(prefix, grace=timedelta(hours=hours))
    click.echo(text)
    click.echo(f"key {key.prefix} replaces {prefix}", err=True)


@command.command()
@click.argument("prefix")
def revoke(prefix: str) -> None:
    """End the key PREFIX at once."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        house.access.keys.revoke(prefix)
    click.echo(f"revoked {prefix}")


@command.command()
@click.argument("prefix")
@click.option("--off", is_flag=True, help="shadow mode: decide and log, but deny nothing")
def enforce(prefix: str, off: bool) -> None:
    """Enforce decisions for the key PREFIX, or (--off) only log what would be denied."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        house.access.keys.enforce(prefix, not off)
    click.echo(f"{prefix}: {'shadow mode, nothing is denied' if off else 'decisions are enforced'}")


@command.command()
@click.argument("prefix")
@click.argument("per_minute", metavar="CALLS", type=click.IntRange(1), required=False)
def limit(prefix: str, per_minute: int | None) -> None:
    """Let the key PREFIX make so many CALLS a minute; without a number, as many as it likes."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        house.access.keys.limit(prefix, per_minute)
    told = f"{per_minute:,} calls a minute" if per_minute else "no limit"
    click.echo(f"{prefix}: {told}")


@command.command("list")
@format_option()
def list_(form: str) -> None:
    """Show every key, without the secret part."""
    from upheld.bootstrap import open_house
    from upheld.output import show_rows

    with open_house() as house:
        rows = [
            [
                k.prefix,
                k.name,
                ", ".join(sorted(k.scopes)),
                k.mode,
                k.per_minute,
                k.created_at,
                k.last_used_at,
                k.expires_at,
                k.revoked_at,
            ]
            for k in house.access.keys.all()
        ]
    show_rows(
        form,
        ["key", "name", "scopes", "mode", "a minute", "created", "last used", "expires", "revoked"],
        rows,
    )
