"""With `UPHELD_NO_SKIP=1` in the environment a skipped test fails the run, and is listed.

For machines that must have every component: a component that has gone missing must not pass unseen.
"""

import os

import pytest

SKIPS_ARE_FAILURES = os.environ.get("UPHELD_NO_SKIP") == "1"


def _skipped(config: pytest.Config) -> list[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", []) if reporter else []
    return [
        f"{report.nodeid}: {report.longrepr[2].removeprefix('Skipped: ')}" for report in reports
    ]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if SKIPS_ARE_FAILURES and not session.exitstatus and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    skipped = _skipped(config)
    if SKIPS_ARE_FAILURES and skipped:
        terminalreporter.section("skipped, and nothing may be skipped here", red=True, bold=True)
        for line in skipped:
            terminalreporter.line(line)
