"""Durations as texts write them: `90 days`, `thirty (30) days`, `one month`, `90 天`, `三十日`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.policy.durations import Duration, Unit

# fmt: off
_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
# fmt: on
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90}
_ONES = {word: count for count, word in enumerate(_WORDS)}
_UNITS = {"hour": Unit.HOURS, "day": Unit.DAYS, "week": Unit.WEEKS, "month": Unit.MONTHS}
_UNITS |= {"year": Unit.YEARS}
_ENGLISH = re.compile(
    rf"\b(?:(?P<ten>{'|'.join(_TENS)})[\s-]*)?(?:(?P<one>{'|'.join(reversed(_WORDS))})\s*)?"
    r"(?:\(?(?P<digits>[0-9]{1,4})\)?)?[\s-]*"
    rf"(?:calendar\s+)?(?P<unit>{'|'.join(_UNITS)})s?\b",
    re.IGNORECASE,
)
# Until the 28th birthday is 28 years from birth.
_BIRTHDAY = re.compile(r"\b([0-9]{1,3})(?:st|nd|rd|th)\s+birthday\b", re.IGNORECASE)

_DIGITS = {digit: count for count, digit in enumerate("〇一二三四五六七八九")} | {"两": 2, "零": 0}
_CHINESE_UNITS = {
    "小时": Unit.HOURS,
    "天": Unit.DAYS,
    "日内": Unit.DAYS,
    "日": Unit.DAYS,
    "周": Unit.WEEKS,
    "星期": Unit.WEEKS,
    "个月": Unit.MONTHS,
    "年": Unit.YEARS,
}
# A date (2026 年 4 月 3 日) is not a duration.
_CHINESE_DATE = re.compile(r"[0-9]{4}\s*年\s*[0-9]{1,2}\s*月(\s*[0-9]{1,2}\s*日)?")
_CHINESE = re.compile(
    rf"(?P<count>[0-9]{{1,4}}|[{''.join(_DIGITS)}十百]+)\s*(?P<unit>{'|'.join(_CHINESE_UNITS)})"
)


Written = tuple[Duration, str]
"""A duration, and the words that name it."""


def written_in(words: str) -> tuple[Written, ...]:
    """Every duration that words name, each with the words that it is written in.

    Working days are left out, as they are no fixed length.
    """
    return (*_english(words), *_chinese(words))


def _english(words: str) -> Iterator[Written]:
    for hit in _ENGLISH.finditer(words):
        count = int(hit["digits"]) if hit["digits"] else _number(hit["ten"], hit["one"])
        if count is not None:
            yield Duration(count, _UNITS[hit["unit"].lower()]), hit[0].strip()
    for hit in _BIRTHDAY.finditer(words):
        yield Duration(int(hit[1]), Unit.YEARS), hit[0]


def _number(ten: str | None, one: str | None) -> int | None:
    if ten is None and one is None:
        return None
    return _TENS.get((ten or "").lower(), 0) + _ONES.get((one or "").lower(), 0)


def _chinese(words: str) -> Iterator[Written]:
    for hit in _CHINESE.finditer(_CHINESE_DATE.sub(" ", words)):
        count = int(hit["count"]) if hit["count"].isascii() else _numeral(hit["count"])
        yield Duration(count, _CHINESE_UNITS[hit["unit"]]), hit[0]


def _numeral(text: str) -> int:
    """A Chinese numeral below 1,000: 三十 is 30, 一百八十 is 180."""
    hundreds, found, rest = text.rpartition("百")
    total = 100 * (_DIGITS.get(hundreds, 1)) if found else 0
    tens, found, ones = rest.rpartition("十")
    total += 10 * (_DIGITS.get(tens.strip("零〇"), 1)) if found else 0
    return total + _DIGITS.get(ones.lstrip("零〇"), 0)
