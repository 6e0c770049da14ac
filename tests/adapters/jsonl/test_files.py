"""Files: which are closed, what happens to those that are not, and how one is put in another's place."""

import gzip
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from adapters.jsonl import JsonlAdapter
from adapters.jsonl.files import TEMPORARY
from engine.datamap.model import Dataset, TimeSource
from engine.errors import PolicyError, StoreUnavailable
from engine.ports import Always, Before, Change, Edit, KeyIn, OneOf
from tests.support.clock import FrozenClock

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAILY = Dataset(store="logs", files="access-%Y-%m-%d.jsonl")
ROTATED = Dataset(store="logs", files="access.jsonl.*")
EVERYTHING = [Edit(Always())]


@pytest.fixture
def adapter(tmp_path: Path) -> JsonlAdapter:
    return JsonlAdapter("logs", tmp_path, clock=FrozenClock(NOW), patterns=[DAILY.files])


def write(path: Path, *rows: object, at: datetime | None = None) -> Path:
    path.parent.mkdir(exist_ok=True)
    text = "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    if at:
        os.utime(path, (at.timestamp(), at.timestamp()))
    return path


@pytest.mark.parametrize(
    ("pattern", "name", "closes"),
    [
        ("a-%Y-%m-%d.jsonl", "a-2026-06-14.jsonl", datetime(2026, 6, 15, 12, tzinfo=UTC)),
        ("a-%Y-%m-%d.jsonl", "a-2026-06-15.jsonl.gz", datetime(2026, 6, 16, 12, tzinfo=UTC)),
        ("a-%Y%m%d%H.jsonl", "a-2026061423.jsonl", datetime(2026, 6, 15, 12, tzinfo=UTC)),
        ("a-%Y-%m.jsonl", "a-2026-06.jsonl", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("%Y/a-%Y-%m.jsonl", "2025/a-2025-12.jsonl", datetime(2026, 1, 1, 12, tzinfo=UTC)),
        ("a-%Y.jsonl", "a-2025.jsonl", datetime(2026, 1, 1, 12, tzinfo=UTC)),
        ("a-%Y-%m-%d.jsonl", "a-2026-02-30.jsonl", None),
        ("a-%Y-%m-%d-*.jsonl", "a-2026-06-13-host7.jsonl", datetime(2026, 6, 14, 12, tzinfo=UTC)),
        ("plain.jsonl", "plain.jsonl", None),
    ],
)
def test_a_dated_file_is_closed_when_its_time_and_the_grace_are_over(
    tmp_path: Path, pattern: str, name: str, closes: datetime | None
):
    write(tmp_path / name, {"n": 1})
    data = Dataset(store="logs", files=pattern)
    clock = FrozenClock((closes or NOW) - timedelta(seconds=1))
    adapter = JsonlAdapter("logs", tmp_path, clock=clock)
    applied = adapter.apply(data, EVERYTHING, limit=9)
    assert applied.rows == (0,)
    assert applied.waiting == (name,)
    assert applied.waits_until == closes
    assert adapter.count(data, Always()) == 1
    if closes:
        clock.set(closes)
        assert adapter.apply(data, EVERYTHING, limit=9).rows == (1,)
        assert not (tmp_path / name).exists()


def test_a_rotated_file_is_closed_some_time_after_its_last_line(tmp_path: Path):
    old, new = NOW - timedelta(hours=13), NOW - timedelta(hours=11)
    write(tmp_path / "access.jsonl", {"n": 0}, at=old)
    write(tmp_path / "access.jsonl.1", {"n": 1}, at=new)
    write(tmp_path / "access.jsonl.2.gz", {"n": 2}, at=old)
    write(tmp_path / "other.jsonl", {"n": 9}, at=old)
    adapter = JsonlAdapter("logs", tmp_path, clock=FrozenClock(NOW))
    assert adapter.count(ROTATED, Always()) == 3
    applied = adapter.apply(ROTATED, EVERYTHING, limit=9)
    assert applied.rows == (1,)
    assert applied.waiting == ("access.jsonl", "access.jsonl.1")
    assert applied.waits_until == new + timedelta(hours=12)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "access.jsonl",
        "access.jsonl.1",
        "other.jsonl",
    ]


def test_a_live_file_with_nothing_to_do_does_not_wait(tmp_path: Path, adapter: JsonlAdapter):
    write(tmp_path / "access-2026-06-15.jsonl", {"n": 1})
    applied = adapter.apply(DAILY, [Edit(OneOf("n", ("2",)))], limit=9)
    assert (applied.waiting, applied.waits_until, applied.more) == ((), None, False)


