"""A scan of the three tables, drawn here, read from picture files; and what happens without."""

from __future__ import annotations

import importlib.util
import io
import random
import socket
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import govreport_parse as gov
from govreport_parse.display.overlay import COLOURS, draw
from govreport_parse.documents import scan_ocr
from govreport_parse.documents.scan import read_image, read_scan, render_pages
from govreport_parse.errors import ScannedDocumentError, UnsupportedFormatError
from govreport_parse.testing import Record, grids_of, random_record
from govreport_parse.testing.grids import Grid
from govreport_parse.values import State

from .pdf_reports import report_pdf

DPI = 150
FONTS = ("NotoSerifCJK-Regular.ttc", "NotoSansCJK-Regular.ttc", "wqy-zenhei.ttc", "simsun.ttc")

needs_extra = pytest.mark.skipif(
    not scan_ocr.is_available(), reason="the extra [scan] is not installed"
)


def font(size: int) -> ImageFont.FreeTypeFont:
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    pytest.skip("no Chinese font")


class Sheet:
    """A page on which headings and tables are drawn from top to bottom."""

    def __init__(self, height: int) -> None:
        self.picture = Image.new("L", (1240, height), 255)
        self.draw = ImageDraw.Draw(self.picture)
        self.font = font(22)
        self.y = 100

    def line(self, text: str) -> None:
        self.draw.text((110, self.y), text, 20, self.font)
        self.y += 46

    def table(self, grid: Grid, widths: list[int]) -> None:
        xs = [100]
        for w in widths:
            xs.append(xs[-1] + w)
        heights = [44] * len(grid.rows)
        places: list[tuple[int, int, int, int, str]] = []
        taken: set[tuple[int, int]] = set()
        for r, row in enumerate(grid.rows):
            c = 0
            for cell in row:
                while (r, c) in taken:
                    c += 1
                taken |= {
                    (a, b) for a in range(r, r + cell.rowspan) for b in range(c, c + cell.colspan)
                }
                room = max(1, (xs[c + cell.colspan] - xs[c] - 14) // 22)
                text = "\n".join(cell.text[i : i + room] for i in range(0, len(cell.text), room))
                if cell.rowspan == 1:
                    heights[r] = max(heights[r], 14 + 28 * (text.count("\n") + 1))
                places.append((r, c, cell.rowspan, cell.colspan, text))
                c += cell.colspan
        ys = [self.y]
        for h in heights:
            ys.append(ys[-1] + h)
        for r, c, down, across, text in places:
            box = (xs[c], ys[r], xs[c + across], ys[r + down])
            self.draw.rectangle(box, outline=0, width=2)
            middle = ((box[0] + box[2]) // 2, (box[1] + box[3]) // 2)
            self.draw.multiline_text(middle, text, 20, self.font, "mm", 5, "center")
        self.y = ys[-1] + 40


def drawn(record: Record) -> Image.Image:
    """The report as one long page, 8.27 inches wide."""
    sheet = Sheet(4000)
    sheet.line(record.title)
    proactive, requests, review = grids_of(record)
    sheet.line("二、主动公开政府信息情况")
    sheet.table(proactive, [260] * proactive.width)
    sheet.line("三、收到和处理政府信息公开申请情况")
    sheet.table(requests, [100, 130, 250, *[80] * 7])
    sheet.line("四、政府信息公开行政复议、行政诉讼情况")
    sheet.table(review, [69] * 15)
    return sheet.picture.crop((0, 0, 1240, sheet.y + 60))


def as_scanned(picture: Image.Image, seed: int = 5) -> Image.Image:
    """Turned by 0.8 degrees, grey paper, grain."""
    turned = picture.rotate(0.8, Image.Resampling.BICUBIC, fillcolor=255)
    grey = np.asarray(turned, np.float32) * 0.8 + 30
    grey += np.random.default_rng(seed).normal(0, 5, grey.shape)
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))


def as_png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", dpi=(DPI, DPI))
    return out.getvalue()


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the scan reader opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return


@needs_extra
def test_every_accepted_figure_of_a_drawn_scan_is_right(offline: None) -> None:
    record = random_record(random.Random(11), size="county")
    report = gov.parse(as_png(as_scanned(drawn(record))))
    assert report.source.media_type == "image/png"
    wrong, accepted = [], 0
    for path, cell in record.cells.items():
        figure = report[path]
        if figure.state in ("unreadable", "absent", "ambiguous"):
            continue
        accepted += 1
        if (figure.state, figure.value) != (cell.state, cell.value):
            wrong.append((path, cell, figure))
    assert wrong == []
    assert accepted >= 0.98 * len(record.cells)
    assert report.year == record.year
    located = report["requests/outcomes_total/total"].locator
    assert located is not None
    assert located.page == 1
    assert located.bbox is not None


