"""What reports print in the cells (domain guide 2.3; evidence c): one test each.

A cell is changed in a report whose other figures are known; the changed figure must read as said
here and all others as before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from govreport_parse.parsing import parse
from govreport_parse.report import Report
from govreport_parse.testing import (
    Record,
    glossed,
    grids_of,
    record_of,
    render_html,
    render_text,
)
from govreport_parse.testing.grids import Grid
from govreport_parse.testing.script import on_text
from govreport_parse.values import Number, State

PD, RQ, RL = "proactive_disclosure", "requests", "review_and_litigation"
FORM_2019 = "ogi_annual_2019"
REPORTED, BLANK, DASH = State.REPORTED, State.BLANK, State.DASH
UNREADABLE = State.UNREADABLE

Answer = tuple[Number | None, State, str | None]
"""Value, state, unit."""

Document = Callable[[Record, tuple[Grid, ...]], str]
AS: Mapping[str, Document] = {
    "html": lambda r, g: render_html(r, "clean", grids=g).text,
    "paragraph_cells": lambda r, g: render_html(r, "paragraphs", grids=g).text,
    "full_grid": lambda r, g: render_text(r, "D2", grids=g).text,
    "bars": lambda r, g: render_text(r, "B", grids=g).text,
    "a_value_a_line": lambda r, g: render_text(r, "F", grids=g).text,
}
HTML = ("html", "paragraph_cells")
every_document = pytest.mark.parametrize("kind", AS)

ISSUED = f"{PD}/normative_documents/issued"
LICENSING = f"{PD}/licensing/decisions"
FEES = f"{PD}/administrative_fees/amount"
GRANTED = f"{RQ}/granted/natural_person"
CHANGE = f"{PD}/licensing/items_change"
PROCUREMENT = f"{PD}/government_procurement/amount"

TOWN: dict[str, Number] = {
    ISSUED: 22,
    f"{PD}/normative_documents/repealed": 7,
    f"{PD}/normative_documents/in_force": 55,
    LICENSING: 14,
    FEES: Decimal("3.5"),
    f"{RQ}/requests_received/natural_person": 26,
    f"{RQ}/requests_received/total": 26,
    GRANTED: 26,
    f"{RQ}/granted/total": 26,
    f"{RQ}/outcomes_total/natural_person": 26,
    f"{RQ}/outcomes_total/total": 26,
    f"{RL}/review/upheld": 2,
    f"{RL}/review/total": 2,
}
TOWN_2019: dict[str, Number] = {
    **{p: n for p, n in TOWN.items() if not p.startswith(PD)},
    f"{PD}/normative_documents/published_total": 55,
    f"{PD}/licensing/items_prior_year": 62,
    CHANGE: 4,
    f"{PD}/licensing/decisions": 907,
    f"{PD}/government_procurement/projects": 3,
    PROCUREMENT: 8040,
}


def town(form: str = "ogi_annual_2021") -> Record:
    return record_of(TOWN_2019 if form == FORM_2019 else TOWN, form=form)


def printed(record: Record, cells: Mapping[str, str]) -> tuple[Grid, ...]:
    """The tables with other texts in some cells."""
    unknown = set(cells) - set(record.cells)
    assert not unknown
    return tuple(
        g.with_rows(
            tuple(replace(c, text=cells.get(c.path or "", c.text)) for c in r) for r in g.rows
        )
        for g in grids_of(record)
    )


def read(kind: str, record: Record, cells: Mapping[str, str]) -> Report:
    return parse(AS[kind](record, printed(record, cells)))


def assert_only(report: Report, record: Record, answers: Mapping[str, Answer]) -> None:
    """The answers are given, and every other figure is as printed."""
    for path, (value, state, unit) in answers.items():
        figure = report[path]
        assert (figure.value, figure.state, figure.unit) == (value, state, unit), path
    others = {f.path: f.value for f in report if f.path not in answers}
    assert others == {p: c.value for p, c in record.cells.items() if p not in answers}


# -- counts ----------------------------------------------------------------------------------------

COUNTS: list[tuple[str, Answer]] = [
    ("       14", (14, REPORTED, "件")),
    ("14\u3000", (14, REPORTED, "件")),
    ("１４", (14, REPORTED, "件")),
    ("1,207", (1207, REPORTED, "件")),
    ("14 069", (14069, REPORTED, "件")),
    ("14\xa0069", (14069, REPORTED, "件")),
    ("26件", (26, REPORTED, "件")),
    ("26 件", (26, REPORTED, "件")),
    ("26项", (26, REPORTED, "项")),
    ("二十六", (26, REPORTED, "件")),
    ("一百二十", (120, REPORTED, "件")),
    ("22（其中修订16件）", (22, REPORTED, "件")),
    ("55(含自然失效29件)", (55, REPORTED, "件")),
    ("14.0", (14, REPORTED, "件")),
    ("-", (None, DASH, "件")),
    ("—", (None, DASH, "件")),
    ("——", (None, DASH, "件")),
    ("/", (None, DASH, "件")),
    ("／", (None, DASH, "件")),
    ("无", (None, DASH, "件")),
    ("無", (None, DASH, "件")),
    ("空", (None, DASH, "件")),
    ("1234567", (1234567, REPORTED, "件")),
]


@every_document
@pytest.mark.parametrize(("text", "answer"), COUNTS, ids=[t for t, _ in COUNTS])
def test_a_count_in_table_2(text: str, answer: Answer, kind: str) -> None:
    record = town()
    report = read(kind, record, {LICENSING: text})
    assert_only(report, record, {LICENSING: answer})
    assert report[LICENSING].raw is not None
    assert report[LICENSING].raw.strip() == text.strip()


@every_document
@pytest.mark.parametrize(
    ("text", "answer"),
    [(t, a) for t, a in COUNTS if t not in ("14.0",)],
    ids=[t for t, _ in COUNTS if t not in ("14.0",)],
)
def test_a_count_in_a_row_of_three(text: str, answer: Answer, kind: str) -> None:
    record = town()
    assert_only(read(kind, record, {ISSUED: text}), record, {ISSUED: answer})


@every_document
@pytest.mark.parametrize(("text", "answer"), COUNTS, ids=[t for t, _ in COUNTS])
def test_a_count_in_a_row_of_seven(text: str, answer: Answer, kind: str) -> None:
    record = town()
    assert_only(read(kind, record, {GRANTED: text}), record, {GRANTED: answer})


@every_document
@pytest.mark.parametrize(("text", "answer"), COUNTS, ids=[t for t, _ in COUNTS])
def test_a_count_in_table_4(text: str, answer: Answer, kind: str) -> None:
    record = town()
    path = f"{RL}/litigation_direct/corrected"
    assert_only(read(kind, record, {path: text}), record, {path: answer})


@pytest.mark.parametrize("kind", [*HTML, "full_grid"])
@pytest.mark.parametrize("text", ["", " ", "\xa0", "\u3000", "\u3000\xa0 "])
def test_blank_cells_of_every_kind_are_blank_and_never_0(text: str, kind: str) -> None:
    record = town()
    for path in (ISSUED, GRANTED, f"{RL}/review/corrected"):
        report = read(kind, record, {path: text})
        assert_only(report, record, {path: (None, BLANK, "件")})


@pytest.mark.parametrize("kind", ["bars", "a_value_a_line"])
def test_a_blank_that_a_text_lost_leaves_its_row_open(kind: str) -> None:
    """The row shows six numbers for seven places: none of them may be read by position."""
    record = town()
    report = read(kind, record, {f"{RQ}/requests_carried_in/business": ""})
    for figure in report:
        if "/requests_carried_in/" in figure.path:
            assert figure.value in (None, 0)
            assert figure.state is not REPORTED
        else:
            assert figure.value == record.cells[figure.path].value


@pytest.mark.parametrize("kind", [*HTML, "full_grid"])
@pytest.mark.parametrize(
    "text", ["若干", "见附件", "1 2", "00", "007", "1,23", "5-7", "约20", "14元", "3e5", "1" * 5000]
)
def test_ink_that_is_no_number_is_unreadable_and_kept(text: str, kind: str) -> None:
    if kind == "full_grid" and len(text) > 100:
        pytest.skip("no text is searched so far for the end of a row")
    record = town()
    report = read(kind, record, {GRANTED: text})
    assert_only(report, record, {GRANTED: (None, UNREADABLE, "件")})
    assert report[GRANTED].raw == text
    assert "cell_unreadable" in {f.code for f in report.findings}


@pytest.mark.parametrize("kind", ["full_grid", "bars", "a_value_a_line"])
@pytest.mark.parametrize("text", ["若干", "1 2", "00", "1,23", "14元"])
def test_ink_that_is_no_number_never_becomes_one_in_text(text: str, kind: str) -> None:
    record = town()
    report = read(kind, record, {GRANTED: text})
    assert report[GRANTED].value in (None, 26)
    if report[GRANTED].value == 26:
        assert report[GRANTED].state is State.SOLVED
    for figure in report:
        if "/granted/" not in figure.path:
            assert figure.value == record.cells[figure.path].value
        else:
            assert figure.value in (None, record.cells[figure.path].value)


@pytest.mark.parametrize("kind", [*HTML, "full_grid", "bars"])
@pytest.mark.parametrize("text", ["不适用", "见附件", "26(5)", "约26"])
@pytest.mark.parametrize("row", ["requests/requests_received", "requests/granted"])
def test_a_row_that_begins_with_ink_is_never_blank(row: str, text: str, kind: str) -> None:
    """Text readers once took the places before the first number-like cell for a blank row."""
    record = town()
    paths = [p for p in record.cells if p.startswith(f"{row}/")]
    report = read(kind, record, dict.fromkeys(paths, text))
    for path in paths:
        assert report[path].state in (UNREADABLE, State.AMBIGUOUS), path
        assert report[path].raw == text
    assert {f.value for f in report if f.path not in paths} <= {
        c.value for c in record.cells.values()
    }


@pytest.mark.parametrize(
    ("text", "kind"), [*(("5(3)", k) for k in (*HTML, "full_grid")), ("见附件", "full_grid")]
)
def test_ink_in_table_4_leaves_its_other_figures(text: str, kind: str) -> None:
    record = town()
    path = f"{RL}/review/upheld"
    report = read(kind, record, {path: text})
    assert_only(report, record, {path: (None, UNREADABLE, "件")})


@pytest.mark.parametrize("dialect", ["B", "C", "D", "D1", "D2", "E", "F", "spaces", "tabs"])
@pytest.mark.parametrize("text", ["1、2", "约7", "见附件"])
@pytest.mark.parametrize("column", ["natural_person", "business", "other_org"])
def test_ink_in_every_row_moves_no_number(column: str, text: str, dialect: str) -> None:
    """Two blank places of the label's cell and the five before the ink are not seven cells."""
    record = town()
    cells = {p: text for p in record.cells if p.startswith(RQ) and p.endswith(f"/{column}")}
    report = parse(render_text(record, dialect, grids=printed(record, cells)).text)
    for path, cell in record.cells.items():
        figure = report[path]
        if path in cells:
            assert figure.value is None or figure.state is State.SOLVED, path
            assert figure.state not in (BLANK, DASH), path
        else:
            assert figure.value in (None, cell.value), path
            assert figure.state not in (BLANK, DASH), path


