"""`upheld schema`: the JSON Schemas of the policy files."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("file", required=False)
@click.option(
    "--write", "folder", type=click.Path(path_type=Path), help="write all of them into a folder"
)
def command(file: str | None, folder: Path | None) -> None:
    """Print the JSON Schema of FILE (such as use.yaml), or of every policy file."""
    from engine.errors import UnknownName
    from engine.policy.schema import schemas
    from upheld.output import show_json

    found = schemas()
    if file is not None and file not in found:
        raise UnknownName("policy file", file, found)
    if folder is None:
        show_json(found[file] if file else found)
        return
    import orjson

    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in found.items():
        path = folder / f"{name.removesuffix('.yaml')}.schema.json"
        path.write_bytes(orjson.dumps(schema, option=orjson.OPT_INDENT_2) + b"\n")
        click.echo(f"wrote {path}")
