"""PLACEHOLDER: something of a template was left in the text or in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from engine.policy.findings import Finding, Severity, error
from engine.policy.lint.context import Context, in_text
from engine.policy.policy import Policy
from engine.policy.source import Key

CODE = "PLACEHOLDER"
SEVERITY = Severity.ERROR

_LEFT = re.compile(
    r"\b(?:TODO|TBD|TBC|TBA|FIXME|XXX+)\b|\b(?i:lorem ipsum)\b|_{4,}|\{\{[^{}]*\}\}|\$\{[A-Z_]+\}"
    r"|[\[<](?i:your|insert|company|name of|address of|e-?mail address|date|website|country)\b[^\]>]*[\]>]"
    r"|[【〔［](?:公司|名称|日期|地址|邮箱|请)[^】〕］]*[】〕］]|待定|待填|待补充"
)


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """An error for each placeholder in a clause or a translation of it, or in a value of a policy file."""
    hint = "write what belongs there, or take the sentence out"
    for language, text in (("", policy.text), *policy.translations.items()):
        for clause in text.clauses:
            for left in _left_in(clause.words):
                message = f"“{left}” stands in clause `{clause.id}`"
                where = in_text(policy, clause.id, left, language)
                yield error(CODE, message, where, hint, clause=clause.id)
    for document in policy.sources.documents.values():
        if not _LEFT.search(str(document.value)):
            continue  # looked at all at once, which is quicker than value by value
        for path, value in _scalars(document.value, ()):
            for left in _left_in(value):
                message = f"“{left}” stands where a value belongs"
                yield error(CODE, message, document.at(*path), hint)


def _left_in(words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.group() for hit in _LEFT.finditer(words)))


def _scalars(value: Any, path: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _scalars(item, (*path, index))
    else:
        for key, item in value.items():
            yield from _scalars(item, (*path, key))
