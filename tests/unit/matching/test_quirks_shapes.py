"""Tables in the shapes that pages and extractors give them (domain guide 2.1; evidence a, c, e)."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from govreport_parse.parsing import parse
from govreport_parse.report import Report
from govreport_parse.testing import (
    DIALECTS,
    LAYOUTS,
    Record,
    grids_of,
    judge,
    random_record,
    record_of,
    render_html,
    render_text,
)
from govreport_parse.testing.grids import Grid, GridCell, Rendered
from govreport_parse.testing.spans import cut
from govreport_parse.values import CheckState, Number, State

PD, RQ, RL = "proactive_disclosure", "requests", "review_and_litigation"
FORM_2021, FORM_2019, HYBRID = "ogi_annual_2021", "ogi_annual_2019", "hybrid"
FORMS = (FORM_2021, FORM_2019, HYBRID)

COUNTY: dict[str, Number] = {
    f"{PD}/normative_documents/issued": 4,
    f"{PD}/normative_documents/repealed": 2,
    f"{PD}/normative_documents/in_force": 61,
    f"{PD}/licensing/decisions": 14069,
    f"{PD}/penalties/decisions": 348,
    f"{RQ}/requests_received/natural_person": 30,
    f"{RQ}/requests_received/business": 5,
    f"{RQ}/requests_received/total": 35,
    f"{RQ}/requests_carried_in/natural_person": 2,
    f"{RQ}/requests_carried_in/total": 2,
    f"{RQ}/granted/natural_person": 22,
    f"{RQ}/granted/business": 3,
    f"{RQ}/granted/total": 25,
    f"{RQ}/not_held/natural_person": 7,
    f"{RQ}/not_held/business": 2,
    f"{RQ}/not_held/total": 9,
    f"{RQ}/repeated_request/natural_person": 1,
    f"{RQ}/repeated_request/total": 1,
    f"{RQ}/outcomes_total/natural_person": 30,
    f"{RQ}/outcomes_total/business": 5,
    f"{RQ}/outcomes_total/total": 35,
    f"{RQ}/carried_forward/natural_person": 2,
    f"{RQ}/carried_forward/total": 2,
    f"{RL}/review/upheld": 3,
    f"{RL}/review/corrected": 1,
    f"{RL}/review/total": 4,
    f"{RL}/litigation_after_review/pending": 2,
    f"{RL}/litigation_after_review/total": 2,
}


def county() -> Record:
    return record_of(COUNTY)


def drawn(form: str = FORM_2021, seed: int = 31, **more: str) -> Record:
    return random_record(random.Random(seed), form, "county", **more)


def assert_honest(report: Report, rendered: Rendered) -> None:
    figures = {f.path: (f.state, f.value) for f in report}
    assert judge(rendered.expected, figures) == []


def assert_values(report: Report, record: Record) -> None:
    assert {f.path: f.value for f in report} == record.values()


def assert_no_number_is_wrong(report: Report, record: Record) -> None:
    wrong = [f for f in report if f.value is not None and f.value != record.cells[f.path].value]
    assert wrong == []


def codes(report: Report) -> set[str]:
    return {f.code for f in report.findings}


# -- every layout and every dialect ----------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("style", ["plain", "blank_zeros", "blank_totals", "dashes"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_page_in_any_layout_is_read_as_far_as_it_shows(
    layout: str, style: str, form: str
) -> None:
    rendered = render_html(drawn(form, style=style), layout)
    assert_honest(parse(rendered.text), rendered)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("markup", ["td", "p"])
@pytest.mark.parametrize("style", ["plain", "blank_zeros", "dashes"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_text_in_any_dialect_is_read_as_far_as_it_shows(
    dialect: str, style: str, markup: str, form: str
) -> None:
    rendered = render_text(drawn(form, style=style), dialect, blank_markup=markup)  # type: ignore[arg-type]
    assert_honest(parse(rendered.text), rendered)


@pytest.mark.parametrize(
    "dialect",
    [d for d in DIALECTS if d not in ("concat", "concat_line", "dedup")],
)
def test_a_text_without_blanks_gives_every_figure(dialect: str) -> None:
    record = drawn()
    assert_values(parse(render_text(record, dialect).text), record)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_page_gives_every_figure(layout: str) -> None:
    record = drawn()
    assert_values(parse(render_html(record, layout).text), record)


# -- spans -----------------------------------------------------------------------------------------


def test_applicants_over_eight_grid_columns_for_seven_figures() -> None:
    page = render_html(county(), "eight_columns").text
    assert 'colspan="8"' in page
    assert_values(parse(page), county())


def test_natural_persons_and_businesses_both_over_two_grid_columns() -> None:
    """自然人 spans two in the header, 商业企业 two in the rows: the order of cells is right."""
    assert_values(parse(render_html(county(), "shifted_spans").text), county())


def test_table_2_of_2019_with_other_spans_in_header_and_rows() -> None:
    """Header 1, 1, 2, 1 over figures 1, 2, 1, 1: read by order of cells."""
    record = drawn(FORM_2019)
    page = render_html(record, "shifted_spans").text
    assert re.search(
        r'<td>信息内容</td><td>上一年项目数量</td><td colspan="2">本年增/减</td>', page
    )
    assert_values(parse(page), record)


@pytest.mark.parametrize("layout", ["clean", "paragraphs", "one_table"])
def test_total_column_left_blank_on_all_result_rows(layout: str) -> None:
    """上海市政府办公厅 2019: the totals are blank, nothing else moves, their sums stay open."""
    record = record_of(COUNTY, style="blank_totals")
    report = parse(render_html(record, layout).text)
    assert_values(report, record)
    assert report[f"{RQ}/granted/total"].state is State.BLANK
    assert report[f"{RQ}/outcomes_total/total"].value == 35
    states = {c.scope: c.state for c in report.checks if c.id == "row_total"}
    by_figures = {c.figures[-1]: c.state for c in report.checks if len(c.figures) == 7}
    assert by_figures[f"{RQ}/granted/total"] is CheckState.NOT_CHECKABLE, states
    assert by_figures[f"{RQ}/requests_received/total"] is CheckState.HOLDS
    assert not any(c.state is CheckState.BROKEN for c in report.checks)


# -- two tables of a kind --------------------------------------------------------------------------


def _tables(page: str) -> list[str]:
    return re.findall(r"<table.*?</table>", page, re.S)


def test_a_table_printed_twice_with_the_same_numbers_is_read_once() -> None:
    page = render_html(county(), "clean").text
    requests = _tables(page)[1]
    report = parse(page.replace(requests, requests + "<p>附：</p>" + requests))
    assert_values(report, county())


def test_two_tables_of_a_kind_with_other_numbers_never_mix() -> None:
    """A second table 3 (another organ's) is no part of the first, and the longer doesn't win."""
    other = record_of({f"{RQ}/granted/natural_person": 88, f"{RQ}/granted/total": 88})
    page = render_html(county(), "clean").text
    requests = _tables(page)[1]
    second = _tables(render_html(other, "clean").text)[1]
    report = parse(page.replace(requests, requests + "<p>另附：</p>" + second))
    assert_no_number_is_wrong(report, county())
    assert report[f"{RQ}/granted/natural_person"].value in (22, None)


def test_two_tables_2_with_other_numbers_leave_the_differing_rows_ambiguous() -> None:
    other = record_of({**COUNTY, f"{PD}/penalties/decisions": 1})
    page = render_html(county(), "clean").text
    first = _tables(page)[0]
    second = _tables(render_html(other, "clean").text)[0]
    report = parse(page.replace(first, first + second))
    penalties = report[f"{PD}/penalties/decisions"]
    assert (penalties.value, penalties.state) == (None, State.AMBIGUOUS)
    assert report[f"{PD}/licensing/decisions"].value == 14069
    assert "row_conflict" in codes(report)


def test_two_reports_in_one_page_are_two_reports() -> None:
    other = record_of({f"{RQ}/granted/natural_person": 88, f"{RQ}/granted/total": 88}, year=2022)
    first = render_html(county(), "clean", title=True).text
    second = render_html(other, "clean", title=True).text
    body = re.search(r"<body>(.*)</body>", second, re.S)
    inner = body.group(1) if body else second
    page = first.replace("</body>", inner + "</body>") if "</body>" in first else first + inner
    report = parse(page)
    assert_values(report, county())
    assert [r[f"{RQ}/granted/natural_person"].value for r in report.others] == [88]
    assert "several_reports" in codes(report)


# -- table 3 in two parts --------------------------------------------------------------------------


@pytest.mark.parametrize("header", [0, 3], ids=["no_header", "header_repeated"])
@pytest.mark.parametrize("repeat", [True, False], ids=["group_repeated", "group_blank"])
@pytest.mark.parametrize("at", [4, 6, 10, 16, 20, 24, 26])
@pytest.mark.parametrize("kind", ["html", "bars", "lines"])
def test_table_3_in_two_parts(at: int, repeat: bool, header: int, kind: str) -> None:
    record = drawn()
    proactive, requests, review = grids_of(record)
    parts = cut(requests, at, header=header, repeat_labels=repeat)
    grids = (proactive, *parts, review)
    page = {
        "html": lambda: render_html(record, "clean", grids=grids).text,
        "bars": lambda: render_text(record, "B", grids=grids).text,
        "lines": lambda: render_text(record, "F", grids=grids).text,
    }[kind]()
    assert_values(parse(page), record)


def _as_small_tables(grid: Grid, page_break: int | None = None) -> str:
    """Each row a table of its own (OCR output); above one row a header that nobody printed."""
    out = []
    for r, row in enumerate(grid.rows):
        if r == page_break:
            names = "".join(f"<th>Column {n}</th>" for n in range(1, 4))
            out.append(f"<table><tr>{names}</tr></table>")
        cells = "".join(
            f"<td{f' colspan={c.colspan}' if c.colspan > 1 else ''}>{c.text}</td>" for c in row
        )
        out.append(f"<table><tr>{cells}</tr></table>")
    return "\n".join(out)


@pytest.mark.parametrize("page_break", [None, 9, 17])
def test_rows_that_are_each_a_small_table(page_break: int | None) -> None:
    record = county()
    page = render_html(record, "clean").text
    grids = grids_of(record)
    for table, grid in zip(_tables(page), grids, strict=True):
        page = page.replace(table, _as_small_tables(grid, page_break if grid.key == RQ else None))
    assert_values(parse(page), record)


# -- numbers and labels run together ---------------------------------------------------------------


def test_digits_and_unit_in_separate_spans() -> None:
    record = record_of(COUNTY, style="wan_yuan")
    fees = f"{PD}/administrative_fees/amount"
    record = replace(record, cells={**record_of({**COUNTY, fees: 160}, style="wan_yuan").cells})
    page = render_html(record, "word").text
    assert re.search(r">60</span><span[^>]*>万元</span>", page)
    assert_values(parse(page), record)


def test_blank_inside_a_number_is_a_separator_of_thousands() -> None:
    record = record_of(COUNTY, style="plain")
    page = render_html(record, "clean").text.replace("<td>14069</td>", "<td>14 069</td>")
    page = page.replace('<td colspan="3">14069</td>', '<td colspan="3">14 069</td>')
    assert "14 069" in page
    assert_values(parse(page), record)


def test_joined_digits_with_the_next_numeral_glued_on() -> None:
    """``2200003252.没有现成…`` is 22|0|0|0|0|3|25 (or 2|20|0|…), then the numeral of a label."""
    figures = {
        f"{RQ}/{row}/{column}": n
        for row in ("requests_received", "not_held", "outcomes_total")
        for column, n in (("natural_person", 22), ("other_org", 3), ("total", 25))
    }
    record = record_of(figures)
    text = render_text(record, "concat_line").text
    assert "2200003252.没有现成信息" in text
    report = parse(text)
    assert_no_number_is_wrong(report, record)
    found = next(
        f for f in report.findings if f.code == "candidates" and f"{RQ}/not_held/total" in f.figures
    )
    readings = dict(found.detail)["candidates"]
    assert [22, 0, 0, 0, 0, 3, 25] in readings
    assert all(sum(r[:-1]) == r[-1] == 25 for r in readings), "the 2. belongs to the next label"


def test_joined_digits_that_only_one_cut_satisfies_are_solved() -> None:
    record = county()
    text = render_text(record, "concat_line").text
    assert "223000025（二）部分公开" in text
    report = parse(text)
    requests = [f for f in report if f.table == RQ]
    assert {f.state for f in requests} == {State.SOLVED}
    assert_no_number_is_wrong(report, record)
    unsolved = parse(text, solve=False)
    assert {f.state for f in unsolved if f.table == RQ} == {State.AMBIGUOUS}


@pytest.mark.parametrize("seed", range(12))
def test_joined_tables_are_solved_or_open_and_never_wrong(seed: int) -> None:
    record = drawn(seed=seed)
    report = parse(render_text(record, "concat").text)
    assert_no_number_is_wrong(report, record)
    three = [f for f in report if f.path.startswith(f"{PD}/normative_documents/")]
    assert {f.state for f in three} <= {State.AMBIGUOUS, State.ABSENT}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("form", FORMS)
def test_text_whose_repeated_lines_were_filtered_is_said_to_be_incomplete(
    form: str, seed: int
) -> None:
    """Labels are there, most numbers are not: no number may be read into the wrong place."""
    record = drawn(form, seed)
    report = parse(render_text(record, "dedup").text)
    assert_no_number_is_wrong(report, record)
    assert codes(report) & {"table_incomplete", "place_lost", "table_missing"}
    values = [f for f in report if f.table == RQ and f.state is State.REPORTED]
    assert len(values) < 60


# -- layout tables and text tables -----------------------------------------------------------------


@pytest.mark.parametrize("layout", ["wrapped", "nested", "text_in_html", "text_in_br"])
def test_articles_in_cells_and_tables_in_lines(layout: str) -> None:
    record = county()
    assert_values(parse(render_html(record, layout).text), record)


def test_a_heading_in_the_first_row_of_a_table() -> None:
    record = county()
    text = render_text(record, "wrap_rows").text
    assert re.search(r"^三、收到和处理政府信息公开申请情况 \| ", text, re.M)
    report = parse(text)
    assert_values(report, record)
    assert {"requests", "review_and_litigation"} <= {s.key for s in report.sections}


# -- reports with one or two of the tables ---------------------------------------------------------


@pytest.mark.parametrize("kind", ["html", "bars", "lines", "grid"])
@pytest.mark.parametrize(
    "kept", [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2)], ids=lambda k: "".join(map(str, k))
)
def test_a_report_with_only_some_of_its_tables(kept: tuple[int, ...], kind: str) -> None:
    record = county()
    grids = grids_of(record)
    shown = tuple(grids[i] for i in kept)
    page = {
        "html": lambda: render_html(record, "clean", grids=shown).text,
        "bars": lambda: render_text(record, "B", grids=shown).text,
        "lines": lambda: render_text(record, "F", grids=shown).text,
        "grid": lambda: render_text(record, "D2", grids=shown).text,
    }[kind]()
    report = parse(page)
    tables = {g.key for g in shown}
    for figure in report:
        if figure.table in tables:
            assert figure.value == record.cells[figure.path].value
            assert figure.state is State.REPORTED
        else:
            assert (figure.value, figure.state) == (None, State.ABSENT)
    missing = {f.message.split("'")[1] for f in report.findings if f.code == "table_missing"}
    assert missing == {g.key for g in grids} - tables


# -- table 4 ---------------------------------------------------------------------------------------


def _vertical(grid: Grid) -> str:
    """Labels in rows: case kind, outcome, number."""
    numbers = [c.text for c in grid.rows[-1]]
    kinds = ("行政复议", "未经复议直接起诉", "复议后起诉")
    outcomes = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
    rows = []
    for k, kind in enumerate(kinds):
        for o, outcome in enumerate(outcomes):
            lead = ""
            if k == 0 and o == 0:
                lead = f'<td rowspan="5" colspan="2">{kind}</td>'
            elif o == 0:
                group = '<td rowspan="10">行政诉讼</td>' if k == 1 else ""
                lead = f'{group}<td rowspan="5">{kind}</td>'
            rows.append(f"<tr>{lead}<td>{outcome}</td><td>{numbers[5 * k + o]}</td></tr>")
    return "<table>" + "".join(rows) + "</table>"


def test_table_4_with_its_labels_in_rows() -> None:
    record = county()
    page = render_html(record, "clean").text
    upright = page.replace(_tables(page)[2], _vertical(grids_of(record)[2]))
    assert_values(parse(upright), record)


def test_an_upright_table_4_without_one_of_its_rows_is_not_read() -> None:
    record = county()
    page = render_html(record, "clean").text
    rows = _vertical(grids_of(record)[2])
    cut = rows.replace("<td>尚未审结</td><td>0</td>", "", 1).replace("<tr></tr>", "")
    report = parse(page.replace(_tables(page)[2], cut))
    assert all(f.value is None for f in report if f.table == RL)
    assert "table_missing" in codes(report)


@pytest.mark.parametrize("lost", [0, 1, 2, (0, 1), (0, 2)], ids=str)
@pytest.mark.parametrize("kind", ["html", "bars", "lines", "grid"])
def test_header_of_table_4_partly_lost(lost: int | tuple[int, ...], kind: str) -> None:
    record = county()
    proactive, requests, review = grids_of(record)
    gone = {lost} if isinstance(lost, int) else set(lost)
    rows = [
        tuple(replace(c, rowspan=1) for c in row)
        for r, row in enumerate(review.rows)
        if r not in gone
    ]
    grids = (proactive, requests, review.with_rows(rows))
    page = {
        "html": lambda: render_html(record, "clean", grids=grids).text,
        "bars": lambda: render_text(record, "B", grids=grids).text,
        "lines": lambda: render_text(record, "F", grids=grids).text,
        "grid": lambda: render_text(record, "D2", grids=grids).text,
    }[kind]()
    report = parse(page)
    assert_no_number_is_wrong(report, record)
    if kind == "html":
        assert_values(report, record)


def test_cut_header_words_of_table_4_in_the_sample_report() -> None:
    """结果 for 结果纠正, 其他 for 其他结果, 尚未 for 尚未审结 (cut at <br/> by the extractor)."""
    text = render_text(county(), "B").text
    assert "结果维持 | 结果 | 其他 | 尚未 | 总计 |" in text
    assert_values(parse(text), county())


@pytest.mark.parametrize("n", [14, 16])
def test_fourteen_or_sixteen_numbers_under_table_4_are_never_read_by_position(n: int) -> None:
    record = county()
    proactive, requests, review = grids_of(record)
    *header, numbers = review.rows
    row = numbers[:14] if n == 14 else (*numbers, GridCell("0"))
    grids = (proactive, requests, review.with_rows((*header, row)))
    for page in (
        render_html(record, "clean", grids=grids).text,
        render_text(record, "B", grids=grids).text,
        render_text(record, "F", grids=grids).text,
        *([render_text(record, "D2", grids=grids).text] if n < 15 else []),
    ):
        report = parse(page)
        table: Mapping[str, State] = {f.path: f.state for f in report if f.table == RL}
        assert State.REPORTED not in table.values()
        assert_no_number_is_wrong(report, record)
