"""`upheld export fideslang|dpv`: the policy in the vocabularies of others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from engine.policy.findings import Finding
    from engine.policy.policy import Policy
    from upheld.settings import Settings


@click.command()
@click.argument("vocabulary", type=click.Choice(["fideslang", "dpv"]))
@click.argument("version", required=False)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="the file to write; printed, if not given",
)
def command(vocabulary: str, version: str | None, output: Path | None) -> None:
    """Write VERSION (the newest, if not given) in another vocabulary.

    fideslang: a manifest in YAML with systems, datasets of the data map and policies. dpv: the Data Privacy
    Vocabulary of the W3C, as JSON-LD.
    """
    import os

    from engine.policy.load import read_policy
    from upheld.places import version_path
    from upheld.settings import read_settings

    settings = read_settings(os.environ)
    policy = read_policy(version_path(settings, version))
    text = _fideslang(policy, settings) if vocabulary == "fideslang" else _dpv(policy)
    if output is None:
        click.echo(text, nl=False)
        return
    output.write_text(text, encoding="utf-8")
    click.echo(f"wrote {output}")


def _fideslang(policy: Policy, settings: Settings) -> str:
    import yaml

    from engine.errors import PolicyError
    from engine.policy.exports.fides import as_fides
    from engine.policy.exports.terms import unknown_fides
    from upheld.beside import datamap_beside

    _refuse(unknown_fides(policy), "fideslang's taxonomy")
    loaded = datamap_beside(policy, settings)
    if loaded.findings:
        raise PolicyError("the data map cannot be used", loaded.findings)

    class Plain(yaml.SafeDumper):
        """Writes what is the same in two places twice: other readers need not know of aliases."""

        def ignore_aliases(self, data: object) -> bool:
            return True

    told = as_fides(policy, loaded.map)
    return yaml.dump(told, Dumper=Plain, sort_keys=False, allow_unicode=True, width=110)


def _dpv(policy: Policy) -> str:
    import orjson

    from engine.policy.exports.dpv import as_dpv
    from engine.policy.exports.terms import unknown_dpv

    _refuse(unknown_dpv(policy), "DPV 2.3")
    return orjson.dumps(as_dpv(policy), option=orjson.OPT_INDENT_2).decode() + "\n"


def _refuse(findings: list[Finding], vocabulary: str) -> None:
    from engine.errors import PolicyError

    if findings:
        number = len(findings)
        names = "1 name that" if number == 1 else f"{number} names that"
        raise PolicyError(f"the vocabulary maps to {names} {vocabulary} does not have", findings)
