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
from govreport_parse.testing.generate import Record
from govreport_parse.testing.grids import (
    Grid,
    GridCell,
    GridRow,
    Rendered,
    article,
    expectations,
    grids_of,
    row_paths,
)
from govreport_parse.testing.oracle import ABSENT, Expectation, place_lost
from govreport_parse.values import State

BlankMarkup = Literal["td", "p"]
Headers = Literal["mixed", "whole"]

DIALECTS: Mapping[str, str] = {
    "B": "trafilatura 1.12 (2.0 with <td><p>): cell | cell | ||, pads at the row end",
    "B11": "trafilatura 1.11: as B, but a blank <td><p>&nbsp;</p> stays in its line",
    "B0": "trafilatura 1.9 with bare cells, or a page without spans: as B without pads",
    "C": "trafilatura 1.10-1.12, white space around <p>: a cell a line, pads after the last",
    "D": "trafilatura 2.0, white space around <p>: as C, a lone bar opens each row",
    "D1": "trafilatura 2.0 with bare cells: as B with a leading bar",
    "D2": "trafilatura 2.2 and later: full grid, blanks and spans kept as empty slots",
    "E": "trafilatura 1.6-1.9, white space around <p>: cell and lone bar alternate",
    "F": "trafilatura 1.9 with <td><p>, or innerText: one value a line",
    "markdown": "a converter's pipe table with its |---| line",
    "tabs": "a pasted sheet: rows of tab-separated slots",
    "spaces": "text layer or crawler: label and numbers separated by blanks",
    "concat": "cells joined, a row a line: 规章000",
    "concat_line": "cells joined, a whole table in one line",
    "dedup": "as F, each line that was seen before left out (a crawler's filter)",
    "wrap": "the whole article inside one cell of a layout table: rows without pads, blanks kept",
    "wrap_rows": "the same with hundreds of pads, and headings inside the first row of a table",
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
    blocks = [
        write(piece.grid, blank_markup, headers) if piece.grid is not None else piece.text
        for piece in article(record, shown_grids, title=title, trailer=trailer)
    ]
    text = _FILTERS.get(dialect, _unfiltered)("\n".join(blocks))

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
        text=text,
        expected=_expected(record, shown_grids, dialect, blank_markup, text),
        record=record,
        grids=shown_grids,
        kind="text",
        name=dialect,
        rebuild=rebuild,
    )


def _expected(
    record: Record,
    grids: tuple[Grid, ...],
    dialect: str,
    blank_markup: BlankMarkup,
    text: str,
) -> dict[str, Expectation]:
    whole = expectations(record, grids)
    if dialect.startswith("concat"):
        return _borders_lost(record, whole)
    if dialect == "dedup":
        return _repeats_lost(record, grids, whole, text)
    lossy = expectations(record, grids, _has_one_token if dialect == "spaces" else _has_ink)
    fate = _fate(dialect, blank_markup)
    if fate == "lost":
        return lossy
    unsure = {p: whole[p] | lossy[p] for p in whole}
    if fate == "unsure":
        return unsure
    doubtful = _doubtful(grids, dialect)
    return {p: unsure[p] if p in doubtful else whole[p] for p in whole}


def _doubtful(grids: tuple[Grid, ...], dialect: str) -> frozenset[str]:
    """Figures of full-grid dialects whose empty slots are not plainly blank cells.

    In a row with wide cells an empty slot is a blank cell or the rest of a span (table 2); in a
    table with a short row the slots of others that have blanks may have moved too. In ``wrap`` a
    blank at a row's end looks like a pad.
    """
    out: set[str] = set()
    if dialect == "wrap":
        for grid in grids:
            for row in grid.rows:
                if row[-1].path is not None and not _has_ink(row[-1]):
                    out.update(c.path for c in row if c.path is not None)
    if dialect not in OPENED:
        return frozenset(out)
    for grid in grids:
        short = any(len(row) < grid.width for row in opened(grid.rows, grid.width))
        for row in grid.rows:
            boxes = [c for c in row if c.path is not None]
            if short or any(c.colspan > 1 for c in boxes):
                out.update(c.path for c in boxes if c.path is not None)
    return frozenset(out)


OPENED = ("D2", "markdown", "tabs")
"""Dialects that write every slot of the grid."""


