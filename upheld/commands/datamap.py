"""`upheld datamap`: where personal data lies."""

from __future__ import annotations

import click

from upheld.output import format_option


@click.group()
def command() -> None:
    """Where personal data lies."""


@command.command()
@click.argument("url")
@click.option("--store", default="platform", show_default=True, help="the name to give the store")
def scan(url: str, store: str) -> None:
    """Read the schema of the database at URL and print a proposed data map. No value is read."""
    from upheld.mapping import propose_map

    click.echo(propose_map(url, store), nl=False)


@command.command()
@format_option()
def check(form: str) -> int:
    """Compare the data map with the policy and with what the stores really hold. Exit 1 on errors.

    The policy is the version in force or, before any is published, the newest that can be read.
    """
    from upheld.bootstrap import open_house
    from upheld.findings import as_dict
    from upheld.mapping import check_map
    from upheld.output import show_findings, show_json
    from upheld.which import usable_version

    with open_house() as house:
        against = usable_version(house.folder, house.clock.now())
        found = check_map(house, against.policy)
    click.echo(f"compared with version {against.policy.version} ({against.why})", err=True)
    blocking = sum(finding.blocking for finding in found)
    if form == "json":
        show_json([as_dict(finding) for finding in found])
    else:
        show_findings(found)
        click.echo(f"{blocking} errors, {len(found) - blocking} other findings")
    return 1 if blocking else 0


@command.command()
@click.argument("role", default="upheld")
def grants(role: str) -> None:
    """Print the least privileges that ROLE needs in each store."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        for name, dataset in house.datamap.datasets.items():
            if dataset.backup_of:
                continue
            lines = house.adapters[dataset.store].grants(dataset, role)
            if lines:
                click.echo(f"-- {name}")
            for line in lines:
                click.echo(line)
