"""Making a plan: the steps of every dataset, counted by the stores that hold the data. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from engine.ports import Always, AnyOf, ColumnShape, DataAdapter, TableShape
from engine.retention.ceilings import lawless
from engine.retention.compiling import Compiler
from engine.retention.due import (
    Setting,
    applying,
    categories_in,
    floors_in,
    protects,
    told_in_time,
)
from engine.retention.events import Sight, Watch, is_record, watches
from engine.retention.expressions import NO_ROW, Expression, both, either, negated
from engine.retention.guards import fact_fields
from engine.retention.holds import Hold, held_rows
from engine.retention.outlook import Outlook
from engine.retention.plan import (
    DatasetPlan,
    Kept,
    Note,
    Plan,
    Step,
    cap_of,
    datamap_digest,
)
from engine.retention.sightings import Sighted
from engine.retention.steps import changes_of, in_order, steps_of
from engine.retention.wording import rows, sentence

MOST_VALUES = 10_000
"""How many spellings of a fact there may be; beyond, it is no fact that rules can be about."""

Progress = Callable[[str, int, int], None]


class Planner:
    """Counts what is due. `holds` are those in force."""

    def __init__(self, setting: Setting, compiler: Compiler, holds: tuple[Hold, ...]) -> None:
        self.setting = setting
        self.compiler = compiler
        self.holds = holds
        self._outlook = Outlook(setting, compiler)
        self._shapes: dict[str, dict[str, TableShape]] = {}
        self._steps: dict[str, tuple[Step, ...]] = {}

    def plan(
        self, sighted: Iterable[Sighted], progress: Progress, only: Iterable[str] | None = None
    ) -> Plan:
        """The plan for every dataset, or for some; `progress` is told (dataset, number, of how many)."""
        setting = self.setting
        names = in_order(setting.datamap, only or setting.datamap.datasets)
        datasets, steps = [], []
        for number, name in enumerate(names):
            progress(name, number, len(names))
            counted = self._dataset(name)
            if counted is not None:
                datasets.append(counted[0])
                steps += counted[1]
        return Plan(
            policy=setting.policy.name,
            version=setting.policy.version,
            policy_digest=setting.policy.digest,
            datamap_digest=datamap_digest(setting.datamap),
            now=setting.now,
            by=setting.by,
            datasets=tuple(datasets),
            steps=tuple(steps),
            holds=tuple(hold.id for hold in self.holds),
            notes=tuple(self._notes(names, sighted)),
        )

    def adapter(self, dataset: str) -> DataAdapter:
        """The adapter of a dataset's store."""
        return self.compiler.adapters[self.setting.datamap.datasets[dataset].store]

    def count(self, dataset: str, expression: Expression) -> int:
        """How many rows satisfy an expression."""
        if expression == NO_ROW:
            return 0
        spec = self.setting.datamap.datasets[dataset]
        return self.adapter(dataset).count(spec, self.compiler.condition(dataset, expression))

    def _dataset(self, name: str) -> tuple[DatasetPlan, list[Step]] | None:
        spec = self.setting.datamap.datasets[name]
        if spec.personal == "none":
            return None
        total = self.adapter(name).count(spec, Always())
        steps = [self._counted(step, total) for step in self._steps_of(name)]
        steps = [step for step in steps if not self._unfit(step)]
        acting = [self.acting(step) for step in steps if step.rows and step.verb != "restrict"]
        affected = self.count(name, either(*acting)) if len(acting) > 1 else 0
        if len(acting) == 1:
            affected = next(s.rows for s in steps if s.rows and s.verb != "restrict")
        plan = DatasetPlan(dataset=name, total=total, affected=affected, cap=cap_of(total))
        return plan, steps

    def _steps_of(self, name: str) -> tuple[Step, ...]:
        if name not in self._steps:
            self._steps[name] = steps_of(self.setting, name, self._held_whole(name))
        return self._steps[name]

    def _held_whole(self, name: str) -> Expression:
        """The rows that holds keep from being deleted."""
        return held_by(self.setting, self.holds, name, categories_in(self.setting, name))

    def acting(self, step: Step) -> Expression:
        """The rows of a step that no hold keeps."""
        return both(step.due, negated(held(self.setting, self.holds, step)))

    def affected(self, dataset: str) -> Expression:
        """The rows of a dataset that the plan would change."""
        steps = [s for s in self._steps_of(dataset) if s.verb != "restrict" and not self._unfit(s)]
        return either(*(self.acting(step) for step in steps))

    def _counted(self, step: Step, total: int) -> Step:
        due = self.count(step.dataset, self.acting(step))
        counted = step.model_copy(
            update={
                "total": total,
                "rows": due,
                "oldest": self._outlook.oldest(step, self.acting(step)) if due else None,
                "next_due": self._outlook.next_due(step),
                "kept": tuple(self._kept(step)),
            }
        )
        return counted.model_copy(update={"sentence": sentence(counted)})

    def _leaves(self, step: Step) -> tuple[str, ...]:
        return (step.category,) if step.category else categories_in(self.setting, step.dataset)

    def _kept(self, step: Step) -> Iterator[Kept]:
        for hold in self.holds:
            number = self.count(step.dataset, both(step.due, held(self.setting, (hold,), step)))
            if number:
                yield Kept(by="hold", name=hold.id, rows=number)
        yield from self._kept_by_law(step)
        yield from self._waiting_for_notice(step)

    def _waiting_for_notice(self, step: Step) -> Iterator[Kept]:
        """Rows that would go, had their people been told long enough ago."""
        rules = {
            one.ceiling.rule.id: one.ceiling
            for leaf in self._leaves(step)
            for one in applying(self.setting, step.dataset, leaf)
            if one.ceiling.rule.notice
        }
        if not rules or step.verb == "restrict":
            return
        told = steps_of(self.setting.without_notices(), step.dataset)
        due = next((other.due for other in told if other.id == step.id), NO_ROW)
        for rule, ceiling in rules.items():
            untold = negated(told_in_time(self.setting, step.dataset, ceiling))
            number = self.count(step.dataset, both(due, negated(step.due), untold))
            if number:
                yield Kept(by="notice", name=rule, rows=number)

    def _kept_by_law(self, step: Step) -> Iterator[Kept]:
        floors = {
            floor.statute: floor
            for leaf in self._leaves(step)
            for floor in floors_in(self.setting, step.dataset, leaf)
        }
        if not floors or step.verb == "restrict":
            return
        freely, name = self.setting.without_floors(), step.dataset
        steps = steps_of(freely, name, self._held_whole(name))
        bare = {s.id: s for s in steps}.get(step.id)
        for floor in floors.values():
            kept = protects(self.setting, step.dataset, floor)
            due = NO_ROW if bare is None else both(bare.due, negated(step.due), kept)
            number = self.count(step.dataset, due)
            if number:
                yield Kept(by="statute", name=floor.statute, rows=number)

    def _unfit(self, step: Step) -> bool:
        return bool(self._impossible(step))

    def _impossible(self, step: Step) -> tuple[str, ...]:
        """The fields that the step would empty although their column must be filled."""
        spec = self.setting.datamap.datasets[step.dataset]
        if step.verb not in ("erase", "anonymise"):
            return ()
        columns = self._columns(step.dataset)
        return tuple(
            name
            for name, change in (changes_of(spec, step) or {}).items()
            if change.how == "set"
            and change.value is None
            and name in columns
            and not columns[name].nullable
        )

    def _columns(self, dataset: str) -> dict[str, ColumnShape]:
        spec = self.setting.datamap.datasets[dataset]
        if spec.store not in self._shapes:
            found = self.adapter(dataset).shapes()
            self._shapes[spec.store] = {shape.name: shape for shape in found}
        shape = self._shapes[spec.store].get(spec.table or "")
        return {column.name: column for column in shape.columns} if shape else {}

    def _notes(self, names: list[str], sighted: Iterable[Sighted]) -> Iterator[Note]:
        for rule, leaf in lawless(self.setting.policy):
            message = (
                f"`{rule.id}` keeps `{leaf}` as required by law, but no statute applies: "
                "nothing is deleted until `statutes.yaml` names one"
            )
            yield Note(code="NO_STATUTE", severity="error", message=message, rule=rule.id)
        for name in names:
            yield from self._unreadable(name)
            yield from self._unclear(name)
            for step in self._steps_of(name):
                yield from self._unfit_note(step)
        for one in sighted:
            if one.rows and one.watch.sight is not Sight.STATE:
                yield _sighting_note(one)

    def _unfit_note(self, step: Step) -> Iterator[Note]:
        fields = self._impossible(step)
        if fields:
            columns = " and ".join(f"`{name}`" for name in fields)
            message = (
                f"{columns} of `{step.dataset}` must be filled, so it cannot be emptied: "
                'say what replaces it in the data map, such as `erase: ""`'
            )
            yield Note(code="CANNOT_EMPTY", severity="error", message=message, dataset=step.dataset)

    def _unclear(self, name: str) -> Iterator[Note]:
        """Rows that name somebody by an address which several people have but for case."""
        spec = self.setting.datamap.datasets[name]
        for path in self.setting.datamap.paths(name):
            unclear = self.compiler.unclear(path[0]) if len(path) == 1 else AnyOf(())
            number = self.adapter(name).count(spec, unclear) if unclear != AnyOf(()) else 0
            if number:
                message = (
                    f"{rows(number, 'name')} an address in `{name}` that several people have but for "
                    "case, none of them to the letter: nothing of it is due by what happened to them"
                )
                yield Note(code="UNCLEAR_PERSON", severity="warning", message=message, dataset=name)

    def _unreadable(self, name: str) -> Iterator[Note]:
        times = self.setting.datamap.datasets[name].times
        for rule, event in sorted(events_of(self.setting, name)):
            if is_record(event) and event not in times:
                message = (
                    f"`{rule}` counts from `{event}`, but the data map of `{name}` does not say "
                    f"where that is: add it under `times`"
                )
                yield Note(
                    code="NO_TIME", severity="error", message=message, dataset=name, rule=rule
                )


