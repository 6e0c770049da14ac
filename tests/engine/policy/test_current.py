"""A change of the policy takes effect by itself; a bad one never does."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.errors import Unavailable
from engine.policy.current import CurrentVersions
from engine.policy.versions import PolicyFolder

SEED = Path(__file__).parents[3] / "policies" / "aicodewith"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> PolicyFolder:
    shutil.copytree(SEED, tmp_path / "aicodewith")
    (tmp_path / "aicodewith" / "published.yaml").unlink(missing_ok=True)
    found = PolicyFolder(tmp_path / "aicodewith")
    found.publish("2026-04-03", by="officer", now=NOW)
    return found


def test_a_newly_published_version_is_seen(folder: PolicyFolder) -> None:
    current = CurrentVersions(folder, every=0)
    assert [p.version for p in current().policies] == ["2026-04-03"]
    folder.publish("2026-10-01", by="officer", now=NOW)
    assert [p.version for p in current().policies] == ["2026-04-03", "2026-10-01"]


@pytest.mark.parametrize("bad", ["nonsense", "2026-04-03: {digest: 00}\n", "- a\n", "\x00"])
def test_a_bad_change_leaves_the_last_good_state_in_force(folder: PolicyFolder, bad: str) -> None:
    current = CurrentVersions(folder, every=0)
    good = current()
    (folder.folder / "published.yaml").write_text(bad)
    assert current() is good
    assert current.problem is not None


def test_without_any_good_state_nothing_is_answered(folder: PolicyFolder) -> None:
    (folder.folder / "published.yaml").write_text("nonsense")
    with pytest.raises(Unavailable, match="the policy cannot be used"):
        CurrentVersions(folder)()


def test_the_last_good_state_decides_only_for_so_long(folder: PolicyFolder) -> None:
    now = [0.0]
    current = CurrentVersions(folder, every=0, patience=60, seconds=lambda: now[0])
    good = current()
    lock = (folder.folder / "published.yaml").read_text()
    (folder.folder / "published.yaml").write_text("nonsense")
    now[0] = 30.0
    assert current() is good
    now[0] = 89.0
    assert current() is good
    now[0] = 90.0
    with pytest.raises(Unavailable, match="the policy cannot be used"):
        current()
    (folder.folder / "published.yaml").write_text(lock)
    assert [p.version for p in current().policies] == ["2026-04-03"]
