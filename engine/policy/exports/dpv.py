"""The policy in the Data Privacy Vocabulary (DPV 2.3), as JSON-LD: one graph that says who does what with
which data, why, on which basis, with whom, for how long, and what nobody may do.

Every name of the policy becomes a node of its own, typed by what it is in DPV. The context stands in the
document, so that nothing has to be fetched to read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from engine.policy.durations import Duration
from engine.policy.event_words import keeping_words
from engine.policy.models import RetentionRule, RightRule, SharingRule
from engine.policy.models.use import Processing
from engine.policy.policy import Policy
from engine.policy.vocabulary import Term, Tree

PREFIXES = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "tech": "https://w3id.org/dpv/tech#",
    "loc": "https://w3id.org/dpv/loc#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "dct": "http://purl.org/dc/terms/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
BASES = {
    "consent": "eu-gdpr:A6-1-a",
    "explicit consent": "eu-gdpr:A6-1-a-explicit-consent",
    "contract": "eu-gdpr:A6-1-b",
    "legal obligation": "eu-gdpr:A6-1-c",
    "vital interests": "eu-gdpr:A6-1-d",
    "public task": "eu-gdpr:A6-1-e",
    "legitimate interest": "eu-gdpr:A6-1-f",
}
RIGHTS = {
    "access": "eu-gdpr:A15",
    "correction": "eu-gdpr:A16",
    "deletion": "eu-gdpr:A17",
    "restriction": "eu-gdpr:A18",
    "export": "eu-gdpr:A20",
    "objection": "eu-gdpr:A21",
    "withdrawal": "eu-gdpr:A7-3",
    "complaint": "eu-gdpr:A77",
}
ROLES = {
    "processor": "dpv:DataProcessor",
    "controller": "dpv:DataController",
    "joint controller": "dpv:JointDataControllers",
    "third party": "dpv:ThirdParty",
}
ENDS = {"delete": "dpv:Erase", "anonymise": "dpv:Anonymise", "restrict": "dpv:Restrict"}

Node = dict[str, Any]


def as_dpv(policy: Policy) -> dict[str, Any]:
    """The policy as a JSON-LD document."""
    return {"@context": PREFIXES, "@graph": list(_Export(policy).nodes())}


class _Export:
    """One export; knows the addresses of the policy's own names."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.base = f"urn:upheld:{policy.name}:{policy.version}"

    def nodes(self) -> Iterator[Node]:
        yield self._notice()
        yield self._controller()
        yield from (self._subject(name) for name in self.policy.subjects)
        yield from (self._category(term) for term in self.policy.categories)
        yield from (self._purpose(term) for term in self.policy.purposes)
        yield from (self._recipient(term) for term in self.policy.recipients)
        for rule in (*self.policy.use, *self.policy.sharing):
            yield self._prohibition(rule) if rule.denies else self._process(rule)
        yield from (self._storage(rule) for rule in self.policy.retention)
        yield from (self._right(rule) for rule in self.policy.rights.rules)

    def _at(self, *parts: str) -> str:
        return "/".join((self.base, *parts))

    def _ref(self, kind: str, names: Iterable[str]) -> list[Node]:
        return [{"@id": self._at(kind, name)} for name in names]

    def _notice(self) -> Node:
        processing = [*self.policy.use, *self.policy.sharing]
        permits = [rule.id for rule in processing if not rule.denies]
        return {
            "@id": self.base,
            "@type": "dpv:PrivacyNotice",
            "dct:title": self.policy.text.title,
            "dct:hasVersion": self.policy.version,
            "dct:valid": {"@value": self.policy.effective.isoformat(), "@type": "xsd:date"},
            "dpv:hasDataController": {"@id": self._at("controller")},
            "dpv:hasProcess": self._ref("rule", [*permits, *(r.id for r in self.policy.retention)]),
            "dpv:hasRule": self._ref("rule", (rule.id for rule in processing if rule.denies)),
            "dpv:hasRight": self._ref("rule", (rule.id for rule in self.policy.rights.rules)),
        }

    def _controller(self) -> Node:
        told = self.policy.header.controller
        return _without_nothing(
            {
                "@id": self._at("controller"),
                "@type": "dpv:DataController",
                "dpv:hasName": told.name,
                "dpv:hasAddress": told.address,
                "dpv:hasContact": told.email,
                "dpv:hasCountry": _country(told.country),
            }
        )

    def _subject(self, name: str) -> Node:
        return {"@id": self._at("subject", name), "@type": "dpv:DataSubject", "rdfs:label": name}

    def _category(self, term: Term) -> Node:
        special = self.policy.categories.inherited(term.name, "special")
        kinds = [_own(self.policy.categories, term, "dpv:PersonalData")]
        kinds += ["dpv:SpecialCategoryPersonalData"] if special else []
        return self._named("data", term, kinds)

    def _purpose(self, term: Term) -> Node:
        return self._named("purpose", term, [_own(self.policy.purposes, term, "dpv:Purpose")])

    def _recipient(self, term: Term) -> Node:
        recipients = self.policy.recipients
        role = recipients.inherited(term.name, "role")
        places = recipients.inherited(term.name, "countries") or ()
        listed = (places,) if isinstance(places, str) else places
        found = self._named("recipient", term, [ROLES.get(str(role), "dpv:Recipient")])
        named = {"dpv:hasName": term.get("name"), "dpv:hasCountry": [_country(p) for p in listed]}
        return found | _without_nothing(named)

    def _named(self, kind: str, term: Term, kinds: list[str]) -> Node:
        above = term.name.rpartition(".")[0]
        node = {"@id": self._at(kind, term.name), "@type": kinds, "rdfs:label": term.means}
        return node | ({"dct:isPartOf": {"@id": self._at(kind, above)}} if above else {})

    def _process(self, rule: Processing) -> Node:
        basis = BASES.get(rule.basis or "")
        return _without_nothing(
            {
                **self._scope(rule, "dpv:Process"),
                "dpv:hasLegalBasis": {"@id": basis} if basis else None,
                "dpv:hasDataSubject": self._ref("subject", self._subjects(rule)),
            }
        )

    def _subjects(self, rule: Processing) -> tuple[str, ...]:
        told = rule.when.subject if rule.when else None
        return told or tuple(self.policy.subjects)

    def _prohibition(self, rule: Processing) -> Node:
        return self._scope(rule, "dpv:Prohibition")

    def _scope(self, rule: Processing, kind: str) -> Node:
        shares = isinstance(rule, SharingRule)
        leaves = (
            self.policy.recipient_leaves(rule.recipients) if isinstance(rule, SharingRule) else ()
        )
        return _without_nothing(
            {
                **self._cited(rule.id, kind, rule.clause),
                "dpv:hasProcessing": {"@id": "dpv:Share" if shares else "dpv:Use"},
                "dpv:hasPersonalData": self._ref("data", self.policy.data_leaves(rule.data)),
                "dpv:hasPurpose": self._ref("purpose", self.policy.purpose_leaves(rule.purposes)),
                "dpv:hasRecipient": self._ref("recipient", leaves),
            }
        )

    def _storage(self, rule: RetentionRule) -> Node:
        words = keeping_words(rule.keep, rule.after)
        terms = [words, *(keeping_words(term.keep, term.after) for term in rule.or_later)]
        length = rule.keep.iso8601 if isinstance(rule.keep, Duration) else str(rule.keep)
        condition: Node = {
            "@id": self._at("rule", rule.id, "condition"),
            "@type": "dpv:StorageDuration",
            "rdfs:label": " or, if later, ".join(terms),
            "dpv:hasDuration": length,
        }
        ends = [{"@id": ENDS[rule.then]}] if rule.then else []
        return {
            **self._cited(rule.id, "dpv:Process", rule.clause),
            "dpv:hasProcessing": [{"@id": "dpv:Store"}, *ends],
            "dpv:hasPersonalData": self._ref("data", self.policy.data_leaves(rule.data)),
            "dpv:hasStorageCondition": condition,
        }

    def _right(self, rule: RightRule) -> Node:
        return {
            **self._cited(rule.id, RIGHTS[rule.right], rule.clause),
            "rdfs:label": rule.right,
            "dpv:hasPersonalData": self._ref("data", self.policy.data_leaves(rule.data)),
        }

    def _cited(self, rule: str, kind: str, clauses: tuple[str, ...]) -> Node:
        return {"@id": self._at("rule", rule), "@type": kind, "dct:references": list(clauses)}


def _own(tree: Tree, term: Term, otherwise: str) -> str:
    """What a name is in DPV: its own attribute, or that of the nearest name above."""
    return str(tree.inherited(term.name, "dpv") or otherwise)


def _country(code: str | None) -> Node | None:
    return {"@id": f"loc:{code}"} if code else None


def _without_nothing(node: Node) -> Node:
    return {key: value for key, value in node.items() if value not in (None, [], ())}
