"""The report as HTML tables in the layout of the Chinese form, for notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from govreport_parse.display.width import plain
from govreport_parse.display.words import (
    BROKEN,
    STATE_WORDS,
    broken_in_words,
    finding_text,
    number,
)
from govreport_parse.formbook import PROACTIVE, REQUESTS, REVIEW, Block, Row, Table
from govreport_parse.report import Report
from govreport_parse.values import Figure, State

_STYLE = """
.govreport{font-size:90%;line-height:1.35}
.govreport table{border-collapse:collapse;margin:.4em 0 1em;color:inherit;background:transparent}
.govreport th,.govreport td{border:1px solid rgba(128,128,128,.45);padding:.15em .5em;
 background:transparent;color:inherit}
.govreport th{font-weight:600;text-align:left}
.govreport td{text-align:right}
.govreport caption{text-align:left;font-weight:600;padding:.3em 0}
.govreport .gr-blank,.govreport .gr-dash,.govreport .gr-absent{color:rgba(128,128,128,.9)}
.govreport .gr-absent{border-style:dashed}
.govreport .gr-unreadable,.govreport .gr-ambiguous{background:rgba(230,140,0,.25)}
.govreport .gr-solved{background:rgba(60,120,216,.2)}
.govreport .gr-broken{color:#c33}
"""


def html(report: Report) -> str:
    """The report as HTML for a notebook: head, the three tables in Chinese, broken checks.

    Every text of the source is escaped. A cell's class names its state (``gr-blank``), its title
    gives raw text and place. Colours are set so that both light and dark pages stay readable.
    """
    c = report.completeness
    facts = [report.organ, report.year, report.form, report.published]
    body = [
        f"<style>{_STYLE}</style>",
        f"<p><strong>{_esc(report.title or 'no title')}</strong><br>",
        " · ".join(_esc(str(f)) for f in facts if f is not None),
        f"<br>{c['reported']} of {c['figures']} figures reported, "
        f"{c['holds']} of {c['checks']} checks hold</p>",
        *(_html_table(report, t) for t in report.layout.tables),
        *_html_list("checks broken", broken_in_words(report)),
        *_html_list("findings", [finding_text(f) for f in report.findings if f.code != BROKEN]),
        *(html(o) for o in report.others),
    ]
    return f'<div class="govreport">{"".join(body)}</div>'


def _html_list(head: str, items: Sequence[str]) -> list[str]:
    if not items:
        return []
    lines = "".join(f"<li>{_esc(i)}</li>" for i in items)
    return [f"<p><strong>{head}</strong></p><ul>{lines}</ul>"]


def _html_table(report: Report, table: Table) -> str:
    rows = {PROACTIVE: _html_proactive, REQUESTS: _html_requests, REVIEW: _html_review}
    build = rows.get(table.key, _html_proactive)
    return f"<table><caption>{_esc(table.label)}</caption>{''.join(build(report, table))}</table>"


def _html_proactive(report: Report, table: Table) -> Iterator[str]:
    wide = max(len(b.columns) for b in table.blocks)
    for block in table.blocks:
        yield f'<tr><th colspan="{wide + 1}">{_esc(block.label)}</th></tr>'
        yield f"<tr><th>{_esc(table.words[0])}</th>{_html_heads(block, wide)}</tr>"
        for row in block.data_rows:
            cells = _html_cells(report, table, block, row, wide)
            yield f"<tr><th>{_esc(row.printed)}</th>{cells}</tr>"


def _html_heads(block: Block, wide: int) -> str:
    spare = wide - len(block.columns) + 1
    *first, last = [_esc(c.label) for c in block.columns]
    cells = "".join(f"<th>{x}</th>" for x in first)
    return f'{cells}<th colspan="{spare}">{last}</th>'


def _html_cells(report: Report, table: Table, block: Block, row: Row, wide: int) -> str:
    out = []
    for i, column in enumerate(block.columns):
        span = wide - i if i == len(block.columns) - 1 else 1
        out.append(_html_cell(report[f"{table.key}/{row.key}/{column.key}"], span))
    return "".join(out)


def _html_requests(report: Report, table: Table) -> Iterator[str]:
    for block in table.blocks:
        yield from _html_requests_head(table, block)
        parents = {r.key: r.parent for r in block.rows}
        for row in block.rows:
            depth = 0
            parent = row.parent
            while parent is not None:
                depth += 1
                parent = parents.get(parent)
            lead = "<th></th>" * depth
            if not row.is_data:
                span = 3 - depth + len(block.columns)
                yield f'<tr>{lead}<th colspan="{span}">{_esc(row.printed)}</th></tr>'
                continue
            cells = _html_cells(report, table, block, row, len(block.columns))
            yield f'<tr>{lead}<th colspan="{3 - depth}">{_esc(row.printed)}</th>{cells}</tr>'


def _html_requests_head(table: Table, block: Block) -> Iterator[str]:
    corner, top, group = table.words
    person, *organs, total = [_esc(c.label) for c in block.columns]
    yield (
        f'<tr><th colspan="3" rowspan="3">{_esc(corner)}</th>'
        f'<th colspan="{len(block.columns)}">{_esc(top)}</th></tr>'
    )
    yield (
        f'<tr><th rowspan="2">{person}</th><th colspan="{len(organs)}">{_esc(group)}</th>'
        f'<th rowspan="2">{total}</th></tr>'
    )
    yield f"<tr>{''.join(f'<th>{o}</th>' for o in organs)}</tr>"


def _html_review(report: Report, table: Table) -> Iterator[str]:
    cells: list[str] = []
    heads: list[str] = []
    names: list[str] = []
    for block in table.blocks:
        for row in block.data_rows:
            heads.append(f'<th colspan="{len(block.columns)}">{_esc(row.label)}</th>')
            names += [f"<th>{_esc(c.label)}</th>" for c in block.columns]
            cells.append(_html_cells(report, table, block, row, len(block.columns)))
    yield f"<tr>{''.join(heads)}</tr>"
    yield f"<tr>{''.join(names)}</tr>"
    yield f"<tr>{''.join(cells)}</tr>"


_SIGNS = {
    State.BLANK: "",
    State.DASH: "—",
    State.ABSENT: "",
    State.UNREADABLE: "?",
    State.AMBIGUOUS: "?",
}


def _html_cell(figure: Figure, span: int) -> str:
    name = STATE_WORDS[figure.state][0]
    shown = _SIGNS.get(figure.state, number(figure.value))
    parts = [f"{figure.path}: {name}"]
    if figure.raw is not None:
        parts.append(f"raw “{plain(figure.raw, 80)}”")
    if figure.unit:
        parts.append(figure.unit)
    if figure.locator is not None:
        parts.append(str(figure.locator))
    spans = f' colspan="{span}"' if span > 1 else ""
    return f'<td class="gr-{name}" title="{_esc("; ".join(parts))}"{spans}>{_esc(shown)}</td>'


def _esc(text: str) -> str:
    """Escaped for HTML, controls and surrogates made visible first."""
    return escape(plain(text), quote=True)
