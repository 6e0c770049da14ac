"""Findings as SARIF 2.1.0 (OASIS), for code scanning and for editors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from engine.policy.codes import SUMMARIES
from engine.policy.findings import Finding, Severity
from upheld.pages import page, page_file, page_name

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def as_sarif(findings: Sequence[Finding]) -> dict[str, Any]:
    """One run; accepted findings are suppressed results with the officer's reason."""
    worst: dict[str, Finding] = {}
    for finding in sorted(findings, key=lambda f: list(Severity).index(f.severity), reverse=True):
        worst[finding.code] = finding
    codes = sorted(worst)
    driver = {"name": "upheld", "rules": [_rule(worst[code]) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, codes.index(finding.code)) for finding in findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(finding: Finding) -> dict[str, Any]:
    code, summary = finding.code, SUMMARIES.get(finding.code, finding.message)
    text = page(code) or f"{summary} See {page_name(code)}."
    rule: dict[str, Any] = {
        "id": code,
        "name": "".join(part.capitalize() for part in code.split("_")),
        "shortDescription": {"text": summary},
        "fullDescription": {"text": _meaning(text) or summary},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
        "properties": {"tags": ["privacy-policy"], "docs": page_name(code)},
    }
    file = page_file(code)
    if file is not None:
        rule["helpUri"] = file.as_uri()
    return rule


def _meaning(text: str) -> str:
    """The first paragraph of the page that says what the finding means."""
    _, _, after = text.partition("## What it means\n")
    return " ".join(after.strip().split("\n\n")[0].split())


def _result(finding: Finding, index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message}. {finding.hint}".removesuffix(". ")},
        "locations": [{"physicalLocation": _location(finding)}],
        "partialFingerprints": {"upheld/v1": _fingerprint(finding)},
        "properties": {"about": dict(finding.about)},
    }
    if finding.accepted:
        by = finding.accepted
        told = {"kind": "external", "status": "accepted", "justification": by.reason}
        told["properties"] = {"review": by.review.isoformat()}  # type: ignore[assignment]
        result["suppressions"] = [told]
    return result


def _location(finding: Finding) -> dict[str, Any]:
    where = finding.where
    region = {"startLine": where.line, "startColumn": where.column}
    if where.end_line:
        region |= {"endLine": where.end_line, "endColumn": where.end_column}
    return {"artifactLocation": {"uri": _uri(where.file)}, "region": region}


def _uri(file: str) -> str:
    path = PurePath(file)
    return Path(file).as_uri() if path.is_absolute() else quote(path.as_posix())


def _fingerprint(finding: Finding) -> str:
    """The same for the same finding after lines have moved."""
    told = [finding.code, PurePath(finding.where.file).name, sorted(finding.about.items())]
    if not finding.about:
        told.append(finding.message)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]
