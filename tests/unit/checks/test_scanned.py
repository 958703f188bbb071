"""Acceptance of figures read from pictures: sums as an error-detecting code.

Every expected outcome follows from the sums of the form, worked out by hand beside the test.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from govreport_parse.checks.scanned import accept_scanned
from govreport_parse.documents.model import CellReading, Table
from govreport_parse.formbook import form
from govreport_parse.report import FigureColumns
from govreport_parse.values import Finding, State

LAYOUT = form("ogi_annual_2021").layout
SURE = CellReading(0.999, 2)

Shown = dict[str, tuple[str, CellReading]]


def read(*candidates: tuple[str, float], scales: int = 1) -> tuple[str, CellReading]:
    """A cell's text and reading, the most probable candidate first."""
    return candidates[0][0], CellReading(candidates[0][1], scales, candidates)


def sure(text: str) -> tuple[str, CellReading]:
    return text, CellReading(0.999, 2, ((text, 0.999),))


# One request by a person, granted: all sums of table 3 hold.
ONE = {
    f"requests/{row}/{column}": sure("8")
    for row in ("requests_received", "granted", "outcomes_total")
    for column in ("natural_person", "total")
}


def scanned(shown: Shown) -> FigureColumns:
    """A scan that shows 0 everywhere, surely, but for the given cells."""
    columns = FigureColumns.absent(len(LAYOUT.figures))
    table = Table(1, page=1)
    table.readings = []
    for i, path in enumerate(LAYOUT.paths):
        text, reading = shown.get(path, sure("0"))
        table.add(text, i, 0)
        table.readings.append(reading)
        columns.raws[i] = text
        columns.where[i] = (table, i)
        columns.states[i] = State.REPORTED if text else State.BLANK
        columns.values[i] = int(text) if text else None
    return columns


def states(columns: FigureColumns, *paths: str) -> list[str]:
    return [str(columns.states[LAYOUT.index[p]]) for p in paths]


def value(columns: FigureColumns, path: str) -> int | Decimal | None:
    return columns.values[LAYOUT.index[path]]


def refused(findings: list[Finding]) -> set[str]:
    return {p for f in findings if f.code == "scan_unreadable" for p in f.figures}


def test_sure_figures_whose_sums_hold_stay_reported() -> None:
    columns = scanned(ONE)
    assert accept_scanned(LAYOUT, columns) == []
    assert set(columns.states) == {State.REPORTED}
    assert value(columns, "requests/granted/natural_person") == 8


def test_other_formats_are_left_alone() -> None:
    columns = scanned({"requests/granted/natural_person": sure("5")})
    table = columns.where[0][0]  # type: ignore[index]
    table.readings = None
    assert accept_scanned(LAYOUT, columns) == []
    assert set(columns.states) == {State.REPORTED}


def test_the_only_reading_that_mends_the_sums_is_taken_and_recorded() -> None:
    # Row: 3 <> 8, column: 3 <> 8; the recogniser also thought of 8 and of 6.
    path = "requests/granted/natural_person"
    columns = scanned({**ONE, path: read(("3", 0.7), ("6", 0.2), ("8", 0.1))})
    findings = accept_scanned(LAYOUT, columns)
    i = LAYOUT.index[path]
    assert (columns.values[i], columns.states[i]) == (8, State.REPORTED)
    (repair,) = columns.repairs[i]
    assert (repair.kind, repair.before, repair.after) == ("ocr_alternative", "3", "8")
    assert [(f.code, f.figures) for f in findings] == [("scan_mended", (path,))]
    assert set(columns.states) == {State.REPORTED}


def test_a_misread_without_an_alternative_is_unreadable_alone() -> None:
    # Row and column both ask for 8: nothing else of them is in doubt, but 8 was not read.
    path = "requests/granted/natural_person"
    columns = scanned({**ONE, path: read(("3", 0.999))})
    findings = accept_scanned(LAYOUT, columns)
    assert refused(findings) == {path}
    assert value(columns, path) is None
    assert dict(findings[0].detail)["candidates"] == {path: ["3"]}
    assert states(columns, "requests/granted/total") == ["reported"]


