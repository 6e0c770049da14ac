"""`upheld audit`: the ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from upheld.output import format_option


@click.group()
def command() -> None:
    """The ledger: what was done, provably."""


@command.command()
@click.option(
    "--checkpoint",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="a checkpoint saved before, to check against; may be given several times",
)
@format_option()
def verify(files: tuple[Path, ...], form: str) -> int:
    """Recompute the whole ledger from its entries. Exit 1 if it was tampered with."""
    from engine.audit import external, service
    from upheld.bootstrap import open_house
    from upheld.output import show_json

    with open_house() as house:
        notes = [path.read_text(encoding="utf-8") for path in files]
        notes += external.saved(house.checkpoint_folder)
        with house.database.read() as conn:
            found = service.verify(conn, notes, house.keyring.verifiers(house.origin))
    if form == "json":
        told = [
            {"damage": f.damage.value, "entry": f.index, "says": f.sentence} for f in found.findings
        ]
        show_json(
            {"ok": found.ok, "entries": found.size, "root": found.root.hex(), "findings": told}
        )
    else:
        click.echo(found.sentence)
        for finding in found.findings:
            click.echo(f"  ✕ {finding.sentence}")
    return 0 if found.ok else 1


@command.command()
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="write it into a file too"
)
def checkpoint(out: Path | None) -> None:
    """Sign the ledger's present state: keep it where Upheld cannot reach it."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        note = house.checkpoint()
    if out is not None:
        out.write_text(note, encoding="utf-8")
    click.echo(note, nl=False)


@command.command()
@click.argument("entry", type=click.IntRange(0))
def prove(entry: int) -> None:
    """Print a proof that ENTRY stands in the ledger, which anybody can check offline."""
    from upheld.bootstrap import open_house
    from upheld.output import show_json

    with open_house() as house:
        show_json(house.notary.proof(entry))


@command.command("check-proof")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--subject", help="check too that it is about this person")
def check_proof(file: Path, subject: str | None) -> int:
    """Check a proof or a deletion certificate offline. Exit 1 if it does not hold."""
    from engine.audit.proof import verify_proof
    from engine.errors import LedgerBroken
    from engine.rights.certificate import verify_certificate

    document = _read_object(file)
    check = verify_certificate if "proof" in document else verify_proof
    try:
        proven = check(document, subject=subject)
    except LedgerBroken as problem:
        click.echo(f"✕ {problem}")
        return 1
    about = " and is about this person" if proven.about_subject else ""
    click.echo(
        f"● the entry `{proven.body.get('kind')}` of {proven.body.get('at')} stands in the ledger "
        f"{proven.checkpoint.origin}{about}"
    )
    click.echo(
        f"  signed with {proven.key.text}: compare it with the key that the operator publishes"
    )
    if subject and not proven.about_subject:
        click.echo("✕ the document does not show that it is about this person")
        return 1
    return 0


def _read_object(file: Path) -> dict[str, Any]:
    from engine.errors import InvalidInput

    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise InvalidInput(f"`{file}` holds no JSON object, so it is no proof")
    return document


@command.command()
@click.option("--start", type=click.IntRange(0), default=0)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--kind", help="only entries of this kind")
@format_option()
def entries(start: int, limit: int, kind: str | None, form: str) -> None:
    """Show entries of the ledger."""
    from engine.audit import ledger
    from upheld.bootstrap import open_house
    from upheld.output import show_rows

    with open_house() as house, house.database.read() as conn:
        found = ledger.entries(conn, start, limit, kind)
        rows = [
            [e.index, e.at, e.kind, json.dumps(dict(e.facts), ensure_ascii=False)] for e in found
        ]
    show_rows(form, ["entry", "at", "kind", "facts"], rows)
