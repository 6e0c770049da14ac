"""The versions of one policy: which are published, which is in force, and that none was changed since.

`policies/<policy>/` holds a folder for each version; `published.yaml` beside them holds, for each published
version, the SHA-256 of its files. A version that is not published never applies to anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml
from pydantic import AwareDatetime, RootModel

from engine.errors import Conflict, PolicyError, UnknownName
from engine.policy.findings import Finding, error
from engine.policy.load import digest_of, load_policy, read_policy
from engine.policy.locks import Lock, changed
from engine.policy.models.common import Strict, Text
from engine.policy.models.header import VersionName
from engine.policy.policy import Policy
from engine.policy.source import read_file
from engine.policy.validate import validate

PUBLISHED_FILE = "published.yaml"


class Publication(Strict):
    """That a version was published: its digest, when, and by whom."""

    digest: Text
    at: AwareDatetime
    by: Text


class PublishedFile(RootModel[dict[VersionName, Publication]]):
    """`published.yaml`."""


@dataclass(frozen=True)
class Versions:
    """The published versions of a policy, oldest first, as they were when published."""

    policies: tuple[Policy, ...]
    publications: dict[str, Publication]

    def in_force(self, now: datetime) -> Policy | None:
        """The newest published version whose effective day has begun in the policy's own time zone."""
        begun = [p for p in self.policies if now.astimezone(p.header.zone).date() >= p.effective]
        return begun[-1] if begun else None

    def announced(self, now: datetime) -> tuple[Policy, ...]:
        """Published versions that are not in force yet."""
        return tuple(p for p in self.policies if now.astimezone(p.header.zone).date() < p.effective)

    def up_to(self, policy: Policy) -> Sequence[Policy]:
        """The chain of published versions that ends with this one."""
        return [
            p
            for p in self.policies
            if (p.effective, p.version) <= (policy.effective, policy.version)
        ]

    def get(self, version: str) -> Policy:
        """A published version by its name."""
        for policy in self.policies:
            if policy.version == version:
                return policy
        raise UnknownName("published version", version, [p.version for p in self.policies])


class PolicyFolder:
    """`policies/<policy>/` on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name

    def names(self) -> list[str]:
        """Every version that has a folder, published or not, oldest first."""
        if not self.folder.is_dir():
            raise UnknownName("policy folder", str(self.folder))
        found = [path.parent for path in self.folder.glob("*/policy.yaml")]
        return sorted(path.name for path in found)

    def path(self, version: str) -> Path:
        """The folder of a version; UnknownName if there is none."""
        if version not in self.names():
            raise UnknownName("version", version, self.names())
        return self.folder / version

    def before(self, version: str) -> str | None:
        """The version that this one follows: the newest published one before it; without any, the newest."""
        older = [name for name in self.names() if name < version]
        published = self.publications()
        return max([name for name in older if name in published] or older, default=None)

    def publications(self) -> dict[str, Publication]:
        """What `published.yaml` says; PolicyError if it cannot be understood."""
        path = self.folder / PUBLISHED_FILE
        if not path.exists():
            return {}
        document = read_file(path, str(path))
        model, findings = validate(PublishedFile, document.value, document)
        wrong = (*document.findings, *findings)
        if model is None or wrong:
            raise PolicyError(f"{wrong[0].where}: {wrong[0].message}", wrong)
        return dict(model.root)

    def lock(self, version: str) -> Lock | None:
        """What `published.yaml` says of a version, if it is published; PolicyError as for `publications`."""
        publication = self.publications().get(version)
        if publication is None:
            return None
        path = self.folder / PUBLISHED_FILE
        return Lock(publication.digest, read_file(path, str(path)).at_key(version))

    def published(self) -> Versions:
        """Load every published version; PolicyError if one is missing, unusable, or was changed since."""
        publications = self.publications()
        findings = [
            f for version in publications for f in self._changed(version, publications[version])
        ]
        if findings:
            raise PolicyError(f"{findings[0].where}: {findings[0].message}", findings)
        loaded = [read_policy(self.folder / version) for version in publications]
        return Versions(tuple(sorted(loaded, key=lambda p: (p.effective, p.version))), publications)

    def _changed(self, version: str, publication: Publication) -> list[Finding]:
        path = self.folder / version
        where = read_file(self.folder / PUBLISHED_FILE, str(self.folder / PUBLISHED_FILE)).at(
            version
        )
        if not path.is_dir():
            return [
                error(
                    "PUBLISHED_MISSING", f"the published version `{version}` has no folder", where
                )
            ]
        if digest_of(path) != publication.digest:
            return [changed(version, Lock(publication.digest, where))]
        return []

    def publish(self, version: str, *, by: str, now: datetime) -> Publication:
        """Lock a version's digest in `published.yaml`. Conflict if it is published already.

        The caller has checked that the version may be published; the file is replaced in one step.
        """
        publications = self.publications()
        if version in publications:
            raise Conflict(
                f"version `{version}` is published already; publish a new version instead"
            )
        loaded = load_policy(self.path(version))
        if loaded.policy is None:
            first = loaded.findings[0]
            raise PolicyError(f"{first.where}: {first.message}", loaded.findings)
        publication = Publication(digest=loaded.policy.digest, at=now, by=by)
        self._write({**publications, version: publication})
        return publication

    def _write(self, publications: dict[str, Publication]) -> None:
        import os
        import tempfile

        told = {name: p.model_dump(mode="json") for name, p in sorted(publications.items())}
        text = (
            "# Written by `upheld publish`. A published version never changes.\n"
            + yaml.safe_dump(told)
        )
        with tempfile.NamedTemporaryFile(
            "w", dir=self.folder, prefix=".published-", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).chmod(0o644)
        Path(file.name).replace(self.folder / PUBLISHED_FILE)
