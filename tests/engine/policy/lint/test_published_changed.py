"""PUBLISHED_CHANGED: the files of a published version are no longer those that were published."""

from __future__ import annotations

from engine.policy.load import digest_of
from tests.engine.policy.lint.conftest import SEED, Linter, Replacement, about, marked

CODE = "PUBLISHED_CHANGED"


def published(digest: str) -> Replacement:
    """A `published.yaml` that says so of the version."""
    told = f'{{digest: {digest}, at: "2026-04-03T00:00:00Z", by: officer}}'
    return "published.yaml", "", f"2026-04-03: {told}\n"


def test_a_version_that_is_not_as_it_was_published_is_an_error(linted: Linter) -> None:
    (found,) = about(linted(published("0" * 64)), CODE)
    assert found.blocking
    assert marked(found) == "published.yaml: 2026-04-03"


def test_a_version_that_is_as_it_was_published_is_right(linted: Linter) -> None:
    assert not about(linted(published(digest_of(SEED / "2026-04-03"))), CODE)


def test_a_version_that_is_not_published_is_right(linted: Linter) -> None:
    assert not about(linted(), CODE)
