"""`vocabulary.yaml`: the words of this policy. Trees are read by `engine.policy.vocabulary`."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from engine.policy.models.common import Name, OneOrMore, Strict


class VocabularyFile(Strict):
    """`vocabulary.yaml`; the first subject is the default."""

    subjects: OneOrMore[Name]
    categories: dict[Name, Any] = Field(description="a tree of categories of personal data")
    purposes: dict[Name, Any] = Field(description="a tree of purposes")
