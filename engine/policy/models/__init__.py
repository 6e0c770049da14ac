"""What each policy file may say: one model a file, frozen, unknown keys refused."""

from engine.policy.models.collection import CollectionRule
from engine.policy.models.common import Guard, Obligation, Rule
from engine.policy.models.consent import Agreement, Choice, ConsentFile, Guardians
from engine.policy.models.controls import Control
from engine.policy.models.cookies import CookieRule
from engine.policy.models.header import Accepted, Controller, DecidedChange, Header
from engine.policy.models.retention import HoldReason, LaterTerm, RetentionFile, RetentionRule
from engine.policy.models.rights import RightRule, RightsFile
from engine.policy.models.sharing import SharingFile, SharingRule
from engine.policy.models.statutes import Statute
from engine.policy.models.use import UseRule
from engine.policy.models.vocabulary import VocabularyFile

__all__ = [
    "Accepted",
    "Agreement",
    "Choice",
    "CollectionRule",
    "ConsentFile",
    "Control",
    "Controller",
    "CookieRule",
    "DecidedChange",
    "Guard",
    "Guardians",
    "Header",
    "HoldReason",
    "LaterTerm",
    "Obligation",
    "RetentionFile",
    "RetentionRule",
    "RightRule",
    "RightsFile",
    "Rule",
    "SharingFile",
    "SharingRule",
    "Statute",
    "UseRule",
    "VocabularyFile",
]
