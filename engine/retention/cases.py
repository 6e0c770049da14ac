"""Run a policy's own tests about retention: is a row, and each field, due when the officers expect it?

Each expectation is checked twice: not due an instant before, and due then. The judge is the one that looks
again after purges, fed with the events and facts of the case instead of rows from a store. What is due
instead, and by which rule, is the explanation's to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from engine.datamap.map import DataMap
from engine.datamap.model import Dataset, FactSource, StoreSpec
from engine.decisions.cases import facts_given
from engine.policy.cases import (
    ROW,
    CaseFile,
    CaseResult,
    Difference,
    Due,
    Given,
    RetentionCase,
    Tested,
)
from engine.policy.cases.moments import in_words
from engine.policy.models.retention import Action
from engine.policy.policy import Policy
from engine.policy.source import Document
from engine.ports import Record
from engine.retention.because import because
from engine.retention.calendar import day_end, day_start
from engine.retention.chronicle import Person, Story
from engine.retention.due import Setting, categories_in, leaves_of_row
from engine.retention.explain import Explainer, explain_dataset
from engine.retention.explained import PartExplained, Told
from engine.retention.forward import Fate, Judge
from engine.retention.guards import Facts
from engine.retention.people import people_of
from engine.retention.terms import Days

_SOMEBODY = "somebody"
_INSTANT = timedelta(microseconds=1)
_LIFETIME = timedelta(days=200 * 365)
_ANYWHERE = "anywhere"


def run_retention_cases(
    file: CaseFile, chain: Sequence[Policy], datamap: DataMap | None
) -> tuple[CaseResult, ...]:
    """Judge every retention case of a file, in its order.

    `chain` ends with the version that the file is about; the older ones still bind whoever has not agreed.
    Without a data map only cases about categories can be judged.
    """
    found = []
    for number, case in enumerate(file.retention):
        given = file.facts_of(case, chain[-1].version)
        of_case = _Case(case, given, chain, _map_for(case, chain[-1], datamap))
        differences = tuple(of_case.differences())
        exercised = frozenset(of_case.exercised())
        found.append(CaseResult(case.name, ("retention", number), differences, exercised))
    return tuple(found)


def anywhere(policy: Policy, category: str) -> DataMap:
    """A map with one dataset, whose rows are people and of this category: for what lies in no dataset."""
    facts = {
        name: FactSource.model_validate({"field": name}) for name in ("account", "region", "age")
    }
    told = {"store": _ANYWHERE, "table": _ANYWHERE, "key": "key", "row": category, "facts": facts}
    spec = Dataset.model_validate({**told, "person": policy.subjects[0]})
    stores = {_ANYWHERE: StoreSpec(adapter="sql")}
    return DataMap(stores, {_ANYWHERE: spec}, {}, Document(_ANYWHERE, {}, {}, {}))


def _map_for(case: RetentionCase, policy: Policy, datamap: DataMap | None) -> DataMap:
    if case.category is not None:
        return anywhere(policy, case.category)
    return datamap or DataMap({}, {}, {}, Document("", {}, {}, {}))


@dataclass(frozen=True)
class _Case:
    """One case with what it is judged by."""

    case: RetentionCase
    given: Given
    chain: Sequence[Policy]
    datamap: DataMap

    @property
    def policy(self) -> Policy:
        """The version that the case is about."""
        return self.chain[-1]

    @property
    def dataset(self) -> str:
        """The dataset that is judged."""
        return self.case.dataset or _ANYWHERE

    @cached_property
    def spec(self) -> Dataset:
        """What the map says of it."""
        return self.datamap.datasets[self.dataset]

    def differences(self) -> Iterator[Difference]:
        """Each expectation that is not met, and each field that goes before the row unsaid."""
        if self.dataset not in self.datamap.datasets:
            known = f"the data map has no dataset `{self.dataset}`"
            yield Difference("the dataset", f"`{self.dataset}`", "none", ("dataset",), known)
            return
        row_as_expected = True
        for name, dues in self.case.expect.items():
            if name != ROW and self._category(name) is None:
                found = f"`{self.dataset}` has no personal field `{name}`"
                yield Difference(f"`{name}`", "a field", "none", ("expect", name), found)
                continue
            for action, due in dues.items():
                for difference in self._compare(name, action, due):
                    row_as_expected = row_as_expected and name != ROW
                    yield difference
        if row_as_expected:
            yield from self._unlisted()

    def exercised(self) -> Iterator[Tested]:
        """The rules that set the dates that the case expects, and the holds that keep what else would go."""
        for part in self._parts:
            if part.name not in self.case.expect:
                continue
            for action, at in part.due.items():
                said = self._said(part.name, action)
                if at is not None and said is not None and action in part.winners:
                    yield Tested("retention", part.winners[action])
                elif part.held and said is not None and action in part.winners:
                    yield from (Tested("hold", name) for name in part.held)

    def _said(self, name: str, action: Action) -> Due | None:
        return self.case.expect.get(name, {}).get(action)

    def _compare(self, name: str, action: Action, due: Due) -> Iterator[Difference]:
        at = self._instant(due)
        if at is None:
            wrong = self._is_due(name, action, self._last_event() + _LIFETIME)
        else:
            early = self._is_due(name, action, at - _INSTANT)
            wrong = early or not self._is_due(name, action, at)
        if wrong:
            what = f"when {_named(name)} is due to {action}"
            found, why = self._found(name, action)
            yield Difference(what, str(due), found, ("expect", name, action), why)

    def _found(self, name: str, action: Action) -> tuple[str, str]:
        """When it is due instead, and why, in a few words."""
        part = next((p for p in self._parts if p.name == name), None)
        if part is None:
            return "with the row", ""
        at = part.due[action]
        return in_words(at, self.policy.header.zone), because(part, action)

    def _unlisted(self) -> Iterator[Difference]:
        """A field that is not listed goes with the row, so it is not due before that."""
        row = self._instant(self._said(ROW, "delete") or Due())
        moment = (row - _INSTANT) if row else self._last_event() + _LIFETIME
        fate = self._fate(moment)
        listed = {self._category(name) for name in self.case.expect}
        for name, use in self.spec.fields.items():
            if not use.category or use.category in listed or self._held(name):
                continue
            early = fate.fields[use.category]["delete"]
            kept = fate.row["delete"] is not None and self._held(ROW)
            if early and not fate.protected and not (kept and use.category in self._own):
                found = in_words(early, self.policy.header.zone)
                why = "a field that the case does not list goes with the row"
                yield Difference(f"`{name}`", "with the row", found, ("expect",), why)

    @cached_property
    def _own(self) -> tuple[str, ...]:
        """What the row is of: it stays with a row that is kept."""
        return leaves_of_row(self.policy, self.spec)

    def _category(self, name: str) -> str | None:
        use = self.spec.fields.get(name)
        return use.category if use else None

    def _is_due(self, name: str, action: Action, moment: datetime) -> bool:
        if action != "restrict" and self._held(name):
            return False
        fate = self._fate(moment)
        if name == ROW:
            return fate.row[action] is not None and not (action == "delete" and fate.protected)
        return fate.fields[self._category(name) or ""][action] is not None

    def _held(self, name: str) -> bool:
        """Whether a hold keeps the field; the row, if it keeps anything in it."""
        data = self.policy.hold_reasons()
        held = {
            leaf
            for reason in self.case.held
            for leaf in self.policy.data_leaves(data.get(reason, ()))
        }
        if name == ROW:
            return not held.isdisjoint(
                categories_in(self._setting(self._last_event()), self.dataset)
            )
        return self._category(name) in held

    def _setting(self, moment: datetime) -> Setting:
        facts = Facts({}, moment, Days.of(self.policy))
        return Setting(self.policy, self.datamap, facts, moment, moment, tuple(self.chain[:-1]))

    def _fate(self, moment: datetime) -> Fate:
        judge = Judge(self._setting(moment), self.dataset, self._agreed_after, self._chose)
        return judge.fate(self._story)

    def _chose(self, choices: tuple[str, ...], on: bool) -> frozenset[str]:
        """The person, if the case says that they have one of the choices on, or all of them off."""
        said = [(self.given.choice or {}).get(choice) for choice in choices]
        chosen = "on" in said if on else all(one == "off" for one in said)
        return frozenset({_SOMEBODY} if chosen else ())

    @property
    def _agreed(self) -> str:
        """They agreed to everything unless the case says otherwise."""
        return self.given.agreed or self.policy.version

    def _agreed_after(self, version: str) -> frozenset[str]:
        """The person, if they agreed to something newer."""
        names = [policy.version for policy in self.chain]
        newer = self._agreed in names and names.index(self._agreed) > names.index(version)
        return frozenset({_SOMEBODY} if newer else ())

    @cached_property
    def _parts(self) -> tuple[PartExplained, ...]:
        if self.dataset not in self.datamap.datasets:
            return ()
        people = people_of(self.datamap, self.dataset, facts_given(self.given, self.policy))
        told = Told(self._times, people, self._agreed, self.case.held)
        explainer = Explainer(self.chain, told, self._last_event())
        return explain_dataset(explainer, self.datamap, self.dataset)

    @property
    def _times(self) -> dict[str, datetime]:
        zone = self.policy.header.zone
        return {event: moment.at(zone) for event, moment in self.case.events.items()}

    @cached_property
    def _story(self) -> Story:
        paths = self.datamap.paths(self.dataset)
        ends = dict.fromkeys(path[-1].target if path else self.dataset for path in paths)
        people = tuple(
            Person(name, _SOMEBODY, Record((0,), _stored(self.datamap.datasets[name], self.given)))
            for name in ends
        )
        return Story(Record((0,), {}), self._times, people)

    def _instant(self, due: Due) -> datetime | None:
        zone = self.policy.header.zone
        if due.through is not None:
            return day_end(due.through, zone)
        return due.moment.at(zone) if due.moment else None

    def _last_event(self) -> datetime:
        begins = day_start(self.policy.effective, self.policy.header.zone)
        return max(self._times.values(), default=begins)


def _named(name: str) -> str:
    return "the row" if name == ROW else f"`{name}`"


def _stored(spec: Dataset, given: Given) -> Mapping[str, str]:
    """A person's row that says what is given, in the words of the store."""
    told = {"account": given.account, "region": given.region}
    told["age"] = None if given.age is None else str(given.age)
    row = {}
    for fact, source in spec.facts.items():
        value = told.get(fact)
        words = {meaning: raw for raw, meaning in (source.means or {}).items()}
        if value is not None and source.field is not None:
            row[source.field] = words.get(value, value)
    return row
