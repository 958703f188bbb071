"""A record's tables as the official form draws them: cells with spans, before any file format.

In: a ``Record``. Out: three ``Grid`` objects (table 2: 14 x 4, in the 2019 form 18 x 5; table 3:
28 x 10 or 26 x 10; table 4: 4 x 15). Renderers write grids, damages change them, and
``expectations`` says what a row may still tell once cells are gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from govreport_parse.formbook import loader
from govreport_parse.formbook.spec import PROACTIVE, REQUESTS, REVIEW, Block, Row, Table
from govreport_parse.testing.generate import CellText, Record
from govreport_parse.testing.oracle import ABSENT, Expectation, exactly, place_lost


@dataclass(frozen=True, slots=True)
class GridCell:
    """One box. ``path`` names the figure it shows, ``parts`` the pieces of a label that pages
    break over two lines (商业 / 企业)."""

    text: str
    colspan: int = 1
    rowspan: int = 1
    path: str | None = None
    parts: tuple[str, ...] = ()


GridRow = tuple[GridCell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """One table: rows of the cells that begin in them."""

    key: str
    width: int
    rows: tuple[GridRow, ...]

    def with_rows(self, rows: Iterable[GridRow]) -> Grid:
        """The grid with other rows."""
        return replace(self, rows=tuple(rows))


def grids_of(record: Record) -> tuple[Grid, Grid, Grid]:
    """Tables 2, 3 and 4 of the record, in official layout."""
    layout = record.layout
    return (
        _proactive(layout.table(PROACTIVE), record.cells),
        _requests(layout.table(REQUESTS), record.cells),
        _review(layout.table(REVIEW), record.cells),
    )


_ROW_HEADER = "信息内容"
CORNER = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
_BROKEN = {
    "商业企业": ("商业", "企业"),
    "科研机构": ("科研", "机构"),
    "结果纠正": ("结果", "纠正"),
    "结果维持": ("结果", "维持"),
    "其他结果": ("其他", "结果"),
    "尚未审结": ("尚未", "审结"),
}


def _label(text: str, colspan: int = 1, rowspan: int = 1) -> GridCell:
    return GridCell(text, colspan, rowspan, parts=_BROKEN.get(text, ()))


def _value(path: str, cells: Mapping[str, CellText], colspan: int = 1) -> GridCell:
    return GridCell(cells[path].text, colspan, path=path)


# Colspans of the value columns by (width of the table, number of columns): table 2 of 2019 has
# three, two or two columns on a grid of five.
_SPANS = {(4, 3): (1, 1, 1), (4, 1): (3,), (5, 3): (1, 2, 1), (5, 2): (2, 2), (5, 1): (4,)}


def _proactive(table: Table, cells: Mapping[str, CellText]) -> Grid:
    width = 4 if len(table.blocks[1].columns) == 1 else 5
    rows: list[GridRow] = []
    for block in table.blocks:
        spans = _SPANS[width, len(block.columns)]
        rows.append((_label(block.label, width),))
        header = [_label(c.label, s) for c, s in zip(block.columns, spans, strict=True)]
        rows.append((_label(_ROW_HEADER), *header))
        for row in block.data_rows:
            values = [
                _value(f"{PROACTIVE}/{row.key}/{c.key}", cells, s)
                for c, s in zip(block.columns, spans, strict=True)
            ]
            rows.append((_label(row.label), *values))
    return Grid(PROACTIVE, width, tuple(rows))


def _requests(table: Table, cells: Mapping[str, CellText]) -> Grid:
    block = table.blocks[0]
    first, *middle, last = (c.label for c in block.columns)
    rows: list[GridRow] = [
        (_label(CORNER, 3, 3), _label("申请人情况", 7)),
        (_label(first, rowspan=2), _label("法人或其他组织", 5), _label(last, rowspan=2)),
        tuple(_label(m) for m in middle),
    ]
    pending: list[GridCell] = []
    for row in block.rows:
        if not row.is_data:
            pending.append(_label(row.printed, 1, _members(block, row)))
            continue
        depth = _depth(block, row)
        labels = (*pending, _label(row.printed, 3 - depth))
        pending = []
        values = (_value(f"{REQUESTS}/{row.key}/{c.key}", cells) for c in block.columns)
        rows.append((*labels, *values))
    return Grid(REQUESTS, 10, tuple(rows))


def _depth(block: Block, row: Row) -> int:
    depth, parent = 0, row.parent
    while parent is not None:
        depth += 1
        parent = next(r.parent for r in block.rows if r.key == parent)
    return depth


def _members(block: Block, group: Row) -> int:
    """Data rows under a group name, at any depth."""
    n = 0
    for row in block.data_rows:
        parent = row.parent
        while parent is not None and parent != group.key:
            parent = next(r.parent for r in block.rows if r.key == parent)
        n += parent is not None
    return n


def _review(table: Table, cells: Mapping[str, CellText]) -> Grid:
    block = table.blocks[0]
    review, direct, after = block.rows
    results = [c.label for c in block.columns]
    return Grid(
        REVIEW,
        15,
        (
            (_label(review.label, 5), _label("行政诉讼", 10)),
            (
                *(_label(r, rowspan=2) for r in results),
                _label(direct.label, 5),
                _label(after.label, 5),
            ),
            tuple(_label(r) for r in results * 2),
            tuple(
                _value(f"{REVIEW}/{row.key}/{c.key}", cells)
                for row in block.rows
                for c in block.columns
            ),
        ),
    )


def row_paths(record: Record) -> list[tuple[str, ...]]:
    """The figures that share a printed row: a row of tables 2 and 3, all fifteen of table 4."""
    out: dict[str, list[str]] = {}
    for path in record.cells:
        table, row, _ = path.split("/")
        out.setdefault(table if table == REVIEW else f"{table}/{row}", []).append(path)
    return [tuple(paths) for paths in out.values()]


def expectations(
    record: Record,
    grids: Iterable[Grid],
    shown: Callable[[GridCell], bool] = lambda _: True,
) -> dict[str, Expectation]:
    """What may be reported when the document shows ``grids`` and of their cells those ``shown``.

    A row that shows all its cells is exact. A row that shows some is never read by position:
    every figure of it is flagged or solved. A row that shows none is blank or absent.
    """
    boxes = {c.path: c for g in grids for row in g.rows for c in row if c.path is not None}
    out: dict[str, Expectation] = {}
    for paths in row_paths(record):
        there = [p in boxes and shown(boxes[p]) for p in paths]
        for path in paths:
            cell = record.cells[path]
            if all(there):
                out[path] = exactly(cell)
            elif path not in boxes and not any(there):
                out[path] = ABSENT | place_lost(cell)
            else:
                out[path] = place_lost(cell)
    return {p: out[p] for p in record.cells}


@dataclass(frozen=True)
class Rendered:
    """A document made from a record, and what an honest reader may report of it.

    ``text`` is the document (plain text or HTML). ``expected`` has every figure path of the form.
    ``rebuild`` makes the same kind of document from other grids (a damage uses it).
    """

    text: str
    expected: Mapping[str, Expectation]
    record: Record
    grids: tuple[Grid, ...]
    kind: Literal["text", "html"]
    name: str
    """Dialect or layout."""
    rebuild: Callable[[Record, tuple[Grid, ...]], Rendered] = field(repr=False, compare=False)


PieceKind = Literal["title", "preamble", "heading", "paragraph", "table", "trailer"]
MARK = "\ue000"
"""A sign that damages set behind a figure to find its place in a rendered document."""
TRAILER = "扫一扫在手机打开当前页"


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of the article in reading order; ``grid`` is set for tables, ``text`` otherwise."""

    kind: PieceKind
    text: str = ""
    grid: Grid | None = None


def article(record: Record, grids: Iterable[Grid], *, title: bool, trailer: bool) -> list[Piece]:
    """The report as pieces: title, preamble, six sections with their tables, trailer line."""
    held = list(grids)
    out = [Piece("title", record.title)] if title else []
    out += [Piece("preamble", p) for p in record.preamble]
    for section in loader.sections():
        out.append(Piece("heading", section.printed))
        out += [Piece("paragraph", p) for p in record.sections[section.key]]
        out += [Piece("table", grid=g) for g in held if g.key == section.key]
    if trailer:
        out.append(Piece("trailer", TRAILER))
    return out
