"""The keys of the language as people read them in a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import click

from engine.policy.catalogue import Key, below, dumped, each_once, written
from engine.policy.schema import ABOUT
from upheld.output import show_rows

_WIDTH = 100
_LABEL = 12
_LONG = 70
"""An example that is longer when written on one line is written on several."""


def show_file(file: str, form: str) -> None:
    """What stands in a file, and every key of it, each below what it stands in."""
    name = file.removesuffix(".yaml")
    click.echo(f"{click.style(file, bold=True)}: {ABOUT[file]}\n")
    _outline(name, form)
    click.echo(f"look closer: upheld schema {below(name)[0].address}")


def show_keys(keys: Sequence[Key], form: str) -> None:
    """One key with its examples and what stands below it; of several, which there are."""
    if len(keys) > 1:
        rows = [[key.address, key.description, key.form] for key in keys]
        show_rows(form, ["key", "what it says", "what it may be"], rows)
        return
    (key,) = keys
    for line in _lines(key):
        click.echo(line)
    if below(key.address):
        click.echo()
        _outline(key.address, form)


def as_dict(key: Key) -> dict[str, Any]:
    """A key for programs."""
    return {
        "key": key.address,
        "required": key.required,
        "description": key.description,
        "form": key.form,
        "values": key.values,
        "default": key.default.strip("`") or None,
        "examples": key.examples,
    }


def _lines(key: Key) -> Iterator[str]:
    must = "must be given" if key.required else "may be left out"
    yield f"{click.style(key.address, bold=True)} ({must})"
    yield from textwrap.wrap(key.description, _WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield ""
    yield from _labelled("may be", textwrap.wrap(key.form, _WIDTH - _LABEL))
    if key.default:
        yield from _labelled("left out", [f"the same as {key.default}"])
    for number, example in enumerate(key.examples):
        label = "" if number else "for example"
        yield from _labelled(label, _example(key.name, example))


def _labelled(label: str, lines: Sequence[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        shown = "" if number else label
        yield f"  {shown:<{_LABEL}}{line}"


def _example(name: str, value: Any) -> list[str]:
    line = f"{name}: {written(value)}"
    if len(line) <= _LONG:
        return [line]
    return dumped({name: value}, width=_LONG).splitlines()


def _outline(address: str, form: str) -> None:
    """Every key below an address, each below what it stands in."""
    top = address.count(".") + 1
    rows = []
    for key in each_once(below(address)):
        name = "  " * (key.address.count(".") - top) + key.name
        rows.append([name, "yes" if key.required else "", key.description, key.form])
    show_rows(form, ["key", "required", "what it says", "what it may be"], rows)
