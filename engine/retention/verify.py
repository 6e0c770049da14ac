"""Looking again: is everything that was due gone, and is everything else still there?

It does not trust the plan's conditions. It reads every row, works out forward when that row expires, and
compares the rows that stay with the fingerprint from before the purge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from engine.datamap.model import Dataset, FieldUse
from engine.policy.models.common import Strict
from engine.policy.models.retention import Action
from engine.ports import Always, Record
from engine.retention.chronicle import Chronicle, Story
from engine.retention.due import Setting, categories_in, leaves_of_row
from engine.retention.fingerprint import Fingerprint, missing
from engine.retention.forward import Fate, Judge
from engine.retention.holds import Hold, held_leaves
from engine.retention.keeping import created_time
from engine.retention.linking import fields_of
from engine.retention.planning import Progress, events_of
from engine.retention.treated import is_anonymous, is_erased
from engine.retention.wording import rows

Before = Mapping[str, tuple[int, list[list[Any]] | None]]
Done = Callable[[Any, FieldUse], bool]
"""Whether a stored value is as a treatment leaves it."""


class DatasetVerdict(Strict):
    """What was found in one dataset.

    `survivors` rows should be gone, or hold something that should be; `missing` were not due and are not
    there any more (None: nothing to compare with); `held` are due and kept by a hold or a statute.
    """

    dataset: str
    rows: int
    survivors: int
    oldest: datetime | None
    held: int
    missing: int | None

    @property
    def upheld(self) -> bool:
        """Whether nothing is wrong here."""
        return not self.survivors and not self.missing

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        wrong = []
        if self.survivors:
            since = f", the oldest since {self.oldest:%Y-%m-%d %H:%M} UTC" if self.oldest else ""
            wrong.append(f"{rows(self.survivors, 'are')} due and still there{since}")
        if self.missing:
            wrong.append(f"{rows(self.missing, 'are')} missing that should not have gone")
        held = (
            f"; {rows(self.held, 'are')} due but kept by a hold or a statute" if self.held else ""
        )
        fine = f"{rows(self.rows)}, nothing overdue, nothing missing{held}"
        return f"`{self.dataset}`: {'; '.join(wrong) or fine}"


class Verification(Strict):
    """What looking again found. `run` is the purge that it checks, `by` the moment it judges at."""

    run: str | None
    at: datetime
    by: datetime
    datasets: tuple[DatasetVerdict, ...]

    @property
    def upheld(self) -> bool:
        """Whether everything due is gone and everything else is there."""
        return all(one.upheld for one in self.datasets)


@dataclass(frozen=True)
class Verifier:
    """Looks at every dataset. `before` has the fingerprints from before the purge."""

    setting: Setting
    chronicle: Chronicle
    holds: tuple[Hold, ...]
    agreed: Callable[[str], frozenset[str]]
    chose: Callable[[tuple[str, ...], bool], frozenset[str]]
    before: Before
    noticed: Callable[[str, datetime], frozenset[str]] | None = None

    def verify(self, names: Sequence[str], progress: Progress) -> Iterator[DatasetVerdict]:
        """The verdict on each dataset; `progress` is told (dataset, rows read, rows in all)."""
        for name in names:
            if self.setting.datamap.datasets[name].personal != "none":
                yield self._dataset(name, progress)

    def _dataset(self, name: str, progress: Progress) -> DatasetVerdict:
        judge = Judge(self.setting, name, self.agreed, self.chose, self.noticed)
        look = _Look(self.setting, name, self.holds, judge)
        spec = self.setting.datamap.datasets[name]
        adapter = self.chronicle.linker.adapter(name)
        total = adapter.count(spec, Always())
        events = sorted({event for _, event in events_of(self.setting, name)})
        for batch in adapter.scan(spec, Always(), _fields(spec)):
            for story in self.chronicle.stories(name, batch, events):
                look.add(story, self._old(name, story.record))
            progress(name, look.rows, total)
        return look.verdict(self.before.get(name))

    def _old(self, name: str, record: Record) -> bool:
        """Whether the row was there when the plan was made, as far as it says."""
        time = created_time(self.setting.datamap.datasets[name])
        if time is None:
            return True
        created = self.chronicle.linker.adapter(name).time_of(time, record)
        return created is not None and created <= self.setting.now


@dataclass
class _Look:
    """Looks at the rows of one dataset, one by one."""

    setting: Setting
    dataset: str
    holds: tuple[Hold, ...]
    judge: Judge
    rows: int = 0
    survivors: int = 0
    held: int = 0
    oldest: datetime | None = None
    stayed: int = 0
    fingerprint: Fingerprint = field(default_factory=Fingerprint)

    def add(self, story: Story, old: bool) -> None:
        """Judge one row."""
        fate = self.judge.fate(story)
        self.rows += 1
        kept = self._is_held(story, self._leaves)
        late = None if kept else self._row_late(story, fate)
        late = late or self._field_late(story, fate, going=fate.goes() and not kept)
        if late is not None:
            self.survivors += 1
            self.oldest = min(self.oldest or late, late)
        elif fate.row["delete"] is not None:
            self.held += 1
        if old and not (fate.goes() and not kept):
            self.stayed += 1
            self.fingerprint.add(story.record.key)

    @cached_property
    def _leaves(self) -> tuple[str, ...]:
        return categories_in(self.setting, self.dataset)

    @cached_property
    def _spec(self) -> Dataset:
        return self.setting.datamap.datasets[self.dataset]

    @cached_property
    def _own(self) -> tuple[str, ...]:
        """The categories of the row itself."""
        return leaves_of_row(self.setting.policy, self._spec)

    @cached_property
    def _fields(self) -> dict[str, list[str]]:
        """The fields of each category."""
        found: dict[str, list[str]] = {}
        for name, use in self._spec.fields.items():
            if use.category:
                found.setdefault(use.category, []).append(name)
        return found

    def verdict(self, before: tuple[int, list[list[Any]] | None] | None) -> DatasetVerdict:
        """What was found."""
        return DatasetVerdict(
            dataset=self.dataset,
            rows=self.rows,
            survivors=self.survivors,
            oldest=self.oldest,
            held=self.held,
            missing=None if before is None else self._missing(*before),
        )

    def _missing(self, rows: int, buckets: list[list[Any]] | None) -> int:
        if buckets is None:
            return max(0, rows - self.stayed)
        return missing(buckets, self.fingerprint)

    def _row_late(self, story: Story, fate: Fate) -> datetime | None:
        if fate.protected:
            return None
        if fate.row["delete"] is not None:
            return fate.row["delete"]
        anonymised = fate.row["anonymise"]
        if anonymised is None:
            return None
        spec = self._spec
        links = any(story.record.values.get(link) is not None for link in spec.subject)
        left = links or self._left(story, spec.fields, is_anonymous)
        return anonymised if left else None

    def _field_late(self, story: Story, fate: Fate, *, going: bool) -> datetime | None:
        """Since when a field of a row that stays should have been erased, or anonymised, and is not."""
        if going or self._spec.backup_of:
            return None
        for category, dues in fate.fields.items():
            if self._is_held(story, (category,)):
                continue
            late = self._late_for(story, fate, category, "delete", is_erased)
            if dues["delete"] is None:
                late = self._late_for(story, fate, category, "anonymise", is_anonymous)
            if late is not None:
                return late
        return None

    def _late_for(
        self, story: Story, fate: Fate, category: str, action: Action, done: Done
    ) -> datetime | None:
        """Since when fields of the category should have been treated so, unless the row is with them."""
        with_row = category in self._own and fate.row[action] is not None
        if with_row or not self._left(story, self._fields.get(category, ()), done):
            return None
        return fate.fields[category][action]

    def _left(self, story: Story, fields: Iterable[str], done: Done) -> bool:
        """Whether any of the fields still holds what should have been taken out."""
        uses = ((name, self._spec.fields[name]) for name in fields)
        return any(
            not done(story.record.values.get(name), use)
            for name, use in uses
            if use.category and name not in self._spec.key
        )

    def _is_held(self, story: Story, leaves: Sequence[str]) -> bool:
        return any(self._holds(hold, story, leaves) for hold in self.holds)

    def _holds(self, hold: Hold, story: Story, leaves: Sequence[str]) -> bool:
        backup = bool(self._spec.backup_of)
        elsewhere = hold.dataset not in (None, self.dataset) or (backup and hold.dataset is None)
        if elsewhere or not held_leaves(self.setting.policy, hold).intersection(leaves):
            return False
        theirs = any(person.subject == hold.subject for person in story.people)
        return hold.subject is None or theirs or story.unclear


def _fields(spec: Dataset) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys((*fields_of(spec), *(n for n, u in spec.fields.items() if u.category)))
    )
