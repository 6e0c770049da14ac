"""Every page of the console in a real browser: nothing scrolls sideways, and axe finds nothing to mend.

Two widths, each in another colour scheme; and once the way from a plan to its verified run, by clicks alone.
"""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.support.browser import sideways
from tests.web.console.conftest import DUE, OFFICER, PASSWORD, Manned, log, seed, settle

pytestmark = pytest.mark.browser

EVERYTHING = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SIGHT = {
    "runOnly": {
        "type": "rule",
        "values": ["color-contrast", "target-size", "scrollable-region-focusable"],
    }
}
"""What depends on colours and width; all else is the same page again."""

SIGHTS = (
    ("light", 1280, EVERYTHING),
    ("dark", 375, SIGHT),
)


def _log_in(page: Page, url: str) -> None:
    page.goto(f"{url}/console/login")
    page.fill("#name", OFFICER)
    page.fill("#password", PASSWORD)
    page.click("button.button")


def _look(page: Page, rules: dict[str, object]) -> list[str]:
    found = sideways(page)
    violations = Axe().run(page, options=rules).response["violations"]
    return found + [f"{v['id']}: {[n['html'][:120] for n in v['nodes'][:3]]}" for v in violations]


def test_every_page_fits_and_is_accessible(browser: Browser, manned: Manned):
    ids = seed(manned.desk)
    manned.desk.site.publish("2026-10-01")
    newest = manned.desk.retention.plan()
    log(manned.desk, 3, rule="provide-service", version="2026-04-03", request="f" * 64)
    log(manned.desk, 3, spool="t", effect="deny", lacks="facts", rule="", version="2026-04-03")
    paths = (
        "", "requests", f"requests/{ids['request_id']}", "plans", f"plans/{ids['digest']}",
        f"plans/{newest.digest}/approve", "runs", f"runs/{ids['run_id']}", "holds", "holds/new",
        f"holds/{ids['hold_id']}", "promises", "promises/5.b", "versions", "versions/2026-10-01",
        "decisions", "decisions?rule=none", "ledger", "ledger/0", "keys", "keys/new",
        f"keys/{ids['prefix']}", "runs/none",
    )  # fmt: skip
    seen: dict[str, list[str]] = {}
    for scheme, width, rules in SIGHTS:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en"
        )
        page = context.new_page()
        page.goto(f"{manned.url}/console/login")
        seen[f"login {scheme} {width}"] = _look(page, rules)
        _log_in(page, manned.url)
        for path in paths:
            page.goto(f"{manned.url}/console/{path}")
            seen[f"{path} {scheme} {width}"] = _look(page, rules)
        context.close()
    assert {name: found for name, found in seen.items() if found} == {}


def test_from_the_plan_to_the_verified_run_by_clicks_alone(page: Page, manned: Manned):
    _log_in(page, manned.url)
    page.click("text=No plan was ever made")
    page.click("text=Make a plan")
    settle(manned.desk.app)
    page.reload()
    manned.desk.site.clock.advance(timedelta(minutes=1))
    page.click("text=Approve exactly this plan")
    page.fill("#digest", page.inner_text("#digest-hint code"))
    page.click("button.button")
    page.click("text=Carry it out now")
    settle(manned.desk.app)
    page.reload()
    assert f"{DUE} of {DUE} changes" in page.inner_text("main")
    assert "Everything that was due is gone, and nothing else" in page.inner_text("main")
