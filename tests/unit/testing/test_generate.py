"""The generator's own promises, checked without the parser: sums by hand, grids by html.parser."""

from __future__ import annotations

import random
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from govreport_parse.testing import (
    Record,
    Style,
    judge,
    random_record,
    record_of,
    render_html,
    render_text,
)
from govreport_parse.values import State

SIZES = ("zero", "small", "county", "city")
FORMS = ("ogi_annual_2021", "ogi_annual_2019", "hybrid")
KINDS = (
    "natural_person",
    "business",
    "research_institution",
    "public_interest_org",
    "legal_service_org",
    "other_org",
)
ENDS = ("requests_received", "requests_carried_in", "outcomes_total", "carried_forward")


def broken_sums(record: Record) -> list[str]:
    """Every identity of tables 3 and 4 that does not hold, written out by hand."""
    v = {p: c.value or 0 for p, c in record.cells.items()}
    rows = list(dict.fromkeys(p.split("/")[1] for p in v if p.startswith("requests/")))
    out = [
        f"row {row}"
        for row in rows
        if sum(v[f"requests/{row}/{k}"] for k in KINDS) != v[f"requests/{row}/total"]
    ]
    for kind in (*KINDS, "total"):
        new, old, done, left = (v[f"requests/{row}/{kind}"] for row in ENDS)
        if new + old != done + left:
            out.append(f"balance {kind}")
        if sum(v[f"requests/{row}/{kind}"] for row in rows if row not in ENDS) != done:
            out.append(f"outcomes {kind}")
    for block in ("review", "litigation_direct", "litigation_after_review"):
        parts = [
            v[f"review_and_litigation/{block}/{c}"]
            for c in ("upheld", "corrected", "other_outcome", "pending")
        ]
        if sum(parts) != v[f"review_and_litigation/{block}/total"]:
            out.append(f"cases {block}")
    return out


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", SIZES)
def test_random_records_keep_every_hard_identity(form: str, size: str) -> None:
    for seed in range(20):
        assert broken_sums(random_record(random.Random(seed), form, size, blanks=0.3)) == []


def test_forms_have_200_198_and_186_figures() -> None:
    counts = [len(random_record(random.Random(1), form).cells) for form in FORMS]
    assert counts == [200, 198, 186]


def test_same_seed_gives_the_same_record_and_another_seed_another() -> None:
    a, b, c = (random_record(random.Random(s), size="city", blanks=0.5) for s in (5, 5, 6))
    assert a == b
    assert a != c


def test_seed_document_tables_are_reproduced_in_dialect_b() -> None:
    record = record_of(
        {
            "proactive_disclosure/licensing/decisions": 30,
            "proactive_disclosure/penalties/decisions": 26,
        }
    )
    lines = [x for x in render_text(record, "B").text.split("\n") if "|" in x]
    assert len(lines) == 46
    assert lines[:7] == [
        "第二十条第（一）项 | |||",
        "信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数 |",
        "规章 | 0 | 0 | 0 |",
        "行政规范性文件 | 0 | 0 | 0 |",
        "第二十条第（五）项 | |||",
        "信息内容 | 本年处理决定数量 | ||",
        "行政许可 | 30 | ||",
    ]
    assert lines[13] == "行政事业性收费 | 0 |"
    assert lines[16] == "商业 企业 | 科研 机构 | 社会公益组织 | 法律服务机构 | 其他 | |||||"
    assert lines[19] == "三、本年度办理结果 | （一）予以公开 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | |"
    assert lines[41] == "四、结转下年度继续办理 | 0 | 0 | 0 | 0 | 0 | 0 | 0 |"
    assert lines[42] == "行政复议 | 行政诉讼 | |||||||||||||"
    assert lines[43] == (
        "结果维持 | 结果 | 其他 | 尚未 | 总计 | 未经复议直接起诉 | 复议后起诉 | ||||||||"
    )
    assert lines[45] == " | ".join("0" * 15) + " |"


