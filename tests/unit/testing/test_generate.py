"""The generator's own promises, checked without the parser: sums by hand, grids by html.parser."""

from __future__ import annotations

import random
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from govreport_parse.errors import UsageError
from govreport_parse.testing import (
    DAMAGES,
    DIALECTS,
    FAMILIES,
    LAYOUTS,
    Record,
    Style,
    as_bytes,
    damage,
    glossed,
    judge,
    mojibake_run,
    possible,
    random_record,
    record_of,
    render_html,
    render_text,
    traditional,
)
from govreport_parse.testing.generate import outcome_rows
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
    """Opens tables with spans, nested ones too, independently of the library."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[dict[tuple[int, int], int]] = []
        self.texts: list[list[list[str]]] = []
        self._open: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._open.append(len(self.tables))
            self.tables.append({})
            self.texts.append([])
        elif tag == "tr":
            self.texts[self._open[-1]].append([])
        elif tag in ("td", "th"):
            spans = {k: int(v or 1) for k, v in attrs if k in ("rowspan", "colspan")}
            taken, rows = self.tables[self._open[-1]], self.texts[self._open[-1]]
            column = 0
            while (len(rows) - 1, column) in taken:
                column += 1
            for r in range(spans.get("rowspan", 1)):
                for c in range(spans.get("colspan", 1)):
                    place = (len(rows) - 1 + r, column + c)
                    taken[place] = taken.get(place, 0) + 1
            rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self.texts[self._open[-1]]:
            row = self.texts[self._open[-1]][-1]
            if row:
                row[-1] += data if data.strip() else ""

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


# --- dialects: outputs of the program itself, run once on a page of ours and copied here -------

SMALL = {
    "proactive_disclosure/normative_documents/issued": 7,
    "proactive_disclosure/normative_documents/repealed": 0,
    "proactive_disclosure/normative_documents/in_force": 9,
}


def with_blank(record: Record, *paths: str) -> Record:
    blank = record_of({}, form=record.form, style="blank_zeros")
    for path in paths:
        record = record.with_cell(path, blank.cells[path])
    return record


@pytest.mark.parametrize(
    ("dialect", "markup", "lines"),
    [
        ("B", "td", ["行政规范性文件 | 7 | 9 | |"]),
        ("B", "p", ["行政规范性文件 | 7 |", "| 9 |"]),
        ("B11", "p", ["行政规范性文件 | 7 | | 9 |"]),
        ("B0", "td", ["行政规范性文件 | 7 | 9 |"]),
        ("B0", "p", ["行政规范性文件 | 7 | 9 |"]),
        ("C", "td", ["行政规范性文件 |", "7 |", "9 | |"]),
        ("C", "p", ["行政规范性文件 |", "7 |", "|", "9 |"]),
        ("D", "td", ["|", "行政规范性文件 |", "7 |", "9 | |"]),
        ("D", "p", ["|", "行政规范性文件 |", "7 |", "|", "9 |"]),
        ("D1", "td", ["| 行政规范性文件 | 7 | 9 | |"]),
        ("D2", "td", ["| 行政规范性文件 | 7 |  | 9 |"]),
        ("E", "td", ["行政规范性文件", "|", "7", "|", "9", "|"]),
        ("E", "p", ["行政规范性文件", "|", "7", "|", "|", "9", "|"]),
        ("F", "p", ["行政规范性文件", "7", "9"]),
        ("markdown", "td", ["| 行政规范性文件 | 7 |  | 9 |"]),
        ("tabs", "td", ["行政规范性文件\t7\t\t9"]),
        ("spaces", "td", ["行政规范性文件 7 9"]),
        ("concat", "td", ["行政规范性文件79"]),
        ("wrap", "td", ["行政规范性文件 | 7 | | 9 |"]),
    ],
)
def test_a_row_with_a_blank_cell_in_each_dialect(
    dialect: str, markup: str, lines: list[str]
) -> None:
    record = with_blank(record_of(SMALL), "proactive_disclosure/normative_documents/repealed")
    text = render_text(record, dialect, blank_markup=markup).text  # type: ignore[arg-type]
    assert "\n".join(["", *lines, ""]) in text


def test_dedup_repeats_no_line_and_concat_line_keeps_a_table_in_one() -> None:
    record = random_record(random.Random(4))
    lines = render_text(record, "dedup").text.split("\n")
    assert len(lines) == len(set(lines))
    joined = render_text(record, "concat_line").text
    assert sum("第二十条第（八）项" in line and "规章" in line for line in joined.split("\n")) == 1
    assert "---|---|---|---|" in render_text(record, "markdown").text


def test_wrap_rows_has_hundreds_of_pads_and_a_heading_inside_a_row() -> None:
    lines = render_text(random_record(random.Random(4)), "wrap_rows").text.split("\n")
    assert any(
        line.startswith("四、政府信息公开行政复议、行政诉讼情况 | 行政复议 |") for line in lines
    )
    assert max(line.count("|") for line in lines) > 200


def test_joined_digits_are_never_exact_except_in_rows_of_one_column() -> None:
    record = random_record(random.Random(8))
    expected = render_text(record, "concat").expected
    for path, e in expected.items():
        value = record.cells[path].value
        reported = (State.REPORTED, value) in e.allowed
        assert reported == (path.split("/")[2] in ("decisions", "amount")), path
        assert {v for _, v in e.allowed} <= {value, None}


def seed_tables() -> list[str]:
    folder = Path(__file__).parents[4] / "shared" / "seeds"
    found = sorted(folder.glob("*.txt")) if folder.is_dir() else []
    if not found:
        pytest.skip("the seed document is not here")
    return [x for x in found[0].read_text("utf-8").split("\n") if "|" in x]


def test_seed_document_tables_come_out_byte_for_byte_with_script_and_glosses() -> None:
    record = record_of(
        {
            "proactive_disclosure/licensing/decisions": 30,
            "proactive_disclosure/penalties/decisions": 26,
        }
    )
    half = str.maketrans("（），：", "(),:")
    ours = glossed(render_text(record, "B").text.translate(half))
    assert [x for x in ours.split("\n") if "|" in x] == seed_tables()


# --- layouts -----------------------------------------------------------------------------------


def cell_texts(page: str) -> list[str]:
    """Texts of all cells in order, white space left out."""
    return ["".join(t.split()) for table in read(page).texts for row in table for t in row]


@pytest.mark.parametrize("layout", [x for x in LAYOUTS if not x.startswith("text_in")])
@pytest.mark.parametrize("form", FORMS)
def test_every_layout_shows_every_figure_in_form_order(layout: str, form: str) -> None:
    record = random_record(random.Random(12), form, "city", style="notes")
    texts = cell_texts(render_html(record, layout).text)
    at = 0
    for path, cell in record.cells.items():
        assert cell.text in texts[at:], path
        at = texts.index(cell.text, at) + 1


@pytest.mark.parametrize(
    ("layout", "shapes"),
    [
        ("paragraphs", [(14, 4), (28, 10), (4, 15)]),
        ("spaced", [(14, 4), (28, 10), (4, 15)]),
        ("word", [(14, 4), (28, 10), (4, 15)]),
        ("split", [(14, 4), (15, 10), (13, 10), (4, 15)]),
        ("one_table", [(49, 15)]),
        ("no_rowspan", [(14, 4), (28, 10), (4, 15)]),
        ("no_rowspan_empty", [(14, 4), (28, 10), (4, 15)]),
        ("eight_columns", [(14, 4), (28, 11), (4, 15)]),
        ("shifted_spans", [(14, 4), (28, 11), (4, 15)]),
        ("group_inline", [(14, 4), (28, 10), (4, 15)]),
        ("text_in_html", []),
    ],
)
def test_layouts_have_full_grids_of_known_shape(layout: str, shapes: list[tuple[int, int]]) -> None:
    assert read(render_html(random_record(random.Random(3)), layout).text).shapes() == shapes


def test_no_rowspan_layouts_have_no_rowspan_and_fill_or_leave_the_label() -> None:
    record = random_record(random.Random(3))
    filled, empty = (render_html(record, x).text for x in ("no_rowspan", "no_rowspan_empty"))
    assert "rowspan" not in filled + empty
    assert filled.count("（三）不予公开") == 8
    assert empty.count("（三）不予公开") == 1


@pytest.mark.parametrize(
    ("family", "marks"),
    [
        ("hanweb", ('id="zoom"', '<meta name="ContentStart">', "begin-->", 'name="ArticleTitle"')),
        ("trs", ("TRS_Editor", "Custom_UnionStyle", 'name="PubDate"')),
        ("ucap", ("<UCAPTITLE>", "<UCAPCONTENT>", 'id="zoomcon"', "createPageHTML(")),
        ("nfcms", ("news_cont_d_wrap", "article-content", 'name="ArticleId"')),
        ("gkmlpt", ("SID: '", "索引号", "article-content")),
        ("anhui", ("发布时间", "来源", "索引号")),
        ("vsb", ('id="vsb_content"', "v_news_content", 'name="_newscontent_fromname"')),
        ("shaanxi", ("政府信息公开年报 / 镇街 / ",)),
    ],
)
def test_families_carry_their_marks_and_the_article(family: str, marks: tuple[str, ...]) -> None:
    record = random_record(random.Random(1))
    page = render_html(record, "clean", family).text
    assert [m for m in marks if m not in page] == []
    assert page.count("四、结转下年度继续办理") == 1
    assert record.published in page


@pytest.mark.parametrize("size", [23_000, 160_000, 1_500_000])
def test_pages_grow_to_the_size_asked_for_and_keep_their_cells(size: int) -> None:
    record = random_record(random.Random(1))
    plain = render_html(record, "clean", "trs")
    grown = render_html(record, "clean", "trs", size=size)
    assert abs(len(grown.text.encode()) - size) < 0.02 * size
    assert cell_texts(grown.text) == cell_texts(plain.text)


def test_bytes_carry_the_encoding_and_the_labels_they_are_told() -> None:
    page = render_html(random_record(random.Random(1))).text
    honest = as_bytes(page, "gb18030")
    assert b'charset="gb18030"' in honest.data
    assert honest.data.decode("gb18030") == page.replace('"utf-8"', '"gb18030"')
    lying = as_bytes(page, "utf-8", declared="gb2312", http="iso-8859-1")
    assert b'charset="gb2312"' in lying.data
    assert "总体情况" in lying.data.decode("utf-8")
    assert lying.content_type == "text/html; charset=iso-8859-1"
    assert b"charset" not in as_bytes(page, "gbk", declared="").data


# --- script ------------------------------------------------------------------------------------


def test_script_transforms_follow_the_mirrors() -> None:
    assert (
        traditional("行政规范性文件、勾稽关系、复议后起诉")
        == "行政規范性文件、勾稽關系、復議后起訴"
    )
    assert traditional("制面系", keep="") == "製麵係"
    assert (
        glossed("规章 本年制发件数 行政事业性收费")
        == "規(guī)章 本年制發(fā)件數 行政事業(yè)性收費"
    )
    assert glossed("区0", "區") == "區(qū)0"


def test_mojibake_is_that_of_the_sample_report() -> None:
    # Bytes worked out in the domain guide 4.3: D0 | A3 A1 | B1 D6 C6 B6 C8 | A3 AC.
    assert mojibake_run("三审三校”制度，确保") == "三审三?！敝贫?，确保"
    assert mojibake_run("没有受损的文字。") == "没有受损的文字。"


# --- damages -----------------------------------------------------------------------------------


def all_renderings(record: Record) -> list[object]:
    texts = [
        render_text(record, d, blank_markup=b)  # type: ignore[arg-type]
        for d in DIALECTS
        for b in ("td", "p")
    ]
    pages = [
        render_html(record, layout, family)
        for layout, family in zip(LAYOUTS, FAMILIES * 2, strict=True)
    ]
    return [*texts, *pages]


@pytest.mark.parametrize("name", DAMAGES)
def test_damages_speak_of_every_figure_and_never_allow_an_invented_number(name: str) -> None:
    record = random_record(random.Random(11), blanks=0.3)
    for i, rendered in enumerate(all_renderings(record)):
        if not possible(rendered, name):
            continue
        harmed = damage(random.Random(i), record, rendered, name)
        assert list(harmed.allowed) == list(record.cells)
        for path, allowed in harmed.allowed.items():
            assert allowed
            numbers = {v for _, v in allowed if v is not None}
            if path not in harmed.touched:
                assert numbers <= {record.cells[path].value}
            for state, value in allowed:
                assert (value is not None) == (state in (State.REPORTED, State.SOLVED))


def test_damages_are_deterministic_and_refuse_what_they_do_not_know() -> None:
    record = random_record(random.Random(2))
    page = render_html(record)
    one, two = (damage(random.Random(3), record, page, "merge_cells") for _ in range(2))
    assert one == two
    with pytest.raises(UsageError):
        damage(random.Random(3), record, page, "burn")
    with pytest.raises(UsageError):
        damage(random.Random(3), record, render_text(record, "dedup"), "cut_end")


def honest_reader(record: Record, page: str) -> dict[str, tuple[State, object]]:
    """Reads clean pages of plain records: a full row whose last label is known, nothing else."""
    known: dict[str, list[str]] = {}
    for path in record.cells:
        table = path.split("/")[0]
        spec = next(f for f in record.layout.figures if f.path == path)
        label = "四表" if table.startswith("review") else spec.row.printed
        known.setdefault(label, []).append(path)
    out: dict[str, tuple[State, object]] = {}
    for table in read(page).texts:
        for row in table:
            label, values = "四表", row
            for k, text in enumerate(row):
                if text in known:
                    label, values = text, row[k + 1 :]
            paths = known.get(label, [])
            if len(values) != len(paths) or not all(_number(v) for v in values):
                continue
            for path, v in zip(paths, values, strict=True):
                value = Decimal(v) if path.endswith("/amount") else int(v)
                out[path] = (State.REPORTED, value)
    return out


def _number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None


def careless_reader(record: Record, page: str) -> dict[str, tuple[State, object]]:
    """All numbers of all cells in order into the form, what is missing is 0."""
    numbers = [t for table in read(page).texts for row in table for t in row if _number(t)]
    numbers += ["0"] * len(record.cells)
    return {
        path: (State.REPORTED, Decimal(n)) for path, n in zip(record.cells, numbers, strict=False)
    }


@pytest.mark.parametrize(
    "name", [d for d in DAMAGES if d not in ("glosses", "traditional", "full_width_digits")]
)
def test_an_honest_reader_of_clean_pages_never_states_a_wrong_value(name: str) -> None:
    for seed in range(12):
        record = random_record(random.Random(seed), FORMS[seed % 3], "county")
        page = render_html(record, "clean")
        assert judge(page.expected, honest_reader(record, page.text)) == []
        harmed = damage(random.Random(seed), record, page, name)
        verdict = judge(harmed.allowed, honest_reader(record, harmed.document))
        wrong = [str(v) for v in verdict if v.severity == "wrong_value"]
        assert wrong == [], name
        assert [str(v) for v in verdict if v.severity == "overclaimed"] == []
        if name not in ("merge_cells", "question_marks"):  # it refuses the whole row
            assert [str(v) for v in verdict if v.path not in harmed.touched] == []


@pytest.mark.parametrize("name", ["drop_row", "drop_cell", "duplicate_row", "extra_row", "cut_end"])
def test_a_careless_reader_is_convicted(name: str) -> None:
    convicted = 0
    for seed in range(12):
        record = random_record(random.Random(seed), "ogi_annual_2021", "city")
        page = render_html(record, "clean")
        assert judge(page.expected, careless_reader(record, page.text)) == []
        harmed = damage(random.Random(seed), record, page, name)
        verdict = judge(harmed.allowed, careless_reader(record, harmed.document))
        convicted += any(v.severity == "wrong_value" for v in verdict)
    assert convicted >= 10


def test_altering_a_number_changes_exactly_one_figure_and_breaks_its_sums() -> None:
    record = random_record(random.Random(6))
    page = render_html(record)
    harmed = damage(random.Random(6), record, page, "alter_number")
    (path,) = harmed.touched
    differing = [p for p, e in page.expected.items() if e.allowed != harmed.allowed[p]]
    assert differing == [path]
    ((state, value),) = harmed.allowed[path]
    assert state == State.REPORTED
    assert value != record.cells[path].value
    assert str(value) in harmed.document


def test_a_dropped_cell_leaves_its_row_one_short_and_all_of_it_flagged() -> None:
    record = random_record(random.Random(6))
    page = render_html(record)
    harmed = damage(random.Random(1), record, page, "drop_cell")
    assert harmed.document.count("<td") == page.text.count("<td") - 1
    for path in harmed.touched:
        value = record.cells[path].value
        assert harmed.allowed[path] == {
            (State.ABSENT, None),
            (State.AMBIGUOUS, None),
            (State.SOLVED, value),
        }


def test_a_dropped_row_is_gone_and_the_other_grids_stay_whole() -> None:
    for seed in range(30):
        record = random_record(random.Random(seed))
        harmed = damage(random.Random(seed), record, render_html(record), "drop_row")
        shapes = read(harmed.document).shapes()
        assert sum(rows for rows, _ in shapes) == 14 + 28 + 4 - 1
        assert len(harmed.touched) in (1, 3, 7, 15)


@pytest.mark.parametrize("name", ["drop_header_row", "duplicate_row", "reorder_rows", "title_row"])
def test_row_damages_leave_no_hole_in_the_grid(name: str) -> None:
    for seed in range(30):
        record = random_record(random.Random(seed), FORMS[seed % 3])
        harmed = damage(random.Random(seed), record, render_html(record), name)
        assert len(read(harmed.document).shapes()) == 3


def test_split_table_has_four_whole_grids() -> None:
    for seed in range(30):
        record = random_record(random.Random(seed))
        harmed = damage(random.Random(seed), record, render_html(record), "split_table")
        shapes = read(harmed.document).shapes()
        assert len(shapes) == 4
        assert shapes[1][1] == shapes[2][1] == 10
        assert shapes[1][0] + shapes[2][0] in (28, 31)


def test_cut_end_keeps_a_prefix_and_what_stood_in_it() -> None:
    for seed in range(20):
        record = random_record(random.Random(seed), size="city")
        for rendered in (render_text(record, "B"), render_html(record, "word", "vsb")):
            harmed = damage(random.Random(seed), record, rendered, "cut_end")
            assert rendered.text.startswith(harmed.document)
            exact = [p for p in record.cells if p not in harmed.touched]
            assert all(harmed.allowed[p] == rendered.expected[p].allowed for p in exact)
            last = [p for p in record.cells if p in harmed.touched]
            assert [*exact, *last] == list(record.cells)


def test_glosses_and_script_touch_text_only_never_markup() -> None:
    record = random_record(random.Random(1))
    page = render_html(record, "word", "ucap")
    tags = re.findall(r"<[^>]+>", page.text)
    for name in ("glosses", "traditional"):
        harmed = damage(random.Random(1), record, page, name)
        assert re.findall(r"<[^>]+>", harmed.document) == tags
        assert "總計" in harmed.document
    assert "規(guī)章" in damage(random.Random(1), record, page, "glosses").document


def test_outcome_rows_are_21_and_19() -> None:
    rows = [len(outcome_rows(random_record(random.Random(0), f).layout)) for f in FORMS]
    assert rows == [21, 19, 19]


@pytest.mark.parametrize("dialect", ["F", "spaces", "concat", "E", "tabs"])
def test_noise_in_text_stands_beside_prose_and_never_between_table_lines(dialect: str) -> None:
    added = 0
    for seed in range(10):
        record = random_record(random.Random(seed))
        rendered = render_text(record, dialect)
        lines = damage(random.Random(seed), record, rendered, "noise").document.split("\n")
        signs = [i for i, x in enumerate(lines) if x.strip("?　 ") == ""]
        signs = [i for i in signs if lines[i] not in ("\t" * n for n in range(1, 20))]
        added += len(signs)
        assert all(lines[i - 1].endswith("。") and lines[i + 1].endswith("。") for i in signs)
        assert [x for i, x in enumerate(lines) if i not in signs] == rendered.text.split("\n")
    assert added > 10


def test_merged_numbers_with_a_gap_may_be_told_apart_and_run_together_may_not() -> None:
    seen = set()
    for seed in range(40):
        record = random_record(random.Random(seed), size="city")
        harmed = damage(random.Random(seed), record, render_text(record, "B"), "merge_cells")
        gaps = {
            (State.REPORTED, record.cells[p].value) in harmed.allowed[p] for p in harmed.touched
        }
        assert len(gaps) == 1
        seen |= gaps
    assert seen == {True, False}
