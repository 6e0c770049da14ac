"""Findings for other programs: annotations of GitHub Actions, and SARIF 2.1.0 (OASIS)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.policy.findings import Finding, Severity

_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_SARIF = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def as_github(findings: Sequence[Finding]) -> Iterator[str]:
    """Workflow commands, one a line; what an officer accepted is left out."""
    for finding in findings:
        if finding.accepted is None:
            where = finding.where
            place = f"file={_property(where.file)},line={where.line},col={where.column}"
            text = _data(f"{finding.message}\n{finding.hint}".rstrip())
            yield f"::{_GITHUB[finding.severity]} {place},title={finding.code}::{text}"


def as_sarif(findings: Sequence[Finding]) -> dict[str, Any]:
    """One run; accepted findings are suppressed results with the officer's reason."""
    codes = sorted({finding.code for finding in findings})
    driver = {"name": "upheld", "rules": [{"id": code} for code in codes]}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": [_result(f) for f in findings]}],
    }


def _result(finding: Finding) -> dict[str, Any]:
    where = finding.where
    place = {
        "artifactLocation": {"uri": where.file},
        "region": {"startLine": where.line, "startColumn": where.column},
    }
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _SARIF[finding.severity],
        "message": {"text": f"{finding.message}. {finding.hint}".removesuffix(". ")},
        "locations": [{"physicalLocation": place}],
    }
    if finding.accepted:
        reason = finding.accepted.reason
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": reason}
        ]
    return result


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
