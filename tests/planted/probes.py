"""A compact stand-in for the suite: fixed small checks of the parser that must all pass.

``failing()`` runs them and names those that fail. Expectations are written here or come from the
generator's records and the hand-checked fixtures, never from the parser.
"""

from __future__ import annotations

import functools
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from govreport_parse import parsing
from govreport_parse.errors import NotAReportError
from govreport_parse.report import Failure, Report
from govreport_parse.testing import (
    Record,
    Rendered,
    as_bytes,
    damage,
    glossed,
    judge,
    random_record,
    record_of,
    render_html,
    render_text,
)
from govreport_parse.testing.diff import compare
from govreport_parse.testing.fixture_files import fixture_folders, load_fixture
from govreport_parse.testing.generate import layout_of
from govreport_parse.values import CheckState, State

FIXTURES = fixture_folders(Path(__file__).parents[2] / "fixtures")
PROBES: dict[str, Callable[[], None]] = {}


def probe(check: Callable[[], None]) -> Callable[[], None]:
    PROBES[check.__name__] = check
    return check


def failing() -> Iterator[str]:
    """Names of the probes that fail, each with the first words of why."""
    for name, check in PROBES.items():
        try:
            check()
        except Exception as error:  # noqa: BLE001 - a planted fault may raise anything
            yield f"{name}: {type(error).__name__} {str(error)[:80]}"


def figures(report: Report) -> dict[str, tuple[State, object]]:
    return {f.path: (f.state, f.value) for f in report}


def must_be(rendered: Rendered, **options: object) -> Report:
    report = parsing.parse(rendered.text, **options)
    assert judge(rendered.expected, figures(report)) == []
    return report


@functools.cache
def distinct(form: str = "ogi_annual_2021") -> Record:
    """Every figure another number: a shift of any kind shows."""
    return record_of({p: 1001 + i for i, p in enumerate(layout_of(form).paths)}, form=form)


@functools.cache
def consistent(style: str = "plain", size: str = "county") -> Record:
    return random_record(random.Random(11), size=size, style=style)


@probe
def every_figure_of_a_page_is_at_its_place() -> None:
    for layout in ("clean", "no_rowspan_empty", "split", "one_table"):
        must_be(render_html(distinct(), layout))


@probe
def every_figure_of_the_older_form_and_of_the_hybrid_is_at_its_place() -> None:
    must_be(render_html(distinct("ogi_annual_2019"), "paragraphs"))
    must_be(render_html(distinct("hybrid"), "spaced"))


@probe
def every_figure_of_a_text_is_at_its_place() -> None:
    for dialect in ("B", "D2", "F"):
        must_be(render_text(distinct(), dialect))


@probe
def a_blank_is_blank_and_a_dash_a_dash() -> None:
    for style, state in (("blank_zeros", State.BLANK), ("dashes", State.DASH)):
        report = must_be(render_html(consistent(style), "clean"))
        zeros = [p for p, c in consistent(style).cells.items() if c.state is state]
        assert len(zeros) > 100
        written = {
            f"{f['table']}/{f['row']}/{f['column']}": f["value"]
            for f in json.loads(report.to_json())["figures"]
        }
        assert {written[p] for p in zeros} == {None}


@probe
def digits_of_all_kinds_are_read() -> None:
    for style in ("full_width", "thousands", "notes", "yuan"):
        must_be(render_html(consistent(style, "city"), "clean"))
    signed = random_record(random.Random(5), "ogi_annual_2019", "city", style="change_words")
    assert any((c.value or 0) < 0 for c in signed.cells.values())
    must_be(render_html(signed, "clean"))


@probe
def an_amount_keeps_its_unit_and_places() -> None:
    path = "proactive_disclosure/administrative_fees/amount"
    for style, value, unit in (
        ("plain", Decimal("160.5964"), "万元"),
        ("yuan", Decimal(1605964), "元"),
    ):
        record = record_of({path: Decimal("160.5964")}, style=style)
        figure = parsing.parse(render_html(record).text)[path]
        assert (figure.value, figure.unit) == (value, unit)


@probe
def a_page_that_is_no_report_is_an_error() -> None:
    page = (
        "<html><body><h1>关于召开会议的通知</h1><p>请各单位于周三下午参加会议。</p></body></html>"
    )
    try:
        parsing.parse(page)
    except NotAReportError:
        pass
    else:
        raise AssertionError("an empty report")
    results = list(parsing.parse_many([page, render_html(distinct()).text], isolated=False))
    assert [isinstance(r, Failure) for r in results] == [True, False]


