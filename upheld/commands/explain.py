"""`upheld explain`: why a decision, an expiry, a login gate or a deadline is as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from upheld.explain import Asked

F = TypeVar("F", bound=Callable[..., Any])

_FACTS = (
    "a fact: account=active, region=DE, choice:ID=on, objected=PURPOSE, restricted=no, agreed=yes, "
    "age=17, signal=gpc; what is not given is unknown"
)


def _common(command: F) -> F:
    """The options that every explanation takes."""
    by_form = click.option(
        "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
    )
    by_version = click.option(
        "--version", metavar="VERSION", help="the version; the one in force if not given"
    )
    return by_version(by_form(command))


@click.group()
def command() -> None:
    """Say why: what matched, what nearly matched and what it lacked, in the words of the policy."""


@command.command()
@click.argument("operation", type=click.Choice(["collect", "use", "share"]))
@click.argument("category")
@click.option("--for", "purpose", default="", metavar="PURPOSE", help="what for (use and share)")
@click.option("--with", "recipient", default="", metavar="RECIPIENT", help="with whom (share)")
@click.option("--subject", metavar="ID", help="about whom: their facts are read from the stores")
@click.option("--given", multiple=True, metavar="FACT=VALUE", help=_FACTS)
@_common
def decision(
    operation: str,
    category: str,
    purpose: str,
    recipient: str,
    subject: str | None,
    given: tuple[str, ...],
    version: str | None,
    form: str,
) -> None:
    """Why CATEGORY may be collected, used or shared, or may not: every rule, with each of its conditions."""
    from engine.decisions.decision import Request
    from upheld.explain import of_subject
    from upheld.explaining import decision as shown
    from upheld.output import show_json

    request = Request(operation, category, purpose, recipient)
    if subject is not None:
        if given or version:
            raise click.UsageError("either --subject, or --given and --version: not both")
        policy, found = of_subject(request, subject)
        why = "in force"
    else:
        asked = _asked(version)
        policy, found, why = asked.policy, asked.decision(request, given), asked.found.why
    if form == "json":
        show_json(shown.as_dict(policy, found))
    else:
        shown.show(policy, why, found)


@command.command()
@click.argument("name", metavar="DATASET|CATEGORY")
@click.option(
    "--given", multiple=True, metavar="EVENT=TIME",
    help="when an event happened: 'record.created=2026-05-01 12:00' (in the policy's time zone); also a fact "
    "of the person, such as region=DE; agreed=VERSION if they agreed to an older version only",
)  # fmt: skip
@click.option("--held", multiple=True, metavar="REASON", help="a hold, or a statute, that keeps it")
@_common
def expiry(
    name: str, given: tuple[str, ...], held: tuple[str, ...], version: str | None, form: str
) -> None:
    """Why a row of DATASET, or data of CATEGORY, is due when it is: rules, statutes, holds, and the sum."""
    from upheld.explaining import expiry as shown
    from upheld.output import show_json

    asked = _asked(version)
    parts = asked.expiry(name, given, held)
    if form == "json":
        show_json(shown.as_dict(asked.policy, name, parts))
    else:
        shown.show(asked.policy, name, parts)


@command.command()
@click.option("--subject", metavar="ID", help="a person: what they said is read from the store")
@click.option(
    "--agreed", metavar="VERSION", help="the version agreed to last; yes: this one; no: none"
)
@click.option("--declined", metavar="VERSION", help="a version that the person declined")
@click.option(
    "--said", multiple=True, metavar="CHOICE=ANSWER",
    help="what the person answered, and when: 'suggestions=on@2026-04-03 10:00'",
)  # fmt: skip
@click.option("--given", multiple=True, metavar="FACT=VALUE", help="region=DE, signal=gpc")
@click.option("--on", metavar="TIME", help="when they log in; now if not given")
@_common
def gate(
    subject: str | None,
    agreed: str | None,
    declined: str | None,
    said: tuple[str, ...],
    given: tuple[str, ...],
    on: str | None,
    version: str | None,
    form: str,
) -> None:
    """Why a login is let through, or what must be settled first: agreement, changes, choices."""
    from upheld.explain import gate_of_subject
    from upheld.explaining import gate as shown
    from upheld.output import show_json

    if subject is not None:
        if agreed or declined or said or given or on or version:
            raise click.UsageError("either --subject, or what they agreed to and said: not both")
        policy, found = gate_of_subject(subject)
    else:
        asked = _asked(version)
        facts = (*given, f"agreed={agreed}") if agreed else given
        policy = asked.policy
        found = asked.gate(facts, said=said, declined=declined, on=on)
    if form == "json":
        show_json(shown.as_dict(policy, found))
    else:
        shown.show(policy, found)


@command.command()
@click.argument("right")
@click.option("--received", metavar="TIME", help="when it came; now if not given")
@click.option("--in", "region", metavar="REGION", help="where the person is, such as DE or US-CA")
@click.option("--verified", metavar="TIME", help="when it was proved who asks")
@click.option("--extended", is_flag=True, help="as if an extension had been announced in time")
@_common
def deadline(
    right: str,
    received: str | None,
    region: str | None,
    verified: str | None,
    extended: bool,
    version: str | None,
    form: str,
) -> None:
    """Why a request for RIGHT is due when it is: whose law, days off, and what the policy says."""
    from upheld.explaining import deadline as shown
    from upheld.output import show_json

    asked = _asked(version)
    found = asked.deadline(
        right, received=received, region=region, verified=verified, extended=extended
    )
    if form == "json":
        show_json(shown.as_dict(asked.policy, found))
    else:
        shown.show(asked.policy, found)


def _asked(version: str | None) -> Asked:
    import os

    from upheld.explain import Asked
    from upheld.settings import read_settings

    return Asked.of(read_settings(os.environ), version)
