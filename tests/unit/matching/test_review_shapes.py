"""Table 4 as three rows of five: read where rows and columns are named, else refused."""

from __future__ import annotations

import pytest

import govreport_parse as gov
from govreport_parse.values import State

RL = "review_and_litigation"
BLOCKS = ("review", "litigation_direct", "litigation_after_review")
COLUMNS = ("upheld", "corrected", "other_outcome", "pending", "total")
FIVE = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
# review: 3 + 1 = 4; directly: 2 + 1 = 3; after review: 2 pending
ROWS = (("3", "1", "0", "0", "4"), ("2", "0", "1", "0", "3"), ("0", "0", "0", "2", "2"))
NAMES = ("行政复议", "未经复议直接起诉", "复议后起诉")
ALL = [int(cell) for row in ROWS for cell in row]
REST = (
    "<h1>清河县教育局2022年政府信息公开工作年度报告</h1><p>二、主动公开政府信息情况</p><table>"
    "<tr><td>第二十条第（五）项<tr><td>信息内容<td>本年处理决定数量<tr><td>行政许可<td>7</table>"
    "<p>四、政府信息公开行政复议、行政诉讼情况</p>"
)


def row(*cells: str) -> str:
    """A table row; ``2:x`` spans two columns, ``2|x`` two rows."""
    out = ""
    for cell in cells:
        if cell[1:2] == ":":
            out += f"<td colspan={cell[0]}>{cell[2:]}</td>"
        elif cell[1:2] == "|":
            out += f"<td rowspan={cell[0]}>{cell[2:]}</td>"
        else:
            out += f"<td>{cell}</td>"
    return f"<tr>{out}</tr>"


def read(table: str) -> list[int | State]:
    """The fifteen figures of table 4 in the form's order: values, or states where there is none."""
    report = gov.parse(f"{REST}<table>{table}</table><p>五、存在的主要问题及改进情况</p>")
    assert report["proactive_disclosure/licensing/decisions"].value == 7
    figures = [report[f"{RL}/{b}/{c}"] for b in BLOCKS for c in COLUMNS]
    return [f.state if f.value is None else int(f.value) for f in figures]


@pytest.mark.parametrize(
    "table",
    [
        row("类别", *FIVE) + "".join(row(n, *r) for n, r in zip(NAMES, ROWS, strict=True)),
        row("", *FIVE)
        + row("行政复议", *ROWS[0])
        + row("行政诉讼（复议后起诉）", *ROWS[2])
        + row("行政诉讼（未经复议直接起诉）", *ROWS[1]),
        row("2:", *FIVE)
        + row("2:行政复议", *ROWS[0])
        + row("2|行政诉讼", NAMES[1], *ROWS[1])
        + row(NAMES[2], *ROWS[2]),
        "".join(
            row(f"5:{n}") + row(*FIVE) + row(*r) for n, r in zip(NAMES, ROWS, strict=True)
        ),
        row("5:行政复议") + row(*FIVE) + row(*ROWS[0])
        + row("5:未经复议直接起诉") + row(*ROWS[1]) + row("5:复议后起诉") + row(*ROWS[2]),
        "</table><table>".join(
            row(f"5:{n}") + row(*FIVE) + row(*r) for n, r in zip(NAMES, ROWS, strict=True)
        ),
        # the header in another order: each number stands under its name
        row("", *FIVE[::-1])
        + "".join(row(n, *r[::-1]) for n, r in zip(NAMES, ROWS, strict=True)),
    ],
)  # fmt: skip
def test_three_named_rows_under_five_named_columns_are_read(table: str) -> None:
    assert read(table) == ALL


@pytest.mark.parametrize(
    "table",
    [
        row(*FIVE) + "".join(row(*r) for r in ROWS),
        row("", *FIVE)
        + row("行政复议", *ROWS[0]) + row("行政诉讼", *ROWS[1]) + row("其他", *ROWS[2]),
        row("", *FIVE)
        + row("行政复议", *ROWS[0]) + row("复议后起诉", *ROWS[1]) + row("复议后起诉", *ROWS[2]),
        # a header cell spans two columns: the places of the five are not certain
        row("", *FIVE[:4], "2:总计") + "".join(
            row(n, *r, "") for n, r in zip(NAMES, ROWS, strict=True)
        ),
        row("", *FIVE[:4]) + "".join(row(n, *r) for n, r in zip(NAMES, ROWS, strict=True)),
    ],
)  # fmt: skip
def test_where_a_row_or_column_is_not_named_nothing_is_read(table: str) -> None:
    assert not [v for v in read(table) if isinstance(v, int)]


TITLES = {
    "plain": NAMES,
    "markdown": ("### 行政复议", "### 行政诉讼（未经复议直接起诉）", "### 行政诉讼（复议后起诉）"),
    "numbered": ("（一）行政复议情况", "（二）未经复议直接起诉情况", "（三）复议后起诉情况"),
    "short": ("1.行政复议", "2.行政诉讼（未经复议）", "3.行政诉讼（复议后）"),
    "traditional": ("行政復議", "未經復議直接起訴", "復議後起訴"),
}


@pytest.mark.parametrize("titles", TITLES.values(), ids=TITLES)
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_three_tables_are_named_by_the_lines_before_them(
    titles: tuple[str, ...], order: tuple[int, ...]
) -> None:
    tables = [row(*FIVE) + row(*ROWS[i]) for i in order]
    lines = [f"</table><p>{titles[i]}</p><table>" for i in order]
    assert read("".join(a + b for a, b in zip(lines, tables, strict=True))) == ALL


