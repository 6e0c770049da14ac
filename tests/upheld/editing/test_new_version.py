"""A new version begins as a copy of the newest that says its own date, or not at all."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from engine.errors import Conflict, InvalidInput, PolicyError, UpheldError
from engine.policy.diff import diff
from engine.policy.load import read_policy
from engine.policy.versions import PolicyFolder
from upheld.editing.new_version import begin_version
from upheld.testing import run_tests

SEED = Path(__file__).parents[3] / "policies" / "aicodewith"
NEXT = "2027-02-01"


@pytest.fixture
def folder(tmp_path: Path) -> PolicyFolder:
    return PolicyFolder(shutil.copytree(SEED, tmp_path / "policies" / "aicodewith"))


def everything(folder: PolicyFolder) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.folder.rglob("*") if path.is_file()}


def test_the_newest_version_is_copied_with_its_date_and_nothing_else_changes(
    folder: PolicyFolder,
) -> None:
    before = everything(folder)
    begun = begin_version(folder, NEXT)
    after = everything(folder)
    joined = {str(path) for path in begun.tests.joined}
    assert {p: after[p] for p in before if p not in joined} == {
        p: before[p] for p in before if p not in joined
    }
    policy = read_policy(folder.path(NEXT))
    assert (policy.version, policy.effective) == (NEXT, date(2027, 2, 1))
    assert begun.before.version == "2026-10-01"
    assert [change.kind for change in diff(begun.before, policy).changes] == ["text.changed"]
    assert "fiscal year ends: 12-31\n\n# Clauses" in (policy.folder / "policy.yaml").read_text()


def test_a_folder_beside_the_versions_may_have_any_name(folder: PolicyFolder) -> None:
    shutil.copytree(folder.path("2026-10-01"), folder.folder / "2026-10-01-rc1")
    assert begin_version(folder, NEXT).before.version == "2026-10-01"


def test_the_text_and_its_translation_say_the_new_date(folder: PolicyFolder) -> None:
    begun = begin_version(folder, NEXT)
    version = folder.path(NEXT)
    assert "Last Updated: February 1, 2027" in (version / "policy.md").read_text()
    assert "最近更新：2027 年 2 月 1 日" in (version / "policy.zh-Hans.md").read_text()
    assert (begun.redated, begun.undated) == (("policy.md", "policy.zh-Hans.md"), ())


def test_a_text_without_a_date_that_can_be_changed_safely_is_left_and_named(
    folder: PolicyFolder,
) -> None:
    path = folder.path("2026-10-01") / "policy.md"
    text = path.read_text().replace("Last Updated: October 1, 2026", "Last Updated: autumn")
    path.write_text(text + "\n## 10. History\n\n- Updated on October 1, 2026\n")
    header = path.with_name("policy.yaml")
    header.write_text(header.read_text().replace("informative:", "informative:\n  10.a: history"))
    translated = path.with_name("policy.zh-Hans.md")
    translated.write_text(translated.read_text() + "\n## 10. 历史\n\n- 更新\n")
    begun = begin_version(folder, NEXT)
    assert begun.undated == ("policy.md",)
    assert "Updated on October 1, 2026" in (folder.path(NEXT) / "policy.md").read_text()


def test_the_tests_of_the_old_version_stay_and_the_new_one_has_its_own(
    folder: PolicyFolder,
) -> None:
    begun = begin_version(folder, NEXT)
    copied = {f"decisions-{NEXT}.yaml", f"gates-{NEXT}.yaml", f"retention-{NEXT}.yaml"}
    assert {path.name for path in begun.tests.copied} == copied
    outcomes = run_tests(folder)
    assert [o.name for o in outcomes if not o.passed] == []
    tested = {o.file for o in outcomes if o.version == NEXT}
    assert tested == copied | {path.name for path in begun.tests.joined}


@pytest.mark.parametrize(
    ("told", "then"),
    [
        ("version: [2026-10-01]", f"version: [2026-10-01, {NEXT}]"),
        ("version: [ 2026-04-03, 2026-10-01 ] # both", f"2026-10-01, {NEXT} ] # both"),
        ("version:\n  - 2026-04-03\n  - 2026-10-01", f"  - 2026-10-01\n  - {NEXT}\n"),
        ("version:\n- 2026-10-01", f"- 2026-10-01\n- {NEXT}\n"),
        ('version: "2026-10-01"', None),
        ("version: [2026-04-03]", None),
    ],
)
def test_a_file_of_several_versions_names_the_new_one_too(
    folder: PolicyFolder, told: str, then: str | None
) -> None:
    path = folder.folder / "tests" / "more.yaml"
    path.write_text(f"# More.\n{told}\ndecisions: []\n")
    begun = begin_version(folder, NEXT)
    text = path.read_text()
    assert (path in begun.tests.joined) == (then is not None)
    assert text == f"# More.\n{told}\ndecisions: []\n" if then is None else then in text


def test_a_copied_test_speaks_of_the_new_version(folder: PolicyFolder) -> None:
    path = folder.folder / "tests" / "more.yaml"
    path.write_text("version: 2026-10-01\ngates: [{name: 2026-10-01, given: {agreed: 2026-10-01}, declined: "
                    "2026-04-03, expect: ok}]\n")  # fmt: skip
    begin_version(folder, NEXT)
    assert path.with_name(f"more-{NEXT}.yaml").read_text() == (
        f"version: {NEXT}\ngates: [{{name: 2026-10-01, given: {{agreed: {NEXT}}}, declined: 2026-04-03, "
        "expect: ok}]\n"
    )


DECIDED = """
# What we decided of the changes.
changes:
  - change: retention.longer
    consequence: notice
    reason: as agreed
    decided by: privacy officer