class GridReader(HTMLParser):
    """Opens tables with spans, independently of the library."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[dict[tuple[int, int], int]] = []
        self.texts: list[list[list[str]]] = []
        self._row = -1
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append({})
            self.texts.append([])
            self._row = -1
        elif tag == "tr":
            self._row += 1
            self.texts[-1].append([])
        elif tag in ("td", "th"):
            spans = {k: int(v or 1) for k, v in attrs if k in ("rowspan", "colspan")}
            taken, column = self.tables[-1], 0
            while (self._row, column) in taken:
                column += 1
            for r in range(spans.get("rowspan", 1)):
                for c in range(spans.get("colspan", 1)):
                    place = (self._row + r, column + c)
                    taken[place] = taken.get(place, 0) + 1
            self.texts[-1][-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.texts[-1][-1][-1] += data

    def shapes(self) -> list[tuple[int, int]]:
        """(rows, columns) of each table; fails on holes and overlaps."""
        out = []
        for taken in self.tables:
            rows, columns = (max(p[i] for p in taken) + 1 for i in (0, 1))
            assert len(taken) == rows * columns, "hole in the grid"
            assert set(taken.values()) == {1}, "cells overlap"
            out.append((rows, columns))
        return out


def read(page: str) -> GridReader:
    reader = GridReader()
    reader.feed(page)
    return reader


@pytest.mark.parametrize(
    ("form", "shapes"),
    [
        ("ogi_annual_2021", [(14, 4), (28, 10), (4, 15)]),
        ("ogi_annual_2019", [(18, 5), (26, 10), (4, 15)]),
        ("hybrid", [(14, 4), (26, 10), (4, 15)]),
    ],
)
def test_clean_html_has_the_official_grids(form: str, shapes: list[tuple[int, int]]) -> None:
    page = render_html(random_record(random.Random(3), form), "clean").text
    assert read(page).shapes() == shapes


def test_clean_html_prints_every_figure_once_in_form_order() -> None:
    record = random_record(random.Random(9), size="city")
    texts = read(render_html(record, "clean").text).texts
    shown = [row[-7:] for row in texts[1][3:]]
    rows = [p for p in record.cells if p.startswith("requests/")]
    assert [t for row in shown for t in row] == [record.cells[p].text for p in rows]
    assert texts[2][3] == [c.text for p, c in record.cells.items() if p.startswith("review")]


def test_styles_print_the_number_otherwise_and_keep_its_value() -> None:
    path = "proactive_disclosure/administrative_fees/amount"
    plain = record_of({path: Decimal("160.5964")}).cells[path]
    yuan = record_of({path: Decimal("25.1")}, style="yuan").cells[path]
    wan = record_of({path: Decimal("160.5964")}, style="wan_yuan").cells[path]
    assert (plain.text, plain.value, plain.unit) == ("160.5964", Decimal("160.5964"), "万元")
    assert (yuan.text, yuan.value, yuan.unit) == ("251000元", Decimal(251000), "元")
    assert (wan.text, wan.value, wan.unit) == ("160.5964万元", Decimal("160.5964"), "万元")
    permits = "proactive_disclosure/licensing/decisions"
    both = Style(thousands=",", full_width=True)
    assert record_of({permits: 1808595}, style=both).cells[permits].text == "１，８０８，５９５"
    change = "proactive_disclosure/penalties/items_change"
    texts = [
        record_of({change: n}, form="ogi_annual_2019", style=s).cells[change].text
        for n, s in ((-18, "plain"), (3, "plus_signs"), (-4, "change_words"))
    ]
    assert texts == ["-18", "+3", "减4"]


def test_zeros_shown_blank_or_dashed_have_no_value() -> None:
    for style, state, text in (
        ("blank_zeros", State.BLANK, ""),
        ("dashes", State.DASH, "-"),
        ("slashes", State.DASH, "/"),
    ):
        record = random_record(random.Random(2), size="zero", style=style)
        assert {(c.text, c.value, c.state) for c in record.cells.values()} == {(text, None, state)}


def test_row_that_lost_a_blank_cell_is_never_exact_and_full_rows_are() -> None:
    a, b = "requests/granted/natural_person", "requests/granted/total"
    record = record_of({a: 5, b: 5}).with_cell(
        "requests/granted/business",
        record_of({}, style="blank_zeros").cells["requests/granted/business"],
    )
    expected = render_text(record, "B").expected
    assert expected[a].allowed == {
        (State.ABSENT, None),
        (State.AMBIGUOUS, None),
        (State.SOLVED, 5),
    }
    assert (State.REPORTED, None) not in expected["requests/granted/business"].allowed
    assert all(v is None for _, v in expected["requests/granted/business"].allowed)
    assert expected["requests/not_held/total"].outcome == (State.REPORTED, 0)
    assert render_text(record, "D2").expected[a].outcome == (State.REPORTED, 5)


def test_judge_tells_wrong_values_from_luck_and_from_loss() -> None:
    record = record_of({"requests/granted/natural_person": 5, "requests/granted/total": 5})
    expected = dict(render_html(record).expected)
    told = {p: e.outcome for p, e in expected.items()}
    assert judge(expected, told) == []
    told["requests/granted/total"] = (State.REPORTED, 6)
    told["requests/granted/business"] = (State.SOLVED, 0)
    told["requests/not_held/total"] = (State.BLANK, None)
    del told["requests/repeated_request/total"]
    told["requests/other_handling/total"] = (State.REPORTED, 1)
    found = {v.path: v.severity for v in judge(expected, told)}
    assert found == {
        "requests/granted/total": "wrong_value",
        "requests/other_handling/total": "wrong_value",
        "requests/granted/business": "overclaimed",
        "requests/not_held/total": "lost",
        "requests/repeated_request/total": "lost",
    }
