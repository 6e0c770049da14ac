"""The difference between two versions in meaning, not in text: what people must be told or asked."""

from engine.policy.diff.compare import diff, stamps
from engine.policy.diff.model import Change, Consequence, Diff

__all__ = ["Change", "Consequence", "Diff", "diff", "stamps"]
