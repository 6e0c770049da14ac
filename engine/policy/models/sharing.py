"""`sharing.yaml`: who receives data, and what may go to whom for which purpose."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from engine.policy.models.common import DottedName, Name, OneOrMore, Strict
from engine.policy.models.use import Processing


class SharingRule(Processing):
    """What may be shared, with whom, for which purposes."""

    recipients: OneOrMore[DottedName] = Field(
        alias="with",
        description="recipients (a parent covers its children), or `everyone`",
        examples=[["cloud"], ["upstream"], "everyone"],
    )


class SharingFile(Strict):
    """`sharing.yaml`; the tree of recipients is read by `engine.policy.vocabulary`."""

    recipients: dict[Name, Any] = Field(
        default_factory=dict,
        description="a tree of recipients: each name with what it is, or with names below it",
        examples=[{"cloud": {"means": "cloud service providers", "role": "processor"}}],
    )
    rules: tuple[SharingRule, ...] = Field(
        (),
        description="what may be shared, with whom, for which purposes",
        examples=[
            [
                {
                    "id": "no-sale",
                    "clause": "3.c",
                    "data": "everything",
                    "for": ["sell"],
                    "with": "everyone",
                    "allow": "never",
                }
            ]
        ],
    )