@probe
def the_year_is_the_year_reported_on() -> None:
    record = consistent()
    report = parsing.parse(render_html(record, family="hanweb").text)
    assert report.year == record.year == int(record.published[:4]) - 1
    assert parsing.parse(render_html(record).text, year=2012).year == 2012


@probe
def too_few_cells_are_never_placed_by_position() -> None:
    record = consistent()
    for seed in range(4):
        hurt = damage(random.Random(seed), record, render_text(record, "B"), "drop_cell")
        assert judge(hurt.allowed, figures(parsing.parse(hurt.document))) == []


@probe
def the_solver_answers_only_what_is_unique() -> None:
    record = random_record(random.Random(4), size="city", style="blank_zeros")
    for dialect in ("B", "concat"):
        must_be(render_text(record, dialect))
    whole = random_record(random.Random(3), size="county")
    report = must_be(render_text(whole, "concat"))
    assert State.SOLVED in report.states.values()


@probe
def fixtures_give_what_a_person_worked_out() -> None:
    for name in (
        "ogi_annual_2021/odd_html_columns_reordered",
        "ogi_annual_2021/odd_html_row_twice_differing",
        "ogi_annual_2021/odd_html_hidden_rows",
        "ogi_annual_2021/odd_html_label_lost",
        "ogi_annual_2021/odd_html_label_fuzzy",
        "ogi_annual_2021/odd_html_extra_row",
        "ogi_annual_2021/odd_text_two_reports",
        "ogi_annual_2021/html_gbk_says_utf8",
        "ogi_annual_2021/text_b_glossed",
    ):
        found = next(n for n in FIXTURES if n.endswith(name.split("/")[1]))
        assert compare(load_fixture(FIXTURES[found])).ok, name


@probe
def a_place_names_the_cell() -> None:
    rendered = render_html(distinct())
    report = parsing.parse(rendered.text)
    for path, cell in distinct().cells.items():
        place = report[path].locator
        assert place is not None
        assert place.table is not None
        markup = re.findall(r"<table.*?</table>", rendered.text, re.DOTALL)[place.table - 1]
        row = re.findall(r"<tr.*?</tr>", markup, re.DOTALL)[place.row - 1]
        assert f">{cell.text}<" in row, path
    text = render_text(distinct(), "B").text
    lines = text.split("\n")
    for figure in parsing.parse(text):
        assert figure.raw in lines[figure.locator.line - 1], figure.path


@probe
def a_changed_number_breaks_exactly_its_sums() -> None:
    path = "requests/granted/natural_person"
    record = consistent()
    cell = record.cells[path]
    altered = record.with_cell(path, replace(cell, text="86413", value=86413))
    report = parsing.parse(render_html(altered).text)
    broken = {(c.id, c.scope) for c in report.checks if c.state is CheckState.BROKEN}
    assert {scope for _, scope in broken} == {"granted", "natural_person"}
    assert len(broken) == 2
    assert any(f.code == "identity_broken" or "broken" in f.code for f in report.findings)


@probe
def a_missing_row_is_absent_and_moves_nothing() -> None:
    record = distinct()
    for seed in range(3):
        hurt = damage(random.Random(seed), record, render_html(record), "drop_row")
        report = parsing.parse(hurt.document)
        assert judge(hurt.allowed, figures(report)) == []
        assert any(f.code == "table_incomplete" for f in report.findings)


@probe
def sections_hold_their_text_and_not_the_tables() -> None:
    record = consistent()
    for rendered in (render_html(record), render_text(record, "B")):
        report = parsing.parse(rendered.text)
        keys = [s.key for s in report.sections]
        assert [k for k in keys if k != "preamble"] == list(record.sections)
        for section in report.sections:
            assert "|" not in section.text
            for paragraph in record.sections.get(section.key, ()):
                assert paragraph[:20] in section.text


@probe
def charsets_and_mirrors_read_the_same() -> None:
    page = render_html(distinct(), family="hanweb").text
    want = figures(parsing.parse(page))
    for source in (as_bytes(page, "gb18030", "utf-8"), as_bytes(page, "utf-8", "gb2312")):
        assert figures(parsing.parse(source)) == want
    assert figures(parsing.parse(glossed(render_text(distinct(), "B").text))) == want
