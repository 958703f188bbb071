"""A report for people: the card, the notebook tables and the paragraph on one figure.

In: a finished ``Report``. Out: text or HTML. Nothing is computed here that the report does not
hold; sums of groups are given only where every part has a number.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from govreport_parse.checks.identities import Outcome
from govreport_parse.formbook import PROACTIVE, REQUESTS, REVIEW, Block, Identity, Row, Table
from govreport_parse.report import Report
from govreport_parse.values import VALUED, CheckState, Figure, Finding, Number, Severity, State

WIDTH = 80
UNDECIDED = "reading or source, undecided"
IN_SOURCE = "in the source: its cells read literally so"
BROKEN = "identity_broken"
"""Code of the finding that says of a broken identity what its cells prove."""
NONE = "—"

STATE_WORDS = {
    State.REPORTED: ("reported", "a number stands in the cell"),
    State.BLANK: ("blank", "the cell is there and holds nothing, which is not 0"),
    State.DASH: ("dash", "the cell holds a sign for nothing, which is not 0"),
    State.UNREADABLE: ("unreadable", "there is something in the cell, but no number"),
    State.ABSENT: ("absent", "its row, column or table was not found, or the source lost the cell"),
    State.AMBIGUOUS: ("ambiguous", "a value was found, but its column is not certain"),
    State.SOLVED: (
        "solved",
        "the source lost its place, and only this value satisfies all identities of the form",
    ),
}
"""State to its name and what it means."""

STATE_ZH = {
    State.REPORTED: "有数值",
    State.BLANK: "空白",
    State.DASH: "横线",
    State.UNREADABLE: "不可读",
    State.ABSENT: "缺失",
    State.AMBIGUOUS: "位置不明",
    State.SOLVED: "推定",
}
HOW_WORDS = {
    "label": "by its label",
    "alias": "by a known variant of its label",
    "fuzzy": "by a label that resembles the form's",
    "position": "by its position between its neighbours",
    "order": "by its place in the order of the form",
}


# -- text width ------------------------------------------------------------------------------------


def width(text: str) -> int:
    """Columns that the text takes on a terminal: wide characters count twice, marks not at all."""
    n = 0
    for ch in text:
        if unicodedata.east_asian_width(ch) in "WF":
            n += 2
        elif not unicodedata.combining(ch):
            n += 1
    return n


def plain(text: str | None, most: int | None = None) -> str:
    """Foreign text on one line: white space folded, control characters shown as ``\\x1b``.

    ``most`` cuts it to that display width with an ellipsis.
    """
    line = " ".join((text or "").split())
    line = "".join(_shown(ch) for ch in line)
    if most is None or width(line) <= most:
        return line
    kept = 0
    for i, ch in enumerate(line):
        kept += width(ch)
        if kept > most - 1:
            return line[:i] + "…"
    return line


def _shown(ch: str) -> str:
    # controls, direction marks, surrogates, private use: none may reach a terminal as they are
    if unicodedata.category(ch) in ("Cc", "Cf", "Cs", "Co", "Cn"):
        return f"\\x{ord(ch):02x}" if ord(ch) < 256 else f"\\u{ord(ch):04x}"
    return ch


def _pad(text: str, to: int) -> str:
    return text + " " * max(0, to - width(text))


def _right(text: str, to: int) -> str:
    return " " * max(0, to - width(text)) + text


def wrap(text: str, indent: str = "", first: str | None = None) -> list[str]:
    """Lines of at most ``WIDTH`` display columns; breaks at blanks and between wide characters.

    ``indent`` opens every line, ``first`` the first one in its place.
    """
    lines: list[str] = []
    line = indent if first is None else first
    empty = True
    for piece in _pieces(text):
        rest = piece
        if not empty and width(line) + width(rest) > WIDTH:
            lines.append(line.rstrip())
            line, empty, rest = indent, True, rest.lstrip()
        while width(line) + width(rest) > WIDTH:  # a word longer than a line
            cut = _cut(rest, WIDTH - width(line))
            lines.append(line + rest[:cut])
            line, rest = indent, rest[cut:]
        line += rest
        empty = False
    return [*lines, line.rstrip()]


def _pieces(text: str) -> Iterator[str]:
    """Words with the blank before them, and wide characters one by one."""
    word = ""
    for ch in text:
        wide = unicodedata.east_asian_width(ch) in "WF"
        if ch == " " or wide:
            if word.strip():
                yield word
                word = ""
            if wide:
                yield word + ch
                word = ""
                continue
        word += ch
    if word.strip():
        yield word


def _cut(text: str, room: int) -> int:
    n = 0
    for i, ch in enumerate(text):
        n += width(ch)
        if n > room:
            return max(1, i)
    return len(text)


# -- numbers ---------------------------------------------------------------------------------------


def number(value: Number | None) -> str:
    """A value as people write it: ``1,234``, ``12.5``."""
    return NONE if value is None else f"{value:,}"


def _shown_figure(report: Report, path: str) -> str:
    """The value, or the name of the state in brackets; a dash where the form has no such figure."""
    i = report.layout.index.get(path)
    if i is None:
        return NONE
    state = report.columns.states[i]
    if state not in VALUED:
        return f"({state})"
    return number(report.columns.values[i])


def _group_sum(report: Report, group: Row) -> str:
    """Sum over the rows of a group in 总计, or how many of them have no number."""
    rows = [r for b in report.layout.table(REQUESTS).blocks for r in b.data_rows]
    paths = [f"{REQUESTS}/{r.key}/total" for r in rows if r.parent == group.key]
    index = report.layout.index
    values = [report.columns.values[index[p]] for p in paths]
    known = [v for v in values if v is not None]
    if len(known) == len(values):
        return number(sum(known))
    return f"({len(values) - len(known)} of {len(values)} no number)"


# -- card ------------------------------------------------------------------------------------------


def card(report: Report) -> str:
    """The report on one card: plain text, at most 80 display columns, lines ended by ``\\n``.

    Who, when and from where; how many figures of each table are in which state; the main numbers;
    the checks with the broken ones spelled out; the findings. Further reports of the same document
    follow as cards of their own.
    """
    lines = [
        "═" * WIDTH,
        *wrap(plain(report.title) or "(no title / 无标题)"),
        "─" * WIDTH,
        *_card_head(report),
    ]
    if report.layout.figures:
        lines += ["", *_card_states(report)]
    tables = {t.key for t in report.layout.tables}
    if PROACTIVE in tables:
        lines += ["", *_card_proactive(report)]
    if REQUESTS in tables:
        lines += ["", *_card_numbers(report)]
    lines += ["", *_card_checks(report), *_card_findings(report), "═" * WIDTH]
    text = "\n".join(lines)
    return "\n\n".join([text, *(card(o) for o in report.others)])


def _card_head(report: Report) -> list[str]:
    source = report.source
    read = [
        source.media_type,
        source.encoding or "",
        f"{source.bytes:,} bytes",
    ]
    pairs = [
        ("organ", "机关", _with_source(report.organ, report.organ_source)),
        ("year", "年度", _with_source(report.year, report.year_source)),
        ("published", "发布", _with_source(report.published, report.published_source)),
        ("form", "格式", _card_form(report)),
        ("source", "来源", f"{plain(source.name)} ({', '.join(r for r in read if r)})"),
    ]
    if report.division_code:
        code = _with_source(report.division_code, report.division_source)
        pairs.insert(1, ("division", "区划", code))
    if source.url:
        pairs.append(("url", "网址", plain(source.url)))
    pairs.append(("report id", "编号", report.report_id))
    out: list[str] = []
    for en, zh, text in pairs:
        out += wrap(text, " " * 17, f"{en:<11}{zh}  ")
    return out


def _with_source(value: object, source: str | None) -> str:
    if value is None:
        return "not stated / 未注明"
    return plain(str(value)) + (f"  (from: {plain(source)})" if source else "")


def _card_form(report: Report) -> str:
    if report.form != "mixed":
        return report.form
    return "mixed: " + ", ".join(f"{t} {f}" for t, f in report.forms.items())


_STATE_COLUMNS = (
    ("reported", "有数", (State.REPORTED,)),
    ("solved", "推定", (State.SOLVED,)),
    ("blank", "空白", (State.BLANK,)),
    ("dash", "横线", (State.DASH,)),
    ("unsure", "存疑", (State.UNREADABLE, State.AMBIGUOUS)),
    ("absent", "缺失", (State.ABSENT,)),
)
"""The card's columns of states: English name, Chinese name, states counted in it."""


