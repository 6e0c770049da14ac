"""RIGHT_UNSERVABLE: a right covers data that cannot be found by the person who asks."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "RIGHT_UNSERVABLE"


def test_a_right_over_data_that_leads_to_nobody_is_an_error(linted: Linter) -> None:
    found = about(
        linted(
            ("rights.yaml", "right: export, data: everything", "right: export, data: [records]")
        ),
        CODE,
        rule="export",
        right="export",
    )
    assert {f.severity.value for f in found} == {"error"}
    assert "rights.yaml: [records]" in [marked(f) for f in found]


def test_data_that_leads_to_nobody_is_a_warning(linted: Linter) -> None:
    found = about(
        linted(
            (
                "datamap.yaml",
                "    row: device.access_log\n    subject: {user_id: users.id}\n",
                "    row: device.access_log\n",
            )
        ),
        CODE,
        right="access",
    )
    assert {f.severity.value for f in found} == {"warning"}
    assert "rights.yaml: everything" in [marked(f) for f in found]


def test_rights_over_data_that_leads_to_a_person_are_right(linted: Linter) -> None:
    assert not about(linted(), CODE)
