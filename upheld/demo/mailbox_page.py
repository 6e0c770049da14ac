"""The demonstration's mailbox: the mail that Upheld sent, on a page, since nobody receives it."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, render_template

from upheld.demo.mailbox import messages

NEWEST = 30


def mailbox_page(folder: Path) -> Blueprint:
    """The page at /demo/mailbox. Only the demonstration has it: it shows everybody's mail to anybody."""
    page = Blueprint("demo", __name__, template_folder="templates")

    @page.get("/demo/mailbox")
    def mailbox() -> str:
        return render_template("demo/mailbox.html", mails=messages(folder, NEWEST))

    return page
