"""The demonstration's own installation in one folder: settings, a copy of the policies, nothing shared."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from engine.errors import InvalidInput

POLICY = "aicodewith"
FIRST = "2026-04-03"
SECOND = "2026-10-01"


def demo_environment(folder: Path, port: int) -> dict[str, str]:
    """The environment of the demonstration: everything under `folder`, on loopback."""
    return {
        "UPHELD_DEMO": "1",
        "UPHELD_DATABASE_URL": f"sqlite:///{folder / 'upheld.db'}",
        "UPHELD_PLATFORM_URL": f"sqlite:///{folder / 'platform.db'}",
        "UPHELD_ACCESS_LOGS": str(folder / "access-logs"),
        "UPHELD_POLICIES": str(folder / "policies"),
        "UPHELD_POLICY": POLICY,
        "UPHELD_STATE": str(folder / "state"),
        "UPHELD_MAIL": "maildir",
        "UPHELD_MAILDIR": str(folder / "mail"),
        "UPHELD_MAIL_FROM": "privacy@example.com",
        "UPHELD_HOST": "127.0.0.1",
        "UPHELD_PORT": str(port),
        "UPHELD_BASE_URL": f"http://127.0.0.1:{port}",
        "UPHELD_LOG_FORMAT": "text",
    }


def clear(folder: Path, policies: Path) -> None:
    """Empty the demonstration's folder and copy the policies into it, unpublished.

    Only what the demonstration itself makes is removed: a folder that holds anything else is refused.
    """
    source = policies / POLICY
    if not (source / FIRST).is_dir():
        raise InvalidInput(f"`{source}` is not there; run the demonstration inside the project")
    _refuse_others(folder)
    for name in _OURS:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, folder / "policies" / POLICY)
    (folder / "policies" / POLICY / "published.yaml").unlink(missing_ok=True)


_DATABASES = ("upheld.db", "platform.db")
_OURS = (
    *(
        f"{name}{tail}"
        for name in _DATABASES
        for tail in ("", "-wal", "-shm", "-journal", ".leader")
    ),
    *(f"{name}.building" for name in _DATABASES),
    "access-logs",
    "policies",
    "state",
    "mail",
    "lock",
    "metrics",
)


def _refuse_others(folder: Path) -> None:
    if not folder.exists():
        return
    others = sorted(path.name for path in folder.iterdir() if path.name not in _OURS)
    if others:
        raise InvalidInput(
            f"`{folder}` holds `{others[0]}`, which the demonstration did not make; choose another folder"
        )


def merged(environ: Mapping[str, str], demo: Mapping[str, str]) -> dict[str, str]:
    """The process's environment without its own Upheld settings, and the demonstration's."""
    return {k: v for k, v in environ.items() if not k.startswith("UPHELD_")} | dict(demo)
