"""The promises, clause by clause: the state now, what shows it, and how it changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template

from engine.errors import UnknownName
from engine.policy.clauses import Clause
from engine.policy.policy import Policy
from engine.promises.promise import Promise, State
from engine.promises.service import PromiseService
from web.console.guard import officer_name
from web.console.listing import arranged, asked
from web.console.orders import Orders
from web.console.page import Page
from web.console.versions import in_force
from web.routes import add_routes
from web.services import Services

STATES = (State.BROKEN, State.AT_RISK, State.KEPT, State.NOT_CHECKABLE)
"""In the order of the page: what needs somebody comes first."""


@dataclass(frozen=True, slots=True)
class Row:
    """A clause of the text and its promise; `place` is its place in the text."""

    place: int
    clause: Clause
    promise: Promise


def add_pages(
    console: Blueprint, services: Services, promises: PromiseService, orders: Orders
) -> None:
    """`/console/promises` and each clause."""
    pages = PromisePages(services, promises, orders)
    add_routes(
        console,
        ("GET /promises", pages.promises),
        ("POST /promises", pages.check_promises),
        ("GET /promises/<clause>", pages.promise),
    )


class PromisePages:
    """The pages about whether the policy is kept."""

    def __init__(self, services: Services, promises: PromiseService, orders: Orders) -> None:
        self._services = services
        self._promises = promises
        self._orders = orders

    def promises(self) -> Page:
        """Every clause, as it was found last."""
        found = self._rows(in_force(self._services))
        state = asked("state", STATES)
        orders: dict[str, Callable[[Row], object]] = {
            "clause": lambda row: row.place,
            "state": lambda row: -row.promise.state.gravity,
        }
        rows, order = arranged(
            [row for row in found if state in ("", row.promise.state)], orders, "clause"
        )
        counted = Counter(row.promise.state for row in found)
        return render_template(
            "console/promises.html",
            rows=rows,
            order=order,
            state=state,
            counts={one: counted[one] for one in STATES},
            checked_at=min((row.promise.checked_at for row in found), default=None),
        )

    def check_promises(self) -> Page:
        """Have everything looked at now."""

        def check() -> str:
            self._promises.check()
            return ""

        return redirect(self._orders.give("promises", officer_name(), check), 303)

    def promise(self, clause: str) -> Page:
        """One clause: its words, its state, the evidence and the history."""
        policy = in_force(self._services)
        rows = {row.clause.id: row for row in self._rows(policy)}
        if clause not in rows:
            raise UnknownName("clause", clause, rows)
        return render_template(
            "console/promise.html",
            row=(row := rows[clause]),
            figures=[(about, list(flat(one))) for about, one in row.promise.figures.items()],
            history=self._promises.history(clause),
        )

    def _rows(self, policy: Policy) -> list[Row]:
        current = self._promises.current()
        return [
            Row(place, clause, current[clause.id])
            for place, clause in enumerate(policy.text.clauses)
            if clause.id in current
        ]


Figure = int | float | str | datetime


def flat(figures: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Figure]]:
    """Figures as a list of names and values, such as `api_calls: oldest` and a time."""
    for name, value in figures.items():
        words = name.replace("_", " ")
        if name == "datasets" and isinstance(value, Mapping):
            for dataset, one in value.items():  # a dataset keeps its name as it is written
                yield from flat(one, f"{dataset}: ")
        elif isinstance(value, Mapping):
            yield from flat(value, f"{within}{words}: ")
        else:
            yield f"{within}{words}", _plain(value)


def _plain(value: Any) -> Figure:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or "–"
    return "–" if value is None else _moment(str(value))


def _moment(text: str) -> str | datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return found if found.tzinfo else text
