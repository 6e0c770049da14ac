"""`upheld lint` and `upheld coverage`: exit codes, and forms for people and programs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from upheld.cli import run

SEED = Path(__file__).parents[3] / "policies" / "aicodewith"


@pytest.fixture
def policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the seed that the settings point to; returns its folder."""
    folder = tmp_path / "aicodewith"
    shutil.copytree(SEED, folder)
    monkeypatch.setenv("UPHELD_POLICIES", str(tmp_path))
    monkeypatch.delenv("UPHELD_POLICY", raising=False)
    monkeypatch.delenv("UPHELD_DATAMAP", raising=False)
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def break_it(policies: Path) -> None:
    edit(policies / "2026-04-03" / "policy.yaml", "  0.b: a welcome\n", "")


def test_warnings_alone_exit_with_0_and_are_counted_in_words(
    policies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lint", "2026-04-03"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-1].endswith("2026-04-03: 0 errors, 9 warnings, 3 notes, 20 accepted")
    assert "VAGUE_TERM" not in out


def test_accepted_findings_are_shown_when_asked_for(
    policies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lint", "2026-04-03", "--all"]) == 0
    assert "VAGUE_TERM" in capsys.readouterr().out


def test_an_error_exits_with_1(policies: Path, capsys: pytest.CaptureFixture[str]) -> None:
    break_it(policies)
    assert run(["lint", "2026-04-03"]) == 1
    assert "1 error, 9 warnings" in capsys.readouterr().out


def test_a_folder_may_be_named_and_the_newest_version_is_the_default(
    policies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lint", str(policies / "2026-04-03")]) == 0
    assert "2026-04-03: 0 errors" in capsys.readouterr().out
    assert run(["lint"]) == 0
    assert "2026-10-01: 0 errors" in capsys.readouterr().out


def test_an_unknown_version_is_a_mistake_of_use(
    policies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lint", "2026-04-04"]) == 2
    assert "did you mean `2026-04-03`?" in capsys.readouterr().err


def test_a_version_that_cannot_be_read_shows_why(
    policies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (policies / "2026-04-03" / "use.yaml").write_text("- {id: a", encoding="utf-8")
    assert run(["lint", "2026-04-03"]) == 1
    assert "YAML_SYNTAX" in capsys.readouterr().out


def test_everything_beside_a_version_is_told_in_one_go(
    policies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(policies / "2026-04-03" / "use.yaml", "basis: contract", "bassis: contract")
    edit(policies / "2026-04-03" / "rights.yaml", "contact: {", "contact: [{")
    edit(policies / "datamap.yaml", "adapter: sql", "adaptor: sql")
    edit(policies / "statutes.yaml", "at least:", "at lest:")
    edit(policies / "tests" / "decisions-2026-04-03.yaml", "expect: deny", "expect: denied")
    (policies / "published.yaml").write_text("2026-04-03: {digest: x}\n", encoding="utf-8")
    assert run(["lint", "2026-04-03", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    told = {(Path(f["file"]).name, f["code"]) for f in found}
    assert told >= {
        ("use.yaml", "UNKNOWN_KEY"),
        ("rights.yaml", "YAML_SYNTAX"),
        ("datamap.yaml", "UNKNOWN_KEY"),
        ("statutes.yaml", "UNKNOWN_KEY"),
        ("decisions-2026-04-03.yaml", "WRONG_VALUE"),
        ("published.yaml", "MISSING_KEY"),
    }


def test_a_test_of_a_version_that_is_not_there_is_told(
    policies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(
        policies / "tests" / "decisions-2026-04-03.yaml",
        "version: 2026-04-03",
        "version: 2026-04-04",
    )
    assert run(["lint"]) == 1
    assert "no version `2026-04-04`, did you mean `2026-04-03`?" in capsys.readouterr().out


def test_names_in_tests_are_checked_against_their_version(
    policies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(
        policies / "tests" / "decisions-2026-04-03.yaml", "use: usage.content", "use: usage.contnt"
    )
    assert run(["lint", "2026-10-01"]) == 0
    assert run(["lint", "2026-04-03"]) == 1
    assert "did you mean `usage.content`?" in capsys.readouterr().out


def test_a_finding_shows_its_line_with_carets_and_its_page(
    policies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(policies / "2026-04-03" / "use.yaml", "for: [payments]", "for: [payment]")
    assert run(["lint", "2026-04-03"]) == 1
    out = capsys.readouterr().out.splitlines()
    at = next(n for n, line in enumerate(out) if line.endswith("error UNKNOWN_NAME"))
    assert out[at].endswith("use.yaml:14:9 error UNKNOWN_NAME")
    assert out[at + 1 : at + 5] == [
        "    no purpose `payment`, did you mean `payments`?",
        "    14 │   for: [payment]",
        "       │         ^^^^^^^",
        "    page: docs/lint/UNKNOWN_NAME.md",
    ]


def test_several_versions_are_linted_and_what_stands_beside_them_is_told_once(
    policies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(policies / "datamap.yaml", "email: account.email", "email: account.mail")
    assert run(["lint", "2026-04-03", "2026-10-01"]) == 1
    out = capsys.readouterr().out
    assert out.count("DATAMAP_MISMATCH\n") == 1
    first, second = out.splitlines()[-2:]
    assert "2026-04-03: 1 error, 9 warnings" in first
    assert "2026-10-01: 1 error, 9 warnings" in second


def test_every_version_can_be_asked_for(policies: Path, capsys: pytest.CaptureFixture[str]) -> None:
    break_it(policies)
    assert run(["lint", "2026-10-01"]) == 0
    assert run(["lint", "--every-version"]) == 1
    assert "2026-04-03: 1 error" in capsys.readouterr().out


def test_the_page_of_a_finding_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--explain", "RULE_SHADOWED"]) == 0
    assert capsys.readouterr().out.startswith("# RULE_SHADOWED\n")
    assert run(["lint", "--explain", "RULE_SHADOW"]) == 2
    assert "did you mean `RULE_SHADOWED`?" in capsys.readouterr().err


def test_table_is_another_name_for_text(policies: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--format", "text"]) == 0
    text = capsys.readouterr().out
    assert run(["lint", "--format", "table"]) == 0
    assert capsys.readouterr().out == text


def test_json_holds_every_finding_with_its_acceptance(
    policies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lint", "2026-04-03", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (vague,) = [finding for finding in found if finding["code"] == "VAGUE_TERM"]
    assert vague["accepted"]["review"] == "2027-04-01"
    assert (vague["line"], vague["about"]) == (39, {"clause": "3.b"})


def test_github_annotations_leave_out_what_is_accepted(
    policies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    break_it(policies)
    assert run(["lint", "2026-04-03", "--format", "github"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if line.startswith("::error file=")]) == 1
    assert len([line for line in lines if line.startswith("::warning file=")]) == 9
    assert not [line for line in lines if "VAGUE_TERM" in line]


def test_sarif_suppresses_what_is_accepted_with_the_reason(
    policies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lint", "2026-04-03", "--format", "sarif"]) == 0
    log = json.loads(capsys.readouterr().out)
    results = log["runs"][0]["results"]
    declared = {rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]}
    assert log["version"] == "2.1.0"
    assert {result["ruleId"] for result in results} == declared
    suppressed = [result for result in results if "suppressions" in result]
    assert len(suppressed) == 20
    assert all(s["suppressions"][0]["justification"] for s in suppressed)


def test_coverage_exits_with_1_where_a_clause_is_uncovered(
    policies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["coverage", "2026-04-03", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {c["grade"] for c in told["clauses"]} == {"enforced", "partly", "informative"}
    break_it(policies)
    assert run(["coverage", "2026-04-03", "--format", "markdown"]) == 1
    assert "| 0.b | uncovered |" in capsys.readouterr().out
