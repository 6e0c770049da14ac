"""A whole site on real parts: a platform with two people, the published policy, Upheld's own database.

`site`    the app with a client, the clock, the mail server, and how to log somebody in
`served`  the same behind a real HTTP server, for a browser; its `.url`
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from adapters.notify import SmtpNotifier
from adapters.registry import open_adapters
from adapters.tls import probe
from engine.access.service import Access
from engine.audit.erasure_list import ErasureList
from engine.audit.keys import Keyring
from engine.consent.guardianship import GuardianService
from engine.consent.service import ConsentService
from engine.datamap.directory import PlatformDirectory
from engine.datamap.load import read_datamap
from engine.decisions.log import Scribe
from engine.policy.current import CurrentVersions
from engine.policy.load import digest_of
from engine.policy.versions import PolicyFolder, Publication
from engine.promises import store
from engine.promises.promise import Promise, State
from engine.promises.service import PromiseService
from engine.retention.restricted import RestrictedData
from engine.rights.certificate import Signer
from engine.rights.parts import Parts, Settings
from engine.rights.service import RightsService
from engine.store.database import Database
from tests.support.clock import FrozenClock
from tests.support.mail import Mailbox
from web.app import create_app
from web.services import Services, WebConfig

ROOT = Path(__file__).parents[2]
SECRET = b"a secret that only the tests know"
BASE_URL = "http://127.0.0.1:8080"
ANNA, BO = "anna@example.com", "bo@example.com"

PARTS = ("web.portal",)
"""The console and the API are tested on their own."""

DATAMAP = """
stores:
  platform: {adapter: sql, url: "${PLATFORM}"}
datasets:
  people:
    store: platform
    table: people
    key: id
    row: account
    person: customer
    identities: {user_id: id, email: email}
    facts:
      account: {field: status}
      region: {field: country}
    times: {record.created: {field: opened_at}}
    fields:
      email: account.email
      username: account.username
      status: account.settings
      country: account.settings
"""


@dataclass
class Site:
    """The app and everything around it."""

    app: Flask
    services: Services
    clock: FrozenClock
    mailbox: Mailbox
    folder: PolicyFolder
    restrictions: RestrictedData
    base_url: str = BASE_URL

    def client(self) -> "Client":
        """A browser of its own, without cookies."""
        return Client(self)

    def find(self, clause: str, state: State, sentence: str, *evidence: str) -> None:
        """Have a check find this of a clause, and leave the others as they were found."""
        policy = self.services.versions().in_force(self.clock.now())
        assert policy is not None
        found = Promise(clause, state, sentence, {}, evidence, self.clock.now())
        with self.services.database.begin() as conn:
            others = store.load(conn, policy.version)
            store.save(conn, policy.version, list({**others, clause: found}.values()))

    def publish(self, version: str) -> None:
        """Publish a version; the pages see it at the next request."""
        self.folder.publish(version, by="an officer", now=self.clock.now())


class Client:
    """A client that reads forms like a person: it takes the CSRF token from the page it is on."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._client: FlaskClient = site.app.test_client()

    def get(self, path: str, **more: Any) -> TestResponse:
        return self._client.get(path, base_url=more.pop("base_url", self.site.base_url), **more)

    def post(self, path: str, data: Mapping[str, str] = {}, **more: Any) -> TestResponse:
        """Send a form with the token that its page would hold."""
        token = csrf_token(self.get("/login"))
        return self.raw_post(path, {"csrf_token": token, **data}, **more)

    def raw_post(self, path: str, data: Mapping[str, str], **more: Any) -> TestResponse:
        """Send exactly this."""
        return self._client.post(path, data=data, base_url=self.site.base_url, **more)

    def cookie(self, name: str = "session") -> str | None:
        found = self._client.get_cookie(name, domain="127.0.0.1")
        return found.value if found else None

    def set_cookie(self, value: str, name: str = "session") -> None:
        self._client.set_cookie(name, value, domain="127.0.0.1")

    def ask_for_code(self, address: str, path: str = "/login") -> tuple[str, str]:
        """Ask for a code; returns where to enter it, and the code from the mail."""
        before = len(self.site.mailbox.messages)
        answer = self.post(path, {"email": address})
        body = self.site.mailbox.wait_for(before + 1)[-1].get_content()
        found = re.search(r"(\d{3}) (\d{3})", body)
        assert found is not None
        return answer.location.partition("?")[0], found[1] + found[2]

    def log_in(self, address: str) -> TestResponse:
        """Log in by the mailed code."""
        where, code = self.ask_for_code(address)
        return self.post(where, {"code": code})

    def prove(self) -> TestResponse:
        """Enter a fresh code."""
        where, code = self.ask_for_code("", "/you/prove")
        return self.post(where, {"code": code})


