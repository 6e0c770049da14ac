"""A version is loaded whole, or everything that is wrong with it is said, each with its place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import PolicyError
from engine.policy.load import digest_of, load_policy, read_policy

SEED = Path(__file__).parents[3] / "policies" / "aicodewith"
Edit = Callable[[str, str, str], Path]


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """Copy the seed policy and replace some text in one of its files; returns the version's folder."""

    def change(file: str, old: str, new: str) -> Path:
        folder = tmp_path / "aicodewith"
        shutil.copytree(SEED, folder, dirs_exist_ok=True)
        path = folder / "2026-04-03" / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder / "2026-04-03"

    return change


@pytest.mark.parametrize("version", ["2026-04-03", "2026-10-01"])
def test_the_seed_policy_loads_without_a_finding(version: str) -> None:
    loaded = load_policy(SEED / version)
    assert loaded.findings == ()
    assert loaded.policy is not None
    assert loaded.policy.version == version


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "says"),
    [
        ("use.yaml", "basis: contract", "bassis: contract", "UNKNOWN_KEY", "did you mean `basis`?"),
        (
            "use.yaml",
            "basis: contract",
            "basis: contrct",
            "WRONG_VALUE",
            "did you mean `contract`?",
        ),
        (
            "use.yaml",
            "data: [usage.call, usage",
            "data: [usage.cal, usage",
            "UNKNOWN_NAME",
            "no category `usage.cal`, did you mean `usage.call`?",
        ),
        (
            "use.yaml",
            "for: [payments]",
            "for: [payment]",
            "UNKNOWN_NAME",
            "did you mean `payments`?",
        ),
        (
            "use.yaml",
            "choice: suggestions",
            "choice: sugestions",
            "UNKNOWN_NAME",
            "did you mean `suggestions`?",
        ),
        ("use.yaml", "clause: 2.a", "clause: 2.z", "UNKNOWN_NAME", "no clause `2.z`"),
        (
            "use.yaml",
            "id: payments",
            "id: provide-service",
            "DUPLICATE_ID",
            "the id `provide-service` is taken",
        ),
        (
            "sharing.yaml",
            "{means: payment processors,",
            "{countries: [CN, USA], means: payment processors,",
            "WRONG_VALUE",
            "`USA` is not a country code such as `DE`",
        ),
        (
            "sharing.yaml",
            "{means: payment processors,",
            "{countries: [{CN: US}], means: payment processors,",
            "WRONG_VALUE",
            "this is not a country code",
        ),
        (
            "sharing.yaml",
            "{means: payment processors,",
            "{safeguard: standard contractual clauses, means: payment processors,",
            "WRONG_TYPE",
            "expected a mapping from country to safeguard",
        ),
        (
            "sharing.yaml",
            "{means: payment processors,",
            "{safeguard: {US: [clauses]}, means: payment processors,",
            "WRONG_TYPE",
            "the safeguard for `US` must be text",
        ),
        ("retention.yaml", "keep: 90 days", "keep: 90 dayz", "WRONG_VALUE", "dayz"),
        ("retention.yaml", "then: delete", "then: remove", "WRONG_VALUE", "is not one of"),
        (
            "policy.yaml",
            "timezone: Asia/Shanghai",
            "timezone: Asia/Shangai",
            "WRONG_VALUE",
            "no time zone",
        ),
        (
            "policy.yaml",
            "effective: 2026-04-03",
            "effective: 2026-13-03",
            "WRONG_VALUE",
            "is not a date",
        ),
        (
            "policy.yaml",
            "version: 2026-04-03",
            "version: 2026-04-04",
            "VERSION_MISMATCH",
            "stands in the folder",
        ),
        ("consent.yaml", "default: off", "default: of", "WRONG_VALUE", "is not one of"),
        (
            "cookies.yaml",
            "exempt: login",
            "exempted: login",
            "UNKNOWN_KEY",
            "did you mean `exempt`?",
        ),
        (
            "cookies.yaml",
            "lasts: session",
            "lasts: 30 days",
            "WRONG_VALUE",
            "a login that outlasts the session is not exempt",
        ),
        (
            "rights.yaml",
            "answer within: as required by law",
            "answer within: indefinitely",
            "WRONG_VALUE",
            "`indefinitely` does not say how long",
        ),
    ],
)
def test_a_mistake_is_said_with_its_place_and_a_near_miss(
    edit: Edit, file: str, old: str, new: str, code: str, says: str
) -> None:
    folder = edit(file, old, new)
    text = (folder / file).read_text(encoding="utf-8")
    line = (
        text[: text.rindex(new) if code == "DUPLICATE_ID" else text.index(new)].count("\n")
        + 1
        + new.count("\n")
    )
    loaded = load_policy(folder)
    assert loaded.policy is None
    found = [f for f in loaded.findings if f.code == code]
    assert found, [(f.code, f.message) for f in loaded.findings]
    assert says in f"{found[0].message} {found[0].hint}"
    assert found[0].where.file.endswith(file)
    assert abs(found[0].where.line - line) <= 1