@pytest.mark.parametrize("titles", TITLES.values(), ids=TITLES)
def test_a_title_may_name_a_row_of_a_grid(titles: tuple[str, ...]) -> None:
    rows = (row(n, *r) for n, r in zip(titles, ROWS, strict=True))
    assert read(row("项目", *FIVE) + "".join(rows)) == ALL


@pytest.mark.parametrize(
    "titles",
    [
        ("行政复议", "行政诉讼", "行政诉讼"),
        ("行政复议", "复议后起诉", "复议后起诉"),
        (
            "行政复议",
            "未经复议直接起诉",
            "其中复议后起诉和其他各类案件的情况，详见各部门所报附表",
        ),
        ("行政复议", "未经复议直接起诉", ""),
    ],
)
def test_three_tables_without_their_names_are_not_read(titles: tuple[str, ...]) -> None:
    parts = zip(titles, ROWS, strict=True)
    tables = (f"</table><p>{t}</p><table>" + row(*FIVE) + row(*r) for t, r in parts)
    assert not [v for v in read("".join(tables)) if isinstance(v, int)]


def test_a_first_cell_that_is_no_number_does_not_shift_the_others() -> None:
    head = row("5:行政复议", "5:未经复议直接起诉", "5:复议后起诉") + row(*FIVE * 3)
    cells = [cell for line in ROWS for cell in line]
    assert read(head + row(*cells)) == ALL
    for text in ("3.5", "**", "<img src=3.png>", "<span style='color:#fff'>3</span>"):
        assert read(head + row(text, *cells[1:])) == [State.UNREADABLE, *ALL[1:]]
    # fourteen cells behind what may be a name of the row: one is lost, nobody knows which
    assert {*read(head + row("件数", *cells[1:]))} == {State.AMBIGUOUS}


def test_fifteen_numbers_far_below_table_4_are_no_second_row_of_it() -> None:
    """Six rows of an annex stand between; two rows of fifteen next to each other are doubtful."""
    header = row("5:行政复议", "9:行政诉讼") + row(*FIVE * 3)
    numbers = row(*(cell for r in ROWS for cell in r))
    annex = "".join(row(f"第{n}号文件", str(n)) for n in range(11, 18))
    other = row(*(str(n) for n in range(21, 36)))
    assert read(header + numbers + annex + other) == ALL
    assert read(header + numbers + other) == [State.AMBIGUOUS] * 15


PARTS = {
    "two_tables": row("5:行政复议") + row(*FIVE) + row(*ROWS[0]) + "</table><table>"
    + row("9:行政诉讼", "") + row("5:" + NAMES[1], "5:" + NAMES[2]) + row(*FIVE * 2)
    + row(*ROWS[1], *ROWS[2]),
    "one_table": row("5:行政复议") + row(*FIVE) + row(*ROWS[0])
    + row("9:行政诉讼", "") + row("5:" + NAMES[2], "5:" + NAMES[1]) + row(*FIVE * 2)
    + row(*ROWS[2], *ROWS[1]),
}  # fmt: skip


@pytest.mark.parametrize("table", PARTS.values(), ids=PARTS)
def test_review_above_and_litigation_below_are_read(table: str) -> None:
    assert read(table) == ALL


@pytest.mark.parametrize("table", PARTS.values(), ids=PARTS)
@pytest.mark.parametrize(
    ("printed", "instead"),
    [
        ("<td colspan=5>行政复议</td>", "<td colspan=5>案件</td>"),  # a part without its name
        ("<td>结果维持</td>", "<td>维持率</td>"),
        ("<td>3</td>", "<td>3</td><td>3</td>"),  # six cells under five columns
    ],
)
def test_parts_with_something_unnamed_are_not_read(printed: str, instead: str, table: str) -> None:
    assert not [v for v in read(table.replace(printed, instead, 1)) if isinstance(v, int)]


def test_rows_of_units_and_numbers_of_columns_are_no_values() -> None:
    head = row("5:行政复议", "5:未经复议直接起诉", "5:复议后起诉") + row(*FIVE * 3)
    cells = [cell for line in ROWS for cell in line]
    for extra in (["件"] * 15, ["（件）"] * 15, list("ABCDEFGHIJKLMNO"), [*map(str, range(1, 16))]):
        assert read(head + row(*extra) + row(*cells)) == ALL


def test_fifteen_cells_of_ink_are_unreadable_and_not_lost() -> None:
    head = row("5:行政复议", "5:未经复议直接起诉", "5:复议后起诉") + row(*FIVE * 3)
    cells = [cell for line in ROWS for cell in line]
    assert read(head + row(*["见附件"] * 15)) == [State.UNREADABLE] * 15
    assert read(head + row(*["见附件"] * 5, *cells[5:])) == [State.UNREADABLE] * 5 + ALL[5:]


@pytest.mark.parametrize(("cells", "state"), [(15, "blank"), (14, "absent"), (16, "absent")])
def test_blank_cells_are_fifteen_blanks_only_where_there_are_fifteen(
    cells: int, state: str
) -> None:
    head = row("5:行政复议", "5:未经复议", "5:复议后") + row(*FIVE * 3)
    assert read(head + row(*[""] * cells)) == [State(state)] * 15