@needs_extra
def test_an_altered_total_is_never_reported_as_if_it_held(offline: None) -> None:
    # The drawn page itself breaks a sum of table 4: the contract asks for holding sums in scans.
    record = random_record(random.Random(12), size="small")
    path = "review_and_litigation/review/total"
    altered = record.with_cell(path, record_cell(record, path, 7))
    sheet = Sheet(700)
    sheet.line(record.title)
    sheet.line("四、政府信息公开行政复议、行政诉讼情况")
    sheet.table(grids_of(altered)[2], [69] * 15)
    report = gov.parse(as_png(as_scanned(sheet.picture)))
    assert report[path].state == "unreadable"
    assert report["review_and_litigation/litigation_direct/total"].state == "reported"
    (finding,) = [f for f in report.findings if f.code == "scan_unreadable"]
    assert path in finding.figures


def record_cell(record: Record, path: str, more: int) -> gov.testing.CellText:  # type: ignore[name-defined]

    cell = record.cells[path]
    value = int(cell.value or 0) + more
    return replace(cell, text=str(value), value=value)


@needs_extra
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_pages_lying_on_their_side_or_head_are_turned(quarters: int) -> None:
    record = random_record(random.Random(13), size="county")
    sheet = Sheet(700)
    sheet.line(record.title)
    sheet.line("四、政府信息公开行政复议、行政诉讼情况")
    sheet.table(grids_of(record)[2], [69] * 15)
    lying = np.rot90(np.asarray(as_scanned(sheet.picture)), quarters)
    document = read_scan([lying], dpi_hint=DPI)
    (table,) = document.tables
    shown = [c.text for c in grids_of(record)[2].rows[-1]]
    assert table.texts[-15:] == shown


@needs_extra
def test_figures_of_a_turned_scan_are_drawn_on_the_upright_page() -> None:
    record = random_record(random.Random(11), size="county")
    data = as_png(as_scanned(drawn(record)))
    report = gov.parse(data)
    ((number, picture),) = draw(data, [report])
    assert number == 1
    place = report["requests/outcomes_total/total"].locator
    assert place is not None
    assert place.bbox is not None
    left, top, right, bottom = (v * DPI / 72 for v in place.bbox)
    shown = np.asarray(picture)[round(top) + 40 : round(bottom) + 40, round(left) : round(right)]
    # Its box, and the digits inside: the page under it was turned back by 0.8 degrees.
    assert (shown == COLOURS[State.REPORTED]).all(axis=2).sum() > 2 * (right - left)
    inside = shown[8:-8, 8:-8].min(axis=2)
    assert (inside < 100).sum() > 40


@needs_extra
def test_a_white_page_is_read_as_nothing() -> None:
    document = read_scan([np.full((1700, 1200), 255, np.uint8)])
    assert document.blocks == []
    assert document.format == "scan"


@needs_extra
def test_arrays_that_are_no_pages_are_refused() -> None:
    with pytest.raises(UnsupportedFormatError, match="no page"):
        read_scan([np.zeros((4, 4, 3, 2), np.uint8)])
    with pytest.raises(UnsupportedFormatError, match="cannot be read"):
        read_image(b"\x89PNG\r\n\x1a\nrubbish")


def picture_pdf() -> bytes:
    out = io.BytesIO()
    Image.new("L", (1240, 1754), 200).save(out, "PDF", resolution=150)
    return out.getvalue()


def test_pages_are_rendered_at_the_resolution_of_their_picture() -> None:
    (page,) = render_pages(picture_pdf())
    assert page.dpi == pytest.approx(150, abs=0.5)
    assert page.grey.shape == pytest.approx((1754, 1240), abs=2)
    assert abs(int(page.grey[800, 600]) - 200) <= 3
    (finer,) = render_pages(picture_pdf(), 75)
    assert finer.grey.shape == pytest.approx((877, 620), abs=2)


def test_a_broken_pdf_is_refused() -> None:
    with pytest.raises(UnsupportedFormatError):
        list(render_pages(b"%PDF-1.4 rubbish"))