# The rest.
"""


@pytest.mark.parametrize("first", [True, False])
def test_what_was_decided_about_the_last_change_does_not_come_along(
    folder: PolicyFolder, first: bool
) -> None:
    path = folder.path("2026-10-01") / "policy.yaml"
    text = path.read_text()
    before, after = (text, "") if not first else ("# Ours.\n", text)
    path.write_text(f"{before}{DECIDED}{after}")
    begun = begin_version(folder, NEXT)
    made = (folder.path(NEXT) / "policy.yaml").read_text()
    assert begun.decided
    assert begun.policy.header.changes == ()
    assert "decided of the changes" not in made
    assert "# The rest." in made
    assert ("# Ours." in made) == first


def test_a_version_may_apply_later_than_its_name_says(folder: PolicyFolder) -> None:
    begun = begin_version(folder, "2027-02-01-2", date(2027, 3, 1))
    assert begun.policy.effective == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("version", "effective", "problem", "says"),
    [
        ("next", None, InvalidInput, "no name of a version"),
        ("2027-2-1", None, InvalidInput, "no name of a version"),
        ("2027-02-30", None, InvalidInput, "no day of the calendar"),
        ("../2027-02-01", None, InvalidInput, "no name of a version"),
        ("2027-02-01-0", None, InvalidInput, "no name of a version"),
        ("2026-10-01", None, Conflict, "exists already"),
        ("2026-05-01", None, InvalidInput, "older than `2026-10-01`"),
        (NEXT, date(2026, 9, 30), InvalidInput, "cannot apply from 2026-09-30"),
    ],
)
def test_a_name_that_is_none_or_does_not_follow_is_refused_and_nothing_is_left(
    folder: PolicyFolder,
    version: str,
    effective: date | None,
    problem: type[UpheldError],
    says: str,
) -> None:
    before = everything(folder)
    with pytest.raises(problem, match=says):
        begin_version(folder, version, effective)
    assert everything(folder) == before


@pytest.mark.parametrize(
    "written",
    [
        "version:\n  2026-10-01",
        'version: "2026-10-01"  # a comment',
        "version: 2026-10-01 # 2026-10-01",
    ],
)
def test_the_header_keeps_its_comments_however_it_is_written(
    folder: PolicyFolder, written: str
) -> None:
    header = folder.path("2026-10-01") / "policy.yaml"
    header.write_text(header.read_text().replace("version: 2026-10-01", written))
    begun = begin_version(folder, NEXT)
    assert begun.policy.version == NEXT
    made = (folder.path(NEXT) / "policy.yaml").read_text()
    assert ("# a comment" in made) == ("# a comment" in written)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("policy: aicodewith", "policy: [aicodewith", PolicyError),
        ("timezone: Asia/Shanghai", "timezone: Asia/Shangai", PolicyError),
    ],
)
def test_a_version_that_cannot_be_used_is_not_copied(
    folder: PolicyFolder, old: str, new: str, problem: type[UpheldError]
) -> None:
    header = folder.path("2026-10-01") / "policy.yaml"
    header.write_text(header.read_text().replace(old, new))
    before = everything(folder)
    with pytest.raises(problem):
        begin_version(folder, NEXT)
    assert everything(folder) == before
    assert sorted(p.name for p in folder.folder.iterdir() if p.name.startswith(".")) == []
