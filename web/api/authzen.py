"""The AuthZEN Authorization API 1.0 (OpenID Foundation), beside our own.

`subject` is who asks to process: a calling service, or a recipient. `action.name` is the purpose, `resource`
is `personal-data` with the category as its id and the person in `properties.data_subject`;
`context.operation` is collect, use or share (share for a recipient, otherwise use).

The specification asks for some things that differ from the rest of the API: unknown fields are ignored, any
other content type is 400, and an error is a plain message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import orjson
from flask import Blueprint, Response, g, request
from pydantic_core import from_json
from werkzeug.exceptions import HTTPException

from engine.access.keys import ApiKey
from engine.decisions.decision import Effect, Request
from engine.enforcement.answer import Answer
from engine.errors import InvalidInput, Unavailable, UpheldError
from engine.policy.models import Obligation
from engine.policy.policy import Policy
from web.api.answering import Ask, Voice, answer, enforcement_of
from web.api.authzen_models import DATA, RECIPIENT, SERVICE, Evaluation, Evaluations, Semantic
from web.api.authzen_search import (
    SEARCH,
    ActionSearch,
    Candidate,
    ResourceSearch,
    SubjectSearch,
    actions,
    page_of,
    resources,
    subjects,
)
from web.api.callers import authenticate
from web.api.operations import Call
from web.api.reading import JSON, LARGEST_BODY, checked, parse
from web.errors import problem_of
from web.security import client_address
from web.services import Services

EVALUATION = "/access/v1/evaluation"
EVALUATIONS = "/access/v1/evaluations"
METADATA = "/.well-known/authzen-configuration"

S = TypeVar("S", SubjectSearch, ResourceSearch, ActionSearch)


def add_pages(api: Blueprint, services: Services) -> None:
    """The evaluation endpoints and the metadata; plain messages for what goes wrong."""
    desk = Desk(services)
    api.add_url_rule(EVALUATION, "evaluation", plainly(desk.evaluation), methods=["POST"])
    api.add_url_rule(EVALUATIONS, "evaluations", plainly(desk.evaluations), methods=["POST"])
    for name, view in desk.searches().items():
        api.add_url_rule(f"{SEARCH}/{name}", f"search_{name}", plainly(view), methods=["POST"])
    api.add_url_rule(METADATA, "authzen", desk.metadata, methods=["GET"])


def plainly(view: Callable[[], Response]) -> Callable[[], Response]:
    """A view whose errors are a message instead of problem details."""

    def answer() -> Response:
        try:
            return view()
        except (UpheldError, HTTPException) as error:
            problem = problem_of(error)
            said = problem.detail or problem.status.description
            response = Response(
                said, problem.status.value, content_type="text/plain; charset=utf-8"
            )
            if problem.retry_after:
                response.headers["Retry-After"] = problem.retry_after
            return response

    return answer


class Desk:
    """Answers the questions of one installation."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def evaluation(self) -> Response:
        """One question."""
        key = self._let_in()
        return _json(self._decide(key, read_evaluation(_body())))

    def evaluations(self) -> Response:
        """Several questions, or one where none are listed."""
        key = self._let_in()
        raw = _body()
        several = parse(Evaluations, raw)
        if not several.evaluations:
            return _json(self._decide(key, read_evaluation(raw)))
        answers = list(self._until(key, _last(several), _shared(raw), several.evaluations))
        return _json({"evaluations": answers})

    def metadata(self) -> Response:
        """Where what is."""
        base = self._services.config.base_url
        return _json(
            {
                "policy_decision_point": base,
                "access_evaluation_endpoint": base + EVALUATION,
                "access_evaluations_endpoint": base + EVALUATIONS,
                **{f"search_{name}_endpoint": f"{base}{SEARCH}/{name}" for name in self.searches()},
            }
        )

    def searches(self) -> dict[str, Callable[[], Response]]:
        """The search endpoints by what they look for."""
        return {
            "subject": lambda: self._search(SubjectSearch, subjects),
            "resource": lambda: self._search(ResourceSearch, resources),
            "action": lambda: self._search(ActionSearch, actions),
        }

    def _search(
        self, model: type[S], candidates: Callable[[Policy, S], Iterator[Candidate]]
    ) -> Response:
        self._let_in()
        asked = parse(model, _body())
        listed = list(candidates(self._policy(), asked))
        person = data_subject(asked.resource.properties)
        found = enforcement_of(self._services).look([one.request for one in listed], person)
        entries = [
            one.entry for one, decision in zip(listed, found, strict=True) if decision.permitted
        ]
        return _json(page_of(entries, asked.page))

    def _policy(self) -> Policy:
        policy = self._services.versions().in_force(self._services.clock.now())
        if policy is None:
            raise Unavailable("no published version of the policy is in force")
        return policy

    def _let_in(self) -> ApiKey:
        shown = request.headers.get("Authorization", "")
        return authenticate(self._services, shown, "decide", client_address())

    def _until(
        self, key: ApiKey, last: Effect | None, shared: dict[str, Any], items: Iterable[Any]
    ) -> Iterator[dict[str, Any]]:
        """The answers up to the one that ends it."""
        for item in items:
            answer = self._one(key, shared, item)
            yield answer
            if last and answer["decision"] is (last == "permit"):
                return

    def _one(self, key: ApiKey, shared: dict[str, Any], item: Any) -> dict[str, Any]:
        """A question that is wrong is a deny that says so."""
        if not isinstance(item, dict):
            return _refused("an evaluation is an object")
        try:
            return self._decide(key, _asked(checked(Evaluation, {**shared, **item})))
        except InvalidInput as error:
            return _refused(str(error))

    def _decide(self, key: ApiKey, ask: Ask) -> dict[str, Any]:
        call = Call(self._services, key=key, request_id=g.request_id)
        return _told(answer(call, ask)[0])


