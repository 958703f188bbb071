"""How cells of an XLSX workbook look: what no person sees, or sees otherwise than it is kept.

The parts of the package come in; ``Looks`` tells for a cell's style and text what is wrong with
its look. A white 10, a 251000 that its format shows as 25.1 and a 10 behind which a white 1 stands
are set in ``⟦⟧``, so that they are no numbers; struck-out digits are taken out; raised ones become
``[1]`` as in the other formats. Themes count by their first colour (white); conditional formats are
not looked at. Rules: ECMA-376 part 1, 18.8 (styles, number formats) and 18.4 (rich text).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from govreport_parse.documents import unseen
from govreport_parse.documents.office_xml import parse_xml
from govreport_parse.documents.unseen import COUNTS, FIGURES, is_light_hex

_NAME = r"(?:[\w.-]{1,32}:)?"
_SI = re.compile(rf"<{_NAME}si[\s>/]".encode())
_RUN = re.compile(rf"<{_NAME}r(?:\s[^>]*)?>(.*?)</{_NAME}r>".encode(), re.DOTALL)
_TEXT = re.compile(rf"<{_NAME}t(?:\s[^>]*)?>([^<]*)<".encode())
_PHONETIC = re.compile(rf"<{_NAME}rPh\s.*?</{_NAME}rPh>".encode(), re.DOTALL)
_ODD = re.compile(rf"<{_NAME}(?:strike|vertAlign|color|sz)\b".encode())
_COLOR = re.compile(rf"<{_NAME}color\s([^>]*)>".encode())
_SIZE = re.compile(rf"<{_NAME}sz\s+val=[\"']([0-9.]{{1,6}})".encode())
_STRIKE = re.compile(rf"<{_NAME}strike(?:\s+val=[\"'](?:1|true)[\"'])?\s*/>".encode())
_RAISED = re.compile(rf"<{_NAME}vertAlign\s+val=[\"'](?:super|sub)script".encode())
_MARK = re.compile(r"[0-9０-９①-⑳*＊†‡#注,，、a-z ]{1,6}")
_LONGEST = 20_000
"""Bytes of a text with its runs; a longer one is prose."""
_TINY = 6.5
_DOT = 2.0
_QUOTED = re.compile(r'"[^"]*"|\\.|!.|_.|\*.|\[[^\]]*\]')
_SCALED = re.compile(r"[0#?],+(?![0#?])")
_MOVED_POINT = re.compile(r"[0#?](?:[\\!][.．]|\"[.．]\")")
_PERCENT = frozenset({9, 10})

STRUCK, UNSEEN, OTHERWISE, NO_ZERO = "struck", "unseen", "otherwise", "no_zero"


class Looks(NamedTuple):
    """``styles``: what is wrong with cells of a style number; ``texts``: shared texts by number,
    as they are to be read, where they are not plain."""

    styles: Mapping[int, str]
    texts: Mapping[int, str]


def looks(parts: Mapping[str, bytes]) -> Looks:
    """The looks that a workbook's parts (by lower-case name) define."""
    styles = parts.get("xl/styles.xml", b"")
    shared = parts.get("xl/sharedstrings.xml", b"")
    return Looks(
        dict(_odd_styles(parse_xml(styles))) if styles else {},
        dict(_odd_texts(shared)) if _ODD.search(shared) else {},
    )


# --- styles of cells -----------------------------------------------------------------------------


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(root: Any, name: str) -> list[Any]:
    for element in root:
        if _local(element) == name:
            return list(element)
    return []


def _odd_styles(root: Any) -> Iterator[tuple[int, str]]:
    formats = {
        int(e.get("numFmtId") or "0"): e.get("formatCode") or ""
        for e in _children(root, "numFmts")
        if (e.get("numFmtId") or "").isdigit()
    }
    fonts = [_font(e) for e in _children(root, "fonts")]
    dark = [_is_dark(e) for e in _children(root, "fills")]
    for i, xf in enumerate(_children(root, "cellXfs")):
        font, fill, code = (_number(xf, n) for n in ("fontId", "fillId", "numFmtId"))
        looks = fonts[font] if font < len(fonts) else ""
        if looks == UNSEEN and fill < len(dark) and dark[fill]:
            looks = ""
        looks = looks or (OTHERWISE if code in _PERCENT else format_look(formats.get(code, "")))
        if looks:
            yield i, looks


def _number(xf: Any, name: str) -> int:
    text = xf.get(name) or "0"
    return int(text) if text.isdigit() and len(text) < 7 else 0


