"""Named damages of a rendered report, each with what an honest reader may still report.

The oracle is the point: after a damage every figure is either exactly right or flagged, and only
the figures named here may be anything but exact. A damage changes the grids and renders again
(so a missing cell shows as each dialect shows it), or changes the text itself.

In: a generator, the record, a ``Rendered``, a name of ``DAMAGES``. Out: ``Damaged``. Refuses
(``UsageError``) unknown names; ``None`` never stands for "not possible here": see ``possible``.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from govreport_parse.errors import UsageError
from govreport_parse.formbook.spec import PROACTIVE, REQUESTS, REVIEW
from govreport_parse.testing import spans
from govreport_parse.testing.generate import CellText, Record
from govreport_parse.testing.grids import MARK, Grid, GridCell, GridRow, Rendered, row_paths
from govreport_parse.testing.oracle import ABSENT, Expectation, Outcome, exactly, place_lost
from govreport_parse.testing.render_text import OPENED
from govreport_parse.testing.script import glossed, on_text, traditional
from govreport_parse.values import Number, State

Allowed = Mapping[str, frozenset[Outcome]]


@dataclass(frozen=True)
class Damaged:
    """A damaged document. ``allowed`` maps every figure path to the outcomes that are honest."""

    document: str
    allowed: Allowed
    name: str
    touched: tuple[str, ...]
    """Figures that the damage itself reached; all others must read as before."""


Expected = dict[str, Expectation]


@dataclass(frozen=True)
class _Work:
    """What a damage works on."""

    rng: random.Random
    record: Record
    rendered: Rendered

    def pick(self, rows: Iterable[tuple[int, int]]) -> tuple[int, int]:
        return self.rng.choice(list(rows))

    def rows(self, key: str | None = None, *, data: bool = True) -> list[tuple[int, int]]:
        """(grid, row) of the rows with figures (or without), of one table or of all."""
        return [
            (g, r)
            for g, grid in enumerate(self.rendered.grids)
            if key in (None, grid.key)
            for r, row in enumerate(grid.rows)
            if spans.is_header(row) is not data
        ]

    def row(self, at: tuple[int, int]) -> GridRow:
        return self.rendered.grids[at[0]].rows[at[1]]

    def with_grid(self, g: int, *grids: Grid) -> tuple[Grid, ...]:
        old = self.rendered.grids
        return (*old[:g], *grids, *old[g + 1 :])

    def build(self, grids: tuple[Grid, ...], record: Record | None = None) -> Rendered:
        return self.rendered.rebuild(record or self.record, grids)


_Result = tuple[str, Expected, Iterable[str]]


def damage(rng: random.Random, record: Record, rendered: Rendered, name: str) -> Damaged:
    """``rendered`` with one named damage, at a place that ``rng`` chooses.

    ``record`` is the record that ``rendered`` was made from. Raises ``UsageError`` for an unknown
    name and where the damage is not ``possible``.
    """
    if name not in DAMAGES:
        raise UsageError(f"no damage {name!r}", hint=f"one of {', '.join(DAMAGES)}")
    if not possible(rendered, name):
        raise UsageError(f"{name} is not possible in {rendered.name}", hint="ask possible() first")
    document, expected, touched = _DAMAGES[name](_Work(rng, record, rendered))
    allowed = {path: e.allowed for path, e in expected.items()}
    return Damaged(document, allowed, name, tuple(touched))


def possible(rendered: Rendered, name: str) -> bool:
    """Whether a damage makes sense for a document.

    Two figures can only merge, and a document only end behind one, where ink is; what a crawler's
    filter leaves of ``dedup`` can't be cut at a known figure.
    """
    shown = [[c.text for c in row if c.path] for grid in rendered.grids for row in grid.rows]
    if name == "cut_end":
        return rendered.name != "dedup" and any(any(row) for row in shown)
    if name == "merge_cells":
        return any(a and b for row in shown for a, b in pairwise(row))
    if name == "alter_number":
        return any(c.value is not None for c in rendered.record.cells.values())
    return True


def paths_of(row: GridRow) -> list[str]:
    """The figures that a grid row shows."""
    return [c.path for c in row if c.path is not None]


def _also(expected: Mapping[str, Expectation], record: Record, paths: Iterable[str]) -> Expected:
    """The expectation, flags allowed for ``paths`` besides what it says."""
    out = dict(expected)
    for path in paths:
        out[path] |= ABSENT | place_lost(record.cells[path])
    return out


# --- rows ----------------------------------------------------------------------------------


def _drop_header_row(w: _Work) -> _Result:
    """The labels of its columns are gone: order alone may not be enough for a careful reader."""
    g, r = w.pick(w.rows(data=False))
    grid = w.rendered.grids[g]
    below = [p for row in grid.rows[r:] for p in paths_of(row)]
    if grid.key == PROACTIVE:
        below = _until_header(grid, r)
    new = w.build(w.with_grid(g, spans.without_row(grid, r)))
    return new.text, _also(new.expected, w.record, below), below


def _until_header(grid: Grid, r: int) -> list[str]:
    """Figures of the block of table 2 in whose head row ``r`` stands."""
    out: list[str] = []
    for row in grid.rows[r + 1 :]:
        if spans.is_header(row) and out:
            break
        out += paths_of(row)
    return out


def _drop_row(w: _Work) -> _Result:
    g, r = w.pick(w.rows())
    grid = w.rendered.grids[g]
    touched = paths_of(grid.rows[r])
    new = w.build(w.with_grid(g, spans.without_row(grid, r)))
    expected = dict(new.expected)
    for path in touched:
        expected[path] = _gone(w.record.cells[path])
    return new.text, expected, touched


def _gone(cell: CellText) -> Expectation:
    """The cell is nowhere: absent, or solved from the sums; a blank has nothing to solve."""
    outcomes: set[Outcome] = {(State.ABSENT, None)}
    if cell.value is not None:
        outcomes |= {(State.SOLVED, cell.value), (State.AMBIGUOUS, None)}
    return Expectation(frozenset(outcomes))


def _duplicate_row(w: _Work) -> _Result:
    g, r = w.pick(w.rows())
    grid = w.rendered.grids[g]
    touched = paths_of(grid.rows[r])
    new = w.build(w.with_grid(g, spans.with_copy_of(grid, r)))
    return new.text, _also(new.expected, w.record, touched), touched


def _reorder_rows(w: _Work) -> _Result:
    """Two rows of one group exchanged, labels and figures together."""
    pairs = [
        (g, r)
        for g, r in w.rows()
        if r + 1 < len(w.rendered.grids[g].rows) and _same_group(w.rendered.grids[g], r)
    ]
    g, r = w.pick(pairs)
    grid = w.rendered.grids[g]
    touched = [*paths_of(grid.rows[r]), *paths_of(grid.rows[r + 1])]
    new = w.build(w.with_grid(g, spans.with_swapped(grid, r)))
    return new.text, _also(new.expected, w.record, touched), touched


def _same_group(grid: Grid, r: int) -> bool:
    upper, lower = grid.rows[r], grid.rows[r + 1]
    labels = [c for c in spans.own(upper) if c.path is None]
    others = [c for c in lower if c.path is None]
    return (
        not spans.is_header(lower)
        and not spans.groups(lower)
        and len(labels) == len(others) == 1
        and labels[0].colspan == others[0].colspan
    )


def _extra_row(w: _Work) -> _Result:
    """其他主动公开文件 below 行政规范性文件, with figures of no form."""
    g, r = next(
        at
        for at in w.rows(PROACTIVE)
        if any("/normative_documents/" in p for p in paths_of(w.row(at)))
    )
    grid = w.rendered.grids[g]
    values = [
        GridCell(str(w.rng.randint(0, 99)), c.colspan) for c in grid.rows[r] if c.path is not None
    ]
    new = w.build(
        w.with_grid(g, spans.with_row(grid, r + 1, (GridCell("其他主动公开文件"), *values)))
    )
    return new.text, dict(new.expected), ()


def _title_row(w: _Work) -> _Result:
    """A row over the whole width above one table's head."""
    g = w.rng.randrange(len(w.rendered.grids))
    grid = w.rendered.grids[g]
    names = {
        PROACTIVE: "主动公开政府信息情况统计表",
        REQUESTS: "收到和处理政府信息公开申请情况统计表",
        REVIEW: "行政复议、行政诉讼情况统计表",
    }
    row = (GridCell(names[grid.key], grid.width),)
    new = w.build(w.with_grid(g, spans.with_row(grid, 0, row)))
    return new.text, dict(new.expected), ()


