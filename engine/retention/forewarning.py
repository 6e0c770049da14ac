"""Whom to tell that their data goes soon, and the sending of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from engine.audit import ledger
from engine.consent.notices import Delivery, batches
from engine.errors import InvalidInput, UpheldError
from engine.policy.models import RetentionRule
from engine.policy.policy import Policy
from engine.ports import Addresses, Clock, Notifier
from engine.retention import notice
from engine.retention.calendar import expires_at
from engine.retention.chronicle import Chronicle
from engine.retention.compiling import Compiler
from engine.retention.due import Setting, categories_in, field_due
from engine.retention.expressions import NO_ROW, Expression, either
from engine.retention.linking import fields_of
from engine.retention.notice import DeletionNotice
from engine.retention.terms import notice_term
from engine.store.database import Database

LEAD = timedelta(days=2)
"""How much earlier than promised people are told: a day for the daily look, a day for the mail."""

Outcome = Literal["sent", "no address", "failed"]
"""Whoever has no address, or none that mail can go to, counts as told: a promised deletion does not wait for
what cannot be. While sending fails, it does."""


def people_to_tell(
    setting: Setting, rule: RetentionRule, compiler: Compiler, chronicle: Chronicle
) -> frozenset[str]:
    """Everybody with data that goes by this rule within its notice, and `LEAD`."""
    if rule.notice is None:
        return frozenset()
    end = setting.days.expires_at(notice_term(rule.notice), setting.now) + LEAD
    alone = replace(setting.policy, retention=(rule,))
    soon = replace(setting, policy=alone, by=end, earlier=())
    return frozenset(
        subject
        for dataset in setting.datamap.datasets
        for subject in _people(soon, dataset, compiler, chronicle)
    )


def _people(
    setting: Setting, dataset: str, compiler: Compiler, chronicle: Chronicle
) -> Iterator[str]:
    spec = setting.datamap.datasets[dataset]
    due = _due(setting, dataset)
    if due == NO_ROW or spec.personal == "none":
        return
    rows = compiler.condition(dataset, due)
    for batch in compiler.adapters[spec.store].scan(spec, rows, fields_of(spec)):
        for story in chronicle.stories(dataset, batch, ()):
            yield from (person.subject for person in story.people if person.subject)


def _due(setting: Setting, dataset: str) -> Expression:
    leaves = categories_in(setting, dataset)
    return either(*(field_due(setting, dataset, leaf, "anonymise") for leaf in leaves))


class DeletionNotices:
    """Tells people before their data goes. `policy` gives the version in force."""

    def __init__(
        self,
        database: Database,
        policy: Callable[[], Policy],
        addresses: Addresses,
        notifier: Notifier,
        clock: Clock,
        *,
        base_url: str,
    ) -> None:
        self._database = database
        self._policy = policy
        self._addresses = addresses
        self._notifier = notifier
        self._clock = clock
        self._base_url = base_url

    def send(self, limit: int = 1000) -> int:
        """Send queued notices; returns how many were handed over. Failures are kept and tried again."""
        each = batches(self._claim, limit)
        return sum(self._settle(one, self._deliver(one)) for batch in each for one in batch)

    def _claim(self, most: int) -> Sequence[DeletionNotice]:
        with self._database.begin() as conn:
            return notice.claim(conn, most, self._clock.now())

    def _settle(self, one: DeletionNotice, outcome: Outcome) -> bool:
        now = self._clock.now()
        state = Delivery.SENT if outcome == "sent" else Delivery.FAILED
        with self._database.begin() as conn:
            notice.mark(conn, one, state, now, told=outcome != "failed")
            if outcome != "failed":
                facts = {"rule": one.rule, "outcome": outcome}
                ledger.append(conn, "deletion.told", facts, now=now, subject=one.subject_id)
        return outcome == "sent"

    def _deliver(self, one: DeletionNotice) -> Outcome:
        try:
            policy = self._policy()
            rule = next((r for r in policy.retention if r.id == one.rule and r.notice), None)
            if rule is None:
                return "failed"
            addresses = self._addresses.addresses(one.subject_id)
            text = letter(policy, rule, self._clock.now(), self._base_url)
            return "sent" if self._reach(addresses, *text) else "no address"
        except UpheldError:
            return "failed"

    def _reach(self, addresses: Sequence[str], subject: str, body: str) -> bool:
        """Send to the first address that is one; whether there was any."""
        for address in addresses:
            try:
                self._notifier.send(address, subject, body)
            except InvalidInput as error:
                if error.field != "to":
                    raise
            else:
                return True
        return False


def letter(policy: Policy, rule: RetentionRule, now: datetime, base_url: str) -> tuple[str, str]:
    """Subject and body: what goes, not before when, which clause says so, and where to act before."""
    if rule.notice is None:
        raise ValueError(f"the rule `{rule.id}` promises no notice")
    zone = policy.header.zone
    term = notice_term(rule.notice)
    end = expires_at(term.keep, term.after, now, zone, policy.header.fiscal_year_ends)
    day = end.astimezone(zone).date()
    data = ", ".join(policy.categories[leaf].means for leaf in policy.data_leaves(rule.data))
    goes = "made anonymous" if rule.then == "anonymise" else "deleted"
    clauses = ", ".join(rule.clause)
    subject = f"Some of your data will be {goes} after {day:%-d %B %Y} / 数据删除提醒"
    body = (
        f"On or soon after {day:%-d %B %Y} this data about you will be {goes}: {data}.\n\n"
        f"Our privacy policy says so ({clauses}): {base_url}/policy\n"
        f"To have a copy first, or to ask about it: {base_url}/you\n\n"
        f"根据我们的隐私政策（{clauses}），上述数据将于 {day:%Y-%m-%d} 之后被删除或匿名化。"
        f"如需副本，请访问：{base_url}/you\n"
    )
    return subject, body
