"""How pages draw the report: the article's HTML in each layout, without the page around it.

In: the article as pieces. Out: HTML. Every layout shows every cell; only spans, markup and the
way labels are divided differ.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from govreport_parse.formbook.spec import PROACTIVE, REQUESTS
from govreport_parse.testing.grids import MARK, Grid, GridCell, Piece
from govreport_parse.testing.spans import cut, is_header, unspanned, widened

Inner = Callable[[GridCell], str]
Draw = Callable[[list[Piece]], str]


def escaped(text: str) -> str:
    """Text for an element's content."""
    return html.escape(text, quote=False)


def bare(cell: GridCell) -> str:
    """``<td>x</td>``."""
    return escaped(cell.text)


def paragraph(cell: GridCell, around: str = "") -> str:
    """``<td><p>x</p></td>``, 商业 and 企业 in two paragraphs, 结果<br/>纠正; blanks ``&nbsp;``."""
    if not cell.text:
        return f"{around}<p>&nbsp;</p>{around}"
    if not cell.parts or (cell.text == "结果维持" and cell.rowspan > 1):
        return f"{around}<p>{escaped(cell.text)}</p>{around}"
    if cell.parts[1] in ("企业", "机构"):
        return around + "".join(f"<p>{p}</p>" for p in cell.parts) + around
    return f"{around}<p>{'<br/>'.join(cell.parts)}</p>{around}"


_WORD_P = 'class="MsoNormal" align="center" style="text-align:center;line-height:14.0pt"'
_WORD_SPAN = 'style="font-size:10.5pt;font-family:仿宋_GB2312;mso-hansi-font-family:宋体"'
_PIECES = re.compile(rf"[0-9.]+{MARK}?|[^0-9.{MARK}]+{MARK}?")


def word(cell: GridCell) -> str:
    """A cell as Word exports it: ``MsoNormal``, ``o:p``, each run (digits, unit) its own span."""
    if not cell.text:
        return f'<p {_WORD_P}><span lang="EN-US" {_WORD_SPAN}><o:p>&nbsp;</o:p></span></p>'
    if cell.parts:
        return f"<p {_WORD_P}><span {_WORD_SPAN}>{'<br/>'.join(cell.parts)}</span></p>"
    runs = _PIECES.findall(cell.text)
    if cell.path is not None and len(runs[0].rstrip(MARK)) > 1 and runs[0][0].isdigit():
        runs = [runs[0][0], runs[0][1:], *runs[1:]]
    spans = "".join(
        f"<span{' lang=EN-US' if r[0].isascii() else ''} {_WORD_SPAN}>{escaped(r)}</span>"
        for r in runs
    )
    return f"<p {_WORD_P}>{spans}<span lang=EN-US><o:p></o:p></span></p>"


def table(grid: Grid, inner: Inner = bare, attributes: str = ' border="1"') -> str:
    """One ``<table>``."""
    rows = "\n".join(
        "<tr>" + "".join(f"<td{_spans(c)}>{inner(c)}</td>" for c in row) + "</tr>"
        for row in grid.rows
    )
    return f"<table{attributes}>\n{rows}\n</table>"


def _spans(cell: GridCell) -> str:
    out = f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else ""
    return out + (f' colspan="{cell.colspan}"' if cell.colspan > 1 else "")


def plain(text: str) -> str:
    """A paragraph or heading as ``<p>``."""
    return f"<p>{escaped(text)}</p>"


def draw(
    pieces: list[Piece],
    *,
    inner: Inner = bare,
    change: Callable[[Grid], Grid] = lambda g: g,
    text: Callable[[str], str] = plain,
    heading: Callable[[str], str] | None = None,
    attributes: str = ' border="1"',
) -> str:
    """The pieces one after another."""
    out = []
    for piece in pieces:
        if piece.grid is not None:
            out.append(table(change(piece.grid), inner, attributes))
        elif piece.kind == "title":
            out.append(f"<h1>{escaped(piece.text)}</h1>")
        else:
            as_heading = piece.kind == "heading" and heading is not None
            out.append(heading(piece.text) if as_heading and heading else text(piece.text))
    return "\n".join(out)


def _word(pieces: list[Piece]) -> str:
    style = "text-indent:32.0pt;line-height:28.0pt;mso-line-height-rule:exactly"

    def text(line: str) -> str:
        runs = "".join(
            f'<span style="font-size:16.0pt;font-family:仿宋_GB2312">{escaped(r)}</span>'
            for r in _PIECES.findall(line)
        )
        return f'<p class="MsoNormal" style="{style}">{runs}<o:p></o:p></p>'

    attributes = (
        ' class="MsoNormalTable" border="1" cellspacing="0" cellpadding="0" '
        'style="border-collapse:collapse;mso-yfti-tbllook:1184"'
    )
    body = draw(pieces, inner=word, text=text, attributes=attributes)
    return f'<div class="Section1" style="layout-grid:15.6pt">\n{body}\n</div>'


def _wrapped(pieces: list[Piece]) -> str:
    inner = draw(pieces, inner=paragraph)
    return f'<table width="100%"><tbody><tr><td>\n{inner}\n</td></tr></tbody></table>'


