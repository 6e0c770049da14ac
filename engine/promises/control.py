"""Do the controls stand: probed connections, and attestations that are still in date? Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.policy.models import Control
from engine.promises.promise import State, Verdict
from engine.promises.words import moment

SOON = timedelta(days=30)
CERTIFICATE_SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """One handshake with an address. `refused` says why the other side cannot be trusted, `unreachable` why
    nobody could be asked; both empty when it succeeded."""

    address: str
    protocol: str = ""
    expires: datetime | None = None
    refused: str = ""
    unreachable: str = ""


Probe = Callable[[str], TlsFacts]
"""Shakes hands with an address. Never raises: what goes wrong is in the facts."""


def judge(control: Control, probes: Sequence[TlsFacts], now: datetime, today: date) -> Verdict:
    """A check is kept by a handshake that succeeds; an attestation until its last day.

    What cannot be reached is never said to be kept.
    """
    if control.check is None:
        return _attested(control, today)
    about = f"control {control.id}"
    figures = {
        p.address: {"protocol": p.protocol or None, "expires": p.expires.isoformat() if p.expires else None}
        for p in probes
    }  # fmt: skip
    for state, lines in (
        (State.BROKEN, [f"`{p.address}` is not safe: {p.refused}" for p in probes if p.refused]),
        (State.AT_RISK, _doubts(probes, now)),
    ):
        if lines:
            return Verdict(about, state, "; ".join(lines), figures, tuple(lines))
    fine = "; ".join(f"`{p.address}` answers by {p.protocol}" for p in probes)
    return Verdict(about, State.KEPT, f"{fine}, checked {moment(now)}", figures)


def _doubts(probes: Sequence[TlsFacts], now: datetime) -> list[str]:
    found = [
        f"`{p.address}` could not be checked: {p.unreachable}" for p in probes if p.unreachable
    ]
    return found + [
        f"the certificate of `{p.address}` ends {moment(p.expires)}"
        for p in probes
        if p.expires and p.expires - now < CERTIFICATE_SOON
    ]


def _attested(control: Control, today: date) -> Verdict:
    about = f"control {control.id}"
    until = control.until or today
    figures = {"attested_by": control.attested_by, "until": until.isoformat()}
    what = f"`{control.id}` attested by {control.attested_by}"
    if today > until:
        line = f"{what}: the attestation ended on {until}"
        return Verdict(about, State.BROKEN, line, figures, (line,))
    if until - today < SOON:
        line = f"{what}: the attestation ends on {until}"
        return Verdict(about, State.AT_RISK, line, figures, (line,))
    return Verdict(about, State.KEPT, f"{what} until {until}: {control.evidence}", figures)
