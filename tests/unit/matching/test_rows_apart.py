"""Numbers in a row of their own beside a blank labelled row: never ``blank``, never moved."""

from __future__ import annotations

import pytest

from govreport_parse.parsing import parse
from govreport_parse.report import Report
from govreport_parse.values import State

PD, RQ, RL = "proactive_disclosure", "requests", "review_and_litigation"
COLUMNS = (
    "natural_person",
    "business",
    "research_institution",
    "public_interest_org",
    "legal_service_org",
    "other_org",
    "total",
)
NAMES = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
FIVE = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
REVIEW = ["2", "1", "0", "0", "3", "1", "0", "0", "1", "2", "0", "0", "0", "4", "4"]
NEW = ("一、本年新收政府信息公开申请数量", "41", "42", "43", "44", "45", "46", "47")
CARRIED = ("二、上年结转政府信息公开申请数量", "51", "52", "53", "54", "55", "56", "57")
GRANTED = ("（一）予以公开", "61", "62", "63", "64", "65", "66", "67")
PART = ("（二）部分公开", "71", "72", "73", "74", "75", "76", "77")
SECRET = ("1.属于国家秘密", *["0"] * 7)
FORWARD = ("四、结转下年度继续办理", "81", "82", "83", "84", "85", "86", "87")
BLANKS = ("",) * 7
Rows = list[tuple[str, ...]]


def tables(
    two: Rows | None = None,
    three: Rows | None = None,
    four: str | None = None,
    *,
    wide: str = "",
) -> Report:
    """A page with the three tables; table 4 as HTML rows, the others as texts of cells.

    ``wide``: the text that stands for a blank cell over seven columns.
    """

    def grid(rows: Rows) -> str:
        tds = (
            "".join("<td colspan=7></td>" if wide and c == wide else f"<td>{c}</td>" for c in row)
            for row in rows
        )
        return "<table>" + "".join(f"<tr>{t}</tr>" for t in tds) + "</table>"

    head2 = ("信息内容", "本年制发件数", "本年废止件数", "现行有效件数")
    two = two or [("规章", "11", "12", "13"), ("行政规范性文件", "14", "15", "16")]
    three = three or [NEW, CARRIED, GRANTED, PART, SECRET, FORWARD]
    four = four or "<tr>" + "".join(f"<td>{c}</td>" for c in REVIEW) + "</tr>"
    head4 = "".join(f"<td>{c}</td>" for c in FIVE * 3)
    return parse(
        "<h1>清河县教育局2022年政府信息公开工作年度报告</h1><p>二、主动公开政府信息情况</p>"
        + grid([head2, *two])
        + "<p>三、收到和处理政府信息公开申请情况</p>"
        + grid([("", *NAMES), *three])
        + "<p>四、政府信息公开行政复议、行政诉讼情况</p><table><tr><td colspan=5>行政复议</td>"
        + "<td colspan=5>未经复议直接起诉</td><td colspan=5>复议后起诉</td></tr>"
        + f"<tr>{head4}</tr>{four}</table>"
    )


def told(report: Report) -> list[tuple[str, ...]]:
    return [f.figures for f in report.findings if f.code == "row_apart"]


def row(report: Report, key: str) -> list[tuple[State, str | None, object]]:
    figures = [report[f"{RQ}/{key}/{c}"] for c in COLUMNS]
    return [(f.state, f.raw, f.value) for f in figures]


def unsure(*raws: str) -> list[tuple[State, str | None, object]]:
    return [(State.AMBIGUOUS, raw, None) for raw in raws]


def read(*raws: str) -> list[tuple[State, str | None, object]]:
    return [(State.REPORTED, raw, int(raw)) for raw in raws]


@pytest.mark.parametrize(
    "rows",
    [
        [NEW, (CARRIED[0], *BLANKS), ("", *CARRIED[1:]), GRANTED, PART, SECRET, FORWARD],
        [NEW, ("", *CARRIED[1:]), (CARRIED[0], *BLANKS), GRANTED, PART, SECRET, FORWARD],
        # an empty strip between the halves
        [NEW, (CARRIED[0], *BLANKS), ("",) * 8, ("", *CARRIED[1:]), GRANTED, SECRET, FORWARD],
        # the lower half has one cell more on its left: its columns do not agree
        [NEW, (CARRIED[0], *BLANKS), ("", "", *CARRIED[1:]), GRANTED, PART, SECRET, FORWARD],
    ],
)
def test_numbers_beside_a_blank_row_of_table_3_make_it_ambiguous(rows: Rows) -> None:
    report = tables(three=rows)
    assert row(report, "requests_carried_in") == unsure(*CARRIED[1:])
    assert row(report, "requests_received") == read(*NEW[1:])
    assert row(report, "granted") == read(*GRANTED[1:])
    assert told(report) == [tuple(f"{RQ}/requests_carried_in/{c}" for c in COLUMNS)]


