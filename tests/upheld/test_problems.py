"""What is said when a command cannot go on."""

import subprocess
import sys
from pathlib import Path

COMMAND = [sys.executable, "-c", "from upheld.cli import main; main()", "schema"]


def test_a_full_disk_under_the_answer_is_said_as_that():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(COMMAND, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    said = "upheld: the answer cannot be written: no space left on device\n"
    assert (done.returncode, done.stderr) == (3, said)
