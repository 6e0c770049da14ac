"""Published versions are locked, and the right one is in force at any time."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.errors import Conflict, PolicyError, UnknownName
from engine.policy.versions import PolicyFolder

SEED = Path(__file__).parents[3] / "policies" / "aicodewith"
APRIL = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> PolicyFolder:
    shutil.copytree(SEED, tmp_path / "aicodewith")
    (tmp_path / "aicodewith" / "published.yaml").unlink(missing_ok=True)
    return PolicyFolder(tmp_path / "aicodewith")


def test_a_version_that_is_not_published_is_never_in_force(folder: PolicyFolder) -> None:
    assert folder.names() == ["2026-04-03", "2026-10-01"]
    assert folder.published().in_force(datetime(2030, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-04-02T15:59:59+00:00", None),
        ("2026-04-02T16:00:00+00:00", "2026-04-03"),
        ("2026-09-30T15:59:59+00:00", "2026-04-03"),
        ("2026-09-30T16:00:00+00:00", "2026-10-01"),
    ],
)
def test_a_version_is_in_force_from_its_day_in_the_policys_zone(
    folder: PolicyFolder, now: str, expected: str | None
) -> None:
    folder.publish("2026-04-03", by="officer", now=APRIL)
    folder.publish("2026-10-01", by="officer", now=APRIL)
    policy = folder.published().in_force(datetime.fromisoformat(now))
    assert (policy.version if policy else None) == expected


def test_a_published_version_that_changed_is_refused_with_its_place(folder: PolicyFolder) -> None:
    folder.publish("2026-04-03", by="officer", now=APRIL)
    with (folder.path("2026-04-03") / "use.yaml").open("a") as file:
        file.write("# later\n")
    with pytest.raises(PolicyError, match="was changed after it was published"):
        folder.published()


def test_a_version_is_published_once(folder: PolicyFolder) -> None:
    folder.publish("2026-04-03", by="officer", now=APRIL)
    with pytest.raises(Conflict, match="published already"):
        folder.publish("2026-04-03", by="officer", now=APRIL)


def test_a_malformed_version_cannot_be_published_and_nothing_is_written(
    folder: PolicyFolder,
) -> None:
    (folder.path("2026-10-01") / "use.yaml").write_text("- nonsense\n")
    with pytest.raises(PolicyError):
        folder.publish("2026-10-01", by="officer", now=APRIL)
    assert folder.publications() == {}


def test_an_unknown_version_has_a_near_miss(folder: PolicyFolder) -> None:
    with pytest.raises(UnknownName, match="did you mean `2026-04-03`"):
        folder.path("2026-04-30")
