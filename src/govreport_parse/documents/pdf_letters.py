"""Characters of a page by PDFium: what they are, and a box of one line's height for each."""

from __future__ import annotations

import ctypes
import re
from collections import deque
from itertools import repeat
from math import inf
from operator import ne, sub
from typing import Any

from govreport_parse.documents.pdf_api import BATCH, Api
from govreport_parse.documents.pdf_marks import is_slanted

Boxes = tuple[list[float], list[float], list[float], list[float]]
"""Left, top, right and bottom of every character, in user space."""
_ALL_SLANTED = 0.9
"""Share of slanted characters from which they are what the page says, not a mark over it."""
_TALL = 1.75
"""Height of a letter's box, in em, that no font needs: Noto has 1.45."""


def characters_of(api: Api, text: Any, count: int) -> tuple[str, Boxes, int, int]:
    """Characters, their boxes in user space, and how many have no Unicode value to trust.

    The last number is how many were left out as slanted.
    """
    if not count:
        return "", ([], [], [], []), 0, 0
    raw = api.raw
    buffer = (ctypes.c_ushort * (count + 1))()
    written = raw.FPDFText_GetText(text, 0, count, buffer)
    letters = bytes(buffer)[: 2 * count].decode("utf-16-le", "surrogatepass")
    if written != count + 1 or len(letters) != count:
        # PDFium left out what it could not express: ask for each character.
        letters = "".join([chr(_scalar(raw.FPDFText_GetUnicode(text, i))) for i in range(count)])
    boxes = _boxes(api, text, count)
    slanted = _mend_boxes(api, text, letters, boxes)
    unmapped = len(_SUSPECT.findall(letters))
    if unmapped:
        letters = _BROKEN.sub("\ufffd", letters)
    if unmapped * 20 < count:
        unmapped = max(unmapped, _unmapped(api, text, count))
    return letters, boxes, unmapped, slanted


_SUSPECT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\uf8ff\ufffd-\uffff]")
_BROKEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _boxes(api: Api, text: Any, count: int) -> Boxes:
    handle = ctypes.cast(text, ctypes.c_void_p)
    flat: list[float] = []
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        ctypes.memset(api.boxes, 0, 16 * size)
        deque(map(api.loose_box, repeat(handle, size), range(start, start + size), api.slots), 0)
        flat += api.values[: 4 * size].tolist()
    return flat[0::4], flat[1::4], flat[2::4], flat[3::4]