def _fate(dialect: str, blank_markup: BlankMarkup) -> Literal["kept", "lost", "unsure"]:
    """Blank cells before 2.2 (evidence.md, a).

    ``unsure``: a bar is there, but bars mean other things too (in 1.11 a kept blank at a row's
    end looks like the pad of a lost one), so a reader may use it or refuse.
    """
    if dialect in OPENED or dialect == "wrap":
        return "kept"
    if blank_markup == "td" or dialect in ("B0", "F", "spaces"):
        return "lost"
    return "kept" if dialect == "B" else "unsure"


def _borders_lost(record: Record, whole: Mapping[str, Expectation]) -> dict[str, Expectation]:
    """Joined digits are flagged or solved; a row of one column has no borders to lose."""
    out = {p: ABSENT | place_lost(record.cells[p]) for p in whole}
    for paths in row_paths(record):
        if len(paths) == 1:
            out[paths[0]] |= whole[paths[0]]
    return {p: out[p] if _is_there(whole[p]) else whole[p] for p in whole}


def _is_there(expectation: Expectation) -> bool:
    return (State.ABSENT, None) not in expectation.allowed


def _repeats_lost(
    record: Record, grids: tuple[Grid, ...], whole: Mapping[str, Expectation], text: str
) -> dict[str, Expectation]:
    """A row whose lines were all new may be read; of any other row nothing is certain."""
    seen = set(text.split("\n")[: text.split("\n").index(_first_line(grids))])
    survivors: set[str] = set()
    for grid in grids:
        for row in grid.rows:
            for cell in row:
                if cell.path is not None and cell.text and cell.text not in seen:
                    survivors.add(cell.path)
                seen.add(cell.text)
    out: dict[str, Expectation] = {}
    for paths in row_paths(record):
        full = all(p in survivors for p in paths)
        for p in paths:
            lost = ABSENT | place_lost(record.cells[p])
            out[p] = lost | whole[p] if full else lost
    return {p: out[p] for p in whole}


def _first_line(grids: tuple[Grid, ...]) -> str:
    return grids[0].rows[0][0].text


def _has_ink(cell: GridCell) -> bool:
    return bool(cell.text.strip())


def _has_one_token(cell: GridCell) -> bool:
    return len(cell.text.split()) == 1


def label_text(cell: GridCell, headers: Headers, joint: str, after_break: str | None = None) -> str:
    """A cell's text as the extractor sees it.

    ``joint`` stands between paragraphs (商业 企业), ``after_break`` where ``<br/>`` stood (结果
    纠正); ``None``: the text after the break is lost, as up to trafilatura 2.1.
    """
    if headers == "whole" or not cell.parts:
        return cell.text
    if cell.parts[1] in ("企业", "机构"):
        return joint.join(cell.parts)
    if cell.text == "结果维持" and cell.rowspan > 1:
        return cell.text
    return cell.parts[0] if after_break is None else after_break.join(cell.parts)


def _padded(
    grid: Grid,
    blank_markup: BlankMarkup,
    headers: Headers,
    *,
    lead: str = "",
    pads: bool = True,
    breaks: bool = True,
    writes_blanks: bool = True,
) -> str:
    """Rows of ``cell | cell | ||``; a ``<p>&nbsp;</p>`` cell breaks the row."""
    lines: list[str] = []
    for i, row in enumerate(grid.rows):
        text, counted = lead, 0
        for cell in row:
            if _has_ink(cell):
                text += label_text(cell, headers, " ") + " | "
                counted += 1
            elif blank_markup == "p" and writes_blanks:
                text += "\n| " if breaks else "| "
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
    """Rows of texts: a cell stands in its upper left slot, the rest of it is empty.

    Rows have ``width`` slots; a row that misses cells is shorter.
    """
    table = list(rows)
    taken: set[tuple[int, int]] = set()
    out = [[""] * width for _ in table]
    for r, row in enumerate(table):
        c = 0
        for cell in row:
            while (r, c) in taken:
                c += 1
            if c < width:
                out[r][c] = label_text(cell, headers, " ", " ")
            taken |= {
                (y, x) for y in range(r, r + cell.rowspan) for x in range(c, c + cell.colspan)
            }
            c += cell.colspan
    full = [sum((r, c) in taken for c in range(width)) for r in range(len(table))]
    return [row[:n] for row, n in zip(out, full, strict=True)]


