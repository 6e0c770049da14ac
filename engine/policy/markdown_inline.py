"""The Markdown library, set up for inline Markdown alone. Imported only where a text has some."""

from __future__ import annotations

import html
import re
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockprocessors import ParagraphProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AMP_SUBSTITUTE, Registry

_UNSAFE_PATTERNS = ("html", "image_link", "image_reference", "short_image_ref")
_SAFE_LINK = re.compile(r"(https?://|mailto:|#|/(?![/\\]))", re.IGNORECASE)


def converted(text: str) -> str:
    """One block as HTML, within its paragraph tags."""
    return _markdown().convert(text)


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
