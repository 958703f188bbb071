"""Digits that a PDF has and its page does not show: never read as a part of a number.

The figure is the first of table 3; a 6 that is seen stands in its cell, and a 1 behind it.
"""

from __future__ import annotations

import math

import pytest

from govreport_parse.documents import pdf_paths
from govreport_parse.documents.model import Table
from govreport_parse.documents.pdf import read_pdf
from govreport_parse.parsing import parse
from govreport_parse.values import State

from .pdf_maker import Pdf
from .pdf_reports import report_pdf
from .test_pdf_marks import BOTH, RECEIVED, X, Y


def report_with(operators: str) -> Pdf:
    """A title page, and table 3 of zeros whose first figure is drawn by these operators."""
    count = iter(range(1000))
    pdf, sheet = report_pdf(lambda: "0" if next(count) else "", tables=(3,))
    sheet.raw(operators)
    return pdf


def drawn(operators: str) -> bytes:
    """The same as a file."""
    return bytes(report_with(operators))


SIX = f"BT /HV 8 Tf {X} {Y} Td (6) Tj ET "
ONE = f"BT /HV 8 Tf {X + 4.5} {Y} Td (1) Tj ET "
COVER = f"{X + 4.4} {Y - 2} 8 10 re f 0 g "


def painted(before: str, after: str = "") -> str:
    return f"{SIX} q {before} {ONE} {after} Q"


HIDDEN = {
    "invisible mode": painted("3 Tr"),
    "clip mode": painted("7 Tr"),
    "white": painted("1 g"),
    "white in RGB": painted("1 1 1 rg"),
    "white in CMYK": painted("0 0 0 0 k"),
    "nearly white": painted("0.97 g"),
    "white outline": painted("1 G 0.2 w 1 Tr"),
    "painted over": painted("", f"1 g {COVER}"),
    "painted over by a path": painted(
        "",
        f"1 g {X + 4.4} {Y - 2} m {X + 12} {Y - 2} l {X + 12} {Y + 8} l {X + 4.4} {Y + 8} l h f",
    ),
    "painted over by a framed box": painted("", f"1 g 1 G {COVER.replace(' f', ' B')}"),
    "cut off by a clip": painted(f"{X} {Y - 3} 4 20 re W n"),
    "squeezed into a line": painted("1 Tz"),
    "mirrored": f"{SIX} BT /HV 8 Tf -1 0 0 1 {X + 9} {Y} Tm (1) Tj ET",
    "one piece, half clipped": (f"q {X} {Y - 3} 4.4 20 re W n BT /HV 8 Tf {X} {Y} Td (61) Tj ET Q"),
}
SEEN = {
    "black": painted(""),
    "grey": painted("0.6 g"),
    "white on a dark ground": f"0 g {X - 1} {Y - 2} 20 10 re f 1 g {SIX} {ONE} 0 g",
    "black on a shaded ground": f"0.9 g {X - 1} {Y - 3} 20 10 re f 0 g {SIX} {ONE}",
    "a clip around all of it": painted(f"{X - 2} {Y - 3} 34 20 re W n"),
    "a clip of another kind": painted(f"{X - 9} {Y - 9} m {X + 99} {Y} l {X} {Y + 99} l h W n"),
    "a box painted beside": painted("", f"1 g {X + 12} {Y - 2} 8 10 re f 0 g"),
    "outlined": painted("1 Tr 0.2 w"),
}


@BOTH
@pytest.mark.parametrize("how", HIDDEN)
def test_a_digit_that_is_not_seen_makes_no_number(engine: str, how: str) -> None:
    report = parse(drawn(HIDDEN[how]), engine=engine)
    figure = report[RECEIVED]
    assert (figure.raw, figure.value, figure.state) == ("6⟦1⟧", None, State.UNREADABLE)
    (finding,) = [f for f in report.findings if f.code == "doubtful_text"]
    assert finding.severity == "warning"
    assert dict(finding.detail) == {"count": 1}
    assert finding.locator is not None
    assert finding.locator.page == 2


@BOTH
@pytest.mark.parametrize("how", SEEN)
def test_a_digit_that_is_seen_is_read(engine: str, how: str) -> None:
    report = parse(drawn(SEEN[how]), engine=engine)
    assert report[RECEIVED].value == 61
    assert "doubtful_text" not in [f.code for f in report.findings]


