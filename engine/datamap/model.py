"""`datamap.yaml`: what a deployment says about where its personal data lies. Deployment, not policy."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from engine.policy.models.common import (
    DOTTED,
    DottedName,
    FlagText,
    Name,
    OneOrMore,
    Strict,
    Text,
    ValueText,
    exclusive,
)

NOT_PERSONAL = "not personal"

Identifier = Annotated[
    str, StringConstraints(pattern=r"^[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$", max_length=100)
]
FieldPath = Annotated[str, StringConstraints(min_length=1, max_length=300)]
"""A column, or `column.key.key` for a path into a JSON column."""

TimeForm = Literal["timestamp", "text", "epoch seconds", "epoch milliseconds"]
Anonymise = Literal["null", "truncate ip", "hash", "blank", "year", "keep"]
"""How a field is anonymised; `keep`: once the link to the person is cut it tells nothing of anybody."""

Values = OneOrMore[ValueText]


class StoreSpec(Strict):
    """One store; what an adapter needs beyond its name stands in its own keys."""

    adapter: Name = Field(
        description="which kind of store it is: `sql`, `jsonl`", examples=["sql", "jsonl"]
    )
    url: Text | None = Field(
        None,
        description="the database's address; `${NAME}` is taken from the environment",
        examples=["${UPHELD_PLATFORM_URL}"],
    )
    path: Text | None = Field(
        None, description="the folder of the files", examples=["var/log/access"]
    )
    options: dict[str, str] = Field(
        default_factory=dict,
        description="what else the adapter takes: `hash key`, and of files `grace`",
        examples=[{"grace": "12 hours"}],
    )


class TimeSource(Strict):
    """How an event's time is read from a row: a field, a state (`when`), or a field while in a state."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["field"]}, {"required": ["when"]}]}
    )

    field: FieldPath | None = Field(
        None, description="the field that holds the time", examples=["created_at"]
    )
    form: TimeForm = Field(
        "timestamp", alias="as", description="how the time is stored", examples=["epoch seconds"]
    )
    when: dict[FieldPath, Values] | None = Field(
        None,
        description="the event has happened only while these fields have one of these values",
        examples=[{"status": [3]}],
    )
    moves: FlagText = Field(
        False,
        description="the field changes later too (such as updated_at): the first sighting counts",
        examples=[True],
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

    model_config = ConfigDict(json_schema_extra=exclusive(("field",), ("always",)))

    field: FieldPath | None = Field(
        None, description="the field that holds it", examples=["status"]
    )
    always: Text | None = Field(
        None,
        description="the same for everybody in this dataset, such as `none` for no account",
        examples=["none"],
    )
    means: dict[str, ValueText] | None = Field(
        None,
        alias="is",
        description="what each stored value means; without it the value is the fact",
        examples=[{"1": "active", "3": "cancelled"}],
    )

    @model_validator(mode="after")
    def _one_source(self) -> FactSource:
        if (self.field is None) == (self.always is None):
            raise ValueError("say either `field: …` or `always: …`")
        return self


class FieldUse(Strict):
    """One field: its category, and how it is erased or anonymised."""

    category: DottedName | None = Field(
        alias="is", description="a leaf category of the policy", examples=["account.username"]
    )
    erase: ValueText | None = Field(
        None,
        description="the value that replaces it when it is erased; null if not given",
        examples=[""],
    )
    anonymise: Anonymise = Field(
        "null", description="what makes it anonymous", examples=["truncate ip"]
    )


def _field_use(value: Any) -> Any:
    if value == NOT_PERSONAL:
        return {"is": None}
    return {"is": value} if isinstance(value, str) else value


class _NameToo:
    """In the JSON Schema too, a field may be just its category."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        category = {"type": "string", "pattern": DOTTED, "maxLength": 200}
        return {"anyOf": [{"const": NOT_PERSONAL}, category, handler(core_schema)]}


FieldUseText = Annotated[FieldUse, BeforeValidator(_field_use), _NameToo()]


class Dataset(Strict):
    """Rows of one kind: where they lie, whose they are, what they hold, when their times were."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["table"], "not": {"required": ["files"]}},
                {"required": ["files"], "not": {"required": ["table"]}},
                {
                    "required": ["backup of"],
                    "not": {"anyOf": [{"required": ["table"]}, {"required": ["files"]}]},
                },
            ]
        }
    )

    store: Identifier = Field(description="the store that it lies in", examples=["platform"])
    table: Text | None = Field(
        None, description="table, or schema.table", examples=["users", "billing.invoices"]
    )
    files: Text | None = Field(
        None,
        description="file names, dated or rotated",
        examples=["access-%Y-%m-%d.jsonl", "access.jsonl.*"],
    )
    rows: dict[FieldPath, Values] = Field(
        {},
        description="only rows in which these fields have one of these values",
        examples=[{"type": [2, 5]}],
    )
    key: OneOrMore[FieldPath] = Field(
        (), description="the field or fields that name a row", examples=["id", ["user_id", "day"]]
    )
    row: DottedName | None = Field(
        None, description="the row goes when this category is due", examples=["usage.call"]
    )
    person: Name | None = Field(
        None, description="a row is a person of this type", examples=["customer"]
    )
    personal: Literal["none"] | None = Field(
        None, description="`none`: no personal data here", examples=["none"]
    )
    subject: dict[FieldPath, OneOrMore[Text]] = Field(
        {},
        description="own field: dataset.field, or a list where it leads to people of several types; "
        "any of several links leads to the person",
        examples=[{"user_id": "users.id"}, {"person_id": ["pupils.id", "teachers.id"]}],
    )
    identities: dict[Identifier, FieldPath] = Field(
        default_factory=dict,
        description="of a person: each name by which others know them; the first is their id",
        examples=[{"user_id": "id", "email": "email"}],
    )
    facts: dict[Literal["account", "region", "age", "born"], FactSource] = Field(
        default_factory=dict,
        description="of a person: what rules ask for",
        examples=[{"region": {"field": "country"}}],
    )
    times: dict[DottedName, TimeSource] = Field(
        default_factory=dict,
        description="the events that rules count from, and where their times stand",
        examples=[{"record.created": {"field": "created_at"}}],
    )
    fields: dict[FieldPath, FieldUseText] = Field(
        default_factory=dict,
        description="each field with its category, or `not personal`; `a.b` is a path into JSON",
        examples=[{"email": "account.email", "channel_id": "not personal"}],
    )
    backup_of: OneOrMore[Identifier] | None = Field(
        None,
        alias="backup of",
        description="a copy of these datasets: only rules that count from `backup.taken` apply",
        examples=[["users", "api_calls"]],
    )

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """(own field, dataset.field) of everything that leads on from a row."""
        return tuple((own, to) for own, targets in self.subject.items() for to in targets)

    @model_validator(mode="after")
    def _one_place(self) -> Dataset:
        places = [place for place in (self.table, self.files) if place is not None]
        if len(places) > 1 or (not places and self.backup_of is None):
            raise ValueError("say either `table: …` or `files: …`")
        return self


class DataMapFile(Strict):
    """`datamap.yaml`."""

    stores: dict[Identifier, StoreSpec] = Field(
        description="the places that personal data lies in",
        examples=[{"platform": {"adapter": "sql", "url": "${UPHELD_PLATFORM_URL}"}}],
    )
    datasets: dict[Identifier, Dataset] = Field(
        description="rows of one kind, by a name of their own",
        examples=[{"users": {"store": "platform", "table": "users", "key": "id"}}],
    )
    ignore: dict[Identifier, OneOrMore[Text]] = Field(
        {},
        description="store: tables that hold no personal data and need no dataset",
        examples=[{"platform": ["migrations"]}],
    )