def csrf_token(page: TestResponse) -> str:
    """The token in a page's form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]


@pytest.fixture
def site(
    tmp_path: Path, sqlite_template: Path, clock: FrozenClock, smtp: Mailbox
) -> Iterator[Site]:
    """The site at 2026-06-15T12:00Z, with the first version of the policy in force."""
    built = build_site(tmp_path, sqlite_template, clock, smtp)
    yield built
    built.services.database.dispose()


def build_site(
    folder: Path,
    template: Path,
    clock: FrozenClock,
    mailbox: Mailbox,
    base_url: str = BASE_URL,
) -> Site:
    """Build a site in a folder."""
    platform = f"sqlite:///{folder / 'platform.db'}"
    _people(platform)
    (folder / "datamap.yaml").write_text(DATAMAP)
    datamap = read_datamap(folder / "datamap.yaml", {"PLATFORM": platform})
    adapters = open_adapters(datamap)
    directory = PlatformDirectory(datamap, adapters)
    policies = _published(folder, clock)
    database = Database(f"sqlite:///{shutil.copyfile(template, folder / 'upheld.db')}")

    versions = CurrentVersions(policies, every=0)
    restrictions = RestrictedData(database, lambda: versions().policies, datamap, adapters, clock)
    consent = ConsentService(
        database, versions, directory, clock, base_url=base_url, restrictions=restrictions
    )
    notifier = SmtpNotifier(mailbox.host, mailbox.port, starttls=False)
    parts = Parts(
        database=database,
        versions=versions,
        datamap=datamap,
        adapters=adapters,
        consent=consent,
        notifier=notifier,
        clock=clock,
        erasures=ErasureList(SECRET, folder / "erased.list"),
        signer=Signer(Keyring(b"l" * 32, b"e" * 32), "portal.example/upheld"),
        settings=Settings(base_url, state=folder),
        scribe=Scribe(SECRET),
    )
    services = Services(
        config=WebConfig(base_url, SECRET),
        database=database,
        clock=clock,
        access=Access(database, clock, SECRET),
        versions=versions,
        consent=consent,
        guardians=GuardianService(database, consent, clock),
        directory=directory,
        notifier=notifier,
        rights=RightsService(parts, SECRET),
        promises=PromiseService(database, versions, datamap, adapters, clock, probe=probe),
    )
    return Site(
        create_app(services, PARTS), services, clock, mailbox, policies, restrictions, base_url
    )


def _people(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as conn:
        conn.execute(
            text(
                "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, username TEXT, status TEXT,"
                " country TEXT, opened_at TIMESTAMP)"
            )
        )
        insert = text("INSERT INTO people VALUES (:id, :email, :name, 'active', 'DE', :at)")
        for number, email in ((1, ANNA), (2, BO)):
            name = f"<b>{email.partition('@')[0]}</b>"
            at = datetime(2026, 5, 1, tzinfo=UTC).isoformat(" ")
            conn.execute(insert, {"id": number, "email": email, "name": name, "at": at})
    engine.dispose()


def _published(folder: Path, clock: FrozenClock) -> PolicyFolder:
    own = folder / "policies" / "aicodewith"
    ignored = shutil.ignore_patterns("published.yaml", "tests")
    shutil.copytree(ROOT / "policies" / "aicodewith", own, ignore=ignored)
    version = "2026-04-03"
    publication = Publication(digest=digest_of(own / version), at=clock.now(), by="an officer")
    published = {version: publication.model_dump(mode="json")}
    (own / "published.yaml").write_text(yaml.safe_dump(published))
    return PolicyFolder(own)


@dataclass
class Served:
    """A site behind a real HTTP server."""

    site: Site
    url: str


@pytest.fixture
def served(
    tmp_path: Path, sqlite_template: Path, clock: FrozenClock, smtp: Mailbox
) -> Iterator[Served]:
    """The site on a free loopback port."""
    server = make_server("127.0.0.1", 0, Flask("not yet"), threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    site = build_site(tmp_path, sqlite_template, clock, smtp, url)
    server.app = site.app
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Served(site, url)
    server.shutdown()
    thread.join()
    server.server_close()
    site.services.database.dispose()
