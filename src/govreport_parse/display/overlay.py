"""A report's figures drawn on the pages they were read from.

In: the bytes of a PDF or a scan and its ``Report``. Out: one coloured picture a page that holds a
figure. Each figure's cell is boxed in the colour of its state, with what the record holds of it
in small type; the labels by which rows were found are underlined in grey. A person sees at once
which cell was taken for which figure, and which cells were taken for none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govreport_parse.errors import UsageError
from govreport_parse.report import Report
from govreport_parse.values import State

if TYPE_CHECKING:
    from PIL.Image import Image

COLOURS: dict[State, tuple[int, int, int]] = {
    State.REPORTED: (0, 128, 64),
    State.SOLVED: (0, 90, 200),
    State.BLANK: (130, 130, 130),
    State.DASH: (140, 90, 20),
    State.AMBIGUOUS: (225, 120, 0),
    State.UNREADABLE: (215, 0, 30),
}
"""State to the colour of its boxes; absent figures have no place."""
_LABEL = (110, 110, 160)
_FILL = 40
"""Opacity of a box, of 255."""
_STRIP = 40
"""Height of the legend in pixels."""

Box = tuple[float, float, float, float]


def draw(data: bytes, reports: Sequence[Report]) -> Iterator[tuple[int, Image]]:
    """Page number and picture of every page with a figure, in order.

    ``reports`` are those of one document. Raises ``UsageError`` for a format without pages and
    where no figure has a place, and what the readers of PDF and scans raise.
    """
    places = _places(reports)
    if not places:
        kind = reports[0].source.media_type or "this format"
        raise UsageError(
            f"no figure of {reports[0].source.name or 'the report'} has a place on a page ({kind})",
            hint="pages are drawn of PDF and scans; show --stage match without -o does for all",
        )
    for picture in _pictures(data, reports[0], set(places)):
        yield picture.number, _drawn(picture, reports, places[picture.number])


def save(data: bytes, reports: Sequence[Report], path: Path) -> list[Path]:
    """Write the pictures of ``draw`` as ``path``, or as ``name-3.png`` for page 3 if several.

    Returns the files written.
    """
    pages = len(_places(reports))
    out = []
    for number, picture in draw(data, reports):
        target = path if pages == 1 else path.with_stem(f"{path.stem}-{number}")
        try:
            picture.save(target, format="PNG")
        except OSError as error:
            raise UsageError(
                f"{target} can't be written: {error.strerror or error}", hint="name another file"
            ) from error
        out.append(target)
    return out


def _places(reports: Sequence[Report]) -> dict[int, dict[Box, list[tuple[Report, int]]]]:
    """Page to box to the figures read from it (more than one where columns ran together)."""
    out: dict[int, dict[Box, list[tuple[Report, int]]]] = {}
    for report in reports:
        for i in range(len(report)):
            place = report.locator(i)
            if place is not None and place.page is not None and place.bbox is not None:
                out.setdefault(place.page, {}).setdefault(place.bbox, []).append((report, i))
    return dict(sorted(out.items()))


def _pictures(data: bytes, report: Report, numbers: set[int]) -> Iterator[Any]:
    is_pdf = report.source.media_type == "application/pdf"
    turns = {n: q for n, q in recognised_pages(report).items() if n in numbers}
    if turns:
        from govreport_parse.documents.scan import upright_pictures

        yield from upright_pictures(data, turns, is_pdf=is_pdf)
    numbers = numbers - set(turns)
    if not numbers:
        return
    if not is_pdf or not data.lstrip()[:5].startswith(b"%PDF"):
        raise UsageError(
            f"{report.source.name or 'the document'} can't be drawn",
            hint="pages are drawn of PDF files and scans only"
            if report.source.media_type == "application/ofd"
            else "give the PDF itself, not the archive it came in",
        )
    from govreport_parse.documents.page_picture import pdf_pictures

    yield from pdf_pictures(data, numbers)


def recognised_pages(report: Report) -> dict[int, int]:
    """Pages that were read by text recognition, to the quarter turns that set them upright."""
    for finding in report.findings:
        detail = dict(finding.detail)
        if finding.code == "text_recognised":
            return dict(enumerate(detail["quarter_turns"], 1))
        if finding.code == "pages_recognised":
            return dict(zip(detail["pages"], detail["quarter_turns"], strict=True))
    return {}


def _drawn(
    page: Any, reports: Sequence[Report], boxes: dict[Box, list[tuple[Report, int]]]
) -> Image:
    from PIL import Image, ImageDraw, ImageFont

    font: Any = ImageFont.load_default(10)
    grey = Image.frombytes("L", (page.width, page.height), page.grey)
    picture = Image.new("RGB", (page.width, page.height + _STRIP), "white")
    picture.paste(grey, (0, _STRIP))
    pen: Any = ImageDraw.Draw(picture, "RGBA")
    for label in _labels(reports, page.number):
        left, _, right, bottom = _scaled(label, page.scale)
        pen.line((left + 2, bottom - 2, right - 2, bottom - 2), fill=_LABEL, width=2)
    for box, figures in boxes.items():
        report, first = figures[0]
        colour = COLOURS.get(report.columns.states[first], COLOURS[State.UNREADABLE])
        shape = _scaled(box, page.scale)
        pen.rectangle(shape, fill=(*colour, _FILL), outline=colour, width=2)
        text = "/".join(_said(r, i) for r, i in figures)
        _write(pen, shape, text, colour, font)
    _legend(pen, reports, page, boxes, font)
    return picture


def _scaled(box: Box, scale: float) -> tuple[int, int, int, int]:
    left, top, right, bottom = (round(v * scale) for v in box)
    return left + 1, top + 1 + _STRIP, max(right - 1, left + 2), max(bottom - 1, top + 2) + _STRIP


def _labels(reports: Sequence[Report], number: int) -> set[Box]:
    places = (row.locator for report in reports for row in report.rows.values())
    return {p.bbox for p in places if p is not None and p.page == number and p.bbox is not None}


def _said(report: Report, i: int) -> str:
    """What the record holds of a figure: its value, else the initial of its state."""
    value = report.columns.values[i]
    return str(report.columns.states[i])[0] if value is None else str(value)


def _write(
    pen: Any, shape: tuple[int, int, int, int], text: str, colour: tuple[int, int, int], font: Any
) -> None:
    """The text in the upper right corner of a box; nothing is painted over, so ink stays seen."""
    width = round(pen.textlength(text, font=font))
    pen.text((shape[2] - width - 3, shape[1]), text, fill=colour, font=font)


def _legend(
    pen: Any,
    reports: Sequence[Report],
    page: Any,
    boxes: dict[Box, list[tuple[Report, int]]],
    font: Any,
) -> None:
    counts: dict[State, int] = {}
    for figures in boxes.values():
        for report, i in figures:
            state = report.columns.states[i]
            counts[state] = counts.get(state, 0) + 1
    named = ", ".join(r.report_id for r in reports)
    pen.text((8, 4), f"page {page.number}, report {named}", fill=(60, 60, 60), font=font)
    at = 8
    for state, colour in COLOURS.items():
        said = f"{state} {counts.get(state, 0)}"
        pen.rectangle((at, 22, at + 12, 34), fill=(*colour, _FILL), outline=colour, width=2)
        pen.text((at + 17, 21), said, fill=colour, font=font)
        at += 17 + round(pen.textlength(said, font=font)) + 16
    pen.line((at, 32, at + 16, 32), fill=_LABEL, width=2)
    pen.text((at + 21, 21), "label of a row", fill=_LABEL, font=font)