def _split_table(w: _Work) -> _Result:
    """Table 3 in two parts, cut anywhere; header and group labels repeated or not."""
    g, r = w.pick(at for at in w.rows(REQUESTS) if at[1] > 3)
    header = w.rng.choice((0, 3))
    repeat = w.rng.random() < 0.5
    parts = spans.cut(w.rendered.grids[g], r, header=header, repeat_labels=repeat)
    new = w.build(w.with_grid(g, *parts))
    return new.text, dict(new.expected), ()


# --- cells ---------------------------------------------------------------------------------


def _with_row(w: _Work, at: tuple[int, int], row: GridRow) -> tuple[Grid, ...]:
    g, r = at
    rows = w.rendered.grids[g].rows
    return w.with_grid(g, w.rendered.grids[g].with_rows((*rows[:r], row, *rows[r + 1 :])))


def _drop_cell(w: _Work) -> _Result:
    """One figure's cell removed: its row has one cell too few, and nothing says which."""
    at = w.pick(w.rows())
    row = w.row(at)
    k = w.rng.choice([i for i, c in enumerate(row) if c.path is not None])
    touched = paths_of(row)
    new = w.build(_with_row(w, at, (*row[:k], *row[k + 1 :])))
    expected = _also(new.expected, w.record, touched)
    lost = row[k].path
    if not _has_dom_cells(w.rendered) and len(touched) == 1 and lost is not None:
        # label | ||| : a text can't tell a removed cell from a blank one.
        expected[lost] |= Expectation(frozenset({(State.BLANK, None)}))
    return new.text, expected, touched