@BOTH
@pytest.mark.parametrize(
    ("operators", "raw"),
    [
        (f"BT 3 Tr /HV 8 Tf {X} {Y} Td (61) Tj 0 Tr ET", "⟦61⟧"),
        (f"BT /HV 8 Tf {X} {Y} Td (6) Tj 3 Tr (.) Tj 0 Tr (1) Tj ET", "6⟦.⟧1"),
        # Seen, but who could tell: at one place, or a third as high.
        (f"{SIX} BT /HV 8 Tf {X + 0.3} {Y} Td (1) Tj ET", "6⟦1⟧"),
        (f"{SIX} BT /HV 8 Tf {X + 2} {Y} Td (1) Tj ET", "6⟦1⟧"),
        (f"{SIX} BT /HV 2.6 Tf {X + 4.5} {Y} Td (1) Tj ET", "6⟦1⟧"),
    ],
)
def test_digits_in_doubt_are_set_apart(engine: str, operators: str, raw: str) -> None:
    figure = parse(drawn(operators), engine=engine)[RECEIVED]
    assert (figure.raw, figure.value, figure.state) == (raw, None, State.UNREADABLE)


@BOTH
def test_a_digit_behind_another_that_is_seen_is_hidden(engine: str) -> None:
    over = f"{SIX} BT 3 Tr /HV 8 Tf {X} {Y} Td (1) Tj 0 Tr ET"
    figure = parse(drawn(over), engine=engine)[RECEIVED]
    assert (figure.value, figure.state) == (None, State.UNREADABLE)


def layered(*, off: bool) -> bytes:
    """The 1 stands in a layer."""
    pdf = report_with(f"{SIX} /OC /oc1 BDC {ONE} EMC")
    layer = pdf.add(b"<< /Type /OCG /Name (draft) >>")
    catalog = (
        f"<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [{layer} 0 R]"
        f" /D << /BaseState /ON {f'/OFF [{layer} 0 R]' if off else ''} >> >> >>"
    ).encode()
    data = bytes(pdf).replace(b"<< /Type /Catalog /Pages 2 0 R >>", catalog)
    named = b"/Resources << /Properties << /oc1 %d 0 R >> /Font" % layer
    return data.replace(b"/Resources << /Font", named)


@BOTH
@pytest.mark.parametrize("off", [True, False])
def test_a_layer_that_is_off_is_not_seen(engine: str, off: bool) -> None:
    figure = parse(layered(off=off), engine=engine)[RECEIVED]
    assert figure.raw == ("6⟦1⟧" if off else "61")


@pytest.mark.parametrize("rotate", [0, 90])
@BOTH
def test_what_lies_outside_of_the_page_is_not_seen(engine: str, rotate: int) -> None:
    pdf = Pdf()
    sheet = pdf.sheet(rotate=rotate)
    for k in range(3):
        sheet.line(40, 100 + 40 * k, 560, 100 + 40 * k)
        sheet.line(40 + 260 * k, 100, 40 + 260 * k, 180)
    sheet.text(60, 130, "件数")
    sheet.text(330, 130, "12")
    sheet.text(450, 130, "34")
    sheet.text(60, 170, "合计")
    sheet.text(330, 170, "56")
    sheet.box = (0, 0, 420, 842)
    document = read_pdf(bytes(pdf), engine=engine)  # type: ignore[arg-type]
    words = [t for b in document.blocks for t in (b.texts if isinstance(b, Table) else [b.text])]
    assert "⟦34⟧" in " ".join(words)
    assert "12" in " ".join(words)
    assert [f.code for f in document.findings] == ["doubtful_text"]


def test_pages_without_suspicion_are_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    from govreport_parse.documents import page_picture

    drawn_pages: list[int] = []
    inner = page_picture.draw_page

    def counted(page, index, dpi, **rest):  # type: ignore[no-untyped-def]
        drawn_pages.append(index)
        return inner(page, index, dpi, **rest)

    monkeypatch.setattr(page_picture, "draw_page", counted)
    read_pdf(drawn(SEEN["black"]))
    assert drawn_pages == []
    read_pdf(drawn(SEEN["white on a dark ground"]))
    assert len(drawn_pages) == 1


def with_picture(width: int, height: int) -> bytes:
    """White digits on a dark ground, which are seen, and a picture far from them."""
    pdf = report_with(SEEN["white on a dark ground"] + "q 9 0 0 9 9 9 cm /Im Do Q")
    pdf.sheets[-1].xobjects["Im"] = pdf.stream(
        f"/Type /XObject /Subtype /Image /Width {width} /Height {height}"
        " /ColorSpace /DeviceGray /BitsPerComponent 8",
        bytes(4),
    )
    return bytes(pdf)


@pytest.mark.parametrize(("side", "raw"), [(100, "61"), (30_000, "⟦61⟧")])
def test_a_page_too_costly_to_draw_leaves_the_suspicion(side: int, raw: str) -> None:
    assert parse(with_picture(side, side), engine="fast")[RECEIVED].raw == raw


