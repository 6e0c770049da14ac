"""`upheld diff OLD NEW`: what a new version changes, and for whom."""

from __future__ import annotations

import click

from upheld.output import format_option


@click.command()
@click.argument("old")
@click.argument("new")
@format_option()
def command(old: str, new: str, form: str) -> int:
    """Compare two versions by meaning. Exit 1 if a change is blocked until a human decides."""
    import os

    from engine.policy.diff import diff
    from engine.policy.load import read_policy
    from upheld.output import show_rows
    from upheld.places import version_path
    from upheld.settings import read_settings

    settings = read_settings(os.environ)
    found = diff(
        read_policy(version_path(settings, old)),
        read_policy(version_path(settings, new)),
    )
    rows = [[c.consequence.value, ", ".join(c.clauses), c.sentence] for c in found.changes]
    show_rows(form, ["consequence", "clause", "change"], rows)
    if form == "table":
        click.echo(_summary(found.old, found.new, found.consequence.value, len(rows)))
    return 1 if found.consequence.value == "blocked" else 0


_MEANS = {
    "blocked": "a human must decide before this can be published",
    "re-consent": "people are asked for a new consent at their next login, for that scope only",
    "reconfirm": "people are told in advance and asked to reconfirm at their next login",
    "notice": "people are told",
    "changelog": "it binds at once; nobody needs to do anything",
    "none": "nothing changes for anybody",
}


def _summary(old: str, new: str, consequence: str, changes: int) -> str:
    plural = "change" if changes == 1 else "changes"
    return f"{old} → {new}: {changes} {plural}; the gravest: {consequence} ({_MEANS[consequence]})"
