"""Figures drawn on pages: the right cell in the colour of its state, and nothing elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from govreport_parse.display.overlay import COLOURS, draw, save
from govreport_parse.documents.page_picture import pdf_pictures
from govreport_parse.errors import UsageError
from govreport_parse.parsing import parse
from govreport_parse.values import State

from .pdf_maker import Pdf
from .pdf_reports import report_pdf

STRIP = 40
SCALE = 120 / 72


def fill(texts: dict[int, str]):  # type: ignore[no-untyped-def]
    count = iter(range(1, 1000))
    return lambda: texts.get(next(count), "0")


def corner(picture: Image.Image, x: float, y: float) -> tuple[int, ...]:
    """The colour on the left side of a box whose upper left corner is at these points."""
    return picture.getpixel((round(x * SCALE) + 1, round(y * SCALE) + 1 + STRIP + 6))  # type: ignore[return-value]


def test_each_figure_is_boxed_in_the_colour_of_its_state() -> None:
    # Figures 11 to 14 are the first row of table 3: columns 4 to 7 of 36 points from x = 300.
    pdf, _ = report_pdf(fill({11: "4O", 12: "", 13: "-", 14: "3"}))
    data = bytes(pdf)
    report = parse(data, engine="fast")
    pages = dict(draw(data, [report]))
    assert sorted(pages) == [1, 2, 3]
    for k, state in enumerate((State.UNREADABLE, State.BLANK, State.DASH, State.REPORTED)):
        assert report.columns.states[10 + k] is state
        assert corner(pages[2], 300 + 36 * k, 136) == COLOURS[state]
    # The head row above holds no figure.
    assert corner(pages[2], 300, 114) != COLOURS[State.REPORTED]


def test_every_page_has_the_size_of_its_paper_and_a_legend() -> None:
    data = bytes(report_pdf(fill({}))[0])
    for _, picture in draw(data, [parse(data)]):
        assert picture.size == (round(595 * SCALE), round(842 * SCALE) + STRIP)
        legend = np.asarray(picture)[:STRIP].reshape(-1, 3)
        for colour in COLOURS.values():
            assert (legend == colour).all(axis=1).any()


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_turned_pages_are_drawn_as_their_boxes_are_counted(rotate: int) -> None:
    """The same page, drawn so that /Rotate sets it upright, gives the same picture."""
    upright = Pdf()
    upright.sheet(300, 400).text(30, 50, "甲乙丙", 20)
    turned = Pdf()
    width, height = (300, 400) if rotate % 180 == 0 else (400, 300)
    sheet = turned.sheet(width, height, rotate)
    turn = {
        0: "1 0 0 1 0 0",
        90: "0 1 -1 0 400 0",
        180: "-1 0 0 -1 300 400",
        270: "0 -1 1 0 0 300",
    }[rotate]
    inner = upright.sheets[0].parts[0].decode()
    sheet.raw(f"q {turn} cm {inner} Q")
    (one,) = pdf_pictures(bytes(upright), {1}, dpi=72)
    (other,) = pdf_pictures(bytes(turned), {1}, dpi=72)
    assert (other.width, other.height) == (one.width, one.height) == (300, 400)
    a, b = (np.frombuffer(p.grey, np.uint8).reshape(400, 300) < 128 for p in (one, other))
    assert a.sum() > 50
    rows, columns = np.nonzero(a)
    others = np.nonzero(b)
    assert abs(rows.mean() - others[0].mean()) < 1.5
    assert abs(columns.mean() - others[1].mean()) < 1.5


def test_text_that_runs_down_an_unturned_page_is_drawn_upright() -> None:
    pdf = Pdf()
    # Drawn turned by a quarter clockwise, and no /Rotate to set it right.
    sheet = pdf.sheet(300, 400)
    sheet.raw("q 0 -1 1 0 0 400 cm")
    sheet.text(20, 400 - 250, "甲乙丙丁", 20)
    sheet.raw("Q")
    (page,) = pdf_pictures(bytes(pdf), {1}, dpi=72)
    assert (page.width, page.height) == (400, 300)
    ink = np.frombuffer(page.grey, np.uint8).reshape(300, 400) < 128
    rows, columns = np.nonzero(ink)
    assert rows.max() - rows.min() < 30 < columns.max() - columns.min()


def test_one_page_keeps_the_name_and_several_get_their_numbers(tmp_path: Path) -> None:
    data = bytes(report_pdf(fill({}))[0])
    report = parse(data)
    out = save(data, [report], tmp_path / "page.png")
    assert [p.name for p in out] == ["page-1.png", "page-2.png", "page-3.png"]
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in out)


def test_a_report_whose_figures_are_on_one_page(tmp_path: Path) -> None:
    data = bytes(report_pdf(fill({}))[0])
    report = parse(data)
    for i in range(len(report)):
        place = report.locator(i)
        if place is None or place.page != 2:
            report.columns.where[i] = None
    (only,) = save(data, [report], tmp_path / "page.png")
    assert only.name == "page.png"


def test_formats_without_pages_are_refused() -> None:
    text = (
        "望川市人民政府2023年政府信息公开工作年度报告\n一、总体情况\n本年收到申请12件。\n"
        "二、主动公开政府信息情况\n见下表。\n三、收到和处理政府信息公开申请情况\n见下表。\n"
    )
    report = parse(text.encode())
    with pytest.raises(UsageError, match="has a place on a page") as caught:
        list(draw(text.encode(), [report]))
    assert "PDF and scans" in (caught.value.hint or "")


def test_the_archive_of_a_pdf_is_not_drawn() -> None:
    data = bytes(report_pdf(fill({}))[0])
    report = parse(data)
    with pytest.raises(UsageError, match="can't be drawn"):
        list(draw(b"PK\x03\x04" + data, [report]))


def test_a_picture_that_cant_be_written_is_told(tmp_path: Path) -> None:
    data = bytes(report_pdf(fill({}))[0])
    with pytest.raises(UsageError, match="can't be written"):
        save(data, [parse(data)], tmp_path / "no such folder" / "page.png")
