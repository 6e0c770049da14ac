"""The policy and its data map in fideslang (3.1): a manifest that its own package reads.

What the default taxonomy has no key for becomes a key of its own. A system stands for the service with a
declaration for each rule and use; each recipient is a system that it sends to; each store is a dataset.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from engine.datamap.map import DataMap
from engine.datamap.model import Dataset
from engine.policy.event_words import keeping_words
from engine.policy.exports.terms import fides_terms
from engine.policy.models import SharingRule
from engine.policy.models.use import Processing
from engine.policy.policy import Policy

BASES = {
    "consent": "Consent",
    "explicit consent": "Consent",
    "contract": "Contract",
    "legal obligation": "Legal obligations",
    "vital interests": "Vital interests",
    "public task": "Public interest",
    "legitimate interest": "Legitimate interests",
}
ROLES = {
    "processor": "Processor",
    "controller": "Controller",
    "joint controller": "Controller",
    "third party": "Controller",
}
RIGHTS = {
    "access": "Access",
    "correction": "Rectification",
    "deletion": "Erasure",
    "export": "Portability",
    "restriction": "Restrict Processing",
    "objection": "Object",
    "withdrawal": "Withdraw Consent",
}
ORGANISATION = "default_organization"
_OWN = {"data_category": "user.", "data_use": "", "data_subject": ""}
"""Below what a key of one's own stands: every category of personal data is one of a user."""

Resource = dict[str, Any]


def as_fides(policy: Policy, datamap: DataMap | None) -> dict[str, list[Resource]]:
    """The manifest: each list holds resources of one kind."""
    keys = _Keys(policy)
    told = {
        "organization": [_organisation(policy)],
        "system": [_service(policy, keys), *_recipients(policy)],
        "dataset": [] if datamap is None else list(_datasets(datamap, keys)),
        "policy": [_policy(policy, keys)],
    }
    # Last, for only what was asked for is defined.
    told |= {kind: keys.defined(kind) for kind in _OWN}
    return {kind: resources for kind, resources in told.items() if resources}