def _has_dom_cells(rendered: Rendered) -> bool:
    return rendered.kind == "html" and not rendered.name.startswith("text_in")


def _merge_cells(w: _Work) -> _Result:
    """Two neighbouring figures in one cell, their digits run together or apart.

    A page keeps the columns (the cell spans two), a text has one cell less in the row.
    """
    html = _has_dom_cells(w.rendered)
    choices = [
        (at, k)
        for at in w.rows()
        for k, (a, b) in enumerate(pairwise(w.row(at)))
        if a.path and b.path and a.text.strip() and b.text.strip()
    ]
    at, k = w.rng.choice(choices)
    row = w.row(at)
    a, b = row[k], row[k + 1]
    joint = w.rng.choice(("", " "))
    text = a.text + joint + b.text
    merged = GridCell(text, a.colspan + b.colspan if html else a.colspan)
    touched = paths_of(row)
    new = w.build(_with_row(w, at, (*row[:k], merged, *row[k + 2 :])))
    expected = dict(new.expected)
    for path in touched:
        cell = w.record.cells[path]
        may = ABSENT | place_lost(cell)
        if path in (a.path, b.path):
            may |= Expectation(frozenset({(State.UNREADABLE, None)}))
        # Two numbers with a gap between: telling them apart is a fair reading.
        whole = joint or (html and path not in (a.path, b.path))
        expected[path] = may | exactly(cell) if whole else may
    return new.text, expected, touched


def _swap_header_labels(w: _Work) -> _Result:
    """Two neighbouring column labels exchanged: by label or by order, both are readings.

    The figures under them may be reported either way, or flagged.
    """
    choices = [
        (at, k)
        for at in w.rows(data=False)
        for k, (a, b) in enumerate(pairwise(w.row(at)))
        if (a.colspan, a.rowspan) == (b.colspan, b.rowspan) == (1, 1)
        and a.text not in ("信息内容", b.text)
    ]
    at, k = w.rng.choice(choices)
    row = w.row(at)
    columns = spans.places(w.rendered.grids[at[0]])[at[1]][k : k + 2]
    a, b = (
        replace(c, text=o.text, parts=o.parts)
        for c, o in ((row[k], row[k + 1]), (row[k + 1], row[k]))
    )
    new = w.build(_with_row(w, at, (*row[:k], a, b, *row[k + 2 :])))
    expected = dict(new.expected)
    touched: list[str] = []
    grid = w.rendered.grids[at[0]]
    block = _until_header(grid, at[1]) if grid.key == PROACTIVE else None
    for y, places in enumerate(spans.places(grid)):
        pair = [
            c.path
            for c, x in zip(grid.rows[y], places, strict=True)
            if x in columns and c.path is not None and (block is None or c.path in block)
        ]
        if len(pair) == 2:
            both = ABSENT
            for path in pair:
                both |= new.expected[path] | place_lost(w.record.cells[path])
            for path in pair:
                expected[path] |= both
            touched += pair
    return new.text, expected, touched


