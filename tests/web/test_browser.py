"""Every page in a real browser: nothing scrolls sideways, and axe finds nothing to mend.

Two widths in both colour schemes, once in Chinese: a walk from the policy through login, gate, choices
and all requests, without JavaScript in the pages themselves.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from engine.promises.promise import State
from tests.support.browser import sideways
from tests.web.conftest import ANNA, Served

pytestmark = pytest.mark.browser

ALL_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SIGHT_RULES = {
    "runOnly": {
        "type": "rule",
        "values": ["color-contrast", "target-size", "link-in-text-block", "html-lang-valid"],
    }
}
"""What can differ between widths, colours and languages; the rest is looked at in the first sight."""


@dataclass
class Walk:
    """A browser on the site; each page it comes to is looked at once."""

    served: Served
    page: Page
    rules: dict[str, object]
    seen: dict[str, list[str]] = field(default_factory=dict)

    def go(self, path: str) -> None:
        self.page.goto(self.served.url + path)
        self.look(path)

    def press(self, selector: str) -> None:
        with self.page.expect_navigation():
            self.page.click(selector)
        self.look(f"{self.page.url} after {selector}")

    def look(self, name: str) -> None:
        found = sideways(self.page)
        # Run beside the page, so that its policy of "no scripts" stays as it is.
        violations = Axe().run(self.page, options=self.rules).response["violations"]
        found += [f"{v['id']}: {[n['html'][:120] for n in v['nodes'][:3]]}" for v in violations]
        self.seen[name] = found

    def code(self) -> str:
        found = re.search(r"\b\d{3} \d{3}\b", self.served.site.mailbox.messages[-1].get_content())
        assert found is not None
        return found[0]

    def log_in(self) -> None:
        before = len(self.served.site.mailbox.messages)
        self.go("/login")
        self.page.fill("#email", ANNA)
        self.press("button.button")
        self.served.site.mailbox.wait_for(before + 1)
        self.page.fill("#code", self.code())
        self.press("button.button")


SIGHTS = [
    ("light", 1280, "en"),
    ("dark", 375, "en"),
    ("light", 375, "zh-CN"),
]


@pytest.fixture(params=SIGHTS, ids=lambda sight: "-".join(map(str, sight)))
def walk(request: pytest.FixtureRequest, browser: Browser, served: Served) -> Iterator[Walk]:
    scheme, width, locale = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        locale=locale,
        bypass_csp=True,
    )
    rules = ALL_RULES if request.param == SIGHTS[0] else SIGHT_RULES
    yield Walk(served, context.new_page(), rules)
    context.close()


def test_every_page_is_accessible_and_fits(walk: Walk):
    site = walk.served.site
    for clause, state in zip(("5.a", "5.b", "5.c", "6.a"), State, strict=True):
        site.find(clause, state, "oldest record 89 d 4 h; last purge 02:00, 1,204,332 rows", "more")
    for path in ("/", "/policy", "/policy/2026-04-03", "/cookies", "/nothing-here"):
        walk.go(path)
    walk.log_in()
    walk.press("form[action='/gate/agree'] button")
    walk.press("#suggestions button")
    for path in ("/you/choices", "/you/held", "/you/prove", "/you/requests/new"):
        walk.go(path)
    for right in ("access", "export", "correction", "deletion"):
        walk.go(f"/you/requests/new/{right}")
    walk.press("main button.button")
    walk.press("main button.button")
    walk.page.fill("#code", walk.code())
    walk.press("main button.button")
    walk.go("/you/requests/new/access")
    walk.press("main button.button")
    site.services.rights.process_due()
    walk.go(walk.page.url.removeprefix(walk.served.url))
    walk.go("/you")
    site.publish("2026-10-01")
    walk.go("/policy/2026-10-01/changes")
    site.clock.set(datetime(2026, 10, 2, 12, tzinfo=UTC))
    walk.log_in()
    walk.press("form[action='/gate/decline'] button")
    assert len(walk.seen) >= 26
    assert {name: found for name, found in walk.seen.items() if found} == {}


def test_logging_in_takes_no_mouse(served: Served, page: Page):
    page.goto(served.url + "/login")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("#email")
    page.keyboard.type(ANNA)
    page.keyboard.press("Enter")
    page.wait_for_selector("#code")
    served.site.mailbox.wait_for(1)
    page.focus("#code")
    page.keyboard.type(Walk(served, page, {}).code())
    page.keyboard.press("Enter")
    page.wait_for_url("**/gate")


def test_what_can_be_pressed_is_large_enough_to_be_hit(served: Served, page: Page):
    """WCAG 2.5.8: 24 px, for everything that is not a link within a sentence."""
    page.goto(served.url + "/login")
    for element in page.query_selector_all("button, .button, nav a, input:not([type=hidden])"):
        box = element.bounding_box()
        assert box is not None
        assert box["height"] >= 24
        assert box["width"] >= 24
