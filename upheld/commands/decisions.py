"""`upheld decisions`: the decision log, and what enforcement would change for a service."""

from __future__ import annotations

from datetime import timedelta

import click

from upheld.output import format_option


@click.group()
def command() -> None:
    """What services asked, and what was decided."""


@command.command("log")
@click.option("--service", default="", metavar="NAME", help="only this service's (its keys' name)")
@click.option("--effect", type=click.Choice(("permit", "deny")), help="only these")
@click.option("--subject", default="", help="only about this person")
@click.option("--request", "request_id", default="", help="only of the request with this id")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@format_option()
def log(
    service: str, effect: str | None, subject: str, request_id: str, limit: int, form: str
) -> None:
    """Show the newest decisions, the latest first. People are named by a digest."""
    from engine.decisions.log import Scribe, reading
    from upheld.bootstrap import open_house
    from upheld.output import show_rows

    with open_house() as house:
        house.shipper.ship()
        keys = {key.prefix: key.name for key in house.access.keys.all()}
        mask = Scribe(house.secret).mask(subject) if subject else None
        with house.database.read() as conn:
            found = [
                one
                for prefix in (_prefixes(keys, service) if service else (None,))
                for one in reading.latest(
                    conn, limit, caller=prefix, effect=effect, subject=mask, request=request_id
                )
            ]
    found.sort(key=lambda one: one.at, reverse=True)
    rows = [
        [one.at, keys.get(one.caller, one.caller), one.mode, one.effect, _asked(one), one.rule,
         one.lacks, one.subject, one.request]
        for one in found[:limit]
    ]  # fmt: skip
    columns = ["at", "service", "mode", "effect", "asked", "rule", "lacks", "subject", "request"]
    show_rows(form, columns, rows)


@command.command("trial")
@click.argument("service", required=False)
@click.option("--days", type=click.IntRange(1, 3650), help="only the last so many days")
@format_option()
def trial(service: str | None, days: int | None, form: str) -> int:
    """What enforcement would deny services in shadow mode, or SERVICE alone. Exit 1 if anything."""
    from engine.decisions.log import reading
    from upheld.bootstrap import open_house
    from upheld.output import show_rows

    with open_house() as house:
        house.shipper.ship()
        keys = {key.prefix: key.name for key in house.access.keys.all()}
        since = house.clock.now() - timedelta(days=days) if days else None
        with house.database.read() as conn:
            prefixes = _prefixes(keys, service) if service else list(keys)
            found = reading.trial(conn, prefixes, since)
    rows = [
        [
            keys[one.caller],
            one.times,
            one.people,
            _asked(one),
            one.rule,
            one.lacks,
            one.first_at,
            one.last_at,
        ]
        for one in found.differences
    ]
    columns = ["service", "calls", "people", "asked", "rule", "lacks", "first", "last"]
    show_rows(form, columns, rows)
    if form == "table":
        click.echo(
            f"asked {found.asked:,} times in shadow mode; enforcement would deny {found.denied:,} "
            "of them"
        )
    return 1 if found.denied else 0


def _prefixes(keys: dict[str, str], service: str) -> list[str]:
    from engine.errors import UnknownName

    found = [prefix for prefix, name in keys.items() if service in (name, prefix)]
    if not found:
        raise UnknownName("service", service, keys.values())
    return found


def _asked(one: object) -> str:
    operation, category, purpose, recipient = (
        getattr(one, name) for name in ("operation", "category", "purpose", "recipient")
    )
    for_what = f" for {purpose}" if purpose else ""
    with_whom = f" with {recipient}" if recipient else ""
    return f"{operation} {category}{for_what}{with_whom}"
