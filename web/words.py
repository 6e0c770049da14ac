"""What the policy's values are called on a page, in the language of the visit."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from flask_babel import ngettext

from engine.policy.durations import INDEFINITELY, LAW, Anchor, Duration, PeriodEnd, Unit
from engine.policy.event_words import event_words
from engine.policy.models import RetentionRule


def say_sentence(text: str) -> str:
    """A message of ours as a sentence for the page: a capital, typographic quotes, a full stop.

    Messages are written for every place where they may stand, so lowercase and without a full stop.
    """
    quoted = _QUOTED.sub("“\\1”", text.strip())
    return quoted[:1].upper() + quoted[1:] + ("" if quoted.endswith(_ENDS) else ".")


_ENDS = (".", "?", "!", ".”", "?”", "!”")
_QUOTED = re.compile(r"`([^`]*)`")


def say_duration(duration: Duration) -> str:
    """`90 days`."""
    count = duration.count
    match duration.unit:
        case Unit.HOURS:
            said = ngettext("%(num)d hour", "%(num)d hours", count)
        case Unit.DAYS:
            said = ngettext("%(num)d day", "%(num)d days", count)
        case Unit.WEEKS:
            said = ngettext("%(num)d week", "%(num)d weeks", count)
        case Unit.MONTHS:
            said = ngettext("%(num)d month", "%(num)d months", count)
        case Unit.YEARS:
            said = ngettext("%(num)d year", "%(num)d years", count)
    return str(said)


def say_keeping(rule: RetentionRule) -> str:
    """A retention rule in a sentence: what happens, and when."""
    if rule.keep is INDEFINITELY:
        return str(_("Kept without a limit."))
    if rule.keep is LAW or not isinstance(rule.keep, Duration):
        return str(_("%(action)s when the law no longer asks us to keep it.", action=_action(rule)))
    if rule.after is None:
        return str(
            _("%(action)s after %(time)s.", action=_action(rule), time=say_duration(rule.keep))
        )
    return str(
        _(
            "%(action)s %(time)s after %(event)s.",
            action=_action(rule),
            time=say_duration(rule.keep),
            event=_event(rule.after),
        )
    )


def _action(rule: RetentionRule) -> str:
    said = {
        "delete": _("Deleted"),
        "anonymise": _("Made anonymous"),
        "restrict": _("Locked away, for the law alone,"),
    }
    return str(said.get(rule.then or "delete"))


def _event(anchor: Anchor) -> str:
    known = {
        "record.created": _("it was recorded"),
        "account.cancelled": _("you cancel your account"),
        "account.created": _("the account was opened"),
    }
    event = str(known.get(anchor.event) or _QUOTED.sub("“\\1”", event_words(anchor.event)))
    match anchor.period_end:
        case PeriodEnd.MONTH:
            return str(_("the end of the month in which %(event)s", event=event))
        case PeriodEnd.YEAR:
            return str(_("the end of the year in which %(event)s", event=event))
        case PeriodEnd.FISCAL_YEAR:
            return str(_("the end of the financial year in which %(event)s", event=event))
    return event
