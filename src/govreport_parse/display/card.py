"""The report on one card: plain text of at most 80 display columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from govreport_parse.display.width import WIDTH, pad, plain, right, width, wrap
from govreport_parse.display.words import (
    BROKEN,
    MARKS,
    NONE,
    SEVERITIES,
    broken_in_words,
    finding_text,
    number,
)
from govreport_parse.formbook import PROACTIVE, REQUESTS, REVIEW, Row
from govreport_parse.report import Report
from govreport_parse.values import VALUED, State


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
        return pad(label, 24) + "".join(
            right(cell, len(column[0]) + 2) for cell, column in zip(cells, columns, strict=True)
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
            out += wrap(shown, " " * 22, pad(f"  {plain(row.printed, 18)}", 22))
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
    left = pad("  " + plain(short, 32), 35)
    room = WIDTH - width(left) - width(shown) - 1
    return pad(left + plain(en, room), WIDTH - width(shown)) + shown


def _card_checks(report: Report) -> list[str]:
    c = report.completeness
    if not c["checks"]:
        return ["checks 勾稽关系: the form has none"]
    out = [
        f"checks 勾稽关系: {c['holds']} of {c['checks']} hold, {c['broken']} broken, "
        f"{c['not_checkable']} not checkable"
    ]
    broken = broken_in_words(report)
    for text in broken[:MOST_LISTED]:
        out += wrap(text, "      ", "  ✗ ")
    out += _more(len(broken))
    for suggestion in report.suggestions[:MOST_LISTED]:
        out += wrap(plain(suggestion.reason, 400), "      ", "  → ")
    return out


def _more(n: int) -> list[str]:
    left = n - MOST_LISTED
    return [f"    and {left} more (govreport check lists all)"] if left > 0 else []


MOST_LISTED = 8
"""Broken checks and findings that a card spells out."""


def _card_findings(report: Report) -> list[str]:
    others = [f for f in report.findings if f.code != BROKEN]  # those stand among the checks
    if not others:
        return ["findings 发现: none" + (" but the broken checks" if report.findings else "")]
    counts = Counter(f.severity for f in others)
    summary = ", ".join(f"{counts[s]} {s}" for s in SEVERITIES if counts[s])
    out = [f"findings 发现: {summary}"]
    ranked = sorted(others, key=lambda f: SEVERITIES.index(f.severity))
    for finding in ranked[:MOST_LISTED]:
        out += wrap(finding_text(finding), "      ", f"  {MARKS[finding.severity]} ")
    return [*out, *_more(len(ranked))]
