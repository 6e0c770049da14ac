"""Running Upheld: the supervisor, its web workers, the scheduler that one replica at a time owns."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import NoReturn


def serve(environ: Mapping[str, str]) -> NoReturn:
    """Become `upheld serve` with this environment, a fresh process under the same id: it never returns.

    Counters and settings are fixed when they are first imported, so what ran before must not linger.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    command = "from upheld.cli import main; main(['serve'])"
    os.execve(sys.executable, [sys.executable, "-c", command], dict(environ))  # noqa: S606
