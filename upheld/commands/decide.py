"""`upheld decide`: may this be done?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from engine.decisions.decision import Decision, Request
    from engine.policy.policy import Policy

DENIED = 1


@click.command()
@click.argument("operation", type=click.Choice(["collect", "use", "share"]))
@click.argument("category")
@click.option("--for", "purpose", default="", metavar="PURPOSE", help="what for (use and share)")
@click.option("--with", "recipient", default="", metavar="RECIPIENT", help="with whom (share)")
@click.option("--subject", metavar="ID", help="about whom: their facts are read from the stores")
@click.option(
    "--given",
    multiple=True,
    metavar="FACT=VALUE",
    help="instead of a subject: account=active, region=DE, choice:ID=on, objected=PURPOSE, "
    "restricted=no, restricted:CATEGORY=yes, agreed=yes, age=17, signal=gpc; "
    "what is not given is unknown",
)
@click.option(
    "--version", metavar="VERSION", help="the version to decide by; the one in force if not given"
)
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
def command(
    operation: str,
    category: str,
    purpose: str,
    recipient: str,
    subject: str | None,
    given: tuple[str, ...],
    version: str | None,
    form: str,
) -> int:
    """May CATEGORY be collected, used or shared? Exit 0 for a permit, 1 for a deny."""
    from engine.decisions.decision import Request
    from upheld.output import show_json

    if subject is not None and (given or version):
        raise click.UsageError("either --subject, or --given and --version: not both")
    request = Request(operation, category, purpose, recipient)
    if subject is None:
        policy, why, decision = _by_given(request, given, version)
    else:
        policy, why, decision = _by_subject(request, subject)
    if form == "json":
        show_json({**decision.as_dict(), "clause_texts": _texts(policy, decision)})
    else:
        _show(policy, why, decision)
    return 0 if decision.permitted else DENIED


Answer = tuple["Policy", str, "Decision"]


def _by_given(request: Request, given: tuple[str, ...], version: str | None) -> Answer:
    """Decide by a version in the policy's folder and facts from the command line: no database."""
    import os
    from datetime import UTC, datetime

    from upheld.given import table_given
    from upheld.places import policy_folder
    from upheld.settings import read_settings
    from upheld.which import which_version

    folder = policy_folder(read_settings(os.environ))
    found = which_version(folder, version, datetime.now(UTC))
    table, about = table_given(found, given)
    return found.policy, found.why, table.decide(request, table.facts(about))


def _by_subject(request: Request, subject: str) -> Answer:
    """Decide about a person, as the API would."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        policy = house.policy()
        return policy, "in force", house.decisions.decide(request, subject)


def _texts(policy: Policy, decision: Decision) -> dict[str, str]:
    return {c: policy.text.clause(c).words for c in decision.clauses if c in policy.text}


def _show(policy: Policy, why: str, decision: Decision) -> None:
    colour = "green" if decision.permitted else "red"
    click.echo(click.style(decision.effect.upper(), fg=colour, bold=True))
    click.echo(decision.reason)
    click.echo()
    for name, value in _lines(policy, why, decision):
        click.echo(f"{name:<12}{value}")


def _lines(policy: Policy, why: str, decision: Decision) -> list[tuple[str, Any]]:
    title = "nearest" if decision.by_default else "rule"
    texts = _texts(policy, decision)
    lines = [(title, decision.rule)] if decision.rule else []
    lines += [(f"  {clause}", text) for clause, text in texts.items()]
    lines += [("basis", decision.basis)] if decision.basis else []
    lines += [("must", _duty(policy, str(duty))) for duty in decision.obligations]
    lines += [("missing", f"{m.label} ({m.words})") for m in decision.missing]
    lines += [("part", f"{leaf.effect} {_named(leaf)}") for leaf in decision.leaves]
    lines.append(("policy", f"{decision.policy} {decision.version} ({why})"))
    return lines


def _named(leaf: Decision) -> str:
    return " ".join(name for name in leaf.asked[1:] if name)


def _duty(policy: Policy, duty: str) -> str:
    """An obligation, with the words of the clause that it points to."""
    _, _, clause = duty.partition(" ")
    return f"{duty}: {policy.text.clause(clause).words}" if clause in policy.text else duty
