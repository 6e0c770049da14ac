"""The only wiring: from settings to everything that runs. Nothing else builds a service.

A `House` builds each part when it is first asked for, so that a command opens only what it needs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from adapters import tls
from adapters.notify import MaildirNotifier, SmtpNotifier
from adapters.registry import open_adapters
from engine.access.service import Access
from engine.audit import external, keys
from engine.audit import service as audit
from engine.audit.erasure_list import ErasureList
from engine.audit.keyfiles import load_or_create_secret
from engine.audit.keys import Keyring
from engine.audit.notary import Notary
from engine.consent.announcing import Announcements
from engine.consent.facts import ConsentFacts
from engine.consent.guardianship import GuardianService
from engine.consent.reaching import GuardedDirectory
from engine.consent.service import ConsentService
from engine.consent.store import agreed_to, who_chose
from engine.datamap.directory import PlatformDirectory
from engine.datamap.load import check_against, read_datamap
from engine.datamap.map import DataMap
from engine.decisions.current import CurrentTable
from engine.decisions.log import DecisionLog, Scribe, Shipper, Spool
from engine.decisions.service import DecisionService
from engine.enforcement.quick import QuickFacts
from engine.enforcement.service import Enforcement
from engine.errors import PolicyError, Unavailable
from engine.policy.current import CurrentVersions
from engine.policy.policy import Policy
from engine.policy.versions import PolicyFolder
from engine.ports import Clock, DataAdapter, Notifier
from engine.promises.disclosures import Disclosures
from engine.promises.reports import Reports
from engine.promises.service import PromiseService
from engine.retention.forewarning import DeletionNotices
from engine.retention.own import foreign_only, own_datamap, own_retention
from engine.retention.purge import Settings as PurgeSettings
from engine.retention.restricted import RestrictedData
from engine.retention.restricted_records import RestrictedRecords
from engine.retention.service import RetentionService
from engine.rights.certificate import Signer
from engine.rights.parts import Parts
from engine.rights.parts import Settings as RightsSettings
from engine.rights.service import RightsService
from engine.store import migrate
from engine.store.database import Database
from upheld.demo.mailbox_page import mailbox_page
from upheld.places import datamap_path, policy_folder
from upheld.settings import Settings, read_settings
from web.api.quick import DecisionPath
from web.app import create_app
from web.services import Services, WebConfig

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ORIGIN_FILE = "ledger.origin"
ERASURE_FILE = "erased.list"
SESSION_KEY_FILE = "session.key"
SPOOL_FOLDER = "decisions"
UTC_ZONE = ZoneInfo("UTC")


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)


class NoMail:
    """The notifier where no mail is configured: it says so instead of losing a message."""

    def send(self, to: str, subject: str, body: str) -> None:
        """Refuse."""
        raise Unavailable("no mail is configured; set UPHELD_MAIL to smtp or maildir")


class House:
    """Everything that runs, wired. Close it when done."""

    def __init__(
        self, settings: Settings, environ: Mapping[str, str], clock: Clock | None = None
    ) -> None:
        self.settings = settings
        self.environ = environ
        self.clock: Clock = clock or SystemClock()

    def close(self) -> None:
        """Release every connection that was opened."""
        for opened in ("adapters", "own_adapters"):
            for adapter in self.__dict__.get(opened, {}).values():
                adapter.close()
        if "enforcement" in self.__dict__:
            self.enforcement.close()
        if "database" in self.__dict__:
            self.database.dispose()

    @cached_property
    def database(self) -> Database:
        """Upheld's own database, at the schema that this version expects."""
        database = Database(self.settings.database_url.get_secret_value())
        if database.dialect == "sqlite" or migrate.current(database) is None:
            # Without another service to coordinate with, or in an empty database, upgrading is safe.
            migrate.upgrade(database)
        if not migrate.is_current(database):
            database.dispose()
            raise Unavailable(
                "the database is not at this version's schema; run `upheld db upgrade`"
            )
        return database

    @cached_property
    def secret(self) -> bytes:
        """What sessions, codes and API keys are keyed with."""
        return load_or_create_secret(
            self.settings.state, SESSION_KEY_FILE, self.environ, "UPHELD_SECRET"
        )

    @cached_property
    def keyring(self) -> Keyring:
        """The ledger's signing key and the erasure list's key."""
        return keys.load_or_create(self.settings.state, self.environ)

    @cached_property
    def origin(self) -> str:
        """The ledger's name in checkpoints. Once used it stays, even when people reach it elsewhere."""
        if self.settings.ledger_origin:
            return self.settings.ledger_origin
        path = self.settings.state / ORIGIN_FILE
        with suppress(FileExistsError):
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(f"{urlsplit(self.settings.base_url).netloc}/upheld\n")
        return path.read_text(encoding="utf-8").strip()

    @cached_property
    def folder(self) -> PolicyFolder:
        """The policy that applies, on disk."""
        return policy_folder(self.settings)

    @cached_property
    def versions(self) -> CurrentVersions:
        """The published versions as they are now."""
        hours = self.settings.policy_patience
        return CurrentVersions(self.folder, patience=3600.0 * hours if hours else None)

    def policy(self) -> Policy:
        """The version in force; Unavailable if none is published and effective."""
        policy = self.versions().in_force(self.clock.now())
        if policy is None:
            raise Unavailable(
                f"no version of `{self.folder.name}` is in force; publish one with "
                f"`upheld publish {self.folder.names()[-1]}`"
            )
        return policy

    @cached_property
    def table(self) -> CurrentTable:
        """Called, it gives the compiled table of the version in force, or None if no version is."""
        return CurrentTable(self.versions, self.clock)

    @cached_property
    def datamap(self) -> DataMap:
        """Where personal data lies, checked against the newest published version."""
        datamap = read_datamap(datamap_path(self.settings), self.environ)
        published = self.versions().policies
        findings = [*foreign_only(datamap, self.settings.database_url.get_secret_value())]
        findings += check_against(datamap, published[-1]) if published else []
        if findings:
            raise PolicyError(f"{findings[0].where}: {findings[0].message}", findings)
        return datamap

    @cached_property
    def adapters(self) -> Mapping[str, DataAdapter]:
        """The stores of the data map, opened."""
        return open_adapters(self.datamap, self.clock, self._zone)

    def _zone(self) -> ZoneInfo:
        """The time zone in which dates are days: that of the version in force, or else of the newest."""
        versions = self.versions()
        policy = versions.in_force(self.clock.now()) or next(iter(versions.policies[::-1]), None)
        return UTC_ZONE if policy is None else policy.header.zone

    @cached_property
    def own_adapters(self) -> Mapping[str, DataAdapter]:
        """Upheld's own database, opened as a store whose personal data goes like any other."""
        return open_adapters(own_datamap(self.database), self.clock)

    @cached_property
    def own_retention(self) -> RetentionService:
        """What is due of what Upheld itself holds of people, under a policy of its own."""
        return own_retention(self.database, self.own_adapters, self.clock)

    @cached_property
    def platform(self) -> PlatformDirectory:
        """What the platform says of people."""
        return PlatformDirectory(self.datamap, self.adapters)

    @cached_property
    def directory(self) -> GuardedDirectory:
        """Who is who on the platform, and how each is reached."""
        return GuardedDirectory(self.datamap, self.adapters, self.consent.answering)

    @cached_property
    def access(self) -> Access:
        """Sessions, codes, limits, officers and API keys."""
        return Access(self.database, self.clock, self.secret)

    @cached_property
    def notifier(self) -> Notifier:
        """How people are told."""
        s = self.settings
        if s.mail == "maildir":
            return MaildirNotifier(s.maildir, sender=s.mail_from)
        if s.mail == "smtp":
            return SmtpNotifier(
                s.smtp_host,
                s.smtp_port,
                s.smtp_user or None,
                s.smtp_password.get_secret_value() or None,
                starttls=s.smtp_starttls,
                sender=s.mail_from,
            )
        return NoMail()

    @cached_property
    def consent(self) -> ConsentService:
        """Who agreed to what."""
        return ConsentService(
            self.database,
            self.versions,
            self.platform,
            self.clock,
            base_url=self.settings.base_url,
            restrictions=RestrictedData(
                self.database, self._chain, self.datamap, self.adapters, self.clock
            ),
        )

    def _chain(self) -> Sequence[Policy]:
        """The published versions up to the one in force."""
        return self.versions().up_to(self.policy())

    @cached_property
    def guardians(self) -> GuardianService:
        """Who may answer in whose place."""
        return GuardianService(self.database, self.consent, self.clock)

    @cached_property
    def announcements(self) -> Announcements:
        """Telling people of a new version."""
        return Announcements(
            self.database,
            self.versions,
            self.datamap,
            self.adapters,
            self.directory,
            self.notifier,
            self.clock,
            base_url=self.settings.base_url,
        )

    @cached_property
    def deletion_notices(self) -> DeletionNotices:
        """Telling people before their data goes."""
        return DeletionNotices(
            self.database,
            self.policy,
            self.directory,
            self.notifier,
            self.clock,
            base_url=self.settings.base_url,
        )

    @cached_property
    def decisions(self) -> DecisionService:
        """May this be done?"""
        return DecisionService(self.database, self.table, ConsentFacts(self.consent), self.clock)

    @cached_property
    def decision_log(self) -> DecisionLog:
        """Where this process writes its decisions down."""
        s = self.settings
        spool = Spool(
            self.spool_folder,
            limit=s.decision_log_limit * 1024 * 1024,
            when_full=s.decision_log_full,
            durable=s.decision_log == "durable",
        )
        return DecisionLog(Scribe(self.secret), spool, self.clock)

    @property
    def spool_folder(self) -> Path:
        """Where the decision logs of this machine's processes lie until they are shipped."""
        return self.settings.state / SPOOL_FOLDER

    @cached_property
    def shipper(self) -> Shipper:
        """Carries the decision logs of this machine's processes to the database."""
        return Shipper(self.spool_folder, self.database, self.clock)

    @cached_property
    def enforcement(self) -> Enforcement:
        """Answers services."""
        access = self.access
        facts = ConsentFacts(self.consent)
        quick = QuickFacts(
            self.database, access.keys, access.allowances, facts, self.table, self.clock
        )
        return Enforcement(self.decisions, quick, self.decision_log)

    @property
    def retention(self) -> RetentionService:
        """What is due under the version in force; made anew when another comes into force."""
        policy = self.policy()
        if policy.digest not in self._retention:
            self._retention.clear()
            self._retention[policy.digest] = RetentionService(
                self.database,
                policy,
                self.datamap,
                self.adapters,
                self.clock,
                PurgeSettings(batch=self.settings.purge_batch),
                earlier=lambda: [p for p in self.versions().up_to(policy) if p is not policy],
                agreed=self._who_agreed,
                chose=self._who_chose,
            )
        return self._retention[policy.digest]

    @cached_property
    def _retention(self) -> dict[str, RetentionService]:
        return {}

    def _who_agreed(self, conn: Connection, version: str) -> frozenset[str]:
        """The people who agreed to a version newer than this one."""
        names = [policy.version for policy in self.versions().policies]
        return agreed_to(conn, names[names.index(version) + 1 :])

    def _who_chose(self, conn: Connection, choices: Sequence[str], on: bool) -> frozenset[str]:
        """The people who have any of the choices on now, or who have turned off every one of them."""
        return who_chose(conn, self.policy(), choices, on=on, now=self.clock.now())

    @cached_property
    def promises(self) -> PromiseService:
        """Clause by clause: is the version in force kept?"""
        return PromiseService(
            self.database,
            self.versions,
            self.datamap,
            self.adapters,
            self.clock,
            tls.probe,
            agreed=self._who_agreed,
            chose=self._who_chose,
        )

    @cached_property
    def reports(self) -> Reports:
        """What services say that they did."""
        return Reports(self.database, self.decisions, self.clock)

    @cached_property
    def disclosures(self) -> Disclosures:
        """What services say that they gave to whom."""
        return Disclosures(self.database, self.decisions, self.versions, self.clock)

    @cached_property
    def records(self) -> RestrictedRecords:
        """What is restricted of single records."""
        return RestrictedRecords(
            self.database,
            self._chain,
            self.datamap,
            self.adapters,
            self.clock,
            self._who_agreed,
            self._who_chose,
        )

    @cached_property
    def erasure_list(self) -> ErasureList:
        """Who was erased, so that a restored backup can be cleaned again."""
        path = self.settings.erasure_list or self.settings.state / ERASURE_FILE
        return ErasureList(self.keyring.erasure_key, path)

    @property
    def checkpoint_folder(self) -> Path:
        """Where checkpoints are kept outside the database."""
        return self.settings.checkpoints or self.settings.state / "checkpoints"

    @cached_property
    def rights(self) -> RightsService:
        """Rights requests, from filing to answer."""
        parts = Parts(
            self.database,
            self.versions,
            self.datamap,
            self.adapters,
            self.consent,
            self.notifier,
            self.clock,
            self.erasure_list,
            Signer(self.keyring, self.origin),
            RightsSettings(self.settings.base_url, state=self.settings.state),
            Scribe(self.secret),
        )
        return RightsService(parts, self.secret)

    @cached_property
    def notary(self) -> Notary:
        """Checkpoints and proofs for whoever asks from outside."""
        return Notary(self.database, self.keyring, self.origin, self.clock)

    @cached_property
    def services(self) -> Services:
        """What portal, console and API are built on."""
        config = WebConfig(self.settings.base_url, self.secret, self.settings.trusted_proxies)
        return Services(
            config=config,
            database=self.database,
            clock=self.clock,
            access=self.access,
            versions=self.versions,
            consent=self.consent,
            guardians=self.guardians,
            directory=self.directory,
            notifier=self.notifier,
            rights=self.rights,
            promises=self.promises,
            retention=lambda: self.retention,
            enforcement=self.enforcement,
            datamap=lambda: self.datamap,
            audit=self.notary,
            events=self,
            reports=self.reports,
            disclosures=self.disclosures,
            records=self.records,
        )

    def web_app(self) -> WSGIApplication:
        """Everything on the web; decisions are answered in front of Flask."""
        app = create_app(self.services)
        if self.environ.get("UPHELD_DEMO") == "1" and self.settings.mail == "maildir":
            app.register_blueprint(mailbox_page(self.settings.maildir))
        return DecisionPath(app, self.services)

    def record_event(self, subject: str, event: str, at: datetime, source: str) -> None:
        """Remember an event that the platform does not store."""
        self.retention.record_event(subject, event, at, source)

    def check_ledger(self) -> None:
        """Refuse to run on a ledger that is shorter than a checkpoint kept elsewhere. LedgerBroken if so."""
        newest = external.newest(self.checkpoint_folder, self.keyring.verifiers(self.origin))
        if newest is None:
            return
        with self.database.read() as conn:
            audit.assert_not_shorter(conn, newest)

    def checkpoint(self) -> str:
        """Sign the ledger's present state and keep it outside the database too; returns the note."""
        with self.database.begin() as conn:
            note = audit.checkpoint(conn, self.keyring, self.origin, self.clock.now())
        external.save(self.checkpoint_folder, note)
        return note


@contextmanager
def open_house(
    environ: Mapping[str, str] | None = None, clock: Clock | None = None
) -> Iterator[House]:
    """A house built from the environment's settings, closed at the end."""
    told = os.environ if environ is None else environ
    house = House(read_settings(told), told, clock)
    try:
        yield house
    finally:
        house.close()


@contextmanager
def open_database(environ: Mapping[str, str] | None = None) -> Iterator[Database]:
    """Upheld's own database, as the settings name it, whatever its schema."""
    settings = read_settings(os.environ if environ is None else environ)
    database = Database(settings.database_url.get_secret_value())
    try:
        yield database
    finally:
        database.dispose()