def _lose_sublabels(w: _Work) -> _Result:
    """The labels of one group's rows are blank, the numbers stay: order is all that is left."""
    groups = [
        at
        for at in w.rows(REQUESTS)
        if any(c.rowspan > 1 and c.text.startswith("（") for c in w.row(at))
    ]
    g, r = w.pick(groups)
    grid = w.rendered.grids[g]
    label = next(c for c in grid.rows[r] if c.rowspan > 1 and c.text.startswith("（"))
    rows = list(grid.rows)
    touched: list[str] = []
    for y in range(r, r + label.rowspan):
        touched += paths_of(rows[y])
        rows[y] = tuple(
            replace(c, text="") if c.path is None and c.rowspan == 1 else c for c in rows[y]
        )
    new = w.build(w.with_grid(g, grid.with_rows(rows)))
    return new.text, _also(new.expected, w.record, touched), touched


def _alter_number(w: _Work) -> _Result:
    """One number printed otherwise: exactly that figure reads otherwise, sums break."""
    path = w.rng.choice([p for p, c in w.record.cells.items() if c.value is not None])
    cell = w.record.cells[path]
    value: Number = (cell.value or 0) + w.rng.randint(1, 9)
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    own_unit = cell.unit if cell.unit and cell.text.endswith(cell.unit) else ""
    altered = CellText(text + own_unit, value, State.REPORTED, cell.unit)
    record = w.record.with_cell(path, altered)
    grids = tuple(
        spans.mapped(g, lambda c: replace(c, text=altered.text) if c.path == path else c)
        for g in w.rendered.grids
    )
    new = w.build(grids, record)
    return new.text, dict(new.expected), (path,)


_FULL = str.maketrans("0123456789", "０１２３４５６７８９")


def _full_width_digits(w: _Work) -> _Result:
    """All figures in full-width digits."""
    grids = tuple(
        spans.mapped(g, lambda c: replace(c, text=c.text.translate(_FULL)) if c.path else c)
        for g in w.rendered.grids
    )
    new = w.build(grids)
    return new.text, dict(new.expected), ()


def _question_marks(w: _Work) -> _Result:
    """``?`` beside some figures and in some blank cells: what a non-breaking space became.

    A page's marked cell may be refused; in a text, refusing it may cost its row the places.
    """
    marked: list[str] = []

    def mark(cell: GridCell) -> GridCell:
        if cell.path is None or w.rng.random() > 0.2:
            return cell
        marked.append(cell.path)
        return replace(cell, text=w.rng.choice(("?{}", "{}?")).format(cell.text))

    new = w.build(tuple(spans.mapped(g, mark) for g in w.rendered.grids))
    refused = Expectation(frozenset({(State.UNREADABLE, None), (State.AMBIGUOUS, None)}))
    expected = dict(new.expected)
    if not _has_dom_cells(w.rendered):
        reached = set(marked)
        rows = [paths for paths in row_paths(w.record) if reached.intersection(paths)]
        expected = _also(expected, w.record, [p for paths in rows for p in paths])
    for path in marked:
        expected[path] |= refused
    return new.text, expected, marked


# --- text ----------------------------------------------------------------------------------


