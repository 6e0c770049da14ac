"""What a person sees when a command cannot go on: one clear message, never a traceback."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from engine.errors import InvalidInput, PolicyError, UnknownName, UpheldError

_CODES: tuple[tuple[type[UpheldError], int], ...] = (
    (PolicyError, 1),
    (InvalidInput, 2),
    (UnknownName, 2),
    (UpheldError, 3),
)


def explain(problem: Exception) -> int:
    """Say what went wrong on standard error and return the exit code."""
    if isinstance(problem, PolicyError) and problem.findings:
        from upheld.output import show_findings

        show_findings(problem.findings, err=True)
        return 1
    if isinstance(problem, UpheldError):
        click.echo(f"upheld: {problem}", err=True)
        return next(code for kind, code in _CODES if isinstance(problem, kind))
    if isinstance(problem, SQLAlchemyError):
        # The statement and its values could hold personal data; the kind of error cannot.
        reason = str(getattr(problem, "orig", problem)).strip().splitlines()[0]
        click.echo(f"upheld: the database refused: {reason}", err=True)
        return 3
    if isinstance(problem, OSError) and problem.filename is not None:
        reason = (problem.strerror or type(problem).__name__).lower()
        click.echo(f"upheld: `{problem.filename}`: {reason}", err=True)
        return 3
    if isinstance(problem, OSError) and problem.strerror:
        # A file that was opened has its name; what has none is where the answer was to go.
        click.echo(f"upheld: the answer cannot be written: {problem.strerror.lower()}", err=True)
        return 3
    return _unexpected(problem)


def _unexpected(problem: Exception) -> int:
    where = traceback.extract_tb(problem.__traceback__)[-1]
    click.echo(
        f"upheld: an error that should not happen: {type(problem).__name__} "
        f"in {Path(where.filename).name}:{where.lineno}. "
        "Nothing half-done was kept. Please report it; UPHELD_DEBUG=1 shows more",
        err=True,
    )
    if os.environ.get("UPHELD_DEBUG") == "1":
        traceback.print_exception(problem, file=sys.stderr)
    return 3
