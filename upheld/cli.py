"""The `upheld` command: its commands are imported only when they are called, so `--help` is quick."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from upheld.help import COMMANDS, SECTIONS

FINDINGS = 1
USAGE = 2
COULD_NOT_RUN = 3


class LazyGroup(click.Group):
    """Finds a command `some-name` as `command` in the module `upheld.commands.some_name`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of the sections of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command; None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"upheld.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As usual, with a near miss named when there is no such command."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            from engine.errors import did_you_mean

            ctx.fail(f"no command `{args[0]}`{did_you_mean(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands under their sections, each with one line."""
        for title, names in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, COMMANDS[name]) for name in names])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="upheld", message="upheld %(version)s")
def app() -> None:
    """Your privacy policy, upheld: checked, enforced where the data lies, and shown to be kept."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line. Exit codes: 0 fine, 1 findings, 2 usage, 3 could not run."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit code; what goes wrong is told, never traced."""
    # Looking through every installed package for plugins of pydantic takes longer than most commands.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        result: Any = app.main(arguments, standalone_mode=False)
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as problem:  # noqa: BLE001  (the last resort: people never see a traceback)
        return _explain(problem)
    return result if isinstance(result, int) else 0


def _explain(problem: Exception) -> int:
    from upheld.problems import explain

    return explain(problem)
