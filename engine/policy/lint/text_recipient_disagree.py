"""TEXT_RECIPIENT_DISAGREE: text and sharing.yaml name different companies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.policy.clauses import Clause
from engine.policy.findings import Finding, Severity, warning
from engine.policy.lint.context import Context, in_file, in_text
from engine.policy.lint.recipients import receiving
from engine.policy.policy import Policy

CODE = "TEXT_RECIPIENT_DISAGREE"
SEVERITY = Severity.WARNING

_FORMS = (
    r"Ltd|Limited|Inc|LLC|LLP|PLC|plc|Corp|Corporation|GmbH|AG|SE|KG|S\.A\.|SA|SAS|SARL|S\.r\.l\.|SpA|"
    r"B\.V\.|BV|N\.V\.|Oy|AB|A/S|ApS|Pte|Pty|K\.K\."
)
_COMPANY = re.compile(
    rf"(?:(?:[A-Z][\w&.'-]*|&|of|the)\s+){{0,4}}[A-Z][\w&.'-]*,?\s+(?:{_FORMS})(?![\w])"
)
_CHINESE_COMPANY = re.compile(
    r"[\u4e00-\u9fff（）()A-Za-z]{2,30}?(?:股份有限公司|有限责任公司|有限公司)"
)


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning for a company that only the text names, and for one that the text does not name."""
    texts = [clause.words for clause in policy.text.clauses]
    known = [_bare(name) for name in _known(policy)]
    for clause in policy.text.clauses:
        for company in _companies(clause):
            if not any(name in _bare(company) or _bare(company) in name for name in known):
                message = (
                    f"clause `{clause.id}` names “{company}”, which is no recipient in sharing.yaml"
                )
                hint = "add it with its role and countries, or take it out of the text"
                where = in_text(policy, clause.id, company)
                yield warning(CODE, message, where, hint, clause=clause.id)
    for term in receiving(policy):
        name = str(term.get("name") or "")
        if name and not any(_bare(name) in _bare(text) for text in texts):
            message = f"the text names `{name}` nowhere"
            hint = "people are told in the text to whom their data goes: name it there"
            where = in_file(policy, "sharing.yaml", "recipients", *term.name.split("."), "name")
            yield warning(CODE, message, where, hint, recipient=term.name)


def _known(policy: Policy) -> Iterator[str]:
    """The controller and every recipient that is declared, also one that receives nothing yet."""
    if policy.header.controller.name:
        yield policy.header.controller.name
    for term in policy.recipients:
        if term.get("name"):
            yield str(term.get("name"))


def _companies(clause: Clause) -> list[str]:
    hits = (*_COMPANY.finditer(clause.words), *_CHINESE_COMPANY.finditer(clause.words))
    return list(dict.fromkeys(hit.group() for hit in hits))


def _bare(name: str) -> str:
    """A name without what is written now so, now so: case, spaces, commas and full stops."""
    return re.sub(r"[\s.,]+", " ", name).strip().casefold()
