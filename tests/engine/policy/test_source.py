"""YAML is read strictly, and every node keeps its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.policy.source import MAX_BYTES, read_file, read_text


def test_every_scalar_stays_the_text_it_was() -> None:
    document = read_text("a: NO\nb: 5.10\nc: 2026-04-03\nd:\ne: [on, ~, 0x1F]\n", "x.yaml")
    assert document.value == {
        "a": "NO",
        "b": "5.10",
        "c": "2026-04-03",
        "d": "",
        "e": ["on", "~", "0x1F"],
    }


def test_every_node_and_key_keeps_its_place() -> None:
    document = read_text("rules:\n  - {id: one, data: [a, b]}\n  - id: two\n", "x.yaml")
    assert str(document.at("rules", 0, "data", 1)) == "x.yaml:2:25"
    assert str(document.at_key("rules", 1, "id")) == "x.yaml:3:5"
    assert str(document.at("rules", 1, "absent")) == "x.yaml:3:5"


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a: 1\nb: 2\na: 3\n", "DUPLICATE_KEY", "x.yaml:3:1"),
        ("a: &x 1\n", "YAML_TRICK", "x.yaml:1:4"),
        ("a: *x\n", "YAML_TRICK", "x.yaml:1:4"),
        ("a: !!python/object:os.system {}\n", "YAML_TRICK", "x.yaml:1:4"),
        ("a: 1\n---\nb: 2\n", "YAML_TRICK", "x.yaml:2:1"),
        ("<<: {a: 1}\n", "YAML_TRICK", "x.yaml:1:1"),
        ("? [a]\n: b\n", "YAML_TRICK", "x.yaml:1:3"),
        ("a: [1, 2\nb: 3\n", "YAML_SYNTAX", "x.yaml:1:4"),
        ("a:\n\t- b\n", "YAML_SYNTAX", "x.yaml:2:1"),
        ("[" * 40 + "]" * 40, "YAML_TRICK", "x.yaml:1:34"),
        ("a: \x00\n", "YAML_SYNTAX", "x.yaml:1:4"),
    ],
)
def test_tricks_and_mistakes_are_refused_with_their_place(text: str, code: str, place: str) -> None:
    findings = read_text(text, "x.yaml").findings
    assert [(f.code, str(f.where)) for f in findings] == [(code, place)]


def test_several_duplicate_keys_are_found_in_one_go() -> None:
    assert len(read_text("a: 1\na: 2\nb: {c: 1, c: 2}\n", "x.yaml").findings) == 2


def test_a_large_file_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_bytes(b"a" * (MAX_BYTES + 1))
    assert [f.code for f in read_file(path, "big.yaml").findings] == ["FILE_TOO_LARGE"]


def test_bytes_that_are_not_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(b"a: \xff\n")
    assert [f.code for f in read_file(path, "bad.yaml").findings] == ["NOT_UTF8"]


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_and_never_raises(text: str) -> None:
    document = read_text(text, "x.yaml")
    assert isinstance(document.value, (dict, list, str))


@given(st.text(alphabet="ab:-[]{},&*!#'\"|>? \n\t", max_size=80))
def test_any_punctuation_is_read_or_refused_and_never_raises(text: str) -> None:
    assert read_text(text, "x.yaml").file == "x.yaml"


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("a: 'x\nb: 1\n", "x.yaml:1:4", "this quote is never closed"),
        ("a: [1\nb: 2\n", "x.yaml:1:4", "this `[` is never closed"),
        ("a: {b: 1\nc: 2\n", "x.yaml:1:4", "this `{` is never closed"),
        ("a: {b c: d, }}\n", "x.yaml:1:14", "expected `key: value` here"),
        ("a: 1\n\tb: 1\n", "x.yaml:2:1", "a tab stands here"),
        ("a: b: c\n", "x.yaml:1:5", "a second `: ` on one line"),
        ("a: 1\n b: 2\n", "x.yaml:2:3", "indented further than the key above it"),
        ("- a\nb: 1\n", "x.yaml:2:1", "expected `- ` here, as on line 1"),
        ("a: @x\n", "x.yaml:1:4", "`@` cannot begin a value"),
        ("a: `x`\n", "x.yaml:1:4", "a backtick cannot begin a value"),
        ("a: b\x07c\n", "x.yaml:1:5", "a control character (U+0007)"),
    ],
)
def test_a_syntax_error_is_told_in_plain_words_with_what_to_do(
    text: str, place: str, says: str
) -> None:
    (found,) = read_text(text, "x.yaml").findings
    assert (found.code, str(found.where)) == ("YAML_SYNTAX", place)
    assert says in found.message
    assert found.hint


def test_several_syntax_errors_are_found_and_what_is_right_between_them_is_read() -> None:
    document = read_text("- {id: a\n- {id: b, id: c}\n- {id: 'd}\n- {id: e}\n", "x.yaml")
    found = [(f.code, str(f.where)) for f in document.findings]
    assert found == [
        ("DUPLICATE_KEY", "x.yaml:2:11"),
        ("YAML_SYNTAX", "x.yaml:1:3"),
        ("YAML_SYNTAX", "x.yaml:3:8"),
    ]
    assert document.partial
    assert document.value == [{"id": "c"}, {"id": "e"}]
    assert str(document.at(1, "id")) == "x.yaml:4:8"


def test_tricks_do_not_hide_each_other() -> None:
    text = "a: &x 1\nb: *x\nc: !foo 1\n<<: {}\n"
    assert [f.where.line for f in read_text(text, "x.yaml").findings] == [1, 2, 3, 4]


def test_values_and_lists_in_brackets_know_where_they_end() -> None:
    document = read_text("a: [b, 'c d', 你好]\ne: {f: g}\n", "x.yaml")
    ends = [
        document.at(*path).end_column for path in (("a",), ("a", 0), ("a", 1), ("a", 2), ("e",))
    ]
    assert ends == [18, 6, 13, 17, 10]


def test_bytes_that_are_no_text_are_placed(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes("a: ü\nb: ".encode() + b"\xff\n")
    (found,) = read_file(path, "x.yaml").findings
    assert (found.code, str(found.where)) == ("NOT_UTF8", "x.yaml:2:4")
    assert "0xff" in found.message


def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe, endless = tmp_path / "use.yaml", tmp_path / "sharing.yaml"
    os.mkfifo(pipe)
    endless.symlink_to("/dev/zero")
    for path in (pipe, endless):
        (finding,) = read_file(path, path.name).findings
        assert (finding.code, "not a regular file" in finding.message) == ("FILE_UNREADABLE", True)