def _card_states(report: Report) -> list[str]:
    columns = [("figures", "指标", tuple(State)), *_STATE_COLUMNS]

    def line(label: str, cells: Iterable[str]) -> str:
        # column widths: the English name and two blanks
        return _pad(label, 24) + "".join(
            _right(cell, len(column[0]) + 2) for cell, column in zip(cells, columns, strict=True)
        )

    out = [line("", (c[0] for c in columns)), line("", (c[1] for c in columns))]
    for table in report.layout.tables:
        start = report.layout.offsets[table.key]
        counts = Counter(report.columns.states[start : start + len(table.figures)])
        numbers = (sum(counts[s] for s in states) for _, _, states in columns)
        out.append(line(plain(table.label_en, 23), (str(n) if n else "." for n in numbers)))
    return out


def _card_proactive(report: Report) -> list[str]:
    table = report.layout.table(PROACTIVE)
    out = [f"{table.label} / {table.label_en}"]
    for block in table.blocks:
        for row in block.data_rows:
            shown = " · ".join(
                f"{c.label_en} {_shown_figure(report, f'{PROACTIVE}/{row.key}/{c.key}')}"
                for c in block.columns
            )
            out += wrap(shown, " " * 22, _pad(f"  {plain(row.printed, 18)}", 22))
    return out


