"""Hostile inputs: real policy files, damaged at random as typing, copying and malice damage files."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from random import Random

Mutation = Callable[[Random, str], str]

MOST = 1_000_000
"""Bytes that are read; a file is made at most a little larger."""

_SIGNS = list("{}[]:,-#&*!|>'\"%@`~<?\\= \t\n.()$^+/")
_ODD = [
    "\x00", "\x07", "\x1b[2J", "\x7f", "\x85", "\u00a0", "\u200b", "\u202e", "\u2028", "\ufeff", "\ufffe",
    "\ud7ff", "\U0001f600", "e\u0301" * 20, "你好", "ﷺ", "İ", "ß", "\r", "\r\n", "\x0b", "\x0c", "\x1c",
]  # fmt: skip
_SCALARS = [
    "", "~", "null", "NO", "on", "0x1F", "1e309", "-1", "9" * 400, "2026-13-45", "0000-00-00", "9999-12-31",
    "90 dayz", "999999 years", "0 days", "-5 days", "everything", "everyone", "unstated", "never", "a.b.c.d",
    "1.2.zz", "99.99.a", ".inf", "<<", "*x", "&x y", "!!python/object/apply:os.system [id]", "{{x}}",
    "${HOME}", "../../etc/passwd", "[[[[", "{{{{", "'", '"', "|", ">", "|9", "%TAG", "---", "...", "? x", "=",
    "\\x41", "XX", "US-CA", "Asia/Shanghai", "Nowhere/Land", "a" * 3000, "a-" * 2000, "a." * 2000, "（" * 500,
]  # fmt: skip
_BLOCKS = [
    "- {id: x, clause: 1.a, data: everything, for: [x], basis: consent}\n",
    "- id: x\n  clause: [1.a, 1.b]\n",
    "- &a [*a, *a]\n", "a: &a [1]\nb: &b [*a, *a, *a, *a]\nc: [*b, *b, *b, *b]\n",
    "---\n", "%YAML 1.2\n", "? [a, b]\n: c\n", "\tx: y\n", "x: |\n  y\n z\n", "x: >-\n\n\n", "!x y: z\n",
    "## 1. One\n", "### 1.1 x\n", "#### x\n", "# T\n", "- a {1.b} b {1.c} c\n", "1. one\n", "    - nested\n",
    "[a](javascript:x) ![b](c) <script>x</script> `d` **e** _f_\n", "- \n", "lead in:\n\n- a\n", "{1.a}\n",
]  # fmt: skip


def mutant(random: Random, data: bytes, other: bytes) -> bytes:
    """The file damaged once or several times; `other` is another file, to copy from."""
    if random.random() < 0.25:
        return _bytes(random, data)
    text = data.decode("utf-8")
    for _ in range(1 + min(int(random.expovariate(0.7)), 12)):
        text = _one(random, text, other)[:MOST]
    if random.random() < 0.01:
        text = random.choice(_HUGE)(random, text)
    return text.encode("utf-8", errors="surrogatepass")


def _one(random: Random, text: str, other: bytes) -> str:
    if random.random() < 0.1:
        lines = other.decode("utf-8").splitlines(keepends=True) or [""]
        start = random.randrange(len(lines))
        return _insert(random, text, "".join(lines[start : start + random.randrange(1, 8)]))
    return random.choice(_USUAL)(random, text)


def _bytes(random: Random, data: bytes) -> bytes:
    found = bytearray(data)
    for _ in range(1 + int(random.expovariate(0.3))):
        at = random.randrange(len(found) + 1)
        match random.randrange(4):
            case 0:
                found[at : at + 1] = bytes([random.randrange(256)])
            case 1:
                del found[at : at + random.randrange(1, 40)]
            case 2:
                found[at:at] = random.randbytes(random.randrange(1, 8))
            case _:
                found[at:at] = found[at : at + random.randrange(1, 200)]
    return bytes(found)


def _insert(random: Random, text: str, more: str) -> str:
    at = random.randrange(len(text) + 1)
    return text[:at] + more + text[at:]


def _sign(random: Random, text: str) -> str:
    at = random.randrange(len(text) + 1)
    return text[:at] + random.choice(_SIGNS) + text[at + random.randrange(2) :]


def _odd(random: Random, text: str) -> str:
    return _insert(random, text, random.choice(_ODD))


def _cut(random: Random, text: str) -> str:
    at = random.randrange(len(text) + 1)
    return text[:at] + text[at + random.randrange(1, 60) :]


def _truncate(random: Random, text: str) -> str:
    return text[: random.randrange(len(text) + 1)]


def _lines(random: Random, text: str) -> str:
    """Take a line out, double it, move it, or indent it otherwise."""
    lines = text.splitlines(keepends=True)
    if not lines:
        return text
    at, to = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines.insert(to, lines[at])
        case 2:
            lines.insert(to, lines.pop(at))
        case _:
            indent = random.choice(["", " ", "  ", "\t", "        "])
            lines[at] = indent + lines[at].lstrip(" ")
    return "".join(lines)


def _word(random: Random, text: str) -> str:
    """Put an odd value, or another word of the file, in the place of a word."""
    words = text.split()
    if not words:
        return random.choice(_SCALARS)
    new = random.choice(_SCALARS) if random.random() < 0.6 else random.choice(words)
    return text.replace(random.choice(words), new, random.choice([1, 1, 1, -1]))


def _value(random: Random, text: str) -> str:
    """Another value after some key: odd, empty, a list, a mapping."""
    lines = text.splitlines(keepends=True)
    keyed = [n for n, line in enumerate(lines) if ": " in line]
    if not keyed:
        return text
    at = random.choice(keyed)
    key, _, value = lines[at].partition(": ")
    value = value.rstrip("\n")
    new = random.choice(
        [random.choice(_SCALARS), f"[{value}]", f"{{x: {value}}}", f"{{{value}: }}", ""]
    )
    lines[at] = f"{key}: {new}\n"
    return "".join(lines)


def _block(random: Random, text: str) -> str:
    lines = text.splitlines(keepends=True)
    lines.insert(random.randrange(len(lines) + 1), random.choice(_BLOCKS))
    return "".join(lines)


def _repeat(random: Random, text: str) -> str:
    return text[: random.choice([200, 2000, 20_000])] * random.choice([2, 3, 20])


_USUAL: list[Mutation] = [
    _sign,
    _odd,
    _cut,
    _lines,
    _lines,
    _word,
    _word,
    _value,
    _value,
    _block,
    _truncate,
    _repeat,
]


def _large(unit: str) -> Mutation:
    """The unit so often that the file may just be read: before it, after it, alone, or anywhere."""

    def make(random: Random, text: str) -> str:
        room = MOST - len(text.encode("utf-8", errors="surrogatepass"))
        more = unit * (room * random.choice([1, 9, 10]) // 10 // len(unit.encode()))
        return random.choice([more + text, text + more, more, _insert(random, text, more)])

    return make


def _bomb(random: Random, text: str) -> str:
    names = [f"a{n}" for n in range(random.choice([9, 30, 2000]))]
    bomb = f"{names[0]}: &{names[0]} [x, x]\n"
    pairs = pairwise(names)
    return bomb + "".join(f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}, *{a}]\n" for a, b in pairs) + text


_UNITS = (
    "a", "a ", "你", "[", "{", "- ", "- a\n", "-\n", "{a: ", "\n", " ", "\t", "#", "a: b\n", "'", '"', "&a ",
    "*a ", "? ", ": ", "**", "_a", "`", "[a](", "![", "<a", "{1.a}", "- {1.a} b\n", "# a\n", "a\n\n", "1. ",
    "## 1. a\n\nb\n\n", "- a\n\n", "e\u0301", "\u202e", "[a, ", "a,", "- {id: a, clause: 1.a}\n", "90 days ",
    "- id: a\n  clause: 1.a\n  x: [1, 2, {a: b}]\n", "never sell ", "Acme Acme Acme Ltd ", "\\", "&amp;",
)  # fmt: skip
_HUGE: list[Mutation] = [_bomb, *map(_large, _UNITS)]
