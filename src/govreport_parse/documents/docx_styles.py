"""Styles and automatic numbers of Word documents: which paragraph is a heading, what is printed
before it.

In go the roots of ``styles.xml`` and ``numbering.xml`` (any ElementTree-like element, or ``None``
when the part is missing), out come heading levels and number texts. Word and WPS do not store the
numeral of 一、总体情况 when the author used a list: it is counted here, by the rules of ECMA-376
part 1, 17.9. A format that is not known gives no number at all rather than a wrong one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VAL = W + "val"
_MAX_NUMBER = 9_999
_MAX_LEVEL = 8
_DIGITS = "〇一二三四五六七八九"


def attribute(element: Any, child: str) -> str | None:
    """``w:val`` of a child, ``None`` when either is missing."""
    found = element.find(W + child)
    value: str | None = None if found is None else found.get(VAL)
    return value


def small_int(text: str | None) -> int | None:
    """A short run of ASCII digits as an integer, else ``None``."""
    if text and len(text) <= 9 and text.isascii() and text.isdigit():
        return int(text)
    return None


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    based_on: str | None
    outline: int | None
    num_id: str | None
    num_level: int | None


class Styles:
    """Paragraph styles by id, with inheritance (``basedOn``)."""

    def __init__(self, root: Any | None) -> None:
        self._styles: dict[str, _Style] = {}
        for element in () if root is None else root.iterfind(W + "style"):
            self._styles[element.get(W + "styleId") or ""] = _style(element)

    def _chain(self, style_id: str | None) -> Iterator[_Style]:
        seen: set[str] = set()
        while style_id and style_id not in seen and (style := self._styles.get(style_id)):
            seen.add(style_id)
            yield style
            style_id = style.based_on

    def heading_level(self, style_id: str | None) -> int | None:
        """1 to 9 for heading styles (built-in, or with an outline level), 1 for the title."""
        for style in self._chain(style_id):
            name = style.name.casefold()
            if name.startswith("heading ") and name[8:] in {"1", "2", "3", "4", "5", "6"}:
                return int(name[8:])
            if style.outline is not None:
                return style.outline + 1 if style.outline <= _MAX_LEVEL else None
            if name == "title":
                return 1
        return None

    def is_contents_line(self, style_id: str | None) -> bool:
        """A line of the table of contents, which only repeats headings."""
        style = self._styles.get(style_id or "")
        return style is not None and style.name.casefold()[:4] == "toc "

    def number(self, style_id: str | None) -> tuple[str, int | None] | None:
        """List id and level that a style brings along."""
        level: int | None = None
        for style in self._chain(style_id):
            level = style.num_level if level is None else level
            if style.num_id is not None:
                return style.num_id, level
        return None

    @property
    def numbered(self) -> bool:
        """Whether any style brings a list along."""
        return any(s.num_id is not None for s in self._styles.values())


def _style(element: Any) -> _Style:
    properties = element.find(W + "pPr")
    outline = num_id = level = None
    if properties is not None:
        outline = small_int(attribute(properties, "outlineLvl"))
        numbering = properties.find(W + "numPr")
        if numbering is not None:
            num_id = attribute(numbering, "numId")
            level = small_int(attribute(numbering, "ilvl"))
    return _Style(
        attribute(element, "name") or "", attribute(element, "basedOn"), outline, num_id, level
    )


@dataclass(slots=True)
class _Level:
    start: int
    kind: str
    text: str
    decimal_only: bool
    style: str | None


@dataclass(slots=True)
class _List:
    """One ``w:num``: shares its counters with all lists of the same definition."""

    levels: dict[int, _Level]
    counters: dict[int, int]
    restarts: dict[int, int] = field(default_factory=dict)
    """Levels at which this list starts anew when first used."""


class Numbering:
    """Counts the automatic numbers of a document, paragraph by paragraph in reading order."""

    def __init__(self, root: Any | None, styles: Styles) -> None:
        self._styles = styles
        self._lists: dict[str, _List] = {}
        if root is not None:
            self._load(root)

    def __bool__(self) -> bool:
        return bool(self._lists)

    def _load(self, root: Any) -> None:
        definitions = {a.get(W + "abstractNumId"): a for a in root.iterfind(W + "abstractNum")}
        links = {
            attribute(a, "styleLink"): a
            for a in definitions.values()
            if attribute(a, "styleLink") is not None
        }
        counters: dict[str | None, dict[int, int]] = {}
        for num in root.iterfind(W + "num"):
            abstract_id = attribute(num, "abstractNumId")
            definition = definitions.get(abstract_id)
            if definition is None:
                continue
            definition = links.get(attribute(definition, "numStyleLink") or "", definition)
            entry = _List(_levels(definition), counters.setdefault(abstract_id, {}))
            for change in num.iterfind(W + "lvlOverride"):
                level = small_int(change.get(W + "ilvl")) or 0
                entry.levels.update(_levels(change))
                start = small_int(attribute(change, "startOverride"))
                if start is not None:
                    entry.restarts[level] = start
            self._lists[num.get(W + "numId") or ""] = entry

    def label(self, num_id: str, level: int | None, style_id: str | None) -> str:
        """Counts one paragraph of a list and gives the text printed before it ("" for bullets)."""
        entry = self._lists.get(num_id)
        if entry is None:
            return ""
        if level is None:
            level = next(
                (i for i, v in entry.levels.items() if style_id and v.style == style_id), 0
            )
        shape = entry.levels.get(level)
        if shape is None:
            return ""
        counters = entry.counters
        if level in entry.restarts:
            counters[level] = entry.restarts.pop(level)
        else:
            counters[level] = counters[level] + 1 if level in counters else shape.start
        for deeper in [i for i in counters if i > level]:
            del counters[deeper]
        return _label_text(entry, level, shape)


def _levels(parent: Any) -> dict[int, _Level]:
    out: dict[int, _Level] = {}
    for element in parent.iterfind(W + "lvl"):
        start = small_int(attribute(element, "start"))
        out[small_int(element.get(W + "ilvl")) or 0] = _Level(
            1 if start is None else start,
            attribute(element, "numFmt") or "decimal",
            attribute(element, "lvlText") or "",
            element.find(W + "isLgl") is not None,
            attribute(element, "pStyle"),
        )
    return out


def _label_text(entry: _List, level: int, shape: _Level) -> str:
    if shape.kind in ("bullet", "none"):
        return ""
    text = shape.text
    for place in range(1, level + 2):
        mark = f"%{place}"
        if mark not in text:
            continue
        part = entry.levels.get(place - 1)
        if part is None:
            return ""
        value = entry.counters.setdefault(place - 1, part.start)
        kind = "decimal" if shape.decimal_only and place <= level else part.kind
        number = format_number(value, kind)
        if number is None:
            return ""
        text = text.replace(mark, number)
    if not text.strip():
        return ""
    # Word puts a tab or a blank between number and text; Chinese signs carry their own space.
    return text if text[-1] in "、．。，）】〕：" else text + " "


def format_number(value: int, kind: str) -> str | None:
    """``value`` in a number format of Word; ``None`` for formats and values that are not known."""
    if not 0 <= value <= _MAX_NUMBER:
        return None
    if kind == "decimal":
        return str(value)
    if kind == "decimalZero":
        return f"{value:02}"
    if kind in ("decimalFullWidth", "decimalFullWidth2"):
        return str(value).translate({48 + i: 0xFF10 + i for i in range(10)})
    if kind in (
        "chineseCounting", "chineseCountingThousand", "japaneseCounting",
        "taiwaneseCounting", "taiwaneseCountingThousand", "koreanCounting",
    ):  # fmt: skip
        return chinese_number(value)
    if kind in ("ideographDigital", "taiwaneseDigital", "japaneseDigitalTenThousand"):
        return "".join(_DIGITS[int(d)] for d in str(value))
    if kind in ("chineseLegalSimplified", "ideographLegalTraditional"):
        if kind == "ideographLegalTraditional" or value == 0:
            return None
        return chinese_number(value, spoken=False).translate(
            str.maketrans("一二三四五六七八九十百千零", "壹贰叁肆伍陆柒捌玖拾佰仟零")
        )
    if kind.startswith("decimalEnclosedCircle") and 1 <= value <= 20:
        return chr(0x2460 + value - 1)
    if kind == "decimalEnclosedParen" and 1 <= value <= 20:
        return chr(0x2474 + value - 1)
    if kind == "decimalEnclosedFullstop" and 1 <= value <= 20:
        return chr(0x2488 + value - 1)
    if kind == "ideographTraditional" and 1 <= value <= 10:
        return "甲乙丙丁戊己庚辛壬癸"[value - 1]
    if kind in ("lowerLetter", "upperLetter") and 1 <= value <= 26:
        return chr((97 if kind == "lowerLetter" else 65) + value - 1)
    if kind in ("lowerRoman", "upperRoman") and 1 <= value <= 39:
        roman = "X" * (value // 10) + (
            "", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX",
        )[value % 10]  # fmt: skip
        return roman.lower() if kind == "lowerRoman" else roman
    return None


def chinese_number(value: int, *, spoken: bool = True) -> str:
    """0 to 9999 in Chinese numerals: 10 十, 21 二十一, 105 一百零五 (``spoken``: 十, not 一十)."""
    if value == 0:
        return "零"
    digits = "零一二三四五六七八九"
    out = ""
    gap = False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            out += ("零" if gap and out else "") + digits[digit] + name
            gap = False
        else:
            gap = True
    return out[1:] if spoken and out.startswith("一十") else out
