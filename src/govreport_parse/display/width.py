"""Text on a terminal: display width, foreign text made harmless, wrapping."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

WIDTH = 80
"""Display columns of a card."""


def width(text: str) -> int:
    """Columns that the text takes on a terminal: wide characters count twice, marks not at all."""
    n = 0
    for ch in text:
        if unicodedata.east_asian_width(ch) in "WF":
            n += 2
        elif not unicodedata.combining(ch):
            n += 1
    return n


def plain(text: str | None, most: int | None = None) -> str:
    """Foreign text on one line: white space folded, control characters shown as ``\\x1b``.

    ``most`` cuts it to that display width with an ellipsis.
    """
    line = " ".join((text or "").split())
    line = "".join(shown_char(ch) for ch in line)
    if most is None or width(line) <= most:
        return line
    kept = 0
    for i, ch in enumerate(line):
        kept += width(ch)
        if kept > most - 1:
            return line[:i] + "…"
    return line


def shown_char(ch: str) -> str:
    """A character as it may be shown: what steers a terminal is spelled out."""
    # controls, direction marks, surrogates, private use: none may reach a terminal as they are
    if unicodedata.category(ch) in ("Cc", "Cf", "Cs", "Co", "Cn"):
        return f"\\x{ord(ch):02x}" if ord(ch) < 256 else f"\\u{ord(ch):04x}"
    return ch


def pad(text: str, to: int) -> str:
    """The text with blanks behind it up to a display width."""
    return text + " " * max(0, to - width(text))


def right(text: str, to: int) -> str:
    """The text with blanks before it up to a display width."""
    return " " * max(0, to - width(text)) + text


def wrap(text: str, indent: str = "", first: str | None = None) -> list[str]:
    """Lines of at most ``WIDTH`` display columns; breaks at blanks and between wide characters.

    ``indent`` opens every line, ``first`` the first one in its place.
    """
    lines: list[str] = []
    line = indent if first is None else first
    empty = True
    for piece in _pieces(text):
        rest = piece
        if not empty and width(line) + width(rest) > WIDTH:
            lines.append(line.rstrip())
            line, empty, rest = indent, True, rest.lstrip()
        while width(line) + width(rest) > WIDTH:  # a word longer than a line
            cut = _cut(rest, WIDTH - width(line))
            lines.append(line + rest[:cut])
            line, rest = indent, rest[cut:]
        line += rest
        empty = False
    return [*lines, line.rstrip()]


def _pieces(text: str) -> Iterator[str]:
    """Words with the blank before them, and wide characters one by one."""
    word = ""
    for ch in text:
        wide = unicodedata.east_asian_width(ch) in "WF"
        if ch == " " or wide:
            if word.strip():
                yield word
                word = ""
            if wide:
                yield word + ch
                word = ""
                continue
        word += ch
    if word.strip():
        yield word


def _cut(text: str, room: int) -> int:
    n = 0
    for i, ch in enumerate(text):
        n += width(ch)
        if n > room:
            return max(1, i)
    return len(text)


def aligned(rows: Sequence[tuple[str, ...]], most: int = 60) -> list[str]:
    """Rows as lines whose columns stand below each other; cells are cut to ``most`` columns."""
    cells = [tuple(plain(cell, most) for cell in row) for row in rows]
    if not cells:
        return []
    widths = [max(width(row[i]) for row in cells) for i in range(len(cells[0]))]
    return [
        "  ".join(
            cell + " " * (to - width(cell)) for cell, to in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    ]