def _nested(pieces: list[Piece]) -> str:
    links = "".join(
        f'<tr><td><a href="/{i}/">{name}</a></td></tr>'
        for i, name in enumerate(("政府信息公开指南", "政府信息公开制度", "政府信息公开年报"))
    )
    return (
        '<table width="1000" align="center"><tr><td valign="top" width="200">'
        f'<table class="menu">{links}</table></td><td valign="top">'
        f"<table><tr><td>{draw(pieces)}</td></tr></table></td></tr>"
        '<tr><td colspan="2">版权所有 2010-2024</td></tr></table>'
    )


def _split(pieces: list[Piece]) -> str:
    """Table 3 cut in two before （四）无法提供, no header above the second part."""
    out: list[Piece] = []
    for piece in pieces:
        if piece.grid is None or piece.grid.key != REQUESTS:
            out.append(piece)
            continue
        at = [
            r
            for r, row in enumerate(piece.grid.rows)
            if r > 3 and any("无法提供" in c.text for c in row)
        ]
        parts = cut(piece.grid, at[0]) if at else (piece.grid,)
        out += [Piece("table", grid=g) for g in parts]
    return draw(out)


def _one_table(pieces: list[Piece]) -> str:
    """Headings and all tables in one table of fifteen columns; other text stands outside."""
    before: list[str] = []
    rows: list[str] = []
    after: list[str] = []
    for i, piece in enumerate(pieces):
        next_is_table = i + 1 < len(pieces) and pieces[i + 1].grid is not None
        if piece.grid is not None:
            inner = table(widened(piece.grid, 15))
            rows.append(inner[inner.index("\n") + 1 : inner.rindex("\n")])
        elif piece.kind == "heading" and next_is_table:
            rows.append(f'<tr><td colspan="15"><b>{escaped(piece.text)}</b></td></tr>')
        else:
            (after if rows else before).append(draw([piece]))
    return "\n".join([*before, '<table border="1">', *rows, "</table>", *after])


def _eight(grid: Grid) -> Grid:
    """申请人情况 over eight columns: 自然人 spans two, in the header and in each row."""
    if grid.key != REQUESTS:
        return grid

    def stretched(cell: GridCell) -> GridCell:
        natural = cell.path is not None and cell.path.endswith("/natural_person")
        by = cell.text in ("自然人", "申请人情况") or natural
        return replace(cell, colspan=cell.colspan + by)

    rows = [tuple(stretched(c) for c in row) for row in grid.rows]
    return Grid(grid.key, grid.width + 1, tuple(rows))


def _shifted(grid: Grid) -> Grid:
    """Header and figures span unlike columns; the order of cells alone is right.

    Table 3: 自然人 spans two header columns, the figures of 商业企业 two columns. Table 2 of
    2019: header 1, 1, 2, 1 over figures 1, 2, 1, 1.
    """
    if grid.key == REQUESTS:

        def stretched(cell: GridCell) -> GridCell:
            business = cell.path is not None and cell.path.endswith("/business")
            by = cell.text in ("自然人", "申请人情况") or business
            return replace(cell, colspan=cell.colspan + by)

        rows = [tuple(stretched(c) for c in row) for row in grid.rows]
        return Grid(grid.key, grid.width + 1, tuple(rows))
    if grid.key == PROACTIVE and grid.width == 5:
        return grid.with_rows(_header_1121(row) for row in grid.rows)
    return grid


def _header_1121(row: tuple[GridCell, ...]) -> tuple[GridCell, ...]:
    if not is_header(row) or len(row) != 4:
        return row
    spans = (1, 1, 2, 1)
    return tuple(replace(c, colspan=s) for c, s in zip(row, spans, strict=True))


def _inline(grid: Grid) -> Grid:
    """One label column: a group's name stands before its first row's label in the same cell."""
    if grid.key != REQUESTS:
        return grid
    rows = []
    for row in grid.rows:
        labels = [c for c in row if c.path is None]
        if is_header(row):
            rows.append(row)
            continue
        text = " ".join(c.text for c in labels)
        rows.append((GridCell(text, 3), *(c for c in row if c.path is not None)))
    return grid.with_rows(rows)


def _broken_heading(text: str) -> str:
    """A heading in pieces: numeral, half of the words, the rest."""
    numeral, rest = text[:2], text[2:]
    half = len(rest) // 2
    if numeral == "四、":
        return f"<p><br />{escaped(text)}</p>"
    return (
        f'<div><strong><font face="黑体">{numeral[0]}</font></strong><span>{numeral[1]}'
        f"{rest[:half]}</span><font>{rest[half:]}</font></div>"
    )


def _div(text: str) -> str:
    return f"<div>　　{escaped(text)}</div>"


BODIES: Mapping[str, Draw] = {
    "clean": draw,
    "paragraphs": partial(draw, inner=paragraph),
    "spaced": partial(draw, inner=partial(paragraph, around="\n")),
    "word": _word,
    "nested": _nested,
    "wrapped": _wrapped,
    "split": _split,
    "one_table": _one_table,
    "no_rowspan": partial(draw, change=partial(unspanned, fill=True)),
    "no_rowspan_empty": partial(draw, change=partial(unspanned, fill=False)),
    "eight_columns": partial(draw, change=_eight),
    "shifted_spans": partial(draw, change=_shifted),
    "div_headings": partial(draw, text=_div, heading=_broken_heading),
    "group_inline": partial(draw, change=_inline),
}
"""Layout name to the function that draws the article."""