def test_several_mistakes_are_found_in_one_go(edit: Edit) -> None:
    edit("use.yaml", "basis: contract", "basis: contrct")
    path = edit("retention.yaml", "keep: 90 days", "keep: soon")
    (path / "use.yaml").write_text(
        "- {id: A B}\n- {id: two, clause: 2.a, data: [x], for: [y], huh: 1}\n"
    )
    codes = [f.code for f in load_policy(path).findings]
    assert len(codes) >= 5
    assert codes.count("MISSING_KEY") >= 3


def also(path: Path, old: str, new: str) -> None:
    """Replace one text more in a file of the copy."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_syntax_error_in_one_file_hides_nothing_in_another(edit: Edit) -> None:
    folder = edit("use.yaml", "for: [payments]", "for: [payment]")
    also(folder / "cookies.yaml", "exempt: login", "exempt: [login")
    told = [(Path(f.where.file).name, f.code) for f in load_policy(folder).findings]
    assert told == [("cookies.yaml", "YAML_SYNTAX"), ("use.yaml", "UNKNOWN_NAME")]


def test_a_bad_rule_hides_no_unknown_name_in_the_good_ones(edit: Edit) -> None:
    folder = edit("retention.yaml", "keep: 90 days", "keep: 90 dayz")
    also(folder / "retention.yaml", "data: [insights]", "data: [insight]")
    told = [(f.code, f.message) for f in load_policy(folder).findings]
    assert told == [
        ("WRONG_VALUE", "no unit `dayz` in `90 dayz`, did you mean `day`?"),
        ("UNKNOWN_NAME", "no category `insight`, did you mean `insights`?"),
    ]


def test_no_name_is_called_unknown_where_the_words_cannot_be_read(edit: Edit) -> None:
    folder = edit("vocabulary.yaml", "categories:", "categories: [")
    assert {f.code for f in load_policy(folder).findings} == {"YAML_SYNTAX"}


def test_what_a_rule_lacks_is_not_told_of_the_file_too(edit: Edit) -> None:
    folder = edit("sharing.yaml", "with: [upstream]", "wiht: [upstream]")
    told = [(f.code, f.where.line) for f in load_policy(folder).findings]
    assert sorted(told) == [("MISSING_KEY", 29), ("UNKNOWN_KEY", 33)]


def test_the_text_in_another_encoding_is_placed(edit: Edit) -> None:
    folder = edit("policy.md", "Prevent abuse", "Prevent abuse")
    path = folder / "policy.md"
    path.write_bytes(path.read_bytes().replace(b"Prevent abuse", b"Pr\xe9vent abuse"))
    (found,) = load_policy(folder).findings
    assert (found.code, found.where.line, found.where.column) == ("NOT_UTF8", 34, 5)


def test_a_missing_file_is_named(edit: Edit) -> None:
    folder = edit("policy.yaml", "policy: aicodewith", "policy: aicodewith")
    (folder / "policy.yaml").unlink()
    findings = load_policy(folder).findings
    assert [f.code for f in findings] == ["MISSING_FILE"]
    assert "policy.yaml" in findings[0].message


def test_a_file_that_is_no_part_of_a_version_is_named(edit: Edit) -> None:
    folder = edit("policy.yaml", "policy: aicodewith", "policy: aicodewith")
    (folder / "retenton.yaml").write_text("[]\n")
    assert [f.code for f in load_policy(folder).findings] == ["UNKNOWN_FILE"]


def test_reading_a_policy_that_cannot_be_used_raises_with_its_findings(edit: Edit) -> None:
    folder = edit("use.yaml", "basis: contract", "basis: contrct")
    with pytest.raises(PolicyError, match=r"use\.yaml") as caught:
        read_policy(folder)
    assert caught.value.findings


def test_the_digest_changes_with_any_byte_of_any_file(edit: Edit) -> None:
    folder = edit("use.yaml", "basis: contract", "basis: contract")
    before = digest_of(folder)
    (folder / "policy.md").write_bytes((folder / "policy.md").read_bytes() + b"\n")
    assert digest_of(folder) != before
