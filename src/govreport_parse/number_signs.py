"""The signs that a cell's number may be written with, and what each is read as.

In: the text of one cell. Out: ``Folded``, one sign for each that matters, with its place in the
text and the repairs made. ``int()`` and ``str.isdigit()`` alone would take ``٣``, ``𝟙`` and
``1_000``.
"""

from __future__ import annotations

from typing import NamedTuple

from govreport_parse.values import Repair

DIGITS = frozenset("0123456789")
_WIDE = {chr(0xFF10 + i): str(i) for i in range(10)} | {
    "．": ".",
    "＋": "+",
    "－": "-",
    "／": "/",
    "＼": "\\",
    "（": "(",
    "）": ")",
}
# Brackets keep their width in notes, so folding them is not worth a repair.
_SILENT = frozenset("（）")
_TRADITIONAL = dict(zip("萬億個條項減無", "万亿个条项减无", strict=True))
_BREAKS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_FILLERS = frozenset("\u2800\u3164")  # Braille blank, Hangul filler: ink-free, not isspace()
# A soft hyphen shows only where a line ends; embeddings and isolates leave digits in their order.
ZERO_WIDTH = frozenset(
    "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060"
    "\u2066\u2067\u2068\u2069\ufeff"
)
_ENTITIES = ("&nbsp;", "&ensp;", "&emsp;", "&#160;", "&#xa0;", "&#12288;", "&#x3000;", "&nbsp")
DASHES = frozenset("-/\\‐‑‒–—―−─━﹣﹘⁄∕")
DASH_WORDS = frozenset({"无", "空"})
MINUS = frozenset("-−–‐‑﹣")
SIGN_WORDS = (("增加", 1), ("减少", -1), ("增", 1), ("减", -1))
LETTER_O = frozenset("OoＯｏ")
GAP = frozenset(" \n")
_CIRCLED = frozenset(map(chr, range(0x2460, 0x2474)))  # ① to ⑳
MARKS = frozenset("*＊†‡") | _CIRCLED
MARK_BRACKETS = {"[": "]", "［": "］", "〔": "〕", "【": "】"}
IN_MARK = DIGITS | MARKS | frozenset("注,，、 ")
MAX_MARK = 8  # [注1、2]: longer ones are no mark


class Folded(NamedTuple):
    """The text with one sign per sign that matters, and where each stands in ``raw``."""

    text: str
    starts: list[int]
    ends: list[int]
    repairs: list[Repair]


def fold_signs(raw: str, mirror: bool) -> Folded:
    """A text by the tables above; ``mirror``: a question mark is a blank."""
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    edits: list[tuple[str, int, int, str]] = []
    i = 0
    n = len(raw)
    while i < n:
        c = raw[i]
        j = i + 1
        out = c
        kind = ""
        if c in _WIDE:
            out = _WIDE[c]
            kind = "" if c in _SILENT else "full_width"
        elif c in _TRADITIONAL:
            out, kind = _TRADITIONAL[c], "traditional"
        elif c in _BREAKS:
            out = "\n"
        elif c.isspace() or c in _FILLERS:
            out = " "
        elif c in ZERO_WIDTH:
            out, kind = "", "zero_width"
        elif c == "&" and (entity := _entity(raw, i)):
            j = i + len(entity)
            out, kind = " ", "html_entity"
        elif mirror and c in "?？":
            out, kind = " ", "question_mark_nbsp"
        if kind:
            edits.append((kind, i, j, out.strip(" ")))
        if out:
            chars.append(out)
            starts.append(i)
            ends.append(j)
        i = j
    return Folded("".join(chars), starts, ends, _merge(raw, edits))


def _entity(raw: str, at: int) -> str:
    lowered = raw[at : at + 8].lower()
    return next((e for e in _ENTITIES if lowered.startswith(e)), "")


def _merge(raw: str, edits: list[tuple[str, int, int, str]]) -> list[Repair]:
    """Edits as repairs; those that touch and are of one kind become one."""
    repairs = []
    i = 0
    while i < len(edits):
        kind, start, end, _ = edits[i]
        first = i
        i += 1
        while i < len(edits) and edits[i][0] == kind and edits[i][1] == end:
            end = edits[i][2]
            i += 1
        after = "".join(e[3] for e in edits[first:i])
        repairs.append(Repair(kind, start, end, raw[start:end], after))
    return repairs
