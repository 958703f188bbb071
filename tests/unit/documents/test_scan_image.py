"""Pictures of pages: what they hold, which way they lean, where their rulings are."""

from __future__ import annotations

import io
import math
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from govreport_parse.documents.scan_image import (
    Ink,
    Raster,
    ScanLimits,
    find_skew,
    load_rasters,
    prepare,
    resolution,
)
from govreport_parse.documents.scan_ocr import may_be_number, number_readings
from govreport_parse.errors import LimitExceededError, UnsupportedFormatError


def encoded(picture: Image.Image, kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def page(height: int = 200, width: int = 100, value: int = 255) -> Image.Image:
    return Image.fromarray(np.full((height, width), value, np.uint8))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "GIF"])
def test_picture_formats_give_grey_values(kind: str) -> None:
    (raster,) = load_rasters(encoded(page(value=128), kind))
    assert raster.grey.shape == (200, 100)
    assert abs(int(raster.grey.mean()) - 128) <= 1


def test_all_pages_of_a_tiff_are_read_in_order() -> None:
    pages = [page(value=v) for v in (10, 120, 250)]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert [int(r.grey[0, 0]) for r in load_rasters(data)] == [10, 120, 250]


def test_a_transparent_background_is_white() -> None:
    picture = Image.new("RGBA", (50, 60), (0, 0, 0, 0))
    (raster,) = load_rasters(encoded(picture, "PNG"))
    assert int(raster.grey.min()) == 255


def test_sixteen_bit_grey_is_scaled() -> None:
    values = np.array([[0, 65535], [32768, 65535]], np.uint16)
    (raster,) = load_rasters(encoded(Image.fromarray(values), "TIFF"))
    assert raster.grey.tolist()[0] == [0, 255]
    assert abs(int(raster.grey[1, 0]) - 127) <= 1


@pytest.mark.parametrize("keep", [20, 60, 120])
def test_cut_off_pictures_are_refused(keep: int) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (90, 90), np.uint8)
    data = encoded(Image.fromarray(noise), "PNG")[:keep]
    with pytest.raises(UnsupportedFormatError, match="cannot be read"):
        list(load_rasters(data))


def test_a_picture_that_claims_ten_billion_pixels_is_refused_unread() -> None:
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    data = (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(head))
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + struct.pack(">I", 0)
        + b"IDAT"
        + struct.pack(">I", zlib.crc32(b"IDAT"))
    )
    with pytest.raises(LimitExceededError, match="pixels"):
        list(load_rasters(data))


def test_more_pixels_or_pages_than_allowed_are_refused() -> None:
    with pytest.raises(LimitExceededError, match="pixels"):
        list(load_rasters(encoded(page(), "PNG"), limits=ScanLimits(max_pixels=19_999)))
    pages = [page() for _ in range(3)]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    with pytest.raises(LimitExceededError, match="3 pages"):
        list(load_rasters(data, limits=ScanLimits(max_pages=2)))


def test_resolution_is_believed_only_if_the_sheet_has_the_size_of_paper() -> None:
    a4_at_150 = (1754, 1240)
    assert resolution(a4_at_150, 150.0) == 150.0
    # 72 dots per inch would make it a poster 17 inches wide: still believed; 20 would not be.
    assert resolution(a4_at_150, 20.0) == pytest.approx(1240 / 8.27)
    assert resolution(a4_at_150, None) == pytest.approx(150, abs=1)


def text_like(angle: float) -> np.ndarray:
    """Lines of short strokes, rising to the right by ``angle`` degrees."""
    mask = np.zeros((900, 800), np.uint8)
    rng = np.random.default_rng(3)
    for line in range(60, 840, 30):
        for x in range(60, 740, 14):
            y = line - math.tan(math.radians(angle)) * (x - 400) + rng.uniform(-0.5, 0.5)
            mask[round(y) : round(y) + 12, x : x + int(rng.integers(4, 11))] = 255
    return mask


@pytest.mark.parametrize("angle", [-2.5, -1.5, -0.3, 0.0, 0.7, 1.5, 2.9])
def test_skew_is_found_to_a_tenth_of_a_degree(angle: float) -> None:
    assert find_skew(text_like(angle)) == pytest.approx(angle, abs=0.1)


def test_an_empty_page_has_no_skew() -> None:
    assert find_skew(np.zeros((500, 400), np.uint8)) == 0.0


# -- with OpenCV -----------------------------------------------------------------------------------


def ruled(angle: float = 0.0, paper: int = 255) -> Ink:
    """A table of 3 x 3 places at 144 dpi: the first row is one cell, 1 stands in the last cell."""
    cv2 = pytest.importorskip("cv2")
    grey = np.full((600, 800), paper, np.uint8)
    for y in (100, 160, 220, 280):
        cv2.line(grey, (100, y), (700, y), 20, 2)
    for x, top in ((100, 100), (300, 160), (500, 160), (700, 100)):
        cv2.line(grey, (x, top), (x, 280), 20, 2)
    cv2.rectangle(grey, (597, 240), (600, 262), 20, -1)
    if angle:
        turn = cv2.getRotationMatrix2D((400, 300), angle, 1.0)
        grey = cv2.warpAffine(grey, turn, (800, 600), borderValue=paper)
    return prepare(Raster(grey, 144.0))


