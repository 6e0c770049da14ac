"""`upheld test`: the policy's own tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from upheld.output import format_option

if TYPE_CHECKING:
    from upheld.testing import Report


@click.command()
@click.argument(
    "policy", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("-k", "words", metavar="WORDS", help="only cases whose name or file has these words")
@click.option("--rule", metavar="ID", help="only cases that exercise this rule")
@click.option(
    "--every-rule", is_flag=True, help="exit with 1 too if there is a rule that no case exercises"
)
@click.option(
    "--junit", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
    help="also write the results as JUnit XML",
)  # fmt: skip
@format_option("junit")
def command(
    policy: Path | None,
    words: str | None,
    rule: str | None,
    every_rule: bool,
    junit: Path | None,
    form: str,
) -> int:
    """Run tests/*.yaml of POLICY, the folder of a policy (that which applies, if not given).

    Says what was expected, what was found and why, and which rules no case exercises. Exit 1 if a case fails.
    """
    import os

    from engine.policy.versions import PolicyFolder
    from upheld.places import policy_folder
    from upheld.settings import read_settings
    from upheld.testing import only, report_tests

    folder = PolicyFolder(policy) if policy else policy_folder(read_settings(os.environ))
    report = only(report_tests(folder), words=words, rule=rule)
    if junit is not None:
        from upheld.junit import as_junit

        junit.write_text(as_junit(report), encoding="utf-8")
    _show(report, form, filtered=words is not None or rule is not None)
    return 1 if report.failed or (every_rule and report.unexercised) else 0


def _show(report: Report, form: str, *, filtered: bool) -> None:
    from upheld.output import show_json, show_rows
    from upheld.showing_tests import as_json, rows, show_report

    if form == "json":
        show_json(as_json(report))
    elif form == "junit":
        from upheld.junit import as_junit

        click.echo(as_junit(report), nl=False)
    elif form == "markdown":
        columns = ["file", "version", "kind", "case", "result", "difference"]
        show_rows(form, columns, rows(report.outcomes))
    else:
        show_report(report, filtered=filtered)
