"""Announcing a new version: who is told, in which words, and the sending."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection

from engine.audit import ledger
from engine.consent import notices
from engine.consent.notices import Delivery, Notice
from engine.datamap.directory import everybody
from engine.datamap.map import DataMap
from engine.errors import NotFound, UpheldError
from engine.policy.diff import diff
from engine.policy.diff.model import Consequence, Diff
from engine.policy.policy import Policy
from engine.policy.versions import Versions
from engine.ports import Addresses, Clock, DataAdapter, Notifier
from engine.store.database import Database

TELLS = frozenset(
    {Consequence.NOTICE, Consequence.RECONFIRM, Consequence.RE_CONSENT, Consequence.BLOCKED}
)


class Announcements:
    """Queues a notice for everybody whom a change concerns, and sends what is queued."""

    def __init__(
        self,
        database: Database,
        versions: Callable[[], Versions],
        datamap: DataMap,
        adapters: Mapping[str, DataAdapter],
        addresses: Addresses,
        notifier: Notifier,
        clock: Clock,
        *,
        base_url: str,
    ) -> None:
        self._database = database
        self._versions = versions
        self._datamap = datamap
        self._adapters = adapters
        self._addresses = addresses
        self._notifier = notifier
        self._clock = clock
        self._base_url = base_url
        self._messages: dict[str, tuple[str, str]] = {}

    def find(self, change: Diff | None) -> None:
        """Find everybody who will have to be told of a change, or raise what the store says.

        Asked before a version is published: afterwards it would be too late to find out.
        """
        if change is not None and change.consequence in TELLS:
            for _ in everybody(self._datamap, self._adapters):
                pass

    def announce(self, version: str) -> int:
        """Queue the notices of a version; returns how many (none if its changes need no telling)."""
        policy = self._versions().get(version)
        change = self._change(policy)
        if change is None or change.consequence not in TELLS:
            return 0
        now = self._clock.now()
        total = 0
        for people in everybody(self._datamap, self._adapters):
            with self._database.begin() as conn:
                total += notices.queue(conn, version, people, now)
        with self._database.begin() as conn:
            told = {"version": version, "people": total}
            ledger.append(conn, "policy.announced", told, now=now)
        return total

    def send(self, limit: int = 1000) -> int:
        """Send queued notices; returns how many were handed over. Failures are kept and tried again."""
        sent = 0
        for batch in notices.batches(self._claim, limit):
            results = [(notice, self._deliver(notice)) for notice in batch]
            with self._database.begin() as conn:
                sent += self._mark(conn, results)
        return sent

    def _claim(self, most: int) -> Sequence[Notice]:
        with self._database.begin() as conn:
            return notices.claim(conn, most, self._clock.now())

    def _mark(self, conn: Connection, results: Sequence[tuple[Notice, Delivery]]) -> int:
        for notice, state in results:
            notices.mark(conn, notice, state, self._clock.now())
        return sum(state is Delivery.SENT for _, state in results)

    def _deliver(self, notice: Notice) -> Delivery:
        try:
            addresses = self._addresses.addresses(notice.subject_id)
            if not addresses:
                return Delivery.FAILED
            self._notifier.send(addresses[0], *self._message(notice.version))
        except UpheldError:
            return Delivery.FAILED
        return Delivery.SENT

    def _message(self, version: str) -> tuple[str, str]:
        """Subject and body of a version's notice: made once, for a published version never changes."""
        if version not in self._messages:
            policy = self._versions().get(version)
            change = self._change(policy)
            if change is None:
                raise NotFound(f"version `{version}` has no version before it to compare with")
            self._messages[version] = (_subject(policy), _body(policy, change, self._base_url))
        return self._messages[version]

    def _change(self, policy: Policy) -> Diff | None:
        chain = self._versions().up_to(policy)
        return diff(chain[-2], policy) if len(chain) > 1 else None


def _subject(policy: Policy) -> str:
    return f"Our privacy policy changes on {policy.effective:%-d %B %Y} / 隐私政策更新"


def _body(policy: Policy, change: Diff, base_url: str) -> str:
    told = [c for c in change.changes if c.consequence in TELLS]
    lines = "\n".join(f"- {c.sentence} ({', '.join(c.clauses)})" for c in told)
    link = f"{base_url}/policy/{policy.version}"
    return (
        f"Our privacy policy changes on {policy.effective:%-d %B %Y}. What changes:\n\n{lines}\n\n"
        "You will be asked about it when you next log in. Nothing that is new is done with your data "
        f"before you have agreed.\n\nThe whole policy: {link}\nYour choices: {base_url}/you/choices\n\n"
        f"隐私政策将于 {policy.effective:%Y-%m-%d} 更新。您下次登录时，我们会请您确认；"
        f"在您同意之前，新增的处理不会进行。\n全文：{link}\n"
    )
