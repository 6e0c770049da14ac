"""Where the policy and its data map lie, from the settings; nothing here opens a database."""

from __future__ import annotations

from pathlib import Path

from engine.errors import InvalidInput, UnknownName
from engine.policy.versions import PolicyFolder
from upheld.settings import Settings

DATAMAP_FILE = "datamap.yaml"


def policy_folder(settings: Settings) -> PolicyFolder:
    """The folder of the policy that applies: the one named, or the only one there is."""
    root = settings.policies
    if not root.is_dir():
        raise InvalidInput(
            f"no folder of policies at `{root}`; run inside the project, or set UPHELD_POLICIES",
            "UPHELD_POLICIES",
        )
    known = sorted(path.name for path in root.iterdir() if any(path.glob("*/policy.yaml")))
    if settings.policy:
        if settings.policy not in known:
            raise UnknownName("policy", settings.policy, known)
        return PolicyFolder(root / settings.policy)
    if len(known) != 1:
        listed = ", ".join(f"`{name}`" for name in known) or "none"
        raise InvalidInput(
            f"`{root}` holds {listed}; say which policy applies with UPHELD_POLICY", "UPHELD_POLICY"
        )
    return PolicyFolder(root / known[0])


def datamap_path(settings: Settings) -> Path:
    """The data map's file."""
    return settings.datamap or policy_folder(settings).folder / DATAMAP_FILE


def version_path(settings: Settings, given: str | None) -> Path:
    """The folder of a version: a path, a version's name, or the newest version when nothing is given."""
    if given is not None and Path(given).is_dir():
        return Path(given)
    folder = policy_folder(settings)
    names = folder.names()
    if given is None:
        if not names:
            raise InvalidInput(f"`{folder.folder}` holds no version")
        return folder.path(names[-1])
    return folder.path(given)
