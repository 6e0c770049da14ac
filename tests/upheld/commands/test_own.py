"""What Upheld itself holds of people goes by its own policy, by hand as by the clock."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from engine.errors import PolicyError
from engine.store.tables.access import web_sessions
from tests.upheld.commands.conftest import Terminal
from upheld.bootstrap import open_house
from upheld.serving.work import purge_own


def keep_sessions(*ages: int) -> None:
    now = datetime.now(UTC)
    with open_house() as house, house.database.begin() as conn:
        for age in ages:
            seen = now - timedelta(days=age)
            row = {"token_digest": str(age), "kind": "portal", "holder": "7"}
            conn.execute(insert(web_sessions), row | {"started_at": seen, "seen_at": seen})


def kept_sessions() -> list[str]:
    with open_house() as house, house.database.read() as conn:
        return list(conn.execute(select(web_sessions.c.token_digest)).scalars())


def test_its_own_old_sessions_are_planned_purged_and_looked_for_again(terminal: Terminal) -> None:
    keep_sessions(1, 40)
    plan = terminal.ask("plan", "--own")
    due = {step["dataset"]: step["rows"] for step in plan["steps"] if step["rows"]}
    assert due == {"upheld-sessions": 1}
    assert "upheld-sessions" not in str(terminal.ask("plan", code=terminal_code(terminal)))
    shown = terminal.run("plan", "--own")
    assert f"upheld purge {plan['digest'][:8]}" in shown or "--own" in shown
    run = terminal.ask("purge", "--own")
    assert run["rows"] == 1
    assert kept_sessions() == ["1"]
    assert terminal.ask("verify", run["run"], "--own")["upheld"]


def terminal_code(terminal: Terminal) -> int:
    """Whether the platform's own plan waits for an officer."""
    from upheld.cli import run

    code = run(["plan"])
    terminal.capsys.readouterr()
    return code


def test_the_daily_job_purges_it_without_an_approval(terminal: Terminal) -> None:
    keep_sessions(50)
    with open_house() as house:
        purge_own(house)
        assert [run.state for run in house.own_retention.runs(1)] == ["done"]
        assert house.own_retention.latest_verification().upheld
    assert "50" not in kept_sessions()


def test_it_needs_no_approval_and_has_no_other_version(terminal: Terminal) -> None:
    terminal.run("plan", "--own", "--approve", "abc", "--officer", "ada", code=2)
    assert "needs no approval" in terminal.err


@pytest.mark.parametrize("name", ["upheld", "clinic"])
def test_a_data_map_that_reaches_into_upheld_itself_is_refused(
    terminal: Terminal, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = terminal.installed.folder / "policies" / "clinic" / "datamap.yaml"
    own = path.read_text(encoding="utf-8")
    changed = path.with_name("reaching.yaml")
    if name == "clinic":
        monkeypatch.setenv("CLINIC_URL", terminal.installed.environ["UPHELD_DATABASE_URL"])
    text = own.replace("stores:\n", "stores:\n  upheld: {adapter: sql, url: 'sqlite://'}\n", 1)
    changed.write_text(text if name == "upheld" else own, encoding="utf-8")
    monkeypatch.setenv("UPHELD_DATAMAP", str(changed))
    with open_house() as house, pytest.raises(PolicyError, match="Upheld's own database"):
        _ = house.datamap
