"""What a style does to the text under it: CSS text in, verdicts out; no tree is looked at.

A *sure* verdict says that no person sees the text whatever stands around it (``hidden_how``), a
*doubt* that a person may not see it, or not as a part of the number it stands in
(``doubt_of``): white letters may stand on a dark ground, a box may be moved out of the page.
Styles are handed over compact: lower case, no blanks.

Properties and values are those of CSS 2.2 and the modules Color 4, Fonts 4, Masking 1 and
Transforms 1.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from govreport_parse.documents.unseen import is_light

DISPLAY, VISIBILITY, SIZE, COLOR, UNSEEN, STRUCK = (
    "display", "visibility", "size", "color", "unseen", "struck",
)  # fmt: skip
WHITE, SAME, PALE, AWAY, CLIPPED, TURNED, SMALL, RAISED = (
    "white", "same", "pale", "away", "clipped", "turned", "small", "raised",
)  # fmt: skip

_DISPLAY = re.compile(r"(?:^|;)display:([a-z-]*)")
_VISIBILITY = re.compile(r"(?:^|;)(?:content-)?visibility:([a-z]*)")
_LINE = re.compile(r"(?:^|;)text-decoration(?:-line)?:[^;]*line-through")
_NO_SIZE = re.compile(r"(?:^|;)font:0(?:px|pt)?/")
_FONT_SIZE = re.compile(r"(?:^|;)font-size:([0-9]*\.?[0-9]+)(px|pt|r?em|%|)(?=;|!|$)")
_SMALL_WORDS = re.compile(r"(?:^|;)font-size:(?:xx-small|smaller)")
_OPACITY = re.compile(r"(?:^|;)opacity:([0-9]*\.?[0-9]+)(%?)")
_FILTER = re.compile(
    r"(?:^|;)(?:-webkit-)?filter:[^;]{0,80}?(?:opacity\(0(?:\.0\d*|%)?\)|alpha\(opacity=0\))"
)
_COLOR = re.compile(r"(?:^|;)(?:-webkit-text-fill-)?color:([^;!]+)")
_GROUND = re.compile(r"(?:^|;)background(?:-color)?:([^;!]+)")
_GROUND_COLOR = re.compile(r"#[0-9a-f]{3,8}|(?:rgb|hsl)a?\([^)]{1,40}\)|[a-z]{3,20}")
_FAR = re.compile(
    r"(?:^|;)(?:left|top|right|bottom|text-indent|margin-(?:left|top|right|bottom))"
    r":(-?)([0-9]{1,7}(?:\.[0-9]{1,9})?)(px|pt|r?em|vw|vh|%)"
)
_FAR_MARGIN = re.compile(r"(?:^|;)margin:[^;]{0,60}?-[0-9]{3}")
_CLIP = re.compile(r"(?:^|;)(?:clip:rect|(?:-webkit-)?clip-path:(?!none|inherit|unset|initial))")
_NO_BOX = re.compile(
    r"(?:^|;)(?:max-)?(?:width|height):(?:[01]|0?\.[0-9]+)(?:px|pt|r?em|%)?(?:;|!|$)"
)
_CUT = re.compile(r"(?:^|;)overflow(?:-[xy])?:(?:hidden|clip)")
_TURNED = re.compile(
    r"(?:^|;)(?:-webkit-|-ms-)?transform:[^;]{0,80}?"
    r"(?:scale[xy]?\((?:0|\.|-)|rotate|translate[xy]?\([^;]{0,20}?\d{4})"
    r"|(?:^|;)unicode-bidi:[a-z-]*override"
    r"|(?:^|;)letter-spacing:-(?:[5-9]|[0-9]{2,}|0?\.[5-9][0-9]*r?em|[1-4](?:\.[0-9]+)?r?em)"
)
_RAISED = re.compile(
    r"(?:^|;)(?:vertical-align:(?:su(?:per|b)(?![a-z-])|-?[0-9.]*[1-9])"
    r"|font-variant(?:-position)?:[^;]*su(?:per|b)(?![a-z-])|(?:mso-)?text-raise:-?[0-9.]*[1-9])"
)
_SHIFTED = re.compile(r"(?:^|;)(?:top|bottom):-?[0-9.]*[1-9]")
_PIXELS = {
    "px": 1.0,
    "": 1.0,
    "pt": 4 / 3,
    "em": 16.0,
    "rem": 16.0,
    "vw": 12.0,
    "vh": 8.0,
    "%": 0.16,
}
_TOO_FAR = 100.0
"""Pixels to the left or above; words are set in by some twenty."""
_TOO_FAR_RIGHT = 4_000.0
_DOT = 2.0
"""Pixels; smaller letters are dots."""
_TINY = 9.0
_TINY_SHARE = 0.75
_ALPHA = 0.06
_PALE = 0.3


class Color(NamedTuple):
    """Channels 0 to 255, ``alpha`` 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    @property
    def is_light(self) -> bool:
        """Hardly to be told from white."""
        return is_light(*self[:3])