# -- amounts ---------------------------------------------------------------------------------------

AMOUNTS: list[tuple[str, str, str | None]] = [
    # cell, amount, unit
    ("282.1", "282.1", "万元"),
    ("24252.311082", "24252.311082", "万元"),
    ("160.5964万元", "160.5964", "万元"),
    ("251000元", "251000", "元"),
    ("75394432.52元", "75394432.52", "元"),
    ("251000 元", "251000", "元"),
    ("7,539.4", "7539.4", "万元"),
    ("２５．１", "25.1", "万元"),
    ("1.2亿元", "1.2", "亿元"),
    ("172", "172", "万元"),
]


@every_document
@pytest.mark.parametrize(("text", "amount", "unit"), AMOUNTS, ids=[t for t, *_ in AMOUNTS])
def test_fees_keep_their_decimals_and_the_unit_that_the_cell_states(
    text: str, amount: str, unit: str, kind: str
) -> None:
    record = town()
    report = read(kind, record, {FEES: text})
    assert_only(report, record, {FEES: (Decimal(amount), REPORTED, unit)})
    assert ("unit_in_cell" in {f.code for f in report.findings}) is (unit != "万元")


@every_document
def test_procurement_without_a_unit_stays_without_one(kind: str) -> None:
    record = town(FORM_2019)
    report = read(kind, record, {})
    assert_only(report, record, {PROCUREMENT: (Decimal(8040), REPORTED, None)})


