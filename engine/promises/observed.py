"""What was seen being done, and what Upheld had decided about it: counts, of nobody in particular."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Observed:
    """One kind of thing that was asked for or done.

    `rule` is the rule that decided, or the nearest; `lacks` what was missing for a permit (`choice X`,
    `agreement`), joined by commas. `done` of it was carried out, whatever was decided. For a cookie,
    `operation` is `cookie` and `category` its name.
    """

    operation: str
    category: str
    purpose: str
    recipient: str
    effect: str
    rule: str
    lacks: str
    asked: int
    done: int
    last_at: datetime

    @property
    def against(self) -> int:
        """How often it was done although it was denied."""
        return self.done if self.effect == "deny" else 0

    @property
    def words(self) -> str:
        """What it was: `share usage.content for sell with acme`."""
        told = f"{self.operation} {self.category}"
        told += f" for {self.purpose}" if self.purpose else ""
        return told + (f" with {self.recipient}" if self.recipient else "")
