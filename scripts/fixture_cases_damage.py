"""Fixtures with something missing, moved, added or odd: each expectation is worked out by hand.

Rows, tables and headings are taken from a record's grids; what a reader may then say of the
figures follows from the rules: a row that is not there is absent, a value whose place is lost is
solved only where one assignment satisfies all sums, a label decides before an order.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from fixture_case import (
    ABSENT,
    AMBIGUOUS,
    BY_HAND,
    FORM_2019,
    FORM_2021,
    SHAPES,
    TEXT,
    B,
    Case,
    Outcome,
    Truth,
)

from govreport_parse.formbook import loader
from govreport_parse.testing import (
    CellText,
    Record,
    grids_of,
    random_record,
    record_of,
    render_html,
    render_text,
)
from govreport_parse.testing.diff import text_digest
from govreport_parse.testing.fixture_files import ExpectedReport
from govreport_parse.testing.grids import Grid, GridCell
from govreport_parse.testing.spans import with_copy_of, with_row, with_swapped, without_row
from govreport_parse.values import State

DAMAGE_CASES: list[Callable[[], Case]] = []
PD, RQ, RL = 0, 1, 2
COLUMNS = tuple(c.key for c in loader.form(FORM_2021).table("requests").blocks[0].columns)


def case(build: Callable[[], Case]) -> Callable[[], Case]:
    DAMAGE_CASES.append(build)
    return build


def record(seed: int, form: str = FORM_2021, size: Any = "county", **more: Any) -> Record:
    return random_record(random.Random(seed), form, size, **more)


def row_at(grid: Grid, prefix: str) -> int:
    """The row of a grid that shows figures below ``prefix``."""
    return next(
        i for i, row in enumerate(grid.rows) for c in row if c.path and c.path.startswith(prefix)
    )


def all_of(r: Record, prefix: str, outcome: Outcome) -> dict[str, Outcome]:
    return {p: outcome for p in r.cells if p.startswith(prefix)}


def html(r: Record, grids: Sequence[Grid], truth: Truth, *tags: str, **more: Any) -> Case:
    page = render_html(r, more.pop("layout", "clean"), more.pop("family", None), grids=tuple(grids))
    truth = replace(truth, shapes=truth.shapes if truth.shapes != TEXT else SHAPES[r.form])
    return Case(
        page.text.encode(), ".html", "html", (truth,), tags=("html", "damage", *tags), how=BY_HAND
    )


def plain(r: Record, truth: Truth, *tags: str, dialect: str = "B", **more: Any) -> Case:
    page = render_text(r, dialect, **more)
    return Case(
        page.text.encode(), ".txt", "text", (truth,), tags=("text", "damage", *tags), how=BY_HAND
    )


def edited(c: Case, *changes: tuple[str, str]) -> Case:
    """The source with each text replaced once; it must be there exactly once."""
    text = c.source.decode()
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        text = text.replace(old, new)
    return c.but(source=text.encode())


# -- rows --------------------------------------------------------------------------------------


@case
def odd_html_row_missing() -> Case:
    """2.重复申请 is not printed: seven figures absent, their neighbours unmoved."""
    r = record(301)
    pd, rq, rl = grids_of(r)
    rq = without_row(rq, row_at(rq, "requests/repeated_request/"))
    truth = Truth(
        r,
        ("14 x 4", "27 x 10", "4 x 15"),
        figures=all_of(r, "requests/repeated_request/", ABSENT),
        findings=("table_incomplete",),
    )
    return html(r, (pd, rq, rl), truth, "row_missing")


@case
def odd_text_row_missing() -> Case:
    r = record(302)
    pd, rq, rl = grids_of(r)
    rq = without_row(rq, row_at(rq, "requests/still_unclear/"))
    truth = Truth(
        r, figures=all_of(r, "requests/still_unclear/", ABSENT), findings=("table_incomplete",)
    )
    return plain(r, truth, "row_missing", grids=(pd, rq, rl))


@case
def odd_html_fee_row_missing() -> Case:
    """Table 2 ends before the block of fees."""
    r = record(303)
    pd, rq, rl = grids_of(r)
    pd = pd.with_rows(pd.rows[:11])
    truth = Truth(
        r,
        ("11 x 4", "28 x 10", "4 x 15"),
        figures=all_of(r, "proactive_disclosure/administrative_fees/", ABSENT),
        findings=("table_incomplete",),
    )
    return html(r, (pd, rq, rl), truth, "row_missing")


@case
def odd_html_extra_row() -> Case:
    """其他主动公开文件 below 行政规范性文件: kept apart, nothing else moves."""
    r = record(304)
    pd, rq, rl = grids_of(r)
    at = row_at(pd, "proactive_disclosure/normative_documents/")
    extra = tuple(GridCell(t) for t in ("其他主动公开文件", "7", "2", "31"))
    truth = Truth(
        r,
        ("15 x 4", "28 x 10", "4 x 15"),
        findings=("row_extra",),
        facts={"extra_rows": [["proactive_disclosure", "其他主动公开文件", "7", "2", "31"]]},
    )
    return html(r, (with_row(pd, at + 1, extra), rq, rl), truth, "row_extra")


@case
def odd_text_title_rows() -> Case:
    """Each table opens with a row that holds its title: no figures, nothing to say."""
    r = record(305)
    pd, rq, rl = grids_of(r)
    grids = (
        with_row(pd, 0, (GridCell("主动公开政府信息情况统计表", 4),)),
        with_row(rq, 0, (GridCell("政府信息公开申请办理情况统计表", 10),)),
        with_row(rl, 0, (GridCell("行政复议、行政诉讼情况统计表", 15),)),
    )
    return plain(r, Truth(r), "title_row", dialect="D1", grids=grids)


@case
def odd_html_row_twice() -> Case:
    r = record(306)
    pd, rq, rl = grids_of(r)
    rq = with_copy_of(rq, row_at(rq, "requests/not_held/"))
    truth = Truth(r, ("14 x 4", "29 x 10", "4 x 15"), findings=("row_repeated",))
    why = "the repeated row is also called one that the form does not have"
    return html(r, (pd, rq, rl), truth, "row_repeated").but(
        gaps={"facts/extra_rows": why, "facts/findings": why}
    )


@case
def odd_html_row_twice_differing() -> Case:
    """1.信访举报投诉类申请 twice, natural persons 9 more the second time: all seven doubtful."""
    r = record(307)
    pd, rq, rl = grids_of(r)
    at = row_at(rq, "requests/petition_complaint/")
    rq = with_copy_of(rq, at)
    rows = list(rq.rows)
    rows[at + 1] = tuple(
        replace(c, text=str(int(c.text) + 9)) if c.path and c.path.endswith("natural_person") else c
        for c in rows[at + 1]
    )
    truth = Truth(
        r,
        ("14 x 4", "29 x 10", "4 x 15"),
        figures=all_of(r, "requests/petition_complaint/", AMBIGUOUS),
        findings=("row_conflict", "place_lost"),
    )
    why = "the repeated row is also called one that the form does not have"
    return html(r, (pd, rq.with_rows(rows), rl), truth, "row_conflict").but(
        gaps={"facts/extra_rows": why, "facts/findings": why}
    )


@case
def odd_html_rows_swapped() -> Case:
    """1.信访… and 2.重复申请 stand in the other order: labels decide."""
    r = record(308)
    pd, rq, rl = grids_of(r)
    rq = with_swapped(rq, row_at(rq, "requests/publication_requested/"))
    return html(r, (pd, rq, rl), Truth(r, findings=("row_order",)), "row_order")


@case
def odd_html_label_lost() -> Case:
    """The cell of 2.重复申请 is blank, its seven numbers stand between their neighbours."""
    r = record(309)
    pd, rq, rl = grids_of(r)
    at = row_at(rq, "requests/repeated_request/")
    rows = list(rq.rows)
    rows[at] = tuple(c if c.path else replace(c, text="", parts=()) for c in rows[at])
    truth = Truth(r, findings=("row_by_position",))
    return html(r, (pd, rq.with_rows(rows), rl), truth, "label_lost")


@case
def odd_html_label_slips() -> Case:
    """Slips that were published: 事业型 for 事业性, 事务信息 for 事务信息 with words before it."""
    r = record(310)
    c = html(r, grids_of(r), Truth(r), "label_slips")
    return edited(
        c,
        ("<td>行政事业性收费</td>", "<td>行政事业型收费</td>"),
        ("只计这一情形，不计其他情形", "只计这一情况，不计其他情形"),
        ("<td>行政规范性文件</td>", "<td>规范性文件</td>"),
        ("第二十条第（一）项", "第二十条（一）项"),
    )


@case
def odd_html_label_fuzzy() -> Case:
    """A label with a wrong sign that no list of aliases has."""
    r = record(311)
    c = html(r, grids_of(r), Truth(r, findings=("label_fuzzy",)), "label_fuzzy")
    return edited(c, ("属于三类内部事务信息", "属于三类內部亊务信思"))


# -- columns -----------------------------------------------------------------------------------


@case
def odd_html_columns_reordered() -> Case:
    """Table 3 prints 总计 first; header and numbers agree, and the row sums prove it."""
    r = record(312)
    pd, rq, rl = grids_of(r)
    rows = []
    for i, row in enumerate(rq.rows):
        cells = list(row)
        if i == 1:  # 自然人 | 法人或其他组织 | 总计
            cells = [cells[2], cells[0], cells[1]]
        elif i > 2:
            labels = [c for c in cells if c.path is None]
            values = [c for c in cells if c.path is not None]
            cells = [*labels, values[-1], *values[:-1]]
        rows.append(tuple(cells))
    truth = Truth(r, findings=("column_order",))
    return html(r, (pd, rq.with_rows(rows), rl), truth, "column_order")


@case
def odd_html_header_reworded() -> Case:
    """本年新制发数量, 本年废止数, 现行有效件: the core words decide."""
    r = record(313)
    c = html(r, grids_of(r), Truth(r), "header_reworded")
    return edited(
        c,
        ("<td>本年制发件数</td>", "<td>本年新制发数量</td>"),
        ("<td>本年废止件数</td>", "<td>本年废止数</td>"),
        ("<td>现行有效件数</td>", "<td>现行有效件</td>"),
    )


@case
def odd_html_spans_absurd() -> Case:
    """A rowspan of 2000 on the last label of table 2: clamped to the table."""
    r = record(314)
    c = html(r, grids_of(r), Truth(r, findings=("span_clamped",)), "spans")
    return edited(c, ("<td>行政事业性收费</td>", '<td rowspan="2000">行政事业性收费</td>'))


@case
def odd_html_hidden_rows() -> Case:
    """The page folds the rows of （五） away until a click: they are read, and it is said."""
    r = record(315)
    c = html(r, grids_of(r), Truth(r, findings=("hidden_rows",)), "hidden")
    text = c.source.decode()
    for label in ("2.重复申请", "3.要求提供公开出版物", "4.无正当理由大量反复申请"):
        old = (
            f'<tr><td colspan="1">{label}'
            if f'<td colspan="1">{label}' in text
            else f"<tr><td>{label}"
        )
        assert text.count(old) == 1, label
        text = text.replace(old, old.replace("<tr>", '<tr style="display: none">'))
    return c.but(source=text.encode())


@case
def odd_html_hidden_cell() -> Case:
    """A cell that the page hides (an editor's note) is left out; the row keeps its places."""
    r = record(316)
    c = html(r, grids_of(r), Truth(r, findings=("hidden_cells",)), "hidden")
    old = "<tr><td>行政许可</td>"
    return edited(c, (old, old + '<td style="display:none">999</td>'))


# -- tables ------------------------------------------------------------------------------------


@case
def odd_html_table_missing() -> Case:
    """The heading of section four is there, its table is not."""
    r = record(321)
    pd, rq, _ = grids_of(r)
    truth = Truth(
        r,
        ("14 x 4", "28 x 10", "absent"),
        figures=all_of(r, "review_and_litigation/", ABSENT),
        findings=("table_missing",),
    )
    return html(r, (pd, rq), truth, "table_missing")


@case
def odd_text_table_missing() -> Case:
    r = record(322)
    _, rq, rl = grids_of(r)
    truth = Truth(
        r,
        ("absent", "text", "text"),
        figures=all_of(r, "proactive_disclosure/", ABSENT),
        findings=("table_missing",),
    )
    return plain(r, truth, "table_missing", grids=(rq, rl))


@case
def odd_html_table_as_picture() -> Case:
    r = record(323)
    pd, rq, _ = grids_of(r)
    truth = Truth(
        r,
        ("14 x 4", "28 x 10", "absent"),
        figures=all_of(r, "review_and_litigation/", ABSENT),
        findings=("table_missing", "table_as_picture"),
    )
    c = html(r, (pd, rq), truth, "table_as_picture", family="trs")
    heading = "<p>四、政府信息公开行政复议、行政诉讼情况</p>"
    return edited(c, (heading, heading + '\n<p><img src="W020240130.png" width="640"></p>')).but(
        truths=(replace(truth, published=r.published),)
    )


@case
def odd_text_cut_after_table_3() -> Case:
    """The text ends after （七）总计: row 四, table 4 and two sections are gone."""
    r = record(324)
    c = plain(r, Truth(r), "cut", trailer=False)
    text = c.source.decode()
    end = text.index("四、结转下年度继续办理")
    gone = {
        **all_of(r, "requests/carried_forward/", ABSENT),
        **all_of(r, "review_and_litigation/", ABSENT),
    }
    lost = ("review_and_litigation", "problems_and_improvements", "other_matters")
    truth = Truth(
        r,
        ("text", "text", "absent"),
        figures=gone,
        findings=("table_incomplete", "table_missing", "section_missing"),
        facts={"headings": dict.fromkeys(lost), "texts": dict.fromkeys(lost)},
    )
    return c.but(source=text[:end].encode(), truths=(truth,))


@case
def odd_html_two_reports() -> Case:
    """Two years on one page."""
    organ = "柳湾县财政局"
    one = _simple(organ, 2023, f"{organ}2023年政府信息公开工作年度报告", 325)
    two = _simple(organ, 2022, f"{organ}2022年政府信息公开工作年度报告", 326)
    first = render_html(one, "clean", trailer=False).text
    second = render_html(two, "clean", trailer=False).text
    body = second[second.index("<body>") + 6 :]
    source = first[: first.index("</body>")] + body
    return Case(
        source.encode(),
        ".html",
        "html",
        (
            Truth(one, SHAPES[FORM_2021], findings=("several_reports",)),
            Truth(two, SHAPES[FORM_2021]),
        ),
        tags=("html", "several_reports"),
    )


@case
def odd_text_two_reports() -> Case:
    """Two organs in one text."""
    one, two = (
        _simple(organ, 2024, f"{organ}2024年政府信息公开工作年度报告", seed)
        for seed, organ in ((327, "临溪区教育局"), (328, "临溪区水利局"))
    )
    source = "\n".join(render_text(r, "B", trailer=False).text for r in (one, two))
    return Case(
        source.encode(),
        ".txt",
        "text",
        (Truth(one, findings=("several_reports",)), Truth(two)),
        tags=("text", "several_reports"),
    )


# -- places lost -------------------------------------------------------------------------------

# Ten requests, two of them by a business; all ten done. Hand-made so that the sums are few.
_SMALL = {
    "requests/requests_received/natural_person": 8,
    "requests/requests_received/business": 2,
    "requests/requests_received/total": 10,
    "requests/granted/natural_person": 5,
    "requests/granted/business": 2,
    "requests/granted/total": 7,
    "requests/not_held/natural_person": 3,
    "requests/not_held/total": 3,
    "requests/outcomes_total/natural_person": 8,
    "requests/outcomes_total/business": 2,
    "requests/outcomes_total/total": 10,
    "proactive_disclosure/licensing/decisions": 30,
    "proactive_disclosure/penalties/decisions": 26,
}


WHY_PLACE_LOST = (
    "place_lost is said before the sums are tried and stays when they solve the row; the cells "
    "that stay absent are not in table_incomplete"
)


def _blanks_lost(r: Record, rows: Sequence[str]) -> tuple[Record, dict[str, Outcome]]:
    """Rows whose zeros were blank cells, lost with their places by the extractor.

    A value that has only one place is solved; a lost blank is absent and never 0.
    """
    figures: dict[str, Outcome] = {}
    for row in rows:
        for column in COLUMNS:
            path = f"requests/{row}/{column}"
            value = r.cells[path].value
            figures[path] = (State.SOLVED, value) if value else ABSENT
            if value == 0:
                r = r.with_cell(path, CellText("", None, State.BLANK, "件"))
    return r, figures


@case
def lost_text_blanks_of_one_row() -> Case:
    """（一）予以公开 prints 5 | 2 | 7, its four blank cells are lost with their places.

    All other rows are whole: the row （七） is 8 2 0 0 0 0 10 and 1.本机关不掌握 3 0 0 0 0 0 3, so
    5, 2 and 7 can only be natural persons, businesses, total.
    """
    r = record_of(_SMALL, organ="松坪县教育局", year=2023)
    shown, figures = _blanks_lost(r, ["granted"])
    truth = Truth(shown, figures=figures, findings=("solved", "table_incomplete"))
    return plain(shown, truth, "places_lost", "solved").but(gaps={"facts/findings": WHY_PLACE_LOST})


@case
def lost_text_blanks_of_two_rows() -> Case:
    """Both rows with outcomes lost their blanks: 5 2 7 and 3 3.

    The columns must add up to 8 2 0 0 0 0 10, all other rows are 0: only 5 + 3 and 2 + nothing
    in the first two columns do.
    """
    r = record_of(_SMALL, organ="松坪县教育局", year=2023)
    shown, figures = _blanks_lost(r, ["granted", "not_held"])
    truth = Truth(shown, figures=figures, findings=("solved", "table_incomplete"))
    return plain(shown, truth, "places_lost", "solved").but(gaps={"facts/findings": WHY_PLACE_LOST})


@case
def lost_text_kind_unknown() -> Case:
    """Every row with numbers lost its zeros: one request, 1 | 1 in three rows.

    Any kind of applicant fits, so no assignment is the only one. A row of nothing but its label
    and seven pads is blank throughout.
    """
    r = record_of(
        {
            f"requests/{row}/{column}": 1
            for row in ("requests_received", "granted", "outcomes_total")
            for column in ("natural_person", "total")
        },
        organ="青禾县审计局",
        year=2022,
    )
    shown = r
    for path, cell in r.cells.items():
        if path.startswith("requests/") and cell.value == 0:
            shown = shown.with_cell(path, CellText("", None, State.BLANK, cell.unit))
    figures: dict[str, Outcome] = {}
    for path in shown.cells:
        if not path.startswith("requests/"):
            continue
        row = path.split("/")[1]
        if row in ("requests_received", "granted", "outcomes_total"):
            figures[path] = AMBIGUOUS
        elif row == "carried_forward":
            figures[path] = (
                ABSENT  # the last row has no pads, so nothing shows that cells are there
            )
        else:
            figures[path] = B
    codes = ("candidates", "place_lost", "table_incomplete")
    truth = Truth(shown, figures=figures, findings=codes)
    return plain(shown, truth, "places_lost", "ambiguous")


def _cuts(digits: str, n: int, sum_so_far: int = 0) -> Iterator[tuple[int, ...]]:
    """All cuts into ``n`` numbers without leading zeros whose last is the sum of the others."""
    if n == 1:
        if digits and str(int(digits)) == digits and int(digits) == sum_so_far:
            yield (int(digits),)
        return
    for end in range(1, len(digits)):
        head = digits[:end]
        if str(int(head)) != head:
            break
        for rest in _cuts(digits[end:], n - 1, sum_so_far + int(head)):
            yield (int(head), *rest)


@case
def lost_text_joined_digits() -> Case:
    """Cells run together, 规章000. One-column rows are exact.

    Table 3: 820000 10 and the like; every row of this small report has exactly one cut into seven
    numbers whose first six add up to the seventh (checked below by trying all).
    Table 2's rows of three columns can't be cut by any sum: ambiguous. Table 4 is all zeros:
    fifteen digits, fifteen numbers.
    """
    figures = {**_SMALL, "proactive_disclosure/normative_documents/in_force": 4}
    r = record_of(figures, organ="云岭市水利局", year=2023)
    for row in loader.form(FORM_2021).table("requests").blocks[0].data_rows:
        digits = "".join(r.cells[f"requests/{row.key}/{c}"].text for c in COLUMNS)
        assert len(list(_cuts(digits, 7))) == 1, digits
    expected: dict[str, Outcome] = {}
    for path, cell in r.cells.items():
        table, row, _ = path.split("/")
        if table == "requests":
            expected[path] = (State.SOLVED, cell.value)
        elif table == "review_and_litigation":
            expected[path] = (State.SOLVED, 0)
        elif row in ("rules", "normative_documents"):
            expected[path] = AMBIGUOUS
    truth = Truth(r, figures=expected, findings=("solved", "place_lost"))
    return plain(r, truth, "places_lost", "dialect_concat", dialect="concat")


# -- sections ----------------------------------------------------------------------------------


@case
def odd_html_heading_variants() -> Case:
    """The wording of Article 50, published often; the form's words are recognised in them."""
    r = record(331)
    variants = {
        "overview": "一、工作基本情况",
        "proactive_disclosure": "二、行政机关主动公开政府信息情况",
        "review_and_litigation": "四、因政府信息公开工作被申请行政复议、提起行政诉讼情况",
        "problems_and_improvements": "五、存在的主要问题及整改措施",
        "other_matters": "六、其他需要汇报事项",
    }
    truth = Truth(r, findings=("heading_variant",), facts={"headings": variants})
    c = html(r, grids_of(r), truth, "heading_variants")
    old = {s.key: s.printed for s in loader.sections()}
    return edited(c, *((f"<p>{old[k]}</p>", f"<p>{v}</p>") for k, v in variants.items()))


@case
def odd_text_heading_numerals() -> Case:
    """1、 for 一、 and a numeral lost (、…)."""
    r = record(332)
    variants = {
        "overview": "1、总体情况",
        "problems_and_improvements": "、存在的主要问题及改进情况",
    }
    truth = Truth(r, findings=("heading_variant",), facts={"headings": variants})
    c = plain(r, truth, "heading_variants")
    return edited(
        c,
        ("一、总体情况\n", "1、总体情况\n"),
        ("五、存在的主要问题及改进情况\n", "、存在的主要问题及改进情况\n"),
    )


@case
def odd_html_section_missing() -> Case:
    """No section six."""
    r = record(333)
    key = "other_matters"
    truth = Truth(
        r,
        findings=("section_missing",),
        facts={"headings": {key: None}, "texts": {key: None}},
    )
    c = html(r, grids_of(r), truth, "section_missing")
    text = c.source.decode()
    start = text.index("<p>六、其他需要报告的事项</p>")
    end = text.index("<p>扫一扫")
    return c.but(source=(text[:start] + text[end:]).encode())


@case
def odd_html_section_extra() -> Case:
    """A seventh section, 七、附件说明."""
    r = record(334)
    heading, words = "七、数据统计说明", "本报告数据由各科室分别统计，办公室汇总核对。"
    c = html(r, grids_of(r), Truth(r), "section_extra")
    expected = Truth(r, SHAPES[FORM_2021], findings=("section_extra",)).expected()
    facts = {**expected.facts}
    facts["headings"] = [*facts["headings"], ["extra_1", heading]]
    facts["texts"] = {**facts["texts"], "extra_1": text_digest(words)}
    outline = Truth(r, SHAPES[FORM_2021]).outline(ExpectedReport(expected.figures, facts))
    return edited(c, ("<p>扫一扫", f"<p>{heading}</p>\n<p>{words}</p>\n<p>扫一扫")).but(
        reports=(ExpectedReport(expected.figures, facts),), outline="\n".join([*outline, ""])
    )


@case
def odd_html_text_before_tables() -> Case:
    """该部分以表格形式报告 between heading and table."""
    r = record(335)
    words = ("该部分以表格形式报告。表格如下：",)
    r = replace(r, sections={**r.sections, "proactive_disclosure": words, "requests": words})
    return html(r, grids_of(r), Truth(r), "text_before_table")


@case
def odd_text_form_of_other_year() -> Case:
    """The form of 2019 used over the year 2022: rows and labels decide, never the year."""
    r = replace(record(336, FORM_2019), year=2022, preamble=_period(2022))
    r = replace(r, title=f"{r.organ}2022年政府信息公开工作年度报告")
    old = record(336, FORM_2019)
    sections = {
        k: tuple(p.replace(str(old.year), "2022") for p in v) for k, v in r.sections.items()
    }
    r = replace(r, sections=sections)
    return plain(r, Truth(r), "late_form", dialect="D1")


# -- who and when ------------------------------------------------------------------------------


def _period(year: int) -> tuple[str, ...]:
    return (f"本报告数据的统计期限自{year}年1月1日起至{year}年12月31日止。",)


def _simple(organ: str, year: int, title: str, seed: int) -> Record:
    """A report whose text names the year only in its period."""
    r = record(seed, size="small")
    sections = {
        k: tuple(p.replace(str(r.year), str(year)) for p in v) for k, v in r.sections.items()
    }
    return replace(
        r,
        organ=organ,
        year=year,
        title=title,
        published=f"{year + 1}-01-{10 + seed % 20}",
        preamble=_period(year),
        sections=sections,
    )


@case
def who_title_year_differs() -> Case:
    """Title 2020, period 2021: the period is trusted, the conflict is said."""
    r = _simple(
        "柳湾县石桥镇人民政府", 2021, "柳湾县石桥镇人民政府2020年政府信息公开工作年度报告", 341
    )
    return html(r, grids_of(r), Truth(r, findings=("year_conflict",)), "year_conflict")


@case
def who_caller_wins() -> Case:
    """The caller names organ and year; both are kept, the differences are said."""
    title = "柳湾县双河乡人民政府2022年政府信息公开工作年度报告"
    r = _simple("柳湾县双河乡人民政府", 2022, title, 342)
    truth = Truth(
        r,
        findings=("caller_overrides",),
        facts={"organ": "沙溪县双河乡人民政府", "year": 2023},
    )
    return html(r, grids_of(r), truth, "caller").but(
        options={"organ": "沙溪县双河乡人民政府", "year": 2023}
    )


@case
def who_organ_conflict() -> Case:
    """The title names one organ, 发布机构 above the article another."""
    title = "临溪区卫生健康委员会2023年政府信息公开工作年度报告"
    r = _simple("临溪区卫生健康委员会", 2023, title, 343)
    truth = Truth(r, published=r.published, findings=("organ_conflict",))
    c = html(r, grids_of(r), truth, "organ_conflict", family="shaanxi")
    return edited(
        c,
        (
            "<td>发布机构：</td><td>临溪区卫生健康委员会</td>",
            "<td>发布机构：</td><td>白塔区市场监督管理局</td>",
        ),
    )


@case
def who_published_too_early() -> Case:
    """A date of publication before the year was over."""
    title = "望川市交通运输局2023年政府信息公开工作年度报告"
    r = replace(_simple("望川市交通运输局", 2023, title, 344), published="2023-03-11")
    truth = Truth(r, published="2023-03-11", findings=("published_before_year_end",))
    return html(r, grids_of(r), truth, "dates", family="trs")


@case
def who_year_from_publication() -> Case:
    """No year in title, period or text: the year before publication, and a warning."""
    r = record(345, size="zero")
    r = replace(
        r,
        organ="青禾县农业农村局",
        year=2022,
        published="2023-01-18",
        title="青禾县农业农村局政府信息公开工作年度报告",
        preamble=("本报告依照有关规定编制，由我局负责解释。",),
        sections={
            **r.sections,
            "overview": ("我局做好各项公开工作，更新目录，核对内容，工作有序开展。",),
            "problems_and_improvements": ("公开内容的深度不够，今后逐步改进。",),
            "other_matters": ("没有其他需要报告的事项。",),
        },
    )
    truth = Truth(r, published="2023-01-18", findings=("year_from_publication",))
    c = html(r, grids_of(r), truth, "dates")
    return edited(c, ("\n</head>", '\n<meta name="PubDate" content="2023-01-18 09:30">\n</head>'))


@case
def who_template_index_number() -> Case:
    """索引号 of the State Council left in the template."""
    title = "松坪县财政局2024年政府信息公开工作年度报告"
    r = _simple("松坪县财政局", 2024, title, 346)
    c = html(
        r, grids_of(r), Truth(r, published=r.published, findings=("template_index_number",)),
        "metadata", family="anhui",
    )  # fmt: skip
    return edited(c, ("11341722003283914N/202401-00012", "000014349/2025-00012"))


# -- older reports -----------------------------------------------------------------------------


@case
def narrative_2015() -> Case:
    """Before 2019: a narrative in parts of its own, no table, so no figures."""
    title = "柳湾县教育局2015年政府信息公开工作年度报告"
    parts = (
        (
            "overview",
            "一、概述",
            "2015年，我局把信息公开列入年度工作要点，明确由办公室牵头，各科室配合，按时更新内容。"
            "全年召开专题会议两次，研究解决公开工作中的具体问题，并对工作人员进行了业务培训。",
        ),
        (
            "proactive_disclosure",
            "二、主动公开政府信息情况",
            "全年通过网站公开信息三百一十二条，主要是机构职能、招生政策、经费安排和工作动态。"
            "通过公告栏张贴通知二十余次，编印资料一千份，在学校和社区发放，方便群众查阅。",
        ),
        (
            "requests",
            "三、依申请公开政府信息情况",
            "2015年共收到公开申请六件，均为当面提交，内容涉及招生范围和教师招聘，全部在规定期限内"
            "答复申请人，没有延期答复的情况，也没有收取任何费用。",
        ),
        (
            "review_and_litigation",
            "四、政府信息公开行政复议和行政诉讼情况",
            "2015年没有因信息公开引起的行政复议和行政诉讼。",
        ),
        (
            "problems_and_improvements",
            "五、存在的主要问题及改进措施",
            "公开的内容还不够全面，更新有时不够及时。下一步将完善制度，加强检查，提高公开质量，"
            "同时充实网站栏目，增加便民信息，让群众少跑路、多办事。",
        ),
    )
    body = "\n".join(f"<p>{h}</p>\n<p>{t}</p>" for _, h, t in parts)
    source = (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title></head><body>\n'
        f"<h1>{title}</h1>\n{body}\n</body></html>\n"
    )
    facts: dict[str, Any] = {
        "form": "narrative",
        "forms": {},
        "title": title,
        "organ": "柳湾县教育局",
        "year": 2015,
        "published": None,
        "headings": [[k, h] for k, h, _ in parts],
        "texts": {k: text_digest(t) for k, _, t in parts},
        "units": {},
        "raws": {},
        "extra_rows": [],
        "repairs": {},
        "findings": ["heading_variant", "section_missing"],
        "broken_checks": [],
    }
    outline = "\n".join([*(f"{k}: {h}" for k, h, _ in parts), ""])
    return Case(
        source.encode(),
        ".html",
        "html",
        tags=("html", "narrative"),
        how=BY_HAND,
        reports=(ExpectedReport((), facts),),
        outline=outline,
    )


# -- sections and forms in doubt ---------------------------------------------------------------


@case
def odd_html_sections_swapped() -> Case:
    """Section six stands before section five, numerals kept."""
    r = record(351)
    printed = {s.key: s.printed for s in loader.sections()}
    order = [k for k in printed if k not in ("problems_and_improvements", "other_matters")]
    order += ["other_matters", "problems_and_improvements"]
    headings = [["preamble", ""], *([k, printed[k]] for k in order)]
    truth = Truth(r, findings=("section_order",), facts={"headings": headings})
    why = "the section that stands out of order is called missing, its text lies under extra_1"
    gaps = {f"facts/{key}": why for key in ("headings", "texts", "findings", "outline")}
    c = html(r, grids_of(r), truth, "section_order").but(gaps=gaps)
    text = c.source.decode()
    five = text.index("<p>五、存在的主要问题及改进情况</p>")
    six = text.index("<p>六、其他需要报告的事项</p>")
    end = text.index("<p>扫一扫")
    return c.but(source=(text[:five] + text[six:end] + text[five:six] + text[end:]).encode())


@case
def odd_text_form_untold() -> Case:
    """The text begins in table 3 and ends before （六）: no row tells the form; it is assumed."""
    r = record(352)
    rq = grids_of(r)[RQ]
    rq = rq.with_rows(rq.rows[: row_at(rq, "requests/lapsed_no_clarification/")])
    gone = {
        **all_of(r, "proactive_disclosure/", ABSENT),
        **all_of(r, "review_and_litigation/", ABSENT),
    }
    for row in ("lapsed_no_clarification", "lapsed_fee_unpaid", "other_handling_other"):
        gone |= all_of(r, f"requests/{row}/", ABSENT)
    for row in ("outcomes_total", "carried_forward"):
        gone |= all_of(r, f"requests/{row}/", ABSENT)
    truth = Truth(
        r,
        ("absent", "text", "absent"),
        figures=gone,
        findings=("form_assumed", "table_incomplete", "table_missing"),
    )
    return plain(r, truth, "form_assumed", grids=(rq,))


@case
def odd_html_tables_in_iframe() -> Case:
    """Six headings, a few words each, and the tables in an embedded page: all figures absent."""
    title = "白塔区统计局2023年政府信息公开工作年度报告"
    r = replace(
        _simple("白塔区统计局", 2023, title, 353),
        preamble=("本报告统计期限自2023年1月1日至2023年12月31日。",),
        sections={
            "overview": ("工作平稳。",),
            "proactive_disclosure": (),
            "requests": (),
            "review_and_litigation": (),
            "problems_and_improvements": ("解读不够。",),
            "other_matters": ("无。",),
        },
    )
    figures = all_of(r, "", ABSENT)
    truth = Truth(
        r,
        ("absent", "absent", "absent"),
        figures=figures,
        findings=("content_in_iframe", "table_missing"),
    )
    c = html(r, (), truth, "iframe")
    return edited(c, ("<p>五、存在", '<iframe src="/attach/2023.html"></iframe>\n<p>五、存在')).but(
        truths=(replace(truth, shapes=("absent",) * 3),)
    )


@case
def odd_html_two_charsets() -> Case:
    """The frame of the page is GBK, the article was pasted as UTF-8."""
    r = record(354)
    truth = Truth(r, published=r.published, findings=("charset_mixed",))
    c = html(r, grids_of(r), truth, "mixed_charset", family="trs")
    text = c.source.decode()
    start = text.index("<div class='TRS_Editor'>")
    end = text.index('<div class="share">')
    source = text[:start].encode("gbk") + text[start:end].encode() + text[end:].encode("gbk")
    return c.but(source=source, encoding="utf-8")


@case
def lost_text_joined_in_one_line() -> Case:
    """As lost_text_joined_digits, a whole table in one line: the next label's own digit is glued
    on (…00007 then 1.属于国家秘密). Table 2's rows of one column end where a label begins."""
    joined = lost_text_joined_digits()
    truth = joined.truths[0]
    c = plain(truth.record, truth, "places_lost", "dialect_concat_line", dialect="concat_line")
    why = "the last block of table 2 on its one line is taken for prose: 行政事业性收费 is absent"
    return c.but(
        gaps={
            "facts/findings": why,
            "proactive_disclosure/administrative_fees/amount": why,
            "facts/texts": why,
        }
    )


@case
def lost_text_repeated_lines() -> Case:
    """A crawler left out every line that it had seen before: what is left is no row.

    A row of one column whose number was new stands there whole (30, 26). Any other row that shows
    something is ambiguous, a row that shows nothing absent. Table 4 shows no number at all.
    """
    r = record_of(_SMALL, organ="云岭市教育局", year=2023)
    shown = {
        "rules": AMBIGUOUS,  # the first 0 of the document
        "requests_received": AMBIGUOUS,  # 8, 2, 10
        "granted": AMBIGUOUS,  # 5, 7
        "not_held": AMBIGUOUS,  # 3
    }
    figures: dict[str, Outcome] = {}
    for path, cell in r.cells.items():
        row = path.split("/")[1]
        if row in ("licensing", "penalties"):
            figures[path] = (cell.state, cell.value)
        else:
            figures[path] = shown.get(row, ABSENT)
    truth = Truth(
        r,
        ("text", "text", "absent"),
        figures=figures,
        findings=("place_lost", "table_incomplete", "table_missing", "candidates"),
    )
    c = plain(r, truth, "places_lost", "dialect_dedup", dialect="dedup")
    # Without a number no table stands there, so the words of its header are the section's text.
    lines = c.source.decode().split("\n")
    first = lines.index("四、政府信息公开行政复议、行政诉讼情况") + 1
    words = lines[first : lines.index("五、存在的主要问题及改进情况")]
    assert words[:2] == ["行政复议", "行政诉讼"]
    text = {"review_and_litigation": text_digest("".join(words))}
    return c.but(truths=(replace(truth, facts={"texts": text}),))
