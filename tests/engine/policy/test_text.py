"""The policy's text: addresses of clauses, words, HTML and the faults that are found."""

from __future__ import annotations

import html
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import PolicyError, UnknownName
from engine.policy.inline import render
from engine.policy.text import PolicyText, letters, parse_text

SAMPLE = """# Notice

Since May. {0.b} Hello.

## 1. What we keep

### 1.1 People

- Names
- Addresses,
  of homes

### 1.2 Visits

We keep:

- Dates
- Reasons

A last word: call us.

## Cookies

None. {2.b} None at all, {2.c} ever.
"""


def ids(text: PolicyText) -> list[str]:
    return [clause.id for clause in text.clauses]


def faults(markdown: str) -> list[tuple[int, str]]:
    with pytest.raises(PolicyError) as refused:
        parse_text(markdown)
    return [(finding.where.line, finding.message) for finding in refused.value.findings]


def test_headings_number_and_blocks_are_lettered() -> None:
    expected = "0.a 0.b 1.1.a 1.1.b 1.2.a 1.2.b 1.2.c 2.a 2.b 2.c"
    assert ids(parse_text(SAMPLE)) == expected.split()


def test_a_clause_knows_its_heading_kind_line_and_words() -> None:
    clause = parse_text(SAMPLE).clause("1.1.b")
    assert (clause.heading, clause.kind, clause.line) == ("1.1 People", "bullet", 10)
    assert clause.text == "Addresses, of homes"
    assert (clause.section, clause.anchor) == ("1.1", "c-1.1.b")


def test_a_marker_splits_a_sentence_and_is_not_shown() -> None:
    text = parse_text(SAMPLE)
    assert [text.clause(f"2.{letter}").text for letter in "abc"] == [
        "None.",
        "None at all,",
        "ever.",
    ]
    assert text.sections[-1].blocks[0].html == "None. None at all, ever."


def test_a_lead_in_is_shown_but_is_no_clause() -> None:
    section = parse_text(SAMPLE).sections[3]
    runs = [(kind, len(blocks)) for kind, blocks in section.runs()]
    assert runs == [("lead-in", 1), ("bullet", 2), ("paragraph", 1)]
    assert section.blocks[0].clauses == ()


def test_a_full_width_colon_leads_a_list_too() -> None:
    assert ids(parse_text("# 政策\n\n我们收集：\n\n- 姓名\n")) == ["0.a"]


def test_a_paragraph_ending_in_a_colon_without_a_list_is_a_clause() -> None:
    assert ids(parse_text("# T\n\nWrite to:\n\nthe office\n")) == ["0.a", "0.b"]


def test_sections_know_their_level_and_anchor() -> None:
    found = [(s.number, s.level, s.anchor) for s in parse_text(SAMPLE).sections]
    assert found == [
        ("0", 0, "c-0"),
        ("1", 1, "c-1"),
        ("1.1", 2, "c-1.1"),
        ("1.2", 2, "c-1.2"),
        ("2", 1, "c-2"),
    ]


def test_plain_gives_the_words_without_markers_or_markdown() -> None:
    text = parse_text("# T\n\nWe **keep** `x<y` & [more](https://a.example). {0.b} Yes.\n")
    assert text.plain() == "T\nWe keep x<y & more. Yes."


@pytest.mark.parametrize(
    ("index", "expected"), [(0, "a"), (25, "z"), (26, "aa"), (51, "az"), (52, "ba"), (701, "zz")]
)
def test_letters_go_on_beyond_z(index: int, expected: str) -> None:
    assert letters(index) == expected


def test_the_27th_bullet_is_aa() -> None:
    bullets = "\n".join(f"- item {n}" for n in range(28))
    assert ids(parse_text(f"# T\n\n{bullets}\n"))[-3:] == ["0.z", "0.aa", "0.ab"]


def test_line_breaks_between_chinese_characters_are_no_spaces() -> None:
    text = parse_text("# 政策\n\n我们重视\n您的隐私，使用\nAPI 服务。\n")
    assert text.clause("0.a").text == "我们重视您的隐私，使用 API 服务。"


def test_an_unknown_clause_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"no clause `1\.1\.c`, did you mean `1\.2\.c`"):
        parse_text(SAMPLE).clause("1.1.c")


