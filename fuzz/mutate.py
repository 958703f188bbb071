"""Mutations of bytes and of text, seeded: the recipes of plain fuzzing.

One to 64 changes an input, few more often than many: a changed unit, a deletion of 1 to 2,000, a
copied slice, an inserted token, a cut, an overwritten stretch, a slice of another seed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

MOST_CHANGES = 64
MOST_DELETED = 2000
MOST_COPIED = 400

_COMMON = ("9" * 20, "-1", "0", "65536", "1e308", "0x7fffffff", "\0", "\ufffd", " ", "\n", "%")


def mutate_bytes(
    rng: random.Random, data: bytes, tokens: Sequence[str], other: bytes, limit: int
) -> bytes:
    """``data`` after some mutations; ``other`` is what may be spliced in."""
    for _ in range(_count(rng)):
        data = _one_of_bytes(rng, data, tokens, other)
    return data[:limit]


def mutate_text(
    rng: random.Random, text: str, tokens: Sequence[str], other: str, limit: int
) -> str:
    """The same on characters: the encoding stays sound, so that more inputs reach the parser."""
    for _ in range(_count(rng)):
        text = _one_of_text(rng, text, tokens, other)
    return text[:limit]


def _count(rng: random.Random) -> int:
    return int(MOST_CHANGES ** rng.random())


def _stretch(rng: random.Random, length: int, most: int) -> tuple[int, int]:
    start = rng.randrange(length + 1)
    return start, min(length, start + int(most ** rng.random()))


def _one_of_bytes(rng: random.Random, data: bytes, tokens: Sequence[str], other: bytes) -> bytes:
    what = rng.randrange(8)
    i, j = _stretch(rng, len(data), MOST_DELETED if what == 1 else MOST_COPIED)
    if what == 0 and data:
        i = min(i, len(data) - 1)
        return data[:i] + bytes((rng.randrange(256),)) + data[i + 1 :]
    if what == 1:
        return data[:i] + data[j:]
    if what == 2:
        at = rng.randrange(len(data) + 1)
        return data[:at] + data[i:j] + data[at:]
    if what in {3, 4}:
        return data[:i] + rng.choice((*tokens, *_COMMON)).encode("utf-8", "replace") + data[i:]
    if what == 5:
        return data[:i] if rng.random() < 0.1 else data[:i] + data[i + 1 :]
    if what == 6:
        return data[:i] + rng.randbytes(min(j - i, 32)) + data[min(j, i + 32) :]
    k, n = _stretch(rng, len(other), MOST_COPIED)
    return data[:i] + other[k:n] + data[i:]


_SIGNS = "0123456789.-—/，,|\t \n（）一二三四其他总计１０<>&;\"'=%年\u3000\ufeff\u200b無發(fā)?"


def _one_of_text(rng: random.Random, text: str, tokens: Sequence[str], other: str) -> str:
    what = rng.randrange(8)
    i, j = _stretch(rng, len(text), MOST_DELETED if what == 1 else MOST_COPIED)
    if what == 0:
        return text[:i] + rng.choice(_SIGNS) + text[i + 1 :]
    if what == 1:
        return text[:i] + text[j:]
    if what == 2:
        at = rng.randrange(len(text) + 1)
        return text[:at] + text[i:j] + text[at:]
    if what in {3, 4}:
        return text[:i] + rng.choice((*tokens, *_COMMON)) + text[i:]
    if what == 5:
        return text[:i] if rng.random() < 0.1 else text[:i] + chr(rng.randrange(0x11000)) + text[i:]
    if what == 6:
        signs = "".join(rng.choices(_SIGNS, k=min(j - i, 32)))
        return text[:i] + signs + text[min(j, i + 32) :]
    k, n = _stretch(rng, len(other), MOST_COPIED)
    return text[:i] + other[k:n] + text[i:]


# --- XML -------------------------------------------------------------------------------------

_PIECE = re.compile(r"<[^<>]*>|[^<]+|<")
_ATTRIBUTE = re.compile(r'"([^"<>]*)"')
_VALUES = ("", "0", "1", "3", "-1", "9" * 20, "restart", "continue", "x", "1e308", "A1:C9", "F0FE")


def mutate_xml(rng: random.Random, text: str, tokens: Sequence[str], limit: int) -> str:
    """The same on elements: what comes out is mostly well-formed and reaches the reader."""
    pieces = _PIECE.findall(text)
    for _ in range(_count(rng)):
        if not pieces:
            break
        _one_of_xml(rng, pieces, tokens)
    return "".join(pieces)[:limit]


def _one_of_xml(rng: random.Random, pieces: list[str], tokens: Sequence[str]) -> None:
    what = rng.randrange(6)
    at = rng.randrange(len(pieces))
    if what == 0:
        texts = [i for i, p in enumerate(pieces) if not p.startswith("<")]
        if texts:
            k = rng.choice(texts)
            text = _one_of_text(rng, pieces[k], (), pieces[rng.choice(texts)])
            clean = "".join(c for c in text if c >= " " and not "\ud800" <= c <= "\udfff")
            pieces[k] = escape(clean.replace("\ufffe", "").replace("\uffff", ""))
    elif what == 1:
        at = _at_tag(pieces, at)
        pieces[at] = _ATTRIBUTE.sub(
            lambda m: f'"{rng.choice(_VALUES)}"' if rng.random() < 0.5 else m[0], pieces[at]
        )
    elif what in {2, 3}:
        start = _at_tag(pieces, at)
        end = _end_of(pieces, start)
        if end and end - start < len(pieces) // 2:
            element = pieces[start:end]
            if what == 2:
                del pieces[start:end]
            else:
                to = _at_tag(pieces, rng.randrange(len(pieces)))
                pieces[to:to] = element
    elif tokens:
        to = _at_tag(pieces, at)
        pieces[to:to] = _PIECE.findall(rng.choice(tokens))


def _at_tag(pieces: list[str], at: int) -> int:
    """The next opening tag from ``at`` that is not the first, else ``at``."""
    for i in range(max(at, 3), len(pieces)):
        if pieces[i].startswith("<") and not pieces[i].startswith(("</", "<?", "<!")):
            return i
    return at


def _end_of(pieces: list[str], start: int) -> int | None:
    """Behind the element that opens at ``start``."""
    depth = 0
    for i in range(start, len(pieces)):
        piece = pieces[i]
        if piece.startswith("</"):
            depth -= 1
        elif piece.startswith("<") and not piece.endswith("/>"):
            depth += 1
        if depth <= 0:
            return i + 1
    return None
