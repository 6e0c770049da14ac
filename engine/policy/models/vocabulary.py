"""`vocabulary.yaml`: the words of this policy. Trees are read by `engine.policy.vocabulary`."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from engine.policy.models.common import Name, OneOrMore, Strict


class VocabularyFile(Strict):
    """`vocabulary.yaml`; the first subject is the default."""

    subjects: OneOrMore[Name] = Field(
        description="the types of people; the first is what a person is unless told otherwise",
        examples=[["customer", "visitor"]],
    )
    categories: dict[Name, Any] = Field(
        description="a tree of categories of personal data: each name with what it is, or with names below",
        examples=[{"account": {"email": {"means": "e-mail address", "dpv": "pd:EmailAddress"}}}],
    )
    purposes: dict[Name, Any] = Field(
        description="a tree of purposes: each name with what it is, or with names below it",
        examples=[{"suggestions": {"means": "sending suggestions", "is": "direct marketing"}}],
    )