def _cut_end(w: _Work) -> _Result:
    """The document ends right behind a figure; nothing below was ever received."""
    at = w.pick(at for at in w.rows() if any(c.path and c.text for c in w.row(at)))
    row = w.row(at)
    k = w.rng.choice([i for i, c in enumerate(row) if c.path is not None and c.text])
    marked = replace(row[k], text=row[k].text + MARK)
    probe = w.build(_with_row(w, at, (*row[:k], marked, *row[k + 1 :]))).text
    document = probe[: probe.index(MARK)]
    if not w.rendered.text.startswith(document):
        raise UsageError(
            f"the place of a figure in {w.rendered.name} can't be told",
            hint="cut pages before they are grown, and no text without its repeated lines",
        )
    shown = {c.path for c in row[: k + 1]}
    below = [p for r in w.rendered.grids[at[0]].rows[at[1] + 1 :] for p in paths_of(r)]
    below += [p for g in w.rendered.grids[at[0] + 1 :] for r in g.rows for p in paths_of(r)]
    expected = dict(w.rendered.expected)
    for path in below:
        expected[path] = _gone(w.record.cells[path])
    here = paths_of(row)
    if not shown.issuperset(here):
        for path in here:
            expected[path] = ABSENT | place_lost(w.record.cells[path])
        if w.rendered.name in OPENED:  # a short row: empty slots above it are in doubt too
            rows = w.rendered.grids[at[0]].rows[: at[1]]
            bare = [r for r in rows if any(c.path and not c.text for c in r)]
            expected = _also(expected, w.record, [p for r in bare for p in paths_of(r)])
    last = row[k].path
    if w.rendered.kind == "html" and last is not None:
        # Where it stood in a cell, that was not closed: more digits may have followed.
        expected[last] |= Expectation(frozenset({(State.UNREADABLE, None)}))
        expected[last] |= place_lost(w.record.cells[last])
    return document, expected, (*here, *below)


def _on_document(w: _Work, change: Callable[[str], str]) -> str:
    text = w.rendered.text
    return on_text(text, change) if w.rendered.kind == "html" else change(text)


def _glosses(w: _Work) -> _Result:
    """Traditional script with pinyin in parentheses behind nine characters."""
    return _on_document(w, glossed), dict(w.rendered.expected), ()


def _traditional(w: _Work) -> _Result:
    """Traditional script; some mirrors also change 范 系 后 制 面."""
    keep = w.rng.choice(("范于系后制面", ""))
    return _on_document(w, lambda t: traditional(t, keep)), dict(w.rendered.expected), ()


def _noise(w: _Work) -> _Result:
    """Empty paragraphs, or blank lines and lines of ``?``, between the parts of the text."""
    text = w.rendered.text
    if w.rendered.kind == "html":
        fillers = ("<p>&nbsp;</p>", "<p></p>", "<br/>", "<p><span>　</span></p>")
        document = re.sub(
            r"(?<=\n)(?=<p[ >])",
            lambda _: w.rng.choice(fillers) + "\n" if w.rng.random() < 0.5 else "",
            text,
        )
    else:
        out: list[str] = []
        before = ""
        for line in text.split("\n"):
            # Beside prose only: between the lines of a table a sign may be a cell.
            if before.endswith("。") and line.endswith("。") and w.rng.random() < 0.4:
                out.append(w.rng.choice(("", "　", " ", "?", "??")))
            out.append(line)
            before = line
        document = "\n".join(out)
    return document, dict(w.rendered.expected), ()


DAMAGES: Mapping[str, str] = {
    "drop_header_row": "a row of column labels removed",
    "drop_row": "a row of figures removed",
    "drop_cell": "one figure's cell removed",
    "swap_header_labels": "two column labels exchanged",
    "duplicate_row": "a row printed twice",
    "merge_cells": "two figures in one cell",
    "cut_end": "the document ends behind a figure",
    "reorder_rows": "two rows of a group exchanged",
    "lose_sublabels": "a group's row labels blank, numbers kept",
    "extra_row": "其他主动公开文件, a row of no form",
    "alter_number": "one number printed otherwise",
    "glosses": "traditional script with pinyin in parentheses",
    "traditional": "traditional script",
    "full_width_digits": "figures in full-width digits",
    "split_table": "table 3 in two parts",
    "title_row": "a title row inside a table",
    "noise": "empty paragraphs, lines of ?",
    "question_marks": "? beside figures and in blank cells",
}
"""Damage name to what it does."""

_DAMAGES: Mapping[str, Callable[[_Work], _Result]] = {
    "drop_header_row": _drop_header_row,
    "drop_row": _drop_row,
    "drop_cell": _drop_cell,
    "swap_header_labels": _swap_header_labels,
    "duplicate_row": _duplicate_row,
    "merge_cells": _merge_cells,
    "cut_end": _cut_end,
    "reorder_rows": _reorder_rows,
    "lose_sublabels": _lose_sublabels,
    "extra_row": _extra_row,
    "alter_number": _alter_number,
    "glosses": _glosses,
    "traditional": _traditional,
    "full_width_digits": _full_width_digits,
    "split_table": _split_table,
    "title_row": _title_row,
    "noise": _noise,
    "question_marks": _question_marks,
}
