"""Some values of a dimension, said as demands, are those values and no others."""

from hypothesis import given
from hypothesis import strategies as st

from engine.decisions.facts import SubjectFacts, answer
from engine.policy.compiled.conditions import Fact, Kind, one_of
from engine.policy.diff.boxes import bits
from engine.policy.diff.dimensions import dimensions
from engine.policy.diff.limits import limit
from engine.policy.regions import within

PLACES = ("EU", "EEA", "DE", "FR", "US", "US-CA", "US-NY", "CN", "CA", "CA-QC")
SUBJECTS = ("customer", "child", "guest")


def some(values):
    return st.lists(st.sampled_from(values), min_size=1, max_size=3)


@st.composite
def limited(draw, kind, values):
    """A dimension that a few facts split, and some of its values but not all."""
    facts = draw(st.lists(values.map(lambda names: one_of(kind, names)), min_size=1, max_size=4))
    (dimension,) = dimensions(facts, SUBJECTS)
    return dimension, draw(st.integers(0, dimension.whole - 1))


def atoms(dimension, values):
    return {atom for number in bits(values) for atom in dimension.values[number]}


@given(limited(Kind.REGION, some(PLACES)))
def test_places(found):
    dimension, values = found
    cases = limit(dimension, values) if values else ()
    for spot in atoms(dimension, dimension.whole):
        said = any(
            all(any(within(spot, n) for n in d.fact.values) is d.holds for d in case)
            for case in cases
        )
        assert said == (spot in atoms(dimension, values)), (spot, cases)


@given(limited(Kind.AGE_BELOW, st.integers(1, 30).map(lambda age: (str(age),))))
def test_ages(found):
    dimension, values = found
    cases = limit(dimension, values) if values else ()
    starts = sorted(int(a) for a in atoms(dimension, dimension.whole))
    for age in range(40):
        about = SubjectFacts(age=age)
        said = any(all(answer(d.fact, about) is d.holds for d in case) for case in cases)
        band = str(max(start for start in starts if start <= age))
        assert said == (band in atoms(dimension, values)), (age, cases)


@given(limited(Kind.SUBJECT, some(SUBJECTS)))
def test_types_of_people(found):
    dimension, values = found
    cases = limit(dimension, values) if values else ()
    for subject in SUBJECTS:
        about = SubjectFacts(subject=subject)
        said = any(all(answer(d.fact, about) is d.holds for d in case) for case in cases)
        assert said == (subject in atoms(dimension, values))


def test_states_of_a_choice():
    facts = [Fact(Kind.CHOICE, ("mine",)), Fact(Kind.EXPLICIT, ("mine",))]
    (dimension,) = dimensions(facts, SUBJECTS)
    for values in range(1, dimension.whole):
        for state in ("off", "on", "explicit"):
            explicit = frozenset({"mine"} if state == "explicit" else ())
            about = SubjectFacts(choices={"mine": state != "off"}, explicit=explicit)
            cases = limit(dimension, values)
            said = any(all(answer(d.fact, about) is d.holds for d in case) for case in cases)
            assert said == (state in atoms(dimension, values)), (state, cases)
