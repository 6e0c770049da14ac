"""The difference between two versions as it is shown: a table, JSON, or Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from engine.policy.compiled.words import phrase
from engine.policy.diff import Change, Consequence, Diff
from engine.policy.diff.model import Box
from engine.policy.policy import Policy
from upheld.impact import Impact
from upheld.output import markdown_table, show_json, show_rows

MEANS = {
    "blocked": "a human must decide before this can be published",
    "re-consent": "people are asked for a new consent at their next login, for that scope only",
    "reconfirm": "people are told in advance and asked to reconfirm at their next login",
    "notice": "people are told",
    "changelog": "it binds at once; nobody needs to do anything",
    "none": "nothing changes for anybody",
}
COLUMNS = ("asks for", "clause", "change")
QUIET = (Consequence.CHANGELOG, Consequence.NONE)


def show(form: str, new: Policy, found: Diff, impact: Impact | None) -> None:
    """Print a difference, with its impact if that was looked for."""
    if form == "json":
        show_json(as_json(new, found, impact))
    elif form == "markdown":
        click.echo("\n".join(as_markdown(new, found, impact)))
    else:
        _show_table(new, found, impact)


def summary(found: Diff) -> str:
    """The whole in one line."""
    gravest = found.consequence.value
    return (
        f"{found.old} → {found.new}: {_count(len(found.changes), 'change')}; "
        f"the gravest: {gravest} ({MEANS[gravest]})"
    )


def duties(new: Policy, found: Diff) -> dict[str, str]:
    """Who must do what, by consequence, the gravest first."""
    agreement = new.consent.agreement
    how = " and ".join(agreement.tell_by) if agreement else "announcement"
    said = {
        Consequence.BLOCKED: "an officer decides, with a reason, under `changes` in policy.yaml; until then "
        "the version cannot be published",
        Consequence.RE_CONSENT: f"people are told by {how} and asked for a new consent at their next login; "
        "what it is about is denied until they give it",
        Consequence.RECONFIRM: f"people are told in advance by {how} and asked to agree at their next login; "
        "until they do, it does not apply to them",
        Consequence.NOTICE: f"people are told by {how}; nobody is asked",
        Consequence.CHANGELOG: "nobody needs to do anything; it binds at once",
        Consequence.NONE: "nobody needs to do anything",
    }
    there = {change.consequence for change in found.changes}
    return {one.value: words for one, words in said.items() if one in there}


def _show_table(new: Policy, found: Diff, impact: Impact | None) -> None:
    show_rows("table", COLUMNS, [_row(change) for change in found.changes])
    click.echo(summary(found))
    for consequence, words in duties(new, found).items():
        click.echo(f"  {consequence}: {words}")
    for change in found.changes:
        if change.decided:
            click.echo(f"  {_decided(change)}")
    if impact:
        for title, columns, rows in _tables(impact):
            click.echo(f"\n{title}")
            if rows:
                show_rows("table", columns, rows)


def as_markdown(new: Policy, found: Diff, impact: Impact | None) -> Iterator[str]:
    """Lines to paste in a pull request: what asks something of somebody first, the rest folded away."""
    loud = [change for change in found.changes if change.consequence not in QUIET]
    quiet = [change for change in found.changes if change.consequence in QUIET]
    yield f"## Privacy policy: {found.old} → {found.new}"
    yield ""
    gravest = found.consequence.value
    yield f"{_count(len(found.changes), 'change')}. The gravest asks for **{gravest}**: {MEANS[gravest]}."
    if loud:
        yield from ("", *markdown_table(COLUMNS, map(_row, loud)))
    if found.changes:
        yield from ("", "### Who must do what", "")
        yield from (f"- **{name}**: {words}" for name, words in duties(new, found).items())
    decided = [change for change in found.changes if change.decided]
    if decided:
        yield from ("", "### Decided by an officer", "")
        yield from (f"- {_decided(change)}" for change in decided)
    if quiet:
        title = f"Changes that ask nothing of anybody: {len(quiet)}"
        yield from ("", "<details>", f"<summary>{title}</summary>", "")
        yield from (*markdown_table(COLUMNS, map(_row, quiet)), "", "</details>")
    if impact:
        yield from _impact_markdown(impact)


def _impact_markdown(impact: Impact) -> Iterator[str]:
    yield from ("", "### Impact on live data")
    for title, columns, rows in _tables(impact):
        yield from ("", f"{title}")
        if rows:
            yield from ("", *markdown_table(columns, rows))


Table = tuple[str, Sequence[str], list[list[Any]]]


def _tables(impact: Impact) -> Iterator[Table]:
    when = f"{impact.at:%Y-%m-%d %H:%M %Z}"
    rows: list[list[Any]] = [
        [d.dataset, d.total, d.before, d.after, d.newly, d.spared]
        for d in impact.datasets
        if d.before or d.after
    ]
    newly = sum(d.newly for d in impact.datasets)
    title = f"Rows: {_count(newly, 'row')} newly due at {when}; nothing was touched."
    yield title, ("dataset", "rows", "due before", "due then", "newly due", "no longer due"), rows
    yield from _people(impact)
    requests = [[r.id, r.right, r.due, r.then or "no such right"] for r in impact.requests]
    title = f"Open requests: {_count(len(requests), 'request')} with another deadline or without its right."
    yield title, ("request", "right", "answered by", "then"), requests


def _people(impact: Impact) -> Iterator[Table]:
    asked = impact.asked
    outcomes = asked.outcomes
    stopped = outcomes["reconfirm"] + outcomes["declined"]
    title = (
        f"People: {stopped:,} of {asked.people:,} are asked about these changes at their next login; "
        f"{outcomes['agree']:,} have agreed to no version yet."
    )
    rows: list[list[Any]] = [[kind, words, n] for (kind, words), n in asked.changes.most_common()]
    rows += [["choice", f"the choice `{name}`", n] for name, n in asked.choices.most_common()]
    yield title, ("asks for", "what", "people"), rows


def as_json(new: Policy, found: Diff, impact: Impact | None) -> Mapping[str, Any]:
    """Everything, for programs."""
    told: dict[str, Any] = {
        "old": found.old,
        "new": found.new,
        "consequence": found.consequence.value,
        "review": found.review,
        "duties": duties(new, found),
        "changes": [_change(change) for change in found.changes],
    }
    return told | ({"impact": _impact(impact)} if impact else {})


def _change(change: Change) -> dict[str, Any]:
    return {
        "change": change.kind,
        "consequence": change.consequence.value,
        "sentence": change.sentence,
        "clauses": change.clauses,
        "rules": change.rules,
        "data": change.data,
        "recipients": change.recipients,
        "choices": change.choices,
        "review": change.review,
        "decided": change.decided
        and {
            "instead of": change.decided.was.value,
            "reason": change.decided.reason,
            "by": change.decided.by,
        },
        "boxes": [_box(box) for box in change.boxes],
    }


def _box(box: Box) -> dict[str, Any]:
    names = {
        "data": {key.category for key in box.keys},
        "purposes": {key.purpose for key in box.keys if key.purpose},
        "recipients": {key.recipient for key in box.keys if key.recipient},
    }
    told: dict[str, Any] = {key: sorted(values) for key, values in names.items() if values}
    return told | {"when": [[phrase(demand) for demand in sorted(case)] for case in box.when]}


def _impact(impact: Impact) -> dict[str, Any]:
    asked = impact.asked
    return {
        "at": impact.at,
        "rows": [
            {
                "dataset": d.dataset,
                "rows": d.total,
                "due before": d.before,
                "due then": d.after,
                "newly due": d.newly,
                "no longer due": d.spared,
            }
            for d in impact.datasets
        ],
        "people": asked.people,
        "logins": dict(asked.outcomes),
        "asked": [
            {"consequence": kind, "change": words, "people": people}
            for (kind, words), people in asked.changes.most_common()
        ],
        "choices": dict(asked.choices),
        "requests": [
            {"request": r.id, "right": r.right, "status": r.status, "due": r.due, "then": r.then}
            for r in impact.requests
        ],
    }


def _row(change: Change) -> list[str]:
    mark = " (decided)" if change.decided else " (review)" if change.review else ""
    return [f"{change.consequence.value}{mark}", ", ".join(change.clauses), change.sentence]


def _decided(change: Change) -> str:
    told = change.decided
    if told is None:
        return change.sentence
    asks = f"{change.consequence.value} instead of {told.was.value}"
    return f"{change.sentence}: {asks}, by {told.by}: {told.reason}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
