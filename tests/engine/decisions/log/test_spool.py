"""A spool keeps every line that was appended, whatever becomes of the process, within its limit."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.decisions.log.spool import Spool, SpoolFull

LINE = b'{"number":%06d}\n'


def kept(folder: Path) -> list[bytes]:
    return [
        line
        for path in sorted(folder.glob("*.spool"))
        for line in path.read_bytes().splitlines(keepends=True)
    ]


@pytest.mark.parametrize("durable", [False, True])
def test_lines_of_many_threads_are_kept_whole_and_once(tmp_path, durable):
    spool = Spool(tmp_path, limit=10_000_000, durable=durable, segment=2_000)

    def write(start: int) -> None:
        for number in range(start, start + 100):
            assert spool.append(LINE % number)

    threads = [threading.Thread(target=write, args=(100 * n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spool.close()
    assert sorted(kept(tmp_path)) == [LINE % number for number in range(800)]
    assert len(list(tmp_path.glob("*.spool"))) > 1


def test_only_the_owner_can_read_a_spool(tmp_path):
    spool = Spool(tmp_path / "decisions", limit=1000)
    spool.append(b"{}\n")
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "decisions").iterdir()}
    assert modes == {0o600}
    assert (tmp_path / "decisions").stat().st_mode & 0o777 == 0o700


def test_a_full_spool_refuses_until_something_is_shipped(tmp_path):
    spool = Spool(tmp_path, limit=200, segment=100)
    line = b"x" * 79 + b"\n"
    assert spool.append(line)
    assert spool.append(line)
    with pytest.raises(SpoolFull, match="the decision log is full"):
        spool.append(line)
    assert spool.waiting == 160
    first, _ = sorted(tmp_path.glob("*.spool"), key=lambda path: path.stat().st_mtime_ns)
    first.unlink()  # as the shipper does
    spool._looked = 0.0
    assert spool.append(line)


def test_a_full_spool_that_may_drop_counts_what_it_dropped(tmp_path):
    spool = Spool(tmp_path, limit=100, when_full="drop")
    line = b"x" * 59 + b"\n"
    assert [spool.append(line) for _ in range(3)] == [True, False, False]
    assert spool.dropped == 2
    assert kept(tmp_path) == [line]


def test_a_disk_that_is_full_refuses_and_leaves_the_next_line_readable(tmp_path):
    """A limit on the size of files stands for the disk: the kernel writes a part, then nothing."""
    code = f"""
import resource, signal
from pathlib import Path
from engine.decisions.log.spool import Spool, SpoolFull
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
spool = Spool(Path({str(tmp_path)!r}), limit=10_000)
print(spool.append(b"a" * 79 + b"\\n"))
try:
    spool.append(b"b" * 79 + b"\\n")
except SpoolFull as problem:
    print(problem)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(spool.append(b"c" * 79 + b"\\n"))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    said = done.stdout.splitlines()
    assert (said[0], said[2]) == ("True", "True")
    assert said[1].startswith("the decision log cannot be written")
    assert b"c" * 79 + b"\n" in kept(tmp_path)


def test_what_was_appended_outlives_a_process_that_is_killed(tmp_path):
    code = f"""
import sys
from pathlib import Path
from engine.decisions.log.spool import Spool
spool = Spool(Path({str(tmp_path)!r}), limit=100_000_000, segment=4_000)
number = 0
while True:
    spool.append(b'{{"number":%06d}}\\n' % number)
    sys.stdout.write(f"{{number}}\\n")
    sys.stdout.flush()
    number += 1
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    answered = [int(process.stdout.readline()) for _ in range(2_000)]
    os.kill(process.pid, signal.SIGKILL)
    answered += [int(line) for line in process.stdout if line.endswith("\n")]
    process.wait()
    process.stdout.close()
    found = {int(line[10:16]) for line in kept(tmp_path)}
    assert set(answered) <= found
