"""Figures in cells of a Word table that a person may not see, and cells that show more than text.

The tree of ``docx_tree`` comes in and is changed in place: a white ``1`` behind ``10``, digits
much smaller than those beside them, parts of a formula (the 2 of 10²) stand in ``⟦⟧``, and
pictures, form fields and formulas without a result become ``⟦图片⟧``, ``⟦表单⟧``, ``⟦公式⟧``: no
numbers, and no blanks. Words are left alone, white labels stand on coloured grounds; a picture
beside words is none of the cell's. Colours and sizes that a style gives are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from govreport_parse.documents import unseen
from govreport_parse.documents.docx_styles import VAL, W, small_int
from govreport_parse.documents.unseen import CLOSE, COUNTS, FIGURES, MARKED, OPEN, is_light_hex
from govreport_parse.values import Finding

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
COLOR, SIZE, TEXT_FILL = W + "color", W + "sz", _W14 + "textFill"
DRAWING, PICT, OBJECT = W + "drawing", W + "pict", W + "object"
FORM, HIDDEN_ROW, INSTRUCTION = W + "ffData", W + "hidden", W + "instrText"
SIMPLE_FIELD = W + "fldSimple"
MARKS = (COLOR, SIZE, TEXT_FILL, DRAWING, PICT, OBJECT, FORM, HIDDEN_ROW, INSTRUCTION, SIMPLE_FIELD)
"""Elements that this module asks for."""
_T, _R, _P, _TC, _SHD = W + "t", W + "r", W + "p", W + "tc", W + "shd"
_TEXT_BOX, _FIELD = W + "txbxContent", W + "fldChar"
_MATH_TEXT = _MATH + "t"
_SHIFTED = frozenset(_MATH + name for name in ("sup", "sub", "num", "den", "deg", "lim"))
_SMALLEST = 13
"""Half points; digits up to this size beside larger ones are set apart, Word's own least is 10."""
_DOT = 3
_HAN = re.compile("[\u3400-\u9fff]")
_UNITS = re.compile("[件项項个個条條次宗千百十万萬亿億元]")
_MAX_CELL = 120
_CALCULATES = re.compile(r"\s*(?:=|EQ\b|FORM)", re.IGNORECASE)
_FIELD_RUNS = 16
"""Runs of a field that are looked at."""
_FALSE = frozenset({"0", "false", "off"})


def set_apart(found: Mapping[str, Sequence[Any]]) -> Iterable[Finding]:
    """Marks what may not be seen. ``found``: elements by tag, of ``MARKS`` and ``m:t``."""
    white = [e for e in found.get(COLOR, ()) if is_light_hex(e.get(VAL))]
    white += [e for e in found.get(TEXT_FILL, ()) if _is_clear(e)]
    small = [e for e in found.get(SIZE, ()) if _is_small(e)]
    count = 0
    first = ""
    cells: dict[Any, list[tuple[Any, bool]]] = {}
    for elements, is_white in ((white, True), (small, False)):
        for element in elements:
            place = _run_in_cell(element)
            if place is not None and (not is_white or not _is_dark(place[1], element)):
                cells.setdefault(place[1], []).append((place[0], is_white))
    for cell, runs in cells.items():
        for run in _marked(cell, runs):
            texts = [t for t in run.iter(_T) if (t.text or "").strip()]
            if texts:
                first = first or "".join(t.text for t in texts)
                texts[0].text = f"{OPEN}{texts[0].text.lstrip()}"
                texts[-1].text = f"{texts[-1].text.rstrip()}{CLOSE}"
                count += 1
    for element in found.get(_MATH_TEXT, ()):
        if (element.text or "").strip() and _is_shifted(element):
            first = first or element.text
            element.text = unseen.set_apart(element.text.strip())
            count += 1
    if count:
        yield _doubtful(count, first)


def show_things(found: Mapping[str, Sequence[Any]]) -> Iterable[Finding]:
    """Puts words for pictures, form fields and formulas without a result into their cells."""
    things = [(e, "图片", "picture") for tag in (DRAWING, PICT, OBJECT) for e in found.get(tag, ())]
    things = [t for t in things if next(t[0].iter(_TEXT_BOX), None) is None]
    things += [
        (e, "表单", "form field") for e in found.get(FORM, ()) if e.find(W + "textInput") is None
    ]
    things += [(e, "公式", "formula") for e in found.get(SIMPLE_FIELD, ()) if _is_empty_field(e)]
    things += [
        (e, "公式", "formula")
        for e in found.get(INSTRUCTION, ())
        if _CALCULATES.match(e.text or "") and _has_no_result(e)
    ]
    bare: dict[Any, bool] = {}
    kinds = [kind for element, word, kind in things if _put(element, word, bare)]
    if kinds:
        yield _things(kinds)


def hidden_rows(found: Mapping[str, Sequence[Any]]) -> Iterable[Finding]:
    """Table rows with the property "hidden"; they are read."""
    rows = [e for e in found.get(HIDDEN_ROW, ()) if (e.get(VAL) or "1") not in _FALSE]
    if rows:
        yield Finding(
            "hidden_rows",
            "warning",
            f"{len(rows)} table row(s) are marked as hidden; they were read",
            f"有 {len(rows)} 个表格行设为隐藏，已一并读取",
            detail=(("count", len(rows)),),
        )


