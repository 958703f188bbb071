"""Pinyin behind characters, as mirror hosts put it, and the spans by which texts are edited."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from govreport_parse.text_tables import fold_tables, readings

TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
_TONE_MARKS = "\u0300\u0301\u0304\u030c"
_GLOSS_PART = re.compile(rf"\([a-züɑɡ{TONED}{_TONE_MARKS}]{{1,8}}\)")
_LETTERS = 6
_FEW, _MANY, _MOST = 3, 20, 0.9


@lru_cache(maxsize=1024)
def _is_toned(part: str) -> bool:
    """``(fā)``: one to six letters, exactly one tone mark."""
    letters = unicodedata.normalize("NFC", part[1:-1])
    tones = sum(c in TONED or c in _TONE_MARKS for c in letters)
    size = sum(c not in _TONE_MARKS for c in letters)
    return tones == 1 and 1 <= size <= _LETTERS


def _is_reading(part: str, han: str) -> bool:
    tables = fold_tables()
    return tables.script.get(han, han) in readings().get(_plain(part), "")


def _plain(part: str) -> str:
    return part[1:-1].replace("ü", "v").replace("ɑ", "a").replace("ɡ", "g")


class Span(NamedTuple):
    """A stretch of a text and what is to stand there; ``kind`` as in ``Repair``."""

    start: int
    end: int
    after: str
    kind: str


def _runs(text: str) -> list[tuple[str, list[tuple[int, int]]]]:
    """Each Han character with the parenthesised syllables that directly follow it."""
    runs: list[tuple[str, list[tuple[int, int]]]] = []
    last = -1
    for part in _GLOSS_PART.finditer(text):
        start, end = part.span()
        if start == last:
            runs[-1][1].append((start, end))
        elif start and "\u3400" <= text[start - 1] <= "\u9fff":
            runs.append((text[start - 1], [(start, end)]))
        else:
            continue
        last = end
    return runs


def find_glosses(text: str) -> list[Span]:
    """Spans of pinyin in a width-folded text, in order.

    With a tone mark always. Without one only where it can be nothing else: the same reading of
    the character twice, 政(zheng)(zheng); or single readings if the text has at least three
    parentheses with a syllable and each is a reading of its character, or at least twenty and
    nine in ten are. So (km), (pdf), (ios) and a lone (an) stay.
    """
    toned: list[Span] = []
    doubled: list[Span] = []
    single: list[Span] = []
    syllables = hits = 0
    for han, run in _runs(text):
        plain: list[Span] = []
        for start, end in run:
            if _is_toned(text[start:end]):
                toned.append(Span(start, end, "", "gloss"))
            else:
                plain.append(Span(start, end, "", "gloss_plain"))
        if not plain:
            continue
        parts = {text[s.start : s.end] for s in plain}
        syllables += any(_plain(p) in readings() for p in parts)
        if len(parts) == 1 and _is_reading(parts.pop(), han):
            hits += 1
            (single if len(plain) == 1 else doubled).extend(plain)
    all_fit = hits >= _FEW and hits >= syllables
    most_fit = hits >= _MANY and hits >= _MOST * syllables
    if not (all_fit or most_fit):
        single = []
    return sorted(toned + doubled + single)


def cut(text: str, spans: Iterable[Span]) -> str:
    """The text with the spans (in order, without overlap) replaced."""
    pieces: list[str] = []
    at = 0
    for span in spans:
        pieces += (text[at : span.start], span.after)
        at = span.end
    pieces.append(text[at:])
    return "".join(pieces)
