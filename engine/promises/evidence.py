"""Everything that the promises of a version are judged by, gathered at one moment.

What cannot be had (a store that does not answer) is kept as the reason, under the rule that it was for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from engine.datamap.map import DataMap
from engine.errors import UpheldError
from engine.policy.diff import diff
from engine.policy.diff.model import Consequence
from engine.policy.policy import Policy
from engine.ports import DataAdapter
from engine.promises import observations, stored
from engine.promises.collection import CollectionFacts
from engine.promises.consent import AgreementFacts, ChoiceFacts, GuardianFacts
from engine.promises.control import Probe, TlsFacts
from engine.promises.held_data import HeldData
from engine.promises.hold import HoldFacts
from engine.promises.kept_data import KeptData
from engine.promises.observed import Observed
from engine.promises.retention import DatasetFacts, RetentionFacts, RunFacts
from engine.promises.right import RightFacts
from engine.retention.compiling import Memory
from engine.retention.holds import holds_for
from engine.store.database import Database

TOLD_OF = (Consequence.NOTICE, Consequence.RECONFIRM, Consequence.RE_CONSENT)
"""The consequences of a change that people are told of."""


@dataclass(frozen=True)
class Evidence:
    """Facts by the id of the rule that they are about; `missing` says why some could not be had."""

    collection: Mapping[str, CollectionFacts]
    retention: Mapping[str, RetentionFacts]
    probes: Mapping[str, tuple[TlsFacts, ...]]
    observed: tuple[Observed, ...]
    choices: Mapping[str, ChoiceFacts]
    agreement: AgreementFacts
    guardians: GuardianFacts
    rights: Mapping[str, RightFacts]
    holds: Mapping[str, HoldFacts]
    missing: Mapping[str, str] = field(default_factory=dict)


def gather(
    database: Database,
    chain: Sequence[Policy],
    datamap: DataMap,
    adapters: Mapping[str, DataAdapter],
    memory: Memory,
    probe: Probe,
    now: datetime,
) -> Evidence:
    """Look at everything. `chain` ends with the version in force. Raises only if Upheld's own store fails."""
    policy = chain[-1]
    missing: dict[str, str] = {}
    held = HeldData(policy, datamap, adapters)
    kept = KeptData(policy, chain[:-1], datamap, adapters, memory, now)
    with database.read() as conn:
        seen = observations.observed(conn)
        survivors = stored.survivors(conn, policy.name)
        holding = holds_for(conn)
        choices = stored.choices(conn)
        agreement = stored.agreement(conn, policy.version, now, telling=_telling(chain))
        guardians = stored.guardian_facts(conn)
        rights = stored.rights(conn, now)
        holds = stored.holds_in_force(conn, now)
    collection, retention = {}, {}
    for rule in policy.collection:
        with _or_say_why(rule.id, missing):
            collection[rule.id] = held.facts(rule)
    for ceiling in policy.retention:
        if ceiling.unstated:
            continue
        with _or_say_why(ceiling.id, missing):
            datasets = kept.look(ceiling, holding, survivors)
            run = _last_run(database, policy.name, datasets)
            retention[ceiling.id] = RetentionFacts(
                datasets, run, kept.lawless(ceiling), kept.promised_before(ceiling)
            )
    probes = {c.id: tuple(probe(a) for a in c.at or ()) for c in policy.controls if c.check}
    return Evidence(
        collection,
        retention,
        probes,
        seen,
        choices,
        agreement,
        guardians,
        rights,
        holds,
        missing,
    )


@contextmanager
def _or_say_why(rule: str, missing: dict[str, str]) -> Iterator[None]:
    try:
        yield
    except UpheldError as problem:
        missing[rule] = str(problem)


def _last_run(database: Database, policy: str, datasets: Sequence[DatasetFacts]) -> RunFacts | None:
    with database.read() as conn:
        return stored.last_run(conn, policy, [one.dataset for one in datasets])


def _telling(chain: Sequence[Policy]) -> bool:
    """Whether the version in force changed anything that people must be told of."""
    return len(chain) > 1 and diff(chain[-2], chain[-1]).consequence in TOLD_OF
