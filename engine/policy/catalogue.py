"""What can be said in the policy files, key by key, from their schemas: to look up, and to print as a page.

A key has an address: `retention.rules.keep` is the key `keep` of each rule in `retention.yaml`. In a list, or
below names that people make up, the keys of each item stand under the list itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import yaml

from engine.errors import UnknownName
from engine.policy.models.common import CLAUSE, DOTTED
from engine.policy.schema import ABOUT, NODE, schemas
from engine.policy.vocabulary import NAME

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its address, what it says, what it may be, and examples of it.

    `values` are the words that it may be; `form` tells everything that it may be, in words.
    """

    address: str
    required: bool
    description: str
    form: str
    values: tuple[str, ...]
    default: str
    examples: tuple[Any, ...]

    @property
    def name(self) -> str:
        """The key itself."""
        return self.address.rpartition(".")[2]

    @property
    def inside(self) -> str:
        """The address of what it stands in: another key, or a file."""
        return self.address.rpartition(".")[0]


@cache
def catalogue(file: str) -> tuple[Key, ...]:
    """Every key of a file, in the order in which people meet them. UnknownName if there is no such file."""
    name = f"{file.removesuffix('.yaml')}.yaml"
    if name not in ABOUT:
        raise UnknownName("policy file", name, ABOUT)
    schema = schemas()[name]
    return tuple(_keys(schema, schema, name.removesuffix(".yaml"), ()))


def file_of(address: str) -> str | None:
    """The file that is meant, such as `use.yaml`, if an address names a whole file.

    UnknownName for what has a file's ending and is none.
    """
    name = f"{address.removesuffix('.yaml')}.yaml"
    if name == address and name not in ABOUT:
        raise UnknownName("policy file", name, ABOUT)
    return name if name in ABOUT else None


def look_up(address: str) -> tuple[Key, ...]:
    """The key with this address, or those that are meant where parts are left out: `retention.keep`, `keep`.

    Of several in one file, those that lie the least deep. UnknownName if nothing has such an address.
    """
    wanted = address.replace(".yaml", "", 1).strip(".").split(".")
    files = [name for name in ABOUT if name == f"{wanted[0]}.yaml"] or list(ABOUT)
    keys = [key for name in files for key in catalogue(name)]
    exact = tuple(key for key in keys if key.address == ".".join(wanted))
    meant = exact or tuple(key for name in files for key in _nearest(catalogue(name), wanted))
    if not meant:
        short = [f"{key.address.partition('.')[0]}.{key.name}" for key in keys]
        known = [*(key.address for key in keys), *short, *(key.name for key in keys)]
        raise UnknownName("key", address, [*known, *(name.removesuffix(".yaml") for name in ABOUT)])
    return meant


def below(address: str) -> tuple[Key, ...]:
    """The keys anywhere below an address of a key or a file."""
    keys = catalogue(address.partition(".")[0])
    return tuple(key for key in keys if f"{key.inside}.".startswith(f"{address}."))


def each_once(keys: Sequence[Key]) -> Iterator[Key]:
    """Each key; below one that may say the same as one before it, nothing, and its form names that one."""
    told: dict[tuple[str, ...], Key] = {}
    hidden = ""
    for key in keys:
        if hidden and key.address.startswith(f"{hidden}."):
            continue
        inner = tuple(k.name for k in keys if f"{k.inside}.".startswith(f"{key.address}."))
        first = told.setdefault(inner, key) if len(inner) >= _MANY else key
        hidden = "" if first is key else key.address
        yield replace(key, form=f"the same keys as `{first.name}` above") if hidden else key


_MANY = 3
"""So many keys are not told again."""


def _nearest(keys: tuple[Key, ...], wanted: list[str]) -> Iterator[Key]:
    """The keys that end as is wanted and pass through all that is wanted, those least deep."""
    found = [key for key in keys if _passes(key.address.split("."), wanted)]
    depth = min((key.address.count(".") for key in found), default=0)
    return (key for key in found if key.address.count(".") == depth)


def _passes(parts: list[str], wanted: list[str]) -> bool:
    rest = iter(parts)
    return parts[-1] == wanted[-1] and all(part in rest for part in wanted)


def as_markdown() -> str:
    """The whole catalogue as a page."""
    return "\n".join((_INTRODUCTION, *(_file_page(name) for name in ABOUT)))


_INTRODUCTION = """# The policy language, key by key

Written by `upheld schema --format markdown`; a test keeps it equal to what the program reads. The same is
shown by `upheld schema retention.rules.keep` in the terminal and, once `upheld schema --wire` has been run,
by an editor while you type. How the files fit together is told in the [README](../README.md).

Everything is plain YAML. A list of one may be written without brackets. Unknown keys are errors.
"""


def _file_page(name: str) -> str:
    lines = [f"## {name}", "", f"{ABOUT[name][:1].upper()}{ABOUT[name][1:]}.", ""]
    lines += ["| key | what it says | what it may be | example |", "|---|---|---|---|"]
    for key in each_once(catalogue(name)):
        shown = key.address.partition(".")[2]
        must = " (required)" if key.required else ""
        form = key.form + (f"; if not given: {key.default}" if key.default else "")
        example = f"`{written(key.examples[0])}`" if key.examples else ""
        cells = (f"`{shown}`", f"{key.description}{must}", form, example)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join((*lines, ""))


