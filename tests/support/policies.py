"""Small policies for tests, written as the YAML files they are and loaded as any policy is."""

from pathlib import Path
from typing import Any

import yaml

from engine.policy.load import read_policy
from engine.policy.policy import Policy

TEXT = """# Policy

## 1. One

- We keep the first promise.
- We keep the second promise.
- We keep the third promise.
"""
CATEGORIES = {"person": {"email": {}, "phone": {}}, "usage": {"call": {}, "content": {}}}
PURPOSES = {
    "service": {},
    "improve": {"quality": {}, "trends": {}},
    "ads": {"is": "direct marketing"},
}
RECIPIENTS = {"cloud": {}, "partners": {"one": {}, "two": {}}}


def policy(folder: Path, version: str = "2026-01-01", *, text: str = TEXT, **files: Any) -> Policy:
    """Write and load a version.

    `categories`, `purposes`, `recipients`, `subjects` and `header` replace the defaults above; `collection`,
    `use`, `sharing`, `retention`, `holds`, `choices`, `agreement`, `guardians`, `rights`, `contact`,
    `cookies` and `controls` are lists of rules (a rule's `id` and `clause` may be left out).
    """
    at = folder / version
    at.mkdir(parents=True)
    (at / "policy.md").write_text(text, encoding="utf-8")
    for name, content in _contents(version, files).items():
        (at / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return read_policy(at)


def _contents(version: str, files: dict[str, Any]) -> dict[str, Any]:
    header = {
        "policy": "small",
        "version": version,
        "effective": version[:10],
        "timezone": "Europe/Berlin",
        "jurisdictions": ["EU"],
        **files.get("header", {}),
    }
    rights = {"rules": _rules("right", files.get("rights", []))}
    if "contact" in files:
        rights["contact"] = files["contact"]
    consent = {"choices": _rules("choice", files.get("choices", []))}
    if "agreement" in files:
        consent["agreement"] = files["agreement"]
    if "guardians" in files:
        consent["guardians"] = files["guardians"]
    return {
        "policy.yaml": header,
        "vocabulary.yaml": {
            "subjects": files.get("subjects", ["customer", "child"]),
            "categories": files.get("categories", CATEGORIES),
            "purposes": files.get("purposes", PURPOSES),
        },
        "collection.yaml": _rules("collect", files.get("collection", [])),
        "use.yaml": _rules("use", files.get("use", [])),
        "sharing.yaml": {
            "recipients": files.get("recipients", RECIPIENTS),
            "rules": _rules("share", files.get("sharing", [])),
        },
        "retention.yaml": {
            "rules": _rules("keep", files.get("retention", [])),
            "holds": _rules("hold", files.get("holds", [])),
        },
        "consent.yaml": consent,
        "rights.yaml": rights,
        "cookies.yaml": _rules("cookie", files.get("cookies", [])),
        "controls.yaml": _rules("control", files.get("controls", [])),
    }


def _rules(prefix: str, rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": f"{prefix}-{n}", "clause": "1.a", **rule} for n, rule in enumerate(rules)]
