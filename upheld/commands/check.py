"""`upheld check`: is this installation sound?"""

from __future__ import annotations

import click

from upheld.output import format_option


@click.command()
@format_option()
def command(form: str) -> int:
    """Look at settings, stores, keys, schema, policy, ledger and clock. Exit 1 if something is wrong."""
    import os

    from upheld.checking import check
    from upheld.output import show_rows

    found = check(os.environ)
    marks = {True: "● fine", False: "✕ wrong", None: "◐ look"}
    show_rows(form, ["what", "state", "says"], [[c.what, marks[c.fine], c.says] for c in found])
    return 1 if any(one.fine is False for one in found) else 0