def _font(font: Any) -> str:
    for element in font:
        name = _local(element)
        value = element.get("val")
        if name == "strike" and value not in ("0", "false"):
            return STRUCK
        if name == "color" and _is_light(dict(element.attrib)):
            return UNSEEN
        if name == "sz" and _size(value) < _DOT:
            return UNSEEN
    return ""


def _size(value: str | None) -> float:
    try:
        return float(value or "11")
    except ValueError:
        return 11.0


def _is_light(color: Mapping[str, str]) -> bool:
    if color.get("theme") == "0":
        return not (color.get("tint") or "0").startswith("-")
    if color.get("indexed") in ("1", "9"):
        return True
    return is_light_hex(color.get("rgb"))


def _is_dark(fill: Any) -> bool:
    for pattern in fill:
        if _local(pattern) != "patternFill":
            return True  # shades from one colour to another
        if pattern.get("patternType") in (None, "none"):
            return False
        grounds = [e for e in pattern if _local(e) == "fgColor"]
        return not any(_is_light(dict(g.attrib)) for g in grounds)
    return False


def format_look(code: str) -> str:
    """What is wrong with a number format: it hides numbers, or shows other digits than are kept.

    ``;;;`` hides all, ``0,`` shows thousands, ``0!.0,`` ten thousands, ``0%`` hundredths, ``0"0"``
    a digit more; ``0;-0;`` hides zeros. Rounding is not counted.
    """
    if not code or code.lower() == "general":
        return ""
    sections = _sections(code)
    first = sections[0]
    bare = _QUOTED.sub("", first)
    if not first.strip() and len(sections) > 1:
        return UNSEEN
    if "%" in bare or _SCALED.search(bare) or _MOVED_POINT.search(first):
        return OTHERWISE
    if any(c.isdigit() for quoted in re.findall(r'"([^"]*)"', first) for c in quoted):
        return OTHERWISE
    if any(c.isdigit() for c in re.findall(r"[\\!](.)", first)):
        return OTHERWISE
    return NO_ZERO if len(sections) > 2 and not sections[2].strip() else ""


def _sections(code: str) -> list[str]:
    """The parts of a format between semicolons, those in quotes left out."""
    return re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*\Z)', code) if len(code) < 500 else [code]


# --- rich text -----------------------------------------------------------------------------------


def _odd_texts(shared: bytes) -> Iterator[tuple[int, str]]:
    starts = [found.start() for found in _SI.finditer(shared)]
    for i, start in enumerate(starts):
        text = rich_text(shared[start : starts[i + 1] if i + 1 < len(starts) else None])
        if text is not None:
            yield i, text


def rich_text(xml: bytes) -> str | None:
    """A text of several runs as it is to be read; ``None`` when nothing in it is out of the way."""
    if len(xml) > _LONGEST or not _ODD.search(xml):
        return None
    runs = [(m[1], _text_of(m[1])) for m in _RUN.finditer(_PHONETIC.sub(b"", xml))]
    looks = [_run_look(properties) for properties, _ in runs]
    small = [look == "small" for look in looks]
    digits = [any(c.isdigit() for c in text) for _, text in runs]
    beside = any(d and not s for d, s in zip(digits, small, strict=True))
    whole = all(look == "raised" for look, (_, t) in zip(looks, runs, strict=True) if t.strip())
    out: list[str] = []
    changed = False
    for (_, text), look in zip(runs, looks, strict=True):
        shown = text
        if look == STRUCK:
            shown = ""
        elif look == "raised" and not whole and _MARK.fullmatch(text.strip()):
            shown = f"[{text.strip()}]"
        elif look == UNSEEN or (look == "small" and beside and any(map(str.isdigit, text))):
            shown = set_apart(text)
        changed = changed or shown != text
        out.append(shown)
    return "".join(out) if changed else None


def _text_of(run: bytes) -> str:
    return html.unescape("".join(t.decode("utf-8", "replace") for t in _TEXT.findall(run)))


def _run_look(run: bytes) -> str:
    if _STRIKE.search(run):
        return STRUCK
    color = _COLOR.search(run)
    if color:
        pairs = re.findall(r"(\w+)=[\"']([^\"']*)", color[1].decode("utf-8", "replace"))
        if _is_light(dict(pairs)):
            return UNSEEN
    if _RAISED.search(run):
        return "raised"
    size = _SIZE.search(run)
    return "small" if size and _size(size[1].decode()) <= _TINY else ""


def set_apart(text: str) -> str:
    """Figures in ``⟦⟧``; words as they are."""
    body = text.strip()
    return unseen.set_apart(body) if COUNTS.search(body) and FIGURES.fullmatch(body) else text
