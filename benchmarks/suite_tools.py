"""What is compared: for each family the bare floor, this library, and what a user would pick.

A tool is prepared once (imports, a file where it wants one), then called with no argument over and
over; ``read`` turns its answer into figures, by this library's own record or by the recipe. A tool
whose packages are missing is told as not installed; that is no failure.
"""

from __future__ import annotations

import importlib.util
import io
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from benchmarks.suite_inputs import Input
from benchmarks.suite_recipe import Grid, figures, grid_of_text

from govreport_parse.formbook.spec import Layout
from govreport_parse.values import Number, State

Found = dict[str, Number | None]
Role = Literal["floor", "ours", "other"]

OURS = "govreport_parse"
CELLS = "govreport_parse, cells"
FAST = "govreport_parse, engine=fast"
LEXBOR, PDFIUM, ZIP_XML = "lexbor parse", "PDFium page load", "zip + XML parse"
SPLIT, COPY = "decode + str.split", "copy of the bytes"
PANDAS_LXML, PANDAS_BS4 = "pandas.read_html, lxml", "pandas.read_html, bs4"
PDFPLUMBER, PYTHON_DOCX = "pdfplumber.extract_tables", "python-docx row.cells"


@dataclass(frozen=True, slots=True)
class Tool:
    """``packages``: what to import and what to give the version of, import name to distribution.
    ``prepare`` makes the call to time; ``read`` is ``None`` for a floor, which has no figures."""

    name: str
    role: Role
    packages: Mapping[str, str]
    prepare: Callable[[Input], Callable[[], Any]]
    read: Callable[[Any, Layout], Found] | None = None

    @property
    def missing(self) -> list[str]:
        """Packages that are not installed."""
        return [d for name, d in self.packages.items() if importlib.util.find_spec(name) is None]


def tools(family: str) -> list[Tool]:
    """The tools of a family, floor first. ``KeyError`` for another family."""
    return list(_TOOLS[family])


def _report(report: Any, _: Layout) -> Found:
    # What has lost its place was not found, although the record tells of it.
    lost = (State.ABSENT, State.AMBIGUOUS)
    return {figure.path: figure.value for figure in report if figure.state not in lost}


def _ours(given: Input) -> Callable[[], Any]:
    from govreport_parse.parsing import parse

    return lambda: parse(given.data)


# -- HTML --------------------------------------------------------------------------------------


def _lexbor(given: Input) -> Callable[[], Any]:
    from selectolax.lexbor import LexborHTMLParser

    return lambda: LexborHTMLParser(given.data)


def _pandas(flavor: Literal["lxml", "bs4"]) -> Callable[[Input], Callable[[], Any]]:
    def prepare(given: Input) -> Callable[[], Any]:
        import pandas

        return lambda: pandas.read_html(
            io.StringIO(given.data.decode(given.encoding)), flavor=flavor
        )

    return prepare


def _frames(frames: Any, layout: Layout) -> Found:
    import pandas

    return figures(
        (
            [["" if pandas.isna(value) else str(value) for value in row] for row in f.to_numpy()]
            for f in frames
        ),
        layout,
    )


def _soup(given: Input) -> Callable[[], Any]:
    from bs4 import BeautifulSoup

    def grids() -> list[Grid]:
        soup = BeautifulSoup(given.data.decode(given.encoding), "lxml")
        return [
            [
                [cell.get_text() for cell in row.find_all(["td", "th"])]
                for row in table.find_all("tr")
            ]
            for table in soup.find_all("table")
        ]

    return grids


def _trafilatura(given: Input) -> Callable[[], Any]:
    import trafilatura

    return lambda: trafilatura.extract(given.data.decode(given.encoding), include_tables=True)


def _text_figures(text: Any, layout: Layout) -> Found:
    return figures([grid_of_text(text or "")], layout)


# -- text --------------------------------------------------------------------------------------


def _copied(given: Input) -> Callable[[], Any]:
    return lambda: bytearray(given.data)


def _split(given: Input) -> Callable[[], Any]:
    return lambda: [line.split("|") for line in given.data.decode().split("\n")]


def _by_hand(given: Input) -> Callable[[], Any]:
    return lambda: figures([grid_of_text(given.data.decode())], given.layout)


# -- PDF ---------------------------------------------------------------------------------------


