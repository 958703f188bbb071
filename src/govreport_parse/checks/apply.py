"""Open rows of a matched report to the solver, and its answer back into the figures."""

from __future__ import annotations

from collections.abc import Sequence

from govreport_parse.checks.solve import OpenRow, Solution, solve_requests, solve_review
from govreport_parse.documents.model import Where
from govreport_parse.formbook import PROACTIVE, REQUESTS, REVIEW
from govreport_parse.formbook.spec import Layout, Table
from govreport_parse.matching.result import Match, MatchedRow
from govreport_parse.matching.review_parts import ROW
from govreport_parse.numbers import read_number
from govreport_parse.report import FigureColumns
from govreport_parse.values import EMPTY, Finding, Locator, State


def solve_open_rows(match: Match, columns: FigureColumns) -> list[Finding]:
    """Fill figures whose place was lost, where exactly one assignment satisfies all identities.

    Changes ``columns``: solved figures get value and state ``solved``, places that the solution
    leaves empty become ``absent`` (the source lost a blank there). Everything else stays as it
    is; candidates go into the findings.
    """
    layout = match.layout
    return [
        *_requests(layout, match, columns),
        *_review(layout, match, columns),
    ]


def _requests(layout: Layout, match: Match, columns: FigureColumns) -> list[Finding]:
    table = layout.table(REQUESTS)
    rows = match.tables[REQUESTS].rows
    waiting = {k: r for k, r in rows.items() if r.places is None and k in table.row_block}
    open_rows = [o for r in waiting.values() if (o := _open_row(r)) is not None]
    if not open_rows:
        return []
    known: dict[str, tuple[int | None, ...]] = {}
    width = len(table.blocks[0].columns)
    at = layout.offsets[REQUESTS]
    for n, row in enumerate(table.blocks[0].data_rows):
        values = _known(columns, at + n * width, width)
        if row.key not in waiting and values is not None:
            known[row.key] = values
    solution = solve_requests(table, known, open_rows)
    return _apply(table, layout, rows, solution, columns)


_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")


def _open_row(row: MatchedRow) -> OpenRow | None:
    """What the row shows as strings of digits; ``None`` if it shows something else.

    A token of its own is read as any cell is (``26件``, ``1,234``). Dashes and blanks among the
    tokens hold a place that counts as 0: they are left out, and the row has lost cells.
    """
    tokens: list[str] = []
    lost = row.lost
    for token in row.tokens:
        digits = token.raw.strip().translate(_WIDE)
        if digits.isascii() and digits.isdigit():
            tokens.append(digits)
            continue
        reading = read_number(token.raw)
        if row.joined:
            return None
        if reading.state in EMPTY:
            if row.split:  # more texts than columns, and each dash holds a column: several rows
                return None
            lost = True
        elif reading.state is State.REPORTED and not row.split:
            tokens.append(str(reading.value))
        else:
            return None
    return OpenRow(row.row, tuple(tokens), row.joined, row.split, lost)


def _known(columns: FigureColumns, at: int, width: int) -> tuple[int | None, ...] | None:
    values: list[int | None] = []
    for i in range(at, at + width):
        state = columns.states[i]
        if state is State.REPORTED:
            values.append(int(columns.values[i] or 0))
        elif state in EMPTY:
            values.append(None)
        else:
            return None
    return tuple(values)


def _review(layout: Layout, match: Match, columns: FigureColumns) -> list[Finding]:
    row = match.tables[REVIEW].rows.get(ROW)
    shown = _open_row(row) if row is not None and row.places is None and row.tokens else None
    if row is None or shown is None:
        return []
    table = layout.table(REVIEW)
    lost = shown.lost or (shown.joined and _drops_blanks(layout, match))
    solution = solve_review(table, shown.tokens, joined=shown.joined, split=shown.split, lost=lost)
    rows = {r.key: row for r in table.rows}
    return _apply(table, layout, rows, solution, columns)


def _drops_blanks(layout: Layout, match: Match) -> bool:
    """Whether a joined row has fewer digits than columns: blank cells left no trace here.

    Then they may have left none in table 4 either, where any number of digits looks complete.
    """
    return any(
        row.joined and sum(len(t.raw) for t in row.tokens) < len(block.columns)
        for key in (PROACTIVE, REQUESTS)
        for block in layout.table(key).blocks
        for spec in block.data_rows
        if (row := match.tables[key].rows.get(spec.key)) is not None and row.tokens
    )


def _apply(
    table: Table,
    layout: Layout,
    rows: dict[str, MatchedRow],
    solution: Solution,
    columns: FigureColumns,
) -> list[Finding]:
    width = len(table.blocks[0].columns)
    at = layout.offsets[table.key]
    if not solution.solved:
        return _candidates(table, rows, solution)
    solved: list[str] = []
    for n, spec in enumerate(table.blocks[0].data_rows):
        values = solution.rows.get(spec.key)
        if values is None or all(v is None for v in values):
            continue  # no number to place: what the row shows is kept
        row = rows[spec.key]
        raw = " | ".join(t.raw for t in row.tokens)
        where: Where = row.tokens[0].where if row.tokens else row.where
        for c, value in enumerate(values):
            i = at + n * width + c
            columns.where[i] = where
            if value is None:
                columns.values[i], columns.states[i] = None, State.ABSENT
                columns.raws[i] = None
            else:
                columns.values[i], columns.states[i] = value, State.SOLVED
                columns.raws[i] = raw
                solved.append(layout.paths[i])
    if not solved:
        return []
    return [
        Finding(
            "solved",
            "warning",
            f"{len(solved)} figures of table {table.key!r} were placed by the form's sums: exactly "
            "one assignment of the shown digits satisfies every hard identity",
            f"{table.label}有{len(solved)}项数据按勾稽关系唯一确定",
            tuple(solved),
            next((_locator(rows[k]) for k in solution.rows), None),
        )
    ]


def _candidates(table: Table, rows: dict[str, MatchedRow], solution: Solution) -> list[Finding]:
    out: list[Finding] = []
    why = {
        "several": "several assignments satisfy the sums",
        "none": "no assignment satisfies the sums (misread, or the source breaks them)",
        "budget": "too many assignments to decide",
        "incomplete": "rows or totals are missing, so that not every identity can be applied",
    }[solution.reason]
    keys: Sequence[str] = [k for k in rows if k in solution.candidates] or list(rows)[:1]
    for key in keys:
        row = rows[key]
        found = solution.candidates.get(key, ())
        total = solution.counts.get(key, len(found))
        shown = " | ".join(t.raw for t in row.tokens)
        out.append(
            Finding(
                "candidates",
                "warning",
                f"row {key!r} shows {shown!r}: {why}; {total} readings of the row by its own sum",
                f"该行显示“{shown}”，无法唯一确定列位",
                tuple(f"{table.key}/{key}/{c.key}" for c in table.blocks[0].columns),
                _locator(row),
                (("reason", solution.reason), ("candidates", [list(v) for v in found])),
            )
        )
    return out


def _locator(row: MatchedRow) -> Locator | None:
    where = row.tokens[0].where if row.tokens else row.where
    return where[0].locator(where[1]) if isinstance(where, tuple) else where