def _card_numbers(report: Report) -> list[str]:
    table = report.layout.table(REQUESTS)
    entries: list[tuple[str, str, str]] = []
    for row in table.rows:
        if row.parent is None and row.is_data:
            entries.append((row.printed, row.label_en, _shown_figure(report, _total(row))))
        elif row.parent == "outcomes":
            shown = _shown_figure(report, _total(row)) if row.is_data else _group_sum(report, row)
            entries.append((row.printed, row.label_en, shown))
    out = [f"{table.label} / {table.label_en}, 总计 total"]
    out += [_number_line(zh, en, shown) for zh, en, shown in entries]
    if any(t.key == REVIEW for t in report.layout.tables):
        review = report.layout.table(REVIEW)
        out += ["", f"{review.label} / {review.label_en}, 总计"]
        for row in review.rows:
            shown = _shown_figure(report, f"{REVIEW}/{row.key}/total")
            out.append(_number_line(row.label, row.label_en, shown))
    return out


def _total(row: Row) -> str:
    return f"{REQUESTS}/{row.key}/total"


def _number_line(zh: str, en: str, shown: str) -> str:
    short = zh.partition("（区分")[0]  # the form's own remark on partial grants
    left = _pad("  " + plain(short, 32), 35)
    room = WIDTH - width(left) - width(shown) - 1
    return _pad(left + plain(en, room), WIDTH - width(shown)) + shown


def _card_checks(report: Report) -> list[str]:
    c = report.completeness
    if not c["checks"]:
        return ["checks 勾稽关系: the form has none"]
    out = [
        f"checks 勾稽关系: {c['holds']} of {c['checks']} hold, {c['broken']} broken, "
        f"{c['not_checkable']} not checkable"
    ]
    broken = _broken(report)
    for text in broken[:MOST_LISTED]:
        out += wrap(text, "      ", "  ✗ ")
    return [*out, *_more(len(broken))]