def _line_a_cell(grid: Grid, _: BlankMarkup, headers: Headers) -> str:
    """One inked cell a line, no bars."""
    return "\n".join(
        label_text(cell, headers, "\n") for row in grid.rows for cell in row if _has_ink(cell)
    )


def _cell_a_line(
    grid: Grid, blank_markup: BlankMarkup, headers: Headers, *, opener: bool = False
) -> str:
    """``cell |`` a line; the row's pads follow its last cell. ``opener``: a lone bar first."""
    lines: list[str] = []
    for i, row in enumerate(grid.rows):
        cells = [
            f"{label_text(c, headers, ' ')} | " if _has_ink(c) else "| "
            for c in row
            if _has_ink(c) or blank_markup == "p"
        ]
        if i < len(grid.rows) - 1:
            pads = "|" * (grid.width - len(cells))
            cells = [*cells[:-1], cells[-1] + pads] if cells else [pads]
        lines += ["|"] * opener + [c.strip() for c in cells]
    return "\n".join(lines)


def _alternating(grid: Grid, blank_markup: BlankMarkup, headers: Headers) -> str:
    """Cell, line with a lone bar, cell ...; a blank ``<p>`` leaves its bar."""
    lines: list[str] = []
    for row in grid.rows:
        for cell in row:
            if _has_ink(cell):
                lines += [label_text(cell, headers, "\n"), "|"]
            elif blank_markup == "p":
                lines.append("|")
    return "\n".join(lines)


def _markdown(grid: Grid, _: BlankMarkup, headers: Headers) -> str:
    first, *rest = _full_grid(grid, "td", headers).split("\n")
    return "\n".join([first, "|" + "---|" * grid.width, *rest])


def _tabs(grid: Grid, _: BlankMarkup, headers: Headers) -> str:
    return "\n".join("\t".join(row) for row in opened(grid.rows, grid.width, headers))


def _joined(
    grid: Grid,
    _: BlankMarkup,
    headers: Headers,
    *,
    between: str,
    end: str = "",
    rows: str = "\n",
    blanks: bool = False,
) -> str:
    """Cells of a row joined by ``between``, rows by ``rows``; blank cells only if ``blanks``."""
    text = rows.join(
        between.join(
            label_text(c, headers, " " if blanks else between, " " if blanks else None)
            for c in row
            if blanks or _has_ink(c)
        )
        + end
        for row in grid.rows
    )
    return text.replace("|  |", "| |").replace("|  |", "| |") if blanks else text


def _unfiltered(text: str) -> str:
    return text


def _without_repeats(text: str) -> str:
    return "\n".join(dict.fromkeys(text.split("\n")))


def _wrapped(text: str) -> str:
    """The layout table's own row ends with a lone bar."""
    return text + "\n|"


def _wrapped_rows(text: str) -> str:
    """Pads up to the number of cells of all inner tables; headings run into the row below."""
    lines = text.split("\n")
    out: list[str] = []
    for line in lines:
        if out and out[-1].startswith(_TABLE_HEADINGS) and "|" in line and "|" not in out[-1]:
            out[-1] += " | " + line
        else:
            out.append(line)
    return "\n".join(f"{line} {'|' * 290}" if "|" in line else line for line in out)


_TABLE_HEADINGS = ("二、", "三、", "四、")


_Writer = Callable[[Grid, BlankMarkup, Headers], str]

_WRITERS: Mapping[str, _Writer] = {
    "B": _padded,
    "B11": partial(_padded, breaks=False),
    "B0": partial(_padded, pads=False, writes_blanks=False),
    "C": _cell_a_line,
    "D": partial(_cell_a_line, opener=True),
    "D1": partial(_padded, lead="| "),
    "D2": _full_grid,
    "E": _alternating,
    "F": _line_a_cell,
    "markdown": _markdown,
    "tabs": _tabs,
    "spaces": partial(_joined, between=" "),
    "concat": partial(_joined, between=""),
    "concat_line": partial(_joined, between="", rows=""),
    "dedup": _line_a_cell,
    "wrap": partial(_joined, between=" | ", end=" |", blanks=True),
    "wrap_rows": _padded,
}

_FILTERS: Mapping[str, Callable[[str], str]] = {
    "dedup": _without_repeats,
    "wrap": _wrapped,
    "wrap_rows": _wrapped_rows,
}