def _keys(whole: Schema, node: Schema, at: str, inside: tuple[str, ...]) -> Iterator[Key]:
    """The keys of a node; `inside` are the parts of the schema that it lies in: trees have no end."""
    for part, name in _forms(whole, node):
        if name in inside:
            continue
        within = (*inside, name) if name else inside
        for key, found in part.get("properties", {}).items():
            yield _key(whole, found, f"{at}.{key}", key in part.get("required", ()))
            yield from _keys(whole, found, f"{at}.{key}", within)
        for below in _below(part):
            yield from _keys(whole, below, at, within)


def _forms(whole: Schema, node: Schema) -> Iterator[tuple[Schema, str]]:
    """Each form that a value may have, with the name of its part of the schema, if it has one."""
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        for part, deeper in _forms(whole, whole["$defs"][name]):
            yield part, deeper or name
    elif "anyOf" in node and "properties" not in node:
        for form in node["anyOf"]:
            yield from _forms(whole, form)
    else:
        yield node, ""


def _below(part: Schema) -> Iterator[Schema]:
    """What stands in a list, or below names that people make up."""
    if isinstance(part.get("items"), dict):
        yield part["items"]
    if isinstance(part.get("additionalProperties"), dict):
        yield part["additionalProperties"]
    yield from part.get("patternProperties", {}).values()


def _key(whole: Schema, found: Schema, address: str, required: bool) -> Key:
    default = found.get("default")
    return Key(
        address,
        required,
        found.get("description", ""),
        form_of(whole, found),
        tuple(dict.fromkeys(_values(whole, found))),
        f"`{written(default)}`" if isinstance(default, str | bool) else "",
        tuple(found.get("examples", ())),
    )


def _values(whole: Schema, node: Schema) -> Iterator[str]:
    """The words that a value, or each item of a list, may be."""
    for part, _ in _forms(whole, node):
        listed = (*part.get("enum", ()), *([part["const"]] if "const" in part else ()))
        yield from (written(value) for value in listed if value not in (None, ""))
        if part.get("type") == "array":
            yield from _values(whole, part["items"])


def form_of(whole: Schema, node: Schema) -> str:
    """What a value may be, in words."""
    forms = [part for part, _ in _forms(whole, node)]
    told = dict.fromkeys(_form(whole, part) for part in forms)
    return _plural(list(told))


def _plural(forms: list[str]) -> str:
    """`a name, or a list of them` for what may be one or several."""
    if len(forms) == 2 and forms[1] == f"a list; each: {forms[0]}":
        return f"{forms[0]}; or a list of them"
    return "; or ".join(forms)


def _form(whole: Schema, part: Schema) -> str:
    if "const" in part:
        return f"`{written(part['const'])}`"
    if "$comment" in part:
        return str(part["$comment"])
    if "enum" in part:
        return _one_of(part["enum"])
    if part.get("type") == "array":
        item = form_of(whole, part["items"])
        return f"a list, each with {item}" if item == _KEYS else f"a list; each: {item}"
    if part.get("type") == "object":
        return _mapping(whole, part)
    if part.get("pattern") in _PATTERNS:
        return _PATTERNS[part["pattern"]]
    return "a value as it is stored" if isinstance(part.get("type"), list) else "text"


_PATTERNS = {
    NAME: "a name",
    DOTTED: "a name, dotted if it lies below another",
    CLAUSE: "a clause, such as `1.2.c`",
    r"^[A-Z]{2}$": "a country, such as `DE`",
    r"^[A-Z]{2,3}(-[A-Z0-9]{1,3})?$": "a place, such as `DE`, `EU` or `US-CA`",
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(-[0-9]+)?$": "a version, such as `2026-04-03`",
}


def _one_of(values: list[Any]) -> str:
    shown = [f"`{written(value)}`" for value in dict.fromkeys(map(str, filter(None, values)))]
    return shown[0] if len(shown) == 1 else f"one of {', '.join(shown)}"


_KEYS = "the keys below it"


def _mapping(whole: Schema, part: Schema) -> str:
    if "properties" in part and "patternProperties" in part:
        return "each name with what it is, or with names below it"
    if "properties" in part:
        return _KEYS
    values = part.get("patternProperties") or {"": part.get("additionalProperties", {})}
    pattern, value = next(iter(values.items()))
    if "$ref" in value and value["$ref"].endswith(NODE):
        return "each name with what it is, or with names below it"
    named = "each clause" if CLAUSE in (pattern, _keyed(part)) else "each name"
    return f"{named} with {form_of(whole, value)}"


def _keyed(part: Schema) -> Any:
    return part.get("propertyNames", {}).get("pattern")


class _Plain(yaml.SafeDumper):
    """Writes text as policy files have it: every value is text there and needs no quotes for its kind."""


_Plain.yaml_implicit_resolvers = {}


def written(value: Any) -> str:
    """A value as it would be written in a policy file, on one line."""
    if not isinstance(value, dict | list):
        return _as_text(value) or '""'
    return dumped(value, default_flow_style=True, width=10_000).strip().removesuffix("...").strip()


def dumped(value: Any, **options: Any) -> str:
    """A value as YAML of the policy files."""
    text: str = yaml.dump(
        _as_text(value), Dumper=_Plain, sort_keys=False, allow_unicode=True, **options
    )
    return text


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
