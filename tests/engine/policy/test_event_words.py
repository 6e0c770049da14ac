"""No person reads a bare id of an event."""

import pytest

from engine.policy.durations import INDEFINITELY, Anchor, Duration
from engine.policy.event_words import KNOWN, anchor_words, event_words, keeping_words


@pytest.mark.parametrize("event", KNOWN)
def test_the_words_of_a_known_event_hold_no_id(event):
    assert "." not in event_words(event)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("record.created", "it was recorded"),
        ("account.cancelled", "the account was cancelled"),
        ("patient.last_stay", "`patient.last_stay`"),
        ("end of the year of record.created", "the end of the year in which it was recorded"),
        ("end of the month of patient.last_stay", "the end of the month of `patient.last_stay`"),
    ],
)
def test_what_is_counted_from_reads_as_a_sentence_goes_on(text, words):
    assert anchor_words(Anchor.parse(text)) == words


def test_a_keeping_says_how_long_and_after_what():
    days = Duration.parse("90 days")
    assert keeping_words(days, Anchor("record.created")) == "90 days after it was recorded"
    assert keeping_words(INDEFINITELY, None) == "indefinitely"