@pytest.mark.parametrize(("angle", "paper"), [(0.0, 255), (1.4, 255), (-1.1, 190)])
def test_rulings_become_cells_with_spans(angle: float, paper: int) -> None:
    from govreport_parse.documents.scan_grid import find_rulings, ink_boxes, place_boxes

    ink = ruled(angle, paper)
    found = find_rulings(ink)
    (grid,) = found.grids
    spans = [(c.row, c.column, c.rowspan, c.colspan) for c in grid.cells]
    lower = [(r, c, 1, 1) for r in (1, 2) for c in (0, 1, 2)]
    assert spans == [(0, 0, 1, 3), *lower]
    # 144 dpi: two pixels a point.
    assert grid.bbox == pytest.approx((50, 50, 350, 140), abs=2)
    inside, outside = place_boxes(
        ink_boxes(found.mask, ink.mask, ink.scale), found.grids, ink.scale
    )
    assert outside == []
    assert [len(cell) for cell in inside[0]] == [0, 0, 0, 0, 0, 0, 1]


def test_a_broken_ruling_still_parts_cells() -> None:
    cv2 = pytest.importorskip("cv2")
    from govreport_parse.documents.scan_grid import find_rulings

    grey = np.full((400, 800), 255, np.uint8)
    for y in (100, 160, 220):
        cv2.line(grey, (100, y), (700, y), 20, 2)
    for x in (100, 400, 700):
        cv2.line(grey, (x, 100), (x, 220), 20, 2)
    grey[150:170, 240:248] = 255  # four points
    (grid,) = find_rulings(prepare(Raster(grey, 144.0))).grids
    assert len(grid.cells) == 4


def test_a_table_without_upper_border_keeps_its_first_row() -> None:
    # Chromium draws no border above the rows after a page break.
    cv2 = pytest.importorskip("cv2")
    from govreport_parse.documents.scan_grid import find_rulings

    grey = np.full((300, 800), 255, np.uint8)
    for y in (100, 160):
        cv2.line(grey, (100, y), (700, y), 20, 2)
    for x in (100, 400, 700):
        cv2.line(grey, (x, 40), (x, 160), 20, 2)
    (grid,) = find_rulings(prepare(Raster(grey, 144.0))).grids
    assert [(c.row, c.column) for c in grid.cells] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert grid.open_top


def test_ink_of_two_lines_is_parted_and_strokes_of_one_letter_are_not() -> None:
    from govreport_parse.documents.scan_grid import Box, text_lines

    two = [Box(0, 0, 20, 20), Box(25, 1, 45, 20), Box(0, 30, 20, 50)]
    assert [whole for whole, _ in text_lines(two, 20)] == [Box(0, 0, 45, 20), Box(0, 30, 20, 50)]
    # 二: two flat strokes, one letter
    assert len(text_lines([Box(2, 0, 16, 3), Box(0, 15, 18, 18)], 20)) == 1


# -- readings of numbers ---------------------------------------------------------------------------


def test_prefix_search_adds_up_all_alignments() -> None:
    # Two frames, signs 0 and 1. "0" is written 0-, -0 or 00: 0.9*0.2 + 0.1*0.8 + 0.9*0.8 = 0.98.
    # The empty string has 0.02, of which 5 % count: 0.98 / (0.98 + 0.05 * 0.02).
    frames = np.array([[0.1, 0.9, 0.0], [0.2, 0.8, 0.0]])
    ((text, p),) = number_readings(frames, ["0", "1"])
    assert text == "0"
    assert p == pytest.approx(0.98 / 0.981)


def test_equal_digits_need_a_gap_between_them() -> None:
    frames = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    assert [t for t, _ in number_readings(frames, ["1"])] == ["11"]
    frames = np.array([[0.0, 1.0], [0.0, 1.0], [0.0, 1.0]])
    assert [t for t, _ in number_readings(frames, ["1"])] == ["1"]


def test_alternatives_come_with_their_probabilities() -> None:
    # One frame: 3 with 0.6, 8 with 0.3, other characters 0.1 (counted with 5 %).
    frames = np.array([[0.0, 0.6, 0.3]])
    found = dict(number_readings(frames, ["3", "8"]))
    assert found == {"3": pytest.approx(0.6 / 0.905), "8": pytest.approx(0.3 / 0.905)}


@pytest.mark.parametrize("text", ["0", "O", "12,345", "-18", "251000元", "〇", "l7"])
def test_what_may_be_a_number(text: str) -> None:
    assert may_be_number(text)


@pytest.mark.parametrize("text", ["其他", "（一）予以公开", "总计"])
def test_labels_are_no_numbers(text: str) -> None:
    assert not may_be_number(text)


# -- dashes, blanks, dropped signs -----------------------------------------------------------------


def spot(width: int, height: int) -> np.ndarray:
    """A blurred dark spot of that size in the middle of 40 x 60 pixels of paper."""
    cv2 = pytest.importorskip("cv2")
    paper = np.full((40, 60), 255, np.uint8)
    paper[20 : 20 + height, 30 : 30 + width] = 30
    return np.asarray(cv2.GaussianBlur(paper, (0, 0), 0.8))


def test_a_hyphen_of_a_few_pixels_is_flat_and_a_point_is_not() -> None:
    from govreport_parse.documents.scan_grid import Box
    from govreport_parse.documents.scan_page import flatness

    assert flatness(spot(5, 2), Box(29, 19, 36, 23)) > 1.4
    assert flatness(spot(3, 3), Box(29, 19, 34, 24)) == pytest.approx(1.0, abs=0.05)
    assert flatness(spot(2, 5), Box(29, 19, 33, 26)) < 0.75


def test_dust_is_dropped_and_a_point_is_kept() -> None:
    pytest.importorskip("cv2")
    from govreport_parse.documents.scan_grid import Box, ink_boxes

    light = np.zeros((60, 80), np.uint8)
    dark = np.zeros((60, 80), np.uint8)
    light[10:13, 10:13] = 255  # a grain of dust, smoothed: one dark pixel
    dark[11, 11] = 255
    light[30:34, 40:44] = 255  # a full stop
    dark[31:33, 41:43] = 255
    assert ink_boxes(light, dark, 150 / 72) == [Box(40, 30, 44, 34)]