def _more(n: int) -> list[str]:
    left = n - MOST_LISTED
    return [f"    and {left} more (govreport check lists all)"] if left > 0 else []


def _identities(report: Report, state: CheckState) -> Iterator[tuple[Identity, Outcome]]:
    for identity, outcome in zip(report.layout.identities, report.outcomes, strict=True):
        if outcome.state is state:
            yield identity, outcome


_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
MOST_LISTED = 8
"""Broken checks and findings that a card spells out."""


def _card_findings(report: Report) -> list[str]:
    others = [f for f in report.findings if f.code != BROKEN]  # those stand among the checks
    if not others:
        return ["findings 发现: none" + (" but the broken checks" if report.findings else "")]
    counts = Counter(f.severity for f in others)
    summary = ", ".join(f"{counts[s]} {s}" for s in _SEVERITIES if counts[s])
    out = [f"findings 发现: {summary}"]
    ranked = sorted(others, key=lambda f: _SEVERITIES.index(f.severity))
    for finding in ranked[:MOST_LISTED]:
        out += wrap(_finding_text(finding), "      ", f"  {_MARKS[finding.severity]} ")
    return [*out, *_more(len(ranked))]


_MARKS = {"error": "✗", "warning": "!", "info": "·"}


def _finding_text(finding: Finding) -> str:
    where = f" [{plain(str(finding.locator))}]" if finding.locator else ""
    return plain(f"{finding.code}: {finding.message}", 320) + where


# -- checks in words -------------------------------------------------------------------------------


def in_words(report: Report, identity: Identity, outcome: Outcome) -> str:
    """One identity with both sides in words: ``t4_review_total: 行政复议 ... add up to 11 ...``."""
    specs = report.layout.figures
    index = report.layout.index
    found = specs[index[identity.found[0]]]
    if identity.kind == "balance":
        column = found.column
        text = (
            f"column {column.label} ({column.label_en}): received + carried in = "
            f"{_side(outcome.expected)}, outcomes + carried forward = {_side(outcome.found)}"
        )
    elif identity.kind == "sum" and found.table == REQUESTS:
        column = found.column
        text = (
            f"column {column.label} ({column.label_en}): the {len(identity.expected)} outcome rows"
            f" add up to {_side(outcome.expected)}, {found.row.printed} is {_side(outcome.found)}"
        )
    else:
        row = found.row
        text = (
            f"row {row.printed} ({row.label_en}): its {len(identity.expected)} parts add up to "
            f"{_side(outcome.expected)}, {found.column.label} is {_side(outcome.found)}"
        )
    return f"{identity.id}, {text}"


def _side(value: int | None) -> str:
    return "not known" if value is None else number(value)


_CHECK_MARKS = {CheckState.HOLDS: "✓", CheckState.BROKEN: "✗", CheckState.NOT_CHECKABLE: "?"}


def check_lines(report: Report, *, everything: bool = False) -> list[str]:
    """Identities in words, the broken ones first, then what can't be checked, then findings.

    ``everything`` adds those that hold.
    """
    out: list[str] = []
    for state in (CheckState.BROKEN, CheckState.NOT_CHECKABLE, CheckState.HOLDS):
        if state is CheckState.HOLDS and not everything:
            continue
        for identity, outcome in _identities(report, state):
            text = in_words(report, identity, outcome)
            if state is CheckState.BROKEN:
                text += f" ({verdict(report, identity)})"
            out += wrap(text, "      ", f"  {_CHECK_MARKS[state]} ")
    for finding in sorted(report.findings, key=lambda f: _SEVERITIES.index(f.severity)):
        if finding.code != BROKEN:
            out += wrap(_finding_text(finding), "      ", f"  {_MARKS[finding.severity]} ")
    return out