@every_document
def test_procurement_in_yuan_is_in_yuan(kind: str) -> None:
    record = town(FORM_2019)
    report = read(kind, record, {PROCUREMENT: "152790元"})
    assert_only(report, record, {PROCUREMENT: (Decimal(152790), REPORTED, "元")})


def test_yuan_in_the_column_of_wan_yuan_is_not_converted_silently() -> None:
    """251000 in the 万元 column stays what is printed: 25.1 would be a guess."""
    record = town()
    report = read("html", record, {FEES: "251000"})
    assert_only(report, record, {FEES: (Decimal(251000), REPORTED, "万元")})


# -- changes ---------------------------------------------------------------------------------------


@every_document
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-18", -18),
        ("－18", -18),
        ("−15", -15),
        ("+3", 3),
        ("＋3", 3),
        ("减4", -4),
        ("减少4", -4),
        ("增12", 12),
        ("增加12", 12),
        ("減4", -4),
        ("0", 0),
    ],
)
def test_signed_changes(text: str, value: int, kind: str) -> None:
    record = town(FORM_2019)
    report = read(kind, record, {CHANGE: text})
    assert_only(report, record, {CHANGE: (value, REPORTED, "项")})


@pytest.mark.parametrize("kind", HTML)
@pytest.mark.parametrize("text", ["-18", "减4", "+3"])
def test_a_sign_where_the_form_has_none_is_unreadable(text: str, kind: str) -> None:
    record = town()
    assert_only(read(kind, record, {GRANTED: text}), record, {GRANTED: (None, UNREADABLE, "件")})


