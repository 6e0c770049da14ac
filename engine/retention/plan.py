"""A plan: what is due, frozen, with a digest that an officer can approve.

It holds cutoffs and counts, never keys or people. The digest covers the policy, the data map, `by`, every
step and every count: change anything and it is another plan.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

from engine.audit.canonical import canonical
from engine.datamap.map import DataMap
from engine.policy.models.common import Strict
from engine.retention.expressions import Expression

Verb = Literal["delete", "anonymise", "erase", "restrict"]

CAP_SHARE = 0.2
CAP_ROWS = 100


class Cutoff(Strict):
    """One rule of a step: what it says, and the event time up to which it is due (None: nothing yet)."""

    rule: str
    clauses: tuple[str, ...]
    says: str
    event: str
    cutoff: datetime | None


class Kept(Strict):
    """Rows that are due, and that a hold or a statute keeps, or whose people have yet to be told."""

    by: Literal["hold", "statute", "notice"]
    name: str
    rows: int


class Step(Strict):
    """One dataset × rules × action, with the frozen condition."""

    id: str
    dataset: str
    verb: Verb
    fields: tuple[str, ...] = ()
    cutoffs: tuple[Cutoff, ...]
    due: Expression
    category: str | None = None
    rows: int = 0
    total: int = 0
    oldest: datetime | None = None
    next_due: datetime | None = None
    kept: tuple[Kept, ...] = ()
    sentence: str = ""

    @property
    def share(self) -> float:
        """The part of the dataset's rows that this step is about, from 0 to 1."""
        return self.rows / self.total if self.total else 0.0


class DatasetPlan(Strict):
    """What a plan does to one dataset: `affected` rows of `total`, and how many it may without approval."""

    dataset: str
    total: int
    affected: int
    cap: int

    @property
    def over_cap(self) -> bool:
        """Whether an officer must approve exactly this plan first."""
        return self.affected > self.cap


class Note(Strict):
    """Something an officer should know: an error stops the data it is about from being deleted."""

    code: str
    severity: Literal["error", "warning", "info"]
    message: str
    dataset: str = ""
    rule: str = ""


class Plan(Strict):
    """What is due by `by`, as found at `now`."""

    policy: str
    version: str
    policy_digest: str
    datamap_digest: str
    now: datetime
    by: datetime
    datasets: tuple[DatasetPlan, ...]
    steps: tuple[Step, ...]
    holds: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over everything but the moment at which the plan was made."""
        return hashlib.sha256(canonical(self.model_dump(mode="json", exclude={"now"}))).hexdigest()

    @property
    def rows(self) -> int:
        """How many rows are due, over all datasets."""
        return sum(dataset.affected for dataset in self.datasets)

    def of(self, dataset: str) -> DatasetPlan:
        """The part about one dataset; KeyError if it has none."""
        return {one.dataset: one for one in self.datasets}[dataset]

    def steps_of(self, dataset: str) -> tuple[Step, ...]:
        """The steps of one dataset, in the order in which they are carried out."""
        return tuple(step for step in self.steps if step.dataset == dataset)


def cap_of(total: int) -> int:
    """How many rows of a dataset one run may change without approval: the larger of 20% and 100."""
    return max(int(total * CAP_SHARE), CAP_ROWS)


def datamap_digest(datamap: DataMap) -> str:
    """SHA-256 (hex) over what the data map says of the data, without the addresses of the stores."""
    datasets = {
        name: spec.model_dump(mode="json", by_alias=True) for name, spec in datamap.datasets.items()
    }
    stores = {name: spec.adapter for name, spec in datamap.stores.items()}
    return hashlib.sha256(canonical({"datasets": datasets, "stores": stores})).hexdigest()
