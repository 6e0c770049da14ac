"""Every command exists, explains itself, and ends with the exit code that scripts rely on."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from upheld.cli import app
from upheld.help import COMMANDS, SECTIONS

CONTEXT = click.Context(app)


def every_command() -> list[tuple[str, ...]]:
    """The words of every command and subcommand."""
    found: list[tuple[str, ...]] = []
    for name in COMMANDS:
        command = app.get_command(CONTEXT, name)
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, sub) for sub in command.list_commands(CONTEXT)]
    return found


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_command_explains_itself_and_its_options(words: tuple[str, ...], terminal):
    out = terminal.run(*words, "--help")
    assert out.startswith("Usage: ")
    command: click.Command | None = app
    for word in words:
        assert isinstance(command, click.Group)
        command = command.get_command(CONTEXT, word)
    assert command is not None
    assert command.help
    assert len(command.get_short_help_str(200)) > 10
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.opts[0] in out


def test_the_help_lists_every_command_under_its_section(terminal):
    out = terminal.run("--help")
    for title, commands in SECTIONS.items():
        assert f"{title}:" in out
        for name, line in commands.items():
            (shown,) = (row for row in out.splitlines() if row.split()[:1] == [name])
            assert shown.split(maxsplit=1)[1].split()[:3] == line.split()[:3]


def test_the_commands_that_others_script_against_exist():
    names = {" ".join(words) for words in every_command()}
    alone = "lint coverage test diff explain schema publish plan purge verify decide promises serve worker"
    groups = {
        "": f"{alone} demo check hold consent request",
        "audit": "verify prove checkpoint",
        "datamap": "scan check grants",
        "db": "upgrade",
        "officer": "add",
        "key": "create rotate revoke",
    }
    promised = {f"{group} {sub}".strip() for group, subs in groups.items() for sub in subs.split()}
    assert promised <= names


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["pruge"], "no command `pruge`, did you mean `purge`?"),
        (["xyzzy"], "no command `xyzzy`"),
        (["plan", "--aprove", "x"], "--approve"),
        (["audit", "verfy"], "verfy"),
        (["decide", "borrow", "person"], "borrow"),
        (["plan", "--by", "soon"], "soon"),
        (["plan", "--approve"], "requires an argument"),
        (["publish"], "Missing argument"),
        (["key", "create", "x", "--scope", "all"], "all"),
        (["lint", "--format", "xml"], "xml"),
        (["audit", "prove", "--", "-1"], "-1"),
    ],
)
def test_a_mistake_of_use_ends_with_2_and_names_it(words: list[str], says: str, terminal):
    terminal.run(*words, code=2)
    assert says in terminal.err.replace(";", ",") or says in terminal.err


def test_no_arguments_show_the_help_and_the_version_is_told(terminal):
    assert terminal.run("--version").startswith("upheld ")
    terminal.run(code=2)
    assert "Officers:" in terminal.err


def test_help_needs_no_installation_and_imports_nothing_heavy(tmp_path):
    """As a process of its own, in an empty folder."""
    code = (
        "import sys; from upheld.cli import run; code = run(['--help']);"
        "heavy = {'sqlalchemy', 'flask', 'pydantic', 'rich'} & set(sys.modules);"
        "print(sorted(heavy), file=sys.stderr); sys.exit(code or bool(heavy))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Operating:" in done.stdout
