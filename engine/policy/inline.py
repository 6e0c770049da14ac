"""Inline Markdown of a policy's text, as HTML and as plain words.

Only emphasis, code and links are understood. Raw HTML is shown as it is written, pictures are not
loaded, and a link leads only to the web, to a mail address or to a place on this site.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache

_TAG = re.compile(r"<[^>]*>")
_MARKED = re.compile(r"[`*_<>&\\]|\]\(|  |^ | $")
"""What may be Markdown, or needs escaping; most clauses have none of it."""


@lru_cache(maxsize=4096)
def render(text: str) -> str:
    """Render one block's inline Markdown as an HTML fragment without its paragraph tags."""
    if text.isprintable() and not _MARKED.search(text):
        return text
    # The library takes longer to import than to read a policy.
    from engine.policy.markdown_inline import converted

    return converted(text).removeprefix("<p>").removesuffix("</p>")


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The words of one block, without Markdown's signs."""
    return html.unescape(_TAG.sub("", render(text)))