@pytest.mark.parametrize("name", ["_MAX_DRAWN", "_MAX_OBJECTS"])
def test_only_so_much_is_drawn(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_paths, name, 0)
    assert parse(with_picture(1, 1), engine="fast")[RECEIVED].raw == "⟦61⟧"


@BOTH
def test_a_frame_around_the_text_of_a_cell_is_no_table(engine: str) -> None:
    text = f"BT /HV 8 Tf {X + 6} {Y} Td (61) Tj ET"
    frame = f"0.5 w {X + 4.5} {Y - 2} 12 11 re S"
    report = parse(drawn(f"{text} {frame}"), engine=engine)
    assert report[RECEIVED].value == 61


NEXT = "requests/requests_received/business"


@BOTH
@pytest.mark.parametrize("x", [318.0, 330.0, 324.0])
def test_a_number_wider_than_its_cell_is_not_cut_in_two(engine: str, x: float) -> None:
    # The border stands at 336; digits are 4.448 points wide.
    report = parse(drawn(f"BT /HV 8 Tf {x} {Y} Td (12345) Tj ET"), engine=engine)
    assert {report[p].state for p in (RECEIVED, NEXT)} == {State.UNREADABLE}
    assert (report[RECEIVED].raw or "").startswith("⟦1")


@BOTH
def test_two_numbers_close_to_their_border_are_two(engine: str) -> None:
    close = f"BT /HV 8 Tf 326.6 {Y} Td (12) Tj 10 0 Td (34) Tj ET"
    report = parse(drawn(close), engine=engine)
    assert report[RECEIVED].value == 12
    assert report[NEXT].raw == "34 0"


@BOTH
def test_a_number_on_the_line_between_two_rows_is_in_neither(engine: str) -> None:
    # The row ends at y = 158; the digits' middle is half a point below it.
    report = parse(drawn(f"BT /HV 8 Tf 303 {842 - 161.2} Td (12) Tj ET"), engine=engine)
    below = report["requests/requests_carried_in/natural_person"]
    assert (below.value, below.state) == (None, State.UNREADABLE)
    assert "⟦12⟧" in (below.raw or "")


def slanted(text: str, degrees: float, x: float, y: float, size: float) -> str:
    a = math.radians(degrees)
    turn = f"{math.cos(a):.4f} {math.sin(a):.4f} {-math.sin(a):.4f} {math.cos(a):.4f}"
    body = text.encode("utf-16-be").hex()
    return f"q 0.7 g BT /CN {size} Tf {turn} {x} {y} Tm <{body}> Tj ET Q "


@BOTH
@pytest.mark.parametrize("degrees", [10, 30, 45, -45, 120, 200])
def test_slanted_text_over_a_table_is_left_out(engine: str, degrees: float) -> None:
    mark = slanted("望川市2023", degrees, X + 2, Y - 2, 9)
    report = parse(drawn(SIX + ONE + mark), engine=engine)
    assert report[RECEIVED].value == 61
    (finding,) = [f for f in report.findings if f.code == "hidden_text"]
    assert dict(finding.detail) == {"count": 7}


@BOTH
def test_digits_around_a_stamp_are_left_out(engine: str) -> None:
    ring = "".join(
        slanted(d, 75 - 15 * k, X + 10 * k, Y + 3, 7) for k, d in enumerate("32010800123") if k != 5
    )
    report = parse(drawn(SIX + ONE + ring), engine=engine)
    assert report[RECEIVED].value == 61


@BOTH
@pytest.mark.parametrize("degrees", [0, 2, 90, 45])
def test_a_page_that_is_turned_as_a_whole_is_read(engine: str, degrees: float) -> None:
    pdf = Pdf()
    sheet = pdf.sheet()
    for k in range(5):
        sheet.raw(slanted("依法公开政府信息", degrees, 200, 300 + 30 * k, 12))
    document = read_pdf(bytes(pdf), engine=engine)  # type: ignore[arg-type]
    text = "".join(b.text for b in document.blocks if not isinstance(b, Table))
    assert text.count("政") == 5
    assert document.findings == []


@BOTH
def test_large_text_over_the_rows_of_a_table_is_left_out(engine: str) -> None:
    mark = f"q 0.85 g BT /HV 50 Tf {X - 40} {Y - 30} Td (2023 1234) Tj ET Q "
    report = parse(drawn(mark + SIX + ONE), engine=engine)
    assert report[RECEIVED].value == 61
    (finding,) = [f for f in report.findings if f.code == "hidden_text"]
    assert dict(finding.detail) == {"count": 8}
