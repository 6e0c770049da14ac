"""Writing decisions down: the scribe's lines, in one append, to this process's spool."""

from __future__ import annotations

from collections.abc import Sequence

from engine.decisions.decision import Decision
from engine.decisions.log.record import Origin, Scribe
from engine.decisions.log.spool import Spool
from engine.ports import Clock


class DecisionLog:
    """The decision log of one process."""

    def __init__(self, scribe: Scribe, spool: Spool, clock: Clock) -> None:
        self._scribe = scribe
        self._spool = spool
        self._clock = clock

    def write(self, decisions: Sequence[Decision], subject: str | None, origin: Origin) -> bool:
        """Write decisions about one person down, all or none; False if they were dropped.

        SpoolFull if there is no room and nothing may be dropped.
        """
        at = int(self._clock.now().timestamp() * 1000)
        lines = self._scribe.lines(decisions, subject, origin, at)
        return self._spool.append(lines, len(decisions))

    @property
    def waiting(self) -> int:
        """Bytes that are not known to be shipped."""
        return self._spool.waiting

    @property
    def dropped(self) -> int:
        """Decisions that were answered and not written down, because the spool was full and may drop."""
        return self._spool.dropped

    def close(self) -> None:
        """Let the shipper have what is left."""
        self._spool.close()