def verdict(report: Report, identity: Identity) -> str:
    """Where the fault of a broken identity lies, as far as its finding says that cells prove it."""
    finding = _finding_of(report, identity)
    proved = finding is not None and dict(finding.detail).get("verdict") == "source"
    return IN_SOURCE if proved else UNDECIDED


def _finding_of(report: Report, identity: Identity) -> Finding | None:
    figures = identity.expected + identity.found
    for finding in report.findings:
        if finding.code == BROKEN and finding.figures == figures:
            return finding
    return None


# -- one figure ------------------------------------------------------------------------------------


def explain(report: Report, path: str) -> str:
    """One paragraph on one figure: value, state, raw text, place, row match, repairs, checks.

    Raises ``UsageError`` for a path that the report's form does not have, with the nearest one.
    """
    figure = report[path]
    spec = report.layout.figures[report.layout.index[path]]
    name, meaning = STATE_WORDS[figure.state]
    value = "no value" if figure.value is None else number(figure.value)
    unit = f" {figure.unit}" if figure.unit and figure.value is not None else ""
    parts = [
        f"{path} ({spec.label}; {spec.label_en}): {value}{unit}.",
        f"State {name} ({STATE_ZH[figure.state]}): {meaning}.",
        _explain_cell(figure),
        _explain_match(report, figure),
        _explain_repairs(figure),
        *_explain_checks(report, path),
        *_explain_findings(report, path),
    ]
    return " ".join(p for p in parts if p)


def _explain_cell(figure: Figure) -> str:
    place = f" at {plain(str(figure.locator))}" if figure.locator else ""
    if figure.raw is None:
        return f"Its place is{place}." if place else "No cell was found for it."
    if not figure.raw.strip():
        return f"The cell{place} is empty."
    return f"The cell{place} reads “{plain(figure.raw, 200)}”."


def _explain_match(report: Report, figure: Figure) -> str:
    match = report.rows.get((figure.table, figure.row))
    if match is None:
        return "" if figure.state is not State.ABSENT else "Its row was not found in the source."
    how = HOW_WORDS.get(match.how, match.how)
    at = f" at {plain(str(match.locator))}" if match.locator else ""
    label = f" “{plain(match.label, 120)}”" if match.label.strip() else ""
    return f"Its row was found {how}{label}{at}."


def _explain_repairs(figure: Figure) -> str:
    if not figure.repairs:
        return ""
    made = "; ".join(
        f"{r.kind}: “{plain(r.before, 60)}” to “{plain(r.after, 60)}”" for r in figure.repairs
    )
    return f"To read it the text was changed ({made})."


def _explain_checks(report: Report, path: str) -> list[str]:
    texts = []
    for identity, outcome in zip(report.layout.identities, report.outcomes, strict=True):
        if path in identity.expected or path in identity.found:
            words = in_words(report, identity, outcome)
            if outcome.state is CheckState.HOLDS:
                texts.append(f"{words}; holds.")
            elif outcome.state is CheckState.BROKEN:
                texts.append(f"{words}; broken ({verdict(report, identity)}).")
            else:
                texts.append(f"{words}; not checkable.")
    if not texts:
        return ["No identity of the form speaks of it."]
    count = "one check" if len(texts) == 1 else f"{len(texts)} checks"
    return [f"It is in {count}:", *texts]


def _explain_findings(report: Report, path: str) -> Iterable[str]:
    for finding in report.findings:
        if path in finding.figures and finding.code != BROKEN:
            yield f"Finding {_finding_text(finding)}."


# -- notebook --------------------------------------------------------------------------------------

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
        *_html_list("checks broken", _broken(report)),
        *_html_list("findings", [_finding_text(f) for f in report.findings if f.code != BROKEN]),
        *(html(o) for o in report.others),
    ]
    return f'<div class="govreport">{"".join(body)}</div>'


def _broken(report: Report) -> list[str]:
    return [
        f"{in_words(report, i, o)} ({verdict(report, i)})"
        for i, o in _identities(report, CheckState.BROKEN)
    ]


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
