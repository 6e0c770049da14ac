"""The commands by section, each with its one line: known without importing any of them."""

from __future__ import annotations

SECTIONS: dict[str, dict[str, str]] = {
    "Officers": {
        "lint": "find what is wrong with a policy, and where",
        "coverage": "show clause by clause what enforces the text",
        "test": "run the policy's own tests",
        "export": "the policy in other vocabularies: fideslang, DPV",
        "explain": "say why: a decision, an expiry, a login gate, a deadline",
        "diff": "say what a new version changes, and for whom",
        "new-version": "begin the next version: a copy of the newest, with its tests",
        "publish": "lock a version and put it in force",
        "schema": "look up what can be said, key by key; schemas for editors",
    },
    "Running": {
        "plan": "show what is due, and what would happen to it",
        "purge": "do exactly what the plan says",
        "verify": "look again: is everything gone that should be, and nothing else?",
        "hold": "keep some data back, for a named reason",
        "consent": "record, withdraw and show consent",
        "request": "rights requests: list, file, advance",
        "decide": "may this be done?",
        "decisions": "what services asked, and what enforcement would change",
        "promises": "clause by clause: is it kept?",
        "audit": "the ledger: verify, prove, checkpoint",
        "datamap": "where personal data lies: scan, check, grants",
    },
    "Operating": {
        "demo": "build the demonstration platform and show everything on it",
        "serve": "run the portal, the console, the API and the scheduler",
        "worker": "take purge steps from the queue (PostgreSQL)",
        "db": "Upheld's own database: upgrade",
        "officer": "people who may use the console",
        "key": "API keys for services",
        "check": "is this installation sound?",
    },
}

COMMANDS: dict[str, str] = {
    name: line for section in SECTIONS.values() for name, line in section.items()
}
