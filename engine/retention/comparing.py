"""What one version of the policy makes due that another does not. Nothing is stored, not even a plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.ports import Always
from engine.retention.compiling import Compiler
from engine.retention.due import Setting
from engine.retention.expressions import both, negated
from engine.retention.holds import Hold
from engine.retention.planning import Planner, Progress
from engine.retention.steps import in_order


@dataclass(frozen=True, slots=True)
class DatasetChange:
    """Rows of one dataset: how many are due under the old and the new version, and how many only under one.

    `newly` are due under the new one alone, `spared` under the old one alone.
    """

    dataset: str
    total: int
    before: int
    after: int
    newly: int
    spared: int


def compare(
    before: Setting,
    after: Setting,
    compiler: Compiler,
    holds: tuple[Hold, ...],
    progress: Progress,
) -> Iterator[DatasetChange]:
    """Every dataset with personal data, as both versions treat it at the same moment."""
    old, new = Planner(before, compiler, holds), Planner(after, compiler, holds)
    datamap = after.datamap
    names = [
        n for n in in_order(datamap, datamap.datasets) if datamap.datasets[n].personal != "none"
    ]
    for number, name in enumerate(names):
        progress(name, number, len(names))
        was, is_now = old.affected(name), new.affected(name)
        yield DatasetChange(
            dataset=name,
            total=new.adapter(name).count(datamap.datasets[name], Always()),
            before=old.count(name, was),
            after=new.count(name, is_now),
            newly=new.count(name, both(is_now, negated(was))),
            spared=new.count(name, both(was, negated(is_now))),
        )
