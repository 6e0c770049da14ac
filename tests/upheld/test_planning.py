"""How a run is shown: what is restricted is not counted as left undone."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.retention.runs import Run, RunStep
from upheld.planning import show_run

NOW = datetime(2026, 11, 25, tzinfo=UTC)
RUN = Run(
    id="r1",
    plan="p1",
    state="done",
    scheduled=False,
    started_at=NOW,
    finished_at=NOW,
    steps=(
        RunStep("payments.erase.payment.token", "payments", 320, 320, "done"),
        RunStep("payments.restrict", "payments", 320, 0, "done"),
    ),
)


def test_a_restriction_shows_no_count_of_changes_for_it_changes_nothing(capsys):
    show_run(RUN, "table")
    lines = capsys.readouterr().out.splitlines()
    (restricted,) = [line.split() for line in lines if "payments.restrict" in line]
    (erased,) = [line.split() for line in lines if "payments.erase" in line]
    assert restricted == ["payments", "payments.restrict", "320", "–", "done"]
    assert erased[2:] == ["320", "320", "done"]
