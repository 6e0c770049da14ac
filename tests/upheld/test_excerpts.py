"""The carets stand below what is wrong, whatever the line holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.policy.findings import Position
from upheld.excerpts import drawn, excerpt


def place(line: str, words: str) -> Position:
    """The place of words in a line."""
    start = line.index(words) + 1
    return Position("x.yaml", 1, start, 1, start + len(words))


@pytest.mark.parametrize(
    ("line", "words", "shown", "carets"),
    [
        ("data: [usage.cal]", "usage.cal", "data: [usage.cal]", "       ^^^^^^^^^"),
        ("\tdata: x", "x", "    data: x", "          ^"),
        ("a\tb: x", "x", "a   b: x", "       ^"),
        ("说明: 保留 九十天 吧", "九十天", "说明: 保留 九十天 吧", "           ^^^^^^"),
        ("cafe\u0301: x", "x", "cafe\u0301: x", "      ^"),
        ("a\x1b[2Jb: x", "x", "a\ufffd[2Jb: x", "        ^"),
        ("a\u202eb: x", "x", "a\ufffdb: x", "     ^"),
    ],
)
def test_carets_stand_below_the_words(line: str, words: str, shown: str, carets: str) -> None:
    assert drawn(line, place(line, words)) == (shown, carets)


def test_without_a_known_end_one_caret_shows_the_place() -> None:
    assert drawn("a: {b: c}", Position("x.yaml", 1, 4)) == ("a: {b: c}", "   ^")


def test_what_goes_on_in_the_next_line_is_marked_to_the_end_of_its_first() -> None:
    assert drawn("a: 'b", Position("x.yaml", 1, 4, 2, 3)) == ("a: 'b", "   ^^")


def test_the_end_of_a_line_can_be_marked() -> None:
    assert drawn("a: [b", Position("x.yaml", 1, 6)) == ("a: [b", "     ^")


def test_a_long_line_is_cut_so_that_the_carets_stay_in_sight() -> None:
    line = "a" * 500 + " here " + "b" * 500
    shown, carets = drawn(line, place(line, "here"))
    assert len(shown) <= 102
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "here"


def test_passwords_in_addresses_are_starred_and_the_carets_stay() -> None:
    line = "platform: {adapter: sqll, url: postgresql://upheld:s3cret@db/x}"
    shown, carets = drawn(line, place(line, "sqll"))
    assert "s3cret" not in shown
    assert "upheld" not in shown.partition("url")[2]
    assert shown[carets.index("^") :].startswith("sqll")


def test_a_file_that_is_not_there_shows_nothing(tmp_path: Path) -> None:
    assert excerpt(Position(str(tmp_path / "none.yaml"), 3, 1)) is None
