"""Raised digits of .doc cells, which are marks of notes: ``6`` with a raised ``1`` is ``6[1]``.

Characters keep their places while a document is cut into cells, so marks are first turned into
characters that no text has (``with_marks``), and into brackets when a cell is done
(``bracketed``).
"""

from __future__ import annotations

import re

_IN_MARKS = "0123456789,*、"
_MARK_SIGNS = {ord(c): 0xFDD0 + i for i, c in enumerate(_IN_MARKS)}
"""Signs of a raised mark as characters that no text has, since places must not move."""
_PLAIN_SIGNS = {sign: c for c, sign in _MARK_SIGNS.items()}
_MARK = re.compile(f"[{''.join(map(chr, _PLAIN_SIGNS))}]+")
_LONGEST_MARK = 8


def with_marks(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with raised marks (digits behind a digit) made recognisable for ``bracketed``."""
    if not spans:
        return text
    characters = list(text)
    for start, end in sorted(spans):
        before = text[start - 1 : start]
        raised = text[start:end].rstrip("\x07\r")
        if not before.isdigit() and not _MARK.match(characters[start - 1] if start else ""):
            continue
        if len(raised) <= _LONGEST_MARK and all(c in _IN_MARKS for c in raised):
            characters[start : start + len(raised)] = raised.translate(_MARK_SIGNS)
    return "".join(characters)


def bracketed(text: str) -> str:
    """The text of a cell with its marks in square brackets."""
    return _MARK.sub(lambda m: f"[{m[0].translate(_PLAIN_SIGNS)}]", text)
