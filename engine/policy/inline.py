"""Inline Markdown of a policy's text, as HTML and as plain words.

Only emphasis, code and links are understood. Raw HTML is shown as it is written, pictures are not
loaded, and a link leads only to the web, to a mail address or to a place on this site.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockprocessors import ParagraphProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AMP_SUBSTITUTE, Registry

_UNSAFE_PATTERNS = ("html", "image_link", "image_reference", "short_image_ref")
_SAFE_LINK = re.compile(r"(https?://|mailto:|#|/(?![/\\]))", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


@lru_cache(maxsize=4096)
def render(text: str) -> str:
    """Render one block's inline Markdown as an HTML fragment without its paragraph tags."""
    fragment = _markdown().convert(text)
    return fragment.removeprefix("<p>").removesuffix("</p>")


def plain(text: str) -> str:
    """The words of one block, without Markdown's signs."""
    return html.unescape(_TAG.sub("", render(text)))


def _markdown() -> Markdown:
    md = Markdown(output_format="html")
    md.preprocessors.deregister("html_block")
    md.parser.blockprocessors = Registry()
    md.parser.blockprocessors.register(ParagraphProcessor(md.parser), "paragraph", 10)
    for pattern in _UNSAFE_PATTERNS:
        md.inlinePatterns.deregister(pattern)
    md.treeprocessors.register(_SafeLinks(md), "safe links", 5)
    return md


class _SafeLinks(Treeprocessor):
    """Takes the address from a link that leads anywhere but to the web, a mailbox or this site."""

    def run(self, root: Element) -> None:
        for link in root.iter("a"):
            address = html.unescape(link.get("href", "").replace(AMP_SUBSTITUTE, "&"))
            if not _SAFE_LINK.match(address):
                link.attrib.pop("href", None)
