"""Is an installation sound? Each part is looked at by itself, so that one fault does not hide another."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from engine.audit import ledger
from engine.errors import UpheldError
from engine.ports import Always
from engine.store import migrate
from upheld.bootstrap import House, open_house

_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of one part: fine, wrong, or (None) something to look at."""

    what: str
    fine: bool | None
    says: str


def check(environ: Mapping[str, str]) -> list[Checked]:
    """Look at every part of the installation that the environment describes."""
    with open_house(environ) as house:
        return [one for name, look in _PARTS for one in _looked(name, look, house)]


def _looked(
    name: str, look: Callable[[House], Iterator[Checked]], house: House
) -> Iterator[Checked]:
    try:
        yield from look(house)
    except UpheldError as problem:
        yield Checked(name, False, str(problem))


def _settings(house: House) -> Iterator[Checked]:
    s = house.settings
    yield Checked("settings", True, f"read; people reach this at {s.base_url}")
    if s.mail == "none":
        yield Checked("mail", None, "no mail is configured, so nobody can log in; set UPHELD_MAIL")
    else:
        yield Checked("mail", True, f"sent by {s.mail}")
    for what, path in (("erasure list", s.erasure_list), ("checkpoints", s.checkpoints)):
        if path is None:
            says = f"kept beside the database only; set UPHELD_{what.upper().replace(' ', '_')} elsewhere"
            yield Checked(what, None, says)
        else:
            yield Checked(what, True, f"kept at {path} too")


def _database(house: House) -> Iterator[Checked]:
    database = house.database
    yield Checked("database", True, f"{database.dialect}, revision {migrate.current(database)}")


def _keys(house: House) -> Iterator[Checked]:
    _ = house.keyring, house.secret
    loose = [path.name for path in _files(house.settings.state) if _readable_by_others(path)]
    if loose:
        yield Checked("keys", False, f"others may read {', '.join(loose)}; chmod 600 them")
    else:
        yield Checked("keys", True, f"in {house.settings.state}, readable by their owner alone")


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.key"))


def _readable_by_others(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _policy(house: House) -> Iterator[Checked]:
    policy = house.policy()
    yield Checked(
        "policy", True, f"{policy.name} {policy.version} is in force since {policy.effective}"
    )
    for coming in house.versions().announced(house.clock.now()):
        yield Checked("policy", True, f"{coming.version} comes into force on {coming.effective}")


def _stores(house: House) -> Iterator[Checked]:
    for name, spec in house.datamap.datasets.items():
        if spec.backup_of:
            continue
        try:
            rows = house.adapters[spec.store].count(spec, Always())
        except UpheldError as problem:
            yield Checked(f"dataset {name}", False, str(problem))
        else:
            yield Checked(f"dataset {name}", True, f"{rows:,} rows in the store `{spec.store}`")


def _ledger(house: House) -> Iterator[Checked]:
    house.check_ledger()
    with house.database.read() as conn:
        size = ledger.head(conn).size
    yield Checked("ledger", True, f"{size:,} entries; not shorter than any checkpoint kept outside")


def _clock(house: House) -> Iterator[Checked]:
    now = house.clock.now()
    with house.database.read() as conn:
        newest = [entry.at for entry in ledger.entries(conn, max(0, ledger.head(conn).size - 1), 1)]
    if newest and newest[0] > now + _SKEW:
        says = f"the ledger's newest entry is of {newest[0]}, but the clock says {now}"
        yield Checked("clock", False, says)
    else:
        yield Checked("clock", True, f"{now:%Y-%m-%d %H:%M:%S} UTC")


_PARTS: tuple[tuple[str, Callable[[House], Iterator[Checked]]], ...] = (
    ("settings", _settings),
    ("database", _database),
    ("keys", _keys),
    ("policy", _policy),
    ("stores", _stores),
    ("ledger", _ledger),
    ("clock", _clock),
)
