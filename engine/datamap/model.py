"""`datamap.yaml`: what a deployment says about where its personal data lies. Deployment, not policy."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from engine.policy.models.common import DottedName, Name, OneOrMore, Strict, Text

NOT_PERSONAL = "not personal"

Identifier = Annotated[
    str, StringConstraints(pattern=r"^[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$", max_length=100)
]
FieldPath = Annotated[str, StringConstraints(min_length=1, max_length=300)]
"""A column, or `column.key.key` for a path into a JSON column."""

TimeForm = Literal["timestamp", "text", "epoch seconds", "epoch milliseconds"]
Anonymise = Literal["null", "truncate ip", "hash", "blank", "year", "keep"]
"""How a field is anonymised; `keep`: once the link to the person is cut it tells nothing of anybody."""

Values = OneOrMore[str]


class StoreSpec(Strict):
    """One store; what an adapter needs beyond its name stands in its own keys."""

    adapter: Name
    url: Text | None = None
    path: Text | None = None
    options: dict[str, str] = Field(default_factory=dict)


class TimeSource(Strict):
    """How an event's time is read from a row: a field, a state (`when`), or a field while in a state."""

    field: FieldPath | None = None
    form: TimeForm = Field("timestamp", alias="as")
    when: dict[FieldPath, Values] | None = Field(
        None, description="the event has happened only while these fields have one of these values"
    )
    moves: bool = Field(
        False,
        description="the field changes later too (such as updated_at): the first sighting counts",
    )

    @model_validator(mode="after")
    def _says_something(self) -> TimeSource:
        if self.field is None and self.when is None:
            raise ValueError("say `field: …`, `when: {…}`, or both")
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that must be read to know the time."""
        own = () if self.field is None else (self.field,)
        return tuple(dict.fromkeys((*own, *(self.when or {}))))


class FactSource(Strict):
    """How a fact about the person is read from their row, or that it is `always` the same here."""

    field: FieldPath | None = None
    always: Text | None = Field(
        None, description="the same for everybody in this dataset, such as `none` for no account"
    )
    means: dict[str, str] | None = Field(None, alias="is", description="stored value: fact")

    @model_validator(mode="after")
    def _one_source(self) -> FactSource:
        if (self.field is None) == (self.always is None):
            raise ValueError("say either `field: …` or `always: …`")
        return self


class FieldUse(Strict):
    """One field: its category, and how it is erased or anonymised."""

    category: DottedName | None = Field(alias="is", description="a leaf category")
    erase: str | None = Field(None, description="the value that replaces it; null if not given")
    anonymise: Anonymise = "null"


def _field_use(value: Any) -> Any:
    if value == NOT_PERSONAL:
        return {"is": None}
    return {"is": value} if isinstance(value, str) else value


class _NameToo:
    """In the JSON Schema too, a field may be just its category."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, handler(core_schema)]}


FieldUseText = Annotated[FieldUse, BeforeValidator(_field_use), _NameToo()]


class Dataset(Strict):
    """Rows of one kind: where they lie, whose they are, what they hold, when their times were."""

    store: Identifier
    table: Text | None = Field(None, description="table, or schema.table")
    files: Text | None = Field(
        None,
        description="file names, such as access-%Y-%m-%d.jsonl (dated) or access.jsonl.* (rotated)",
    )
    rows: dict[FieldPath, Values] = Field(
        {}, description="only rows in which these fields have one of these values"
    )
    key: OneOrMore[FieldPath] = ()
    row: DottedName | None = Field(None, description="the row goes when this category is due")
    person: Name | None = Field(None, description="a row is a person of this type")
    personal: Literal["none"] | None = Field(None, description="`none`: no personal data here")
    subject: dict[FieldPath, OneOrMore[Text]] = Field(
        {},
        description="own field: dataset.field, or a list where it leads to people of several types; "
        "any of several links leads to the person",
    )
    identities: dict[Identifier, FieldPath] = Field(default_factory=dict)
    facts: dict[Literal["account", "region", "age", "born"], FactSource] = Field(
        default_factory=dict
    )
    times: dict[DottedName, TimeSource] = Field(default_factory=dict)
    fields: dict[FieldPath, FieldUseText] = Field(default_factory=dict)
    backup_of: OneOrMore[Identifier] | None = Field(None, alias="backup of")

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """(own field, dataset.field) of everything that leads on from a row."""
        return tuple((own, to) for own, targets in self.subject.items() for to in targets)

    @model_validator(mode="after")
    def _one_place(self) -> Dataset:
        if (self.table is None) == (self.files is None) and self.backup_of is None:
            raise ValueError("say either `table: …` or `files: …`")
        return self


class DataMapFile(Strict):
    """`datamap.yaml`."""

    stores: dict[Identifier, StoreSpec]
    datasets: dict[Identifier, Dataset]
    ignore: dict[Identifier, OneOrMore[Text]] = Field(
        {}, description="store: tables that hold no personal data and need no dataset"
    )
