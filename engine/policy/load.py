"""Load one version of a policy from its folder: everything that is wrong is found in one go."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import PolicyError
from engine.policy.findings import Finding, Position, error
from engine.policy.models import (
    CollectionRule,
    ConsentFile,
    Control,
    CookieRule,
    Header,
    RetentionFile,
    RightsFile,
    SharingFile,
    Statute,
    UseRule,
    VocabularyFile,
)
from engine.policy.models.common import Cited, Strict
from engine.policy.policy import Policy, Sources
from engine.policy.references import check_references
from engine.policy.source import Document, Key, is_stream, not_utf8, read_file
from engine.policy.text import PolicyText, parse_text
from engine.policy.validate import validate, validate_list
from engine.policy.vocabulary import (
    CATEGORY_ATTRIBUTES,
    PURPOSE_ATTRIBUTES,
    RECIPIENT_ATTRIBUTES,
    Tree,
    read_tree,
)

REQUIRED = ("policy.yaml", "vocabulary.yaml")
LIST_FILES: dict[str, type[Cited]] = {
    "collection.yaml": CollectionRule,
    "use.yaml": UseRule,
    "cookies.yaml": CookieRule,
    "controls.yaml": Control,
}
MAP_FILES: dict[str, type[Strict]] = {
    "policy.yaml": Header,
    "vocabulary.yaml": VocabularyFile,
    "sharing.yaml": SharingFile,
    "retention.yaml": RetentionFile,
    "consent.yaml": ConsentFile,
    "rights.yaml": RightsFile,
}
NESTED_RULES = {
    "sharing.yaml": ("rules",),
    "retention.yaml": ("rules", "holds"),
    "rights.yaml": ("rules",),
}
TEXT_FILE = "policy.md"
STATUTES_FILE = "statutes.yaml"
MAX_TEXT_BYTES = 1_000_000


@dataclass(frozen=True)
class Loaded:
    """A policy, or None when it cannot be used; and every finding of reading it."""

    policy: Policy | None
    findings: tuple[Finding, ...] = field(default=())


def read_policy(folder: Path) -> Policy:
    """Load a version that must be usable. PolicyError, with its findings, when it is not."""
    loaded = load_policy(folder)
    if loaded.policy is None:
        first = loaded.findings[0]
        more = f" (and {len(loaded.findings) - 1} more)" if len(loaded.findings) > 1 else ""
        raise PolicyError(f"{first.where}: {first.message}{more}", loaded.findings)
    return loaded.policy


def load_policy(folder: Path) -> Loaded:
    """Load a version: `<policy>/<version>/`, with `statutes.yaml` beside the versions."""
    reading = _Reading(folder)
    return Loaded(reading.policy(), tuple(sorted(reading.findings, key=lambda f: f.where)))


class _Reading:
    """One reading of a folder; collects findings as it goes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.findings: list[Finding] = []
        self.documents: dict[str, Document] = {}
        self.rules: dict[str, tuple[str, tuple[Key, ...]]] = {}

    def policy(self) -> Policy | None:
        if not self.folder.is_dir():
            self._wrong(
                "NO_VERSION", "no such folder; a version is a folder of YAML files", self._shown("")
            )
            return None
        self._read_documents()
        lists = {name: self._list(name, model) for name, model in LIST_FILES.items()}
        maps = {name: self._map(name, model) for name, model in MAP_FILES.items()}
        statutes = [item for item, _ in self._validated_list(STATUTES_FILE, Statute)]
        text, translations = self._texts()
        trees = self._trees(maps)
        if text is None or not self._declares_its_names(maps):
            return None
        policy = self._assemble(lists, maps, statutes, text, translations, trees)
        self.findings += check_references(policy)
        return None if self.findings else policy

    def _declares_its_names(self, maps: dict[str, Any]) -> bool:
        """Whether every name that rules may use is known: only then can an unknown one be told.

        The good rules are checked also where others are wrong, so that nothing is found only later.
        """
        broken = {name for name, document in self.documents.items() if document.partial}
        return None not in maps.values() and not broken & set(MAP_FILES)

    def _assemble(
        self,
        lists: dict[str, list[Any]],
        maps: dict[str, Any],
        statutes: list[Statute],
        text: PolicyText,
        translations: dict[str, PolicyText],
        trees: tuple[Tree, Tree, Tree],
    ) -> Policy:
        return Policy(
            header=maps["policy.yaml"],
            text=text,
            translations=translations,
            subjects=maps["vocabulary.yaml"].subjects,
            categories=trees[0],
            purposes=trees[1],
            recipients=trees[2],
            collection=tuple(lists["collection.yaml"]),
            use=tuple(lists["use.yaml"]),
            sharing=maps["sharing.yaml"].rules,
            retention=maps["retention.yaml"].rules,
            holds=maps["retention.yaml"].holds,
            consent=maps["consent.yaml"],
            rights=maps["rights.yaml"],
            cookies=tuple(lists["cookies.yaml"]),
            controls=tuple(lists["controls.yaml"]),
            statutes=tuple(statutes),
            sources=Sources(self.documents, self.rules),
            digest=digest_of(self.folder),
            folder=self.folder,
        )

    def _read_documents(self) -> None:
        known = (*LIST_FILES, *MAP_FILES)
        for path in sorted(self.folder.glob("*.y*ml")):
            if path.name not in known:
                message = f"`{path.name}` is not a file of a policy version"
                self._wrong("UNKNOWN_FILE", message, self._shown(path.name), ", ".join(known))
        for name in known:
            path = self.folder / name
            if path.exists():
                self._read(name, path)
            elif name in REQUIRED:
                self._wrong("MISSING_FILE", f"`{name}` is missing", self._shown(name))
        beside = self.folder.parent / STATUTES_FILE
        if beside.exists():
            self._read(STATUTES_FILE, beside)

    def _read(self, name: str, path: Path) -> None:
        document = read_file(path, str(path))
        self.documents[name] = document
        self.findings += document.findings

    def _map(self, name: str, model: type[Strict]) -> Any:
        document = self.documents.get(name)
        if document is None:
            return model() if name not in REQUIRED else None
        if document.findings and not document.value:
            return None
        value: Any = document.value
        if isinstance(value, dict):
            good = {
                section: self._nested(model, section, value, document)
                for section in NESTED_RULES.get(name, ())
                if section in value
            }
            # Nested rules are reported one by one; the file is judged by its good ones.
            value = {**value, **good}
        found, wrong = validate(model, value, document)
        self._add(wrong, document)
        return found

    def _nested(
        self, model: type[Strict], section: str, value: dict[str, Any], document: Document
    ) -> list[Any]:
        """The good rules of a section, as they are written."""
        item = _item_model(model, section)
        good, wrong = validate_list(item, value[section], document, section)
        self._add(wrong, document)
        return [
            value[section][path[-1]] for rule, path in good if self._place(rule, document, path)
        ]

    def _add(self, wrong: Iterable[Finding], document: Document) -> None:
        """Add what is wrong with the values of a file, less what follows from how it is written."""
        told = {finding.where for finding in document.findings}
        for finding in wrong:
            lost = (
                document.partial
                and finding.code == "MISSING_KEY"
                and finding.where == document.at()
            )
            if finding.where not in told and not lost:
                self.findings.append(finding)

    def _list(self, name: str, model: type[Cited]) -> list[Any]:
        return [
            rule
            for rule, path in self._validated_list(name, model)
            if self._place(rule, self.documents[name], path)
        ]

    def _validated_list(self, name: str, model: type[Any]) -> list[tuple[Any, tuple[Key, ...]]]:
        document = self.documents.get(name)
        if document is None or (document.findings and not document.value):
            return []
        good, wrong = validate_list(model, document.value, document)
        self._add(wrong, document)
        return good

    def _place(self, rule: Any, document: Document, path: tuple[Key, ...]) -> bool:
        """Remember where a rule stands; False, with a finding, if its id is taken."""
        if rule.id in self.rules:
            file, first = self.rules[rule.id]
            line = self.documents[file].at(*first).line
            message = f"the id `{rule.id}` is taken by the rule in {file}:{line}; ids are unique in a version"
            self.findings.append(
                error("DUPLICATE_ID", message, document.at(*path, "id"), rule=rule.id)
            )
            return False
        name = next(name for name, known in self.documents.items() if known is document)
        self.rules[rule.id] = (name, path)
        return True

    def _texts(self) -> tuple[PolicyText | None, dict[str, PolicyText]]:
        main = self._text(self.folder / TEXT_FILE)
        others = {
            path.name.removeprefix("policy.").removesuffix(".md"): self._text(path)
            for path in sorted(self.folder.glob("policy.*.md"))
        }
        return main, {language: text for language, text in others.items() if text is not None}

    def _text(self, path: Path) -> PolicyText | None:
        shown = str(path)
        if is_stream(path):
            self._wrong("FILE_UNREADABLE", "cannot read this file: not a regular file", shown)
            return None
        try:
            if path.stat().st_size > MAX_TEXT_BYTES:
                size = f"{path.stat().st_size:,} bytes; at most {MAX_TEXT_BYTES:,} are read"
                self._wrong("FILE_TOO_LARGE", size, shown)
                return None
            data = path.read_bytes()
            return parse_text(data.decode("utf-8-sig"), shown)
        except FileNotFoundError:
            self._wrong("MISSING_FILE", f"`{path.name}` is missing", shown)
        except OSError as problem:
            reason = (problem.strerror or "unreadable").lower()
            self._wrong("FILE_UNREADABLE", f"cannot read this file: {reason}", shown)
        except UnicodeDecodeError as problem:
            self.findings.append(not_utf8(data, problem, shown))
        except PolicyError as problem:
            self.findings += [*problem.findings] or [
                error("TEXT", str(problem), Position(str(path)))
            ]
        return None

    def _trees(self, maps: dict[str, Any]) -> tuple[Tree, Tree, Tree]:
        wanted = (
            ("vocabulary.yaml", "categories", "category", CATEGORY_ATTRIBUTES),
            ("vocabulary.yaml", "purposes", "purpose", PURPOSE_ATTRIBUTES),
            ("sharing.yaml", "recipients", "recipient", RECIPIENT_ATTRIBUTES),
        )
        trees = [
            self._tree(maps.get(file), file, key, kind, names) for file, key, kind, names in wanted
        ]
        return trees[0], trees[1], trees[2]

    def _tree(self, model: Any, file: str, key: str, kind: str, names: frozenset[str]) -> Tree:
        document = self.documents.get(file)
        if model is None or document is None:
            return Tree(kind, {})
        tree, wrong = read_tree(kind, getattr(model, key), names, document, key)
        self.findings += wrong
        return tree

    def _shown(self, name: str) -> str:
        return str(self.folder / name) if name else str(self.folder)

    def _wrong(self, code: str, message: str, file: str, hint: str = "") -> None:
        self.findings.append(error(code, message, Position(file), hint))


def _item_model(model: type[Strict], section: str) -> type[Any]:
    annotation = model.model_fields[section].annotation
    item: type[Any] = annotation.__args__[0]  # type: ignore[union-attr]  # always tuple[Model, ...]
    return item


def digest_of(folder: Path) -> str:
    """SHA-256 (hex) over the names and bytes of every file of a version, in the order of names."""
    total = hashlib.sha256()
    for path in _files(folder):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return total.hexdigest()


def _files(folder: Path) -> Iterable[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))
