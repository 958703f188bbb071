"""DOCX, XLSX and PDF files of a record, as small as they can be; only the bytes are committed."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape

from govreport_parse.testing import Record, grids_of
from govreport_parse.testing.grids import Grid, Piece, article
from govreport_parse.testing.spans import cut, places

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def zipped(parts: Mapping[str, str]) -> bytes:
    """An archive of texts."""
    return archived({name: text.encode() for name, text in parts.items()})


def archived(parts: Mapping[str, bytes]) -> bytes:
    """The same bytes on every run: a fixed date, no attributes of the machine."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()


# -- DOCX --------------------------------------------------------------------------------------


def docx(r: Record, *, extra: str = "", ruled: bool = False) -> bytes:
    """Paragraphs, tables with gridSpan and vMerge. ``extra`` is markup at the end of the body.
    ``ruled``: with borders and widths, for programs that lay the pages out."""
    pieces = article(r, grids_of(r), title=True, trailer=False)
    body = "".join(_docx_piece(p, ruled) for p in pieces)
    document = f'{_HEAD}<w:document xmlns:w="{_W}"><w:body>{body}{extra}</w:body></w:document>'
    return docx_package(document)


def docx_package(document: str) -> bytes:
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return zipped(
        {
            "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_TYPES}">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
            "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_RELS}"><Relationship Id="rId1" '
            f'Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/document.xml": document,
        }
    )


def _docx_piece(piece: Piece, ruled: bool) -> str:
    if piece.grid is not None:
        return _docx_table(piece.grid, ruled)
    return _docx_paragraph(piece.text)


def _docx_paragraph(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(text, quote=False)}</w:t></w:r></w:p>'


_TWIPS = {4: [2200] * 4, 5: [1800] * 5, 10: [700, 1100, 2400, *[650] * 7], 15: [600] * 15}
"""Widths of the columns by their number."""
_BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)


def _docx_table(grid: Grid, ruled: bool) -> str:
    if not ruled:
        columns, properties = "<w:gridCol/>" * grid.width, "<w:tblPr/>"
    else:
        twips = _TWIPS[grid.width]
        columns = "".join(f'<w:gridCol w:w="{w}"/>' for w in twips)
        properties = (
            f'<w:tblPr><w:tblW w:w="{sum(twips)}" w:type="dxa"/><w:tblBorders>{_BORDERS}'
            '</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
        )
    rows = "".join(f"<w:tr>{''.join(row)}</w:tr>" for row in _docx_rows(grid, ruled))
    return f"<w:tbl>{properties}<w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>"


def _docx_rows(grid: Grid, ruled: bool) -> list[list[str]]:
    cells: list[dict[int, str]] = [{} for _ in grid.rows]
    for y, (row, at) in enumerate(zip(grid.rows, places(grid), strict=True)):
        for c, x in zip(row, at, strict=True):
            span = f'<w:gridSpan w:val="{c.colspan}"/>' if c.colspan > 1 else ""
            if ruled:
                width = sum(_TWIPS[grid.width][x : x + c.colspan])
                span = f'<w:tcW w:w="{width}" w:type="dxa"/>{span}'
            merge = '<w:vMerge w:val="restart"/>' if c.rowspan > 1 else ""
            cells[y][x] = f"<w:tc><w:tcPr>{span}{merge}</w:tcPr>{_docx_paragraph(c.text)}</w:tc>"
            for below in range(y + 1, y + c.rowspan):
                cells[below][x] = f"<w:tc><w:tcPr>{span}<w:vMerge/></w:tcPr><w:p/></w:tc>"
    return [[row[x] for x in sorted(row)] for row in cells]


# -- XLSX --------------------------------------------------------------------------------------


def xlsx(r: Record, *, hidden: Sequence[str] | None = None) -> bytes:
    """The whole report on one sheet; ``hidden``: rows of a second, hidden sheet."""
    rows: list[list[tuple[int, str]]] = []
    merged: list[str] = []
    for piece in article(r, grids_of(r), title=True, trailer=False):
        if piece.grid is None:
            rows.append([(0, piece.text)])
            continue
        top = len(rows)
        for y, (row, at) in enumerate(zip(piece.grid.rows, places(piece.grid), strict=True)):
            rows.append([(x, c.text) for c, x in zip(row, at, strict=True)])
            for c, x in zip(row, at, strict=True):
                if c.colspan > 1 or c.rowspan > 1:
                    last = _ref(x + c.colspan - 1, top + y + c.rowspan - 1)
                    merged.append(f"{_ref(x, top + y)}:{last}")
    sheets = {"年度报告": (_sheet(rows, merged), "")}
    if hidden is not None:
        sheets["底稿"] = (_sheet([[(0, t)] for t in hidden], []), ' state="hidden"')
    return _workbook(sheets)


