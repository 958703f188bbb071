"""``../shared/CONTRACT.md``: a number is never invented where a table is not the form's own."""

from __future__ import annotations

import re

import paper
import pytest

import govreport_parse as gov
from govreport_parse import State

REVIEW = "review_and_litigation/"
RULES = "proactive_disclosure/rules/"


def upright(before: dict[int, str] | None = None) -> str:
    """The page with table 4 turned on its side; ``before`` puts rows above its rows."""
    page = paper.html()
    start = page.index("<table>", page.index("<h2>四、"))
    end = page.index("</table>", start)
    rows = []
    pairs = [(block, result) for block in paper.BLOCKS for result in paper.RESULTS]
    for i, ((block, name), (result, label)) in enumerate(pairs):
        rows.append((before or {}).get(i, ""))
        lead = f'<td rowspan="5">{name}</td>' if result == "upheld" else ""
        value = paper.truth()[f"{REVIEW}{block}/{result}"]
        rows.append(f"<tr>{lead}<td>{label}</td><td>{value}</td></tr>")
    return page[:start] + "<table>" + "".join(rows) + page[end:]


def test_a_table_on_its_side_is_read() -> None:
    assert {f.path: f.value for f in gov.parse(upright())} == paper.truth()


@pytest.mark.parametrize("at", [1, 3, 7, 14])
def test_a_foreign_row_inside_it_moves_no_number(at: int) -> None:
    report = gov.parse(upright({at: "<tr><td>其中：本级</td><td>77</td></tr>"}))
    for figure in report:
        if figure.path.startswith(REVIEW):
            assert (figure.value, figure.state) == (None, State.ABSENT)
        else:
            assert figure.value == paper.truth()[figure.path]
    assert "table_missing" in {f.code for f in report.findings}


def test_a_column_of_last_year_is_not_this_years() -> None:
    page = paper.html().replace("本年制发件数", "上年制发件数")
    report = gov.parse(page)
    assert (report[RULES + "issued"].value, report[RULES + "issued"].state) == (
        None,
        State.AMBIGUOUS,
    )
    assert report[RULES + "repealed"].value == 1


def test_a_column_more_than_the_form_has_leaves_the_row_open() -> None:
    td = '<td colspan="1" rowspan="1">'
    page = paper.html()
    page = page.replace(f"{td}本年制发件数", "<td>上年制发件数</td><td>本年制发件数")
    page = page.replace(f"{td}规章</td>", "<td>规章</td><td>99</td>")
    page = page.replace(f"{td}行政规范性文件</td>", "<td>行政规范性文件</td><td>98</td>")
    report = gov.parse(page)
    for figure in report:
        if figure.path.startswith((RULES, "proactive_disclosure/normative_documents/")):
            assert (figure.value, figure.state) == (None, State.AMBIGUOUS)
        else:
            assert figure.value == paper.truth()[figure.path]


def test_a_row_of_blanks_with_a_cell_too_few_shows_no_blanks() -> None:
    td = '<td colspan="1" rowspan="1">'
    three = f"{td}2</td>{td}1</td>{td}14</td>"
    page = paper.html()
    assert three in page
    report = gov.parse(page.replace(three, "<td></td><td></td>"))
    states = {report[RULES + c].state for c in ("issued", "repealed", "in_force")}
    assert states == {State.ABSENT}
    assert "table_incomplete" in {f.code for f in report.findings}


def copied(page: str) -> str:
    """The page as ``pandas.read_html`` hands it on: a merged cell stands in each of its places."""

    def row(match: re.Match[str]) -> str:
        cells = re.findall(r'<td colspan="(\d+)" rowspan="1">(.*?)</td>', match[1])
        return "<tr>" + "".join(f"<td>{text}</td>" * int(n) for n, text in cells) + "</tr>"

    start = page.index("<table>")
    end = page.index("</table>")
    return page[:start] + re.sub(r"<tr>(.*?)</tr>", row, page[start:end]) + page[end:]


def test_a_merged_cell_copied_into_each_of_its_places_is_one_number() -> None:
    page = copied(paper.html())
    assert page.count("<td>1846</td>") == 3
    report = gov.parse(page)
    assert report.form == "ogi_annual_2021"
    assert {f.path: f.value for f in report} == paper.truth()


def test_copies_that_differ_are_no_copies() -> None:
    report = gov.parse(copied(paper.html()).replace("<td>1846</td>", "<td>1847</td>", 1))
    assert report.form == "ogi_annual_2021"
    assert report["proactive_disclosure/licensing/decisions"].value is None
