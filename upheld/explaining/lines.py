"""What all explanations print alike: signs with words, trees, clauses in their own words, plain values."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from shutil import get_terminal_size
from typing import Any

import click

from engine.decisions.explain import Condition
from engine.policy.models.common import UNSTATED, Strict
from engine.policy.policy import Policy

_SIGNS = {"holds": ("●", "green"), "fails": ("✕", "red"), "unknown": ("◐", "yellow")}
_WORDS = {"holds": "yes", "fails": "no", "unknown": "not known"}
_SOURCES = {
    "when": "its `when`",
    "unless": "its `unless`",
    "basis": "its basis",
    "agreement": "its version",
}
_NARROWEST = 40
_WIDEST = 100


def headline(verdict: str, good: bool, asked: str) -> None:
    """The verdict in a word, and what it is about."""
    click.echo(f"{click.style(verdict, fg='green' if good else 'red', bold=True)}  {asked}")


def sign(state: str) -> str:
    """● ✕ ◐ for `holds`, `fails`, `unknown`, coloured; always to be followed by words."""
    shape, colour = _SIGNS[state]
    return click.style(shape, fg=colour)


def para(text: str, indent: str = "", first: str | None = None) -> None:
    """A text, wrapped to the terminal; `first` begins the first line instead of `indent`."""
    begin = indent if first is None else first
    width = min(_WIDEST, max(_NARROWEST, get_terminal_size().columns))
    if not sys.stdout.isatty():
        click.echo(begin + text)
        return
    inner = max(_NARROWEST, width - len(indent))
    lines = textwrap.wrap(text, inner, break_long_words=False, break_on_hyphens=False) or [""]
    click.echo(begin + lines[0])
    for line in lines[1:]:
        click.echo(indent + line)


def tree(items: Sequence[tuple[str, str]], indent: str = "  ") -> None:
    """Lines below a head, each a (sign, text), joined by a tree's branches."""
    for number, (shape, text) in enumerate(items):
        last = number == len(items) - 1
        branch, trunk = ("└ ", "  ") if last else ("├ ", "│ ")
        lead = f"{shape} " if shape else ""
        para(text, f"{indent}{trunk}{'  ' if shape else ''}", f"{indent}{branch}{lead}")


def conditions(way: Iterable[Condition]) -> list[tuple[str, str]]:
    """Each condition with its sign, the answer in words, and what in the rule asks for it."""
    return [
        (sign(one.state), f"{one.words}: {_WORDS[one.state]}  ({_SOURCES[one.source]})")
        for one in way
    ]


def quote(policy: Policy, clauses: Iterable[str], indent: str = "  ") -> None:
    """The sentences of clauses as the text has them."""
    for clause in clauses:
        if clause == UNSTATED:
            para("the text says nothing of this", indent)
        elif clause in policy.text:
            told = f"{clause}  “{policy.text.clause(clause).words}”"
            para(click.style(told, italic=True), indent)


def quote_rule(policy: Policy, rule_id: str, indent: str = "  ") -> None:
    """The sentences that a rule keeps; and who decided what the text leaves open, and why."""
    rule = policy.rule(rule_id)
    quote(policy, rule.clause, indent)
    if rule.decision:
        para(f"decided {rule.decision}", indent)


def clause_texts(policy: Policy, clauses: Iterable[str]) -> dict[str, str]:
    """The same for programs: clause, its words."""
    return {c: policy.text.clause(c).words for c in clauses if c in policy.text}


def named(names: Iterable[str], most: int = 4) -> str:
    """Names in backticks, the first few."""
    listed = [f"`{name}`" for name in names]
    more = len(listed) - most
    return ", ".join(listed[:most]) + (f" and {more} more" if more > 0 else "")


def plain(value: Any) -> Any:
    """Values of the engine as JSON has them: objects, lists, strings; times in ISO 8601."""
    if isinstance(value, Strict):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if hasattr(value, "_asdict"):
        return {name: plain(item) for name, item in value._asdict().items() if item}
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime) else _other(value)


def _other(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
