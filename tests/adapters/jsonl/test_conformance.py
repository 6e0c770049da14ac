"""The adapter of JSON lines keeps the contract, compressed or not."""

from pathlib import Path

import pytest

from adapters.conformance import AdapterConformance
from tests.adapters.jsonl.workspace import JsonlWorkspace


class TestJsonlAdapter(AdapterConformance):
    exact_limits = False
    has_columns = False

    @pytest.fixture(params=[False, True], ids=["plain", "compressed"])
    def workspace(self, tmp_path: Path, request: pytest.FixtureRequest) -> JsonlWorkspace:
        return JsonlWorkspace(tmp_path, compressed=request.param)