def _workbook(sheets: Mapping[str, tuple[str, str]]) -> bytes:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    named = list(enumerate(sheets.items(), 1))
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
        for n, _ in named
    )
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}"{more} r:id="rId{n}"/>'
        for n, (name, (_, more)) in named
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n, _ in named
    )
    return zipped(
        {
            "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_TYPES}">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f"{overrides}</Types>",
            "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_RELS}"><Relationship Id="rId1" '
            f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_S}" xmlns:r="{_OFFICE}">'
            f"<sheets>{listed}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_RELS}">{related}'
            "</Relationships>",
            **{f"xl/worksheets/sheet{n}.xml": text for n, (_, (text, _)) in named},
        }
    )


def _sheet(rows: Sequence[Sequence[tuple[int, str]]], merged: Sequence[str]) -> str:
    lines = []
    for y, row in enumerate(rows):
        cells = "".join(_sheet_cell(_ref(x, y), text) for x, text in row)
        lines.append(f'<row r="{y + 1}">{cells}</row>')
    spans = "".join(f'<mergeCell ref="{ref}"/>' for ref in merged)
    tail = f'<mergeCells count="{len(merged)}">{spans}</mergeCells>' if merged else ""
    return (
        f'{_HEAD}<worksheet xmlns="{_S}"><sheetData>{"".join(lines)}</sheetData>{tail}</worksheet>'
    )


def _sheet_cell(ref: str, text: str) -> str:
    if text.isascii() and text.isdigit():
        return f'<c r="{ref}"><v>{text}</v></c>'
    if not text:
        return f'<c r="{ref}"/>'
    return f'<c r="{ref}" t="inlineStr"><is><t>{escape(text, quote=False)}</t></is></c>'


def _ref(x: int, y: int) -> str:
    return f"{chr(65 + x)}{y + 1}"


# -- PDF ---------------------------------------------------------------------------------------


def pdf(
    r: Record,
    *,
    break_before: str | None = None,
    cut_row: bool = False,
    tail: str = "",
    spaced: str = "",
) -> bytes:
    """A ruled PDF with a text layer, in a font that readers bring themselves.

    ``break_before``: the page ends before the row of table 3 with this key; its header is
    repeated on the next page. ``cut_row``: instead the page ends within that row, after the first
    half of its label, and no header is repeated. ``tail`` adds a page: ``picture`` or ``garbled``
    (a font without a Unicode map). ``spaced``: path of a figure whose digits stand far apart.
    """
    from reportlab.platypus import PageBreak, SimpleDocTemplate

    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=(850, 1200), invariant=1, leftMargin=36, rightMargin=36, title=r.title
    )
    flow: list[object] = []
    for piece in article(r, grids_of(r), title=True, trailer=False):
        grid = piece.grid
        if grid is None or break_before is None or grid.key != "requests":
            flow.append(_pdf_piece(piece, spaced))
            continue
        prefix = f"requests/{break_before}/"
        at = next(
            y
            for y, row in enumerate(grid.rows)
            if any((c.path or "").startswith(prefix) for c in row)
        )
        upper, lower = _cut_within(grid, at) if cut_row else cut(grid, at, header=3)
        flow += [_pdf_table(upper, _font()), PageBreak(), _pdf_table(lower, _font())]
    if tail:
        flow += [PageBreak(), *_tail(tail)]
    document.build(flow)
    data = out.getvalue()
    if tail == "garbled":  # same length, so that the offsets stay right
        assert b"/UniJIS-UCS2-H" in data
        assert b"(Japan1)" in data
        data = data.replace(b"/UniJIS-UCS2-H", b"/Identity-H   ")
        data = data.replace(b"(Japan1)", b"(Custom)")
    return data


