"""What `upheld explain` asks the engine: about facts given on the command line, or about a real person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.consent.explain import GateExplained, explain_gate
from engine.consent.facts import ConsentFacts
from engine.consent.records import Said, Standing, State
from engine.decisions.decision import Request
from engine.decisions.explain import DecisionExplained, explain
from engine.decisions.facts import SubjectFacts
from engine.errors import InvalidInput, UnknownName
from engine.policy.cases import Moment
from engine.policy.policy import Policy
from engine.retention.ceilings import ceilings_of, floors_of
from engine.retention.explain import Explainer, explain_dataset
from engine.retention.explained import PartExplained, Told
from engine.retention.people import people_of
from engine.rights.explain import DeadlineExplained, Received, explain_deadline
from upheld.beside import datamap_beside
from upheld.given import read_given, table_given
from upheld.places import policy_folder
from upheld.settings import Settings
from upheld.which import Found, which_version

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Asked:
    """The version that is asked about; nothing but the policy's folder has been read."""

    settings: Settings
    found: Found
    now: datetime

    @classmethod
    def of(cls, settings: Settings, version: str | None) -> Asked:
        """The version named, else the one in force, else the newest."""
        now = datetime.now(UTC)
        return cls(settings, which_version(policy_folder(settings), version, now), now)

    @property
    def policy(self) -> Policy:
        """The version itself."""
        return self.found.policy

    def decision(self, request: Request, given: Iterable[str]) -> DecisionExplained:
        """Why something may be done, or not, under these facts; what is not given is unknown."""
        table, about = table_given(self.found, given)
        return explain(table, request, about)

    def expiry(
        self, name: str, given: Iterable[str], held: Sequence[str]
    ) -> tuple[PartExplained, ...]:
        """Why a row of a dataset, or data of a category, is due when it is.

        `given` are facts, and times of events such as `record.created=2026-05-01 12:00`. Whoever is not said
        to have agreed to an older version only (`agreed=…`) has agreed to this one.
        """
        facts = [text for text in given if not _is_event(text)]
        events = dict(self._event(text) for text in given if _is_event(text))
        for reason in held:
            _require("reason for a hold", reason, self.policy.hold_reasons())
        about = read_given(facts, self.policy)
        agreed = about.agreed or ("no" if "agreed=no" in facts else self.policy.version)
        datamap = datamap_beside(self.policy, self.settings).map
        if datamap and name in datamap.datasets and datamap.datasets[name].personal != "none":
            people = people_of(datamap, name, about)
            explainer = self._explainer(Told(events, people, agreed, tuple(held)))
            return explain_dataset(explainer, datamap, name)
        known = [*(datamap.datasets if datamap else ()), *self.policy.categories.terms]
        _require("dataset or category", name, self.policy.categories.terms, known)
        person = SubjectFacts(
            subject=about.subject or self.policy.subjects[0],
            region=about.region,
            account=about.account,
            age=about.age,
        )
        explainer = self._explainer(Told(events, (person,), agreed, tuple(held)))
        return (explainer.row(self.policy.categories.leaves_under(name)),)

    def gate(
        self,
        given: Iterable[str],
        *,
        said: Iterable[str],
        declined: str | None,
        on: str | None,
    ) -> GateExplained:
        """Why somebody is let in or asked. `said` are answers such as `suggestions=on@2026-04-03 10:00`."""
        about = read_given(given, self.policy)
        answers = dict(self._answer(text) for text in said)
        now = self.moment(on) if on else self.now
        return explain_gate(
            self.found.chain,
            Standing(about.agreed, declined, answers),
            now,
            region=about.region,
            signals=about.signals or (),
        )

    def deadline(
        self,
        right: str,
        *,
        received: str | None,
        region: str | None,
        verified: str | None,
        extended: bool,
    ) -> DeadlineExplained:
        """Why a request is due when it is; received now, if not said."""
        request = Received(
            right,
            region,
            self.moment(received) if received else self.now,
            self.moment(verified) if verified else None,
            extended,
        )
        return explain_deadline(self.policy, request)

    def moment(self, text: str) -> datetime:
        """A time in the policy's zone; a day alone begins it."""
        written = f"{text} 00:00" if _DAY.fullmatch(text) else text.replace("T", " ")
        return Moment.parse(written).at(self.policy.header.zone)

    def _explainer(self, told: Told) -> Explainer:
        return Explainer(self.found.chain, told, self.now)

    def _event(self, text: str) -> tuple[str, datetime]:
        name, _, value = text.partition("=")
        _require("event that a rule counts from", name, self._events())
        return name, self.moment(value)

    def _events(self) -> list[str]:
        """Every event that a rule or a statute of the chain counts from."""
        found: dict[str, None] = {}
        for policy in self.found.chain:
            for leaf in policy.categories.leaves:
                for ceiling in ceilings_of(policy, leaf):
                    found |= dict.fromkeys(sorted(ceiling.events()))
                found |= {floor.term.after.event: None for floor in floors_of(policy, leaf)}
        return list(found)

    def _answer(self, text: str) -> tuple[str, Said]:
        choice, _, rest = text.partition("=")
        _require("choice", choice, [one.id for one in self.policy.consent.choices])
        state, _, since = rest.partition("@")
        if state not in ("on", "off") or not since:
            raise InvalidInput(
                f"`{text}` is not an answer such as `{choice}=on@2026-04-03 10:00`", "said"
            )
        given = State.GIVEN if state == "on" else State.REFUSED
        return choice, Said(given, self.moment(since), self.policy.version)


def of_subject(request: Request, subject: str) -> tuple[Policy, DecisionExplained]:
    """Why the version in force permits something about a person, or not, by what is known of them now."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        table = house.table()
        if table is None:
            raise InvalidInput("no published version of the policy is in force")
        with house.database.read() as conn:
            facts = ConsentFacts(house.consent).facts_of(conn, subject, now=house.clock.now())
        return table.policy, explain(table, request, table.with_default(facts))


def gate_of_subject(subject: str) -> tuple[Policy, GateExplained]:
    """What a person would be asked if they logged in now, and why."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        chain = house.consent.chain()
        stored = house.consent.stored(subject)
        found = explain_gate(
            chain, stored.standing, house.clock.now(), region=stored.platform.region
        )
        return chain[-1], found


def _is_event(text: str) -> bool:
    name = text.partition("=")[0]
    return "." in name and ":" not in name


def _require(kind: str, name: str, known: Iterable[str], named: Iterable[str] = ()) -> None:
    listed = list(known)
    if name not in listed:
        raise UnknownName(kind, name, list(named) or listed)
