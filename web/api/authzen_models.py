"""The bodies of AuthZEN 1.0. Unknown fields are ignored, as the specification asks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from web.api.decisions import MOST_AT_ONCE
from web.api.reading import NO_CONTROLS

RECIPIENT, SERVICE, DATA = "recipient", "service", "personal-data"

Semantic = Literal["execute_all", "deny_on_first_deny", "permit_on_first_permit"]
Text = Annotated[str, Field(max_length=200, pattern=NO_CONTROLS)]


class Lenient(BaseModel):
    """Unknown fields are ignored, as AuthZEN asks."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Entity(Lenient):
    """A subject or a resource."""

    type: Text
    id: Text
    properties: dict[str, Any] = Field(default_factory=dict)


class Action(Lenient):
    """What is to be done: the purpose."""

    name: Text


class Evaluation(Lenient):
    """One question."""

    subject: Entity
    action: Action
    resource: Entity
    context: dict[str, Any] = Field(default_factory=dict)


class Options(Lenient):
    """How several questions are carried out."""

    evaluations_semantic: Semantic = "execute_all"


class Evaluations(Lenient):
    """Several questions; what stands beside them holds for each that does not say otherwise."""

    evaluations: Annotated[list[Any], Field(max_length=MOST_AT_ONCE)] = Field(default_factory=list)
    options: Options = Options()