class _Keys:
    """The fideslang keys of the policy's names; remembers those that have to be defined."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._new: dict[str, dict[str, Resource]] = {kind: {} for kind in _OWN}

    def category(self, name: str) -> str:
        told = self.policy.categories.inherited(name, "fides")
        means = self.policy.categories[name].means if name in self.policy.categories else name
        return str(told) if told else self._own("data_category", name, means)

    def use(self, name: str) -> str:
        told = self.policy.purposes.inherited(name, "fides")
        return str(told) if told else self._own("data_use", name, self.policy.purposes[name].means)

    def subject(self, name: str) -> str:
        key = _key(name)
        return key if key in fides_terms("data_subject") else self._own("data_subject", name, name)

    def categories(self, names: Iterable[str]) -> list[str]:
        return sorted({self.category(name) for name in names})

    def subjects(self) -> list[str]:
        return [self.subject(name) for name in self.policy.subjects]

    def defined(self, kind: str) -> list[Resource]:
        return list(self._new[kind].values())

    def _own(self, kind: str, name: str, means: str) -> str:
        key = _OWN[kind] + _key(name)
        parent = key.rpartition(".")[0]
        if parent and parent not in fides_terms(kind):
            self._own(kind, parent.removeprefix(_OWN[kind]), parent.rpartition(".")[2])
        if key not in fides_terms(kind):
            made: Resource = {"fides_key": key, "name": means, "description": means}
            made |= {"parent_key": parent} if parent else {}
            made |= {"rights": _rights(self.policy)} if kind == "data_subject" else {}
            self._new[kind][key] = made
        return key


def _key(name: str) -> str:
    return name.replace("-", "_")


def _rights(policy: Policy) -> Resource:
    values = sorted({RIGHTS[r.right] for r in policy.rights.rules if r.right in RIGHTS})
    return {"strategy": "INCLUDE", "values": values} if values else {"strategy": "NONE"}


def _organisation(policy: Policy) -> Resource:
    told = policy.header.controller
    contact = {
        "name": told.name or "not named",
        "address": told.address or told.country or "not stated",
        "email": told.email or "not stated",
        "phone": told.phone or "not stated",
    }
    return {
        "fides_key": ORGANISATION,
        "name": told.name or policy.name,
        "description": f"the controller under {policy.text.title} {policy.version}",
        "controller": contact,
    }


def _service(policy: Policy, keys: _Keys) -> Resource:
    permits = [rule for rule in (*policy.use, *policy.sharing) if not rule.denies]
    flows: dict[str, set[str]] = {}
    for rule in permits:
        for recipient in _recipients_of(policy, rule):
            flows.setdefault(_key(recipient), set()).update(_categories(policy, keys, rule))
    egress = [
        {"fides_key": key, "type": "system", "data_categories": sorted(found)}
        for key, found in sorted(flows.items())
    ]
    return {
        "fides_key": policy.name,
        "name": policy.name,
        "organization_fides_key": ORGANISATION,
        "description": f"{policy.text.title} {policy.version}, in force from {policy.effective}",
        "system_type": "Service",
        "responsibility": ["Controller"],
        "processes_personal_data": True,
        "privacy_declarations": [d for rule in permits for d in _declarations(policy, keys, rule)],
        **({"egress": egress} if egress else {}),
    }


def _declarations(policy: Policy, keys: _Keys, rule: Processing) -> Iterator[Resource]:
    """One for each use of a rule: a declaration has one."""
    names = policy.data_leaves(rule.data)
    receivers = _recipients_of(policy, rule)
    categories = _categories(policy, keys, rule)
    special = any(policy.categories.inherited(name, "special") for name in names)
    for use in sorted({keys.use(purpose) for purpose in policy.purpose_leaves(rule.purposes)}):
        yield {
            "name": f"{rule.id} for {use}",
            "data_categories": categories,
            "data_use": use,
            "data_subjects": keys.subjects(),
            "retention_period": _kept(policy, names),
            "processes_special_category_data": special,
            "flexible_legal_basis_for_processing": False,
            **({"legal_basis_for_processing": BASES[rule.basis]} if rule.basis else {}),
            **_shared(policy, receivers, categories),
        }


def _shared(policy: Policy, receivers: tuple[str, ...], categories: list[str]) -> Resource:
    if not receivers:
        return {}
    return {
        "egress": [_key(name) for name in receivers],
        "data_shared_with_third_parties": True,
        "third_parties": ", ".join(policy.recipients[name].means for name in receivers),
        "shared_categories": categories,
    }


def _recipients_of(policy: Policy, rule: Processing) -> tuple[str, ...]:
    return policy.recipient_leaves(rule.recipients) if isinstance(rule, SharingRule) else ()


def _categories(policy: Policy, keys: _Keys, rule: Processing) -> list[str]:
    return keys.categories(policy.data_leaves(rule.data))


def _kept(policy: Policy, names: tuple[str, ...]) -> str:
    told = dict.fromkeys(
        f"{', '.join(rule.data)}: {keeping_words(rule.keep, rule.after)}"
        for rule in policy.retention
        if set(policy.data_leaves(rule.data)) & set(names)
    )
    return "; ".join(told) or "not stated"


def _recipients(policy: Policy) -> Iterator[Resource]:
    for name in policy.recipients.leaves:
        term = policy.recipients[name]
        role = policy.recipients.inherited(name, "role")
        safeguards = policy.recipients.inherited(name, "safeguard") or {}
        yield {
            "fides_key": _key(name),
            "name": term.get("name") or term.means,
            "organization_fides_key": ORGANISATION,
            "description": term.means,
            "system_type": "Third Party",
            "responsibility": [ROLES[role]] if role else [],
            "does_international_transfers": bool(safeguards),
            "legal_basis_for_transfers": sorted(set(safeguards.values())),
            "privacy_declarations": [],
        }


def _datasets(datamap: DataMap, keys: _Keys) -> Iterator[Resource]:
    """A dataset for each store, with what its tables and files hold."""
    for store, spec in datamap.stores.items():
        held = {
            n: d for n, d in datamap.datasets.items() if d.store == store and d.personal is None
        }
        yield {
            "fides_key": _key(store),
            "name": store,
            "organization_fides_key": ORGANISATION,
            "description": f"the {spec.adapter} store `{store}`",
            "collections": [_collection(datamap, keys, name, d) for name, d in held.items()],
        }


def _collection(datamap: DataMap, keys: _Keys, name: str, spec: Dataset) -> Resource:
    row = keys.policy.categories.leaves_under(spec.row or "")
    fields: dict[str, Resource] = {}
    for path in dict.fromkeys((*spec.key, *spec.subject, *spec.fields)):
        _place(fields, path.split("."), _field(datamap, keys, spec, path))
    return {
        "name": name,
        "description": spec.table or spec.files or f"a backup of {', '.join(spec.backup_of or ())}",
        "data_categories": keys.categories(row),
        "fields": list(fields.values()),
    }


def _reference(datamap: DataMap, to: str) -> Resource:
    target, _, field = to.partition(".")
    store = _key(datamap.datasets[target].store)
    return {"dataset": store, "field": f"{target}.{field}", "direction": "to"}


def _field(datamap: DataMap, keys: _Keys, spec: Dataset, path: str) -> Resource:
    use = spec.fields.get(path)
    category = use.category if use else None
    meta: Resource = {"primary_key": True} if path in spec.key else {}
    identity = next((name for name, field in spec.identities.items() if field == path), None)
    meta |= {"identity": identity} if identity else {}
    if path in spec.subject:
        meta["references"] = [_reference(datamap, to) for to in spec.subject[path]]
    return {
        **({"data_categories": [keys.category(category)]} if category else {}),
        **({"fides_meta": meta} if meta else {}),
    }


def _place(fields: dict[str, Resource], path: list[str], told: Resource) -> None:
    """Put a field where its path leads: a column, or a key within one that holds JSON."""
    node = fields.setdefault(path[0], {"name": path[0]})
    for part in path[1:]:
        below = node.setdefault("fields", [])
        found = next((field for field in below if field["name"] == part), None)
        if found is None:
            found = {"name": part}
            below.append(found)
        node = found
    node.update(told)


def _policy(policy: Policy, keys: _Keys) -> Resource:
    """What is forbidden to everybody, as rules that find a violation wherever all of it matches."""
    denies = [rule for rule in (*policy.use, *policy.sharing) if rule.denies and not rule.when]
    return {
        "fides_key": f"{policy.name}_prohibitions",
        "name": f"prohibitions of {policy.name}",
        "organization_fides_key": ORGANISATION,
        "description": f"{policy.text.title} {policy.version}: what nobody may do",
        "rules": [
            {
                "name": rule.id,
                "data_categories": _any(_categories(policy, keys, rule)),
                "data_uses": _any(
                    sorted({keys.use(p) for p in policy.purpose_leaves(rule.purposes)})
                ),
                "data_subjects": _any(keys.subjects()),
            }
            for rule in denies
        ],
    }


def _any(values: list[str]) -> Resource:
    return {"matches": "ANY", "values": values}
