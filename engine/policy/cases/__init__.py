"""A policy's own tests, `tests/*.yaml`: what a version must answer, as an officer writes it.

A file names the `version` (or several) that it is about, the facts `given` in every case, and then cases:
`decisions`, `retention`, `gates`, `deadlines` and `cookies`. A case replaces the facts that it names; a fact
given nowhere is unknown. This package reads and checks the files; running the cases is for those who decide,
plan, ask and count days.
"""

from engine.policy.cases.given import Given
from engine.policy.cases.load import LoadedCases, check_cases, load_cases
from engine.policy.cases.models import (
    ROW,
    CaseFile,
    CookieCase,
    DeadlineCase,
    DecisionCase,
    GateCase,
    RetentionCase,
)
from engine.policy.cases.moments import NEVER, Due, Moment
from engine.policy.cases.results import CaseResult, Difference, Tested, listed

__all__ = [
    "NEVER",
    "ROW",
    "CaseFile",
    "CaseResult",
    "CookieCase",
    "DeadlineCase",
    "DecisionCase",
    "Difference",
    "Due",
    "GateCase",
    "Given",
    "LoadedCases",
    "Moment",
    "RetentionCase",
    "Tested",
    "check_cases",
    "listed",
    "load_cases",
]
