"""Trees of names: categories, purposes and recipients, each a node with attributes or children.

In YAML a node is a mapping. A key that is one of the tree's attributes describes the node; any other key is
a child. A leaf is a node without children; only leaves take part in decisions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import did_you_mean
from engine.policy.findings import Finding, Position, error
from engine.policy.source import Document, Key
from engine.policy.yaml_reader import MAX_FINDINGS, shortened

CATEGORY_ATTRIBUTES = frozenset({"means", "dpv", "fides", "special", "formerly"})
PURPOSE_ATTRIBUTES = frozenset({"means", "dpv", "fides", "is", "formerly"})
RECIPIENT_ATTRIBUTES = frozenset({"name", "role", "countries", "safeguard", "means", "formerly"})

MAX_NAMES = 2_000
"""Of one kind, in one version; no policy that people can read has as many."""

SPECIAL = (
    "racial or ethnic origin",
    "political opinions",
    "religious or philosophical beliefs",
    "trade union membership",
    "genetic",
    "biometric",
    "health",
    "sex life or orientation",
    "criminal",
)
"""Special categories: GDPR article 9(1), and 10 for criminal convictions."""

PURPOSE_KINDS = (
    "direct marketing",
    "sale",
    "cross-context advertising",
    "automated decision",
    "rights handling",
    "legal claims",
)
ROLES = ("processor", "controller", "joint controller", "third party")


@dataclass(frozen=True, slots=True)
class Attribute:
    """What one attribute of a name says, with examples and the JSON Schema of its value."""

    description: str
    examples: tuple[Any, ...]
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


_COUNTRY = {"type": "string", "pattern": "^[A-Z]{2}$"}

ATTRIBUTES: dict[str, Attribute] = {
    "means": Attribute("what it is, in plain words", ("e-mail address",)),
    "dpv": Attribute("its name in the Data Privacy Vocabulary (W3C)", ("pd:EmailAddress",)),
    "fides": Attribute("its name in the fideslang taxonomy", ("user.contact.email",)),
    "special": Attribute(
        "which special category of data it is (GDPR 9 and 10)", ("health",), {"enum": list(SPECIAL)}
    ),
    "is": Attribute(
        "a kind of purpose that has rules of its own",
        ("direct marketing",),
        {"enum": list(PURPOSE_KINDS)},
    ),
    "formerly": Attribute("what it was called in the version before", ("account.mail",)),
    "name": Attribute("the recipient's legal name", ("Acme AI Ltd",)),
    "role": Attribute(
        "what the recipient is to us (GDPR 4)", ("processor",), {"enum": list(ROLES)}
    ),
    "countries": Attribute(
        "where the recipient holds the data",
        (["US"], ["IE", "US"]),
        {"anyOf": [_COUNTRY, {"type": "array", "items": _COUNTRY}]},
    ),
    "safeguard": Attribute(
        "for each country abroad, what protects the data there (GDPR 46)",
        ({"US": "standard contractual clauses"},),
        {
            "type": "object",
            "propertyNames": {"pattern": _COUNTRY["pattern"]},
            "additionalProperties": {"type": "string"},
        },
    ),
}
"""Every attribute of a category, a purpose or a recipient."""


@dataclass(frozen=True, slots=True)
class Term:
    """One name in a tree: its dotted `name`, its attributes, and whether it is a leaf."""

    name: str
    leaf: bool
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def means(self) -> str:
        """The officer's own words for it, or the last part of its name in plain words."""
        return str(
            self.attributes.get("means")
            or self.name.rsplit(".", 1)[-1].replace("-", " ").replace("_", " ")
        )

    def get(self, attribute: str) -> Any:
        """An attribute, or None."""
        return self.attributes.get(attribute)