# -- what an NBSP became on mirror hosts -----------------------------------------------------------


def _mirrored(page: str, kind: str) -> str:
    """The page as a mirror host shows it: traditional script, pinyin behind some characters."""
    return on_text(page, glossed) if kind in HTML else glossed(page)


@every_document
@pytest.mark.parametrize("text", ["?14", "14?", "? 14", "14??"])
def test_question_marks_beside_a_value_on_a_mirror(text: str, kind: str) -> None:
    record = town()
    page = _mirrored(AS[kind](record, printed(record, {LICENSING: text})), kind)
    report = parse(page)
    assert_only(report, record, {LICENSING: (14, REPORTED, "件")})


@pytest.mark.parametrize("kind", HTML)
def test_a_question_mark_instead_of_a_value_on_a_mirror_is_a_blank(kind: str) -> None:
    record = town()
    page = _mirrored(AS[kind](record, printed(record, {GRANTED: "?", ISSUED: "??"})), kind)
    report = parse(page)
    answers: dict[str, Answer] = {GRANTED: (None, BLANK, "件"), ISSUED: (None, BLANK, "件")}
    assert_only(report, record, answers)


@pytest.mark.parametrize("kind", HTML)
def test_a_question_mark_elsewhere_is_ink(kind: str) -> None:
    """Only a mirror host turns blanks into ``?``; on other pages it is an open question."""
    record = town()
    report = read(kind, record, {GRANTED: "26?"})
    assert_only(report, record, {GRANTED: (None, UNREADABLE, "件")})


# -- notes -----------------------------------------------------------------------------------------


def test_a_note_that_fell_out_of_its_row_never_moves_a_number() -> None:
    """In a PDF's text 22（其中修订16件） leaves two numbers for three columns, and a line."""
    record = town()
    text = render_text(record, "spaces").text
    row = "行政规范性文件 22 7 55"
    assert row in text
    report = parse(text.replace(row, "行政规范性文件 7 55\n22（其中修订16件）"))
    for column, value in (("issued", 22), ("repealed", 7), ("in_force", 55)):
        figure = report[f"{PD}/normative_documents/{column}"]
        assert figure.value in (None, value)
    others = {f.path: f.value for f in report if "/normative_documents/" not in f.path}
    assert others == {
        p: c.value for p, c in record.cells.items() if "/normative_documents/" not in p
    }


@every_document
def test_every_cell_blank_gives_no_zero_anywhere(kind: str) -> None:
    record = record_of({}, style="blank_zeros")
    report = parse(AS[kind](record, grids_of(record)))
    assert {f.value for f in report} == {None}
    assert {f.state for f in report} <= {BLANK, State.ABSENT}
    if kind in (*HTML, "full_grid"):
        assert {f.state for f in report} == {BLANK}
        assert "all_blank" in {f.code for f in report.findings}
    assert all(c.state != "broken" for c in report.checks)


@every_document
def test_every_cell_a_dash_gives_no_zero_anywhere(kind: str) -> None:
    record = record_of({}, style="slashes")
    report = parse(AS[kind](record, grids_of(record)))
    assert {(f.value, f.state) for f in report} == {(None, DASH)}
