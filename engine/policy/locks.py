"""A published version is locked: what `published.yaml` says of it, and that its files are still the same."""

from __future__ import annotations

from dataclasses import dataclass

from engine.policy.findings import Finding, Position, error


@dataclass(frozen=True, slots=True)
class Lock:
    """The digest with which a version was published, and where `published.yaml` says so."""

    digest: str
    where: Position


def changed(version: str, lock: Lock) -> Finding:
    """The finding for a version that was changed after it was published."""
    message = f"version `{version}` was changed after it was published"
    hint = "restore its files, for people agreed to those; publish a new version with the change instead"
    return error("PUBLISHED_CHANGED", message, lock.where, hint)
