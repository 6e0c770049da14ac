"""How people are reached: where a guardian answers for a child, it is the guardian who is written to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine.datamap.directory import PlatformDirectory
from engine.datamap.map import DataMap
from engine.ports import DataAdapter


class GuardedDirectory(PlatformDirectory):
    """The platform's directory. `guardians_of` gives the guardians who answer for a person now."""

    def __init__(
        self,
        datamap: DataMap,
        adapters: Mapping[str, DataAdapter],
        guardians_of: Callable[[str], Sequence[str]],
    ) -> None:
        super().__init__(datamap, adapters)
        self._guardians_of = guardians_of

    def addresses(self, subject_id: str) -> list[str]:
        """The guardians' addresses where there are any, so that codes for a child's data go to them."""
        own = super().addresses
        guardians = self._guardians_of(subject_id)
        return [address for one in guardians for address in own(one)] or own(subject_id)
