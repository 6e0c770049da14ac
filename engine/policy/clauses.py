"""Clauses, blocks and sections: what `policy.md` is read into (see `engine.policy.text`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from engine.errors import UnknownName
from engine.policy import inline

ClauseKind = Literal["paragraph", "bullet"]
BlockKind = Literal["paragraph", "bullet", "lead-in"]


@dataclass(frozen=True, slots=True)
class Clause:
    """One promise of the text. `heading` is its section's, as written; `line` counts from 1."""

    id: str
    heading: str
    text: str
    kind: ClauseKind
    line: int

    @property
    def section(self) -> str:
        """The number of its section: `1.2` of `1.2.c`."""
        return self.id.rpartition(".")[0]

    @property
    def anchor(self) -> str:
        """The HTML id under which the clause stands on a page."""
        return f"c-{self.id}"

    @property
    def html(self) -> str:
        """The clause as an HTML fragment (escaped; no block elements)."""
        return inline.render(self.text)

    @property
    def words(self) -> str:
        """The clause as plain words."""
        return inline.plain(self.text)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, bullet or lead-in as it is set on the page; a lead-in holds no clause."""

    kind: BlockKind
    text: str
    line: int
    clauses: tuple[Clause, ...] = ()

    @property
    def html(self) -> str:
        """The whole block as an HTML fragment, without markers."""
        return inline.render(self.text)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it; section 0 is the matter before the first heading."""

    number: str
    heading: str
    line: int
    blocks: tuple[Block, ...] = ()

    @property
    def level(self) -> int:
        """1 for `1`, 2 for `1.1`; 0 for section 0."""
        return 0 if self.number == "0" else self.number.count(".") + 1

    @property
    def anchor(self) -> str:
        """The HTML id of the heading."""
        return f"c-{self.number}"

    @property
    def html(self) -> str:
        """The heading as an HTML fragment."""
        return inline.render(self.heading)

    def runs(self) -> Iterator[tuple[BlockKind, tuple[Block, ...]]]:
        """The blocks in runs of one kind: a run of bullets is one list on the page."""
        for kind, blocks in groupby(self.blocks, key=lambda block: block.kind):
            yield kind, tuple(blocks)


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A whole text, in order; `lines` are those of the file, as they are written."""

    title: str
    sections: tuple[Section, ...]
    lines: tuple[str, ...] = field(default=(), repr=False, compare=False)
    _by_id: dict[str, Clause] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        clauses = (
            c for section in self.sections for block in section.blocks for c in block.clauses
        )
        object.__setattr__(self, "_by_id", {clause.id: clause for clause in clauses})

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """Every clause, in the order of the text."""
        return tuple(self._by_id.values())

    def __contains__(self, clause_id: object) -> bool:
        return clause_id in self._by_id

    def clause(self, clause_id: str) -> Clause:
        """The clause with this address; raises `UnknownName` if there is none."""
        if clause_id not in self._by_id:
            raise UnknownName("clause", clause_id, self._by_id)
        return self._by_id[clause_id]

    def plain(self) -> str:
        """The words of the whole text without markers or Markdown, a line for each block."""
        lines = [self.title]
        for section in self.sections:
            lines += [section.heading, *(block.text for block in section.blocks)]
        return "\n".join(inline.plain(line) for line in lines if line)
