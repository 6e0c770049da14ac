"""The page of clause coverage: readable on a phone and a desk, alone in its file, without scripts."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from upheld.cli import run

POLICIES = Path(__file__).parents[2] / "policies"


def page_of(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys, code: int = 0) -> str:
    monkeypatch.setenv("UPHELD_POLICIES", str(folder))
    monkeypatch.setenv("UPHELD_POLICY", "aicodewith")
    assert run(["coverage", "2026-10-01", "--format", "html"]) == code
    return str(capsys.readouterr().out)


@pytest.fixture
def html(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    return page_of(POLICIES, monkeypatch, capsys)


def test_it_stands_alone_and_is_light(html: str):
    assert html.startswith("<!doctype html>")
    assert "<script" not in html
    assert not re.search(r"(src|href)=\"(?!#)", html)
    assert "url(" not in html
    assert len(html.encode()) < 100_000


def test_words_of_the_policy_cannot_become_markup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    shutil.copytree(POLICIES / "aicodewith", tmp_path / "aicodewith")
    folder = tmp_path / "aicodewith" / "2026-10-01"
    for file, old, new in (
        ("policy.yaml", "0.b: a welcome", "0.b: <script>alert(1)</script>"),
        ("vocabulary.yaml", "means: email address", "means: <b>mail</b>"),
        ("policy.md", "We value your privacy.", "We value <i>your</i> privacy."),
    ):
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    html = page_of(tmp_path, monkeypatch, capsys)
    assert "<script>" not in html
    assert "<b>mail" not in html
    assert "<i>your" not in html
    assert "&lt;script&gt;alert(1)" in html


@pytest.mark.parametrize("width", [375, 1280])
def test_it_fits_and_is_accessible(html: str, width: int, page: Page, tmp_path: Path):
    path = tmp_path / "coverage.html"
    path.write_text(html, encoding="utf-8")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    clause = page.locator('[id="c-5.b"]')
    assert "Enforced" in clause.inner_text()
    assert "api-call-logs-180-days" in clause.inner_text()
    assert "api_calls (sql)" in clause.inner_text()
    assert Axe().run(page).response["violations"] == []
