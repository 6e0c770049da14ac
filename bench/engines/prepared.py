"""An engine that is ready to be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Prepared:
    """An engine with the policy loaded and each question in the form that it takes fastest.

    `ask` takes what was asked and whom about, and is what is timed; `permits` reads its answer.
    """

    name: str
    ask: Callable[[Any, Any], Any]
    asked: list[tuple[Any, Any]]
    permits: Callable[[Any], bool]

    def answers(self) -> list[bool]:
        """Whether each question is permitted, in their order."""
        return [self.permits(self.ask(*asked)) for asked in self.asked]
