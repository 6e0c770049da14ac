"""The decision log: every answer is written down before it is given, and shipped to the store in batches.

`record` says what is written, `spool` writes it with one append to a file of the process's own, `shipping`
carries complete lines to the store, each exactly once, with one ledger entry a batch.
"""

from engine.decisions.log.record import Origin, Scribe
from engine.decisions.log.service import DecisionLog
from engine.decisions.log.shipping import Shipper
from engine.decisions.log.spool import Spool, SpoolFull

__all__ = ["DecisionLog", "Origin", "Scribe", "Shipper", "Spool", "SpoolFull"]