def test_a_sum_that_fails_alone_leaves_all_its_figures_unreadable() -> None:
    # 1 + 0 + 0 + 0 <> 2: any of the five may be wrong. Its neighbours are not touched.
    block = "review_and_litigation/review"
    columns = scanned({f"{block}/upheld": sure("1"), f"{block}/total": sure("2")})
    findings = accept_scanned(LAYOUT, columns)
    parts = ("upheld", "corrected", "other_outcome", "pending", "total")
    assert refused(findings) == {f"{block}/{c}" for c in parts}
    assert states(columns, "review_and_litigation/litigation_direct/total") == ["reported"]


def test_two_doubtful_digits_with_two_solutions_are_both_unreadable() -> None:
    # 1 + 7 = 8 and 7 + 1 = 8.
    block = "review_and_litigation/review"
    columns = scanned(
        {
            f"{block}/upheld": read(("1", 0.6), ("7", 0.4)),
            f"{block}/corrected": read(("7", 0.6), ("1", 0.4)),
            f"{block}/total": sure("8"),
        }
    )
    findings = accept_scanned(LAYOUT, columns)
    assert refused(findings) == {f"{block}/upheld", f"{block}/corrected"}
    assert value(columns, f"{block}/total") == 8


def test_a_doubtful_digit_is_reported_when_no_other_reading_fits() -> None:
    # 7 + 1 <> 2, so only 1 + 1 = 2 is left.
    block = "review_and_litigation/review"
    columns = scanned(
        {
            f"{block}/upheld": read(("1", 0.6), ("7", 0.4)),
            f"{block}/corrected": sure("1"),
            f"{block}/total": sure("2"),
        }
    )
    assert accept_scanned(LAYOUT, columns) == []
    assert value(columns, f"{block}/upheld") == 1


def test_a_doubtful_figure_without_alternatives_is_unreadable_even_if_sums_hold() -> None:
    path = "review_and_litigation/review/upheld"
    columns = scanned({path: read(("0", 0.5))})
    assert refused(accept_scanned(LAYOUT, columns)) == {path}


@pytest.mark.parametrize(
    ("confidence", "scales", "accepted"),
    [(0.99, 2, True), (0.99, 1, False), (0.93, 2, False)],
)
def test_figures_without_sums_need_two_scales_and_more_confidence(
    confidence: float, scales: int, accepted: bool
) -> None:
    path = "proactive_disclosure/normative_documents/in_force"
    columns = scanned({path: read(("26", confidence), scales=scales)})
    assert refused(accept_scanned(LAYOUT, columns)) == (set() if accepted else {path})
    assert value(columns, path) == (26 if accepted else None)


def test_no_ink_is_blank_and_ink_that_was_not_read_is_not() -> None:
    blank, unread = "requests/not_held/business", "requests/not_held/natural_person"
    columns = scanned({blank: ("", CellReading(1.0, 2)), unread: ("", CellReading(0.0))})
    assert refused(accept_scanned(LAYOUT, columns)) == {unread}
    assert states(columns, blank, unread) == ["blank", "unreadable"]
    # The row and the column ask the same of the unread cell: the rest is as good as before.
    assert states(columns, "requests/not_held/total") == ["reported"]


def test_equal_misreads_of_a_figure_and_its_total_are_caught_by_the_column() -> None:
    # 7 read as 1 twice in a row: the row's sum holds (1 = 1), but the columns do not.
    shown = {**ONE}
    for column in ("natural_person", "total"):
        shown[f"requests/granted/{column}"] = read(("1", 0.999))
    columns = scanned(shown)
    found = refused(accept_scanned(LAYOUT, columns))
    assert {"requests/granted/natural_person", "requests/granted/total"} <= found
