"""`upheld diff OLD NEW`: what a new version changes, and for whom."""

from __future__ import annotations

import click

from upheld.output import format_option


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--impact",
    "live",
    is_flag=True,
    help="look at live data: rows due, people asked, open requests",
)
@format_option()
def command(old: str, new: str, live: bool, form: str) -> int:
    """Compare two versions by meaning: what changes, what that asks of people, and who must do what.

    OLD and NEW are versions, or folders. With --impact, also what the new version would do to live data once
    it is in force; nothing is changed. Exit 1 if a change is blocked until a human decides.
    """
    import os

    from engine.policy.diff import diff
    from engine.policy.load import read_policy
    from upheld.bootstrap import open_house
    from upheld.differences import show
    from upheld.impact import impact
    from upheld.places import version_path
    from upheld.progress import progress
    from upheld.settings import read_settings

    settings = read_settings(os.environ)
    before, after = (read_policy(version_path(settings, name)) for name in (old, new))
    found, seen = diff(before, after), None
    if live:
        with open_house() as house, progress() as tell:
            seen = impact(house, before, after, tell)
    show(form, after, found, seen)
    return 1 if found.consequence.value == "blocked" else 0
