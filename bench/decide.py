"""How long a decision takes, against building the same key and probing one dict.

The floor is a function of the same signature that builds the key and probes one dict. Both are timed in one
run, in turns, and the medians of many rounds are compared, so that a busy machine slows both alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter_ns

from engine.decisions.decision import Decision, Request
from engine.decisions.encoding import Facts
from engine.decisions.facts import SubjectFacts
from engine.decisions.table import Table, compile_table
from engine.policy.load import read_policy

SEED = Path(__file__).parents[1] / "policies" / "aicodewith" / "2026-04-03"
ABOUT = SubjectFacts(
    subject="customer",
    region="CN",
    account="active",
    age=30,
    choices={"improve-with-my-usage": True, "suggestions": False},
    signals=frozenset(),
    objections=frozenset(),
    restricted=False,
    agreed="2026-04-03",
)
REQUESTS = {
    "permit (use)": Request("use", "usage.content", "improve.quality-analysis"),
    "permit (share a parent)": Request("share", "usage.content", "provide-service", "upstream"),
    "permit (collect)": Request("collect", "usage.call"),
    "deny (by a rule)": Request("share", "usage.content", "sell", "upstream"),
    "deny (by default)": Request("use", "usage.content", "prevent-abuse"),
}
Decide = Callable[[Request, Facts], Decision]


@dataclass(frozen=True)
class Row:
    """One kind of request: nanoseconds a call, and how many times the floor that is."""

    what: str
    nanoseconds: float
    floor: float

    @property
    def ratio(self) -> float:
        """How many times the floor a decision takes."""
        return self.nanoseconds / self.floor


def run(rounds: int = 101, calls: int = 20_000) -> list[Row]:
    """Measure every kind of request, and the encoding of a person's facts."""
    table = compile_table(read_policy(SEED))
    facts = table.facts(ABOUT)
    rows = [_row(what, request, table, facts, rounds, calls) for what, request in REQUESTS.items()]
    for row in rows:
        print(f"{row.what:26} {row.nanoseconds:6.0f} ns   {row.ratio:4.2f} × one dict probe")
    encoding = median(
        _time(lambda: table.facts(ABOUT), calls // 20) for _ in range(rounds // 5 + 1)
    )
    print(f"{'encoding the facts':26} {encoding:6.0f} ns   once a person")
    return rows


def main(quick: bool) -> None:
    """Print the table; `quick` for a glance."""
    run(*((11, 5_000) if quick else (101, 20_000)))


def _row(what: str, request: Request, table: Table, facts: Facts, rounds: int, calls: int) -> Row:
    decision = table.decide(request, facts)
    assert decision.effect == what.split(maxsplit=1)[0], decision.reason
    floor = _floor({request.key: decision})
    ours, floors = [], []
    for _ in range(rounds):
        floors.append(_repeat(floor, request, facts, calls))
        ours.append(_repeat(table.decide, request, facts, calls))
    return Row(what, median(ours), median(floors))


def _floor(known: dict[tuple[str, str, str, str], Decision]) -> Decide:
    def probe(request: Request, facts: Facts) -> Decision:  # noqa: ARG001  the same signature
        return known[request.operation, request.category, request.purpose, request.recipient]

    return probe


def _repeat(decide: Decide, request: Request, facts: Facts, calls: int) -> float:
    start = perf_counter_ns()
    for _ in range(calls):
        decide(request, facts)
    return (perf_counter_ns() - start) / calls


def _time(work: Callable[[], object], calls: int) -> float:
    start = perf_counter_ns()
    for _ in range(calls):
        work()
    return (perf_counter_ns() - start) / calls
