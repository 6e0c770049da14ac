"""The web application of one worker process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from upheld.bootstrap import open_house

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@contextmanager
def open_app() -> Iterator[WSGIApplication]:
    """Portal, console and API over a house of this process's own."""
    with open_house() as house:
        yield house.web_app()
