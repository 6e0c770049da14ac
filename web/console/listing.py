"""Tables that sort and filter by plain links: what the address asks for, and the addresses of the links."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import request

T = TypeVar("T")


def here(**changes: str | None) -> str:
    """The present page with some of its questions changed; None takes one away."""
    query = {**request.args.to_dict(), **changes}
    kept = {name: value for name, value in query.items() if value}
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def asked(name: str, known: Iterable[str]) -> str:
    """What the address asks for under a name, if it is one of those known; else empty."""
    value = request.args.get(name, "")
    return value if value in set(known) else ""


def arranged(
    rows: Iterable[T], keys: Mapping[str, Callable[[T], Any]], first: str
) -> tuple[list[T], str]:
    """Rows in the order that `?sort=` asks for (`-due`: the last first), and which order that is."""
    given = request.args.get("sort", "")
    chosen = given if given.removeprefix("-") in keys else first
    key = keys[chosen.removeprefix("-")]
    return sorted(rows, key=key, reverse=chosen.startswith("-")), chosen
