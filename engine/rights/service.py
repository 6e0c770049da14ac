"""Rights requests as others use them: file, verify, follow, cancel, download; for officers the queue."""

from __future__ import annotations

from engine.access.codes import Codes
from engine.rights.asking import Asking
from engine.rights.cases import OPEN, Case, Filter
from engine.rights.officers import Deciding
from engine.rights.parts import Parts
from engine.rights.working import Working

__all__ = ["OPEN", "Case", "Filter", "RightsService"]


class RightsService(Asking, Deciding, Working):
    """Rights requests, from filing to answer. Errors of the asker are InvalidInput, UnknownName, NotFound."""

    def __init__(self, parts: Parts, code_secret: bytes) -> None:
        super().__init__(parts, Codes(parts.clock, code_secret))
