"""Load a data map: the same strict YAML, its names checked against each other and a policy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.datamap.map import DataMap
from engine.datamap.model import DataMapFile, Dataset, StoreSpec
from engine.errors import PolicyError, did_you_mean
from engine.policy.findings import Finding, error
from engine.policy.policy import Policy
from engine.policy.source import Document, read_file
from engine.policy.validate import validate

_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


@dataclass(frozen=True)
class LoadedMap:
    """A data map, or None when it cannot be used; and every finding of reading it."""

    map: DataMap | None
    findings: tuple[Finding, ...] = field(default=())


def read_datamap(path: Path, environ: Mapping[str, str]) -> DataMap:
    """Load a data map that must be usable. PolicyError, with its findings, when it is not."""
    loaded = load_datamap(path, environ)
    if loaded.map is None:
        first = loaded.findings[0]
        raise PolicyError(f"{first.where}: {first.message}", loaded.findings)
    return loaded.map


def load_datamap(path: Path, environ: Mapping[str, str]) -> LoadedMap:
    """Load `datamap.yaml`. `${NAME}` in a store's url, path or options is taken from the environment."""
    document = read_file(path, str(path))
    if document.findings:
        return LoadedMap(None, document.findings)
    model, findings = validate(DataMapFile, document.value, document)
    if model is None:
        return LoadedMap(None, tuple(findings))
    stores = {name: _expand(spec, environ) for name, spec in model.stores.items()}
    datamap = DataMap(stores, model.datasets, model.ignore, document)
    findings = [*_unset(model.stores, environ, document), *_references(datamap)]
    return LoadedMap(None if findings else datamap, tuple(findings))


def check_against(datamap: DataMap, policy: Policy) -> list[Finding]:
    """Findings for categories and person types that the policy does not declare (leaves only for fields)."""
    return [*_categories(datamap, policy), *_people(datamap, policy)]


def _expand(spec: StoreSpec, environ: Mapping[str, str]) -> StoreSpec:
    def fill(text: str | None) -> str | None:
        return text and _VARIABLE.sub(lambda m: environ.get(m[1], m[0]), text)

    options = {key: fill(value) or "" for key, value in spec.options.items()}
    return spec.model_copy(
        update={"url": fill(spec.url), "path": fill(spec.path), "options": options}
    )


def _unset(
    stores: Mapping[str, StoreSpec], environ: Mapping[str, str], document: Document
) -> Iterator[Finding]:
    for name, spec in stores.items():
        for key in ("url", "path"):
            for variable in _VARIABLE.findall(getattr(spec, key) or ""):
                if variable not in environ:
                    where = document.at("stores", name, key)
                    message = f"the environment variable `{variable}` is not set"
                    yield error(
                        "VARIABLE_UNSET", message, where, f"set it, as in `export {variable}=…`"
                    )


def _references(datamap: DataMap) -> Iterator[Finding]:
    for name, dataset in datamap.datasets.items():
        yield from _store(datamap, name, dataset)
        yield from _links(datamap, name, dataset)
        yield from _whose(datamap, name, dataset)


def _store(datamap: DataMap, name: str, dataset: Dataset) -> Iterator[Finding]:
    if dataset.store not in datamap.stores:
        near = did_you_mean(dataset.store, datamap.stores)
        where = datamap.document.at("datasets", name, "store")
        yield error("UNKNOWN_NAME", f"no store `{dataset.store}`{near}", where)
    for other in dataset.backup_of or ():
        if other not in datamap.datasets:
            near = did_you_mean(other, datamap.datasets)
            where = datamap.document.at("datasets", name, "backup of")
            yield error("UNKNOWN_NAME", f"no dataset `{other}`{near}", where)


def _links(datamap: DataMap, name: str, dataset: Dataset) -> Iterator[Finding]:
    for own, reference in dataset.links:
        target, _, target_field = reference.partition(".")
        where = datamap.document.at("datasets", name, "subject", own)
        if not target_field:
            yield error(
                "BAD_LINK", f"`{reference}` is not `dataset.field`, such as `users.id`", where
            )
        elif target not in datamap.datasets:
            near = did_you_mean(target, datamap.datasets)
            yield error("UNKNOWN_NAME", f"no dataset `{target}`{near}", where)
    if dataset.subject and not dataset.person and not datamap.paths(name):
        where = datamap.document.at("datasets", name, "subject")
        yield error("BAD_LINK", f"the links of `{name}` lead to no dataset with `person:`", where)


def _whose(datamap: DataMap, name: str, dataset: Dataset) -> Iterator[Finding]:
    where = datamap.document.at_key("datasets", name)
    if dataset.personal == "none" or dataset.backup_of:
        return
    if not dataset.row:
        yield error(
            "NO_ROW_CATEGORY",
            f"`{name}` does not say what its row is",
            where,
            "add `row: CATEGORY`",
        )
    if not dataset.key and dataset.table:
        yield error(
            "NO_KEY", f"`{name}` does not say which field is its key", where, "add `key: …`"
        )


def _categories(datamap: DataMap, policy: Policy) -> Iterator[Finding]:
    known = policy.categories
    for name, dataset in datamap.datasets.items():
        if dataset.row and dataset.row not in known:
            where = datamap.document.at("datasets", name, "row")
            near = did_you_mean(dataset.row, known.terms)
            yield error("UNKNOWN_NAME", f"no category `{dataset.row}`{near}", where)
        for path, use in dataset.fields.items():
            if use.category is None or use.category in known.leaves:
                continue
            where = datamap.document.at("datasets", name, "fields", path)
            if use.category in known:
                leaves = ", ".join(known.leaves_under(use.category))
                message = f"`{use.category}` has parts: a field maps to one of them ({leaves})"
                yield error("NOT_A_LEAF", message, where)
            else:
                near = did_you_mean(use.category, known.terms)
                yield error("UNKNOWN_NAME", f"no category `{use.category}`{near}", where)


def _people(datamap: DataMap, policy: Policy) -> Iterator[Finding]:
    for name, dataset in datamap.people():
        if dataset.person not in policy.subjects:
            where = datamap.document.at("datasets", name, "person")
            near = did_you_mean(dataset.person or "", policy.subjects)
            yield error("UNKNOWN_NAME", f"no subject `{dataset.person}`{near}", where)
