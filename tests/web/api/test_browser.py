"""The pages beside portal and console on a phone and at a desk: the API's, and the demo's mailbox."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from adapters.notify import MaildirNotifier
from tests.support.browser import sideways
from tests.support.installation import World
from upheld.demo.mailbox_page import mailbox_page

pytestmark = pytest.mark.browser

PATHS = ("/v1/docs", "/demo/mailbox")
LINK = "https://privacy.example.com/login/link/" + "a1-" * 20


@pytest.fixture
def url(make_world: Callable[..., World], tmp_path: Path) -> Iterator[str]:
    """The site on a free loopback port, with a letter in its mailbox."""
    MaildirNotifier(tmp_path / "letters").send("anna@example.com", "Your login code", f"{LINK}\n")
    server = make_server("127.0.0.1", 0, Flask("not yet"), threaded=True)
    found = f"http://127.0.0.1:{server.server_port}"
    server.app = make_world(found).app
    server.app.register_blueprint(mailbox_page(tmp_path / "letters"))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("width", [375, 1280])
def test_no_page_scrolls_sideways(browser: Browser, url: str, width: int):
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    seen = {}
    for path in PATHS:
        answer = page.goto(url + path)
        assert answer is not None
        assert answer.status == 200
        seen[path] = sideways(page)
    context.close()
    assert seen == {path: [] for path in PATHS}
