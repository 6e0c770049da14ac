"""The difference between two versions in meaning, not in text: what people must be told or asked.

Comparing is imported when it is first asked for: those who only need to know the situations that people can
be in (`engine.policy.diff.worlds`) need none of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.policy.diff.compare import diff, since, stamps
    from engine.policy.diff.model import Change, Consequence, Diff

__all__ = ["Change", "Consequence", "Diff", "diff", "since", "stamps"]

_WHERE = {"diff": "compare", "since": "compare", "stamps": "compare"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE.get(name, 'model')}"), name)
