"""A real Chromium, driven by Playwright; Debian's, because Chromium comes in no wheel."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest
from playwright._impl._driver import compute_driver_executable
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
INSTALL = "apt-get install --no-install-recommends chromium libatomic1"
FLAGS = [
    "--no-sandbox",  # it cannot be set up as root or in most containers; only our own pages are opened
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever a page asks for, nothing leaves the machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium for the tests of one module.

    Not for the whole session: while Playwright runs, its event loop holds the thread, and a test of
    another module that calls `asyncio.run` would fail.
    """
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None or not _driver_runs():
        lacking = "the library that drives Chromium" if executable else "Chromium"
        pytest.skip(f"{lacking} is not on this machine; install it: {INSTALL}")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield chromium
        chromium.close()


def _driver_runs() -> bool:
    """Whether Playwright's own program finds its libraries (a bare Debian has no libatomic)."""
    program = compute_driver_executable()[0]
    return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile: no cookies, desk width."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en")
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page in a fresh profile."""
    return context.new_page()


def sideways(page: Page) -> list[str]:
    """What scrolls sideways: the page itself and, on a phone, any part of it."""
    found: list[str] = page.evaluate(
        """() => {
            const root = document.documentElement, phone = root.clientWidth < 500
            const parts = [root, ...(phone ? document.body.querySelectorAll("*") : [])]
            const over = (part) => part.scrollWidth - part.clientWidth
            const scrolls = (part) => part === root || /auto|scroll/.test(getComputedStyle(part).overflowX)
            return parts
                .filter((part) => scrolls(part) && over(part) > 0)
                .map((part) => `<${part.tagName.toLowerCase()}> scrolls sideways by ${over(part)} px`)
        }"""
    )
    return found