_NAMED = {
    "white": Color(255, 255, 255),
    "transparent": Color(0, 0, 0, 0.0),
    "snow": Color(255, 250, 250),
    "ivory": Color(255, 255, 240),
    "azure": Color(240, 255, 255),
    "mintcream": Color(245, 255, 250),
    "ghostwhite": Color(248, 248, 255),
    "whitesmoke": Color(245, 245, 245),
    "floralwhite": Color(255, 250, 240),
    "aliceblue": Color(240, 248, 255),
    "honeydew": Color(240, 255, 240),
    "seashell": Color(255, 245, 238),
    "lavenderblush": Color(255, 240, 245),
    "oldlace": Color(253, 245, 230),
    "black": Color(0, 0, 0),
    "red": Color(255, 0, 0),
    "blue": Color(0, 0, 255),
    "green": Color(0, 128, 0),
    "yellow": Color(255, 255, 0),
    "gray": Color(128, 128, 128),
    "grey": Color(128, 128, 128),
    "navy": Color(0, 0, 128),
    "windowtext": Color(0, 0, 0),
    "window": Color(255, 255, 255),
}
_HEX = re.compile(r"#?([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_NUMBERS = re.compile(r"([0-9]*\.?[0-9]+)(%?)")


def color(text: str) -> Color | None:
    """A colour of CSS or of an attribute (``fff`` too); None: no colour that is known here."""
    text = text.strip().lower()
    named = _NAMED.get(text)
    if named is not None:
        return named
    if found := _HEX.fullmatch(text):
        digits = found[1]
        if len(digits) < 6:
            digits = "".join(c + c for c in digits)
        parts = [int(digits[i : i + 2], 16) for i in range(0, len(digits), 2)]
        return Color(parts[0], parts[1], parts[2], parts[3] / 255 if len(parts) > 3 else 1.0)
    if text.startswith(("rgb", "hsl")):
        numbers = [(float(n), bool(p)) for n, p in _NUMBERS.findall(text[:60])]
        if len(numbers) < 3:
            return None
        alpha = 1.0
        if len(numbers) > 3:
            alpha = numbers[3][0] / 100 if numbers[3][1] else numbers[3][0]
        if text.startswith("hsl"):
            light = numbers[2][0] * 2.55
            return Color(light, light, light, alpha) if light > 250 or light < 5 else None
        r, g, b = (n * 2.55 if p else n for n, p in numbers[:3])
        return Color(r, g, b, alpha)
    return None


def letters(style: str) -> Color | None:
    """The colour that a style gives to its text."""
    found = _COLOR.findall(style)
    return color(found[-1]) if found else None


def ground(style: str) -> Color | None:
    """The colour that a style gives to what stands behind; a picture there counts as dark."""
    for value in reversed(_GROUND.findall(style)):
        if "url(" in value or "gradient(" in value:
            return _NAMED["black"]
        for word in _GROUND_COLOR.findall(value):
            if (found := color(word)) is not None and found.alpha > _ALPHA:
                return found
    return None


def pixels(style: str) -> float | None:
    """The last font size in pixels, ``em`` and ``%`` taken of 16; None when none is stated."""
    found = _FONT_SIZE.findall(style)
    if not found:
        return None
    number, unit = found[-1]
    return float(number) * _PIXELS[unit]


def hidden_how(style: str) -> str:
    """``display``, ``visibility``, ``size``, ``color``, ``unseen`` or ``struck``: surely not
    seen, or seen as taken back. Empty when nothing of it is said."""
    shown = _DISPLAY.findall(style)
    if (shown and shown[-1] == "none") or "mso-hide:all" in style:
        return DISPLAY
    visibility = _VISIBILITY.findall(style)
    if visibility and visibility[-1] in ("hidden", "collapse"):
        return VISIBILITY
    size = pixels(style)
    if (size is not None and size < _DOT) or _NO_SIZE.search(style):
        return SIZE
    if _share(style) <= _ALPHA or _FILTER.search(style):
        return UNSEEN
    own = letters(style)
    if own is not None and own.alpha <= _ALPHA:
        # Letters without a colour of their own show through such a ground or as their shadow.
        return "" if "text-shadow" in style or "background-clip" in style else COLOR
    return STRUCK if _LINE.search(style) else ""


def _share(style: str) -> float:
    found = _OPACITY.findall(style)
    if not found:
        return 1.0
    number, percent = found[-1]
    return float(number) / (100 if percent else 1)


def doubt_of(style: str) -> str:
    """Why a person may not see the text, or not as a part of the number; empty: no doubt.

    ``white`` holds only on a light ground and ``small`` only beside larger digits; both are for
    the caller to find out.
    """
    own, behind = letters(style), ground(style)
    if own is not None and behind is not None and own[:3] == behind[:3]:
        return SAME
    if own is not None and (own.is_light or own.alpha <= _PALE):
        return WHITE
    if _share(style) <= _PALE:
        return PALE
    if _is_far(style):
        return AWAY
    if _CLIP.search(style) or (_NO_BOX.search(style) and _CUT.search(style)):
        return CLIPPED
    if _TURNED.search(style):
        return TURNED
    return SMALL if is_small(style) else ""


def is_small(style: str) -> bool:
    """Letters of at most three quarters of those around them, which have 12 pixels."""
    found = _FONT_SIZE.findall(style)
    if found:
        number, unit = found[-1]
        if unit in ("em", "%"):
            return float(number) <= _TINY_SHARE * (100 if unit == "%" else 1)
        return float(number) * _PIXELS[unit] <= _TINY
    return _SMALL_WORDS.search(style) is not None


def is_raised(style: str) -> bool:
    """Letters set higher or lower than those beside them, as footnote marks are."""
    return _RAISED.search(style) is not None or (
        "position:relative" in style and _SHIFTED.search(style) is not None
    )


def _is_far(style: str) -> bool:
    for minus, number, unit in _FAR.findall(style):
        distance = float(number) * (1.0 if unit == "%" else _PIXELS[unit])
        if distance >= (_TOO_FAR if minus else _TOO_FAR_RIGHT):
            return True
    return _FAR_MARGIN.search(style) is not None
