"""A page that ends inside a cell: its number may go on, so it is none."""

from __future__ import annotations

import random

import pytest

import govreport_parse as gov
from govreport_parse.documents.html import read_html
from govreport_parse.documents.model import Table
from govreport_parse.testing import random_record, render_html
from govreport_parse.values import State

BEFORE = "<html><body><h1>年报</h1><table><tr><td>项目</td><td>数</td></tr><tr><td>许可</td>"


def last_cell(end: str) -> tuple[str, list[str]]:
    document = read_html(BEFORE + end)
    table = next(b for b in document.blocks if isinstance(b, Table))
    return table.texts[-1], [f.code for f in document.findings]


@pytest.mark.parametrize(
    ("end", "text"),
    [
        ("<td>64", "64⟦截断⟧"),
        ("<TD class=a>64 \n", "64 ⟦截断⟧"),
        ("<td><p>64", "64\n⟦截断⟧"),
        # An element inside the cell is finished, the cell is not: 64<b>2</b>.
        ("<td><span>64</span>", "64⟦截断⟧"),
        ("<td><span>64</spa", "64⟦截断⟧"),
        ("<td>", "⟦截断⟧"),
    ],
)
def test_the_cell_in_which_a_page_ends_is_no_number(end: str, text: str) -> None:
    assert last_cell(end) == (text, ["cell_cut"])


@pytest.mark.parametrize(
    "end",
    [
        "<td>64</td>",
        "<td>64</td",
        "<td>64</t",
        "<td>64</td></tr>",
        "<td>64</td></tr></table>",
        "<td>64</table><p>完",
        "<td>64\n</table></body></html>\n",
        "<td>64</td></tr></table><script>'<td>'</script>",
        # Something follows, so it was not the end of the bytes that ended the cell.
        "<td>64</td></tr></table><p>1</p><td>5",
    ],
)
def test_a_cell_that_was_ended_is_read(end: str) -> None:
    assert last_cell(end) == ("64", [])


def test_an_article_that_breaks_off_in_a_cell_of_layout_is_left_alone() -> None:
    page = "<table><tr><td>" + "本年度按条例要求开展工作。" * 20
    assert read_html(page).findings == []


def test_of_a_page_cut_in_a_number_no_wrong_figure_comes() -> None:
    record = random_record(random.Random(8), form="ogi_annual_2021", size="county")
    page = render_html(record, "clean", "hanweb").text
    truth = gov.parse(page).values
    path = "proactive_disclosure/licensing/decisions"
    assert len(str(truth[path])) > 1
    start = page.index(f">{truth[path]}<", page.index("行政许可")) + 1
    report = gov.parse(page[: start + 1])
    assert report[path].value is None
    assert report[path].state is State.UNREADABLE
    assert "cell_cut" in {f.code for f in report.findings}
