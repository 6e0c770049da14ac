"""A whole installation behind a socket.

A folder of tests takes the fixture by importing it into its conftest.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.support.answering import free_port
from tests.support.installation import World
from upheld_client import AsyncUpheld, Upheld


@dataclass
class ServedWorld:
    """An installation and where it is."""

    world: World
    url: str

    def client(self, *scopes: str, timeout: float = 10.0) -> Upheld:
        """A client with a key of these scopes."""
        return Upheld(self.url, self.world.key(*scopes), timeout)

    def async_client(self, *scopes: str, timeout: float = 10.0) -> AsyncUpheld:
        """The same for asyncio."""
        return AsyncUpheld(self.url, self.world.key(*scopes), timeout)


@contextmanager
def serving(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve an app on the loopback, and give its URL."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def served(make_world: Callable[..., World]) -> Iterator[ServedWorld]:
    """The installation of `make_world`, served."""
    port = free_port()
    world = make_world(f"http://127.0.0.1:{port}")
    with serving(world.app, port) as url:
        yield ServedWorld(world, url)
