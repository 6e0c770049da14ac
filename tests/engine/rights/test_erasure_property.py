"""Whatever hangs on whom: only what was reported still leads to the person, and others lose nothing."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from adapters.notify import MaildirNotifier
from engine.datamap.directory import PlatformDirectory
from engine.rights.selection import Selection
from engine.rights.state import Status
from engine.store.database import Database
from engine.store.schema import full_metadata
from tests.engine.rights.shop import Shop, found_shop, open_shop
from tests.support.clock import FrozenClock

PEOPLE = st.integers(1, 3)
WORLD = st.fixed_dictionaries(
    {
        "orders": st.lists(PEOPLE, max_size=5),
        "invoices": st.lists(
            st.tuples(PEOPLE, st.sampled_from(("2014", "2019", "2026"))), max_size=5
        ),
        "messages": st.lists(st.tuples(PEOPLE, st.integers(0, 3)), max_size=6),
    }
)


def fill(shop: Shop, world: dict) -> None:
    for n, owner in enumerate(world["orders"], 1000):
        shop.sql(f"INSERT INTO orders VALUES ({n}, {owner}, 'n', NULL, '2026-05-01T12:00:00Z')")
        shop.sql(f"INSERT INTO visits VALUES ({n}, {n}, '10.1.1.1')", "visits")
    for n, (owner, year) in enumerate(world["invoices"], 1000):
        shop.sql(f"INSERT INTO invoices VALUES ({n}, {owner}, 5, '{year}-05-01T12:00:00Z', 'b')")
    for n, (sender, receiver) in enumerate(world["messages"], 1000):
        to = f"c{receiver}@mail.EXAMPLE" if receiver else "desk@shop.example"
        shop.sql(f"INSERT INTO messages VALUES ({n}, 'C{sender}@mail.example', '{to}', 'b')")


def rows_of(shop: Shop, person: int) -> dict[str, int]:
    parts = shop.parts
    found = PlatformDirectory(parts.datamap, parts.adapters).person(str(person))
    selection = Selection(parts.datamap, parts.adapters, found)
    specs = parts.datamap.datasets
    return {
        n: selection.adapter(n).count(specs[n], selection.rows(n)) for n in selection.datasets()
    }


@settings(
    max_examples=6, phases=[Phase.explicit, Phase.generate]
)  # shrinking makes a shop each time
@given(world=WORLD, person=PEOPLE)
def test_only_what_was_reported_still_leads_to_the_person(world, person):
    with TemporaryDirectory() as name:
        folder, clock = Path(name), FrozenClock()
        database = Database(f"sqlite:///{folder / 'upheld.db'}")
        with database.begin() as conn:
            full_metadata().create_all(conn)
        url = f"sqlite:///{folder / 'platform.db'}"
        found_shop(folder, url, 3, clock.now())
        shop = open_shop(folder, url, database, clock, MaildirNotifier(folder / "mail"))
        fill(shop, world)
        others = {other: rows_of(shop, other) for other in {1, 2, 3} - {person}}
        case = shop.rights.file(str(person), "deletion", source="portal", proved=True)
        clock.advance(timedelta(days=4))
        case = shop.rights.process(case.id)
        assert case.status is Status.COMPLETED
        reported: Counter[str] = Counter()
        for one in case.outcomes:
            if one.outcome == "restricted":
                reported[one.dataset] = max(reported[one.dataset], one.rows)
        left = {name: count for name, count in rows_of(shop, person).items() if count}
        kept = sum(year != "2014" for o, year in world["invoices"] if o == person)
        assert left.pop("customers") == 1
        assert left == {"invoices": kept + 1} == {"invoices": reported["invoices"]}
        assert {other: rows_of(shop, other) for other in others} == others
        assert f"c{person}@mail" not in shop.dump().lower()
        shop.close()
        database.dispose()