def test_a_label_that_is_cut_with_its_row() -> None:
    half = ("（区分处理的，只计这一情形，不计其他情形）", *PART[1:])
    report = tables(three=[NEW, CARRIED, GRANTED, (PART[0], *BLANKS), half, SECRET, FORWARD])
    assert row(report, "granted_in_part") == unsure(*PART[1:])


@pytest.mark.parametrize(("upper", "lower"), [(0, 1), (1, 0)])
def test_numbers_above_the_first_and_below_the_last_row_count_too(upper: int, lower: int) -> None:
    new = [(NEW[0], *BLANKS), ("", *NEW[1:])]
    forward = [(FORWARD[0], *BLANKS), ("", *FORWARD[1:])]
    report = tables(
        three=[new[upper], new[lower], CARRIED, GRANTED, SECRET, forward[upper], forward[lower]]
    )
    assert row(report, "requests_received") == unsure(*NEW[1:])
    assert row(report, "carried_forward") == unsure(*FORWARD[1:])
    assert row(report, "requests_carried_in") == read(*CARRIED[1:])


def test_a_row_whose_cells_stand_partly_above_and_partly_below() -> None:
    one = (CARRIED[0], "51", "", "53", "", "", "56", "")
    two = ("", "", "52", "", "54", "", "", "57")
    report = tables(three=[NEW, one, two, GRANTED, PART, SECRET, FORWARD])
    got = row(report, "requests_carried_in")
    assert [got[0], got[2], got[5]] == read("51", "53", "56")
    assert [got[1], got[3], got[6]] == unsure("52", "54", "57")
    assert got[4] == (State.BLANK, "", None)  # neither half shows anything there
    keys = ("business", "public_interest_org", "total")
    assert told(report) == [tuple(f"{RQ}/requests_carried_in/{k}" for k in keys)]


def test_a_merged_blank_cell_keeps_all_the_numbers_beside_it() -> None:
    report = tables(
        three=[NEW, (CARRIED[0], "@"), ("", *CARRIED[1:]), GRANTED, PART, SECRET, FORWARD],
        wide="@",
    )
    got = row(report, "requests_carried_in")
    assert got == unsure(*[" | ".join(CARRIED[1:])] * 7)


def test_a_table_3_alone_whose_cut_row_might_be_table_4() -> None:
    rows = [NEW, (CARRIED[0], *BLANKS), ("", *CARRIED[1:]), GRANTED, PART, SECRET, FORWARD]
    tds = ("".join(f"<td>{c}</td>" for c in r) for r in [("", *NAMES), *rows])
    report = parse("<table>" + "".join(f"<tr>{t}</tr>" for t in tds) + "</table>")
    assert row(report, "requests_carried_in") == unsure(*CARRIED[1:])


def test_between_two_blank_rows_the_numbers_may_be_either_s() -> None:
    rows = [NEW, (CARRIED[0], *BLANKS), ("", *CARRIED[1:]), (GRANTED[0], *BLANKS), PART, FORWARD]
    report = tables(three=rows)
    assert row(report, "requests_carried_in") == unsure(*CARRIED[1:])
    assert row(report, "granted") == unsure(*CARRIED[1:])


def test_numbers_that_stand_for_a_lost_label_may_be_those_of_the_blank_row() -> None:
    """（二）is not printed, so the row without label would be read as it."""
    rows = [NEW, CARRIED, (GRANTED[0], *BLANKS), ("", *GRANTED[1:]), SECRET, FORWARD]
    report = tables(three=rows)
    assert row(report, "granted") == unsure(*GRANTED[1:])
    assert row(report, "granted_in_part") == unsure(*GRANTED[1:])


@pytest.mark.parametrize(
    "other",
    [
        ("", *BLANKS),  # nothing
        ("", *["—"] * 7),  # no number
        ("", "", "", "", "", "", "", "说明"),  # words
        ("其中：网络申请", *CARRIED[1:]),  # a label of its own
    ],
)
def test_a_blank_row_beside_a_row_of_another_kind_stays_blank(other: tuple[str, ...]) -> None:
    rows = [NEW, (CARRIED[0], *BLANKS), other, GRANTED, PART, SECRET, FORWARD]
    report = tables(three=rows)
    assert row(report, "requests_carried_in") == [(State.BLANK, "", None)] * 7
    assert not told(report)


