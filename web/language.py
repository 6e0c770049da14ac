"""The language of a visit, and dates, durations and numbers as people write them in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from flask import Flask, Response, g, request
from flask_babel import Babel

from engine.retention.calendar import last_day

LANGUAGES: Mapping[str, str] = {"en": "English", "zh-Hans": "简体中文"}
"""By BCP 47 tag, each under its own name."""

COOKIE = "language"
PARAMETER = "language"
TRANSLATIONS = Path(__file__).with_name("translations")

_LOCALES = {"en": Locale("en", "GB"), "zh-Hans": Locale("zh", script="Hans")}
_MOMENTS = {"en": "d MMMM y, HH:mm zzzz", "zh-Hans": "y年M月d日 HH:mm（zzzz）"}
_DAYS = {"en": "EEEE, d MMMM y", "zh-Hans": "y年M月d日（EEEE）"}


def speak(app: Flask, *, https: bool) -> None:
    """Fit the app with languages: the address says which, else a cookie, else the browser."""
    Babel(
        app,
        default_locale="en",
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=lambda: str(_LOCALES[language()]) if language() != "en" else "en",
    )

    @app.after_request
    def remember(response: Response) -> Response:
        chosen = request.args.get(PARAMETER, "")
        if chosen in LANGUAGES and request.cookies.get(COOKIE) != chosen:
            response.set_cookie(COOKIE, chosen, secure=https, httponly=True, samesite="Lax")
        return response


def language() -> str:
    """The tag of the language of this request."""
    if "language" not in g:
        g.language = _chosen()
    return str(g.language)


def _chosen() -> str:
    for asked in (request.args.get(PARAMETER), request.cookies.get(COOKIE)):
        if asked in LANGUAGES:
            return str(asked)
    return _accepted()


def _accepted() -> str:
    """The first language of the browser that we speak; any Chinese is read as Simplified."""
    for tag in request.accept_languages.values():
        if tag.lower().startswith("zh"):
            return "zh-Hans"
        if tag.lower().startswith("en"):
            return "en"
    return "en"


def say_moment(moment: datetime, zone: ZoneInfo) -> str:
    """`15 June 2026, 20:00 China Standard Time`."""
    tag = language()
    return format_datetime(moment, _MOMENTS[tag], tzinfo=zone, locale=_LOCALES[tag])


def say_day(day: date | datetime, zone: ZoneInfo) -> str:
    """`Monday, 15 June 2026`; a moment's local day."""
    tag = language()
    local = day.astimezone(zone).date() if isinstance(day, datetime) else day
    return format_date(local, _DAYS[tag], locale=_LOCALES[tag])


def say_last_day(end: datetime, zone: ZoneInfo) -> str:
    """The last day that lies before a moment: what ends at midnight, ends with the day before."""
    return say_day(last_day(end, zone), zone)


def say_number(number: float) -> str:
    """`1,204,332`."""
    return format_decimal(number, locale=_LOCALES[language()])


def say_seconds(seconds: float | str) -> str:
    """`40 seconds`, `3 minutes`: a wait, as one would say it."""
    length = timedelta(seconds=float(seconds or 60))
    return format_timedelta(length, threshold=1.5, locale=_LOCALES[language()])
