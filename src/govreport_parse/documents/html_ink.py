"""What a cell shows that is no text: pictures, form fields, drawings, what a script writes.

While a page is read each such thing is one sign that no text has (a noncharacter of Unicode);
when its table is finished the signs become words in ``⟦⟧``, which no reader takes for a number,
so that the cell is *unreadable* and not *blank*. Beside words they are dropped: a bullet before a
label is no figure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from govreport_parse.documents.model import Table
from govreport_parse.documents.unseen import set_apart
from govreport_parse.numbers import is_value_like
from govreport_parse.values import Finding, Locator

PICTURE, FIELD, DRAWING, SCRIPT, STYLED, SETTING = map(chr, range(0xFDD0, 0xFDD6))
_WORDS = {
    PICTURE: ("picture", "图片"),
    FIELD: ("form field", "表单"),
    DRAWING: ("drawing or embedded content", "嵌入内容"),
    SCRIPT: ("text written by a script", "脚本"),
    STYLED: ("text added by a style", "样式文字"),
    SETTING: ("digits in another order or place than they stand", "特殊排版"),
}
_SIGNS = frozenset(_WORDS)
_ALL_SIGNS = str.maketrans(dict.fromkeys(_WORDS, ""))
_ALL_WORDS = str.maketrans({sign: set_apart(word) for sign, (_, word) in _WORDS.items()})
_SPACER = re.compile(
    r"spacer|blank|pixel|transparent|clear\.|dot\.|line\.|arrow|icon|ico[._/-]|bullet|logo|btn|button"
    r"|loading",
    re.IGNORECASE,
)
_SIDE = re.compile(r"\s*([0-9]{1,6})")
_SPACER_PIXELS = 3
_SPACER_DATA = 160
"""Characters of a ``data:`` address that holds a dot and no picture."""
_WRITES = re.compile(r"\.write|innerHTML|innerText|textContent|\.html\(|\.text\(")
_LEAST_CELLS = 8
_TAGS = {
    "textarea": FIELD,
    "select": FIELD,
    "svg": DRAWING,
    "object": DRAWING,
    "embed": DRAWING,
    "canvas": DRAWING,
    "iframe": DRAWING,
    "video": DRAWING,
    "audio": DRAWING,
}
_DRAWN_INPUTS = frozenset(
    {"password", "date", "month", "week", "time", "datetime-local", "range", "color"}
)
_UNSHOWN_INPUTS = frozenset({"hidden", "checkbox", "radio", "submit", "reset", "button", "file"})


def of_picture(attributes: Mapping[str, str | None]) -> str:
    """The sign of an ``<img>``; empty for spacers and bullets."""
    source = attributes.get("src") or ""
    if source.startswith("data:"):
        if len(source) < _SPACER_DATA:
            return ""
    elif not source or _SPACER.search(source[-200:]):
        return ""
    for side in ("width", "height"):
        digits = _SIDE.match(attributes.get(side) or "")
        if digits and int(digits[1]) <= _SPACER_PIXELS:
            return ""
    return PICTURE


def of_field(attributes: Mapping[str, str | None]) -> str:
    """What an ``<input>`` shows: its value between blanks, a sign, or nothing.

    A box of its own: its digits don't go on from those before it.
    """
    kind = (attributes.get("type") or "text").strip().lower()
    value = (attributes.get("value") or "").strip()
    if kind in _UNSHOWN_INPUTS:
        return ""
    if kind == "image":
        return PICTURE
    if kind in _DRAWN_INPUTS:
        return FIELD if value else ""
    if value:
        return f" {value} "
    return FIELD if any(c.isdigit() for c in attributes.get("placeholder") or "") else ""


def of_unread(tag: str, text: str, has_source: bool) -> str:
    """The sign of an element whose text is not read."""
    if tag == "script":
        return SCRIPT if has_source or _WRITES.search(text[:20_000]) else ""
    return _TAGS.get(tag, "")


def without_signs(text: str) -> str:
    """The text alone."""
    return text.translate(_ALL_SIGNS).strip()


def show_signs(table: Table) -> Finding | None:
    """Turns the signs in a finished table into words, in place."""
    kinds: list[str] = []
    for i, text in enumerate(table.texts):
        if _SIGNS.isdisjoint(text):
            continue
        rest = without_signs(text)
        if rest and not is_value_like(rest):
            table.texts[i] = rest
            continue
        kinds += [c for c in text if c in _SIGNS]
        table.texts[i] = text.translate(_ALL_WORDS).strip()
    if not kinds or len(table) < _LEAST_CELLS:
        return None
    seen = sorted(set(kinds))
    return Finding(
        "cell_not_text",
        "warning",
        f"table {table.number}: {len(kinds)} thing(s) in cells can't be read as text"
        f" ({', '.join(_WORDS[k][0] for k in seen)})",
        f"第{table.number}个表格的单元格中有 {len(kinds)} 处不是文字"
        f"（{'、'.join(_WORDS[k][1] for k in seen)}），无法读取",
        locator=Locator(table=table.number),
        detail=(("count", len(kinds)), ("kinds", [_WORDS[k][0] for k in seen])),
    )