@pytest.mark.parametrize(
    ("markdown", "line", "message"),
    [
        ("words\n", 1, "the text has no title"),
        ("# T\n", 1, "the text has no clauses"),
        ("# T\n\na\n\n# U\n", 5, "a title that is not at the top"),
        ("# T\n\n## 2. A\n\na\n", 3, "the heading is numbered `2`, but `1` comes here"),
        ("# T\n\n## A\n\n#### B\n\na\n", 5, "this heading skips a level"),
        ("# T\n\na {0.c} b\n", 3, "the marker `{0.c}` stands where clause `0.b` begins"),
        ("# T\n\na {0.b}\n", 3, "no words follow the marker `{0.b}`"),
        ("# T\n\na {0.b} c:\n\n- d\n", 3, "the marker `{0.b}` in the lead-in of a list"),
        ("# T\n\n- a\n    - b\n", 4, "a bullet inside a bullet has no address"),
        ("# T\n\n1. a\n", 3, "a numbered list item `1.`"),
        ("# T\n\na\n\n##\n", 5, "an empty heading"),
        ("# T\n\n- a\n-\n", 4, "an empty bullet"),
    ],
)
def test_faults_are_placed(markdown: str, line: int, message: str) -> None:
    assert (line, message) in faults(markdown)


def test_all_faults_are_told_at_once() -> None:
    assert len(faults("## 3. A\n\na {1.c} b\n\n1. c\n")) == 4


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("AT&T <!-- c -->", "AT&amp;T &lt;!-- c --&gt;"),
        ("[x](javascript:alert(1))", "<a>x</a>"),
        ("[x](javas&#99;ript:alert)", "<a>x</a>"),
        ("[x](data:text/html,y)", "<a>x</a>"),
        ("[x](//elsewhere.example)", "<a>x</a>"),
        ("[x](/policy)", '<a href="/policy">x</a>'),
        ("![x](https://a.example/p.png)", "![x](https://a.example/p.png)"),
        ("*a* **b** `c`", "<em>a</em> <strong>b</strong> <code>c</code>"),
        ("- a", "- a"),
        ("[email protected]", "[email protected]"),
    ],
)
def test_inline_markup_is_rendered_and_all_else_escaped(source: str, expected: str) -> None:
    assert render(source) == expected


@settings(max_examples=60, deadline=None)
@given(st.text(string.printable, min_size=1, max_size=60))
def test_no_raw_html_ever_passes(source: str) -> None:
    allowed = {"a", "em", "strong", "code", "br"}
    tags = [part.split(">")[0].split()[0] for part in render(source).split("<")[1:]]
    assert {tag.strip("/") for tag in tags} <= allowed


WORDS = st.lists(st.text(string.ascii_letters, min_size=1, max_size=8), min_size=1, max_size=6).map(
    " ".join
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), WORDS), min_size=1, max_size=40))
def test_every_block_gets_one_address_and_keeps_its_words(blocks: list[tuple[bool, str]]) -> None:
    written = "\n\n".join(f"- {words}" if bullet else words for bullet, words in blocks)
    text = parse_text(f"# T\n\n{written}\n")
    assert [html.unescape(clause.text) for clause in text.clauses] == [w for _, w in blocks]
    assert ids(text) == [f"0.{letters(index)}" for index in range(len(blocks))]


@pytest.mark.parametrize("line", ["- a\n", "# a\n", "a\n\n", "x" * 999 + "\n"])
def test_a_text_that_no_policy_has_is_refused_at_once(line: str) -> None:
    with pytest.raises(PolicyError, match="at most") as caught:
        parse_text("# Title\n\n" + line * (1_100_000 // len(line)))
    assert len(caught.value.findings) == 1


@pytest.mark.parametrize(
    ("markdown", "line", "says"),
    [
        ("# T\n\n" + "a: b\n" * 5_000, 3, "a paragraph or bullet of more than 10,000 characters"),
        ("# T\n\nok\n\n- " + "a" * 10_001, 5, "of more than 10,000 characters"),
        ("# T\n" + "- a\n" * 6_000, 5_001, "more than 5,000 headings, paragraphs and bullets"),
    ],
)
def test_what_is_too_long_is_told_where_it_begins(markdown: str, line: int, says: str) -> None:
    ((where, message),) = faults(markdown)
    assert where == line
    assert says in message
