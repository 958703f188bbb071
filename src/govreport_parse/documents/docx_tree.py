"""Makes the tree of a Word document plain, once, so that reading it is a walk over a few tags.

In goes the root of ``document.xml``, out comes a ``Plain``: the same tree, changed in place, and
what was gathered on the way (spans, merges, automatic numbers). Taken out are deletions, field
codes, hidden text, struck-out text of cells, second branches and readings of characters. Line
breaks, tabs and symbols are turned into text, raised and lowered marks in cells set in square
brackets, text boxes set behind the paragraph they hang on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from govreport_parse.documents import docx_doubts as doubts
from govreport_parse.documents.docx_styles import VAL, Numbering, Styles, W, attribute, small_int
from govreport_parse.documents.office_xml import load_etree
from govreport_parse.values import Finding

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"

P, R, T, PPR, RPR = W + "p", W + "r", W + "t", W + "pPr", W + "rPr"
TBL, TR, TC, TRPR, TCPR = W + "tbl", W + "tr", W + "tc", W + "trPr", W + "tcPr"
SDT, SDT_CONTENT, TEXT_BOX = W + "sdt", W + "sdtContent", W + "txbxContent"
BR, CR, TAB, PTAB, TABS = W + "br", W + "cr", W + "tab", W + "ptab", W + "tabs"
SYM, HYPHEN, FIELD, RUBY_TEXT = W + "sym", W + "noBreakHyphen", W + "fldChar", W + "rt"
DEL, MOVED, VANISH = W + "del", W + "moveFrom", W + "vanish"
STRIKE, DSTRIKE, VERT_ALIGN = W + "strike", W + "dstrike", W + "vertAlign"
POSITION = W + "position"
OUTLINE = W + "outlineLvl"
NUM_PR, STYLE, ALT_CHUNK = W + "numPr", W + "pStyle", W + "altChunk"
OBJECT = doubts.OBJECT
GRID_SPAN, GRID_BEFORE = W + "gridSpan", W + "gridBefore"
V_MERGE, H_MERGE = W + "vMerge", W + "hMerge"
ALTERNATE, CHOICE, FALLBACK = _MC + "AlternateContent", _MC + "Choice", _MC + "Fallback"
MATH_TEXT = _MATH + "t"
BLIP = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
IMAGE = "{urn:schemas-microsoft-com:vml}imagedata"


TEXT_TAGS = (T, BR, CR, TAB, PTAB, SYM, HYPHEN, MATH_TEXT)
"""Elements that carry text once the tree is plain."""
_FIXED_TEXT = {BR: "\n", CR: "\n", TAB: "\t", PTAB: "\t", HYPHEN: "-"}
_SPECIAL = (
    BR, CR, TAB, PTAB, HYPHEN, SYM, FIELD, RUBY_TEXT, DEL, MOVED, VANISH, NUM_PR, STYLE,
    STRIKE, DSTRIKE, VERT_ALIGN, POSITION, ALT_CHUNK, ALTERNATE, TEXT_BOX, BLIP, IMAGE, TBL,
    *doubts.MARKS, GRID_SPAN, GRID_BEFORE, V_MERGE, H_MERGE, OUTLINE, MATH_TEXT,
)  # fmt: skip
_FALSE = frozenset({"0", "false", "off", "none"})
_LONGEST_MARK = 8


@dataclass(slots=True)
class Plain:
    """What making the tree plain gathered. Elements as keys stay alive, so they are found again."""

    labels: dict[Any, str] = field(default_factory=dict)
    """Automatic number by paragraph."""
    spans: dict[Any, str | None] = field(default_factory=dict)
    """``gridSpan`` by cell, as written."""
    merges: dict[Any, str] = field(default_factory=dict)
    """``restart``, ``continue`` (vertical) or ``left`` (horizontal) by cell."""
    before: dict[Any, str | None] = field(default_factory=dict)
    """``gridBefore`` by row, as written."""
    gone: set[Any] = field(default_factory=set)
    """Rows deleted by a tracked change."""
    findings: list[Finding] = field(default_factory=list)
    nested: bool = False
    """Some table stands inside another."""
    has_pictures: bool = False
    text_tags: tuple[str, ...] = TEXT_TAGS
    """Those of ``TEXT_TAGS`` that occur: each one more makes every walk slower."""
    styled: set[Any] = field(default_factory=set)
    """Paragraphs that name a style or an outline level."""


def make_plain(root: Any, styles: Styles, numbering: Numbering) -> Plain:
    """Resolves everything in the tree that is not plain text and tables."""
    etree = load_etree()
    plain = Plain()
    found: dict[str, list[Any]] = {}
    for element in root.iter(*_SPECIAL):
        found.setdefault(element.tag, []).append(element)
    plain.text_tags = (T, *(tag for tag in TEXT_TAGS if tag in found))
    _gather_spans(plain, found)
    for tag in (STYLE, OUTLINE):
        plain.styled.update([e.getparent().getparent() for e in found.get(tag, ())])
    if DEL in found or MOVED in found:
        plain.gone.update(_drop_deleted(found, etree, root))
    for element in found.get(ALTERNATE, ()):
        _choose_alternative(element)
    if FIELD in found:
        _drop_field_codes(root)
    if RUBY_TEXT in found:
        etree.strip_elements(root, RUBY_TEXT, with_tail=False)
    vanished = sum([_hide(e) for e in found.get(VANISH, ())])
    struck = vanished + sum([_strike(e) for tag in (STRIKE, DSTRIKE) for e in found.get(tag, ())])
    if struck:
        plain.findings.append(_hidden_text(struck))
    plain.findings += doubts.hidden_rows(found)
    plain.findings += doubts.set_apart(found)
    if VERT_ALIGN in found or POSITION in found:
        _set_marks_apart([*found.get(VERT_ALIGN, ()), *found.get(POSITION, ())])
    for tag, text in _FIXED_TEXT.items():
        for element in found.get(tag, ()):
            if element.getparent() is not None and element.getparent().tag != TABS:
                element.text = text
    for element in found.get(SYM, ()):
        element.text = _symbol(element)
    if numbering and (NUM_PR in found or styles.numbered):
        _number(plain, root, styles, numbering)
    plain.findings += doubts.show_things(found)
    for element in reversed(found.get(TEXT_BOX, ())):
        _move_out(element)
    plain.has_pictures = BLIP in found or IMAGE in found
    plain.nested = any(next(t.iterancestors(TBL), None) is not None for t in found.get(TBL, ()))
    for tag in (ALT_CHUNK, OBJECT):
        if tag in found:
            plain.findings.append(_embedded(tag, len(found[tag])))
    return plain


def _gather_spans(plain: Plain, found: dict[str, list[Any]]) -> None:
    for element in found.get(GRID_SPAN, ()):
        if cell := _owner(element, TCPR):
            plain.spans[cell[0]] = element.get(VAL)
    for element in found.get(V_MERGE, ()):
        if cell := _owner(element, TCPR):
            restart = element.get(VAL) == "restart"
            plain.merges[cell[0]] = "restart" if restart else "continue"
    for element in found.get(H_MERGE, ()):
        if (cell := _owner(element, TCPR)) and element.get(VAL) != "restart":
            plain.merges[cell[0]] = "left"
    for element in found.get(GRID_BEFORE, ()):
        if row := _owner(element, TRPR):
            plain.before[row[0]] = element.get(VAL)


def _number(plain: Plain, root: Any, styles: Styles, numbering: Numbering) -> None:
    for p in root.iter(P):
        properties = p.find(PPR)
        if properties is None:
            continue
        style = attribute(properties, "pStyle")
        own = properties.find(NUM_PR)
        num_id = None if own is None else attribute(own, "numId")
        level = None if own is None else small_int(attribute(own, "ilvl"))
        inherited = styles.number(style) if num_id is None else None
        if inherited is not None:
            num_id = inherited[0]
            level = inherited[1] if level is None else level
        if num_id is None or num_id == "0":
            continue
        label = numbering.label(num_id, level, style)
        if label:
            plain.labels[p] = label


def _owner(element: Any, properties: str) -> tuple[Any, ...]:
    """The cell or row that a property element describes; empty for records of old properties."""
    parent = element.getparent()
    if parent is None or parent.tag != properties:
        return ()
    owner = parent.getparent()
    # A change record (tcPrChange) holds the old properties in an element of the same name.
    return () if owner is None or owner.tag not in (TC, TR) else (owner,)


def _drop_deleted(found: dict[str, list[Any]], etree: Any, root: Any) -> list[Any]:
    """Takes out tracked deletions: runs and paragraph ends (which join two). Gives deleted rows."""
    rows: list[Any] = []
    # From the end, so that of a long chain of joined paragraphs each is moved once.
    for element in reversed((*found.get(DEL, ()), *found.get(MOVED, ()))):
        parent = element.getparent()
        if parent is None:
            continue
        if parent.tag == TRPR:
            rows += _owner(element, TRPR)
        elif parent.tag == RPR and parent.getparent() is not None:
            holder = parent.getparent()
            if holder.tag == PPR and holder.getparent() is not None:
                _join_with_next(holder.getparent())
    etree.strip_elements(root, DEL, MOVED, with_tail=False)
    return rows


def _join_with_next(p: Any) -> None:
    following = p.getnext()
    if following is None or following.tag != P:
        return
    # Not len(): lxml counts all children for it, which makes long chains quadratic.
    first = next(iter(following), None)
    at = 1 if first is not None and first.tag == PPR else 0
    for element in reversed([e for e in p if e.tag != PPR]):
        following.insert(at, element)
    p.getparent().remove(p)


def _choose_alternative(element: Any) -> None:
    """Keeps one branch: the first choice, or the fallback when only that one has text."""
    choice, fallback = element.find(CHOICE), element.find(FALLBACK)
    keep = choice
    if choice is None or (
        next(choice.iter(T), None) is None
        and fallback is not None
        and next(fallback.iter(T), None) is not None
    ):
        keep = fallback
    for branch in list(element):
        if branch is not keep:
            element.remove(branch)


def _drop_field_codes(root: Any) -> None:
    """Empties texts inside field instructions; a field that never ends keeps all its texts."""
    open_fields: list[bool] = []
    pending: list[Any] = []
    for element in root.iter(FIELD, T):
        if element.tag == T:
            if True in open_fields:
                pending.append(element)
            continue
        kind = element.get(W + "fldCharType")
        if kind == "begin":
            open_fields.append(True)
        elif kind == "separate" and open_fields:
            open_fields[-1] = False
        elif kind == "end" and open_fields:
            open_fields.pop()
        if True not in open_fields:
            for text in pending:
                text.text = ""
            pending.clear()


def _hide(element: Any) -> bool:
    """Empties a hidden run. True if it stood in a cell and had text."""
    if (element.get(VAL) or "1") in _FALSE:
        return False
    properties = element.getparent()
    run = None if properties is None else properties.getparent()
    if run is None or run.tag != R:
        return False
    had_text = any((t.text or "").strip() for t in run.iter(T))
    for child in list(run):
        run.remove(child)
    return had_text and next(run.iterancestors(TC), None) is not None


def _run_in_cell(element: Any) -> tuple[Any, Any] | None:
    """The run that a property describes, and the cell it stands in."""
    properties = element.getparent()
    run = None if properties is None else properties.getparent()
    if run is None or run.tag != R:
        return None
    cell = next(run.iterancestors(TC), None)
    return None if cell is None else (run, cell)


def _strike(element: Any) -> bool:
    """Empties a struck-out run of a cell: ``~~999~~2216`` is 2216. True if it had text."""
    if (element.get(VAL) or "1") in _FALSE or (place := _run_in_cell(element)) is None:
        return False
    run = place[0]
    had_text = any((t.text or "").strip() for t in run.iter(T))
    for child in list(run):
        run.remove(child)
    return had_text


_LEAST_RISE = 4  # half points; less than two points is how templates centre their lines


def _is_raised(element: Any) -> bool:
    value = element.get(VAL) or ""
    if element.tag == POSITION:  # LibreOffice writes its raised text so
        return value.isdecimal() and int(value[:6]) >= _LEAST_RISE
    return value in ("superscript", "subscript")


def _set_marks_apart(alignments: list[Any]) -> None:
    """``6`` with a raised ``1`` becomes ``6[1]``, lest it be read as 61.

    A cell that is raised or lowered as a whole stays as it is: that is how someone set a figure.
    """
    raised: dict[Any, list[Any]] = {}
    for element in alignments:
        if _is_raised(element):
            place = _run_in_cell(element)
            if place is not None:
                raised.setdefault(place[1], []).append(place[0])
    for cell, runs in raised.items():
        marks = [[t for t in run.iter(T) if (t.text or "").strip()] for run in runs]
        whole = "".join([t.text or "" for t in cell.iter(T)]).split()
        if whole == "".join([t.text for texts in marks for t in texts]).split():
            continue
        last: Any = None
        last_run: Any = None
        for run, texts in zip(runs, marks, strict=True):
            if not texts:
                continue
            text = "".join([t.text for t in texts]).strip()
            if text[0] in "[［〔" or not _is_mark(text):
                continue
            # Word cuts a mark like "1,2" into runs at will.
            if last is not None and run.getprevious() is last_run:
                last.text = last.text[:-1]
            else:
                texts[0].text = "[" + texts[0].text.lstrip()
            last, last_run = texts[-1], run
            last.text = last.text.rstrip() + "]"


def _is_mark(text: str) -> bool:
    """Not words: someone may set part of a label lower."""
    return len(text) <= _LONGEST_MARK and not any("\u3400" <= c <= "\u9fff" for c in text[1:])


def _symbol(element: Any) -> str:
    """A character given by its code in a font. Only the Symbol font has digits at their places."""
    try:
        code = int(element.get(W + "char") or "", 16)
    except ValueError:
        return "\ufffd"
    if element.get(W + "font") == "Symbol" and chr(code & 0xFF) in "0123456789()+,./%":
        code &= 0xFF
    return chr(code) if 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE else "\ufffd"


def _move_out(box: Any) -> None:
    """A text box becomes a sibling behind the paragraph it hangs on."""
    host = next(box.iterancestors(P), None)
    if host is not None and host.getparent() is not None:
        host.addnext(box)


def _hidden_text(count: int) -> Finding:
    return Finding(
        "hidden_text",
        "info",
        f"{count} hidden or struck-out run(s) of text in table cells were not read",
        f"表格单元格中有 {count} 处隐藏或带删除线的文字，未读取",
        detail=(("count", count),),
    )


def _embedded(tag: str, count: int) -> Finding:
    kind = "altChunk" if tag == ALT_CHUNK else "object"
    return Finding(
        "embedded_content",
        "warning",
        f"{count} embedded {kind} part(s) of the DOCX file were not read",
        f"DOCX 文件中有 {count} 处嵌入内容（{kind}）未读取",
        detail=(("kind", kind), ("count", count)),
    )