def _tail(kind: str) -> list[object]:
    from PIL import Image as Picture
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Image, Paragraph

    if kind == "picture":
        stream = io.BytesIO()
        Picture.frombytes("L", (60, 80), random.Random(1).randbytes(60 * 80)).save(stream, "PNG")
        stream.seek(0)
        return [Image(stream, 700, 1000)]
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))
    style = ParagraphStyle("garbled", fontName="HeiseiMin-W3", fontSize=11, leading=18)
    return [Paragraph("附件内容说明文字" * 3, style) for _ in range(12)]


def _cut_within(grid: Grid, at: int) -> tuple[Grid, Grid]:
    """The row ``at`` on both pages: numbers and half of the label above, the rest below."""
    upper, lower = cut(grid, at + 1)
    row = list(upper.rows[at])
    k = next(i for i, c in enumerate(row) if c.path) - 1
    text = row[k].text
    half = len(text) // 2
    row[k] = replace(row[k], text=text[:half])
    rest = [replace(c, text="", path=None) for c in row if c.path]
    groups = [replace(c, text="") for c in lower.rows[0] if c.rowspan > 1]
    first = [replace(c, rowspan=c.rowspan + 1) for c in groups]
    below = tuple(c for c in lower.rows[0] if c.rowspan == 1)
    head = (*first, replace(row[k], text=text[half:]), *rest)
    return (
        upper.with_rows([*upper.rows[:at], tuple(row)]),
        lower.with_rows([head, below, *lower.rows[1:]]),
    )


def _font() -> str:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    return "STSong-Light"


def _pdf_piece(piece: Piece, spaced: str = ""):  # type: ignore[no-untyped-def]
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    font = _font()
    if piece.grid is not None:
        return _pdf_table(piece.grid, font, spaced)
    size = 16 if piece.kind == "title" else 11
    style = ParagraphStyle(
        piece.kind, fontName=font, fontSize=size, leading=size * 1.6, wordWrap="CJK"
    )
    return Paragraph(escape(piece.text, quote=False), style)


def _pdf_table(grid: Grid, font: str, spaced: str = ""):  # type: ignore[no-untyped-def]
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Flowable, Paragraph, Table

    class Spaced(Flowable):  # type: ignore[misc]
        """Digits with a character space of 2.5 points."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

        def wrap(self, *_: float) -> tuple[float, float]:
            return 60.0, 10.0

        def draw(self) -> None:
            line = self.canv.beginText(0, 2)
            line.setFont("Helvetica", 8)
            line.setCharSpace(2.5)
            line.textOut(self.text)
            self.canv.drawText(line)

    style = ParagraphStyle("cell", fontName=font, fontSize=8, leading=10, wordWrap="CJK")
    data: list[list[object]] = [[""] * grid.width for _ in grid.rows]
    commands: list[tuple[object, ...]] = [("GRID", (0, 0), (-1, -1), 0.5, (0, 0, 0))]
    for y, (row, at) in enumerate(zip(grid.rows, places(grid), strict=True)):
        for c, x in zip(row, at, strict=True):
            far = bool(spaced) and c.path == spaced
            data[y][x] = Spaced(c.text) if far else Paragraph(escape(c.text, quote=False), style)
            if c.colspan > 1 or c.rowspan > 1:
                commands.append(("SPAN", (x, y), (x + c.colspan - 1, y + c.rowspan - 1)))
    return Table(data, colWidths=[760 / grid.width] * grid.width, style=commands)


def pdf_of_pictures(texts: Sequence[str | None], *, hidden: bool = False) -> bytes:
    """A page each: a grey picture for ``None``, else lines (``hidden``: below a picture)."""
    from PIL import Image
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    size = (1200, 1600) if hidden else A4
    canvas = Canvas(out, pagesize=size, invariant=1)
    noise = random.Random(1).randbytes(60 * 80)
    picture = ImageReader(Image.frombytes("L", (60, 80), noise))
    for text in texts:
        if text is None or hidden:
            canvas.drawImage(picture, 20, 20, size[0] - 40, size[1] - 40)
        if text is not None:
            lines = canvas.beginText(40, size[1] - 60)
            lines.setFont(_font(), 11)
            lines.setTextRenderMode(3 if hidden else 0)
            for line in text.split("\n"):
                lines.textLine(line)
            canvas.drawText(lines)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def pdf_encrypted(text: str) -> bytes:
    """A PDF that needs a password."""
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, invariant=1, encrypt=StandardEncryption("geheim", "besitzer"))
    canvas.drawString(40, 700, text)
    canvas.save()
    return out.getvalue()
