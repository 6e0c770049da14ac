"""The demo's mailbox: the mail that the portal sent, read from a Maildir folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from mailbox import Maildir
from pathlib import Path

_LINK = re.compile(r"https?://[^\s<>\"']+")
_AFTER_A_LINK = ".,;:!?)]}"


@dataclass(frozen=True, slots=True)
class Mail:
    """One message: when it was sent (aware, UTC), the plain text, and the links in it, in order."""

    at: datetime
    to: str
    subject: str
    text: str
    links: tuple[str, ...]


def messages(folder: Path, newest: int | None = None) -> list[Mail]:
    """The messages in the Maildir at `folder`, the newest first; none where there is no mailbox.

    The date of a message counts in whole seconds; within one the order of delivery decides. Of the
    `newest` delivered ones alone the text is read: a new version is told to everybody at once.
    """
    if not (folder / "new").is_dir():
        return []
    box = Maildir(folder, create=False)
    delivered = sorted(_delivered(box, folder), reverse=True)[:newest]
    found = sorted(_dated(box, delivered), key=lambda pair: pair[:2], reverse=True)
    return [mail for _, _, mail in found]


def _delivered(box: Maildir, folder: Path) -> Iterator[tuple[int, str]]:
    for key in box.keys():  # noqa: SIM118 (a mailbox iterates over its messages, not its keys)
        try:
            yield _path(folder, key).stat().st_mtime_ns, key
        except FileNotFoundError:
            continue  # taken away since the keys were listed


def _dated(
    box: Maildir, delivered: Iterable[tuple[int, str]]
) -> Iterator[tuple[datetime, int, Mail]]:
    for at, key in delivered:
        try:
            mail = _read(box.get_bytes(key), at)
        except (KeyError, FileNotFoundError):
            continue
        yield mail.at, at, mail


def _path(folder: Path, key: str) -> Path:
    new = folder / "new" / key
    return new if new.exists() else next((folder / "cur").glob(f"{key}:*"), new)


def _read(raw: bytes, delivered: int) -> Mail:
    message: EmailMessage = message_from_bytes(raw, policy=default)
    body = message.get_body(("plain",))
    text = str(body.get_content()) if body is not None else ""
    links = tuple(link.rstrip(_AFTER_A_LINK) for link in _LINK.findall(text))
    to, subject = (str(message.get(name, "")) for name in ("To", "Subject"))
    return Mail(_sent(message, delivered), to, subject, text, links)


def _sent(message: EmailMessage, delivered: int) -> datetime:
    try:
        return parsedate_to_datetime(str(message.get("Date", ""))).astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(delivered / 1e9, UTC)
