"""Goals, from milliseconds that one can divide by heart."""

from __future__ import annotations

from typing import Any

import pytest
from benchmarks import suite_tools as tools
from benchmarks.suite_goals import Goal, constant, goals, medians


def row(document: str, tool: str, ms: float) -> dict[str, Any]:
    return {"input": document, "tool": tool, "ms": {"median": ms}}


ROWS = [
    row("html 9 KB", tools.LEXBOR, 0.1),
    row("html 9 KB", tools.OURS, 2.3),  # constant: 2.3 - 3 * 0.1 = 2
    row("html 160 KB", tools.LEXBOR, 0.5),
    row("html 160 KB", tools.OURS, 3.5),  # (3.5 - 2) / 0.5 = 3
    row("html 160 KB", tools.PANDAS_LXML, 14.0),
    row("html 160 KB", tools.PANDAS_BS4, 350.0),
    {"input": "html 160 KB", "tool": "another", "status": "not installed: another"},
    row("text B", tools.OURS, 0.5),
    row("text C", tools.OURS, 2.0),
    row("pdf a", tools.PDFPLUMBER, 100.0),
    row("pdf a", tools.CELLS, 10.0),
    row("pdf b", tools.PDFPLUMBER, 80.0),
    row("pdf b", tools.CELLS, 20.0),
    row("pdf c", tools.CELLS, 1000.0),  # not timed by both: left out
]


def by_name(rows: list[dict[str, Any]], memory: list[dict[str, Any]]) -> dict[str, Goal]:
    return {goal.what: goal for goal in goals(rows, memory)}


def test_values_and_verdicts() -> None:
    found = by_name(ROWS, [])
    page = found["html 160 KB: ours less the constant / lexbor"]
    assert page.value == pytest.approx(3.0)
    assert page.remark == "7.0 with the constant of 2.00 ms"
    lxml, bs4 = found["html 160 KB: pandas lxml / ours"], found["html 160 KB: pandas bs4 / ours"]
    assert (lxml.value, lxml.met) == (4.0, False)
    assert (bs4.value, bs4.met) == (100.0, True)
    text = found["text, slowest dialect: reports/s a core"]
    assert (text.value, text.met) == (500.0, False)
    pdf = found["pdf: pdfplumber / our cells"]
    assert (pdf.value, pdf.met) == (6.0, False)  # 180 by 30


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    assert all(goal.value is None and goal.met is None for goal in goals([], []))
    assert by_name(ROWS, [])["docx: python-docx / our cells"].met is None


def test_the_constant_is_never_below_nothing() -> None:
    quick = [row("html 9 KB", tools.LEXBOR, 1.0), row("html 9 KB", tools.OURS, 2.0)]
    assert constant(medians(quick)) == 0.0
    assert constant({}) is None


def test_bounds_are_met_when_they_are_reached() -> None:
    assert Goal("", 3.0, "<=", 3.0).met
    assert Goal("", 8.0, ">=", 8.0).met
    assert Goal("", 3.01, "<=", 3.0).met is False


def test_memory() -> None:
    def weighed(name: str, tool: str, size: int, grown: int) -> dict[str, Any]:
        return {"input": name, "tool": tool, "bytes": size, "grown": grown}

    found = by_name(
        [],
        [
            weighed("html 1.5 MB", tools.OURS, 1000, 4000),
            weighed("pdf real", tools.FAST, 10, 300),
            weighed("pdf real", tools.PDFPLUMBER, 10, 1000),
            {"input": "pdf real", "tool": "camelot.read_pdf", "status": "failed: x"},
        ],
    )
    page = found["memory, html 1.5 MB: grown by / document"]
    pdf = found["memory, pdf: ours / pdfplumber's"]
    assert (page.value, page.met) == (4.0, True)
    assert (pdf.value, pdf.met) == (0.3, False)