def test_a_row_with_numbers_in_columns_that_are_shown_is_another_row() -> None:
    one = (CARRIED[0], "51", "", "53", "54", "55", "56", "57")
    report = tables(three=[NEW, one, ("", *["9"] * 7), GRANTED, PART, SECRET, FORWARD])
    assert row(report, "requests_carried_in")[1] == (State.BLANK, "", None)
    assert not told(report)


def test_numbers_of_the_columns_below_the_header_are_no_figures() -> None:
    counted = ("", *map(str, range(1, 8)))
    rows = [counted, (NEW[0], *BLANKS), CARRIED, GRANTED, PART, SECRET, FORWARD]
    report = tables(three=rows)
    assert row(report, "requests_received") == [(State.BLANK, "", None)] * 7
    assert not told(report)


@pytest.mark.parametrize(
    "rows",
    [
        [("规章", "", "", ""), ("", "11", "12", "13"), ("行政规范性文件", "14", "15", "16")],
        [("", "11", "12", "13"), ("规章", "", "", ""), ("行政规范性文件", "14", "15", "16")],
    ],
)
def test_table_2(rows: Rows) -> None:
    report = tables(two=rows)
    keys = [f"{PD}/rules/{k}" for k in ("issued", "repealed", "in_force")]
    assert [(report[k].state, report[k].raw) for k in keys] == [
        (State.AMBIGUOUS, raw) for raw in ("11", "12", "13")
    ]
    assert report[f"{PD}/normative_documents/issued"].value == 14
    assert told(report) == [tuple(keys)]


def test_the_last_row_of_table_2_has_its_number_below_it() -> None:
    report = tables(
        two=[
            ("规章", "11", "12", "13"),
            ("行政规范性文件", "14", "15", "16"),
            ("信息内容", "本年收费金额（单位：万元）"),
            ("行政事业性收费", ""),
            ("", "12.5"),
        ]
    )
    fee = report[f"{PD}/administrative_fees/amount"]
    assert (fee.state, fee.raw, fee.value) == (State.AMBIGUOUS, "12.5", None)
    assert told(report) == [(f"{PD}/administrative_fees/amount",)]


def test_table_4_whose_last_eight_cells_are_cut() -> None:
    tall = "".join(f"<td rowspan=2>{c}</td>" for c in REVIEW[:7])
    cut = "".join(f"<td>{c}</td>" for c in REVIEW[7:])
    report = tables(four=f"<tr>{tall}{'<td></td>' * 8}</tr><tr>{cut}</tr>")
    figures = [f for f in report if f.path.startswith(RL)]
    assert [f.raw for f in figures] == REVIEW
    assert [f.state for f in figures] == [State.REPORTED] * 7 + [State.AMBIGUOUS] * 8
    assert told(report) == [tuple(f.path for f in figures[7:])]


@pytest.mark.parametrize("row_of", ["requests_carried_in", "carried_forward"])
def test_text_whose_numbers_stand_on_the_line_above_their_label(row_of: str) -> None:
    label, *cells = {"requests_carried_in": CARRIED, "carried_forward": FORWARD}[row_of]
    others = [("3.危及“三安全一稳定”", *["0"] * 7), ("（七）总计", *GRANTED[1:])]
    rows = [NEW, CARRIED, GRANTED, PART, SECRET, *others, FORWARD]
    text = "三、收到和处理政府信息公开申请情况\n" + " | ".join(["", *NAMES])
    for key, *values in rows:
        if key == label:
            text += "\n" + " | ".join(["", *cells]) + "\n" + " | ".join([key, *BLANKS])
        else:
            text += "\n" + " | ".join([key, *values])
    report = parse(f"清河县教育局2022年政府信息公开工作年度报告\n{text}\n四、其他\n")
    assert row(report, row_of) == unsure(*cells)
    assert row(report, "granted") == read(*GRANTED[1:])


def test_numbers_below_the_label_that_a_line_strikes_through() -> None:
    """As a PDF's reader writes them: read as no number, but never as blank."""
    marked = [f"⟦{c}⟧" for c in CARRIED[1:]]
    rows = [NEW, (CARRIED[0], *BLANKS), ("", *marked), GRANTED, PART, SECRET, FORWARD]
    report = tables(three=rows)
    got = row(report, "requests_carried_in")
    assert got == [(State.UNREADABLE, raw, None) for raw in marked]
    assert told(report) == [tuple(f"{RQ}/requests_carried_in/{c}" for c in COLUMNS)]