def test_all_edits_of_a_file_go_in_one_rewrite_and_the_rest_stays_as_it_was(
    tmp_path: Path, adapter: JsonlAdapter
):
    rest = '{"n":  3 , "note": "untouched \\u00e9", "x": 1.10}'
    path = write(
        tmp_path / "access-2026-01-01.jsonl",
        {"n": 1, "ip": "10.0.0.9"},
        {"n": 2, "ip": "10.0.0.9"},
        rest,
        at=NOW - timedelta(days=100),
    )
    path.chmod(0o640)
    before = path.stat()
    edits = [
        Edit(OneOf("n", ("1",))),
        Edit(OneOf("n", ("2",)), {"ip": Change("truncate ip")}),
    ]
    assert adapter.apply(DAILY, edits, limit=9).rows == (1, 1)
    assert path.read_text().splitlines() == ['{"n": 2, "ip": "10.0.0.0"}', rest]
    after = path.stat()
    assert after.st_ino != before.st_ino
    for kept in ("st_mode", "st_uid", "st_gid", "st_mtime_ns"):
        assert getattr(after, kept) == getattr(before, kept), kept
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_lines_that_are_no_objects_stay_and_are_counted(tmp_path: Path, adapter: JsonlAdapter):
    path = tmp_path / "access-2026-01-01.jsonl"
    bad = [b"{not json\n", b"[1]\n", b"\xff\xfe\n", b"\n", b'{"n": 1, "half']
    path.write_bytes(b'{"n": 1}\n' + b"".join(bad))
    assert adapter.apply(DAILY, EVERYTHING, limit=9).rows == (1,)
    assert path.read_bytes() == b"".join(bad)
    (told,) = adapter.finish()
    assert told == "4 lines of `access-2026-01-01.jsonl` could not be read and stayed"
    assert adapter.finish() == ()


def test_a_line_without_an_end_is_read_once_the_file_is_closed(tmp_path: Path, adapter):
    for name in ("access-2026-01-01.jsonl", "access-2026-06-15.jsonl"):
        (tmp_path / name).write_text('{"n": 1}\n{"n": 2}')
    assert adapter.count(DAILY, Always()) == 3


def test_a_row_without_a_key_is_found_by_its_line_after_others_have_gone(
    tmp_path: Path, adapter: JsonlAdapter
):
    path = write(tmp_path / "access-2026-01-01.jsonl", {"n": 1}, {"n": 2}, {"n": 3})
    (records,) = adapter.scan(DAILY, OneOf("n", ("3",)), ("n",))
    adapter.apply(DAILY, [Edit(OneOf("n", ("1",)))], limit=9)
    assert adapter.apply(DAILY, [Edit(KeyIn((records[0].key,)))], limit=9).rows == (1,)
    assert path.read_text() == '{"n": 2}\n'


def test_a_file_that_changes_meanwhile_is_left_alone(tmp_path: Path, monkeypatch):
    """Somebody still writes to a file whose day is over: the line survives, and the file waits."""
    path = write(tmp_path / "access-2026-01-01.jsonl", {"n": 1}, {"n": 2})
    adapter = JsonlAdapter("logs", tmp_path, clock=FrozenClock(NOW))
    real = os.fsync

    def late_line(descriptor: int) -> None:
        monkeypatch.setattr(os, "fsync", real)
        with path.open("a") as file:
            file.write('{"n": 3}\n')
        real(descriptor)

    monkeypatch.setattr(os, "fsync", late_line)
    applied = adapter.apply(DAILY, [Edit(OneOf("n", ("1",)))], limit=9)
    assert (applied.rows, applied.waiting) == ((0,), (path.name,))
    assert path.read_text().count("\n") == 3
    assert not list(tmp_path.glob(f".*{TEMPORARY}"))
    assert adapter.apply(DAILY, [Edit(OneOf("n", ("1",)))], limit=9).rows == (1,)


