"""The command line as a person or a script sees it: what is printed, and the exit code."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from upheld.cli import run


@dataclass
class Terminal:
    """The command line over an installation; `err` holds what the last command complained of."""

    capsys: pytest.CaptureFixture[str]
    err: str = field(default="", kw_only=True)

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run a command that must end with this code, and return what it printed."""
        got = run(list(arguments))
        out, self.err = self.capsys.readouterr()
        assert got == code, f"`{' '.join(arguments)}` ended with {got}: {out}{self.err}"
        assert "Traceback" not in self.err
        assert "should not happen" not in self.err
        return out

    def ask(self, *arguments: str, code: int = 0) -> Any:
        """The same in JSON."""
        return json.loads(self.run(*arguments, "--format", "json", code=code))