def held(setting: Setting, holds: Iterable[Hold], step: Step) -> Expression:
    """The rows that holds keep from a step; a field is kept only by a hold on its own category."""
    if step.verb == "restrict":
        return NO_ROW
    leaves = (step.category,) if step.category else categories_in(setting, step.dataset)
    return held_by(setting, holds, step.dataset, leaves)


def held_by(
    setting: Setting, holds: Iterable[Hold], dataset: str, leaves: tuple[str, ...]
) -> Expression:
    """The rows of a dataset that hold data of these categories which holds keep."""
    found = (held_rows(setting.policy, setting.datamap, hold, dataset, leaves) for hold in holds)
    return either(*found)


def events_of(setting: Setting, dataset: str) -> set[tuple[str, str]]:
    """(rule or statute, event) of everything that the data of a dataset is counted from."""
    found: set[tuple[str, str]] = set()
    for leaf in categories_in(setting, dataset):
        for one in applying(setting, dataset, leaf):
            found |= {(one.ceiling.rule.id, event) for event in one.ceiling.events()}
        floors = floors_in(setting, dataset, leaf)
        found |= {(floor.statute, floor.term.after.event) for floor in floors}
    return found


def all_watches(setting: Setting) -> tuple[Watch, ...]:
    """Everything that must be looked at before a plan: those on whose times others depend come first."""
    datamap = setting.datamap
    names = in_order(datamap, datamap.datasets)
    found = {
        watch: None
        for name in reversed(names)
        if datamap.datasets[name].personal != "none"
        for _, event in sorted(events_of(setting, name))
        for watch in watches(datamap, name, event)
    }
    return tuple(found)


def read_facts(compiler: Compiler) -> dict[tuple[str, str], tuple[str, ...]]:
    """The spellings that occur of every fact about people."""
    found = {}
    for dataset, field in fact_fields(compiler.datamap):
        spec = compiler.datamap.datasets[dataset]
        found[dataset, field] = compiler.adapters[spec.store].distinct(spec, field, MOST_VALUES)
    return found


def _sighting_note(one: Sighted) -> Note:
    watch = one.watch
    if watch.sight is Sight.ORPHAN:
        message = (
            f"{rows(one.rows, 'name')} somebody who is not there, in `{watch.dataset}`: "
            f"`{watch.event}` counts from when that was first seen"
        )
        return Note(code="ORPHANS", severity="warning", message=message, dataset=watch.dataset)
    message = (
        f"{rows(one.rows, 'have')} no believable `{watch.event}` in `{watch.dataset}` "
        "(missing, zero or far in the future): it counts from when that was first seen"
    )
    return Note(code="ODD_TIMES", severity="warning", message=message, dataset=watch.dataset)
