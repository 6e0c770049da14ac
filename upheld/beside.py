"""The data map that belongs to a version, for commands that read its names and open no store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.datamap.load import LoadedMap, load_datamap
from engine.policy.policy import Policy
from upheld.places import DATAMAP_FILE
from upheld.settings import Settings


def datamap_beside(policy: Policy, settings: Settings) -> LoadedMap:
    """The data map beside a version, or the one that the settings name; stores need no address yet.

    That there is none is no error: an empty answer.
    """
    return datamap_at(policy.folder, settings)


def datamap_at(folder: Path, settings: Settings) -> LoadedMap:
    """The same for the folder of a version that may not be readable itself."""
    path = settings.datamap or folder.parent / DATAMAP_FILE
    if settings.datamap is None and not path.exists():
        return LoadedMap(None)
    return names_of(path)


def names_of(path: Path) -> LoadedMap:
    """The data map in a file, for its names alone."""
    return load_datamap(path, _EverySet())


class _EverySet(Mapping[str, str]):
    """An environment in which every variable is set, each to its own reference."""

    def __getitem__(self, name: str) -> str:
        return f"${{{name}}}"

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0