class Tree:
    """A tree of names, in file order. `kind` is used in messages: category, purpose, recipient."""

    def __init__(self, kind: str, terms: Mapping[str, Term]) -> None:
        self.kind = kind
        self.terms = dict(terms)
        self.leaves = tuple(name for name, term in self.terms.items() if term.leaf)
        self._under_any: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._inherited: dict[tuple[str, str], Any] = {}
        self._under = _by_ancestor(self.leaves)

    def __contains__(self, name: object) -> bool:
        return name in self.terms

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms.values())

    def __getitem__(self, name: str) -> Term:
        return self.terms[name]

    def leaves_under(self, name: str) -> tuple[str, ...]:
        """The leaves that a name stands for: itself if it is one; none if it is unknown."""
        return self._under.get(name, ())

    def leaves_under_any(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The leaves that any of the names stands for, each once; remembered, for it is asked often."""
        if names not in self._under_any:
            wanted = {leaf for name in names for leaf in self.leaves_under(name)}
            self._under_any[names] = tuple(leaf for leaf in self.leaves if leaf in wanted)
        return self._under_any[names]

    def inherited(self, name: str, attribute: str) -> Any:
        """An attribute of a name or of its nearest ancestor that has it, or None; remembered likewise."""
        at = name, attribute
        if at not in self._inherited:
            self._inherited[at] = self._inherit(name, attribute)
        return self._inherited[at]

    def _inherit(self, name: str, attribute: str) -> Any:
        while name:
            term = self.terms.get(name)
            if term and term.get(attribute) is not None:
                return term.get(attribute)
            name = name.rpartition(".")[0]
        return None


def _by_ancestor(leaves: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """The leaves under each name, in order: each leaf under itself and under every name above it."""
    found: dict[str, list[str]] = {}
    for leaf in leaves:
        name = leaf
        while name:
            found.setdefault(name, []).append(leaf)
            name = name.rpartition(".")[0]
    return {name: tuple(below) for name, below in found.items()}


def covers(parent: str, name: str) -> bool:
    """Whether a name is the parent itself or lies below it."""
    return name == parent or name.startswith(f"{parent}.")


def read_tree(
    kind: str, raw: Mapping[str, Any], attributes: frozenset[str], document: Document, *path: Key
) -> tuple[Tree, list[Finding]]:
    """Read a tree from the mapping at `path` of a document; findings say what does not fit."""
    reading = _Reading(kind, attributes, document)
    for key, node in raw.items():
        if reading.full:
            reading.findings.append(_too_many(kind, document.at_key(*path, key)))
            break
        reading.walk(key, node, (*path, key))
    return Tree(kind, reading.terms), reading.findings


def _too_many(kind: str, where: Position) -> Finding:
    message = f"more than {MAX_NAMES:,} names of one kind, or {MAX_FINDINGS} mistakes among them"
    return error("TOO_MANY_MISTAKES", message, where, f"a {kind} is a word that people understand")


class _Reading:
    """One reading of a tree; collects its terms and what does not fit."""

    def __init__(self, kind: str, attributes: frozenset[str], document: Document) -> None:
        self.kind = kind
        self.attributes = attributes
        self.document = document
        self.terms: dict[str, Term] = {}
        self.findings: list[Finding] = []

    @property
    def full(self) -> bool:
        """Whether nothing more is to be read: too many names, or too many mistakes."""
        return len(self.terms) >= MAX_NAMES or len(self.findings) >= MAX_FINDINGS

    def walk(self, name: str, node: Any, at: tuple[Key, ...]) -> None:
        if node == "":
            node = {}
        if not isinstance(node, dict):
            self._wrong_type(name, at)
            return
        told = {key: value for key, value in node.items() if key in self.attributes}
        children = {key: value for key, value in node.items() if key not in self.attributes}
        self.terms[name] = Term(name, not children, told)
        self.findings += _check_attributes(self.kind, told, self.document, at)
        for key, child in children.items():
            if not self.full:
                self._child(name, key, child, (*at, key))

    def _child(self, name: str, key: str, child: Any, at: tuple[Key, ...]) -> None:
        where = self.document.at_key(*at)
        if not isinstance(child, dict) and child != "":
            near = did_you_mean(key, self.attributes)
            message = f"`{key}` is not an attribute of a {self.kind}{near}"
            hint = f"attributes: {', '.join(sorted(self.attributes))}; a name below `{name}` is a mapping"
            self.findings.append(error("UNKNOWN_KEY", message, where, hint))
        elif not _NAME.fullmatch(key):
            message = f"`{key}` is not a name: lowercase letters and digits, joined by `-` or `_`"
            self.findings.append(error("WRONG_VALUE", message, where))
        else:
            self.walk(f"{name}.{key}", child, at)

    def _wrong_type(self, name: str, at: tuple[Key, ...]) -> None:
        message = f"`{name}` must be a mapping, such as `{{means: …}}`"
        self.findings.append(error("WRONG_TYPE", message, self.document.at(*at)))


def _check_places(
    told: Mapping[str, Any], document: Document, at: tuple[Key, ...]
) -> Iterator[Finding]:
    """Where a recipient holds the data, by country codes, and what keeps it safe in each."""
    countries, safeguards = told.get("countries", []), told.get("safeguard", {})
    listed = countries if isinstance(countries, list) else [countries]
    for index, country in enumerate(listed):
        if not isinstance(country, str) or not _COUNTRY_CODE.fullmatch(country):
            inner = (index,) if isinstance(countries, list) else ()
            where = document.at(*at, "countries", *inner)
            shown = f"`{shortened(country)}`" if country and isinstance(country, str) else "this"
            yield error("WRONG_VALUE", f"{shown} is not a country code such as `DE`", where)
    if not isinstance(safeguards, dict):
        message = "expected a mapping from country to safeguard, such as `{US: standard contractual clauses}`"
        yield error("WRONG_TYPE", message, document.at(*at, "safeguard"))
        return
    for country, safeguard in safeguards.items():
        if not _COUNTRY_CODE.fullmatch(country):
            where = document.at_key(*at, "safeguard", country)
            message = f"`{shortened(country)}` is not a country code such as `DE`"
            yield error("WRONG_VALUE", message, where)
        if not isinstance(safeguard, str):
            where = document.at(*at, "safeguard", country)
            yield error(
                "WRONG_TYPE", f"the safeguard for `{shortened(country)}` must be text", where
            )


_COUNTRY_CODE = re.compile(r"[A-Z]{2}")
NAME = r"^[a-z0-9]+([-_][a-z0-9]+)*$"
"""What one part of a dotted name is made of."""

_NAME = re.compile(NAME)


def _check_attributes(
    kind: str, told: Mapping[str, Any], document: Document, at: tuple[Key, ...]
) -> list[Finding]:
    allowed = {"special": SPECIAL, "is": PURPOSE_KINDS, "role": ROLES}
    findings = list(_check_places(told, document, at))
    for key, values in allowed.items():
        value = told.get(key)
        if value is not None and value not in values:
            shown = f"`{shortened(value)}`" if isinstance(value, str) else "this"
            message = f"{shown} is not one of: {', '.join(values)}"
            findings.append(error("WRONG_VALUE", message, document.at(*at, key)))
    findings += [
        error("WRONG_TYPE", f"`{key}` of a {kind} must be text", document.at(*at, key))
        for key in ("means", "dpv", "fides", "formerly", "name")
        if key in told and not isinstance(told[key], str)
    ]
    return findings
