"""`upheld demo`: build the demonstration platform and show everything on it."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--no-serve", is_flag=True, help="do everything but serve")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/demo"),
    show_default=True,
)
@click.option(
    "--policies",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("policies"),
    show_default=True,
)
def command(no_serve: bool, port: int, folder: Path, policies: Path) -> int:
    """Build a platform in FOLDER, uphold its policy on it, and serve the result on this machine only.

    Everything in FOLDER is made anew by each run.
    """
    import os

    from upheld.bootstrap import open_house
    from upheld.demo import scene, show
    from upheld.demo.house import clear, demo_environment, merged

    if not no_serve:
        _require_free(port)
    folder = folder.resolve()
    clear(folder, policies)
    environ = merged(os.environ, demo_environment(folder, port))
    show.build_platform(environ)
    with open_house(environ) as house:
        password = scene.add_officer(house)
        show.show_lint(house)
        show.show_purge(house)
        show.show_promises(house)
        show.show_second_version(house)
    _where(environ["UPHELD_BASE_URL"], password, folder, served=not no_serve)
    return 0 if no_serve else _serve(environ)


def _require_free(port: int) -> None:
    import socket

    from engine.errors import Conflict

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise Conflict(
                f"port {port} is taken; stop what listens there, or choose another with --port"
            ) from None


def _where(base: str, password: str, folder: Path, *, served: bool) -> None:
    from upheld.demo.people import DEMO_EMAIL
    from upheld.demo.scene import OFFICER

    click.echo("")
    click.secho("Where to click" if served else "What there is", bold=True)
    if served:
        click.echo(f"  The living policy   {base}/")
        click.echo(f"  Your data           {base}/login      as {DEMO_EMAIL}")
        click.echo(f"  The code by mail    {base}/demo/mailbox")
        click.echo(f"  The console         {base}/console/   as {OFFICER}, password {password}")
        click.echo(f"  The API             {base}/v1/docs    (a key: in the console, under Keys)")
        click.echo(
            "  A demonstration on invented data: it listens on this machine only. Stop with Ctrl-C."
        )
    else:
        click.echo(f"  everything is in {folder}")


def _serve(environ: dict[str, str]) -> int:
    from upheld.serving import serve

    return serve(environ)
