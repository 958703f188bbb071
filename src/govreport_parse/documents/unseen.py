"""What all readers say of figures that may not be seen: their marks, and which colours are light.

Every reader that finds a doubtful figure (white letters, tiny ones, those behind a cover) leaves it
in the text between ``OPEN`` and ``CLOSE``, so that the cell is no number and a person sees why.
A cell that shows something that is no text (a picture, a form field) holds its word between them.
"""

from __future__ import annotations

import re

OPEN, CLOSE = "⟦", "⟧"
"""Around digits that may not be seen, or not as a part of the number: no number as a whole."""
MARKED = re.compile(f"{OPEN}[^{CLOSE}]*{CLOSE}")
"""What a reader says of a cell that holds no text, or figures that may not be seen."""
FIGURES = re.compile(
    r"[0-9０-９①-⑳.,，．+＋\-－−–—―/／％%\s件项項个個条條次宗千百十万萬亿億元()（）\[\]]{1,40}"
)
"""A text that is a figure as a whole, with its unit."""
COUNTS = re.compile(r"[0-9０-９①-⑳.．+＋\-－−–—―%％千百十万萬亿億元]")
"""What changes a number: not its unit 件, nor brackets."""
NEARLY_WHITE = 0xE0
"""Letters whose channels (0 to 255) are all at least this are hardly seen on white paper: their
contrast is below 1.33 to 1, where WCAG 2.1 asks for 4.5."""
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})?([0-9A-Fa-f]{6})")


def set_apart(text: str) -> str:
    """``text`` between the marks."""
    return f"{OPEN}{text}{CLOSE}"


def is_light(red: float, green: float, blue: float) -> bool:
    """Hardly to be told from white; channels 0 to 255."""
    return min(red, green, blue) >= NEARLY_WHITE


def is_light_hex(text: str | None) -> bool:
    """The same of ``RRGGBB`` or ``AARRGGBB``, as office files write colours; no colour is not."""
    found = _HEX.fullmatch(text or "")
    return found is not None and is_light(*bytes.fromhex(found[1]))
