"""What a service is told: the decision, and whether it is enforced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.access.keys import Mode
from engine.decisions.decision import Decision, Effect


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision as one service hears it. In shadow mode nothing is denied: `decision` says what would be.

    `logged` is False where the decision log was full and may drop.
    """

    decision: Decision
    mode: Mode
    logged: bool = True

    @property
    def effect(self) -> Effect:
        """What the service is to do."""
        return "permit" if self.mode == "shadow" else self.decision.effect

    def as_dict(self) -> dict[str, Any]:
        """The answer as plain values, for JSON: `effect` is what to do, `would` what the policy says."""
        told = self.decision.as_dict()
        return {**told, "effect": self.effect, "mode": self.mode, "would": self.decision.effect}
