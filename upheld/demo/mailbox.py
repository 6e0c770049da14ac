"""The demo's mailbox: the mail that the portal sent, read from a Maildir folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
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


def messages(folder: Path) -> list[Mail]:
    """Every message in the Maildir at `folder`, the newest first; none where there is no mailbox.

    The date of a message counts in whole seconds; within one the order of delivery decides.
    """
    if not (folder / "new").is_dir():
        return []
    box = Maildir(folder, create=False)
    found = sorted(_dated(box, folder), key=lambda pair: pair[:2], reverse=True)
    return [mail for _, _, mail in found]


def _dated(box: Maildir, folder: Path) -> Iterator[tuple[datetime, int, Mail]]:
    for key in box.keys():  # noqa: SIM118 (a mailbox iterates over its messages, not its keys)
        try:
            raw = box.get_bytes(key)
            delivered = _path(folder, key).stat().st_mtime_ns
        except (KeyError, FileNotFoundError):
            continue  # taken away since the keys were listed
        mail = _read(raw, delivered)
        yield mail.at, delivered, mail


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