def read_evaluation(raw: bytes) -> Ask:
    """A body with one question; InvalidInput names the field that is wrong."""
    return _asked(parse(Evaluation, raw))


def tell_evaluation(answers: Sequence[Answer]) -> bytes:
    """The one answer as JSON."""
    return _VOICE.say(answers[0])


def read_evaluations(raw: bytes) -> Ask | None:
    """A body with several questions about one person, all in order; None for any other."""
    several = parse(Evaluations, raw)
    shared = _shared(raw)
    asks = [_asked(checked(Evaluation, {**shared, **item})) for item in several.evaluations]
    if len({ask.subject for ask in asks}) != 1:
        return None
    return Ask([ask.requests[0] for ask in asks], asks[0].subject, last=_last(several))


def tell_evaluations(answers: Sequence[Answer]) -> bytes:
    """The answers as JSON."""
    return b'{"evaluations":[%b]}' % b",".join(map(_VOICE.say, answers))


def _shared(raw: bytes) -> dict[str, Any]:
    """What stands beside the questions and holds for each that does not say otherwise."""
    beside = from_json(raw)
    return {name: beside[name] for name in Evaluation.model_fields if name in beside}


def _last(several: Evaluations) -> Effect | None:
    """The effect after which no further question is answered."""
    return _LAST[several.options.evaluations_semantic]


_LAST: dict[Semantic, Effect | None] = {
    "execute_all": None,
    "deny_on_first_deny": "deny",
    "permit_on_first_permit": "permit",
}


def _asked(asked: Evaluation) -> Ask:
    return Ask((_request(asked),), data_subject(asked.resource.properties))


def _request(asked: Evaluation) -> Request:
    if asked.subject.type not in (RECIPIENT, SERVICE):
        raise InvalidInput(f"`subject.type` is `{RECIPIENT}` or `{SERVICE}`", "subject.type")
    if asked.resource.type != DATA:
        raise InvalidInput(f"`resource.type` is `{DATA}`", "resource.type")
    shares = asked.subject.type == RECIPIENT
    operation = asked.context.get("operation", "share" if shares else "use")
    if operation not in ("collect", "use", "share"):
        raise InvalidInput(
            "`context.operation` is `collect`, `use` or `share`", "context.operation"
        )
    recipient = asked.subject.id if operation == "share" else ""
    return Request(operation, asked.resource.id, asked.action.name, recipient)


def data_subject(properties: dict[str, Any]) -> str | None:
    """The person whom a resource is about; None where nobody is named."""
    person = properties.get("data_subject")
    if person is not None and not isinstance(person, str):
        raise InvalidInput(
            "`resource.properties.data_subject` is text", "resource.properties.data_subject"
        )
    return person or None


def _told(answer: Answer) -> dict[str, Any]:
    """The same question gives the same body: nothing in it depends on when it was asked."""
    found = answer.decision
    context: dict[str, Any] = {
        "reason": found.reason,
        "rule": found.rule,
        "clauses": list(found.clauses),
        "missing": [missing.label for missing in found.missing],
        "policy_version": found.version,
    }
    if answer.mode == "shadow":
        context |= {"mode": "shadow", "would": found.permitted}
    if found.obligations:
        context["obligations"] = [_obligation(duty) for duty in found.obligations]
    return {"decision": answer.effect == "permit", "context": context}


_VOICE = Voice(lambda answer: orjson.dumps(_told(answer)))


def _obligation(duty: Obligation) -> dict[str, Any]:
    """In the form of the obligations profile, draft 1; ours are all of the type `custom`."""
    properties = {"kind": duty.kind} | ({"clause": duty.clause} if duty.clause else {})
    return {"id": str(duty), "type": "custom", "properties": properties}


def _refused(message: str) -> dict[str, Any]:
    return {"decision": False, "context": {"error": {"status": 400, "message": message}}}


def _body() -> bytes:
    request.max_content_length = LARGEST_BODY
    if request.mimetype != JSON:
        raise InvalidInput("the body is not application/json")
    return request.get_data()


def _json(told: Any) -> Response:
    return Response(orjson.dumps(told), content_type=JSON)
