"""The whole schema: the MetaData with the tables of every area in it."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from sqlalchemy import MetaData

from engine.store import tables
from engine.store.metadata import metadata


def full_metadata() -> MetaData:
    """Return the MetaData after importing every module of `engine.store.tables`.

    Without this it would hold only the tables of the areas that something happened to import.
    """
    for module in iter_modules(tables.__path__, f"{tables.__name__}."):
        import_module(module.name)
    return metadata
