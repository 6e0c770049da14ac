"""Clause coverage as one page: the text with what keeps it in the margin. Self-contained, without scripts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

import web
from engine.policy.coverage import Coverage
from engine.policy.policy import Policy
from engine.retention.wording import percent

_TEMPLATES = Path(__file__).with_name("templates")
_STYLE = Path(web.__file__).with_name("static") / "upheld.css"
_CODE = re.compile(r"`([^`]*)`")


class _Mark(NamedTuple):
    """A state: its class in the style sheet, its shape, and the word that always comes with it."""

    kind: str
    shape: str
    word: str


_STATES = {
    "enforced": _Mark("kept", "●", "Enforced"),
    "partly": _Mark("at-risk", "◐", "Partly"),
    "informative": _Mark("not-checkable", "–", "Informative"),
    "uncovered": _Mark("broken", "✕", "Uncovered"),
}
_BOUNDS = {
    "bounded": _Mark("kept", "●", "counted from the record itself"),
    "event-bounded": _Mark("kept", "●", "counted from an event that may be long in coming"),
    "indefinite": _Mark("at-risk", "◐", "kept on purpose"),
    "none": _Mark("broken", "✕", "may be kept forever"),
    "never collected": _Mark("not-checkable", "–", "a rule keeps it out"),
}
_SEVERITIES = {
    "error": _Mark("broken", "✕", "Error"),
    "warning": _Mark("at-risk", "◐", "Warning"),
    "info": _Mark("not-checkable", "–", "Note"),
}
NAMES = {
    "collection": "Collecting",
    "use": "Use",
    "sharing": "Sharing",
    "retention": "Retention",
    "hold": "Hold",
    "right": "Right",
    "cookie": "Cookie",
    "control": "Control",
    "consent": "Choice",
    "agreement": "The agreement",
    "guardians": "The guardians",
    "contact": "The contact",
    "warning": "Warning by",
}


def coverage_page(policy: Policy, found: Coverage, *, datamap: bool) -> str:
    """The page; `datamap`: whether there was one to look for data in."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"codes": _codes, "percent": percent}
    page = environment.get_template("coverage.html")
    return page.render(
        policy=policy,
        found=found,
        datamap=datamap,
        rows={row.clause.id: row for row in found.clauses},
        states=_STATES,
        bounds=_BOUNDS,
        names=NAMES,
        severities={name: _marked(mark) for name, mark in _SEVERITIES.items()},
        css=_STYLE.read_text(encoding="utf-8"),
    )


def _codes(text: str) -> Markup:
    """A message as HTML, its names in backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  (escaped first)


def _marked(mark: _Mark) -> str:
    return (
        f'<span class="state {mark.kind}"><i aria-hidden="true">{mark.shape}</i>{mark.word}</span>'
    )
