"""Publishing a version: checked, locked, written into the ledger, announced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.audit import ledger
from engine.errors import CasesFailed, Conflict, PolicyError
from engine.policy.diff import Diff, diff
from engine.policy.diff.decided import decisions
from engine.policy.load import read_policy
from engine.policy.policy import Policy
from upheld.bootstrap import House
from upheld.linting import lint_version
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
    """Publish a version: it follows what is published, no lint finding blocks it, its tests pass, no change
    is blocked.

    PolicyError with the findings, CasesFailed, or Conflict, if it may not be published; nothing is changed
    then.
    """
    policy = read_policy(house.folder.path(version))
    before = house.versions().policies if house.folder.publications() else ()
    _fits(policy, before)
    _lint(house, policy)
    _test(house, policy)
    change = diff(before[-1], policy) if before else None
    _decided(change)
    house.announcements.find(change)
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


def _fits(policy: Policy, before: Sequence[Policy]) -> None:
    """Whether it can follow what is published. Conflict if not."""
    if any(policy.version == other.version for other in before):
        raise Conflict(
            f"version `{policy.version}` is published already and never changes; "
            "begin another with `upheld new-version`"
        )
    if not before:
        return
    last = before[-1]
    if (policy.effective, policy.version) < (last.effective, last.version):
        raise Conflict(
            f"version `{policy.version}` applies from {policy.effective}, before the published version "
            f"`{last.version}` ({last.effective}): a version follows those before it"
        )
    if policy.name != last.name:
        raise Conflict(
            f"version `{policy.version}` is of the policy `{policy.name}`, "
            f"what is published of `{last.name}`"
        )


def _lint(house: House, policy: Policy) -> None:
    """PolicyError with what `upheld lint` finds and blocks."""
    found = lint_version(policy.folder, house.settings, now=house.clock.now()).findings
    blocking = [finding for finding in found if finding.blocking]
    if blocking:
        noun = "finding blocks" if len(blocking) == 1 else "findings block"
        raise PolicyError(f"{len(blocking)} {noun} version `{policy.version}`", blocking)


def _test(house: House, policy: Policy) -> None:
    """CasesFailed with the cases about this version that fail; those of others are theirs to mend."""
    failed = [o for o in run_tests(house.folder) if o.version == policy.version and not o.passed]
    if failed:
        raise CasesFailed(policy.version, failed)


def _decided(change: Diff | None) -> None:
    """Conflict if a change asks for something that only a person can decide."""
    blocked = [c for c in change.changes if c.consequence.value == "blocked"] if change else []
    if blocked:
        raise Conflict(
            f"a human must decide first: {'; '.join(c.sentence for c in blocked)}; write the decision, with "
            "its reason, under `changes` in policy.yaml"
        )
