from datetime import UTC, datetime

import pytest

from engine.audit.canonical import canonical, plain_facts
from engine.errors import InvalidInput

NOW = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"b": 1, "a": [True, None, 1.0, 1e30, 0.002]}, '{"a":[true,null,1,1e+30,0.002],"b":1}'),
        ({"\u20ac": 1, "\r": 2, "1": 3}, '{"\\r":2,"1":3,"\u20ac":1}'),
        ("\u20ac$\x0f\nA'B\"\\/", '"\u20ac$\\u000f\\nA\'B\\"\\\\/"'),
    ],
)
def test_the_canonical_form_is_that_of_rfc_8785(value, expected):
    assert canonical(value).decode() == expected


@pytest.mark.parametrize(
    "facts",
    [
        {"to": "anna@example.com"},
        {"deep": [{"er": "write to anna.b+c@mail.example.co.uk now"}]},
        {"anna@example.com": 1},
        {"url": "/u?mail=anna%40example.com"},
        {"wide": "anna\uff20example.com"},
        {"idn": "用户@例子.广告"},
    ],
)
def test_anything_like_an_email_address_is_refused_without_repeating_it(facts):
    with pytest.raises(InvalidInput) as caught:
        plain_facts(facts)
    assert "looks like an e-mail address" in str(caught.value)
    assert "example.com" not in str(caught.value)


@pytest.mark.parametrize(
    "facts",
    [
        {"clause": "1.2.c"},
        {"at": "02:00"},
        {"rate": "5 @ 3.5"},
        {"host": "worker@node"},
        {"@": "."},
    ],
)
def test_ordinary_facts_are_no_email_addresses(facts):
    assert plain_facts(facts) == facts


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"at": NOW}, "`facts.at` is a datetime"),
        ({"ids": {1, 2}}, "`facts.ids` is a set"),
        ({"raw": [b"x"]}, r"`facts.raw\[0\]` is a bytes"),
        ({1: 2}, "key that is not text"),
        ({"n": float("nan")}, "canonical JSON"),
        ({"n": 2**60}, "canonical JSON"),
        ({"s": "\ud800"}, "canonical JSON"),
    ],
)
def test_facts_that_are_no_plain_json_are_refused(facts, message):
    with pytest.raises(InvalidInput, match=message):
        canonical(plain_facts(facts))


def test_facts_nested_without_end_are_refused():
    facts: dict[str, object] = {}
    facts["again"] = facts
    with pytest.raises(InvalidInput, match="nested more than"):
        canonical(plain_facts(facts))
