"""Which version a command means: the one named, the one in force, or the newest there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.errors import InvalidInput
from engine.policy.load import load_policy, read_policy
from engine.policy.policy import Policy
from engine.policy.versions import PolicyFolder


@dataclass(frozen=True, slots=True)
class Found:
    """A version, the chain of versions that ends with it (oldest first), and why it was taken."""

    policy: Policy
    chain: tuple[Policy, ...]
    why: str


def which_version(folder: PolicyFolder, named: str | None, now: datetime) -> Found:
    """Find the version; nothing but the policy's folder is read.

    The version in force has only published versions before it; any other has all that have a folder, as if
    they had been published.
    """
    published = folder.published()
    current = published.in_force(now)
    if current is not None and named in (None, current.version):
        return Found(current, tuple(published.up_to(current)), "in force")
    names = folder.names()
    if not names:
        raise InvalidInput(f"`{folder.folder}` holds no version")
    policy = read_policy(folder.path(named or names[-1]))
    earlier = [read_policy(folder.path(name)) for name in names if name != policy.version]
    chain = sorted((policy, *earlier), key=lambda p: (p.effective, p.version))
    why = "not in force" if named else "the newest; none is in force"
    return Found(policy, tuple(chain[: chain.index(policy) + 1]), why)


def usable_version(folder: PolicyFolder, now: datetime) -> Found:
    """The version in force or, before any is, the newest that can be read: drafts beside it do not matter."""
    current = folder.published().in_force(now)
    if current is not None:
        return Found(current, (current,), "in force")
    names = folder.names()
    loaded = (load_policy(folder.path(name)).policy for name in reversed(names))
    # If none can be read, reading the newest again says what is wrong with it.
    policy = next(filter(None, loaded), None) or read_policy(folder.path(names[-1]))
    why = "the newest" if policy.version == names[-1] else "the newest that can be read"
    return Found(policy, (policy,), f"{why}; none is in force")
