"""Struck-out text and raised marks in cells of PDFs: other ink, another number.

The figure is the first of table 3, in the cell from x = 300 to 336 and y = 136 to 158.
"""

from __future__ import annotations

import pytest

from govreport_parse.documents.pdf_marks import is_raised_mark
from govreport_parse.parsing import parse
from govreport_parse.values import State

from .pdf_reports import report_pdf

RECEIVED = "requests/requests_received/natural_person"
X, Y = 303.0, 842.0 - 150
BOTH = pytest.mark.parametrize("engine", ["fast", "pdfplumber"])


def drawn(operators: str) -> bytes:
    """A report of zeros whose first figure of table 3 is drawn by these operators."""
    count = iter(range(1, 1000))
    pdf, sheet = report_pdf(lambda: "" if next(count) == 11 else "0")
    sheet.raw(operators)
    return bytes(pdf)


def stroke(x0: float, x1: float, up: float) -> str:
    """A line from x0 to x1, ``up`` points above the foot of the letters."""
    return f"0.5 w {x0} {Y + up} m {x1} {Y + up} l S"


def digits(first: str, then: str = "", gap: float = 0.0) -> str:
    """Helvetica digits, 4.448 points wide each."""
    return f"BT /HV 8 Tf {X} {Y} Td ({first}) Tj {4.448 * len(first) + gap} 0 Td ({then}) Tj ET "


@BOTH
@pytest.mark.parametrize(
    ("operators", "raw"),
    [
        (f"BT /HV 8 Tf {X} {Y} Td (6) Tj /HV 5 Tf 3 Ts (1) Tj 0 Ts ET", "6[1]"),
        (f"BT /HV 8 Tf {X} {Y} Td (6) Tj /HV 5 Tf 4.5 3.2 Td (12) Tj ET", "6[12]"),
    ],
)
def test_a_raised_mark_is_no_digit(engine: str, operators: str, raw: str) -> None:
    figure = parse(drawn(operators), engine=engine)[RECEIVED]
    assert (figure.raw, figure.value, figure.state) == (raw, 6, State.REPORTED)
    assert [r.kind for r in figure.repairs] == ["footnote_mark"]


@BOTH
@pytest.mark.parametrize(
    ("operators", "value"),
    [
        # A smaller digit on the same line is a digit; so is a cell set small as a whole.
        (f"BT /HV 8 Tf {X} {Y} Td (6) Tj /HV 6 Tf (1) Tj ET", 61),
        (f"BT /HV 5 Tf {X} {Y} Td 3 Ts (61) Tj 0 Ts ET", 61),
    ],
)
def test_small_digits_are_digits(engine: str, operators: str, value: int) -> None:
    assert parse(drawn(operators), engine=engine)[RECEIVED].value == value


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ((8.0, 10.5, 0.0, 5.0, "1"), True),
        ((8.0, 10.5, 0.0, 5.0, "注"), False),
        ((8.0, 10.5, 5.0, 10.0, "1"), False),  # lowered
        ((8.0, 12.0, 0.0, 9.0, "1"), False),  # hardly smaller
        ((12.0, 14.5, 0.0, 5.0, "1"), False),  # apart
        ((8.0, 18.0, 0.0, 5.0, "1234"), False),  # too long for a mark
    ],
)
def test_what_is_a_raised_mark(run: tuple[float, float, float, float, str], expected: bool) -> None:
    assert is_raised_mark((0.0, 8.0, 0.0, 10.0, "16"), run) is expected
    assert not is_raised_mark((0.0, 8.0, 0.0, 10.0, "合计"), run)


@BOTH
@pytest.mark.parametrize("gap", [0.0, 5.0])
def test_struck_out_digits_are_left_out_and_said(engine: str, gap: float) -> None:
    data = drawn(digits("99", "16", gap) + stroke(X, X + 8.9, 2.8))
    report = parse(data, engine=engine)
    assert report[RECEIVED].value == 16
    (finding,) = [f for f in report.findings if f.code == "hidden_text"]
    assert dict(finding.detail) == {"count": 2}
    assert finding.locator is not None
    assert finding.locator.page == 2


@BOTH
@pytest.mark.parametrize(
    ("line", "why"),
    [
        (stroke(X, X + 8.9, -1), "an underline"),
        (stroke(X, X + 8.9, 7), "a line above"),
        (stroke(X + 12, X + 20, 2.8), "a dash beside"),
        (stroke(X + 1, X + 24, 2.8), "a line far longer than the digits"),
        ("", "none"),
    ],
)
def test_other_lines_strike_nothing_out(engine: str, line: str, why: str) -> None:
    report = parse(drawn(digits("99") + line), engine=engine)
    assert report[RECEIVED].value == 99, why
    assert "hidden_text" not in [f.code for f in report.findings]


def test_a_drawing_of_many_lines_strikes_nothing_out() -> None:
    lines = " ".join(stroke(X, X + 8.9, 2.8) for _ in range(250))
    report = parse(drawn(digits("99") + lines), engine="fast")
    assert report[RECEIVED].value == 99
