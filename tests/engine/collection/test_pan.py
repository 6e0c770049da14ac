"""Card numbers are found and masked; ids, times and amounts are left alone."""

import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from engine.collection.pan import brand_of, find, luhn, masked, masked_value, paths_in

# The schemes' published test numbers: none is anybody's card.
CARDS = [
    ("4111111111111111", "visa"),
    ("4222222222222", "visa"),
    ("5555555555554444", "mastercard"),
    ("2223003122003222", "mastercard"),
    ("378282246310005", "american express"),
    ("30569309025904", "diners club"),
    ("6011111111111117", "discover"),
    ("3530111333300000", "jcb"),
    ("6200000000000005", "unionpay"),
    ("6205500000000000004", "unionpay"),
    ("2200770212727079", "mir"),
]


@pytest.mark.parametrize(("number", "brand"), CARDS)
def test_a_card_number_is_known_by_prefix_length_and_check_digit(number, brand):
    assert brand_of(number) == brand
    assert [card.brand for card in find(f"paid with {number}, thanks")] == [brand]


@pytest.mark.parametrize(("number", "brand"), CARDS)
def test_one_wrong_digit_is_no_card_number(number, brand):
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert not luhn(wrong)
    assert masked(wrong) == wrong


@pytest.mark.parametrize(
    "written",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111\u00a01111\u00a01111\u00a01111",
        "３７８２ ８２２４６３ １０００５",
        "3782-822463-10005",
        '"4111111111111111"',
        "card:4111111111111111.",
        "(5555555555554444)",
        "https://x.test/pay?card=4111111111111111&cvc=1",
    ],
)
def test_every_way_of_writing_it_is_found(written):
    assert "[card number ending" in masked(f"x {written} y")
    assert len(list(find(f"x {written} y"))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "0.4111111111111111",
        "a4111111111111111",
        "4111111111111111b",
        "order-4111111111111111-7",
        "4111 1111-1111 1111",
        "0000000000000000",
        "8a7e4111-1111-1111-1111-111111111111",
    ],
)
def test_numbers_within_something_else_are_left_alone(text):
    assert masked(text) == text


def test_only_the_last_four_digits_remain():
    assert masked("4111 1111 1111 1111 and 378282246310005") == (
        "[card number ending 1111] and [card number ending 0005]"
    )


def test_values_are_masked_at_every_depth_and_the_paths_told():
    value = {"a": [{"b": "4111111111111111"}], "n": 4111111111111111, "ok": 42, "t": True}
    assert masked_value(value) == {
        "a": [{"b": "[card number ending 1111]"}],
        "n": "[card number ending 1111]",
        "ok": 42,
        "t": True,
    }
    assert list(paths_in(value)) == ["a[0].b", "n"]
    assert list(paths_in({"4111111111111111": 1})) == ["a key"]


def test_ten_thousand_ids_and_times_are_hardly_ever_taken_for_cards():
    """UUIDs, hexadecimal ids and times: never. Bare 16-digit ids: a chance hit, in under 4 of 100."""
    chance = random.Random(7)
    start = datetime(2020, 1, 1, tzinfo=UTC)
    moments = [start + timedelta(seconds=chance.random() * 3e8) for _ in range(2000)]
    never = [
        *(str(uuid.UUID(int=chance.getrandbits(128))) for _ in range(2000)),
        *(f"{chance.getrandbits(64):016x}" for _ in range(2000)),
        *(m.isoformat() for m in moments),
        *(str(int(m.timestamp() * 1000)) for m in moments),
        *(str(int(m.timestamp() * 1_000_000)) for m in moments),
        *(m.strftime("%Y%m%d%H%M%S") for m in moments),
        *(str((int(m.timestamp() * 1000) << 22) | chance.getrandbits(22)) for m in moments),
    ]
    hits = [text for text in never if masked(text) != text]
    # A hexadecimal id of decimal digits only is rare, and one that is a card number rarer still.
    assert hits == []
    ids = [f"{chance.randrange(10**16):016}" for _ in range(10_000)]
    assert sum(masked(text) != text for text in ids) < 400
