"""The demo's mailbox shows what was sent, the newest first."""

from datetime import UTC, datetime, timedelta
from mailbox import Maildir

import pytest

from adapters.notify import MaildirNotifier
from upheld.demo.mailbox import messages

TO = "demo@example.com"


def test_no_folder_is_an_empty_mailbox(tmp_path):
    assert messages(tmp_path / "none") == []


def test_an_empty_folder_is_an_empty_mailbox(tmp_path):
    assert messages(tmp_path) == []


def test_a_message_is_read_as_it_was_sent(tmp_path):
    body = "Grüße,\n\nyour code is 123 456, or open https://example.org/v?t=a-b_c.\n(http://example.org/help)\n"
    MaildirNotifier(tmp_path / "mail").send(TO, "Your code: 验证码", body)
    [mail] = messages(tmp_path / "mail")
    assert (mail.to, mail.subject, mail.text) == (TO, "Your code: 验证码", body)
    assert mail.links == ("https://example.org/v?t=a-b_c", "http://example.org/help")
    assert abs(datetime.now(UTC) - mail.at) < timedelta(minutes=5)
    assert mail.at.tzinfo is UTC


def test_a_long_link_stays_whole(tmp_path):
    link = "https://example.org/verify?token=" + "a1" * 200
    MaildirNotifier(tmp_path / "mail").send(TO, "Hello", f"Open\n{link}\n")
    assert messages(tmp_path / "mail")[0].links == (link,)


def test_the_newest_is_first_even_within_a_second(tmp_path):
    for number in range(5):
        MaildirNotifier(tmp_path / "mail").send(TO, str(number), "x")
    assert [mail.subject for mail in messages(tmp_path / "mail")] == ["4", "3", "2", "1", "0"]


def test_a_message_that_another_program_has_marked_as_read_is_still_there(tmp_path):
    MaildirNotifier(tmp_path / "mail").send(TO, "Hello", "x")
    [new] = (tmp_path / "mail" / "new").iterdir()
    new.rename(tmp_path / "mail" / "cur" / f"{new.name}:2,S")
    assert [mail.subject for mail in messages(tmp_path / "mail")] == ["Hello"]


@pytest.mark.parametrize("raw", [b"", b"no header at all", b"Date: never\n\nx", b"\xff\xfe\x00"])
def test_a_broken_message_does_not_hide_the_others(tmp_path, raw):
    MaildirNotifier(tmp_path / "mail").send(TO, "Hello", "x")
    Maildir(tmp_path / "mail").add(raw)
    assert "Hello" in [mail.subject for mail in messages(tmp_path / "mail")]


def test_only_as_many_as_asked_for_are_read_the_newest_ones(tmp_path):
    for number in range(5):
        MaildirNotifier(tmp_path / "mail").send(TO, str(number), "x")
    assert [mail.subject for mail in messages(tmp_path / "mail", 2)] == ["4", "3"]
