"""The fixtures give real, separate, working components."""

import smtplib
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from playwright.sync_api import Page
from sqlalchemy import create_engine, inspect, text

from engine.store.database import Database
from engine.store.schema import full_metadata
from tests.support.clock import START, FrozenClock
from tests.support.mail import Mailbox
from tests.support.postgres import PostgresServer


@pytest.mark.postgres
def test_the_postgres_server_answers_queries(postgres: PostgresServer) -> None:
    with postgres.database() as url:
        engine = create_engine(url)
        with engine.connect() as conn:
            assert conn.scalar(text("SELECT version()")).startswith("PostgreSQL ")
            assert conn.scalar(text("SHOW timezone")) == "UTC"
        engine.dispose()


def test_a_database_has_every_table(database: Database, dialect: str) -> None:
    assert database.dialect == dialect
    with database.read() as conn:
        assert set(inspect(conn).get_table_names()) == set(full_metadata().tables)


@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_never_sees_what_another_left(database: Database, turn: int) -> None:
    with database.begin() as conn:
        assert not inspect(conn).has_table("left_behind")
        conn.execute(text("CREATE TABLE left_behind (turn INTEGER)"))


def test_the_platform_database_is_empty_and_another(database: Database, platform_url: str) -> None:
    platform = create_engine(platform_url)
    assert platform.dialect.name == database.dialect
    assert inspect(platform).get_table_names() == []
    assert platform.url != database.url
    platform.dispose()


def test_the_mail_server_keeps_what_it_is_sent(smtp: Mailbox) -> None:
    message = EmailMessage()
    message["To"], message["Subject"] = "mei@example.org", "您的验证码"
    message.set_content("123456")
    with smtplib.SMTP(smtp.host, smtp.port) as client:
        client.send_message(message, from_addr="portal@example.org")
    assert [m["Subject"] for m in smtp.wait_for(1)] == ["您的验证码"]
    assert [m.get_content().strip() for m in smtp.to("mei@example.org")] == ["123456"]
    assert smtp.to("other@example.org") == []


@pytest.mark.browser
def test_the_browser_opens_a_page(page: Page) -> None:
    page.goto("data:text/html,<title>Upheld</title><h1>It works</h1>")
    assert page.title() == "Upheld"
    assert page.locator("h1").inner_text() == "It works"


def test_the_clock_moves_only_when_told(clock: FrozenClock) -> None:
    assert clock.now() == START == clock.now()
    assert clock.advance(timedelta(days=30)) == clock.now() == START + timedelta(days=30)
    clock.set(datetime(2027, 1, 1, tzinfo=UTC))
    assert clock.now() == datetime(2027, 1, 1, tzinfo=UTC)
