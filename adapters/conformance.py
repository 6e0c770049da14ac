"""What every adapter must do, as tests. A new adapter supplies one fixture and an empty subclass:

    class TestMyAdapter(AdapterConformance):
        @pytest.fixture
        def workspace(self, tmp_path): ...

The fixture gives a `Workspace`: places to put rows in, datasets over them, and an independent look at what is
really stored afterwards. `PLACES` says what the places are called and what their fields hold. An adapter that
rewrites whole files sets `exact_limits = False`; one whose store knows no columns `has_columns = False`.
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from adapters.moments import LAST, Zone, utc
from engine.datamap.model import Dataset, TimeSource
from engine.errors import PolicyError
from engine.ports import (
    AllOf,
    Always,
    AnyOf,
    Applied,
    Before,
    Change,
    Condition,
    DataAdapter,
    Edit,
    IsNull,
    KeyIn,
    Link,
    Not,
    OneOf,
    Reaches,
    Record,
    TimeMissing,
    Untreated,
)

ODD = 'na"me; DROP TABLE people; --'
ODDER = "größe 大 'q'"

PLACES: Mapping[str, Mapping[str, str]] = {
    "people": {
        "id": "integer",
        "email": "text",
        "status": "integer",
        "active": "boolean",
        "joined": "timestamp",
    },
    "events": {
        "id": "integer",
        "person_id": "integer",
        "kind": "integer",
        "name": "text, never null",
        "ip": "text",
        "born": "text",
        "at_seconds": "integer",
        "at_millis": "integer",
        "at_text": "text",
        "at_stamp": "timestamp",
        "at_naive": "timestamp without zone",
        "day": "date",
        "detail": "text that holds json",
        "extra": "json",
    },
    "letters": {"id": "integer", "event_ref": "text", "sender": "text"},
    "odd": {"id": "integer", ODD: "text", ODDER: "text"},
}
"""Place -> field -> what it holds. `id` is the key; every other field may be null unless it says so.

