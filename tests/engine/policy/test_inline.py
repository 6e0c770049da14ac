"""Text without Markdown is shown as it is, exactly as the library would show it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.policy.inline import plain, render
from engine.policy.markdown_inline import converted

PIECES = st.sampled_from(
    ["a", " ", "  ", "*", "_", "`", "[", "]", "(", ")", "!", "<", ">", "&", "\\", "#", "-", "1.", ":", "é",
     "你", "“", "\u00a0", "[email protected]", "http://a.b", "{1.a}", "'", '"', "~", "=", "|", "&amp;", "\t"]
)  # fmt: skip


@given(st.lists(PIECES, min_size=1, max_size=12).map("".join))
def test_what_is_not_given_to_the_library_reads_the_same(text: str) -> None:
    assert render(text) == converted(text).removeprefix("<p>").removesuffix("</p>")


def test_markdown_is_rendered_and_words_are_without_it() -> None:
    assert render("a *b* & c") == "a <em>b</em> &amp; c"
    assert plain("a *b* & [c](https://x.y)") == "a b & c"
    assert render("[email protected]") == "[email protected]"