def _mend_boxes(api: Api, text: Any, letters: str, boxes: Boxes) -> int:
    """Give every character a box of one line's height and its advance's width.

    PDFium's loose box is that for most fonts: all characters of one font and size are equally
    high. Not so for Type 3 fonts (Chromium with CFF fonts), where it is the ink: the dash 一 is
    1 pt high and two digits lie apart; for fonts that don't state their height (LibreOffice),
    where it is as high as the ink and a comma sinks below its line; and for vertical writing,
    where it is absurd. So one character of each height is asked for its ink.

    Slanted characters (watermarks, the round of a stamp) get no box; returned is how many.
    """
    lefts, tops, rights, bottoms = boxes
    heights = list(map(sub, tops, bottoms))
    usual = _height_key(sorted(heights)[len(heights) * 2 // 3])
    # A page has some ten heights: only those are rounded.
    last = dict(zip(heights, range(len(heights)), strict=True))
    samples = {_height_key(height): i for height, i in last.items()}
    ink = _Ink(api, text)
    of_key: dict[int, list[int]] = {}
    slanted: int | None = None
    for key, probe in samples.items():
        if lefts[probe] == rights[probe]:
            continue
        if slanted is None and is_slanted(api.char_angle(ink.handle, probe)):
            slanted = _drop_slanted(api, ink.handle, boxes)
        if lefts[probe] == rights[probe]:
            continue
        box = ink.box(probe)
        is_ink = box[1::2] == (tops[probe], bottoms[probe])
        is_narrow = is_ink and box[0::2] == (lefts[probe], rights[probe])
        is_absurd = key > max(3 * usual, 600)
        is_tall = not is_ink and heights[probe] > _TALL * ink.em(probe)
        if not (is_ink or is_absurd or is_tall):
            continue
        if not of_key:
            for i, height in enumerate(heights):
                of_key.setdefault(_height_key(height), []).append(i)
        for i in of_key[key]:
            if lefts[i] != rights[i]:
                line = ink.line_box(i, letters[i]) if is_ink or is_tall else None
                if is_narrow or is_absurd:
                    lefts[i], tops[i], rights[i], bottoms[i] = line or ink.box(i)
                elif line is not None:
                    tops[i], bottoms[i] = line[1], line[3]
    return slanted or 0


def _drop_slanted(api: Api, handle: Any, boxes: Boxes) -> int:
    """Empty the boxes of slanted characters, unless the whole page is slanted; how many."""
    lefts, _, rights, _ = boxes
    size = len(lefts)
    angles = map(api.char_angle, repeat(handle, size), range(size))
    found = [i for i, a in enumerate(angles) if lefts[i] != rights[i] and is_slanted(a)]
    shown = sum(map(ne, lefts, rights))
    if len(found) > _ALL_SLANTED * shown:
        return 0
    for i in found:
        rights[i] = lefts[i]
    return len(found)


def _height_key(height: float) -> int:
    return int(height * 20.0 + 0.5)


class _Ink:
    """Further measures of single characters."""

    def __init__(self, api: Api, text: Any) -> None:
        self.raw, self.text = api.raw, text
        self._char_box = api.char_box
        self.handle = ctypes.cast(text, ctypes.c_void_p)
        self._numbers = (ctypes.c_double * 4)()
        start = ctypes.addressof(self._numbers)
        self._slots = [ctypes.c_void_p(start + 8 * k) for k in range(4)]
        self._matrix = api.raw.FS_MATRIX()

    def box(self, i: int) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the ink."""
        if not self._char_box(self.handle, i, *self._slots):
            return 0.0, 0.0, 0.0, 0.0
        left, right, bottom, top = self._numbers
        return left, top, right, bottom

    def em(self, i: int) -> float:
        """Size of the letter as drawn; infinite if the writing is not level."""
        m = self._matrix
        if not self.raw.FPDFText_GetMatrix(self.text, i, m) or abs(m.b) + abs(m.c) > abs(m.a):
            return inf
        return float(self.raw.FPDFText_GetFontSize(self.text, i) * abs(m.d)) or inf

    def line_box(self, i: int, letter: str) -> tuple[float, float, float, float] | None:
        """A box from origin and size; ``None`` if the writing is not level."""
        m = self._matrix
        if not self.raw.FPDFText_GetMatrix(self.text, i, m) or abs(m.b) + abs(m.c) > abs(m.a):
            return None
        em = self.raw.FPDFText_GetFontSize(self.text, i) * abs(m.d)
        x, y = ctypes.c_double(), ctypes.c_double()
        if em <= 0.5 or not self.raw.FPDFText_GetCharOrigin(self.text, i, x, y):
            return None
        left, base = x.value, y.value
        width = em if letter > "\u2e7f" else em * 0.5
        return left, base + 0.88 * em, max(self.box(i)[2], left + width), base - 0.12 * em


def _scalar(value: int) -> int:
    return value if 0 < value < 0x110000 else 0xFFFD


def _unmapped(api: Api, text: Any, count: int) -> int:
    """Characters whose font has no Unicode map, estimated from every so many of them."""
    step = max(1, count // 24)
    handle = ctypes.cast(text, ctypes.c_void_p)
    seen = [api.is_unmapped(handle, i) == 1 for i in range(0, count, step)]
    return int(sum(seen) * count // len(seen))


def text_quarter(api: Api, text: Any, count: int) -> int:
    """Direction of most of the text in quarter turns clockwise (0: from left to right)."""
    step = max(1, count // 12)
    votes = [0, 0, 0, 0]
    handle = ctypes.cast(text, ctypes.c_void_p)
    for i in range(0, count, step):
        if api.is_generated(handle, i) == 1:
            continue
        angle = api.char_angle(handle, i)
        if angle >= 0:
            votes[round(angle / 1.5707963) % 4] += 1
    return votes.index(max(votes))