def _is_clear(element: Any) -> bool:
    """A text fill of Word 2010 that is none, or nearly transparent."""
    if element.find(_W14 + "noFill") is not None:
        return True
    alphas = [a.get(_W14 + "val") or "" for a in element.iter(_W14 + "alpha")]
    return any((small_int(a) or 0) >= 70_000 for a in alphas)


def _is_small(element: Any) -> bool:
    value = small_int(element.get(VAL))
    return value is not None and value <= _SMALLEST


def _run_in_cell(element: Any) -> tuple[Any, Any] | None:
    properties = element.getparent()
    run = None if properties is None else properties.getparent()
    if run is None or run.tag != _R:
        return None
    cell = next(run.iterancestors(_TC), None)
    return None if cell is None else (run, cell)


def _is_dark(cell: Any, element: Any) -> bool:
    """The cell or the run has a ground on which white is seen."""
    # Properties come first; looking for them behind would take as long as the cell is.
    grounds = (*(e for e in islice(cell, 1) if e.tag == W + "tcPr"), element.getparent())
    fills = [s.get(W + "fill") or "" for g in grounds for s in g.iterchildren(_SHD)]
    return any(len(f) == 6 and not is_light_hex(f) for f in fills)


def _text(element: Any) -> str:
    return "".join([t.text or "" for t in element.iter(_T, _MATH_TEXT)])


def _marked(cell: Any, runs: Sequence[tuple[Any, bool]]) -> list[Any]:
    """The runs of one cell that are to be set apart."""
    whole = _text(cell)
    if len(whole) > _MAX_CELL:
        return []
    out: list[Any] = []
    digits = sum(c.isdigit() for c in whole)
    small = sum(c.isdigit() for run, is_white in runs if not is_white for c in _text(run))
    for run, is_white in runs:
        text = _text(run).strip()
        if run in out or not text or FIGURES.fullmatch(text) is None:
            continue
        if not is_white and (digits == small or not any(c.isdigit() for c in text)):
            continue  # all of it is small: that is how someone set the table
        if is_white and not COUNTS.search(text):
            continue
        out.append(run)
    return out


def _is_shifted(text: Any) -> bool:
    """Part of a fraction, power or index of a formula in a cell."""
    shifted = False
    for above in text.iterancestors():
        shifted = shifted or above.tag in _SHIFTED
        if above.tag == _TC:
            return shifted and any(c.isdigit() for c in text.text)
    return False


def _is_empty_field(field: Any) -> bool:
    has_text = any((t.text or "").strip() for t in field.iter(_T))
    return not has_text and _CALCULATES.match(field.get(W + "instr") or "") is not None


def _has_no_result(instruction: Any) -> bool:
    """The field ends without a part that shows something."""
    run = instruction.getparent()
    for following in () if run is None else islice(run.itersiblings(), _FIELD_RUNS):
        for mark in following.iter(_FIELD):
            if mark.get(W + "fldCharType") == "separate":
                return not any((t.text or "").strip() for t in _until_end(following))
            if mark.get(W + "fldCharType") == "end":
                return True
    return False


def _until_end(run: Any) -> Iterable[Any]:
    for following in islice(run.itersiblings(), _FIELD_RUNS):
        if any(m.get(W + "fldCharType") == "end" for m in following.iter(_FIELD)):
            return
        yield from following.iter(_T)


def _put(element: Any, word: str, bare: dict[Any, bool]) -> bool:
    """Writes ``⟦word⟧`` where ``element`` stands, if it stands in a cell without words.

    ``bare`` keeps which cells have none, since a cell may hold many things.
    """
    cell = next(element.iterancestors(_TC), None)
    if cell is None:
        return False
    if cell not in bare:
        rest = MARKED.sub("", _text(cell))
        bare[cell] = len(rest) <= _MAX_CELL and not _HAN.search(_UNITS.sub("", rest))
    if not bare[cell]:
        return False
    holder = next(element.iterancestors(_R), None)
    if holder is None:
        holder = element if element.tag == SIMPLE_FIELD else next(element.iterancestors(_P), None)
    if holder is None:
        return False
    text = holder.makeelement(_T)
    text.text = unseen.set_apart(word)
    holder.append(text)
    return True


def _doubtful(count: int, first: str) -> Finding:
    return Finding(
        "doubtful_text",
        "warning",
        f"{count} figure(s) in table cells may not be seen, or are no part of the number (white or"
        f" tiny letters, powers, fractions); they stand in {OPEN}{CLOSE} and their cells"
        f" were not read, first: {first[:20]!r}",
        f"表格单元格中有 {count} 处数字可能看不到或不属于该数值（浅色、极小、上标或分式），"
        f"已用{OPEN}{CLOSE}标出，未作为数据读取",
        detail=(("count", count), ("first", first[:40])),
    )


def _things(kinds: Sequence[str]) -> Finding:
    seen = sorted(set(kinds))
    return Finding(
        "cell_not_text",
        "warning",
        f"{len(kinds)} thing(s) in table cells can't be read as text ({', '.join(seen)})",
        f"表格单元格中有 {len(kinds)} 处不是文字（图片、表单或公式），无法读取",
        detail=(("count", len(kinds)), ("kinds", seen)),
    )
