"""A record as plain text in the dialects of the wild (domain guide 2.1, evidence.md a).

The pipe dialects follow trafilatura's measured rules, version by version; all were compared with
the program's own output on ``render_html`` pages. What a dialect loses (blank cells, places) is
stated in ``Rendered.expected``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Literal

from govreport_parse.errors import UsageError
from govreport_parse.testing.generate import Expectation, Record
from govreport_parse.testing.grids import (
    Grid,
    GridCell,
    GridRow,
    Rendered,
    article,
    expectations,
    grids_of,
)

BlankMarkup = Literal["td", "p"]
Headers = Literal["mixed", "whole"]

DIALECTS: Mapping[str, str] = {
    "B": "trafilatura 1.12 (2.0 with <td><p>): cell | cell | ||, pads at the row end",
    "D2": "trafilatura 2.2 and later: full grid, blanks and spans kept as empty slots",
    "F": "trafilatura 1.9 with <td><p>, or innerText: one value a line",
}
"""Dialect code to its cause."""


def render_text(
    record: Record,
    dialect: str,
    *,
    blank_markup: BlankMarkup = "td",
    headers: Headers = "mixed",
    title: bool = True,
    trailer: bool = True,
    grids: tuple[Grid, ...] | None = None,
) -> Rendered:
    """The report in one dialect of ``DIALECTS`` (``UsageError`` for any other).

    ``blank_markup``: how the page wrote its blank cells, ``<td></td>`` (lost by most dialects) or
    ``<td><p>&nbsp;</p></td>`` (kept as a lone bar by some). ``headers``: ``mixed`` breaks labels
    as published pages do (商业 企业 in two paragraphs; 结果 for 结果纠正, cut after ``<br/>``).
    """
    if dialect not in DIALECTS:
        raise UsageError(f"no dialect {dialect!r}", hint=f"one of {', '.join(DIALECTS)}")
    shown_grids = grids if grids is not None else grids_of(record)
    write = _WRITERS[dialect]
    lines: list[str] = []
    for piece in article(record, shown_grids, title=title, trailer=trailer):
        if piece.grid is not None:
            lines.append(write(piece.grid, blank_markup, headers))
        else:
            lines.append(piece.text)

    def rebuild(other: Record, changed: tuple[Grid, ...]) -> Rendered:
        return render_text(
            other,
            dialect,
            blank_markup=blank_markup,
            headers=headers,
            title=title,
            trailer=trailer,
            grids=changed,
        )

    return Rendered(
        text="\n".join(lines),
        expected=_expected(record, shown_grids, dialect, blank_markup),
        record=record,
        grids=shown_grids,
        kind="text",
        name=dialect,
        rebuild=rebuild,
    )


def _expected(
    record: Record, grids: tuple[Grid, ...], dialect: str, blank_markup: BlankMarkup
) -> dict[str, Expectation]:
    whole = expectations(record, grids)
    lossy = expectations(record, grids, _has_ink)
    fate = _BLANKS[dialect, blank_markup]
    if fate == "kept":
        return whole
    if fate == "lost":
        return lossy
    return {p: whole[p] | lossy[p] for p in whole}


# Blank cells before 2.2 (evidence.md, a). "unsure": a bar is there, but bars mean other things
# too, so a reader may use it or refuse.
_BLANKS: Mapping[tuple[str, str], Literal["kept", "lost", "unsure"]] = {
    ("B", "td"): "lost",
    ("B", "p"): "kept",
    ("D2", "td"): "kept",
    ("D2", "p"): "kept",
    ("F", "td"): "lost",
    ("F", "p"): "lost",
}


def _has_ink(cell: GridCell) -> bool:
    return bool(cell.text.strip())


def label_text(cell: GridCell, headers: Headers, joint: str) -> str:
    """A cell's text as the extractor sees it: ``joint`` between paragraphs, text after a line
    break lost."""
    if headers == "whole" or not cell.parts:
        return cell.text
    if cell.parts[1] in ("企业", "机构"):
        return joint.join(cell.parts)
    return cell.text if cell.text == "结果维持" and cell.rowspan > 1 else cell.parts[0]


def _padded(
    grid: Grid,
    blank_markup: BlankMarkup,
    headers: Headers,
    *,
    lead: str = "",
    pads: bool = True,
) -> str:
    """Rows of ``cell | cell | ||``; a ``<p>&nbsp;</p>`` cell breaks the row."""
    lines: list[str] = []
    for i, row in enumerate(grid.rows):
        text, counted = lead, 0
        for cell in row:
            if _has_ink(cell):
                text += label_text(cell, headers, " ") + " | "
                counted += 1
            elif blank_markup == "p":
                text += "\n| "
                counted += 1
        if pads and i < len(grid.rows) - 1:
            text += "|" * (grid.width - counted)
        lines += [line.strip() for line in text.split("\n")]
    return "\n".join(line for line in lines if line)


def _full_grid(grid: Grid, _: BlankMarkup, headers: Headers) -> str:
    """``| a |  |  | ``: every slot of the grid, spans opened and left empty."""
    rows = opened(grid.rows, grid.width, headers)
    return "\n".join("| " + "".join(f"{slot} | " for slot in row).rstrip() for row in rows)


def opened(rows: Iterable[GridRow], width: int, headers: Headers = "whole") -> list[list[str]]:
    """Rows of ``width`` texts: a cell stands in its upper left slot, the rest of it is empty."""
    table = list(rows)
    taken: set[tuple[int, int]] = set()
    out = [[""] * width for _ in table]
    for r, row in enumerate(table):
        c = 0
        for cell in row:
            while (r, c) in taken:
                c += 1
            if c < width:
                out[r][c] = label_text(cell, headers, " ")
            taken |= {
                (y, x) for y in range(r, r + cell.rowspan) for x in range(c, c + cell.colspan)
            }
            c += cell.colspan
    return out


def _line_a_cell(grid: Grid, _: BlankMarkup, headers: Headers) -> str:
    """One inked cell a line, no bars."""
    return "\n".join(
        label_text(cell, headers, "\n") for row in grid.rows for cell in row if _has_ink(cell)
    )


_Writer = Callable[[Grid, BlankMarkup, Headers], str]

_WRITERS: Mapping[str, _Writer] = {
    "B": partial(_padded),
    "D2": _full_grid,
    "F": _line_a_cell,
}
