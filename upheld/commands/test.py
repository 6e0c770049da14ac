"""`upheld test`: the policy's own tests."""

from __future__ import annotations

from pathlib import Path

import click

from upheld.output import format_option


@click.command()
@click.argument(
    "policy", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@format_option()
def command(policy: Path | None, form: str) -> int:
    """Run tests/*.yaml of POLICY (the policy that applies, if not given). Exit 1 if any fails."""
    import os

    from engine.policy.versions import PolicyFolder
    from upheld.output import show_rows
    from upheld.places import policy_folder
    from upheld.settings import read_settings
    from upheld.testing import run_tests

    folder = PolicyFolder(policy) if policy else policy_folder(read_settings(os.environ))
    results = run_tests(folder)
    rows = [
        [r.file, r.name, "passed" if r.passed else "FAILED", "; ".join(r.problems)] for r in results
    ]
    shown = rows if form != "table" else [row for row in rows if row[2] != "passed"]
    if shown or form != "table":
        show_rows(form, ["file", "case", "result", "difference"], shown)
    failed = sum(not result.passed for result in results)
    if form == "table":
        click.echo(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0