@pytest.mark.parametrize("data", [as_png(Image.new("L", (40, 40))), picture_pdf()])
def test_without_the_extra_the_error_names_it(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n, *a: None if n == "rapidocr" else found(n, *a)
    )
    with pytest.raises(ScannedDocumentError) as caught:
        gov.parse(data)
    assert "[scan]" in caught.value.hint


# -- pictures among the pages of a PDF with text ---------------------------------------------------


def mixed_pdf(record: Record) -> bytes:
    """Page 1: tables 2 and 4 as text; page 2: table 3 as a scan."""
    sheet = Sheet(2400)
    sheet.line("三、收到和处理政府信息公开申请情况")
    sheet.table(grids_of(record)[1], [100, 130, 250, *[80] * 7])
    scanned = as_scanned(sheet.picture.crop((0, 0, 1240, sheet.y + 60)))
    width, height = (side * 72 / DPI for side in scanned.size)
    cells = iter(c.text for path, c in record.cells.items() if not path.startswith("requests/"))
    pdf, _ = report_pdf(lambda: next(cells, "0"), tables=(2, 4), title=record.title)
    page = pdf.sheet(width, height)
    packed = zlib.compress(scanned.tobytes())
    page.xobjects["P"] = pdf.add(
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray"
        b" /BitsPerComponent 8 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
        % (*scanned.size, len(packed), packed)
    )
    page.raw(f"q {width:.2f} 0 0 {height:.2f} 0 0 cm /P Do Q")
    return bytes(pdf)


@needs_extra
def test_a_scanned_page_of_a_text_pdf_is_read_and_judged_by_the_sums() -> None:
    record = random_record(random.Random(11), size="county")
    data = mixed_pdf(record)
    report = gov.parse(data)
    wrong = [
        (path, cell.text, report[path])
        for path, cell in record.cells.items()
        if (report[path].state, report[path].value) != (cell.state, cell.value)
        and report[path].state is not State.UNREADABLE
    ]
    assert wrong == []
    unread = [f.path for f in report if f.state is State.UNREADABLE]
    assert len(unread) <= 3
    # Text is text: what the recogniser doubts is never a figure of another page.
    assert all(path.startswith("requests/") for path in unread)
    codes = [f.code for f in report.findings]
    assert "page_is_picture" in codes
    assert "pages_recognised" in codes
    assert "text_recognised" not in codes
    place = report["requests/outcomes_total/total"].locator
    assert place is not None
    assert place.page == 3
    assert sorted(n for n, _ in draw(data, [report])) == [1, 2, 3]


@needs_extra
def test_an_altered_digit_of_a_scanned_page_leaves_the_text_pages_alone() -> None:
    record = random_record(random.Random(11), size="county")
    path = "requests/outcomes_total/total"
    cells = {**record.cells, path: record_cell(record, path, 1)}
    report = gov.parse(mixed_pdf(replace(record, cells=cells)))
    assert report[path].state is State.UNREADABLE
    assert all(
        report[p].value == cell.value
        for p, cell in record.cells.items()
        if not p.startswith("requests/")
    )


def test_without_the_extra_the_picture_is_told_and_its_table_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from govreport_parse.documents import scan

    monkeypatch.setattr(scan, "is_available", lambda: False)
    report = gov.parse(mixed_pdf(random_record(random.Random(11), size="county")))
    codes = [f.code for f in report.findings]
    assert {"page_is_picture", "table_missing", "table_as_picture"} <= set(codes)
    assert "pages_recognised" not in codes
    assert report["requests/outcomes_total/total"].state is State.ABSENT
    assert report["review_and_litigation/review/total"].value == 10


def test_a_photograph_among_the_pages_stays_a_picture() -> None:
    from govreport_parse.documents.pdf import read_pdf

    pdf, _ = report_pdf(lambda: "0")
    page = pdf.sheet()
    page.xobjects["P"] = pdf.picture()
    page.raw("q 500 0 0 700 40 40 cm /P Do Q")
    asked: list[list[int]] = []

    def nothing(data: bytes, numbers: Sequence[int]) -> dict[int, object]:
        asked.append(list(numbers))
        return {}

    document = read_pdf(bytes(pdf), recognise=nothing)
    assert asked == [[4]]
    assert [f.code for f in document.findings] == ["page_is_picture"]
    assert document.has_pictures
    assert "recognised_pages" not in document.meta
