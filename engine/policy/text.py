"""The policy's text: `policy.md` read into clauses, each with its address.

    # Title
    Matter before the first numbered heading belongs to section 0.
    ## 1. A heading
    - a bullet                                        clause 1.a
    A paragraph. {1.c} Its second promise.            clauses 1.b and 1.c

`##` headings number 1, 2, …; `###` below them 1.1, 1.2, …. Bullets and paragraphs of a section are
lettered a…z, aa…; a paragraph that ends in a colon before a list is its lead-in, not a clause. An
inline marker splits a block where one sentence holds several promises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NoReturn

from engine.errors import PolicyError
from engine.policy.clauses import Block, BlockKind, Clause, ClauseKind, PolicyText, Section
from engine.policy.findings import Finding, Position, error

__all__ = [
    "Block",
    "BlockKind",
    "Clause",
    "ClauseKind",
    "PolicyText",
    "Section",
    "letters",
    "parse_text",
]

_HEADING = re.compile(r"(#{1,6})(?:[ \t]+(.*?)[ \t]*#*)?$")
_NUMBERED = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})*)\.?[ \t]+(.+)$")
_BULLET = re.compile(r"([ \t]*)([-*+]|[0-9]{1,3}[.)])(?:[ \t]+(.*))?$")
_MARKER = re.compile(r"\{([0-9]+(?:\.[0-9]+)*\.[a-z]+)\}")
MAX_CHARACTERS = 1_000_000
MAX_BLOCKS = 5_000
MAX_BLOCK = 10_000
"""Far more than any policy has; a longer file is a mistake, and must not hold anybody up."""

_NESTED = 4
_LAST_LETTERS = 26 + 26 * 26
_CJK = (("\u2e80", "\u9fff"), ("\uf900", "\ufaff"), ("\uff00", "\uffef"))


def parse_text(markdown: str, shown_as: str = "policy.md") -> PolicyText:
    """Read `policy.md`; `shown_as` is the file's name in findings.

    Raises `PolicyError` with everything that is wrong, each finding with its place.
    """
    if len(markdown) > MAX_CHARACTERS:
        message = f"{len(markdown):,} characters; at most {MAX_CHARACTERS:,} are read"
        _refuse(Position(shown_as), message)
    text = _Parser(shown_as).read(_limited(markdown, shown_as))
    return replace(text, lines=tuple(_lines(markdown)))


def _limited(markdown: str, file: str) -> list[_Raw]:
    """The blocks; `PolicyError` at the first that is too much, so that a limit stops the work."""
    blocks: list[_Raw] = []
    for block in _blocks(markdown):
        if len(blocks) == MAX_BLOCKS:
            message = f"more than {MAX_BLOCKS:,} headings, paragraphs and bullets"
            _refuse(Position(file, block.line), message, "no policy has as many")
        if len(block.text) > MAX_BLOCK:
            message = f"a paragraph or bullet of more than {MAX_BLOCK:,} characters"
            _refuse(Position(file, block.line), message, "divide it by empty lines")
        blocks.append(block)
    return blocks


def _lines(markdown: str) -> list[str]:
    return markdown.removeprefix("\ufeff").splitlines()


def _refuse(where: Position, message: str, hint: str = "") -> NoReturn:
    raise PolicyError(message, [error("TEXT", message, where, hint)])


def letters(index: int) -> str:
    """The letters of the block with this index: 0 is a, 25 is z, 26 is aa."""
    found = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        found = chr(ord("a") + rest) + found
    return found


@dataclass(slots=True)
class _Raw:
    """A block as it stands in the file.

    `sign` is `#` for a heading, the sign of a bullet, or empty for a paragraph; `depth` is a heading's
    level or a bullet's indentation.
    """

    sign: str
    text: str
    line: int
    depth: int = 0

    @property
    def is_heading(self) -> bool:
        return self.sign == "#"

    @property
    def is_bullet(self) -> bool:
        return self.sign not in ("#", "")


def _blocks(markdown: str) -> Iterator[_Raw]:
    """The blocks, each once it is whole, or as soon as it is too long."""
    block: _Raw | None = None
    for number, line in enumerate(_lines(markdown), start=1):
        begun = _begun(line, number)
        if begun is None and block is not None and line.strip() and not block.is_heading:
            block.text = _joined(block.text, line.strip())
            if len(block.text) <= MAX_BLOCK:
                continue
        if block is not None:
            yield block
        block = begun or (_Raw("", line.strip(), number) if line.strip() else None)
    if block is not None:
        yield block


def _begun(line: str, number: int) -> _Raw | None:
    """The heading or bullet that a line begins, if it does."""
    if heading := _HEADING.match(line):
        return _Raw("#", heading[2] or "", number, len(heading[1]))
    if bullet := _BULLET.match(line):
        indent = len(bullet[1].expandtabs(4))
        return _Raw(bullet[2], (bullet[3] or "").strip(), number, indent)
    return None


def _joined(before: str, after: str) -> str:
    """Join two lines of one block; between Chinese characters a line break is no space."""
    cjk = _is_cjk(before[-1:]) and _is_cjk(after[:1])
    return before + ("" if cjk else " ") + after


def _is_cjk(character: str) -> bool:
    return any(first <= character <= last for first, last in _CJK)


class _Parser:
    """Gives the blocks their numbers and letters, and collects what does not fit."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._findings: list[Finding] = []
        self._title = ""
        self._sections: list[Section] = []
        self._current = Section("0", "", 1)
        self._blocks: list[Block] = []
        self._counters: list[int] = []
        self._used = 0

    def read(self, blocks: list[_Raw]) -> PolicyText:
        following = [*blocks[1:], _Raw("#", "", 0)]
        for raw, after in zip(blocks, following, strict=False):
            if raw.is_heading:
                self._heading(raw)
            else:
                self._block(raw, leads=after.is_bullet)
        self._close()
        if not self._title:
            self._wrong(1, "the text has no title", "begin with a line such as `# Privacy policy`")
        if not any(section.blocks for section in self._sections):
            self._wrong(1, "the text has no clauses", "write paragraphs or bullets below the title")
        self._refuse_if_wrong()
        return PolicyText(self._title, tuple(self._sections))

    def _refuse_if_wrong(self) -> None:
        if self._findings:
            first, *more = self._findings
            others = f" (and {len(more)} more)" if more else ""
            raise PolicyError(f"{first.where}: {first.message}{others}", self._findings)

    def _wrong(self, line: int, message: str, hint: str = "", column: int = 1) -> None:
        self._findings.append(error("TEXT", message, Position(self._file, line, column), hint))

    def _close(self) -> None:
        section = self._current
        if section.number != "0" or self._blocks:
            done = Section(section.number, section.heading, section.line, tuple(self._blocks))
            self._sections.append(done)
        self._blocks = []
        self._used = 0

    def _heading(self, raw: _Raw) -> None:
        if not raw.text:
            self._wrong(raw.line, "an empty heading", "write its words, or take it out")
        if raw.depth == 1:
            self._set_title(raw)
            return
        self._close()
        number = self._next_number(raw)
        written = _NUMBERED.match(raw.text)
        if written and written[1] != number:
            self._wrong(
                raw.line,
                f"the heading is numbered `{written[1]}`, but `{number}` comes here",
                "clauses are addressed by these numbers; number the headings in order",
            )
        self._current = Section(number, raw.text, raw.line)

    def _set_title(self, raw: _Raw) -> None:
        if self._title or self._sections or self._blocks:
            self._wrong(raw.line, "a title that is not at the top", "use `##` for the headings")
        self._title = self._title or raw.text

    def _next_number(self, raw: _Raw) -> str:
        level = raw.depth - 1
        if level > len(self._counters) + 1:
            hashes = "#" * (len(self._counters) + 2)
            self._wrong(raw.line, "this heading skips a level", f"write it with `{hashes}`")
            level = len(self._counters) + 1
        self._counters = [*self._counters[:level], 0][:level]
        self._counters[-1] += 1
        return ".".join(map(str, self._counters))

    def _block(self, raw: _Raw, *, leads: bool) -> None:
        self._check_bullet(raw)
        if not raw.is_bullet and leads and raw.text.endswith((":", "\uff1a")):
            self._lead_in(raw)
            return
        kind: ClauseKind = "bullet" if raw.is_bullet else "paragraph"
        clauses = tuple(self._clauses(raw, kind))
        self._blocks.append(Block(kind, _without_markers(raw.text), raw.line, clauses))

    def _check_bullet(self, raw: _Raw) -> None:
        if raw.is_bullet and raw.sign not in "-*+":
            hint = "begin each with `- `: every bullet gets a letter"
            self._wrong(raw.line, f"a numbered list item `{raw.sign}`", hint)
        if raw.is_bullet and raw.depth >= _NESTED:
            hint = "give it a heading of its own, or set it at the left margin"
            self._wrong(raw.line, "a bullet inside a bullet has no address", hint)
        if raw.is_bullet and not raw.text:
            self._wrong(raw.line, "an empty bullet", "write its words, or take it out")

    def _lead_in(self, raw: _Raw) -> None:
        marker = _MARKER.search(raw.text)
        if marker:
            hint = "end the paragraph with a full stop to make it a clause"
            self._wrong(raw.line, f"the marker `{marker[0]}` in the lead-in of a list", hint)
        self._blocks.append(Block("lead-in", _without_markers(raw.text), raw.line))

    def _clauses(self, raw: _Raw, kind: ClauseKind) -> Iterator[Clause]:
        first, *rest = _MARKER.split(raw.text)
        if first.strip() or not rest:
            yield self._clause(self._next_id(raw.line), first, kind, raw)
        for marker, text in zip(rest[::2], rest[1::2], strict=True):
            expected = self._next_id(raw.line)
            if marker != expected:
                message = f"the marker `{{{marker}}}` stands where clause `{expected}` begins"
                self._wrong(raw.line, message, f"write `{{{expected}}}`")
            if not text.strip():
                self._wrong(raw.line, f"no words follow the marker `{{{marker}}}`", "take it out")
            yield self._clause(expected, text, kind, raw)

    def _clause(self, clause_id: str, text: str, kind: ClauseKind, raw: _Raw) -> Clause:
        return Clause(clause_id, self._current.heading, _without_markers(text), kind, raw.line)

    def _next_id(self, line: int) -> str:
        if self._used == _LAST_LETTERS:
            self._wrong(line, "more than 702 clauses in one section", "divide it by headings")
        self._used += 1
        return f"{self._current.number}.{letters(self._used - 1)}"


def _without_markers(text: str) -> str:
    return " ".join(_MARKER.sub("", text).split())
