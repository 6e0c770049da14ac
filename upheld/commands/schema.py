"""`upheld schema`: what can be said in the policy files, for people and for editors."""

from __future__ import annotations

from pathlib import Path

import click

from upheld.output import format_option


@click.command()
@click.argument("what", nargs=-1)
@format_option()
@click.option(
    "--write",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="write the JSON Schemas of all files into a folder",
)
@click.option(
    "--wire",
    is_flag=True,
    help="write them beside your policies, and name them to editors in each file not yet published",
)
def command(what: tuple[str, ...], form: str, folder: Path | None, wire: bool) -> None:
    """Show what can be said: WHAT is a file, or a key such as `retention.keep`.

    `--format json` prints the JSON Schema of a file (or of all), `--format markdown` the whole as a page.
    """
    asked = " ".join(what)
    if folder is not None or wire:
        _write(folder, wire)
    elif not asked:
        _all(form)
    else:
        _some(asked, form)


def _write(folder: Path | None, wire: bool) -> None:
    import os

    from upheld.editing.schemas import SCHEMAS, wire_policies, write_schemas
    from upheld.settings import read_settings

    settings = read_settings(os.environ)
    target = folder or settings.policies / SCHEMAS
    for path in write_schemas(target):
        click.echo(f"wrote {path}")
    if wire:
        for path in wire_policies(settings.policies, target):
            click.echo(f"named its schema in {path}")


def _all(form: str) -> None:
    from engine.policy.catalogue import as_markdown
    from engine.policy.schema import ABOUT, schemas
    from upheld.output import show_json, show_rows

    if form == "json":
        show_json(schemas())
    elif form == "markdown":
        click.echo(as_markdown(), nl=False)
    else:
        show_rows(form, ["file", "what stands in it"], [list(item) for item in ABOUT.items()])
        click.echo("look closer: upheld schema retention, upheld schema retention.keep")


def _some(asked: str, form: str) -> None:
    from engine.policy.catalogue import file_of, look_up
    from engine.policy.schema import schemas
    from upheld.output import show_json
    from upheld.showing_keys import as_dict, show_file, show_keys

    file = file_of(asked)
    if form == "json":
        show_json(schemas()[file] if file else [as_dict(key) for key in look_up(asked)])
    elif file:
        show_file(file, form)
    else:
        show_keys(look_up(asked), form)
