"""One installation for all tests of a module, and the command line over it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog

from engine.policy.versions import PolicyFolder
from tests.support import terminal as support
from tests.support.clinic import VERSION, admit_patients, clinic_environ
from upheld.bootstrap import SystemClock


@dataclass
class Installed:
    """A clinic with its patients, its policy in force: where it lies, and the environment to it."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)


@dataclass
class Terminal(support.Terminal):
    """The command line over the module's installation."""

    installed: Installed


def install(folder: Path) -> Installed:
    """The clinic in this folder, published."""
    environ = clinic_environ(
        folder, f"sqlite:///{folder / 'upheld.db'}", f"sqlite:///{folder / 'clinic.db'}"
    )
    admit_patients(environ["CLINIC_URL"])
    now = SystemClock().now()
    PolicyFolder(folder / "policies" / "clinic").publish(VERSION, by="an officer", now=now)
    return Installed(folder, environ)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """One for the module: its tests leave it as they found it, or do not mind."""
    return install(tmp_path_factory.mktemp("clinic"))


@pytest.fixture
def terminal(
    installed: Installed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    """The command line over the module's installation."""
    for name, value in installed.environ.items():
        monkeypatch.setenv(name, value)
    return Terminal(capsys, installed)


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    """A command that serves sets up the log of its whole process: leave that of the tests as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
