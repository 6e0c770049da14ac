"""The published versions: their text, clause by clause, and what changes from one to another."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from flask import Response
from pydantic import BaseModel, Field

from engine.errors import NotFound
from engine.policy.clauses import PolicyText
from engine.policy.diff import diff
from engine.policy.policy import Policy
from web.api.operations import Call, Operation
from web.api.reading import Language, Strict
from web.portal.policy import in_force
from web.services import Services

CURRENT = "current"
MARKDOWN = "text/markdown; charset=utf-8"


class TextQuery(Strict):
    """In which language, and in which form."""

    language: Language | None = Field(None, description="the original if not given")
    format: Literal["json", "markdown"] = "json"


class VersionLine(BaseModel):
    """One published version."""

    version: str
    effective: date
    in_force: bool
    published_at: datetime
    digest: str
    languages: list[str]


class VersionList(BaseModel):
    """The published versions, oldest first."""

    policy: str | None
    versions: list[VersionLine]


class ClauseText(BaseModel):
    """One clause by its address."""

    id: str
    heading: str
    text: str
    html: str


class PolicyAnswer(BaseModel):
    """The text of a version."""

    policy: str
    version: str
    effective: date
    language: str
    title: str
    digest: str
    clauses: list[ClauseText]


class ChangeLine(BaseModel):
    """One difference in meaning and what it asks for."""

    kind: str
    consequence: str
    sentence: str
    clauses: list[str]
    rules: list[str]
    choices: list[str]
    data: list[str]


class DiffAnswer(BaseModel):
    """What changes from one version to another, the gravest first."""

    old: str
    new: str
    consequence: str
    changes: list[ChangeLine]


def operations() -> list[Operation]:
    """`/v1/policies`; all of it is public, as the policy is."""
    return [
        Operation(
            "GET", "/v1/policies", "policies", "The published versions", versions, VersionList
        ),
        Operation(
            "GET",
            "/v1/policies/{version}",
            "policies",
            "The text of a version",
            text,
            PolicyAnswer,
            query=TextQuery,
            example={"format": "markdown"},
            describe="`current` is the version in force.",
            also="text/markdown",
        ),
        Operation(
            "GET",
            "/v1/policies/{old}/diff/{new}",
            "policies",
            "What changes from one version to another",
            changes,
            DiffAnswer,
        ),
    ]


def versions(call: Call) -> VersionList:
    """The published versions."""
    found = call.services.versions()
    current = found.in_force(call.services.clock.now())
    lines = [
        VersionLine(
            version=policy.version,
            effective=policy.effective,
            in_force=policy is current,
            published_at=found.publications[policy.version].at,
            digest=policy.digest,
            languages=["en", *policy.translations],
        )
        for policy in found.policies
    ]
    return VersionList(policy=found.policies[0].name if found.policies else None, versions=lines)


def text(call: Call) -> PolicyAnswer | Response:
    """The text of a version as JSON or as Markdown."""
    policy = _version(call.services, call.path["version"])
    shown, language = _in_language(policy, call.query.language)
    if call.query.format == "markdown":
        return Response(_markdown(shown), content_type=MARKDOWN)
    return PolicyAnswer(
        policy=policy.name,
        version=policy.version,
        effective=policy.effective,
        language=language,
        title=shown.title,
        digest=policy.digest,
        clauses=[
            ClauseText(id=c.id, heading=c.heading, text=c.words, html=c.html) for c in shown.clauses
        ],
    )


def changes(call: Call) -> DiffAnswer:
    """The differences in meaning."""
    old, new = (_version(call.services, call.path[name]) for name in ("old", "new"))
    found = diff(old, new)
    lines = [
        ChangeLine(
            kind=change.kind,
            consequence=change.consequence.value,
            sentence=change.sentence,
            clauses=list(change.clauses),
            rules=list(change.rules),
            choices=list(change.choices),
            data=list(change.data),
        )
        for change in found.changes
    ]
    return DiffAnswer(
        old=old.version, new=new.version, consequence=found.consequence.value, changes=lines
    )


def _version(services: Services, name: str) -> Policy:
    found = services.versions()
    return in_force(found, services) if name == CURRENT else found.get(name)


def _in_language(policy: Policy, wanted: str | None) -> tuple[PolicyText, str]:
    if wanted is None or wanted == "en":
        return policy.text, "en"
    if wanted not in policy.translations:
        known = ", ".join(f"`{tag}`" for tag in ("en", *policy.translations))
        raise NotFound(
            f"version `{policy.version}` is not written in this language, only in {known}"
        )
    return policy.translations[wanted], wanted


def _markdown(text: PolicyText) -> str:
    """The text as Markdown, from what was loaded: a file that changed since is not what applies."""
    lines = [f"# {text.title}"]
    for section in text.sections:
        if section.level:
            lines.append(f"{'#' * (section.level + 1)} {section.heading}")
        for kind, blocks in section.runs():
            sign = "- " if kind == "bullet" else ""
            joint = "\n" if kind == "bullet" else "\n\n"
            lines.append(joint.join(f"{sign}{block.text}" for block in blocks))
    return "\n\n".join(lines) + "\n"