Times are given as aware datetimes, dates as dates, and JSON as values; text that holds JSON as text.
"""

T0 = datetime(2026, 5, 1, 12, tzinfo=UTC)
US = timedelta(microseconds=1)

SPELLINGS = {
    "2026-05-01T12:00:00Z": T0,
    "2026-05-01 12:00:00": T0,
    "2026-05-01T12:00": T0,
    "2026-05-01 12:00:00.000000": T0,
    "2026-05-01T12:00:00.5Z": T0 + timedelta(milliseconds=500),
    "2026-05-01T12:00:00.123456789Z": T0 + 123456 * US,
    "2026-05-01T20:00:00+08:00": T0,
    "2026-05-01T20:00:00.25+0800": T0 + timedelta(milliseconds=250),
    "2026-05-01 05:00:00-07": T0,
    "2026-05-02T03:00:00+15:00": T0,
    "2026-05-01 12:00:00 UTC": T0,
    "2026-05-01t12:00:00z": T0,
    "2026-05-01T12:00:00+00:00": T0,
    "2026-05-01 12:00:00+00": T0,
    "2026-04-30T23:59:59Z": T0 - timedelta(hours=12, seconds=1),
    "2024-02-29T12:00:00Z": datetime(2024, 2, 29, 12, tzinfo=UTC),
    "2026-05-01": T0.replace(hour=0),
    "1955-11-05T06:15:00Z": datetime(1955, 11, 5, 6, 15, tzinfo=UTC),
}
"""Readable texts, and the moment that each means."""

UNREADABLE = (
    None,
    "",
    "now",
    "yesterday",
    "0",
    "1777636800",
    "2026-02-30T00:00:00Z",
    "2026-02-29T12:00:00Z",
    "2026-04-31 12:00:00",
    "2026-00-10T12:00:00Z",
    "2026-10-00T12:00:00Z",
    "2026-02-29",
    "0001-01-01",
    "2026-13-01",
    "2026-05-01T24:00:00Z",
    "2026-05-01T12:00:60Z",
    "20260501T120000Z",
    "01/05/2026",
    "0000-00-00 00:00:00",
    "0001-01-01T00:00:00Z",
    "12026-05-01T12:00:00Z",
    "2026-05-01T12:00:00Z; DROP TABLE events",
    "२०२६-०५-०१",
)
"""Texts that are no time: missing."""


DAYS = (
    ("UTC", date(2026, 5, 1), datetime(2026, 5, 1, tzinfo=UTC)),
    ("America/Los_Angeles", date(2026, 5, 1), datetime(2026, 5, 1, 7, tzinfo=UTC)),
    ("Pacific/Pago_Pago", date(2026, 5, 1), datetime(2026, 5, 1, 11, tzinfo=UTC)),
    ("Asia/Shanghai", date(2026, 5, 1), datetime(2026, 4, 30, 16, tzinfo=UTC)),
    ("Pacific/Kiritimati", date(2026, 5, 1), datetime(2026, 4, 30, 10, tzinfo=UTC)),
    ("America/Sao_Paulo", date(2018, 11, 4), datetime(2018, 11, 4, 3, tzinfo=UTC)),
    ("Europe/Berlin", date(1975, 6, 30), datetime(1975, 6, 29, 23, tzinfo=UTC)),
)
"""Time zone, date, and the first moment of that day there (Sao Paulo's clocks skipped that midnight)."""


class Workspace(Protocol):
    """Where a test's rows lie."""

    def fill(self, place: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Put rows in, so that an adapter may change them; fields not given are null or absent."""
        ...

    def adapter(self, zone: Zone = utc) -> DataAdapter:
        """The adapter under test, where dates are days of this time zone."""
        ...

    def dataset(self, place: str, **said: Any) -> Dataset:
        """A dataset over a place: store, table or files, and key, beside what the test says of it."""
        ...

    def stored(self, place: str) -> list[dict[str, Any]]:
        """Every row as it is stored now, in the order of `id`, read without the adapter."""
        ...


def seconds(field: str = "at_seconds", **more: Any) -> TimeSource:
    """A time in epoch seconds."""
    return TimeSource(field=field, form="epoch seconds", **more)


TIMES = {
    "at_seconds": seconds(),
    "at_millis": TimeSource(field="at_millis", form="epoch milliseconds"),
    "at_text": TimeSource(field="at_text", form="text"),
    "at_stamp": TimeSource(field="at_stamp"),
    "at_naive": TimeSource(field="at_naive"),
    "detail.at": TimeSource(field="detail.at", form="text"),
    "detail.epoch": seconds("detail.epoch"),
}
"""One source for each form in which a time may be stored."""


def event(number: int, at: datetime | None = T0, **more: Any) -> dict[str, Any]:
    """A row of `events` whose times all say the same; without one when `at` is None."""
    row: dict[str, Any] = {"id": number, "name": f"n{number}", **more}
    if at is not None:
        whole = int(at.timestamp())
        text = at.isoformat().replace("+00:00", "Z")
        detail = json.dumps({"at": text, "epoch": whole})
        times = {"at_seconds": whole, "at_millis": whole * 1000, "at_text": text, "at_stamp": at}
        row = {**times, "at_naive": at, "detail": detail, **row}
    return row


class AdapterConformance:
    """Subclass it, and give it a fixture `workspace`."""

    exact_limits = True
    has_columns = True

    # Which rows are meant

    def test_values_that_are_text_compare_by_the_type_of_the_column(
        self, workspace: Workspace
    ) -> None:
        workspace.fill(
            "people",
            [
                {"id": 1, "status": 5, "active": True, "email": "5"},
                {"id": 2, "status": 50, "active": False, "email": "05"},
                {"id": 3},
            ],
        )
        found = _finder(workspace, "people")
        assert found(OneOf("status", ("5",))) == [1]
        assert found(OneOf("status", (5, "50"))) == [1, 2]
        assert found(OneOf("status", ("five", "5x", "", "9" * 40))) == []
        assert found(OneOf("active", ("true",))) == [1]
        assert found(OneOf("active", (False,))) == [2]
        assert found(OneOf("email", ("5",))) == found(OneOf("email", (5,))) == [1]
        assert found(OneOf("id", ())) == []
        assert found(IsNull("status")) == [3]

    def test_many_values_are_as_good_as_few(self, workspace: Workspace) -> None:
        workspace.fill("people", [{"id": n, "email": f"p{n}@example.org"} for n in range(1, 6)])
        found = _finder(workspace, "people")
        assert found(OneOf("id", tuple(range(3, 5000)))) == [3, 4, 5]
        assert found(OneOf("email", tuple(f"p{n}@example.org" for n in range(4, 5000)))) == [4, 5]
        assert found(KeyIn(tuple((str(n),) for n in range(2, 5000)))) == [2, 3, 4, 5]

    def test_folding_ignores_case_and_nothing_else(self, workspace: Workspace) -> None:
        workspace.fill(
            "people", [{"id": 1, "email": "Ada@Example.org"}, {"id": 2, "email": "ada@example.com"}]
        )
        found = _finder(workspace, "people")
        assert found(OneOf("email", ("ADA@example.ORG",), fold=True)) == [1]
        assert found(OneOf("email", ("ADA@example.ORG",))) == []

    def test_values_that_differ_only_in_case_are_told(self, workspace: Workspace) -> None:
        addresses = ("Ada@x.org", "ada@X.org", "bo@x.org", None, "cy@x.org", "cy@x.org", None)
        workspace.fill(
            "people", [{"id": n, "email": value} for n, value in enumerate(addresses, start=1)]
        )
        found = workspace.adapter().alike(workspace.dataset("people"), "email")
        assert sorted(found) == ["Ada@x.org", "ada@X.org", "cy@x.org", "cy@x.org"]

    def test_keys_are_found_by_value_or_by_text(self, workspace: Workspace) -> None:
        workspace.fill("people", [{"id": n} for n in (1, 2, 3)])
        found = _finder(workspace, "people")
        assert found(KeyIn(((1,), ("3",)))) == [1, 3]
        assert found(KeyIn((("1; DELETE FROM people",), ("x",)))) == []
        assert found(KeyIn(())) == []

    def test_not_is_two_valued_even_where_there_is_nothing_to_compare(
        self, workspace: Workspace
    ) -> None:
        workspace.fill("events", [event(1, kind=2), event(2, kind=3), event(3, None)])
        found = _finder(workspace, "events")
        for condition in (
            OneOf("kind", ("2",)),
            OneOf("detail.at", ("x",)),
            IsNull("kind"),
            Before(seconds(), T0 + US),
            Before(seconds(when={"kind": ("2",)}), T0 + timedelta(days=1)),
            TimeMissing(TIMES["at_text"]),
            Not(OneOf("kind", ("2",))),
        ):
            holds, fails = found(condition), found(Not(condition))
            assert sorted(holds + fails) == [1, 2, 3], condition

    def test_parts_combine_and_no_parts_mean_every_row_or_none(self, workspace: Workspace) -> None:
        workspace.fill("people", [{"id": n, "status": n} for n in (1, 2, 3)])
        found = _finder(workspace, "people")
        low, high = OneOf("status", ("1", "2")), OneOf("status", ("2", "3"))
        assert found(AllOf((low, high))) == [2]
        assert found(AnyOf((low, high))) == [1, 2, 3]
        assert found(AllOf((low, Not(high)))) == [1]
        assert found(AllOf(())) == found(Always()) == [1, 2, 3]
        assert found(AnyOf(())) == found(Not(Always())) == []

    # Times

    def test_before_is_strict_in_every_form(self, workspace: Workspace) -> None:
        second = timedelta(seconds=1)
        workspace.fill(
            "events", [event(1, T0 - second), event(2, T0), event(3, T0 + second), event(4, None)]
        )
        found = _finder(workspace, "events")
        for name, time in TIMES.items():
            assert found(Before(time, T0)) == [1], name
            assert found(Before(time, T0 + US)) == [1, 2], name
            assert found(Before(time, T0 + second)) == [1, 2], name
            assert found(Before(time, (T0 + second + US).astimezone())) == [1, 2, 3], name
            assert found(TimeMissing(time)) == [4], name

    def test_every_spelling_of_a_time_is_exact_to_the_microsecond(
        self, workspace: Workspace
    ) -> None:
        rows = [{"id": n, "name": "", "at_text": t} for n, t in enumerate(SPELLINGS)]
        workspace.fill("events", rows)
        found, time = _finder(workspace, "events"), TIMES["at_text"]
        for limit in sorted({at + step for at in SPELLINGS.values() for step in (0 * US, US)}):
            before = [n for n, at in enumerate(SPELLINGS.values()) if at < limit]
            assert found(Before(time, limit)) == before, limit
        assert found(TimeMissing(time)) == []

    def test_a_date_alone_is_a_day_of_the_time_zone_and_means_its_first_moment(
        self, workspace: Workspace
    ) -> None:
        workspace.fill(
            "events",
            [
                {
                    "id": n,
                    "name": "",
                    "day": day,
                    "at_text": text,
                    "detail": json.dumps({"at": text}),
                }
                for n, (_, day, _) in enumerate(DAYS)
                for text in [day.isoformat()]
            ],
        )
        dataset = workspace.dataset("events")
        for number, (name, _, begins) in enumerate(DAYS):
            adapter = workspace.adapter(zone := partial(ZoneInfo, name))
            found = _finder(workspace, "events", zone)
            for time in (TimeSource(field="day"), TIMES["at_text"], TIMES["detail.at"]):
                assert number not in found(Before(time, begins)), (name, time)
                assert number in found(Before(time, begins + US)), (name, time)
                assert found(Before(time, LAST)) == list(range(len(DAYS))), (name, time)
                assert found(TimeMissing(time)) == []
                one = KeyIn(((number,),))
                assert adapter.extent(dataset, one, time) == (begins, begins), (name, time)
                (record,) = _records(adapter, dataset, one, time.fields)
                assert adapter.time_of(time, record) == begins, (name, time)

    def test_what_is_no_time_is_missing_and_never_before(self, workspace: Workspace) -> None:
        rows = [{"id": n, "name": "", "at_text": text} for n, text in enumerate(UNREADABLE)]
        workspace.fill("events", rows)
        found, time = _finder(workspace, "events"), TIMES["at_text"]
        assert found(TimeMissing(time)) == list(range(len(UNREADABLE)))
        for limit in (datetime(2100, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)):
            assert found(Before(time, limit)) == []
        dataset, adapter = workspace.dataset("events"), workspace.adapter()
        assert adapter.extent(dataset, Always(), time) == (None, None)

    def test_zero_and_impossible_epochs_are_missing(self, workspace: Workspace) -> None:
        values = (0, None, 1_777_636_800_000, -(10**15), -86_400)
        rows = [{"id": n, "name": "", "at_seconds": value} for n, value in enumerate(values)]
        workspace.fill("events", rows)
        found = _finder(workspace, "events")
        assert found(TimeMissing(seconds())) == [0, 1, 2, 3]
        assert found(Before(seconds(), T0)) == [4]

    def test_a_time_counts_only_while_its_state_holds(self, workspace: Workspace) -> None:
        workspace.fill(
            "events", [event(1, kind=3), event(2, kind=1), event(3), event(4, None, kind=3)]
        )
        found = _finder(workspace, "events")
        time, later = seconds(when={"kind": ("3", "4")}), T0 + timedelta(days=1)
        assert found(Before(time, later)) == [1]
        assert found(TimeMissing(time)) == [2, 3, 4]

    def test_a_state_without_a_time_has_no_time(self, workspace: Workspace) -> None:
        workspace.fill("events", [event(1, kind=3), event(2, kind=1)])
        found, time = _finder(workspace, "events"), TimeSource(when={"kind": ("3",)})
        assert found(Before(time, T0 + timedelta(days=9999))) == []
        assert found(TimeMissing(time)) == [1, 2]
        adapter, dataset = workspace.adapter(), workspace.dataset("events")
        assert adapter.extent(dataset, Always(), time) == (None, None)

    def test_the_extent_is_the_oldest_and_newest_among_the_rows_meant(
        self, workspace: Workspace
    ) -> None:
        day = timedelta(days=1)
        rows = [event(n, T0 + n * day, kind=n % 2) for n in range(1, 6)]
        workspace.fill("events", [*rows, event(6, None, kind=1)])
        adapter, dataset = workspace.adapter(), workspace.dataset("events")
        for name, time in TIMES.items():
            assert adapter.extent(dataset, Always(), time) == (T0 + day, T0 + 5 * day), name
            even = adapter.extent(dataset, OneOf("kind", ("0",)), time)
            assert even == (T0 + 2 * day, T0 + 4 * day), name
        assert adapter.extent(dataset, AnyOf(()), seconds()) == (None, None)

    def test_a_scanned_record_tells_the_same_times_as_the_store(self, workspace: Workspace) -> None:
        texts = [*SPELLINGS, *UNREADABLE]
        rows = [event(n, T0, kind=n % 3, at_text=text) for n, text in enumerate(texts)]
        workspace.fill("events", [*rows, event(len(texts), None)])
        adapter, dataset = workspace.adapter(), workspace.dataset("events")
        find = _finder(workspace, "events")
        stated = TimeSource(field="at_text", form="text", when={"kind": ("1",)})
        for time in (*TIMES.values(), stated, TimeSource(when={"kind": ("1",)})):
            told = {
                record.values["id"]: adapter.time_of(time, record)
                for record in _records(adapter, dataset, Always(), ("id", *time.fields))
            }
            assert [n for n, at in told.items() if at is None] == find(TimeMissing(time))
            for limit in (T0, T0 + US):
                before = [n for n, at in told.items() if at is not None and at < limit]
                assert before == find(Before(time, limit))

    # JSON

    def test_a_path_leads_into_json_and_bad_json_is_an_absent_value(
        self, workspace: Workspace
    ) -> None:
        texts = [
            '{"client": {"ip": "10.0.0.1"}, "n": 5, "ok": true, "none": null}',
            '{"client": {"ip": "10.0.0.2"}, "n": "5", "ok": false}',
            '{"client": "10.0.0.1"}',
            '{"client": {"ip": "10.0',
            "null",
            "",
            "[1, 2]",
            None,
        ]
        rows = [{"id": n, "name": "", "detail": text} for n, text in enumerate(texts)]
        workspace.fill("events", rows)
        found = _finder(workspace, "events")
        assert found(OneOf("detail.client.ip", ("10.0.0.1",))) == [0]
        assert found(IsNull("detail.client.ip")) == [2, 3, 4, 5, 6, 7]
        assert found(OneOf("detail.n", ("5",))) == [0, 1]
        assert found(OneOf("detail.ok", ("true",))) == [0]
        assert found(OneOf("detail.ok", (False,))) == [1]
        assert found(IsNull("detail.none")) == list(range(8))

    def test_values_in_json_keep_their_types_when_scanned(self, workspace: Workspace) -> None:
        extra = {"s": "a", "n": 5, "f": 1.5, "t": True, "o": {"x": [1, "y"]}, "none": None}
        workspace.fill("events", [{"id": 1, "name": "", "extra": extra}])
        adapter, dataset = workspace.adapter(), workspace.dataset("events")
        paths = [f"extra.{name}" for name in extra]
        (record,) = _records(adapter, dataset, Always(), [*paths, "extra.absent", "extra"])
        assert [record.values[path] for path in paths] == list(extra.values())
        assert record.values["extra.absent"] is None
        assert record.values["extra"] == extra

    # Links

    def test_links_lead_through_several_tables_to_a_person(self, workspace: Workspace) -> None:
        _fill_linked(workspace)
        people, events = workspace.dataset("people"), workspace.dataset("events")
        to_person = Link("person_id", people, "id")
        found = _finder(workspace, "events")
        assert found(Reaches((to_person,), Always())) == [11, 12, 13]
        assert found(Reaches((to_person,), OneOf("status", ("3",)))) == [13]
        assert found(Not(Reaches((to_person,), Always()))) == [14, 15]
        letters = _finder(workspace, "letters")
        steps = (Link("event_ref", events, "id"), to_person)
        assert letters(Reaches(steps, OneOf("email", ("ada@example.org",)))) == [21]
        assert letters(Reaches(steps, KeyIn(((2,),)))) == [22]
        assert letters(Reaches((), OneOf("sender", ("x",)))) == []

    def test_a_link_leads_only_to_rows_of_its_dataset(self, workspace: Workspace) -> None:
        _fill_linked(workspace)
        active = workspace.dataset("people", rows={"status": ("1",)})
        found = _finder(workspace, "events")
        assert found(Reaches((Link("person_id", active, "id"),), Always())) == [11, 12]

    def test_a_link_by_address_may_ignore_case(self, workspace: Workspace) -> None:
        _fill_linked(workspace)
        people = workspace.dataset("people")
        found = _finder(workspace, "letters")
        exact, folded = (Link("sender", people, "email", fold) for fold in (False, True))
        assert found(Reaches((exact,), Always())) == []
        assert found(Reaches((folded,), OneOf("status", ("1",)))) == [22]

    def test_a_table_may_link_to_itself(self, workspace: Workspace) -> None:
        workspace.fill("events", [event(1, kind=2), event(2, person_id=1), event(3, person_id=2)])
        calls = workspace.dataset("events", rows={"kind": ("2",)})
        found = _finder(workspace, "events")
        assert found(Reaches((Link("person_id", calls, "id"),), Always())) == [2]

    # Reading

    def test_a_scan_gives_every_row_once_in_order(self, workspace: Workspace) -> None:
        workspace.fill("people", [{"id": n, "status": n % 2} for n in range(1, 24)])
        adapter, dataset = workspace.adapter(), workspace.dataset("people")
        for size in (1, 7, 23, 24, 100):
            batches = list(adapter.scan(dataset, Always(), ("id",), batch=size))
            ids = [record.values["id"] for batch in batches for record in batch]
            assert ids == list(range(1, 24))
            assert all(0 < len(batch) <= size for batch in batches)
        assert _finder(workspace, "people")(OneOf("status", ("0",))) == list(range(2, 24, 2))

    def test_the_key_of_a_record_finds_it_again(self, workspace: Workspace) -> None:
        workspace.fill("events", [event(n, name="same") for n in range(1, 6)])
        adapter, dataset = workspace.adapter(), workspace.dataset("events")
        records = list(_records(adapter, dataset, Always(), ("id",)))
        assert len({record.key for record in records}) == 5
        for record in records:
            (again,) = _records(adapter, dataset, KeyIn((record.key,)), ("id",))
            assert again == record

    def test_scanning_keeps_memory_flat(self, workspace: Workspace) -> None:
        rows = ({"id": n, "email": f"{n}-{'x' * 200}"} for n in range(1, 6001))
        workspace.fill("people", rows)
        adapter, dataset = workspace.adapter(), workspace.dataset("people")
        some = KeyIn(tuple((n,) for n in range(1, 601))) if self.has_columns else None
        small = _peak(adapter, dataset, some or OneOf("id", tuple(range(1, 601))))
        assert _peak(adapter, dataset, Always()) < 3 * small

    def test_distinct_values_ignore_which_rows_the_dataset_takes(
        self, workspace: Workspace
    ) -> None:
        workspace.fill("events", [event(n, kind=n % 3, extra={"k": n % 2}) for n in range(1, 10)])
        adapter = workspace.adapter()
        calls = workspace.dataset("events", rows={"kind": ("2",)})
        assert sorted(adapter.distinct(calls, "kind", 10)) == ["0", "1", "2"]
        assert sorted(adapter.distinct(calls, "extra.k", 10)) == ["0", "1"]
        assert len(adapter.distinct(calls, "kind", 2)) == 2

    def test_shapes_show_every_place_and_its_fields(self, workspace: Workspace) -> None:
        workspace.fill("events", [event(1, kind=2)])
        workspace.fill("odd", [{"id": 1, ODD: "x", ODDER: "y"}])
        shapes = {shape.name: shape for shape in workspace.adapter().shapes()}
        events = workspace.dataset("events")
        shape = shapes[events.table or events.files or ""]
        assert {"id", "kind", "at_seconds"} <= {column.name for column in shape.columns}
        odd = workspace.dataset("odd")
        names = {column.name for column in shapes[odd.table or odd.files or ""].columns}
        assert names == {"id", ODD, ODDER}

    # Changing

    def test_deleting_removes_exactly_the_rows_meant(self, workspace: Workspace) -> None:
        workspace.fill("events", [event(n, T0 + n * timedelta(days=1)) for n in range(1, 8)])
        workspace.fill("people", [{"id": n} for n in range(1, 8)])
        old = Edit(Before(seconds(), T0 + timedelta(days=4)))
        assert _apply_all(workspace, "events", [old]) == [3]
        assert _ids(workspace, "events") == [4, 5, 6, 7]
        assert len(_ids(workspace, "people")) == 7
        assert _apply_all(workspace, "events", [old]) == [0]

    def test_a_batch_is_bounded_and_says_whether_rows_may_remain(
        self, workspace: Workspace
    ) -> None:
        workspace.fill("people", [{"id": n, "status": n % 2} for n in range(1, 21)])
        adapter, dataset = workspace.adapter(), workspace.dataset("people")
        edits = [Edit(OneOf("status", ("1",)))]
        first = adapter.apply(dataset, edits, limit=4)
        if self.exact_limits:
            assert first == Applied((4,), more=True)
            assert len(_ids(workspace, "people")) == 16
        assert sum(first.rows) + _apply_all(workspace, "people", edits, limit=4)[0] == 10
        assert _ids(workspace, "people") == list(range(2, 21, 2))

    def test_all_edits_of_a_call_share_its_limit(self, workspace: Workspace) -> None:
        workspace.fill("people", [{"id": n, "status": n % 2, "email": "e"} for n in range(1, 11)])
        edits = [
            Edit(OneOf("status", ("1",))),
            Edit(OneOf("status", ("0",)), {"email": Change("set")}),
        ]
        assert _apply_all(workspace, "people", edits, limit=3) == [5, 5]
        assert [row.get("email") for row in workspace.stored("people")] == [None] * 5

    def test_the_rows_of_another_dataset_in_the_same_table_are_never_touched(
        self, workspace: Workspace
    ) -> None:
        workspace.fill("events", [event(n, kind=n % 3, ip="10.1.2.3") for n in range(1, 10)])
        kept = [row for row in workspace.stored("events") if row["kind"] != 2]
        said: dict[str, Any] = {"rows": {"kind": ("2", "7")}}
        assert workspace.adapter().count(workspace.dataset("events", **said), Always()) == 3
        for edit in (Edit(Always(), {"ip": Change("set")}), Edit(Not(AnyOf(()))), Edit(Always())):
            _apply_all(workspace, "events", [edit], **said)
        assert workspace.stored("events") == kept

    def test_changes_are_made_once(self, workspace: Workspace) -> None:
        rows = [event(1, kind=5, ip="203.0.113.77", born="1990-07-14"), event(2, None, kind=6)]
        workspace.fill("events", rows)
        for field, change, expected in (
            ("name", Change("set", ""), ["", ""]),
            ("born", Change("year"), ["1990", None]),
            ("ip", Change("truncate ip"), ["203.0.113.0", None]),
            ("kind", Change("set", "7"), [7, 7]),
            ("ip", Change("set"), [None, None]),
        ):
            before = [row.get(field) for row in workspace.stored("events")]
            edits = [Edit(Always(), {field: change})]
            changed = sum(a != b for a, b in zip(before, expected, strict=True))
            found = _finder(workspace, "events")
            if change.how != "set":
                assert len(found(Untreated(field, change.how))) == changed, field
            assert _apply_all(workspace, "events", edits) == [changed], field
            assert [row.get(field) for row in workspace.stored("events")] == expected
            assert _apply_all(workspace, "events", edits) == [0], field
            if change.how != "set":
                assert found(Untreated(field, change.how)) == [], field

    def test_addresses_are_truncated_to_their_network(self, workspace: Workspace) -> None:
        given = {
            "203.0.113.77": "203.0.113.0",
            "203.0.113.0": "203.0.113.0",
            "2001:db8:85a3:8d3:1319:8a2e:370:7348": "2001:db8:85a3::",
            "2001:db8:85a3::": "2001:db8:85a3::",
            "2001:db8:85a3:1::": "2001:db8:85a3::",
            "2001:0db8:85a3:0000:0000:0000:0000:0000": "2001:db8:85a3::",
            "not an address .0": None,
            "": None,
        }
        workspace.fill("events", [event(n, ip=ip) for n, ip in enumerate(given)])
        edits = [Edit(Always(), {"ip": Change("truncate ip")})]
        changed = [n for n, (before, after) in enumerate(given.items()) if before != after]
        assert _finder(workspace, "events")(Untreated("ip", "truncate ip")) == changed
        assert _apply_all(workspace, "events", edits) == [len(changed)]
        assert [row.get("ip") for row in workspace.stored("events")] == list(given.values())
        assert _apply_all(workspace, "events", edits) == [0]

    def test_a_hash_hides_the_value_keeps_equality_and_is_made_once(
        self, workspace: Workspace
    ) -> None:
        workspace.fill("events", [event(n, name=name) for n, name in enumerate("aab")])
        adapter, dataset = workspace.adapter(), workspace.dataset("events")
        edits = [Edit(Always(), {"name": Change("hash")})]
        assert _finder(workspace, "events")(Untreated("name", "hash")) == [0, 1, 2]
        adapter.apply(dataset, edits, limit=100)
        first, second, third = (row["name"] for row in workspace.stored("events"))
        assert first == second != third
        assert first.startswith("hash:")
        assert len(first) >= 13
        assert adapter.apply(dataset, edits, limit=100).rows == (0,)
        assert _finder(workspace, "events")(Untreated("name", "hash")) == []

    def test_values_in_json_are_erased_in_place(self, workspace: Workspace) -> None:
        texts = ['{"ip": "10.1.2.3", "ua": "x", "n": 5}', '{"n": 6}', '{"ip": "10.1', None]
        rows = [{"id": n, "name": "", "detail": text} for n, text in enumerate(texts)]
        workspace.fill("events", rows)
        edits = [
            Edit(Always(), {"detail.ip": Change("truncate ip"), "detail.ua": Change("set", "")})
        ]
        assert _apply_all(workspace, "events", edits) == [1]
        assert _details(workspace) == [
            {"ip": "10.1.2.0", "ua": "", "n": 5},
            {"n": 6},
            texts[2],
            None,
        ]
        assert _apply_all(workspace, "events", edits) == [0]
        gone = [Edit(Always(), {"detail.ip": Change("set"), "detail.ua": Change("set")})]
        assert _apply_all(workspace, "events", gone) == [1]
        assert _details(workspace) == [{"n": 5}, {"n": 6}, texts[2], None]
        assert _apply_all(workspace, "events", gone) == [0]

    # What nobody expects

    def test_names_and_values_of_any_letters_are_only_names_and_values(
        self, workspace: Workspace
    ) -> None:
        hostile = ["x'; DROP TABLE odd; --", '"quoted"', "100%", "a\\b", "%(x)s :y ?", "Ünï🙂"]
        workspace.fill("odd", [{"id": n, ODD: v, ODDER: v} for n, v in enumerate(hostile)])
        adapter, dataset = workspace.adapter(), workspace.dataset("odd")
        for number, value in enumerate(hostile):
            for name in (ODD, ODDER):
                (record,) = _records(adapter, dataset, OneOf(name, (value,)), (name, "id"))
                assert record.values == {name: value, "id": number}
        assert adapter.count(dataset, OneOf(ODD, ("a\x00b", "\ud800", "absent"))) == 0
        edits = [Edit(OneOf(ODD, (hostile[0],)), {ODDER: Change("set", hostile[4])})]
        assert _apply_all(workspace, "odd", edits) == [1]
        assert workspace.stored("odd")[0][ODDER] == hostile[4]
        assert set(adapter.distinct(dataset, ODD, 99)) == set(hostile)

    def test_a_name_that_does_not_exist_is_refused_with_the_nearest(
        self, workspace: Workspace
    ) -> None:
        if not self.has_columns:
            return
        workspace.fill("people", [{"id": 1}])
        adapter, dataset = workspace.adapter(), workspace.dataset("people")
        for use in (
            lambda: adapter.count(dataset, OneOf("emial", ("x",))),
            lambda: list(adapter.scan(dataset, Always(), ["emial"])),
            lambda: adapter.apply(dataset, [Edit(Always(), {"emial": Change("set")})], limit=1),
        ):
            problem = _refusal(use)
            assert "`emial`" in str(problem)
            assert "did you mean `email`?" in str(problem)
            assert [finding.code for finding in problem.findings] == ["UNKNOWN_COLUMN"]

    def test_grants_are_statements_and_finishing_says_what_is_left(
        self, workspace: Workspace
    ) -> None:
        workspace.fill("people", [{"id": 1}])
        adapter, dataset = workspace.adapter(), workspace.dataset("people")
        assert all(isinstance(line, str) for line in adapter.grants(dataset, "upheld"))
        assert adapter.finish() == ()
        adapter.close()


def _refusal(use: Any) -> PolicyError:
    try:
        use()
    except PolicyError as problem:
        return problem
    raise AssertionError("it was not refused")


def _finder(workspace: Workspace, place: str, zone: Zone = utc) -> Any:
    """The ids of the rows for which a condition holds; `count` must agree."""
    adapter, dataset = workspace.adapter(zone), workspace.dataset(place)

    def found(condition: Condition) -> list[int]:
        ids = [r.values["id"] for r in _records(adapter, dataset, condition, ("id",))]
        assert adapter.count(dataset, condition) == len(ids)
        return ids

    return found


def _records(
    adapter: DataAdapter, dataset: Dataset, where: Condition, fields: Sequence[str]
) -> Iterable[Record]:
    for batch in adapter.scan(dataset, where, fields, batch=5):
        yield from batch


def _apply_all(
    workspace: Workspace, place: str, edits: Sequence[Edit], *, limit: int = 1000, **said: Any
) -> list[int]:
    adapter, dataset = workspace.adapter(), workspace.dataset(place, **said)
    totals = [0] * len(edits)
    for _ in range(100):
        applied = adapter.apply(dataset, edits, limit=limit)
        totals = [a + b for a, b in zip(totals, applied.rows, strict=True)]
        if not applied.more:
            return totals
    raise AssertionError("the batches never end")


def _ids(workspace: Workspace, place: str) -> list[int]:
    return [row["id"] for row in workspace.stored(place)]


def _details(workspace: Workspace) -> list[Any]:
    found = []
    for row in workspace.stored("events"):
        text = row.get("detail")
        try:
            found.append(json.loads(text) if isinstance(text, str) else text)
        except ValueError:
            found.append(text)
    return found


def _peak(adapter: DataAdapter, dataset: Dataset, where: Condition) -> int:
    for _ in adapter.scan(dataset, where, ("id", "email"), batch=100):
        pass  # once for what is only built once
    tracemalloc.start()
    for _ in adapter.scan(dataset, where, ("id", "email"), batch=100):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def _fill_linked(workspace: Workspace) -> None:
    workspace.fill(
        "people",
        [
            {"id": 1, "email": "ada@example.org", "status": 1},
            {"id": 2, "email": "bea@example.org", "status": 1},
            {"id": 3, "email": "cid@example.org", "status": 3},
        ],
    )
    events = [event(11, person_id=1), event(12, person_id=2), event(13, person_id=3)]
    workspace.fill("events", [*events, event(14, person_id=99), event(15)])
    workspace.fill(
        "letters",
        [
            {"id": 21, "event_ref": "11", "sender": None},
            {"id": 22, "event_ref": "12", "sender": "BEA@example.org"},
            {"id": 23, "event_ref": "14", "sender": "nobody@example.org"},
            {"id": 24, "event_ref": None},
        ],
    )