def test_a_writer_at_work_loses_no_line(tmp_path: Path, adapter: JsonlAdapter):
    closed = write(tmp_path / "access-2026-01-01.jsonl", *({"n": n} for n in range(50)))
    live, stop, written = tmp_path / "access-2026-06-15.jsonl", Event(), []
    started = Event()

    def log() -> None:
        with live.open("a", buffering=1) as file:
            while not stop.is_set():
                file.write(f'{{"n": {len(written)}}}\n')
                written.append(1)
                started.set()

    writer = Thread(target=log)
    writer.start()
    started.wait()
    for n in range(50):
        applied = adapter.apply(DAILY, [Edit(OneOf("n", (str(n),)))], limit=1000)
        assert applied.rows == (1,)
    stop.set()
    writer.join()
    assert not closed.exists()
    numbers = [json.loads(line)["n"] for line in live.read_text().splitlines()]
    assert numbers == list(range(len(written)))


def test_what_a_crash_left_behind_is_no_data_and_does_not_hinder(tmp_path: Path, adapter):
    path = write(tmp_path / "access-2026-01-01.jsonl", {"n": 1}, {"n": 2})
    stale = path.with_name(f".{path.name}{TEMPORARY}")
    stale.write_text('{"n": 1')
    assert adapter.count(DAILY, Always()) == 2
    assert [shape.name for shape in adapter.shapes()] == [DAILY.files]
    assert adapter.apply(DAILY, [Edit(OneOf("n", ("1",)))], limit=9).rows == (1,)
    assert not stale.exists()


def test_a_link_to_a_file_is_read_and_never_replaced(tmp_path: Path, adapter: JsonlAdapter):
    target = write(tmp_path / "elsewhere" / "log", {"n": 1})
    link = tmp_path / "access-2026-01-01.jsonl"
    link.symlink_to(target)
    assert adapter.count(DAILY, Always()) == 1
    assert adapter.apply(DAILY, EVERYTHING, limit=9).waiting == (link.name,)
    assert target.read_text() == '{"n": 1}\n'


def test_batches_go_on_until_every_file_is_done(tmp_path: Path, adapter: JsonlAdapter):
    for day in range(1, 10):
        write(tmp_path / f"access-2026-01-0{day}.jsonl", {"n": 1}, {"n": 2}, {"n": 1})
    edits, totals = [Edit(OneOf("n", ("1",)))], []
    while True:
        applied = adapter.apply(DAILY, edits, limit=4)
        totals.append(applied.rows[0])
        if not applied.more:
            break
    assert sum(totals) == 18
    assert max(totals) <= 4


def test_shapes_show_fields_by_type_and_files_that_no_pattern_takes(tmp_path: Path, adapter):
    row = {"s": "x", "n": 1, "f": 0.5, "b": True, "o": {}, "a": [], "z": None}
    write(tmp_path / "access-2026-01-01.jsonl", {"s": None}, row)
    write(tmp_path / "forgotten.jsonl", {"email": "x"})
    pattern, other = adapter.shapes()
    assert {column.name: column.type for column in pattern.columns} == {
        "s": "text",
        "n": "integer",
        "f": "number",
        "b": "boolean",
        "o": "object",
        "a": "array",
        "z": "text",
    }
    assert other.name == "forgotten.jsonl"


def test_a_folder_that_is_not_there_or_a_damaged_file_makes_the_store_unavailable(tmp_path: Path):
    missing = JsonlAdapter("logs", tmp_path / "none", clock=FrozenClock(NOW))
    with pytest.raises(StoreUnavailable, match="there is no folder"):
        missing.count(DAILY, Always())
    (tmp_path / "access-2026-01-01.jsonl.gz").write_bytes(gzip.compress(b'{"n": 1}\n' * 99)[:-9])
    adapter = JsonlAdapter("logs", tmp_path, clock=FrozenClock(NOW))
    with pytest.raises(StoreUnavailable, match="a compressed file is damaged"):
        adapter.count(DAILY, Always())


def test_a_dataset_of_a_table_is_refused(adapter: JsonlAdapter):
    with pytest.raises(PolicyError, match="need `files: …`"):
        adapter.count(Dataset(store="logs", table="users", key=("id",)), Always())


def test_rows_that_are_due_go_and_the_others_stay(tmp_path: Path, adapter: JsonlAdapter):
    times = [NOW - timedelta(days=n) for n in (300, 200, 100)]
    path = write(tmp_path / "access-2026-01-01.jsonl", *({"ts": at.isoformat()} for at in times))
    limit = NOW - timedelta(days=200)
    time = TimeSource(field="ts", form="text")
    assert adapter.apply(DAILY, [Edit(Before(time, limit))], limit=9).rows == (1,)
    assert len(path.read_text().splitlines()) == 2
    assert adapter.extent(DAILY, Always(), time) == (times[1], times[2])
