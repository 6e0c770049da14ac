"""Routes as a table: the method, the address and what answers it, in one line each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint


def add_routes(blueprint: Blueprint, *routes: tuple[str, Callable[..., Any]]) -> None:
    """Add routes such as `("GET /login", pages.login)`; the endpoint is the function's name."""
    for line, view in routes:
        method, address = line.split(" ")
        blueprint.add_url_rule(address, view.__name__, view, methods=[method])
