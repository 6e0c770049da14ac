"""A policy's own tests as JUnit XML, which every CI server reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from upheld.testing import Failure, Outcome, Report

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(report: Report) -> str:
    """One suite for each file and version, one case each, and what no case exercises as a suite's output."""
    root = _element("testsuites", name="upheld test", **_counts(report.outcomes))
    for (file, version), cases in groupby(report.outcomes, key=lambda o: (o.file, o.version)):
        root.append(_suite(f"{file} {version}", list(cases)))
    missed = [
        f"{u.where}: no test exercises {u.rule.kind} {u.rule.name}" for u in report.unexercised
    ]
    if missed:
        suite = _element("testsuite", name="rules that no test exercises", **_counts(()))
        _text(suite, "system-out", "\n".join(missed))
        root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _suite(name: str, outcomes: Sequence[Outcome]) -> ET.Element:
    suite = _element("testsuite", name=name, **_counts(outcomes))
    suite.extend(_case(outcome) for outcome in outcomes)
    return suite


def _case(outcome: Outcome) -> ET.Element:
    case = _element(
        "testcase",
        classname=f"{outcome.file.removesuffix('.yaml')}.{outcome.version}.{outcome.kind}",
        name=outcome.name,
        time="0",
    )
    if outcome.failures:
        failure = _element(
            "failure", message=str(outcome.failures[0].difference), type="difference"
        )
        failure.text = _clean("\n".join(map(_line, outcome.failures)))
        case.append(failure)
    return case


def _line(failure: Failure) -> str:
    return f"{failure.where}: {failure.difference}"


def _counts(outcomes: Sequence[Outcome]) -> dict[str, str]:
    failed = sum(not outcome.passed for outcome in outcomes)
    return {"tests": str(len(outcomes)), "failures": str(failed), "errors": "0", "time": "0"}


def _element(tag: str, **attributes: str) -> ET.Element:
    return ET.Element(tag, {name: _clean(value) for name, value in attributes.items()})


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = _clean(text)


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
