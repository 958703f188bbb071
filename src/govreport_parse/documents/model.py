"""The one document model in which all formats meet.

A ``Document`` is a list of blocks in reading order. From here on no code asks for the format.
``Table`` keeps its cells in columns (parallel lists) since a page has hundreds of them and most
are looked at once; ``Table.cell(i)`` makes one object on demand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from govreport_parse.values import Finding, Locator


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading by markup (h1..h6, a Word heading style). ``level`` starts at 1."""

    text: str
    level: int = 1
    line: int | None = None
    page: int | None = None

    @property
    def locator(self) -> Locator:
        """Where it stands."""
        return Locator(page=self.page, line=self.line)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph, or one line of a text source. White space inside is kept as found.

    Section headings are mostly plain paragraphs; telling them is the matcher's work.
    """

    text: str
    line: int | None = None
    page: int | None = None

    @property
    def locator(self) -> Locator:
        """Where it stands."""
        return Locator(page=self.page, line=self.line)


@dataclass(frozen=True, slots=True)
class Cell:
    """One box of a table; ``row`` and ``column`` are 0-based grid places of its upper left."""

    text: str
    row: int
    column: int
    rowspan: int = 1
    colspan: int = 1


class CellReading(NamedTuple):
    """How surely one cell of a picture was read.

    ``confidence`` is the recogniser's probability of the cell's text, 0 to 1; 1 for a cell without
    ink, 0 for one whose ink could not be read. ``scales`` counts the recognitions at different
    scales that agree on the text. ``candidates`` are the readings of a number with their
    probabilities, most probable first, the cell's text among them.
    """

    confidence: float
    scales: int = 1
    candidates: tuple[tuple[str, float], ...] = ()


class Table:
    """Cells in document order on a sparse grid.

    ``texts[i]``, ``rows[i]``, ``columns[i]``, ``rowspans[i]``, ``colspans[i]`` describe cell
    ``i``; rows and columns are 0-based grid places with spans already opened (a cell below a
    rowspan stands in its true column). Texts are as found, including inner white space; line
    breaks inside a cell are ``\\n``. ``row_lines[r]`` is the source line of row ``r`` where the
    source has lines, ``bboxes[i]`` the box on the page where it has pages, ``readings[i]`` how
    surely the text was read where it comes from a picture.
    """

    __slots__ = (
        "bboxes",
        "colspans",
        "columns",
        "first_row",
        "notes",
        "number",
        "page",
        "pages",
        "readings",
        "row_lines",
        "rows",
        "rowspans",
        "sheet",
        "texts",
    )

    def __init__(
        self,
        number: int,
        *,
        page: int | None = None,
        sheet: str | None = None,
    ) -> None:
        self.number = number
        """Ordinal of the table in the document, from 1 (tables emitted as blocks only)."""
        self.page = page
        self.sheet = sheet
        self.texts: list[str] = []
        self.rows: list[int] = []
        self.columns: list[int] = []
        self.rowspans: list[int] = []
        self.colspans: list[int] = []
        self.first_row = 0
        """Row of the source (a sheet) that grid row 0 is; locators count from there."""
        self.row_lines: list[int] | None = None
        self.pages: list[int] | None = None
        """Page of each row, for tables that run over pages."""
        self.bboxes: list[tuple[float, float, float, float]] | None = None
        self.readings: list[CellReading | None] | None = None
        """``None`` for a cell that was not read from a picture."""
        self.notes: list[str] = []
        """What the reader had to do: ``span_clamped``, ``stitched`` ..."""

    def add(self, text: str, row: int, column: int, rowspan: int = 1, colspan: int = 1) -> None:
        """Append one cell."""
        self.texts.append(text)
        self.rows.append(row)
        self.columns.append(column)
        self.rowspans.append(rowspan)
        self.colspans.append(colspan)

    @property
    def n_rows(self) -> int:
        """Number of grid rows that hold a cell's origin."""
        return self.rows[-1] + 1 if self.rows else 0

    @property
    def n_columns(self) -> int:
        """Width of the grid."""
        return max((c + s for c, s in zip(self.columns, self.colspans, strict=True)), default=0)

    def __len__(self) -> int:
        return len(self.texts)

    def cell(self, i: int) -> Cell:
        """Cell ``i`` as an object."""
        return Cell(
            self.texts[i], self.rows[i], self.columns[i], self.rowspans[i], self.colspans[i]
        )

    def __iter__(self) -> Iterator[Cell]:
        return (self.cell(i) for i in range(len(self.texts)))

    def locator(self, i: int) -> Locator:
        """Where cell ``i`` stands, counted from 1."""
        row = self.rows[i]
        return Locator(
            page=self.pages[row] if self.pages else self.page,
            table=self.number,
            row=self.first_row + row + 1,
            column=self.columns[i] + 1,
            line=self.row_lines[row] if self.row_lines else None,
            sheet=self.sheet,
            bbox=self.bboxes[i] if self.bboxes else None,
        )

    def grid(self) -> list[list[str]]:
        """Rows of texts with spans opened (a spanned place repeats the text), for people."""
        rows = self.n_rows
        width = self.n_columns
        out = [[""] * width for _ in range(rows)]
        for c in self:
            for r in range(c.row, min(rows, c.row + c.rowspan)):
                for k in range(c.column, c.column + c.colspan):
                    out[r][k] = c.text
        return out

    def __repr__(self) -> str:
        return f"<Table {self.number}: {self.n_rows} x {self.n_columns}, {len(self)} cells>"


Block = Heading | Paragraph | Table


@dataclass(slots=True)
class Document:
    """What a reader found, in reading order.

    ``meta`` holds what the document says about itself outside its text, lower-case keys:
    ``title`` (HTML title), ``articletitle``, ``pubdate``, ``contentsource``, ``siteidcode``,
    ``url`` ... ; ``findings`` what the reader noticed (lying charset, clamped spans, pictures).
    """

    blocks: list[Block]
    format: str
    """``html``, ``text``, ``pdf``, ``docx``, ``sheet``, ``scan``."""
    media_type: str = ""
    encoding: str | None = None
    meta: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    has_pictures: bool = False
    """A picture stands in the article (a table may be one)."""

    @property
    def tables(self) -> list[Table]:
        """The table blocks."""
        return [b for b in self.blocks if isinstance(b, Table)]


Where = Locator | tuple[Table, int] | None
"""A place: a locator, or (table, cell) from which one is made on access."""
