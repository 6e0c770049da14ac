"""The SQL adapter keeps the contract, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from adapters.conformance import AdapterConformance
from tests.adapters.sql.workspace import SqlWorkspace


class TestSqlAdapter(AdapterConformance):
    @pytest.fixture
    def workspace(self, platform_url: str) -> Iterator[SqlWorkspace]:
        workspace = SqlWorkspace(platform_url)
        yield workspace
        workspace.close()
