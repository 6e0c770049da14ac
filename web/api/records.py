"""Filtering a record, and checking a payload before it is stored: decisions field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from engine.datamap.model import Dataset
from engine.decisions.decision import Decision, Request
from engine.decisions.facts import NOTHING_OF_RECORD, RecordFacts
from engine.enforcement.answer import Answer
from engine.enforcement.payloads import check_payload
from engine.enforcement.records import categories_in, filter_record
from engine.errors import InvalidInput, Unavailable, did_you_mean
from web.api.answering import Ask, caller_of, count, enforcement_of
from web.api.operations import Call, Operation
from web.api.reading import Strict, Subject, Term

MOST_FIELDS = 1000

Fields = Annotated[dict[str, Any], Field(max_length=MOST_FIELDS)]
DatasetName = Annotated[str, Field(max_length=100, description="a dataset of the data map")]


class RecordQuestion(Strict):
    """A record, and what is to be done with it."""

    dataset: DatasetName
    record: Fields = Field(description="its columns, as the dataset has them, its key among them")
    operation: Literal["use", "share"] = "use"
    purpose: Term
    recipient: Annotated[str, Field(max_length=200)] = ""
    subject: Subject | None = Field(
        None, description="the person; if not given, read from the record where it names its person"
    )
    by_api_key: bool = False


class RemovedField(BaseModel):
    """A field that was taken out, and why."""

    field: str
    category: str | None
    rule: str | None
    clauses: list[str]
    missing: list[str]
    reason: str


class FilteredRecord(BaseModel):
    """The record without what may not be used, and what must be done besides."""

    record: dict[str, Any]
    removed: list[RemovedField]
    obligations: list[str]
    subject: str | None
    mode: Literal["enforce", "shadow"]


class PayloadQuestion(Strict):
    """A payload, and what its fields hold: by a dataset of the data map, by `categories`, or both."""

    payload: Fields
    dataset: DatasetName | None = None
    categories: Annotated[dict[str, Term | None], Field(max_length=MOST_FIELDS)] = Field(
        default_factory=dict, description="field: category; null where it is not personal"
    )
    purpose: Annotated[str, Field(max_length=200)] = Field(
        "", description="if given, some use or sharing for this purpose must be permitted"
    )
    subject: Subject | None = None
    by_api_key: bool = False


class CheckedPayload(BaseModel):
    """What may be stored, and what may not."""

    payload: dict[str, Any]
    refused: list[RemovedField]
    mode: Literal["enforce", "shadow"]


def operations() -> list[Operation]:
    """`/v1/records/filter` and `/v1/collections/check`."""
    return [
        Operation(
            "POST",
            "/v1/records/filter",
            "decisions",
            "A record in; the same record out without what may not be used for this purpose",
            filtered,
            FilteredRecord,
            body=RecordQuestion,
            scope="decide",
            example={
                "dataset": "api_calls",
                "record": {"id": 7, "user_id": 42, "model_name": "m", "username": "ann"},
                "purpose": "prevent-abuse",
            },
            describe=(
                "Fields that the data map does not know are taken out. Keys and links stay. The record is "
                "looked up by its key: what a rule restricts record by record, and what an erasure left for "
                "the law, is taken out unless the purpose is one of the law's. Where such data may be in the "
                "dataset and the record cannot be read, that is unknown, and unknown permits nothing."
            ),
        ),
        Operation(
            "POST",
            "/v1/collections/check",
            "decisions",
            "A payload in: what of it may be stored",
            checked,
            CheckedPayload,
            body=PayloadQuestion,
            scope="decide",
            example={
                "subject": "42",
                "payload": {"email": "ann@example.com", "note": "card 4111 1111 1111 1111"},
                "categories": {"email": "account.email", "note": None},
            },
            describe="Payment card numbers are refused wherever they stand, whatever the category.",
        ),
    ]


def filtered(call: Call) -> FilteredRecord:
    """Take out what may not be used."""
    body: RecordQuestion = call.body
    spec = _dataset(call, body.dataset)
    subject = body.subject or _person_in(call, body.dataset, body.record)
    shape = Request(body.operation, "", body.purpose, body.recipient)
    categories = categories_in(spec, body.record)
    known = _of_record(call, body.dataset, body.record)
    answers = _ask(call, Ask((shape,), subject, body.by_api_key), categories, known)
    found = filter_record(spec, body.record, _deciding(answers), known)
    mode = caller_of(call).mode
    duties = dict.fromkeys(str(duty) for one in found.permitted for duty in one.obligations)
    return FilteredRecord(
        record=dict(body.record) if mode == "shadow" else found.record,
        removed=[_told(r.field, r.category, r.reason, r.decision) for r in found.removed],
        obligations=list(duties),
        subject=subject,
        mode=mode,
    )


def checked(call: Call) -> CheckedPayload:
    """Sort what may be stored from what may not; card numbers are refused in shadow mode too."""
    body: PayloadQuestion = call.body
    categories = _categories(call, body)
    wanted = tuple(
        dict.fromkeys(c for field in body.payload if (c := categories.get(field)) is not None)
    )
    ask = Ask((Request("collect", "", body.purpose),), body.subject, body.by_api_key)
    answers = _ask(call, ask, wanted)
    found = check_payload(body.payload, categories, _deciding(answers))
    kept, mode = dict(found.payload), caller_of(call).mode
    if mode == "shadow":
        kept |= {r.field: body.payload[r.field] for r in found.refused if r.decision is not None}
    return CheckedPayload(
        payload=kept,
        refused=[_told(r.field, r.category, r.reason, r.decision) for r in found.refused],
        mode=mode,
    )


def _categories(call: Call, body: PayloadQuestion) -> dict[str, str | None]:
    known: dict[str, str | None] = {}
    if body.dataset is not None:
        fields = _dataset(call, body.dataset).fields
        known = {field: use.category for field, use in fields.items()}
    return known | body.categories


def _of_record(call: Call, dataset: str, record: Mapping[str, Any]) -> RecordFacts:
    records = call.services.records
    if records is None:
        raise Unavailable("this installation cannot read the records that services ask about")
    return records.of(dataset, record)


def _ask(
    call: Call,
    ask: Ask,
    categories: tuple[str, ...],
    known: RecordFacts = NOTHING_OF_RECORD,
) -> Mapping[str, Answer]:
    asked = replace(ask.named(call.request_id), record=known)
    answers = enforcement_of(call.services).about(caller_of(call), asked, categories)
    count(answers.values())
    return answers


def _deciding(answers: Mapping[str, Answer]) -> Any:
    return lambda category: answers[category].decision


def _dataset(call: Call, name: str) -> Dataset:
    datamap = call.services.datamap
    if datamap is None:
        raise Unavailable("this installation has no data map")
    datasets = datamap().datasets
    if name not in datasets:
        raise InvalidInput(f"no dataset `{name}`{did_you_mean(name, datasets)}", "dataset")
    found: Dataset = datasets[name]
    return found


def _person_in(call: Call, dataset: str, record: Mapping[str, Any]) -> str | None:
    """The person whom a record names: itself, or by a link to a person's first identity."""
    if call.services.datamap is None:
        return None
    datamap = call.services.datamap()
    for path in datamap.paths(dataset):
        target, field = (path[0].target, path[0].field) if path else (dataset, "")
        identities = datamap.datasets[target].identities
        first = next(iter(identities.values()), None)
        named = field if path else first
        leads = not path or (len(path) == 1 and path[0].target_field == first)
        value = record.get(named) if named and leads else None
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(datamap.subject_id(target, str(value)))
    return None


def _told(field: str, category: str, reason: str, decision: Decision | None) -> RemovedField:
    return RemovedField(
        field=field,
        category=category or None,
        rule=(decision.rule or None) if decision else None,
        clauses=list(decision.clauses) if decision else [],
        missing=[missing.label for missing in decision.missing] if decision else [],
        reason=reason,
    )
