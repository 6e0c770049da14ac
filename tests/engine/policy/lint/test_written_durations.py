"""Durations are read from texts in English and Chinese, with the words that name them."""

from __future__ import annotations

import pytest

from engine.policy.lint.written_durations import written_in


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("kept for 90 days", "90 days"),
        ("within thirty (30) days", "30 days"),
        ("a 30-day period", "30 days"),
        ("one month, or 2 years", "1 month, 2 years"),
        ("for twenty-eight years, or twenty one days", "28 years, 21 days"),
        ("until your 28th birthday", "28 years"),
        ("for several days", ""),
        ("updated on 2026-04-03", ""),
        ("保留 90 天", "90 days"),
        ("在三十日内", "30 days"),
        ("一百八十天", "180 days"),
        ("十二个月", "12 months"),
        ("最近更新：2026 年 4 月 3 日", ""),
        ("两年", "2 years"),
    ],
)
def test_durations_are_read_from_english_and_chinese(words: str, expected: str) -> None:
    assert ", ".join(str(duration) for duration, _ in written_in(words)) == expected


@pytest.mark.parametrize("words", ["thirty (30) days", "28th birthday", "三十日内", "two years"])
def test_the_words_of_a_duration_are_kept(words: str) -> None:
    assert [written for _, written in written_in(f"At most {words}, then gone")] == [words]