def _pdfium(given: Input) -> Callable[[], Any]:
    from pypdfium2 import raw

    from govreport_parse.documents.pdf_fonts import fonts_for

    def load() -> int:
        # installed fonts, where a PDF embeds none, would cost 15 ms a document more
        with fonts_for(reading=True):
            return count()

    def count() -> int:
        document = raw.FPDF_LoadMemDocument64(given.data, len(given.data), None)
        characters = 0
        for index in range(raw.FPDF_GetPageCount(document)):
            page = raw.FPDF_LoadPage(document, index)
            raw.FPDFPage_CountObjects(page)
            text = raw.FPDFText_LoadPage(page)
            characters += raw.FPDFText_CountChars(text)
            raw.FPDFText_ClosePage(text)
            raw.FPDF_ClosePage(page)
        raw.FPDF_CloseDocument(document)
        return characters

    return load


def _pdf_cells(given: Input) -> Callable[[], Any]:
    from govreport_parse.documents.pdf import read_pdf

    return lambda: read_pdf(given.data)


def _fast(given: Input) -> Callable[[], Any]:
    from govreport_parse.parsing import parse

    return lambda: parse(given.data, engine="fast")


def _document(document: Any, layout: Layout) -> Found:
    return figures([table.grid() for table in document.tables], layout)


def _pdfplumber(given: Input) -> Callable[[], Any]:
    import pdfplumber

    def grids() -> list[Grid]:
        with pdfplumber.open(io.BytesIO(given.data)) as document:
            return [table for page in document.pages for table in page.extract_tables()]

    return grids


def _camelot(given: Input) -> Callable[[], Any]:
    import camelot

    # camelot wants a file; the folder lives as long as the call that holds it.
    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name) / "report.pdf"
    path.write_bytes(given.data)

    def grids(_keep: object = folder) -> list[Grid]:
        return [table.df.values.tolist() for table in camelot.read_pdf(str(path), pages="all")]

    return grids


# -- DOCX --------------------------------------------------------------------------------------


def _zip_xml(given: Input) -> Callable[[], Any]:
    from lxml import etree

    def load() -> Any:
        with zipfile.ZipFile(io.BytesIO(given.data)) as archive:
            return etree.fromstring(archive.read("word/document.xml"))

    return load


def _docx_cells(given: Input) -> Callable[[], Any]:
    from govreport_parse.documents.docx import read_docx

    return lambda: read_docx(given.data)


def _python_docx(given: Input) -> Callable[[], Any]:
    import docx

    def grids() -> list[Grid]:
        document = docx.Document(io.BytesIO(given.data))
        return [[[c.text for c in row.cells] for row in t.rows] for t in document.tables]

    return grids


_TOOLS: Mapping[str, tuple[Tool, ...]] = {
    "html": (
        Tool(LEXBOR, "floor", {"selectolax": "selectolax"}, _lexbor),
        Tool(OURS, "ours", {}, _ours, _report),
        Tool(PANDAS_LXML, "other", {"pandas": "pandas", "lxml": "lxml"}, _pandas("lxml"), _frames),
        Tool(
            PANDAS_BS4,
            "other",
            {"pandas": "pandas", "bs4": "beautifulsoup4", "html5lib": "html5lib"},
            _pandas("bs4"),
            _frames,
        ),
        Tool(
            "BeautifulSoup (lxml) cells",
            "other",
            {"bs4": "beautifulsoup4", "lxml": "lxml"},
            _soup,
            figures,
        ),
        Tool(
            "trafilatura.extract",
            "other",
            {"trafilatura": "trafilatura"},
            _trafilatura,
            _text_figures,
        ),
    ),
    "text": (
        Tool(SPLIT, "floor", {}, _split),
        Tool(COPY, "floor", {}, _copied),
        Tool(OURS, "ours", {}, _ours, _report),
        Tool("the recipe by hand", "other", {}, _by_hand, lambda found, _: dict(found)),
    ),
    "pdf": (
        Tool(PDFIUM, "floor", {"pypdfium2": "pypdfium2"}, _pdfium),
        Tool(CELLS, "ours", {}, _pdf_cells, _document),
        Tool(FAST, "ours", {}, _fast, _report),
        Tool(OURS, "ours", {}, _ours, _report),
        Tool(
            PDFPLUMBER,
            "other",
            {"pdfplumber": "pdfplumber", "pdfminer": "pdfminer.six"},
            _pdfplumber,
            figures,
        ),
        Tool("camelot.read_pdf", "other", {"camelot": "camelot-py"}, _camelot, figures),
    ),
    "docx": (
        Tool(ZIP_XML, "floor", {"lxml": "lxml"}, _zip_xml),
        Tool(CELLS, "ours", {}, _docx_cells, _document),
        Tool(OURS, "ours", {}, _ours, _report),
        Tool(PYTHON_DOCX, "other", {"docx": "python-docx"}, _python_docx, figures),
    ),
}
