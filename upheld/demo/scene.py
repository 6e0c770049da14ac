"""What the demonstration starts with besides the platform: people who agreed, chose, and asked."""

from __future__ import annotations

import secrets

from engine.ports import OneOf
from upheld.bootstrap import House
from upheld.demo.people import DEMO_EMAIL

OFFICER = "officer"
PEOPLE = 40
_CHOICES = ("improve-with-my-usage", "personal-recommendations", "suggestions")


def add_officer(house: House) -> str:
    """Add the demonstration's officer; returns the password, which is new in every run."""
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    house.access.officers.add(OFFICER, password)
    return password


def let_people_agree(house: House, version: str) -> None:
    """Some people agree to the first version; every third turns some choices on."""
    spec = house.datamap.datasets["users"]
    active = OneOf("status", ("1",))
    found: list[str] = []
    for batch in house.adapters[spec.store].scan(spec, active, ["id"], batch=PEOPLE):
        found = [str(record.values["id"]) for record in batch]
        break
    demo = house.directory.find(DEMO_EMAIL)
    for number, person in enumerate(dict.fromkeys([*([demo] if demo else []), *found])):
        answers = dict.fromkeys(_CHOICES, number % 3 == 0) if number % 2 == 0 else {}
        house.consent.agree(person, version, answers, source="portal")
