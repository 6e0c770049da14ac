"""Publishing a version: checked, locked, written into the ledger, announced."""

from __future__ import annotations

from dataclasses import dataclass

from engine.audit import ledger
from engine.errors import Conflict, PolicyError
from engine.policy.diff import Diff, diff
from engine.policy.diff.decided import decisions
from engine.policy.lint import lint
from engine.policy.load import read_policy
from engine.policy.policy import Policy
from upheld.beside import datamap_beside
from upheld.bootstrap import House
from upheld.testing import run_tests

FIRST = "first version"


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did: the gravest consequence of the change, and how many people are told."""

    version: str
    digest: str
    consequence: str
    told: int


def publish(house: House, version: str, *, by: str) -> Published:
    """Publish a version: no blocking lint finding, its tests pass, no change is blocked.

    PolicyError with the findings, or Conflict, if it may not be published; nothing is changed then.
    """
    policy = read_policy(house.folder.path(version))
    before = house.versions().policies if house.folder.publications() else ()
    _check(house, policy, before[-1] if before else None)
    change = diff(before[-1], policy) if before else None
    if change is not None and change.consequence.value == "blocked":
        sentences = "; ".join(
            c.sentence for c in change.changes if c.consequence.value == "blocked"
        )
        raise Conflict(
            f"a human must decide first: {sentences}; write the decision, with its reason, under `changes` "
            "in policy.yaml"
        )
    with house.database.begin() as conn:
        now = house.clock.now()
        facts = _entry(policy, change, by)
        ledger.append(conn, "policy.published", facts, now=now)
        # Last, so that a failure of it undoes the entry; if the commit fails after it, `upheld check`
        # finds a published version without its entry.
        house.folder.publish(version, by=by, now=now)
    house.versions.refresh()
    told = house.announcements.announce(version) if change else 0
    return Published(version, policy.digest, change.consequence.value if change else FIRST, told)


def _entry(policy: Policy, change: Diff | None, by: str) -> dict[str, object]:
    facts: dict[str, object] = {
        "version": policy.version,
        "digest": policy.digest,
        "by": by,
        "consequence": change.consequence.value if change else FIRST,
    }
    settled = decisions(change) if change else []
    return facts | ({"decided": settled} if settled else {})


def _check(house: House, policy: Policy, before: Policy | None) -> None:
    today = house.clock.now().astimezone(policy.header.zone).date()
    datamap = datamap_beside(policy, house.settings).map
    found = lint(policy, today=today, datamap=datamap, before=before)
    blocking = [f for f in found if f.blocking]
    if blocking:
        raise PolicyError(f"{len(blocking)} findings block publishing", blocking)
    failed = [r for r in run_tests(house.folder) if not r.passed]
    if failed:
        raise Conflict(
            f"{len(failed)} of the policy's own tests fail, the first: {failed[0].name}; run `upheld test`"
        )
