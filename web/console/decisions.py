"""The decision log: what services asked and what was decided, the latest first, and the same as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, render_template, request

from engine.decisions.log.reading import Logged, Place, Wanted, page
from engine.policy.versions import Versions
from web.console.listing import asked
from web.console.page import Page
from web.routes import add_routes
from web.services import Services

SHOWN = 50
DOWNLOADED = 10_000
EFFECTS = ("permit", "deny")
PERIODS = {"1": "a day", "7": "a week", "30": "a month"}
COLUMNS = (
    "at", "service", "mode", "operation", "category", "purpose", "recipient", "effect", "rule",
    "lacks", "version", "subject", "request",
)  # fmt: skip


def add_pages(console: Blueprint, services: Services) -> None:
    """`/console/decisions`; `?as=csv` gives the newest of what it shows as a file."""
    add_routes(console, ("GET /decisions", DecisionPages(services).decisions))


class DecisionPages:
    """The page about what was decided."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def decisions(self) -> Page:
        """The newest decisions of what the address asks for; older ones by `?after=`."""
        names = {key.prefix: key.name for key in self._services.access.keys.all()}
        service, effect = asked("service", names.values()), asked("effect", EFFECTS)
        period, rule = asked("days", PERIODS), request.args.get("rule", "")[:64]
        wanted = Wanted(
            tuple(prefix for prefix, name in names.items() if name == service) if service else None,
            effect,
            rule,
            self._services.clock.now() - timedelta(days=int(period)) if period else None,
        )
        is_file = request.args.get("as") == "csv"
        with self._services.database.read() as conn:
            found, end = page(conn, wanted, DOWNLOADED if is_file else SHOWN, _after())
        if is_file:
            return _download(found, names)
        return render_template(
            "console/decisions.html",
            decisions=[(one, names.get(one.caller, one.caller)) for one in found],
            known=clauses_of(found, self._services.versions()),
            judged=self._judged(),
            after=_written(end) if end else None,
            services=sorted(set(names.values())),
            service=service, effect=effect, rule=rule, period=period,
            effects=EFFECTS, periods=PERIODS, most=DOWNLOADED,
        )  # fmt: skip

    def _judged(self) -> tuple[str, Collection[str]]:
        """The version in force and those of its clauses that have a page under `/console/promises`."""
        policy = self._services.versions().in_force(self._services.clock.now())
        promises = self._services.promises
        if policy is None or promises is None:
            return "", ()
        return policy.version, promises.current().keys() & {c.id for c in policy.text.clauses}


def clauses_of(found: Iterable[Logged], versions: Versions) -> dict[tuple[str, str], Sequence[str]]:
    """(version, rule) -> the clauses that the rule cites in that version, as far as it is published."""
    texts = {policy.version: policy for policy in versions.policies}
    asked_for = {(one.version, one.rule) for one in found if one.version in texts}
    return {
        (version, rule.id): rule.clause
        for version in {version for version, _ in asked_for}
        for rule in texts[version].rules()
        if (version, rule.id) in asked_for
    }


def _written(place: Place) -> str:
    since = (place.at - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)
    return f"{since}.{place.spool}.{place.place}"


def _after() -> Place | None:
    """Where the address says that the page begins; what is no such place begins at the newest."""
    try:
        at, spool, place = request.args.get("after", "").split(".")
        moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(at))
        return Place(moment, spool, min(max(int(place), 0), 2**53))
    except (ValueError, OverflowError):
        return None


def _download(found: Iterable[Logged], names: Mapping[str, str]) -> Response:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for one in found:
        told = {"at": one.at.isoformat(), "service": names.get(one.caller, one.caller)}
        writer.writerow(_plain(told.get(c) or getattr(one, c, None)) for c in COLUMNS)
    named = {"Content-Disposition": 'attachment; filename="decisions.csv"'}
    return Response(file.getvalue(), content_type="text/csv; charset=utf-8", headers=named)


def _plain(value: str | None) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = value or ""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
