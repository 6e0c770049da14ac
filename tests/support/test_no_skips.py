"""Where nothing may be skipped, a skip fails the run and is named."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
A_SKIP = 'import pytest\n\ndef test_it():\n    pytest.skip("no such server")\n'
A_SKIPPED_FILE = 'import pytest\n\npytest.skip("no such server", allow_module_level=True)\n'
AN_EXPECTED_FAILURE = "import pytest\n\n@pytest.mark.xfail\ndef test_it():\n    assert False\n"


@pytest.mark.parametrize(
    ("source", "no_skip", "passes"),
    [
        (A_SKIP, "", True),
        (A_SKIP, "1", False),
        (A_SKIPPED_FILE, "1", False),
        (AN_EXPECTED_FAILURE, "1", True),
    ],
    ids=["skip, allowed", "skip", "skipped file", "expected failure"],
)
def test_a_skip_fails_the_run_only_where_asked(
    source: str, no_skip: str, passes: bool, tmp_path: Path
) -> None:
    (tmp_path / "test_it.py").write_text("def test_other(): pass\n" + source)
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "tests.support.no_skips"),
            *("-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", tmp_path, tmp_path),
        ],
        env={
            **os.environ,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": str(ROOT),
            "UPHELD_NO_SKIP": no_skip,
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode == 0) == passes, run.stdout + run.stderr
    assert ("test_it.py" in run.stdout and "no such server" in run.stdout) != passes
